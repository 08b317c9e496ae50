/*
 * watched.h: the watches of a session that are not over, and what the broker
 * told of each, until the caller takes it.
 */

#ifndef WATCHED_H
#define WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"

struct watched {
	struct watched		*next;
	uint32_t		 id;
	uint64_t		 cookie;
	uint8_t			 access, flags;
	bool			 asked;		/* WATCH was sent */
	bool			 cancel;	/* CANCEL is to be sent */
	bool			 credit;	/* CREDIT is to be sent */
	bool			 kept, last;	/* a result; it is the end */
	struct proto_status	 status;
	struct fdb_stat		 st;
	int			 fd;		/* or -1 */
	char			 name[];
};

/* True if something is kept of one of the list. */
bool	 watched_has_results(const struct watched *);

/* Close and free the list. */
void	 watched_free(struct watched *);

#endif /* WATCHED_H */
