/*
 * buf.h: bytes that grow.  There is always a NUL after them, which is not
 * counted, so that they can be used as a string.
 */

#ifndef BUF_H
#define BUF_H

#include <stddef.h>

struct buf {
	char	*data;		/* NULL until something is added */
	size_t	 len;
	size_t	 size;
};

/* Add at the end.  0, or -1 with errno ENOMEM and nothing added. */
int	 buf_add(struct buf *, const void *, size_t);
int	 buf_puts(struct buf *, const char *);
int	 buf_putc(struct buf *, char);
int	 buf_printf(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Cut to len bytes, which it has. */
void	 buf_cut(struct buf *, size_t len);

/* Drop the first len bytes, which it has. */
void	 buf_drop(struct buf *, size_t len);

/* The bytes as a string, "" if there are none. */
const char *buf_str(const struct buf *);

void	 buf_free(struct buf *);

#endif /* BUF_H */
