/*
 * test_spool.c: lines in a temporary file.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/spool.h"
#include "tests/unit/util.h"

static void
spool_begin(struct spool *s)
{
	int	 fd;

	fd = open(util_path("spool"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	spool_init(s, fd);
}

static void
spool_end(struct spool *s)
{
	spool_clear(s);
	close(s->fd);
}

static void
test_lines(void **state)
{
	struct buf	 line = { NULL, 0, 0 };
	struct spool	 s;
	char		 text[64];
	int		 i, n;

	(void)state;
	spool_begin(&s);
	for (i = 0; i < 20000; i++) {
		n = snprintf(text, sizeof(text), "line %d\n", i);
		assert_int_equal(spool_write(&s, text, (size_t)n), 0);
	}
	assert_int_equal(spool_rewind(&s), 0);
	for (i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof(text), "line %d", i);
		assert_int_equal(spool_line(&s, &line), 1);
		assert_string_equal(buf_str(&line), text);
	}
	assert_int_equal(spool_line(&s, &line), 0);
	assert_int_equal(spool_line(&s, &line), 0);
	spool_end(&s);
	buf_free(&line);
}

static void
test_ends(void **state)
{
	struct buf	 line = { NULL, 0, 0 };
	struct spool	 s;

	(void)state;
	spool_begin(&s);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_line(&s, &line), 0);
	assert_int_equal(spool_reset(&s), 0);
	assert_int_equal(spool_write(&s, "\na", 2), 0);
	assert_int_equal(s.len, 2);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_line(&s, &line), 1);
	assert_string_equal(buf_str(&line), "");
	assert_int_equal(spool_line(&s, &line), 1);
	assert_string_equal(buf_str(&line), "a");
	assert_int_equal(spool_line(&s, &line), 0);
	spool_end(&s);
	buf_free(&line);
}

static void
test_reset(void **state)
{
	struct spool	 s;
	char		 text[8];

	(void)state;
	spool_begin(&s);
	assert_int_equal(spool_write(&s, "long", 4), 0);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_reset(&s), 0);
	assert_int_equal(s.len, 0);
	assert_int_equal(spool_write(&s, "x", 1), 0);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_read(&s, text, sizeof(text)), 1);
	assert_int_equal(text[0], 'x');
	assert_int_equal(spool_read(&s, text, sizeof(text)), 0);
	spool_end(&s);
}

static void
test_max(void **state)
{
	struct spool	 s;

	(void)state;
	spool_begin(&s);
	s.max = 6;
	assert_int_equal(spool_write(&s, "four", 4), 0);
	assert_int_equal(spool_write(&s, "any", 3), -1);
	assert_int_equal(errno, EFBIG);
	s.max = 2;
	assert_int_equal(spool_write(&s, "x", 1), -1);
	assert_int_equal(errno, EFBIG);
	s.max = UINT64_MAX;
	assert_int_equal(spool_added(&s, UINT64_MAX), -1);
	assert_int_equal(errno, EFBIG);
	spool_end(&s);
}

static void
test_no_text(void **state)
{
	static char	 chunk[65536];
	struct buf	 line = { NULL, 0, 0 };
	struct spool	 s;
	int		 i;

	(void)state;
	spool_begin(&s);
	assert_int_equal(spool_write(&s, "a\0b\n", 4), 0);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_line(&s, &line), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(spool_reset(&s), 0);
	memset(chunk, 'x', sizeof(chunk));
	for (i = 0; i < 40; i++)
		assert_int_equal(spool_write(&s, chunk, sizeof(chunk)), 0);
	assert_int_equal(spool_rewind(&s), 0);
	assert_int_equal(spool_line(&s, &line), -1);
	assert_int_equal(errno, EPROTO);
	spool_end(&s);
	buf_free(&line);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_lines),
		UTIL_TEST(test_ends),
		UTIL_TEST(test_reset),
		UTIL_TEST(test_max),
		UTIL_TEST(test_no_text)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
