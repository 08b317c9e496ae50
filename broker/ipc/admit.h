/*
 * admit.h: a worker's request for a session, as the listener passes it to the
 * supervisor: fixed fields, which both check.
 */

#ifndef ADMIT_H
#define ADMIT_H

#include <stdint.h>

#include "base/dgram.h"
#include "base/fdbroker_types.h"
#include "base/wire.h"

#define ADMIT_NAME_BYTES	(DGRAM_NAME_LEN / 2)

struct admit {
	/* Base name of the worker's socket; its digits as bytes. */
	uint8_t		 name[ADMIT_NAME_BYTES];
	uint32_t	 uid, gid;	/* these three from the kernel */
	int32_t		 pid;
	char		 role[FDB_ROLE_MAX + 1];
};

/*
 * Convert a name from DGRAM_NAME_LEN lower-case hexadecimal digits, and back.
 * 0, or -1: it has another form.
 */
int	 admit_name_from_hex(uint8_t name[ADMIT_NAME_BYTES], const char *);
void	 admit_name_to_hex(char hex[DGRAM_NAME_LEN + 1],
	    const uint8_t name[ADMIT_NAME_BYTES]);

void	 admit_put(struct wire_out *, const struct admit *);
/* Fails the wire_in for a pid or a name of a role that is not valid. */
void	 admit_get(struct wire_in *, struct admit *);

#endif /* ADMIT_H */
