/*
 * test_revisit.c: directories that are looked at again, with a fake session:
 * what it asks for, what it reports, and a broker that answers nonsense.
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

#include "sandbox/revisit.h"
#include "tests/unit/util.h"

#define DIRS	3000

/* The session: requests and answers. */
static struct {
	struct buf		 asked;		/* names, a line each */
	uint64_t		 requests, answers;
	uint64_t		 window;
	struct fdb_result	 result;	/* of the directory `odd' */
	uint64_t		 odd;
	bool			 swaps;		/* answers out of order */
	bool			 stops;		/* leaves some unanswered */
	bool			 with_fd;
	const char		*why;
} fake;

static struct buf	 reported;
static struct paths	 ps;
static struct revisit	 revisit;

int
fdb_stat_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	(void)s;
	assert_int_equal(base, FDB_TOKEN_ROOT);
	if (fake.requests - fake.answers == fake.window) {
		errno = EAGAIN;
		return -1;
	}
	assert_int_equal(cookie, fake.requests++);
	return buf_printf(&fake.asked, "%s\n", name);
}

int
fdb_wait(struct fdb_session *s, struct fdb_result *r, int timeout_ms)
{
	(void)s;
	assert_int_equal(timeout_ms, -1);
	if (fake.why != NULL) {
		errno = EPIPE;
		return -1;
	}
	if (fake.answers == fake.requests ||
	    (fake.stops && fake.answers == fake.odd))
		return 0;
	memset(r, 0, sizeof(*r));
	if (fake.answers == fake.odd)
		*r = fake.result;
	r->kind = FDB_RESULT_STAT;
	r->fd = fake.with_fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
	r->name = r->link = r->where = "";
	r->cookie = fake.answers++ + fake.swaps;
	return 1;
}

const char *
fdb_session_error(const struct fdb_session *s)
{
	(void)s;
	return fake.why;
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *why)
{
	(void)c;
	return buf_printf(&reported, "! %d %s: %s\n", (int)kind, name, why);
}

int
create_no_memory(struct create *c)
{
	(void)c;
	fail_msg("out of memory");
	return -1;
}

static void
add(size_t path, const char *member)
{
	struct fdb_stat	 st;

	memset(&st, 0, sizeof(st));
	assert_int_equal(revisit_add(&revisit, &ps, path, member, &st), 0);
}

static void
begin(void)
{
	static const char *const paths[] = { "/a/b", "c", "." };
	char			 why[PATHS_WHY_MAX];
	size_t			 i;

	memset(&fake, 0, sizeof(fake));
	fake.window = 4;
	fake.odd = UINT64_MAX;
	revisit_init(&revisit);
	for (i = 0; i < 3; i++)
		assert_int_equal(paths_add(&ps, "/d", paths[i], why), 0);
}

static void
end(void)
{
	revisit_free(&revisit);
	paths_free(&ps);
	buf_free(&fake.asked);
	buf_free(&reported);
}

static int
run(void)
{
	size_t	 fds = util_count_fds();
	int	 ret = revisit_run(&revisit, NULL, NULL, &ps);

	assert_int_equal(util_count_fds(), fds);
	return ret;
}

static void
test_names(void **state)
{
	(void)state;
	begin();
	add(0, "a/b/x/y");
	add(0, "a/b/x");
	add(0, "a/b/xz");
	add(0, "a/b");
	add(1, "c");
	add(2, "e/f");
	add(2, ".");
	fake.with_fd = true;
	assert_int_equal(run(), 0);
	assert_string_equal(buf_str(&fake.asked), "/a/b/x/y\n/a/b/x\n"
	    "/a/b/xz\n/a/b\n/d/c\n/d/e/f\n/d\n");
	assert_string_equal(buf_str(&reported), "");
	end();
	begin();
	assert_int_equal(run(), 0);
	end();
}

static void
test_long(void **state)
{
	static char	 name[5000];

	(void)state;
	begin();
	memset(name, 'n', sizeof(name) - 1);
	memcpy(name, "a/b/", 4);
	add(0, name);
	add(0, "a/b");
	assert_int_equal(run(), 0);
	assert_string_equal(buf_str(&fake.asked), "/a/b\n");
	end();
}

/* One of many has changed, whatever the window is. */
static void
test_changed(void **state)
{
	static const struct {
		struct fdb_result	 result;
		const char		*want;
	} cases[] = {
		{ { .st.mtime = 1, .st.ctime = 1 }, "! 2 a/b/1777: names in "
		    "it were added or removed after it was stored\n" },
		{ { .st.ctime_nsec = 1 },
		    "! 2 a/b/1777: it changed after it was stored\n" },
		{ { .error = ENOENT, .reason = FDB_REASON_KERNEL },
		    "! 2 a/b/1777: it was moved or removed after it was "
		    "stored\n" },
		{ { .error = EACCES, .reason = FDB_REASON_KERNEL },
		    "! 2 a/b/1777: cannot tell whether it changed after it "
		    "was stored: Permission denied\n" },
		{ { .error = EACCES, .reason = FDB_REASON_POLICY },
		    "! 9 a/b/1777: cannot tell whether it changed after it "
		    "was stored: denied by policy\n" }
	};
	char	 name[32];
	size_t	 i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		fake.window = i == 0 ? 1 : i * 700;
		fake.odd = 1777;
		fake.result = cases[i].result;
		for (k = 0; k < DIRS; k++) {
			(void)snprintf(name, sizeof(name), "a/b/%zu", k);
			add(0, name);
		}
		assert_int_equal(run(), 0);
		assert_int_equal(fake.answers, DIRS);
		assert_string_equal(buf_str(&reported), cases[i].want);
		end();
	}
}

static void
test_hostile(void **state)
{
	(void)state;
	begin();
	add(0, "a/b");
	fake.swaps = true;
	assert_int_equal(run(), -1);
	assert_string_equal(buf_str(&reported),
	    "! 10 : the broker answered out of order\n");
	end();
	begin();
	add(0, "a/b");
	fake.stops = true;
	fake.odd = 0;
	assert_int_equal(run(), -1);
	assert_string_equal(buf_str(&reported),
	    "! 10 : the broker left requests unanswered\n");
	end();
	begin();
	add(0, "a/b");
	fake.why = "it died";
	assert_int_equal(run(), -1);
	assert_string_equal(buf_str(&reported),
	    "! 10 : the session is over: it died\n");
	end();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_names),
		UTIL_TEST(test_long),
		UTIL_TEST(test_changed),
		UTIL_TEST(test_hostile)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
