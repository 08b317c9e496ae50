/*
 * fdbatch.h: close descriptors many at a time, which costs less than one by
 * one: those that came together have numbers in a row.
 */

#ifndef CLOSER_H
#define CLOSER_H

#include <stddef.h>

#define CLOSER_MAX	64

struct closer {
	int	 fds[CLOSER_MAX];
	size_t	 n;
};

void	 closer_init(struct closer *);

/* Take a descriptor over; it is closed now or later. */
void	 closer_add(struct closer *, int fd);

/* Close all that were taken. */
void	 closer_flush(struct closer *);

#endif /* CLOSER_H */
