/*
 * relay.c: frames and streams of the channel of a command; see client/relay.h.
 *
 * Runs in both processes that the channel connects.  Touches memory only.
 *
 * Each direction of a stream ends in the same way.  The end that sends DATA
 * sends one END, and the end that receives it one STOP.  When both have passed,
 * nothing of the direction is under way any more.  Until DATA is acknowledged,
 * it counts against a window, so the input never has to wait for room, and all
 * other frames are owed at most once each: neither end can fill the other's
 * memory, and two ends that both have much to send cannot block each other.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/relay.h"

/* Bytes of the output that DATA leaves for other frames. */
#define RESERVE		4096

static const char	 magic[] = "FDBCMD";
#define MAGIC_LEN	(sizeof(magic) - 1)

/*
 * Errors by their numbers on the channel, since systems number them
 * differently.  One that is not here travels as EIO.
 */
static const int	 errors[] = {
	0, EIO, EACCES, EAGAIN, EBADF, EBUSY, ECANCELED, ECONNREFUSED,
	ECONNRESET, EDQUOT, EEXIST, EFBIG, EINVAL, EISDIR, EMFILE, EMSGSIZE,
	ENAMETOOLONG, ENFILE, ENODEV, ENOENT, ENOMEM, ENOSPC, ENOTSOCK, ENXIO,
	EOPNOTSUPP, EPERM, EPIPE, EPROTO, EROFS, ESPIPE, ESTALE, ETIMEDOUT
};

#define NERRORS	(sizeof(errors) / sizeof(errors[0]))

static uint32_t
number_of(int error)
{
	uint32_t	 i;

	for (i = 0; i < NERRORS; i++)
		if (errors[i] == error)
			return i;
	return 1;
}

static int
error_of(uint32_t number)
{
	return number < NERRORS ? errors[number] : EIO;
}

