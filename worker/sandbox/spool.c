/*
 * spool.c: lines in a temporary file; see sandbox/spool.h.
 *
 * Runs in the worker.  Touches the one descriptor that it is given.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/options.h"
#include "sandbox/fdio.h"
#include "sandbox/spool.h"

#define SPOOL_BUFFER	65536

/*
 * A manifest of 150,000 symbolic links with targets of 4000 bytes is 82 times
 * as long as its archive, and there is hardly one that compresses better.
 */
#define BOUND_MIN	OPTIONS_MANIFEST_MIN
#define BOUND_RATIO	128	/* bytes for each byte of the archive */

uint64_t
spool_bound(uint64_t given, uint64_t consumed)
{
	if (given != 0)
		return given;
	return consumed < (UINT64_MAX - BOUND_MIN) / BOUND_RATIO ?
	    BOUND_MIN + BOUND_RATIO * consumed : UINT64_MAX;
}

void
spool_init(struct spool *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->max = UINT64_MAX;
}

void
spool_clear(struct spool *s)
{
	buf_free(&s->buf);
}

int
spool_reset(struct spool *s)
{
	buf_cut(&s->buf, 0);
	s->pos = 0;
	s->len = 0;
	if (ftruncate(s->fd, 0) == -1 || lseek(s->fd, 0, SEEK_SET) == -1)
		return -1;
	return 0;
}

static int
spool_flush(struct spool *s)
{
	if (fdio_write(s->fd, buf_str(&s->buf), s->buf.len) == -1) {
		/* The user's limit of file sizes, not that of the spool. */
		if (errno == EFBIG)
			errno = ENOSPC;
		return -1;
	}
	buf_cut(&s->buf, 0);
	return 0;
}

int
spool_added(struct spool *s, uint64_t bytes)
{
	if (bytes > s->max || s->len > s->max - bytes) {
		errno = EFBIG;
		return -1;
	}
	s->len += bytes;
	return s->buf.len >= SPOOL_BUFFER ? spool_flush(s) : 0;
}

int
spool_write(struct spool *s, const void *p, size_t len)
{
	return buf_add(&s->buf, p, len) == -1 ? -1 : spool_added(s, len);
}

int
spool_rewind(struct spool *s)
{
	if (spool_flush(s) == -1 || lseek(s->fd, 0, SEEK_SET) == -1)
		return -1;
	return 0;
}

ssize_t
spool_read(struct spool *s, void *p, size_t size)
{
	return fdio_read(s->fd, p, size);
}

/* Read more into the buffer.  1, 0 at the end, -1. */
static int
spool_fill(struct spool *s)
{
	char	 chunk[SPOOL_BUFFER];
	ssize_t	 n;

	buf_drop(&s->buf, s->pos);
	s->pos = 0;
	if (s->buf.len > SPOOL_LINE_MAX) {
		errno = EPROTO;
		return -1;
	}
	if ((n = fdio_read(s->fd, chunk, sizeof(chunk))) <= 0)
		return (int)n;
	return buf_add(&s->buf, chunk, (size_t)n) == -1 ? -1 : 1;
}

int
spool_line(struct spool *s, struct buf *b)
{
	const char	*line, *end;
	size_t		 len;
	int		 n;

	buf_cut(b, 0);
	for (;;) {
		line = buf_str(&s->buf) + s->pos;
		len = s->buf.len - s->pos;
		if (len > 0 && (end = memchr(line, '\n', len)) != NULL) {
			len = (size_t)(end - line);
			s->pos += len + 1;
			break;
		}
		if ((n = spool_fill(s)) == -1)
			return -1;
		if (n == 0) {
			/* The last line may lack a newline. */
			line = buf_str(&s->buf);
			len = s->pos = s->buf.len;
			if (len == 0)
				return 0;
			break;
		}
	}
	if (memchr(line, '\0', len) != NULL) {
		errno = EPROTO;
		return -1;
	}
	return buf_add(b, line, len) == -1 ? -1 : 1;
}
