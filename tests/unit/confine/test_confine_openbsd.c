/*
 * test_confine_openbsd.c: lib/confine/confine_openbsd.c, compiled with
 * stand-ins of unveil(2) and pledge(2): which calls it makes, in which order,
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

#include <cmocka.h>

#include "base/rights.h"
#include "client/fdbroker.h"
#include "confine/confine.h"
#include "tests/standin/standin.h"
#include "tests/unit/util.h"

#define BOTH	(FDB_CONFINED_PATHS | FDB_CONFINED_SYSCALLS)

static const struct confine_root	 roots[] = {
	{ .fd = 100, .may = RIGHTS_READ, .path = "/srv" },
	{ .fd = 101, .may = RIGHTS_READ | RIGHTS_IOCTL,
	    .path = "/dev/tape" },
	{ .fd = 102, .may = RIGHTS_WRITE, .path = "/var/spool" },
	{ .fd = 103, .may = RIGHTS_CREATE, .path = "/srv/in" },
	/* The same directory, for reading and for writing. */
	{ .fd = 104, .may = RIGHTS_WRITE, .path = "/srv" }
};

#define N_READING	2
#define N_WRITING	3
#define N_ALL		(sizeof(roots) / sizeof(roots[0]))

/* A kind that is not here fails test_kinds. */
static const struct expected {
	unsigned int	 done;
	size_t		 nroots;
	const char	*calls;
	const char	*warns;		/* the last line, without any layer */
} expected[CONFINE_NWHO] = {
	[CONFINE_WORKER] = { BOTH, 0,
	    "pledge(stdio recvfd; )\n",
	    "the worker lacks a layer of confinement: pledge" },
	[CONFINE_LISTENER] = { BOTH, 0,
	    "unveil(/, )\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio unix sendfd recvfd; )\n",
	    "the listener lacks a layer of confinement: pledge" },
	[CONFINE_OPENER] = { BOTH, N_READING,
	    "unveil(/srv, r)\n"
	    "unveil(/dev/tape, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath sendfd recvfd; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_WRITER] = { BOTH, N_ALL,
	    "unveil(/srv, rw)\n"
	    "unveil(/dev/tape, r)\n"
	    "unveil(/var/spool, rw)\n"
	    "unveil(/srv/in, rwc)\n"
	    "unveil(/srv, rw)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath wpath sendfd recvfd cpath; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_RESTORER] = { BOTH, 1,
	    "unveil(/srv, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath wpath dpath fattr chown flock sendfd "
	    "recvfd; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_SETID_RESTORER] = { BOTH, 0,
	    "unveil(/, )\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath wpath dpath fattr chown flock sendfd "
	    "recvfd; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_PRIVATE_SETID] = { BOTH, 1,
	    "unveil(/srv, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath wpath dpath fattr chown flock sendfd "
	    "recvfd; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_PRIVATE_RESTORER] = { BOTH, N_ALL,
	    "unveil(/srv, rw)\n"
	    "unveil(/dev/tape, r)\n"
	    "unveil(/var/spool, rw)\n"
	    "unveil(/srv/in, rwc)\n"
	    "unveil(/srv, rw)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath wpath dpath fattr chown flock sendfd "
	    "recvfd cpath; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_PRIVATE] = { BOTH, 1,
	    "unveil(/srv, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath sendfd recvfd; )\n",
	    "the opener lacks a layer of confinement: pledge" },
	[CONFINE_CONTROLLER] = { FDB_CONFINED_SYSCALLS, 0,
	    "pledge(stdio rpath cpath fattr getpw unix sendfd proc tty; )\n",
	    "the controller lacks a layer of confinement: pledge" },
	/* An opener begins without promises. */
	[CONFINE_SUPERVISOR] = { FDB_CONFINED_SYSCALLS, 0,
	    "pledge(stdio rpath wpath cpath fattr chown unix sendfd recvfd "
	    "proc exec; NULL)\n",
	    "the supervisor lacks a layer of confinement: pledge" },
	[CONFINE_NAMES] = { BOTH, 1,
	    "unveil(/srv, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath getpw unix inet dns proc; )\n",
	    "the names process lacks a layer of confinement: pledge" },
	[CONFINE_LOOKUP] = { BOTH, 1,
	    "unveil(/srv, r)\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath getpw unix inet dns; )\n",
	    "the lookup process lacks a layer of confinement: pledge" }
};

static int
enter(enum confine_who who, size_t nroots, bool optional, unsigned int *done,
    const char **layer)
{
	struct confine	 c = { .who = who, .roots = roots };

	c.nroots = nroots;
	c.optional = optional;
	*layer = "";
	*done = UINT32_MAX;
	return confine_enter(&c, done, layer);
}

/* The last call: after it nothing can be unveiled. */
static const char *
last_call(void)
{
	const char	*calls = standin_calls(), *last = calls, *p;

	for (p = calls; *p != '\0'; p++)
		if (*p == '\n' && p[1] != '\0')
			last = p + 1;
	return last;
}