static void
put32(uint8_t *p, uint32_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

void
relay_init(struct relay *r, bool near)
{
	memset(r, 0, sizeof(*r));
	r->near = near;
}

/* The first error stays. */
static void
stream_free(struct relay_stream *s)
{
	int	 error = s->error;

	free(s->ring);
	memset(s, 0, sizeof(*s));
	s->error = error;
}

void
relay_clear(struct relay *r)
{
	size_t	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		stream_free(&r->streams[i]);
}

static void
stream_note(struct relay_stream *s, int error)
{
	if (s->error == 0)
		s->error = error;
}

/* From now on there is DATA.  0, or -1: ENOMEM. */
static int
stream_run(struct relay_stream *s)
{
	if (s->receives && (s->ring = malloc(RELAY_WINDOW)) == NULL)
		return -1;
	s->phase = RELAY_RUNNING;
	s->credit = s->allowed = RELAY_WINDOW;
	return 0;
}

uint8_t *
relay_space(struct relay *r, size_t *size)
{
	*size = sizeof(r->in) - r->in_len;
	return r->in + r->in_len;
}

void
relay_added(struct relay *r, size_t n)
{
	r->in_len += n;
}

/* The lengths that a payload may have. */
static const struct {
	size_t	 min, max;
	bool	 near, far;		/* who may send it */
} rows[] = {
	[RELAY_HELLO] = { MAGIC_LEN + 2, MAGIC_LEN + 2, true, true },
	[RELAY_OPEN] = { 1, 1, true, false },
	[RELAY_ADDRESS] = { 1, DGRAM_PATH_MAX - 1, false, true },
	[RELAY_RESULT] = { 4, 4, false, true },
	[RELAY_DATA] = { 1, RELAY_DATA_MAX, true, true },
	[RELAY_ACK] = { 4, 4, true, true },
	[RELAY_END] = { 4, 4, true, true },
	[RELAY_STOP] = { 4, 4, true, true }
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

/* Decode the frame at the start of the input.  1, 0 or -1 as relay_next(). */
static int
frame_get(const struct relay *r, struct relay_frame *f)
{
	const uint8_t	*p = r->in;
	uint32_t	 len;
	unsigned int	 type = p[0];

	if (r->in_len < RELAY_HEADER)
		return 0;
	len = get32(p + 4);
	errno = EPROTO;
	if (type == 0 || type >= NROWS || p[1] >= RELAY_STREAMS ||
	    p[2] != 0 || p[3] != 0 || len < rows[type].min ||
	    len > rows[type].max || !(r->near ? rows[type].far :
	    rows[type].near))
		return -1;
	if (r->in_len < RELAY_HEADER + len)
		return 0;
	memset(f, 0, sizeof(*f));
	f->type = (enum relay_type)type;
	f->stream = p[1];
	f->data = p + RELAY_HEADER;
	f->len = len;
	if (type == RELAY_OPEN)
		f->value = f->data[0];
	else if (len == 4)
		f->value = get32(f->data);
	f->error = error_of(f->value);
	return 1;
}

static int
take_hello(struct relay *r, const struct relay_frame *f)
{
	const uint8_t	*version = f->data + MAGIC_LEN;

	errno = EPROTO;
	if (r->greeted || f->stream != 0 ||
	    memcmp(f->data, magic, MAGIC_LEN) != 0)
		return -1;
	errno = EPROTONOSUPPORT;
	if (version[0] != RELAY_VERSION >> 8 ||
	    version[1] != (RELAY_VERSION & 0xff))
		return -1;
	r->greeted = true;
	return 0;
}

static int
take_open(struct relay_stream *s, const struct relay_frame *f)
{
	if (s->phase != RELAY_FREE || f->value == 0 ||
	    (f->value != RELAY_LOCAL && (f->value &
	    ~(uint32_t)(RELAY_READ | RELAY_WRITE)) != 0))
		return -1;
	stream_free(s);
	s->error = 0;
	s->phase = RELAY_OPENING;
	s->access = f->value;
	s->sends = (f->value & RELAY_WRITE) != 0;
	s->receives = (f->value & RELAY_READ) != 0;
	return 0;
}

static int
take_address(struct relay_stream *s, const struct relay_frame *f)
{
	if (s->phase != RELAY_OPENING || s->access != RELAY_LOCAL ||
	    s->addressed || memchr(f->data, '\0', f->len) != NULL)
		return -1;
	s->addressed = true;
	return 0;
}

static int
take_result(struct relay_stream *s, const struct relay_frame *f)
{
	if (s->phase != RELAY_OPENING || s->owes_open)
		return -1;
	if (f->error == 0 && s->access != RELAY_LOCAL)
		return stream_run(s);
	stream_free(s);
	return 0;
}

static int
take_data(struct relay_stream *s, const struct relay_frame *f)
{
	size_t	 end, n;

	if (s->phase != RELAY_RUNNING || !s->receives || s->in_ended ||
	    f->len > s->allowed)
		return -1;
	s->allowed -= (uint32_t)f->len;
	/* What is unwanted is dropped and not acknowledged. */
	if (s->unwanted)
		return 0;
	end = (s->at + s->len) % RELAY_WINDOW;
	n = RELAY_WINDOW - end < f->len ? RELAY_WINDOW - end : f->len;
	memcpy(s->ring + end, f->data, n);
	memcpy(s->ring, f->data + n, f->len - n);
	s->len += f->len;
	return 0;
}

static int
take_ack(struct relay_stream *s, const struct relay_frame *f)
{
	if (s->phase != RELAY_RUNNING || !s->sends || s->stopped ||
	    f->value == 0 || f->value > RELAY_WINDOW - s->credit)
		return -1;
	s->credit += f->value;
	return 0;
}

static int
take_end(struct relay_stream *s, const struct relay_frame *f)
{
	if (s->phase != RELAY_RUNNING || !s->receives || s->in_ended)
		return -1;
	s->in_ended = true;
	s->in_error = f->error;
	stream_note(s, f->error);
	return 0;
}

static int
take_stop(struct relay *r, const struct relay_frame *f)
{
	struct relay_stream	*s = &r->streams[f->stream];

	/* The near end gives up; the result may be on its way to it. */
	if (!r->near && (s->phase == RELAY_FREE || (s->access == RELAY_LOCAL &&
	    s->phase == RELAY_OPENING)))
		return f->error != 0 ? 0 : -1;
	if (s->phase != RELAY_RUNNING || !s->sends || s->stopped ||
	    (f->error == 0 && !s->ended))
		return -1;
	s->stopped = true;
	stream_note(s, f->error);
	relay_end(r, f->stream, 0);
	return 0;
}

static int
frame_take(struct relay *r, const struct relay_frame *f)
{
	struct relay_stream	*s = &r->streams[f->stream];

	if (f->type == RELAY_HELLO)
		return take_hello(r, f);
	errno = EPROTO;
	if (!r->greeted)
		return -1;
	switch (f->type) {
	case RELAY_OPEN:
		return take_open(s, f);
	case RELAY_ADDRESS:
		return take_address(s, f);
	case RELAY_RESULT:
		return take_result(s, f);
	case RELAY_DATA:
		return take_data(s, f);
	case RELAY_ACK:
		return take_ack(s, f);
	case RELAY_END:
		return take_end(s, f);
	case RELAY_STOP:
		return take_stop(r, f);
	default:
		return -1;
	}
}

int
relay_next(struct relay *r, struct relay_frame *f)
{
	int	 n;

	if (r->taken > 0)
		memmove(r->in, r->in + r->taken, r->in_len - r->taken);
	r->in_len -= r->taken;
	r->taken = 0;
	if ((n = frame_get(r, f)) != 1)
		return n;
	if (frame_take(r, f) == -1)
		return -1;
	r->taken = RELAY_HEADER + f->len;
	return 1;
}

int
relay_open(struct relay *r, unsigned int access)
{
	struct relay_stream	*s;
	int			 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (r->streams[i].phase == RELAY_FREE)
			break;
	if (i == RELAY_STREAMS) {
		errno = EAGAIN;
		return -1;
	}
	s = &r->streams[i];
	s->error = 0;
	s->phase = RELAY_OPENING;
	s->access = access;
	s->sends = (access & RELAY_READ) != 0;
	s->receives = (access & RELAY_WRITE) != 0;
	s->owes_open = true;
	return i;
}

void
relay_cancel(struct relay *r, unsigned int stream)
{
	struct relay_stream	*s = &r->streams[stream];

	/* Other streams end once they run. */
	if (s->access != RELAY_LOCAL || s->phase != RELAY_OPENING)
		return;
	s->owes_stop = true;
	s->stop_error = ECANCELED;
}

void
relay_address(struct relay *r, unsigned int stream, const char *path)
{
	struct relay_stream	*s = &r->streams[stream];

	(void)strlcpy(s->address, path, sizeof(s->address));
	s->addressed = s->owes_address = true;
}

int
relay_result(struct relay *r, unsigned int stream, int error)
{
	struct relay_stream	*s = &r->streams[stream];

	s->owes_result = true;
	s->result = error;
	if (error == 0 && s->access != RELAY_LOCAL && stream_run(s) == -1) {
		s->result = ENOMEM;
		return -1;
	}
	return 0;
}

size_t
relay_room(const struct relay *r, unsigned int stream)
{
	const struct relay_stream	*s = &r->streams[stream];
	const size_t			 used = r->out_len + RELAY_HEADER +
					    RESERVE;
	size_t				 n;

	if (s->phase != RELAY_RUNNING || !s->sends || s->ended ||
	    used >= sizeof(r->out))
		return 0;
	n = sizeof(r->out) - used;
	if (n > RELAY_DATA_MAX)
		n = RELAY_DATA_MAX;
	return n < s->credit ? n : s->credit;
}

/* Put a frame if there is room. */
static bool
frame_put(struct relay *r, unsigned int stream, enum relay_type type,
    const void *data, size_t len)
{
	uint8_t	*p = r->out + r->out_len;

	if (sizeof(r->out) - r->out_len < RELAY_HEADER + len)
		return false;
	p[0] = (uint8_t)type;
	p[1] = (uint8_t)stream;
	p[2] = p[3] = 0;
	put32(p + 4, (uint32_t)len);
	memcpy(p + RELAY_HEADER, data, len);
	r->out_len += RELAY_HEADER + len;
	return true;
}

static bool
frame_put32(struct relay *r, unsigned int stream, enum relay_type type,
    uint32_t value)
{
	uint8_t	 buf[4];

	put32(buf, value);
	return frame_put(r, stream, type, buf, sizeof(buf));
}

void
relay_data(struct relay *r, unsigned int stream, const void *data, size_t n)
{
	if (frame_put(r, stream, RELAY_DATA, data, n))
		r->streams[stream].credit -= (uint32_t)n;
}

void
relay_end(struct relay *r, unsigned int stream, int error)
{
	struct relay_stream	*s = &r->streams[stream];

	if (s->phase != RELAY_RUNNING || s->ended || !s->sends)
		return;
	s->ended = s->owes_end = true;
	s->end_error = error;
	stream_note(s, error);
}

size_t
relay_pending(const struct relay *r, unsigned int stream, const uint8_t **data)
{
	const struct relay_stream	*s = &r->streams[stream];

	if (s->ring == NULL || s->unwanted)
		return 0;
	*data = s->ring + s->at;
	return s->len < RELAY_WINDOW - s->at ? s->len : RELAY_WINDOW - s->at;
}

void
relay_delivered(struct relay *r, unsigned int stream, size_t n)
{
	struct relay_stream	*s = &r->streams[stream];

	s->at = (s->at + n) % RELAY_WINDOW;
	s->len -= n;
	s->ack += (uint32_t)n;
}

void
relay_stop(struct relay *r, unsigned int stream, int error)
{
	struct relay_stream	*s = &r->streams[stream];

	if (s->phase != RELAY_RUNNING || s->unwanted || !s->receives)
		return;
	s->unwanted = s->owes_stop = true;
	s->stop_error = error;
	s->len = 0;
	stream_note(s, error);
}

/* Owed frames in the order in which the other end expects them. */
static void
stream_fill(struct relay *r, unsigned int i)
{
	struct relay_stream	*s = &r->streams[i];
	uint8_t			 access = (uint8_t)s->access;

	if (s->owes_open)
		s->owes_open = !frame_put(r, i, RELAY_OPEN, &access, 1);
	if (s->owes_address)
		s->owes_address = !frame_put(r, i, RELAY_ADDRESS, s->address,
		    strlen(s->address));
	if (s->owes_open || s->owes_address)
		return;
	if (s->owes_result) {
		if (!frame_put32(r, i, RELAY_RESULT, number_of(s->result)))
			return;
		s->owes_result = false;
		if (s->phase == RELAY_OPENING) {
			stream_free(s);
			return;
		}
	}
	/* A few bytes at a time are not worth a frame. */
	if (!s->unwanted && (s->ack >= RELAY_WINDOW / 4 ||
	    (s->ack > 0 && s->len == 0)) &&
	    frame_put32(r, i, RELAY_ACK, s->ack)) {
		s->allowed += s->ack;
		s->ack = 0;
	}
	if (s->owes_end)
		s->owes_end = !frame_put32(r, i, RELAY_END,
		    number_of(s->end_error));
	if (s->owes_stop)
		s->owes_stop = !frame_put32(r, i, RELAY_STOP,
		    number_of(s->stop_error));
	if (s->phase == RELAY_RUNNING && (!s->sends || (s->ended &&
	    !s->owes_end && s->stopped)) && (!s->receives || (s->in_ended &&
	    s->unwanted && !s->owes_stop)))
		stream_free(s);
}

void
relay_fill(struct relay *r)
{
	uint8_t		 hello[MAGIC_LEN + 2];
	unsigned int	 i;

	if (r->out_at == r->out_len)
		r->out_at = r->out_len = 0;
	if (!r->hello_put) {
		memcpy(hello, magic, MAGIC_LEN);
		hello[MAGIC_LEN] = RELAY_VERSION >> 8;
		hello[MAGIC_LEN + 1] = RELAY_VERSION & 0xff;
		r->hello_put = frame_put(r, 0, RELAY_HELLO, hello,
		    sizeof(hello));
	}
	for (i = 0; i < RELAY_STREAMS; i++)
		stream_fill(r, i);
}

int
relay_error(const struct relay *r, unsigned int stream)
{
	return r->streams[stream].error;
}
