/*
 * test_confine_freebsd.c: lib/confine/confine_freebsd.c, compiled with
 * stand-ins of Capsicum and procctl(2): which calls it makes, in which order,
 * for each kind of process.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sys/capsicum.h>

#include <cmocka.h>

#include "base/rights.h"
#include "client/fdbroker.h"
#include "confine/confine.h"
#include "tests/standin/standin.h"
#include "tests/unit/util.h"

#define EVERYBODY	(FDB_CONFINED_NNP | FDB_CONFINED_NODUMP)
#define ALL		(EVERYBODY | FDB_CONFINED_PATHS | \
			    FDB_CONFINED_SYSCALLS)

static const struct confine_root	 roots[] = {
	{ .fd = 100, .may = RIGHTS_READ, .path = "/srv" },
	{ .fd = 101, .may = RIGHTS_READ | RIGHTS_IOCTL,
	    .path = "/dev/tape" },
	{ .fd = 102, .may = RIGHTS_WRITE, .path = "/var/spool" },
	{ .fd = 103, .may = RIGHTS_CREATE, .path = "/srv/in" }
};

#define N_READING	2
#define N_ALL		(sizeof(roots) / sizeof(roots[0]))

#define FIRST \
	"procctl(self, no new privileges)\n" \
	"procctl(self, no trace)\n"
#define STDIO	"caph_limit_stdio()\n"
#define MODE	"cap_enter()\ncap_getmode()\n"
#define READING \
	"cap_rights_limit(100, READ SEEK MMAP LOOKUP FCNTL FSTAT EVENT)\n" \
	"cap_fcntls_limit(100, GETFL)\n" \
	"cap_rights_limit(101, READ SEEK MMAP LOOKUP FCNTL FSTAT EVENT " \
	"IOCTL)\n" \
	"cap_fcntls_limit(101, GETFL)\n"
#define WRITING \
	"cap_rights_limit(102, READ WRITE SEEK MMAP FSYNC FTRUNCATE LOOKUP " \
	"FCNTL FSTAT EVENT)\n" \
	"cap_fcntls_limit(102, GETFL)\n" \
	"cap_rights_limit(103, READ WRITE SEEK MMAP CREATE FSYNC FTRUNCATE " \
	"LOOKUP FCNTL FSTAT EVENT)\n" \
	"cap_fcntls_limit(103, GETFL)\n"

/* A kind that is not here fails test_kinds. */
static const struct expected {
	size_t		 nroots;
	const char	*calls;
	const char	*warns;		/* the last line, without any layer */
} expected[CONFINE_NWHO] = {
	[CONFINE_WORKER] = { 0, FIRST MODE,
	    "the worker lacks a layer of confinement: capability mode" },
	[CONFINE_LISTENER] = { 0, FIRST STDIO MODE,
	    "the listener lacks a layer of confinement: capability mode" },
	[CONFINE_OPENER] = { N_READING, FIRST READING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_WRITER] = { N_ALL, FIRST READING WRITING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_RESTORER] = { N_ALL, FIRST READING WRITING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_SETID_RESTORER] = { N_ALL, FIRST READING WRITING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_PRIVATE_SETID] = { N_READING, FIRST READING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_PRIVATE_RESTORER] = { N_ALL, FIRST READING WRITING STDIO
	    MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	[CONFINE_PRIVATE] = { N_READING, FIRST READING STDIO MODE,
	    "the opener lacks a layer of confinement: capability mode" },
	/* These open what their users may. */
	[CONFINE_CONTROLLER] = { 0, FIRST,
	    "the controller lacks a layer of confinement: not traceable" },
	[CONFINE_SUPERVISOR] = { 0, FIRST,
	    "the supervisor lacks a layer of confinement: not traceable" },
	[CONFINE_NAMES] = { 0, FIRST,
	    "the names process lacks a layer of confinement: not traceable" },
	[CONFINE_LOOKUP] = { 0, FIRST,
	    "the lookup process lacks a layer of confinement: not traceable" },
	[CONFINE_CONNECTOR] = { 0, FIRST,
	    "the connector lacks a layer of confinement: not traceable" }
};

static int
enter(enum confine_who who, bool optional, unsigned int *done,
    const char **layer)
{
	struct confine	 c = { .who = who, .roots = roots };

	c.nroots = expected[who].nroots;
	c.optional = optional;
	*layer = "";
	*done = UINT32_MAX;
	return confine_enter(&c, done, layer);
}

static void
test_kinds(void **state)
{
	unsigned int	 done;
	const char	*layer;
	int		 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		if (expected[who].calls == NULL)
			fail_msg("kind %d: its layers are not tested", who);
		standin_reset();
		if (enter((enum confine_who)who, false, &done, &layer) == -1)
			fail_msg("kind %d: %s: %s", who, layer,
			    strerror(errno));
		assert_string_equal(standin_calls(), expected[who].calls);
		assert_int_equal(done, strcmp(expected[who].calls,
		    FIRST) == 0 ? EVERYBODY : ALL);
	}
}

