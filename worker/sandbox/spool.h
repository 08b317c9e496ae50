/*
 * spool.h: lines that wait in a temporary file, so that memory stays small
 * however many there are.
 */

#ifndef SPOOL_H
#define SPOOL_H

#include <sys/types.h>

#include <stdint.h>

#include "common/buf.h"

struct spool {
	int		 fd;		/* the caller's; no name leads to it */
	struct buf	 buf;		/* not written, or not taken yet */
	size_t		 pos;		/* taken from it */
	uint64_t	 len;		/* bytes in all */
};

void	 spool_init(struct spool *, int fd);
void	 spool_clear(struct spool *);

/* Empty it.  0, or -1 with errno. */
int	 spool_reset(struct spool *);

/* Add.  0, or -1 with errno. */
int	 spool_write(struct spool *, const void *, size_t);
/* Bytes were added to s->buf itself. */
int	 spool_added(struct spool *, uint64_t bytes);

/* All is there: read from the beginning.  0, or -1 with errno. */
int	 spool_rewind(struct spool *);

/* Read bytes: how many, 0 at the end, -1 with errno. */
ssize_t	 spool_read(struct spool *, void *, size_t);

/*
 * Read one line into b, without its newline.  1, 0 at the end, -1 with errno;
 * EPROTO: a line has a NUL in it, or more than SPOOL_LINE_MAX bytes.
 */
#define SPOOL_LINE_MAX	(1024 * 1024)
int	 spool_line(struct spool *, struct buf *);

#endif /* SPOOL_H */
