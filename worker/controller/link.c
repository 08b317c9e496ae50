/*
 * link.c: the stream of bytes to another machine; see controller/link.h.
 *
 * Runs in the controller, at both ends.  Touches the descriptors that it is
 * given, and neither blocks nor allocates.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "controller/link.h"

/* Counts changes of frames and of the records in them. */
#define LINK_VERSION	1

/* The records are as the machine has them. */
#define LINK_ORDER	0x01020304u

static int
set_nonblocking(int fd)
{
	int	 flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int
link_init(struct link *l, int in, int out)
{
	memset(l, 0, offsetof(struct link, in_buf));
	l->in = in;
	l->out = out;
	l->source = l->sink = -1;
	l->sink_max = LINK_DATA_MAX;
	return set_nonblocking(in) == -1 || set_nonblocking(out) == -1 ? -1 :
	    0;
}

/* Where input goes, behind what is there already. */
static size_t
space(const struct link *l)
{
	return sizeof(l->in_buf) - l->in_at - l->in_len;
}

void
link_prepare(const struct link *l, struct pollfd pfd[LINK_POLLFDS])
{
	size_t	 i;

	for (i = 0; i < LINK_POLLFDS; i++) {
		pfd[i].fd = -1;
		pfd[i].events = i == 0 || i == 2 ? POLLIN : POLLOUT;
		pfd[i].revents = 0;
	}
	if (!l->in_ended && space(l) > 0)
		pfd[0].fd = l->in;
	if (!link_is_flushed(l))
		pfd[1].fd = l->out;
	if (!l->source_ended && link_has_room(l, LINK_MAX))
		pfd[2].fd = l->source;
	if (l->left > 0)
		pfd[3].fd = l->sink;
}

/* Is it one that poll(2) may report for nothing? */
static bool
is_soft(int error)
{
	return error == EAGAIN || error == EINTR;
}

static void
read_in(struct link *l)
{
	ssize_t	 n;

	n = read(l->in, l->in_buf + l->in_at + l->in_len, space(l));
	if (n > 0)
		l->in_len += (size_t)n;
	else if (n == 0 || !is_soft(errno))
		l->in_ended = true;
}

static void
write_out(struct link *l)
{
	ssize_t	 n;

	n = write(l->out, l->out_buf + l->out_at, l->out_len - l->out_at);
	if (n > 0)
		l->out_at += (size_t)n;
	else if (n == -1 && !is_soft(errno))
		l->out_ended = true;
	if (l->out_at == l->out_len)
		l->out_at = l->out_len = 0;
}

static int
read_source(struct link *l)
{
	static uint8_t	 buf[LINK_DATA_MAX];
	ssize_t		 n;

	n = read(l->source, buf, sizeof(buf));
	if (n > 0)
		link_put(l, LINK_DATA, buf, (size_t)n);
	else if (n == 0)
		l->source_ended = true;
	else if (!is_soft(errno)) {
		l->failed = LINK_SOURCE;
		return -1;
	}
	return 0;
}

/* Forget input that was used. */
static void
consume(struct link *l, size_t n)
{
	l->in_at += n;
	l->in_len -= n;
	/* A whole frame always has room behind the beginning of its header. */
	if (l->in_len == 0 || l->in_at > sizeof(l->in_buf) / 2) {
		memmove(l->in_buf, l->in_buf + l->in_at, l->in_len);
		l->in_at = 0;
	}
}

static int
write_sink(struct link *l)
{
	size_t	 len = l->left < l->sink_max ? l->left : l->sink_max;
	ssize_t	 n;

	n = write(l->sink, l->in_buf + l->in_at, len);
	if (n == -1 && is_soft(errno))
		return 0;
	if (n == -1) {
		l->failed = LINK_SINK;
		return -1;
	}
	l->left -= (size_t)n;
	consume(l, (size_t)n);
	return 0;
}

int
link_work(struct link *l, const struct pollfd pfd[LINK_POLLFDS])
{
	if (pfd[0].revents != 0)
		read_in(l);
	if (pfd[1].revents != 0)
		write_out(l);
	if (pfd[2].revents != 0 && read_source(l) == -1)
		return -1;
	return pfd[3].revents != 0 ? write_sink(l) : 0;
}

bool
link_has_room(const struct link *l, size_t len)
{
	return sizeof(l->out_buf) - l->out_len >= LINK_HEADER + len;
}

void
link_put(struct link *l, enum link_type type, const void *data, size_t len)
{
	uint8_t	*p = l->out_buf + l->out_len;

	memset(p, 0, LINK_HEADER);
	p[0] = (uint8_t)type;
	p[4] = (uint8_t)(len >> 24);
	p[5] = (uint8_t)(len >> 16);
	p[6] = (uint8_t)(len >> 8);
	p[7] = (uint8_t)len;
	if (len > 0)
		memcpy(p + LINK_HEADER, data, len);
	l->out_len += LINK_HEADER + len;
}

bool
link_is_flushed(const struct link *l)
{
	return l->out_ended || l->out_len == 0;
}

/* The header of the frame at the front.  The length of the rest, or -1. */
static ssize_t
frame_length(const struct link *l)
{
	const uint8_t	*p = l->in_buf + l->in_at;
	size_t		 len;

	len = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 |
	    p[7];
	if (p[0] < LINK_HELLO || p[0] > LINK_EXIT || p[1] != 0 || p[2] != 0 ||
	    p[3] != 0 || len > LINK_MAX ||
	    (p[0] == LINK_DATA && (!l->takes || len > LINK_DATA_MAX)))
		return -1;
	return (ssize_t)len;
}

int
link_next(struct link *l, struct link_frame *f)
{
	ssize_t	 len;

	if (l->taken > 0)
		consume(l, l->taken);
	l->taken = 0;
	for (;;) {
		if (l->left > 0 && !l->sink_closed)
			return 0;
		/* Nobody wants it. */
		consume(l, l->left);
		l->left = 0;
		if (l->in_len < LINK_HEADER)
			return 0;
		if ((len = frame_length(l)) == -1)
			return -1;
		if (l->in_len < LINK_HEADER + (size_t)len)
			return 0;
		f->type = (enum link_type)l->in_buf[l->in_at];
		if (f->type != LINK_DATA)
			break;
		consume(l, LINK_HEADER);
		l->left = (size_t)len;
	}
	f->data = l->in_buf + l->in_at + LINK_HEADER;
	f->len = (size_t)len;
	l->taken = LINK_HEADER + (size_t)len;
	return 1;
}

void
link_hello(uint8_t hello[LINK_HELLO_LEN])
{
	const uint32_t	 order = LINK_ORDER;

	memcpy(hello, "FDBACKUP", 8);
	hello[8] = LINK_VERSION;
	memcpy(hello + 9, &order, sizeof(order));
}

bool
link_check_hello(const struct link_frame *f)
{
	uint8_t	 hello[LINK_HELLO_LEN];

	link_hello(hello);
	return f->type == LINK_HELLO && f->len == sizeof(hello) &&
	    memcmp(f->data, hello, sizeof(hello)) == 0;
}
