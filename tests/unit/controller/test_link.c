/*
 * test_link.c: the frames between two fdbackups, and random ones, whose decoder
 * is compared with a reference that has all bytes at once.
 *
 * TEST_SEED in the environment replaces the seed.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "controller/link.h"
#include "tests/unit/polref.h"
#include "tests/unit/util.h"

#define STREAMS		400	/* random ones */
#define FRAMES		24	/* of one */
#define STREAM_MAX	(4 * 1024 * 1024)

/* What a decoder makes of a stream. */
struct outcome {
	int		 end;		/* -1: the protocol is broken */
	size_t		 frames;	/* that are not DATA */
	uint64_t	 sum;		/* of these: types, lengths, bytes */
	size_t		 bytes;		/* of DATA */
	uint64_t	 data_sum;
};

static uint8_t		 stream[STREAM_MAX];
static size_t		 stream_len;
static struct link	 link_here;

static uint64_t
add_up(uint64_t sum, const uint8_t *p, size_t n)
{
	while (n-- > 0)
		sum = (sum ^ *p++) * 1099511628211U;
	return sum;
}

static void
add_frame(struct outcome *o, unsigned int type, const uint8_t *data,
    size_t len)
{
	const uint8_t	 head[4] = { (uint8_t)type, (uint8_t)(len >> 16),
			    (uint8_t)(len >> 8), (uint8_t)len };

	o->frames++;
	o->sum = add_up(add_up(o->sum, head, sizeof(head)), data, len);
}

/* The reference.  DATA is refused after END, as both ends do. */
static void
decode_all(struct outcome *o, bool takes)
{
	const uint8_t	*p = stream;
	size_t		 left = stream_len, len;

	memset(o, 0, sizeof(*o));
	for (; left >= LINK_HEADER; p += len, left -= len) {
		len = (size_t)p[4] << 24 | (size_t)p[5] << 16 |
		    (size_t)p[6] << 8 | p[7];
		if (p[0] < 1 || p[0] > 6 || (p[1] | p[2] | p[3]) != 0 ||
		    len > 262144 || (p[0] == LINK_DATA && (!takes ||
		    len > 65536))) {
			o->end = -1;
			return;
		}
		p += LINK_HEADER;
		left -= LINK_HEADER;
		if (len > left)
			return;
		if (p[-LINK_HEADER] == LINK_DATA) {
			o->bytes += len;
			o->data_sum = add_up(o->data_sum, p, len);
			continue;
		}
		add_frame(o, p[-LINK_HEADER], p, len);
		if (p[-LINK_HEADER] == LINK_END)
			takes = false;
	}
}

/* Take what is there.  0, or -1: the protocol is broken. */
static int
take_frames(struct outcome *o)
{
	struct link		*l = &link_here;
	struct link_frame	 f;
	int			 n;

	while ((n = link_next(l, &f)) == 1) {
		assert_true(f.data >= l->in_buf && f.len <=
		    sizeof(l->in_buf) - (size_t)(f.data - l->in_buf));
		assert_int_not_equal(f.type, LINK_DATA);
		add_frame(o, f.type, f.data, f.len);
		if (f.type == LINK_END)
			l->takes = false;
	}
	assert_true(l->in_at + l->in_len <= sizeof(l->in_buf));
	return n;
}

/* Everything that is written to the sink is in the pipe. */
static void
empty_sink(struct outcome *o, int fd)
{
	static uint8_t	 buf[65536];
	ssize_t		 n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		o->bytes += (size_t)n;
		o->data_sum = add_up(o->data_sum, buf, (size_t)n);
	}
	assert_true(n == -1 && errno == EAGAIN);
}

