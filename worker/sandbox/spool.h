/*
 * spool.h: lines in a temporary file, so that any number of them needs little
 * memory.
 */

#ifndef SPOOL_H
#define SPOOL_H

#include <sys/types.h>

#include <stdint.h>

#include "common/buf.h"

struct spool {
	int		 fd;		/* the caller closes it */
	struct buf	 buf;		/* to be written, or read ahead */
	size_t		 pos;		/* bytes of buf that were taken */
	uint64_t	 len;		/* bytes added in total */
	uint64_t	 max;		/* at most; the caller may change it */
};

/*
 * How many bytes lines about an archive may take, of which this much was read:
 * given, or if that is 0, in proportion.
 */
uint64_t spool_bound(uint64_t given, uint64_t consumed);

void	 spool_init(struct spool *, int fd);
void	 spool_clear(struct spool *);

/* Remove all lines.  0, or -1 with errno. */
int	 spool_reset(struct spool *);

/* Append bytes.  0, or -1 with errno; EFBIG: they would be more than max. */
int	 spool_write(struct spool *, const void *, size_t);
/* The same, if the caller has appended them to s->buf.  0, or -1. */
int	 spool_added(struct spool *, uint64_t bytes);

/* Nothing more will be added: go to the beginning.  0, or -1 with errno. */
int	 spool_rewind(struct spool *);

/* Read bytes.  Their number, 0 at the end, -1 with errno. */
ssize_t	 spool_read(struct spool *, void *, size_t);

/*
 * Read the next line into b, without its newline.  1, 0 at the end, -1 with
 * errno; EPROTO: the line contains a NUL, or is longer than SPOOL_LINE_MAX.
 */
#define SPOOL_LINE_MAX	(1024 * 1024)
int	 spool_line(struct spool *, struct buf *);

#endif /* SPOOL_H */
