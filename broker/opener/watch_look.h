/*
 * watch_look.h: one look at a name that is watched: does another file stand
 * there than at the last look?
 */

#ifndef WATCH_LOOK_H
#define WATCH_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "opener/dirwatch.h"
#include "opener/state.h"

struct watch {
	struct watch		*next;
	uint32_t		 id;		/* of its request */
	uint8_t			 access;
	uint8_t			 flags;		/* FDB_WATCH_* */
	bool			 credit;	/* the worker takes a message */
	bool			 stale;		/* to look at with credit */
	bool			 holds_place;	/* of a token */

	/* What the worker was told last. */
	bool			 told;
	uint32_t		 error;
	uint8_t			 reason;
	struct fdb_stat		 st;
	uint64_t		 version;	/* of the policy */

	/* What is to be sent. */
	bool			 ready, last;
	int			 fd;		/* or -1 */
	struct proto_status	 status;
	char			 name[];	/* relative to "/" */
};

struct watches {
	struct watch		*list;		/* oldest first */
	size_t			 n;
	struct dirwatch		 dirs;
	bool			 changed;	/* look before the time */
	bool			 blind;		/* no word of some changes */
	int64_t			 looked;	/* when; ms */
	int64_t			 due;		/* when changed is set; ms */
	uint64_t		 version;	/* of the policy */
	bool			 busy;		/* the socket is full */
	int64_t			 retry;		/* with too many in flight */
};

/*
 * Watch the directories on the way, and then look.  If what there is to tell is
 * not what was told, it is ready to be sent.
 */
void	 watch_look(struct state *, struct watches *, struct watch *);

#endif /* WATCH_LOOK_H */
