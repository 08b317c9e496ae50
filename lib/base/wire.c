/*
 * wire.c: bounded encoding and decoding of messages; see wire.h.
 *
 * Runs in every process.  Touches the caller's buffers only.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/wire.h"

void
wire_out_init(struct wire_out *w, void *buf, size_t size)
{
	w->buf = buf;
	w->size = size;
	w->len = 0;
	w->failed = false;
}

void
wire_put_bytes(struct wire_out *w, const void *p, size_t len)
{
	if (len > 0)
		wire_put_fixed(w, p, len);
}

void
wire_put_str(struct wire_out *w, const char *s)
{
	size_t	 len = strlen(s);

	if (len > UINT16_MAX) {
		w->failed = true;
		return;
	}
	wire_put_u16(w, (uint16_t)len);
	wire_put_bytes(w, s, len);
}

int
wire_put_end(const struct wire_out *w)
{
	if (w->failed) {
		errno = EMSGSIZE;
		return -1;
	}
	return 0;
}

void
wire_in_init(struct wire_in *w, const void *buf, size_t len)
{
	w->buf = buf;
	w->left = len;
	w->failed = false;
}

void
wire_get_fail(struct wire_in *w)
{
	w->failed = true;
}

void
wire_get_bytes(struct wire_in *w, void *p, size_t len)
{
	if (len > 0)
		wire_get_fixed(w, p, len);
}

size_t
wire_get_str(struct wire_in *w, char *dst, size_t dstsize)
{
	size_t	 len = wire_get_u16(w);

	if (w->failed || len > w->left || len >= dstsize ||
	    memchr(w->buf, '\0', len) != NULL) {
		w->failed = true;
		dst[0] = '\0';
		return 0;
	}
	wire_get_bytes(w, dst, len);
	dst[len] = '\0';
	return len;
}

int
wire_get_end(const struct wire_in *w)
{
	if (w->failed || w->left != 0) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}
