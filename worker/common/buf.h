/*
 * buf.h: a byte buffer that grows.  A NUL that is not counted always follows
 * the bytes, so that they can be used as a string.
 */

#ifndef BUF_H
#define BUF_H

#include <stddef.h>

struct buf {
	char	*data;		/* NULL until something is added */
	size_t	 len;
	size_t	 size;
};

/* Append.  0, or -1 with errno ENOMEM and nothing appended. */
int	 buf_add(struct buf *, const void *, size_t);
int	 buf_puts(struct buf *, const char *);
int	 buf_putc(struct buf *, char);
int	 buf_printf(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Keep the first len bytes, or all if there are fewer. */
void	 buf_cut(struct buf *, size_t len);

/* Remove the first len bytes; there must be that many. */
void	 buf_drop(struct buf *, size_t len);

/* The bytes as a string; "" if there are none. */
const char *buf_str(const struct buf *);

/* Free the memory; the buffer is empty and can be used again. */
void	 buf_free(struct buf *);

#endif /* BUF_H */
