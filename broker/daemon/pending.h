/*
 * pending.h: connections on which no HELLO has come yet: how many there may be,
 * and for how long.
 */

#ifndef PENDING_H
#define PENDING_H

#include <stddef.h>
#include <stdint.h>

#define PENDING_MAX	128
#define PENDING_PER_UID	8
#define PENDING_MS	5000	/* to say HELLO */

struct event;
struct event_base;
struct pending;

struct pending_conn {
	struct pending	*table;
	struct event	*event;		/* NULL: this place is free */
	int		 fd;
	uint32_t	 uid;
	int32_t		 pid;
	uint64_t	 number;	/* grows with each connection */
};

struct pending {
	struct event_base	*base;
	uint64_t		 last_number;
	struct pending_conn	 conns[PENDING_MAX];
	/* Something has come.  The connection is taken over. */
	void			(*heard)(void *arg, int fd, uint32_t uid,
				    int32_t pid);
	/* One is about to be closed: it was silent, or there are too many. */
	void			(*dropped)(void *arg, uint32_t uid,
				    int32_t pid, const char *why);
	void			*arg;
};

/*
 * Keep a connection, which is taken over, until something comes, or too many
 * do.  A uid has PENDING_PER_UID places.  If one has all its places, or all are
 * taken, the oldest connection of who has the most is closed.
 */
void	 pending_add(struct pending *, int fd, uint32_t uid, int32_t pid);

/* Close all. */
void	 pending_close(struct pending *);

#endif /* PENDING_H */