/* Send the stream in pieces, through a pipe, and read what comes out. */
static void
decode_pieces(struct outcome *o, bool takes, bool closed)
{
	struct link	*l = &link_here;
	struct pollfd	 pfd[LINK_POLLFDS];
	int		 in[2], out[2], sink[2];
	size_t		 at = 0, piece;
	ssize_t		 n;
	bool		 stuck = false;
	int		 idle = 0;

	memset(o, 0, sizeof(*o));
	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(sink, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(link_init(l, in[0], out[1]), 0);
	l->takes = takes;
	l->sink = closed ? -1 : sink[1];
	l->sink_closed = closed;
	l->sink_max = 1 + polref_random(LINK_DATA_MAX);
	while (o->end == 0 && !(l->in_ended && l->left == 0 && stuck)) {
		piece = 1 + polref_random(polref_random(4) == 0 ? 16 : 50000);
		if (piece > stream_len - at)
			piece = stream_len - at;
		n = piece > 0 ? write(in[1], stream + at, piece) : 0;
		at += n > 0 ? (size_t)n : 0;
		if (at == stream_len)
			fd_close(&in[1]);
		link_prepare(l, pfd);
		stuck = poll(pfd, LINK_POLLFDS, 0) == 0;
		assert_int_equal(link_work(l, pfd), 0);
		o->end = take_frames(o);
		empty_sink(o, sink[0]);
		/* There is room in the pipe, or something to read. */
		idle = stuck && n <= 0 ? idle + 1 : 0;
		assert_true(idle < 3);
	}
	fd_close_all(in, 2);
	fd_close_all(out, 2);
	fd_close_all(sink, 2);
}

static void
put_frame(unsigned int type, size_t len)
{
	uint8_t	*p = stream + stream_len;
	size_t	 i;

	assert_true(stream_len + LINK_HEADER + len <= sizeof(stream));
	memset(p, 0, LINK_HEADER);
	p[0] = (uint8_t)type;
	p[5] = (uint8_t)(len >> 16);
	p[6] = (uint8_t)(len >> 8);
	p[7] = (uint8_t)len;
	for (i = 0; i < len; i++)
		p[LINK_HEADER + i] = (uint8_t)polref_random(256);
	stream_len += LINK_HEADER + len;
}

static size_t
random_length(size_t max)
{
	switch (polref_random(8)) {
	case 0:
		return 0;
	case 1:
		return max - polref_random(3);
	case 2:
		return polref_random((unsigned int)max);
	default:
		return polref_random(300);
	}
}

/* Frames, most of them good, some bytes of which are changed. */
static void
random_stream(void)
{
	unsigned int	 n = 1 + polref_random(FRAMES), type;

	stream_len = 0;
	while (n-- > 0 && stream_len < sizeof(stream) / 2) {
		type = polref_random(2) == 0 ? LINK_DATA :
		    1 + polref_random(6);
		put_frame(type, random_length(type == LINK_DATA ?
		    LINK_DATA_MAX : LINK_MAX));
		/* A header that lies, about the type or the length. */
		if (polref_random(40) == 0)
			stream[stream_len - 1 - polref_random(
			    (unsigned int)stream_len)] ^= (uint8_t)(1u <<
			    polref_random(8));
		if (polref_random(40) == 0)
			put_frame(polref_random(9), 0);
	}
	/* It is cut. */
	if (polref_random(3) == 0)
		stream_len -= polref_random((unsigned int)stream_len);
}

static void
test_random(void **state)
{
	struct outcome	 want, got;
	size_t		 i, broken = 0, whole = 0;
	bool		 takes, closed;

	(void)state;
	polref_begin();
	for (i = 0; i < STREAMS; i++) {
		random_stream();
		takes = polref_random(8) != 0;
		closed = polref_random(8) == 0;
		decode_all(&want, takes);
		decode_pieces(&got, takes, closed);
		assert_int_equal(got.end, want.end);
		assert_int_equal(got.frames, want.frames);
		assert_true(got.sum == want.sum);
		assert_int_equal(got.bytes, closed ? 0 : want.bytes);
		assert_true(closed || got.data_sum == want.data_sum);
		broken += want.end == -1;
		whole += want.end == 0 && want.bytes > 0;
	}
	/* Both kinds come. */
	assert_true(broken > 0 && whole > 0);
}

/* What a stream of one header means; other is a reserved byte, or 0. */
static int
decode_header(unsigned int type, uint32_t len, bool takes, size_t other)
{
	struct outcome	 o;

	stream_len = 0;
	put_frame(type, 0);
	stream[other] |= type;
	stream[4] = (uint8_t)(len >> 24);
	stream[5] = (uint8_t)(len >> 16);
	stream[6] = (uint8_t)(len >> 8);
	stream[7] = (uint8_t)len;
	decode_pieces(&o, takes, false);
	assert_int_equal(o.bytes, 0);
	return o.end;
}

static void
test_lengths(void **state)
{
	size_t	 other;

	(void)state;
	assert_int_equal(decode_header(LINK_RECORDS, LINK_MAX, false, 0), 0);
	assert_int_equal(decode_header(LINK_RECORDS, LINK_MAX + 1, false, 0),
	    -1);
	assert_int_equal(decode_header(LINK_RECORDS, UINT32_MAX, false, 0), -1);
	assert_int_equal(decode_header(LINK_DATA, LINK_DATA_MAX, true, 0), 0);
	assert_int_equal(decode_header(LINK_DATA, LINK_DATA_MAX + 1, true, 0),
	    -1);
	assert_int_equal(decode_header(LINK_DATA, 1, false, 0), -1);
	assert_int_equal(decode_header(0, 0, true, 0), -1);
	assert_int_equal(decode_header(LINK_EXIT + 1, 0, true, 0), -1);
	for (other = 1; other <= 3; other++)
		assert_int_equal(decode_header(LINK_RECORDS, 0, true, other),
		    -1);
}

static void
test_hello(void **state)
{
	uint8_t			 hello[LINK_HELLO_LEN + 1];
	struct link_frame	 f = { LINK_HELLO, hello, LINK_HELLO_LEN };
	size_t			 i;

	(void)state;
	link_hello(hello);
	assert_true(link_check_hello(&f));
	for (f.len = 0; f.len <= LINK_HELLO_LEN + 1; f.len++)
		assert_true(link_check_hello(&f) == (f.len == LINK_HELLO_LEN));
	f.len = LINK_HELLO_LEN;
	for (i = 0; i < LINK_HELLO_LEN; i++) {
		hello[i] ^= 0x80;
		assert_false(link_check_hello(&f));
		hello[i] ^= 0x80;
	}
	f.type = LINK_REQUEST;
	assert_false(link_check_hello(&f));
}

/* What one end sends, the other one gets; a full pipe blocks neither. */
static void
test_both_ends(void **state)
{
	static struct link	 there;
	struct link		*l = &link_here;
	struct pollfd		 pfd[LINK_POLLFDS];
	struct link_frame	 f;
	int			 fds[2], back[2], sink[2], source[2], n;
	size_t			 rounds;
	static uint8_t		 bytes[LINK_MAX];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(pipe2(back, O_CLOEXEC), 0);
	assert_int_equal(pipe2(sink, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(source, O_CLOEXEC), 0);
	assert_int_equal(link_init(l, back[0], fds[1]), 0);
	assert_int_equal(link_init(&there, fds[0], back[1]), 0);
	assert_int_equal(write(source[1], "archive", 7), 7);
	fd_close(&source[1]);
	l->source = source[0];
	there.sink = sink[1];
	there.takes = true;
	memset(bytes, 'r', sizeof(bytes));
	assert_true(link_has_room(l, LINK_MAX));
	link_put(l, LINK_REQUEST, bytes, sizeof(bytes));
	/* Nobody reads: the pipe is full, and more does not fit. */
	for (rounds = 0; rounds < 8; rounds++) {
		link_prepare(l, pfd);
		(void)poll(pfd, LINK_POLLFDS, 0);
		assert_int_equal(link_work(l, pfd), 0);
	}
	assert_false(link_is_flushed(l));
	for (n = 0; n == 0;) {
		link_prepare(l, pfd);
		(void)poll(pfd, LINK_POLLFDS, 0);
		assert_int_equal(link_work(l, pfd), 0);
		link_prepare(&there, pfd);
		(void)poll(pfd, LINK_POLLFDS, 0);
		assert_int_equal(link_work(&there, pfd), 0);
		n = link_next(&there, &f);
	}
	assert_int_equal(n, 1);
	assert_int_equal(f.type, LINK_REQUEST);
	assert_int_equal(f.len, sizeof(bytes));
	assert_memory_equal(f.data, bytes, sizeof(bytes));
	while (!l->source_ended || !link_is_flushed(l) || there.left > 0 ||
	    there.in_len > 0) {
		link_prepare(l, pfd);
		(void)poll(pfd, LINK_POLLFDS, 0);
		assert_int_equal(link_work(l, pfd), 0);
		link_prepare(&there, pfd);
		(void)poll(pfd, LINK_POLLFDS, 0);
		assert_int_equal(link_work(&there, pfd), 0);
		assert_int_equal(link_next(&there, &f), 0);
	}
	assert_int_equal(read(sink[0], bytes, sizeof(bytes)), 7);
	assert_memory_equal(bytes, "archive", 7);
	fd_close_all(fds, 2);
	fd_close_all(back, 2);
	fd_close_all(sink, 2);
	fd_close_all(source, 2);
}

/* The other end of a sink or of the connection is gone. */
static void
test_gone(void **state)
{
	struct link		*l = &link_here;
	struct pollfd		 pfd[LINK_POLLFDS];
	struct link_frame	 f;
	int			 in[2], out[2], sink[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(sink, O_CLOEXEC), 0);
	assert_int_equal(link_init(l, in[0], out[1]), 0);
	l->sink = sink[1];
	l->takes = true;
	stream_len = 0;
	put_frame(LINK_DATA, 10);
	put_frame(LINK_END, 0);
	assert_int_equal(write(in[1], stream, stream_len),
	    (ssize_t)stream_len);
	fd_close(&sink[0]);
	fd_close(&out[0]);
	link_put(l, LINK_END, NULL, 0);
	link_prepare(l, pfd);
	assert_true(poll(pfd, LINK_POLLFDS, -1) > 0);
	assert_int_equal(link_work(l, pfd), 0);
	assert_true(l->out_ended && link_is_flushed(l));
	assert_int_equal(link_next(l, &f), 0);
	link_prepare(l, pfd);
	assert_true(poll(pfd, LINK_POLLFDS, -1) > 0);
	assert_int_equal(link_work(l, pfd), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(l->failed, LINK_SINK);
	/* The rest of DATA is skipped. */
	l->sink_closed = true;
	assert_int_equal(link_next(l, &f), 1);
	assert_int_equal(f.type, LINK_END);
	fd_close_all(in, 2);
	fd_close_all(out, 2);
	fd_close_all(sink, 2);
	(void)signal(SIGPIPE, SIG_DFL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_hello),
		UTIL_TEST(test_lengths),
		UTIL_TEST(test_both_ends),
		UTIL_TEST(test_gone),
		UTIL_TEST(test_random)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
