/*
 * wire.h: bounded encoding and decoding of messages.
 *
 * Integers are of fixed width and native byte order (both ends are on one
 * machine); strings carry a 16-bit length before their bytes and no NUL.  An
 * error sticks: the calls after it do nothing, and wire_put_end() or
 * wire_get_end() report it, so that a message is built or refused whole.
 */

#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire_out {
	uint8_t	*buf;		/* the caller's */
	size_t	 size;
	size_t	 len;		/* bytes put so far */
	bool	 failed;
};

struct wire_in {
	const uint8_t	*buf;	/* the caller's */
	size_t		 left;
	bool		 failed;
};

void	 wire_out_init(struct wire_out *, void *buf, size_t size);
void	 wire_put_bytes(struct wire_out *, const void *, size_t);

/*
 * For the functions below.  They are inline: a record has twenty fields and
 * more, and for a fixed length the compiler moves an integer, no bytes.
 */
static inline void
wire_put_fixed(struct wire_out *w, const void *p, size_t len)
{
	if (w->failed || len > w->size - w->len) {
		w->failed = true;
		return;
	}
	memcpy(w->buf + w->len, p, len);
	w->len += len;
}

static inline void
wire_put_u8(struct wire_out *w, uint8_t v)
{
	wire_put_fixed(w, &v, sizeof(v));
}

static inline void
wire_put_u16(struct wire_out *w, uint16_t v)
{
	wire_put_fixed(w, &v, sizeof(v));
}

static inline void
wire_put_u32(struct wire_out *w, uint32_t v)
{
	wire_put_fixed(w, &v, sizeof(v));
}

static inline void
wire_put_u64(struct wire_out *w, uint64_t v)
{
	wire_put_fixed(w, &v, sizeof(v));
}

static inline void
wire_put_i64(struct wire_out *w, int64_t v)
{
	wire_put_fixed(w, &v, sizeof(v));
}

/* A string of at most UINT16_MAX bytes. */
void	 wire_put_str(struct wire_out *, const char *);
/* 0, or -1 with errno EMSGSIZE if anything did not fit. */
int	 wire_put_end(const struct wire_out *);

void	 wire_in_init(struct wire_in *, const void *buf, size_t len);
void	 wire_get_bytes(struct wire_in *, void *, size_t);

/* For the functions below, which are inline, too. */
static inline void
wire_get_fixed(struct wire_in *w, void *p, size_t len)
{
	if (w->failed || len > w->left) {
		w->failed = true;
		memset(p, 0, len);
		return;
	}
	memcpy(p, w->buf, len);
	w->buf += len;
	w->left -= len;
}

static inline uint8_t
wire_get_u8(struct wire_in *w)
{
	uint8_t	 v;

	wire_get_fixed(w, &v, sizeof(v));
	return v;
}

static inline uint16_t
wire_get_u16(struct wire_in *w)
{
	uint16_t	 v;

	wire_get_fixed(w, &v, sizeof(v));
	return v;
}

static inline uint32_t
wire_get_u32(struct wire_in *w)
{
	uint32_t	 v;

	wire_get_fixed(w, &v, sizeof(v));
	return v;
}

static inline uint64_t
wire_get_u64(struct wire_in *w)
{
	uint64_t	 v;

	wire_get_fixed(w, &v, sizeof(v));
	return v;
}

static inline int64_t
wire_get_i64(struct wire_in *w)
{
	int64_t	 v;

	wire_get_fixed(w, &v, sizeof(v));
	return v;
}

/*
 * A string into dst, of dstsize bytes with the NUL that is added.  Fails if
 * it does not fit or contains a NUL.  dst is "" after a failure.  Returns its
 * length.
 */
size_t	 wire_get_str(struct wire_in *, char *dst, size_t dstsize);
void	 wire_get_fail(struct wire_in *);	/* the caller found a fault */
/* 0, or -1 with errno EPROTO if anything was short or bad, or is left. */
int	 wire_get_end(const struct wire_in *);

#endif /* WIRE_H */