static void
test_kinds(void **state)
{
	const struct expected	*e;
	unsigned int		 done;
	const char		*layer;
	int			 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		e = &expected[who];
		if (e->calls == NULL)
			fail_msg("kind %d: what it promises is not tested",
			    who);
		standin_reset();
		if (enter((enum confine_who)who, e->nroots, false, &done,
		    &layer) == -1)
			fail_msg("kind %d: %s: %s", who, layer,
			    strerror(errno));
		assert_string_equal(standin_calls(), e->calls);
		assert_int_equal(done, e->done);
		assert_true(strncmp(last_call(), "pledge(", 7) == 0);
		assert_null(strstr(last_call(), "unveil"));
	}
}

/* A writer gets no more promises than its roots need. */
static void
test_roots(void **state)
{
	unsigned int	 done;
	const char	*layer;

	(void)state;
	standin_reset();
	assert_int_equal(enter(CONFINE_WRITER, N_WRITING, false, &done,
	    &layer), 0);
	assert_string_equal(last_call(),
	    "pledge(stdio rpath wpath sendfd recvfd; )\n");
	/* Without any root there is nothing to see. */
	standin_reset();
	assert_int_equal(enter(CONFINE_OPENER, 0, false, &done, &layer), 0);
	assert_string_equal(standin_calls(),
	    "unveil(/, )\n"
	    "unveil(NULL, NULL)\n"
	    "pledge(stdio rpath sendfd recvfd; )\n");
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
		assert_int_equal(enter((enum confine_who)who,
		    expected[who].nroots, false, &done, &layer), 0);
		n = standin_count();
		for (i = 1; i <= n; i++) {
			standin_fail(i, EPERM);
			assert_int_equal(enter((enum confine_who)who,
			    expected[who].nroots, false, &done, &layer), -1);
			assert_int_equal(errno, EPERM);
			assert_int_equal(standin_count(), i);
			assert_string_equal(layer,
			    i == n ? "pledge" : "unveil");
			assert_false(done & FDB_CONFINED_SYSCALLS);
			/* The veil is in place if the process has one. */
			assert_int_equal(done, i == n && n > 1 ?
			    FDB_CONFINED_PATHS : 0);
		}
	}
}

/* Where a layer is optional, the other is put in place all the same. */
static void
test_optional(void **state)
{
	unsigned int	 done;
	const char	*layer;

	(void)state;
	standin_fail(1, ENOENT);
	assert_int_equal(enter(CONFINE_OPENER, N_READING, true, &done,
	    &layer), 0);
	assert_int_equal(done, FDB_CONFINED_SYSCALLS);
	assert_string_equal(standin_calls(),
	    "unveil(/srv, r)\n"
	    "pledge(stdio rpath sendfd recvfd; )\n");
	standin_fail(4, EPERM);
	assert_int_equal(enter(CONFINE_OPENER, N_READING, true, &done,
	    &layer), 0);
	assert_int_equal(done, FDB_CONFINED_PATHS);
	standin_fail(1, EPERM);
	assert_int_equal(enter(CONFINE_WORKER, 0, true, &done, &layer), 0);
	assert_int_equal(done, 0);
}

static void
test_fdb_confine(void **state)
{
	unsigned int	 done;

	(void)state;
	standin_reset();
	assert_int_equal(fdb_confine(&done), 0);
	assert_int_equal(done, BOTH);
	assert_string_equal(standin_calls(), expected[CONFINE_WORKER].calls);
	standin_fail(1, EPERM);
	assert_int_equal(fdb_confine(NULL), -1);
	assert_int_equal(errno, EPERM);
}

static void
test_words(void **state)
{
	char	 buf[80];
	int	 who;

	(void)state;
	for (who = 0; who < CONFINE_NWHO; who++) {
		confine_warn((enum confine_who)who, 0);
		assert_string_equal(util_logged(), expected[who].warns);
	}
	confine_warn(CONFINE_OPENER, FDB_CONFINED_SYSCALLS);
	assert_string_equal(util_logged(),
	    "the opener lacks a layer of confinement: unveil");
	/* Nothing is logged about a process that lacks nothing. */
	confine_warn(CONFINE_LISTENER, BOTH);
	confine_warn(CONFINE_WORKER, FDB_CONFINED_SYSCALLS);
	assert_string_equal(util_logged(),
	    "the opener lacks a layer of confinement: unveil");
	confine_describe(BOTH | FDB_CONFINED_CAPS, buf, sizeof(buf));
	assert_string_equal(buf, "unveil, pledge, privileges dropped");
	confine_describe(FDB_CONFINED_SYSCALLS, buf, sizeof(buf));
	assert_string_equal(buf, "pledge");
	confine_describe(FDB_CONFINED_NNP, buf, sizeof(buf));
	assert_string_equal(buf, "nothing");
	confine_describe(BOTH, buf, 8);
	assert_string_equal(buf, "unveil,");
}

/* Only layers that the system has count as missing. */
static void
test_full(void **state)
{
	(void)state;
	assert_int_equal(confine_full(CONFINE_LISTENER),
	    BOTH | FDB_CONFINED_CAPS);
	assert_int_equal(confine_full(CONFINE_SUPERVISOR),
	    FDB_CONFINED_SYSCALLS | FDB_CONFINED_CAPS);
	assert_int_equal(confine_extra(CONFINE_WORKER), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_kinds),
		UTIL_TEST(test_roots),
		UTIL_TEST(test_failures),
		UTIL_TEST(test_optional),
		UTIL_TEST(test_fdb_confine),
		UTIL_TEST(test_words),
		UTIL_TEST(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
