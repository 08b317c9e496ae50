/*
 * fdbatch.h: close descriptors many at a time, which costs less than one by
 * one: those that came together have numbers in a row.
 */

#ifndef FDBATCH_H
#define FDBATCH_H

#include <stddef.h>

#define FDBATCH_MAX	64

struct fdbatch {
	int	 fds[FDBATCH_MAX];
	size_t	 n;
};

void	 fdbatch_init(struct fdbatch *);

/* Take a descriptor over; it is closed now or later. */
void	 fdbatch_add(struct fdbatch *, int fd);

/* Close all that were taken. */
void	 fdbatch_flush(struct fdbatch *);

#endif /* FDBATCH_H */
