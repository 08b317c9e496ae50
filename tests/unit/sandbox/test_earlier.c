/*
 * test_earlier.c: the index of an earlier manifest finds every line, whatever
 * its length and order, and refuses what it cannot trust.
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

#include "sandbox/earlier.h"
#include "tests/unit/util.h"

#define HEAD	"#mtree\n#fdbackup format=1 began=5.000000006\n. type=dir\n"
#define LINES	50000

static char	 reported[1024];

/* In the place of reporter.c. */
int
reporter_reportf(struct reporter *rep, enum report_kind kind, const char *name,
    const char *fmt, ...)
{
	va_list	 ap;

	(void)rep;
	(void)name;
	assert_int_equal(kind, REPORT_FATAL);
	va_start(ap, fmt);
	(void)vsnprintf(reported, sizeof(reported), fmt, ap);
	va_end(ap);
	return 0;
}

int
reporter_no_memory(struct reporter *rep)
{
	return reporter_reportf(rep, REPORT_FATAL, "", "out of memory") - 1;
}

/* A file with this text; the caller closes it. */
static int
text_file(const void *text, size_t len)
{
	int	 fd;

	fd = open(util_path("manifest"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	return fd;
}

static int
try_load(const char *text, size_t len, bool foreign, uint64_t *count)
{
	struct earlier	*e;
	int		 fd = text_file(text, len), ret;

	reported[0] = '\0';
	assert_non_null(e = earlier_new("FILE"));
	ret = earlier_load(e, fd, foreign, NULL);
	*count = earlier_count(e);
	earlier_free(e);
	close(fd);
	return ret;
}

static void
refuse(const char *text, const char *why)
{
	uint64_t	 n;

	assert_int_equal(try_load(text, strlen(text), false, &n), -1);
	if (strncmp(reported, why, strlen(why)) != 0)
		fail_msg("got: %s, wanted: %s", reported, why);
}

static void
test_refused(void **state)
{
	static const char	 nul[] = HEAD "./a type=f\0ile\n#end 1\n";
	uint64_t		 n;

	(void)state;
	refuse("", "FILE:0: the manifest is empty");
	refuse("x\n", "FILE:1: this is neither");
	refuse("#mtree", "FILE:1: the manifest has no end");
	refuse("#mtree\n./a type=file\n", "FILE:2: the manifest does not say");
	refuse("#mtree\n#fdbackup format=2 q\n", "FILE:2: the manifest is of a "
	    "later version");
	refuse(HEAD "./a type=file\n", "FILE:4: the manifest has no end");
	refuse(HEAD "./a type=file\n#end 2\n", "FILE:5: the manifest is "
	    "damaged: lines are missing");
	refuse(HEAD "./a type=file\n#end x\n", "FILE:5: ");
	refuse(HEAD "#end 0\n./a type=file\n", "FILE:5: something follows");
	refuse(HEAD "what\n#end 0\n", "FILE:4: the manifest is damaged");
	refuse(HEAD "./a\n#end 1\n", "FILE:4: the manifest is damaged");
	refuse(HEAD "./\\101 type=file\n#end 1\n", "FILE:4: ");
	refuse(HEAD "./a\\ type=file\n#end 1\n", "FILE:4: ");
	refuse(HEAD "./a\\000b type=file\n#end 1\n", "FILE:4: ");
	refuse(HEAD ".x type=file\n#end 1\n", "FILE:4: ");
	assert_int_equal(try_load(nul, sizeof(nul) - 1, false, &n), -1);
	assert_string_equal(reported, "FILE:4: this is no text, or a line is "
	    "too long");
	/* Lines that we have made ourselves need neither head nor end. */
	assert_int_equal(try_load("./a type=file\n", 14, true, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(try_load("", 0, true, &n), 0);
}

/* A line that differs in length, and that can be longer than the window. */
static int
make_line(char *buf, size_t size, unsigned int i)
{
	int	 n;

	n = snprintf(buf, size, "./d%u/%u type=file size=%u link=", i % 100,
	    i, i);
	memset(buf + n, 'x', i == 777 ? 100000 : i % 50);
	n += i == 777 ? 100000 : (int)(i % 50);
	buf[n] = '\0';
	return n;
}

static void
test_many(void **state)
{
	static char	 line[200000];
	struct buf	 text = { NULL, 0, 0 };
	struct earlier	*e;
	const char	*found;
	earlier_at	 at;
	uint64_t	 pos = 0;
	unsigned int	 i, k;
	size_t		 len;
	int		 fd;

	(void)state;
	assert_int_equal(buf_puts(&text, HEAD), 0);
	for (i = 0; i < LINES; i++) {
		(void)make_line(line, sizeof(line), i);
		assert_int_equal(buf_puts(&text, line), 0);
		assert_int_equal(buf_putc(&text, '\n'), 0);
	}
	assert_int_equal(buf_printf(&text, "#end %d\n", LINES), 0);
	fd = text_file(text.data, text.len);
	assert_non_null(e = earlier_new("FILE"));
	assert_int_equal(earlier_load(e, fd, false, NULL), 0);
	assert_int_equal(earlier_count(e), LINES);
	assert_int_equal(earlier_head(e)->began, 5);
	assert_int_equal(earlier_head(e)->began_nsec, 6);
	/* In another order, too. */
	for (i = 0, k = 0; i < LINES; i++, k = (k + 7919) % LINES) {
		(void)make_line(line, sizeof(line), k);
		len = strcspn(line, " ");
		assert_int_equal(earlier_find(e, line, len, &at, &found), 1);
		assert_string_equal(found, line);
		assert_int_equal(earlier_flags(e, at), 0);
		if (k % 3 == 0)
			earlier_mark(e, at, EARLIER_SEEN);
	}
	assert_int_equal(earlier_find(e, "./q", 3, &at, &found), 0);
	for (i = 0; earlier_next(e, &pos, &at, &found) == 1; i++) {
		(void)make_line(line, sizeof(line), i);
		assert_string_equal(found, line);
		assert_int_equal(earlier_flags(e, at),
		    i % 3 == 0 ? EARLIER_SEEN : 0);
	}
	assert_int_equal(i, LINES);
	earlier_free(e);
	close(fd);
	buf_free(&text);
}

static void
test_twice(void **state)
{
	static const char	 text[] = HEAD "./a type=file size=1\n"
				    "./b type=file\n./a type=file size=2\n"
				    "#end 3\n";
	struct earlier		*e;
	const char		*found;
	earlier_at		 at;
	int			 fd;

	(void)state;
	fd = text_file(text, sizeof(text) - 1);
	assert_non_null(e = earlier_new("FILE"));
	assert_int_equal(earlier_load(e, fd, false, NULL), 0);
	assert_int_equal(earlier_count(e), 2);
	assert_int_equal(earlier_find(e, "./a", 3, &at, &found), 1);
	assert_int_equal(earlier_flags(e, at), EARLIER_TWICE);
	assert_int_equal(earlier_find(e, "./b", 3, &at, &found), 1);
	assert_int_equal(earlier_flags(e, at), 0);
	/* A file that changes later loses names, and gives no wrong ones. */
	assert_int_equal(ftruncate(fd, (off_t)strlen(HEAD)), 0);
	assert_int_equal(earlier_load(e, fd, true, NULL), 0);
	assert_int_equal(earlier_find(e, "./zz", 4, &at, &found), 0);
	earlier_free(e);
	close(fd);
}

/* All lines that earlier_next() has. */
static void
expect_lines(const char *text, bool foreign, const char *want)
{
	struct buf	 got = { NULL, 0, 0 };
	struct earlier	*e;
	const char	*line;
	earlier_at	 at;
	uint64_t	 pos = 0;
	int		 fd = text_file(text, strlen(text)), n;

	assert_non_null(e = earlier_new("FILE"));
	assert_int_equal(earlier_load(e, fd, foreign, NULL), 0);
	while ((n = earlier_next(e, &pos, &at, &line)) == 1)
		assert_int_equal(buf_printf(&got, "%s\n", line), 0);
	assert_int_equal(n, 0);
	assert_string_equal(buf_str(&got), want);
	buf_free(&got);
	earlier_free(e);
	close(fd);
}

/* Lines with one name have different lengths; none hides its neighbours. */
static void
test_repeated(void **state)
{
	static const char	 text[] = HEAD
				    "./a type=file size=1000000000\n"
				    "./b type=file\n./a type=file size=2\n"
				    "./c type=file\n./d type=file\n#end 5\n";

	(void)state;
	expect_lines(text, false, "./a type=file size=1000000000\n"
	    "./b type=file\n./c type=file\n./d type=file\n");
	expect_lines(text, true, "./b type=file\n./a type=file size=2\n"
	    "./c type=file\n./d type=file\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_refused),
		UTIL_TEST(test_many),
		UTIL_TEST(test_twice),
		UTIL_TEST(test_repeated)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
