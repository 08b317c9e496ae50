/*
 * walk_out.h: the messages of a walk: they are sent as far as the worker's
 * credit goes, and never waited for.
 */

#ifndef WALK_OUT_H
#define WALK_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/message.h"
#include "base/proto.h"
#include "opener/state.h"

/*
 * Descriptors in one message at most; the supervisor has counted so many for
 * each opener.
 */
#define WALK_OUT_FDS	128

enum walk_out_result {
	WALK_OUT_READY,		/* there is room */
	WALK_OUT_NO_CREDIT,	/* until the worker grants more */
	WALK_OUT_BUSY,		/* until the socket can be written */
	WALK_OUT_CROWDED,	/* for a while: descriptors in flight */
	WALK_OUT_FAILED		/* the session is over: errno */
};

struct walk_out {
	uint32_t	 id;		/* of the walk */
	uint32_t	 bytes, fds_left;	/* credit */
	struct message	 m;		/* items are put into m.w */
	bool		 begun;
	int		 fds[WALK_OUT_FDS];	/* its own, until they are sent */
	size_t		 nfds;
	int		 keep;		/* not closed when it was sent; or -1 */
	bool		 kept;		/* that happened: the caller's */
	unsigned int	 sent;		/* messages */
	uint8_t		 buf[PROTO_MAX];
};

void	 walk_out_init(struct walk_out *, uint32_t id, uint32_t bytes,
	    uint32_t fds);
/* Close what was not sent, and forget it. */
void	 walk_out_drop(struct walk_out *);

/* Add credit.  False: it is more than 32 bits hold. */
bool	 walk_out_credit(struct walk_out *, uint32_t bytes, uint32_t fds);

/*
 * Make room for an item of `need' bytes at most, and for a descriptor if fd is
 * true; send what there is before, if that takes the room.
 */
enum walk_out_result walk_out_ready(struct walk_out *, struct state *,
	    size_t need, bool fd);

/* Count an item that was put, with its descriptor or -1. */
void	 walk_out_add(struct walk_out *, int fd);

/*
 * Send the last message.  With `always' also if there is no credit for it: it
 * has only the end of the walk.
 */
enum walk_out_result walk_out_last(struct walk_out *, struct state *);

/* Begin a message for the end of the walk only, whatever credit is left. */
void	 walk_out_begin_end(struct walk_out *, const struct state *);

#endif /* WALK_OUT_H */
