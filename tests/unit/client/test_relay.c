/*
 * test_relay.c: the frames of a relay: two ends in one process, whose bytes
 * come in pieces, and an end that does not keep to its window.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/relay.h"
#include "tests/unit/util.h"

#define TOTAL	300000U		/* bytes each way: several windows */

static struct relay	 near_end, far_end;

static void
begin(void)
{
	relay_init(&near_end, true);
	relay_init(&far_end, false);
}

static void
end(void)
{
	relay_clear(&near_end);
	relay_clear(&far_end);
}

/* Carry some of what one end has put to the other. */
static void
carry(struct relay *from, struct relay *to)
{
	struct relay_frame	 f;
	uint8_t			*space;
	size_t			 n, size;

	relay_fill(from);
	space = relay_space(to, &size);
	n = from->out_len - from->out_at;
	if (n > size)
		n = size;
	if (n > 0 && util_random(2) == 0)
		n = 1 + util_random((uint32_t)n);
	memcpy(space, from->out + from->out_at, n);
	from->out_at += n;
	relay_added(to, n);
	while (relay_next(to, &f) == 1)
		if (f.type == RELAY_OPEN)
			assert_int_equal(relay_result(to, f.stream, 0), 0);
}

static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 31 + i / 251);
}

/* Send, and deliver, as much as is possible now, or a part of it. */
static void
move(struct relay *r, unsigned int stream, size_t *sent, size_t *got)
{
	uint8_t		 buf[RELAY_DATA_MAX];
	const uint8_t	*data;
	size_t		 i, n;

	n = relay_room(r, stream);
	if (n > TOTAL - *sent)
		n = TOTAL - *sent;
	if (n > 0) {
		n = 1 + util_random((uint32_t)n);
		for (i = 0; i < n; i++)
			buf[i] = byte_at(*sent + i);
		relay_data(r, stream, buf, n);
		*sent += n;
	} else if (*sent == TOTAL)
		relay_end(r, stream, 0);
	if ((n = relay_pending(r, stream, &data)) > 0) {
		n = 1 + util_random((uint32_t)n);
		for (i = 0; i < n; i++)
			assert_int_equal(data[i], byte_at(*got + i));
		relay_delivered(r, stream, n);
		*got += n;
	}
	if (r->streams[stream].in_ended &&
	    relay_pending(r, stream, &data) == 0)
		relay_stop(r, stream, 0);
}

static void
test_both_ways(void **state)
{
	size_t	 sent[2] = { 0, 0 }, got[2] = { 0, 0 };
	int	 i, rounds = 0;

	(void)state;
	begin();
	i = relay_open(&near_end, RELAY_READ | RELAY_WRITE);
	assert_int_equal(i, 0);
	do {
		carry(&near_end, &far_end);
		carry(&far_end, &near_end);
		if (near_end.streams[0].phase == RELAY_RUNNING)
			move(&near_end, 0, &sent[0], &got[0]);
		if (far_end.streams[0].phase == RELAY_RUNNING)
			move(&far_end, 0, &sent[1], &got[1]);
		assert_true(++rounds < 100000);
	} while (near_end.streams[0].phase != RELAY_FREE ||
	    far_end.streams[0].phase != RELAY_FREE);
	assert_int_equal(got[0], TOTAL);
	assert_int_equal(got[1], TOTAL);
	assert_int_equal(relay_error(&near_end, 0), 0);
	end();
}

/* Eight streams, and no ninth. */
static void
test_streams(void **state)
{
	int	 i;

	(void)state;
	begin();
	for (i = 0; i < RELAY_STREAMS; i++)
		assert_int_equal(relay_open(&near_end, RELAY_READ), i);
	assert_int_equal(relay_open(&near_end, RELAY_READ), -1);
	assert_int_equal(errno, EAGAIN);
	end();
}

/* Make a stream that runs, to write for the far end or to read. */
static void
run(unsigned int access)
{
	begin();
	assert_int_equal(relay_open(&near_end, access), 0);
	while (near_end.streams[0].phase != RELAY_RUNNING) {
		carry(&near_end, &far_end);
		carry(&far_end, &near_end);
	}
}

