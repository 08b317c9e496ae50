/*
 * fdbatch.h: close descriptors in batches.  Descriptors of one message have
 * consecutive numbers, and one close_range(2) costs less than many close(2).
 */

#ifndef FDBATCH_H
#define FDBATCH_H

#include <stddef.h>

#define FDBATCH_MAX	64

struct fdbatch {
	int	 fds[FDBATCH_MAX];
	size_t	 n;
	size_t	 max;		/* this many are closed together */
};

void	 fdbatch_init(struct fdbatch *);

/* Take over a descriptor, which is closed now or later. */
void	 fdbatch_add(struct fdbatch *, int fd);

/* Close all that are not closed yet. */
void	 fdbatch_flush(struct fdbatch *);

#endif /* FDBATCH_H */
