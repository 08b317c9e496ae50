/*
 * queue.h: what comes before create.h where reading waits: members in order,
 * whose contents threads read meanwhile; see readers.h.
 *
 * The functions are like those of create.h, and do the same in the end.  What
 * they are given is copied.  Where reading does not wait, nothing is queued.
 */

#ifndef QUEUE_H
#define QUEUE_H

#include "common/buf.h"
#include "sandbox/create.h"
#include "sandbox/readers.h"

/* Members that are not stored yet. */
#define QUEUE_MEMBERS	READERS_FILES

struct queue_member;

struct queue {
	struct create		*create;
	struct readers		*readers;	/* NULL: nothing is queued */
	const struct buf	*attributes;
	struct queue_member	*members;	/* a ring, or NULL */
	size_t			 first, n;
};

void	 queue_init(struct queue *, struct create *);

/* Give up what is not stored, and free what the queue has. */
void	 queue_clear(struct queue *);

/* Store all that is queued.  0, or -1 as in create.h. */
int	 queue_flush(struct queue *);

int	 queue_directory(struct queue *, const char *name,
	    const struct fdb_stat *);
int	 queue_special(struct queue *, const char *name,
	    const struct fdb_stat *, const char *target);
/* Takes over the descriptor. */
int	 queue_file(struct queue *, const char *name,
	    const struct fdb_stat *, int fd);
void	 queue_attributes(struct queue *, const struct buf *set);

/* These store first what is queued. */
int	 queue_kept(struct queue *, const char *name, const struct fdb_stat *,
	    const char *target, const char *line);
int	 queue_purge(struct queue *, const char *name);
int	 queue_report(struct queue *, enum report_kind, const char *name,
	    const char *why);
int	 queue_hidden(struct queue *, const char *name, uint64_t n);

#endif /* QUEUE_H */