/* Put a frame into an input.  As relay_next(). */
static int
say(struct relay *to, unsigned int type, const void *data, size_t len)
{
	struct relay_frame	 f;
	uint8_t			*space;
	size_t			 size;
	int			 n;

	space = relay_space(to, &size);
	memset(space, 0, RELAY_HEADER);
	space[0] = (uint8_t)type;
	space[6] = (uint8_t)(len >> 8);
	space[7] = (uint8_t)len;
	memcpy(space + RELAY_HEADER, data, len);
	relay_added(to, RELAY_HEADER + len);
	errno = 0;
	n = relay_next(to, &f);
	if (n == 1)
		assert_int_equal(relay_next(to, &f), 0);
	return n;
}

/* A window of DATA and no byte more, whether it is wanted or not. */
static void
test_window(void **state)
{
	static uint8_t	 data[RELAY_DATA_MAX];
	const uint8_t	*p;
	int		 i, wanted;

	(void)state;
	for (wanted = 0; wanted <= 1; wanted++) {
		run(RELAY_WRITE);
		if (!wanted)
			relay_stop(&near_end, 0, ENOSPC);
		for (i = 0; i < RELAY_WINDOW / RELAY_DATA_MAX; i++)
			assert_int_equal(say(&near_end, RELAY_DATA, data,
			    sizeof(data)), 1);
		assert_int_equal(relay_pending(&near_end, 0, &p),
		    wanted ? RELAY_WINDOW : 0);
		assert_int_equal(say(&near_end, RELAY_DATA, data, 1), -1);
		assert_int_equal(errno, EPROTO);
		end();
	}
	/* What is delivered and acknowledged may come again. */
	run(RELAY_WRITE);
	for (i = 0; i < 100; i++) {
		assert_int_equal(say(&near_end, RELAY_DATA, data,
		    sizeof(data)), 1);
		relay_delivered(&near_end, 0, relay_pending(&near_end, 0, &p));
		relay_delivered(&near_end, 0, relay_pending(&near_end, 0, &p));
		near_end.out_at = near_end.out_len;
		relay_fill(&near_end);
	}
	end();
}

/* An acknowledgment of more than was sent. */
static void
test_acknowledgments(void **state)
{
	static const uint8_t	 hundred[4] = { 0, 0, 0, 100 };
	static const uint8_t	 huge[4] = { 0xff, 0xff, 0xff, 0xff };

	(void)state;
	run(RELAY_READ);
	relay_data(&near_end, 0, "x", 1);
	assert_int_equal(say(&near_end, RELAY_ACK, hundred, 4), -1);
	assert_int_equal(errno, EPROTO);
	end();
	run(RELAY_READ);
	relay_data(&near_end, 0, near_end.in, 100);
	assert_int_equal(say(&near_end, RELAY_ACK, hundred, 4), 1);
	assert_int_equal(say(&near_end, RELAY_ACK, huge, 4), -1);
	end();
}

/* Nobody takes the output: no more DATA goes there, and nothing is lost. */
static void
test_output_is_full(void **state)
{
	uint8_t	 data[RELAY_DATA_MAX];
	size_t	 n, sum = 0;

	(void)state;
	memset(data, 0, sizeof(data));
	run(RELAY_READ);
	while ((n = relay_room(&near_end, 0)) > 0) {
		relay_data(&near_end, 0, data, n);
		sum += n;
		relay_fill(&near_end);
	}
	assert_true(sum <= RELAY_WINDOW);
	relay_end(&near_end, 0, EIO);
	relay_fill(&near_end);
	while (far_end.streams[0].in_ended == 0)
		carry(&near_end, &far_end);
	assert_int_equal(far_end.streams[0].len, sum);
	assert_int_equal(far_end.streams[0].in_error, EIO);
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_both_ways),
		UTIL_TEST(test_streams),
		UTIL_TEST(test_window),
		UTIL_TEST(test_acknowledgments),
		UTIL_TEST(test_output_is_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