/* The layer that the nth of count calls belongs to. */
static const char *
layer_of(size_t nth, size_t count)
{
	return nth == 1 ? "no_new_privs" : nth == 2 ? "not traceable" :
	    nth > count - 2 ? "capability mode" : "rights of the roots";
}

/* Each call fails once: the start fails, and nothing is called after it. */
static void
test_failures(void **state)
{
	unsigned int	 done;
	const char	*layer;
	size_t		 i, n;
	int		 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		standin_reset();
		assert_int_equal(enter((enum confine_who)who, false, &done,
		    &layer), 0);
		n = standin_count();
		for (i = 1; i <= n; i++) {
			standin_fail(i, EPERM);
			assert_int_equal(enter((enum confine_who)who, false,
			    &done, &layer), -1);
			assert_int_equal(errno, EPERM);
			assert_int_equal(standin_count(), i);
			assert_string_equal(layer, layer_of(i, n));
			assert_false(done & FDB_CONFINED_SYSCALLS);
		}
	}
}

/* Where a layer is optional, the others are put in place all the same. */
static void
test_optional(void **state)
{
	unsigned int	 done;
	const char	*layer;
	size_t		 i;

	(void)state;
	for (i = 1; i <= 9; i++) {
		standin_fail(i, ENOSYS);
		assert_int_equal(enter(CONFINE_OPENER, true, &done, &layer),
		    0);
		assert_int_equal(done, i == 1 ? ALL & ~FDB_CONFINED_NNP :
		    i == 2 ? ALL & ~FDB_CONFINED_NODUMP :
		    i <= 7 ? ALL & ~FDB_CONFINED_PATHS :
		    ALL & ~(FDB_CONFINED_PATHS | FDB_CONFINED_SYSCALLS));
	}
}

/* A mode that the kernel does not confirm counts as missing. */
static void
test_unconfirmed(void **state)
{
	unsigned int	 done;
	const char	*layer;
	int		 ret;

	(void)state;
	standin_reset();
	standin_cap_mode = 0;
	ret = enter(CONFINE_LISTENER, false, &done, &layer);
	standin_cap_mode = 1;
	assert_int_equal(ret, -1);
	assert_int_equal(errno, EPERM);
	assert_string_equal(layer, "capability mode");
}

static void
test_fdb_confine(void **state)
{
	unsigned int	 done;

	(void)state;
	standin_reset();
	assert_int_equal(fdb_confine(&done), 0);
	assert_int_equal(done, ALL);
	assert_string_equal(standin_calls(), expected[CONFINE_WORKER].calls);
	standin_fail(3, ENOSYS);
	assert_int_equal(fdb_confine(NULL), -1);
	assert_int_equal(errno, ENOSYS);
}

static void
test_words(void **state)
{
	char	 buf[120];
	int	 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		confine_warn((enum confine_who)who, 0);
		assert_string_equal(util_logged(), expected[who].warns);
	}
	confine_warn(CONFINE_OPENER, ALL & ~FDB_CONFINED_PATHS);
	assert_string_equal(util_logged(),
	    "the opener lacks a layer of confinement: rights of the roots");
	confine_warn(CONFINE_LISTENER, ALL);
	assert_string_equal(util_logged(),
	    "the opener lacks a layer of confinement: rights of the roots");
	confine_describe(ALL | FDB_CONFINED_CAPS, buf, sizeof(buf));
	assert_string_equal(buf, "no_new_privs, not traceable, "
	    "rights of the roots, capability mode, privileges dropped");
	confine_describe(FDB_CONFINED_CLONE, buf, sizeof(buf));
	assert_string_equal(buf, "nothing");
	confine_describe(FDB_CONFINED_SYSCALLS, buf, 11);
	assert_string_equal(buf, "capability");
}

/* Only layers that the system has count as missing. */
static void
test_full(void **state)
{
	(void)state;
	assert_int_equal(confine_full(CONFINE_LISTENER),
	    ALL | FDB_CONFINED_CAPS);
	assert_int_equal(confine_full(CONFINE_SUPERVISOR),
	    EVERYBODY | FDB_CONFINED_CAPS);
	assert_int_equal(confine_extra(CONFINE_WORKER), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_kinds),
		UTIL_TEST(test_failures),
		UTIL_TEST(test_optional),
		UTIL_TEST(test_unconfirmed),
		UTIL_TEST(test_fdb_confine),
		UTIL_TEST(test_words),
		UTIL_TEST(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
