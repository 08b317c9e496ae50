/*
 * test_walk_broker.c: the walk of the worker with a broker that dies, is
 * hostile or sends attributes, and an archive that fails.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/trees.h"
#include "tests/unit/util.h"

/* The session ends after each of its results. */
static void
test_death(void **state)
{
	static const char *const names[] = { "d", "k", "d/s/g", NULL };
	size_t			 i, total;

	(void)state;
	trees_plant(2);
	assert_int_equal(trees_run(names), 0);
	total = fake.results;
	for (i = 0; i <= total; i++) {
		trees_plant(2);
		fake.dies_after = i;
		assert_int_equal(trees_run(names), -1);
		assert_non_null(strstr(buf_str(&archive.log),
		    "! 10 : the session is over: it died\n"));
	}
	trees_plant(2);
	fake.walk_errno = EPIPE;
	fake.why = "";
	assert_int_equal(trees_run(names), -1);
	trees_log("! 10 : the session is over: Broken pipe\n");
}

/* What cannot be stored or reported ends the run at once. */
static void
test_archive_fails(void **state)
{
	static const char *const names[] = { "d", "invalid", "nope", "k",
		"d/s/g", NULL };
	size_t			 i, total;

	(void)state;
	for (i = 0, total = NEVER; i < total; i++) {
		trees_plant(2);
		trees_at("d")->changes = true;
		trees_at("d/s/l")->skip = FDB_SKIP_EXCLUDED;
		trees_refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
		if (total == NEVER) {
			assert_int_equal(trees_run(names), 0);
			total = archive.calls;
			assert_int_equal(total, 10);
			continue;
		}
		archive.fails_after = i;
		assert_int_equal(trees_run(names), -1);
		assert_int_equal(archive.calls, i + 1);
	}
	buf_free(&archive.log);
}

#define START	{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR, \
		    .flags = FDB_ENTRY_ENTERED }
#define LEAVE	{ .kind = FDB_RESULT_WALK_LEAVE }
#define END	{ .kind = FDB_RESULT_WALK }
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Extended attributes come after their entry, which waits for them. */
static void
test_attributes(void **state)
{
#define FILE_WITH(n)	{ .kind = FDB_RESULT_WALK_ENTRY, .name = "f", \
			    .xattrs = n, .st = { .mode = S_IFREG | 0644 } }
#define ATTRIBUTE(e)	{ .kind = FDB_RESULT_WALK_XATTR, .name = "user.a", \
			    .value = "v", .length = 1, .error = e }
	static const struct fdb_result	 script[] = { START, FILE_WITH(2),
		ATTRIBUTE(0), ATTRIBUTE(EIO), FILE_WITH(0), LEAVE, END };
	static const struct fdb_result	 unasked[] = { START, ATTRIBUTE(0) };
	static const struct fdb_result	 missing[] = { START, FILE_WITH(2),
		ATTRIBUTE(0), LEAVE };
	static const char *const	 d[] = { "d", NULL };

	(void)state;
	trees_plant(4);
	fake.script = script;
	fake.nscript = COUNT(script);
	fake.fd_always = true;
	trees_walk(d, "d/\n! 1 d/f: its extended attribute user.a is not "
	    "stored: Input/output error\nd/f with attributes\nd/f\n");
	trees_script(unasked, COUNT(unasked),
	    "d/\n! 10 : the broker sent an attribute of nothing\n");
	trees_script(missing, COUNT(missing),
	    "d/\n! 10 : the broker answered out of order\n");
}

/* A broker that was taken over: an error, no fault, and no descriptor left. */
static void
test_hostile(void **state)
{
	static const struct fdb_result	 leaves[] = { START, LEAVE, LEAVE };
	static const struct fdb_result	 leave[] = { LEAVE };
	static const struct fdb_result	 within[] = { START, END };
	static const struct fdb_result	 order[] = { START,
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 } };
	static const struct fdb_result	 again[] = { START, LEAVE, END, END };
	static const struct fdb_result	 half[] = { START, LEAVE };
	struct fdb_result		 kind[] = { START, LEAVE };
	int				 i;

	(void)state;
	trees_script(leaves, COUNT(leaves),
	    "d/\n! 10 : the broker left a directory too many\n");
	trees_script(leave, COUNT(leave),
	    "! 10 : the broker left a directory too many\n");
	trees_script(within, COUNT(within),
	    "d/\n! 10 : the broker ended a walk within a directory\n");
	trees_script(order, COUNT(order),
	    "d/\n! 10 : the broker answered out of order\n");
	trees_script(again, COUNT(again),
	    "d/\n! 10 : the broker answered out of order\n");
	trees_script(half, COUNT(half),
	    "d/\n! 10 : the broker left requests unanswered\n");
	trees_script(half, 0,
	    "! 10 : the broker left requests unanswered\n");
	for (i = 0; i < 12; i++) {
		if (i == FDB_RESULT_WALK_XATTR)
			continue;	/* test_attributes() */
		kind[1].kind = (enum fdb_kind)i;
		if (i != FDB_RESULT_WALK_ENTRY && i != FDB_RESULT_WALK &&
		    i != FDB_RESULT_WALK_LEAVE &&
		    i != FDB_RESULT_WALK_SKIPPED)
			trees_script(kind, COUNT(kind), "d/\n! 10 : the "
			    "broker sent an unexpected result\n");
	}
}

/* A walk that was broken off says why, and the next one goes on. */
static void
test_broken_off(void **state)
{
	static const char *const names[] = { "d", "e", NULL };
	static const struct fdb_result script[] = { START,
		{ .kind = FDB_RESULT_WALK_ENTRY, .name = "s",
		    .st.mode = S_IFDIR, .flags = FDB_ENTRY_ENTERED },
		{ .kind = FDB_RESULT_WALK, .error = ENOMEM,
		    .reason = FDB_REASON_LIMIT },
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK, .cookie = 1 }
	};

	(void)state;
	trees_plant(4);
	fake.script = script;
	fake.nscript = COUNT(script);
	trees_walk(names, "d/\nd/s/\n! 1 d: a limit of the session is "
	    "reached: Cannot allocate memory\ne/\n");
}

/* Descriptors that nobody asked for are closed. */
static void
test_descriptors(void **state)
{
	static const char *const names[] = { "d", "nope", "d/s", "k", NULL };

	(void)state;
	trees_plant(2);
	fake.fd_always = true;
	trees_refuse("d/f", EACCES, FDB_REASON_KERNEL);
	trees_at("d/s/g")->skip = FDB_SKIP_EXCLUDED;
	trees_walk(names, "d/\n! 1 d/f: Permission denied\n"
	    "! 1 nope: No such file or directory\n"
	    "d/s/\n! 16 d/s/g: excluded\nd/s/l@\nk\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_death),
		UTIL_TEST(test_archive_fails),
		UTIL_TEST(test_attributes),
		UTIL_TEST(test_hostile),
		UTIL_TEST(test_broken_off),
		UTIL_TEST(test_descriptors)
	};
	int	 ret = cmocka_run_group_tests(tests, NULL, NULL);

	buf_free(&archive.log);
	return ret;
}
