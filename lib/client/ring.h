/*
 * ring.h: the requests of a session that are outstanding, oldest first.
 *
 * The ring has one place for each request of the session's window.  Replies
 * come in the order of the requests, so a request leaves at the front.
 */

#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

/* A request that was sent, or whose batch is being collected. */
struct request {
	uint32_t	 id;
	uint16_t	 type;		/* PROTO_OPEN and so on */
	uint16_t	 items;
	uint16_t	 answered;
	/*
	 * Not 0: a LIST that asks for the next part of this directory and is
	 * not sent yet.  It takes its place in the ring when the caller has
	 * taken the part before it, even if the socket is full just then.
	 */
	uint32_t	 more_token;
	uint8_t		 kinds[FDB_BATCH_MAX];	/* of a CHANGE */
	uint64_t	 cookies[FDB_BATCH_MAX];	/* the last field */
};

struct ring {
	struct request	*places;
	size_t		 size;
	size_t		 first;		/* the place of the oldest */
	size_t		 used;
	size_t		 unsent;	/* the newest, with a more_token */
};

/* Make room for size requests.  0, or -1 with errno ENOMEM. */
int	 ring_init(struct ring *, size_t size);
void	 ring_free(struct ring *);

bool	 ring_is_full(const struct ring *);

/* The nth oldest request, n < used. */
struct request	*ring_nth(const struct ring *, size_t n);

/* The oldest request, or NULL. */
struct request	*ring_oldest(const struct ring *);

/* The place of a new request; the ring is not full. */
struct request	*ring_push(struct ring *);

/* The oldest request is answered and leaves. */
void	 ring_pop(struct ring *);

#endif /* RING_H */
