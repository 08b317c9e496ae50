/*
 * admit.h: a worker's wish for a session, as the listener passes it to the
 * supervisor: fixed fields, checked by both.
 */

#ifndef ADMIT_H
#define ADMIT_H

#include <stdint.h>

#include "base/dgram.h"
#include "base/fdbroker_types.h"
#include "base/wire.h"

#define ADMIT_NAME_BYTES	(DGRAM_NAME_LEN / 2)

struct admit {
	/* Of the peer's socket. */
	uint8_t		 name[ADMIT_NAME_BYTES];
	uint32_t	 uid, gid;	/* as the kernel says */
	int32_t		 pid;
	char		 role[FDB_ROLE_MAX + 1];
};

/* From DGRAM_NAME_LEN lower-case hexadecimal digits, and back.  0 or -1. */
int	 admit_name_from_hex(uint8_t name[ADMIT_NAME_BYTES], const char *);
void	 admit_name_to_hex(char hex[DGRAM_NAME_LEN + 1],
	    const uint8_t name[ADMIT_NAME_BYTES]);

void	 admit_put(struct wire_out *, const struct admit *);
/* Fails the wire_in for anything that no listener of ours would send. */
void	 admit_get(struct wire_in *, struct admit *);

#endif /* ADMIT_H */
