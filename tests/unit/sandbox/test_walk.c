/*
 * test_walk.c: the walk of the worker over fake trees: order, paths within each
 * other, and what cannot be read.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/trees.h"
#include "tests/unit/util.h"

static void
expect(struct buf *b, const char *dir, const struct tree_file *f,
    const char *suffix)
{
	assert_int_equal(buf_printf(b, "%s%s%s%s\n", dir,
	    dir[0] != '\0' ? "/" : "", f->name, suffix), 0);
}

/* The order that walk.h promises. */
static void
expect_dir(struct buf *b, const struct tree_file *dir, const char *name)
{
	const struct tree_file *f;
	char			 path[512];

	assert_int_equal(buf_printf(b, "%s/\n", name), 0);
	if (strcmp(name, ".") == 0)
		name = "";
	for (f = dir->child; f != NULL; f = f->next) {
		if (!S_ISDIR(f->mode))
			expect(b, name, f, S_ISREG(f->mode) ? "" : "@");
	}
	for (f = dir->child; f != NULL; f = f->next) {
		if (!S_ISDIR(f->mode))
			continue;
		(void)snprintf(path, sizeof(path), "%s%s%s", name,
		    name[0] != '\0' ? "/" : "", f->name);
		expect_dir(b, f, path);
	}
}

static void
test_order(void **state)
{
	static const char *const names[] = { "/", NULL };
	struct buf		 want = { NULL, 0, 0 };
	struct tree_file 	*root;
	size_t			 tree;

	(void)state;
	for (tree = 0; tree < 20; tree++) {
		trees_reset(4);
		fake.root = root = trees_file(NULL, "", S_IFDIR);
		trees_grow(root, 6);
		buf_cut(&want, 0);
		expect_dir(&want, root, ".");
		trees_walk(names, buf_str(&want));
	}
	buf_free(&want);
}

static void
test_paths(void **state)
{
	static const char *const some[] = { "k", "d/s", "d/f", "e", NULL };
	static const char *const inner[] = { "d", "k", "d/s/g", NULL };
	static const char *const first[] = { "d/s/g", "d", NULL };
	static const char *const dirs[] = { "/", "d", "d/s", NULL };
	static const char *const twice[] = { "e", "k", "e", NULL };
	size_t			 window;

	(void)state;
	for (window = 1; window < 5; window++) {
		trees_plant(window);
		trees_walk(some,
		    "k\nd/s/\nd/s/g\nd/s/l@\nd/f\ne/\ne/h\n");
		/* A path that is beneath another is stored once. */
		trees_plant(window);
		trees_walk(inner, "d/\nd/f\nd/s/\nd/s/l@\nk\nd/s/g\n");
		trees_plant(window);
		trees_walk(first, "d/s/g\nd/\nd/f\nd/s/\nd/s/l@\n");
		trees_plant(window);
		trees_walk(dirs, "./\nk\ne/\ne/h\nd/\nd/f\n"
		    "d/s/\nd/s/g\nd/s/l@\n");
		trees_plant(window);
		trees_walk(twice, "e/\ne/h\nk\n");
	}
}

/* What is within a path that comes later is reported with it, not twice. */
static void
test_inner_reports(void **state)
{
	static const char *const dirs[] = { "d", "d/s", NULL };

	(void)state;
	trees_plant(4);
	trees_refuse("d/s/g", EACCES, FDB_REASON_KERNEL);
	trees_at("d/s/l")->skip = FDB_SKIP_EXCLUDED;
	trees_at("d/s")->changes = true;
	trees_walk(dirs, "d/\nd/f\nd/s/\n! 1 d/s/g: Permission denied\n"
	    "! 16 d/s/l: excluded\n! 2 d/s: names in it were added or removed "
	    "while it was read\n");
	trees_plant(4);
	trees_refuse("d/s", EACCES, FDB_REASON_POLICY);
	trees_walk(dirs,
	    "d/\nd/f\n! 4 d/s: denied by policy\nd/s/\n");
	trees_plant(4);
	trees_refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	trees_walk(dirs, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\n");
}

static void
test_errors(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const two[] = { "nope", "e/h", NULL };
	static const char *const none[] = { "nope", NULL };
	static const char *const f[] = { "d/f", "k", NULL };

	(void)state;
	trees_plant(4);
	trees_walk(two, "! 1 nope: No such file or directory\ne/h\n");
	trees_plant(4);
	trees_walk(none, "! 1 nope: No such file or directory\n");
	/* One file cannot be read, another is gone. */
	trees_plant(4);
	trees_refuse("d/f", EACCES, FDB_REASON_KERNEL);
	trees_refuse("d/s/g", ENOENT, FDB_REASON_KERNEL);
	trees_walk(d, "d/\n! 1 d/f: Permission denied\nd/s/\n"
	    "! 15 d/s/g: No such file or directory\nd/s/l@\n");
	/* Not even its type is known. */
	trees_plant(4);
	trees_refuse("d/s", EIO, FDB_REASON_KERNEL);
	trees_at("d/s")->mode = 0;
	trees_walk(d, "d/\nd/f\n! 1 d/s: Input/output error\n");
	/* An unreadable directory is stored; one that is gone is not. */
	trees_plant(4);
	trees_refuse("d/s", EACCES, FDB_REASON_KERNEL);
	trees_walk(d, "d/\nd/f\n! 1 d/s: Permission denied\nd/s/\n");
	trees_plant(4);
	trees_refuse("d/s", ENOENT, FDB_REASON_KERNEL);
	trees_walk(d, "d/\nd/f\n! 15 d/s: No such file or directory\n");
	/* The start itself. */
	trees_plant(4);
	trees_refuse("d", EACCES, FDB_REASON_KERNEL);
	trees_walk(d, "! 1 d: Permission denied\nd/\n");
	trees_plant(4);
	trees_refuse("d/f", EMFILE, FDB_REASON_LIMIT);
	trees_walk(f, "! 1 d/f: a limit of the session is reached: "
	    "Too many open files\nk\n");
}

/* A directory that is not read to its end: what came before is stored. */
static void
test_leave(void **state)
{
	static const char *const names[] = { "d", "e", NULL };
	static const char *const root[] = { "/", NULL };
	static const uint64_t	 one = 1, four = 4;

	(void)state;
	trees_plant(4);
	archive.left = &four;
	trees_walk(root, "./\nk\nd/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "e/\ne/h\n");
	trees_plant(4);
	archive.left = &one;
	trees_refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	trees_refuse_rest("e", ENOENT, FDB_REASON_KERNEL);
	trees_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\ne/\ne/h\n"
	    "! 15 e: No such file or directory\n");
	/* The policy changed. */
	trees_plant(4);
	trees_refuse_rest("d/s", EACCES, FDB_REASON_POLICY);
	trees_refuse_rest("d", EACCES, FDB_REASON_POLICY);
	trees_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 3 d/s: denied by policy\n! 3 d: denied by policy\n"
	    "e/\ne/h\n");
	/* Names came or went. */
	trees_plant(4);
	trees_at("d/s")->changes = trees_at("e")->changes = true;
	trees_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 2 d/s: names in it were added or removed while it was read\n"
	    "e/\ne/h\n"
	    "! 2 e: names in it were added or removed while it was read\n");
	trees_plant(4);
	trees_at("e")->hides = true;
	trees_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "e/\ne/h\n! 2 e: it changed while it was read\n");
	trees_plant(4);
	trees_at("")->changes = true;
	trees_walk(root, "./\nk\nd/\nd/f\nd/s/\nd/s/g\nd/s/l@\ne/\ne/h\n"
	    "! 2 .: names in it were added or removed while it was read\n");
}

static void
test_denied(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const f[] = { "d/f", NULL };

	(void)state;
	trees_plant(4);
	trees_refuse("d/f", EACCES, FDB_REASON_POLICY);
	trees_walk(d, "d/\n! 3 d/f: denied by policy\n"
	    "d/s/\nd/s/g\nd/s/l@\n");
	trees_plant(4);
	trees_refuse("d/f", EACCES, FDB_REASON_POLICY);
	trees_walk(f, "! 4 d/f: denied by policy\n");
}

/* Hidden names are told with the directory, where it is stored. */
static void
test_hidden(void **state)
{
	static const char *const dirs[] = { "d", "d/s", NULL };

	(void)state;
	trees_plant(4);
	trees_at("d")->hidden = 3;
	trees_at("d/s")->hidden = 1;
	trees_at("d/s")->changes = true;
	trees_walk(dirs, "d/\nd/f\n! 14 d: 3\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 2 d/s: names in it were added or removed while it was read\n"
	    "! 14 d/s: 1\n");
	/* Also if the rest could not be read. */
	trees_plant(4);
	trees_at("d/s")->hidden = 2;
	trees_refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	trees_walk(dirs, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\n! 14 d/s: 2\n");
}

/* A socket that is asked for by its name is missing. */
static void
test_socket(void **state)
{
	static const char *const k[] = { "k", NULL };
	static const char *const root[] = { "e", NULL };

	(void)state;
	trees_plant(4);
	trees_at("k")->mode = trees_at("e/h")->mode = S_IFSOCK;
	trees_walk(k, "! 1 k: sockets cannot be stored\n");
	trees_plant(4);
	trees_at("e/h")->mode = S_IFSOCK;
	trees_walk(root, "e/\ne/h@\n");
}

static void
test_skipped(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const both[] = { "d", "d/s", NULL };

	(void)state;
	trees_plant(4);
	trees_at("d/f")->skip = trees_at("d/s")->skip = FDB_SKIP_EXCLUDED;
	trees_at("d/s")->mode = trees_at("d/f")->mode = 0;
	trees_walk(d, "d/\n! 16 d/f: excluded\n! 16 d/s: excluded\n");
	/* A mount point is a directory, or a file. */
	trees_plant(4);
	trees_at("d/f")->skip = trees_at("d/s")->skip = FDB_SKIP_ONE_FS;
	trees_walk(d, "d/\n! 5 d/f: it is on another file system\n"
	    "d/s/\n! 5 d/s: it is on another file system\n");
	trees_plant(4);
	trees_at("d/s")->skip = FDB_SKIP_PSEUDO;
	trees_walk(d, "d/\nd/f\nd/s/\n! 5 d/s: it is a file system of the "
	    "kernel's, not of files; name it to store it\n");
	trees_plant(4);
	trees_at("d/f")->skip = FDB_SKIP_PSEUDO + 1;
	trees_walk(both, "d/\n! 5 d/f: skipped\nd/s/\nd/s/g\nd/s/l@\n");
	/* The rest of a directory, also of one that is a path itself. */
	trees_plant(4);
	(void)strlcpy(trees_at("d/s/l")->name, "",
	    sizeof(trees_at("d/s/l")->name));
	trees_find(fake.root, "d/s")->last->skip = FDB_SKIP_TAGGED;
	trees_find(fake.root, "d/s")->last->mode = 0;
	trees_walk(both, "d/\nd/f\nd/s/\nd/s/g\n"
	    "! 16 d/s: its contents are left out: it has a tag\n");
	trees_plant(4);
	(void)strlcpy(trees_at("d/f")->name, "", sizeof(trees_at("d/f")->name));
	trees_find(fake.root, "d")->child->skip = FDB_SKIP_TAGGED;
	trees_find(fake.root, "d")->child->mode = 0;
	trees_walk(both, "d/\n"
	    "! 16 d: its contents are left out: it has a tag\n"
	    "d/s/\nd/s/g\nd/s/l@\n");
}

/* A mount point that is a path itself is not reported: it is stored later. */
static void
test_skipped_path(void **state)
{
	static const char *const names[] = { "d", "d/s", NULL };
	static const struct fdb_result script[] = {
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED },
		{ .kind = FDB_RESULT_WALK_SKIPPED, .name = "s",
		    .st.mode = S_IFDIR, .skip = FDB_SKIP_PSEUDO },
		{ .kind = FDB_RESULT_WALK_LEAVE },
		{ .kind = FDB_RESULT_WALK },
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK, .cookie = 1 }
	};

	(void)state;
	trees_plant(4);
	fake.script = script;
	fake.nscript = sizeof(script) / sizeof(script[0]);
	trees_walk(names, "d/\nd/s/\n");
}

#define DEPTH	5000

/* Names may be longer than PATH_MAX. */
static void
test_deep(void **state)
{
	static const char *const names[] = { "x", "y", NULL };
	struct tree_file 	*f;
	size_t			 i;

	(void)state;
	trees_reset(4);
	fake.root = trees_file(NULL, "", S_IFDIR);
	f = trees_file(fake.root, "x", S_IFDIR);
	for (i = 1; i < DEPTH; i++)
		f = trees_file(f, "x", S_IFDIR);
	(void)trees_file(f, "end", S_IFREG);
	(void)trees_file(trees_at("x/x"), "last", S_IFDIR);
	(void)trees_file(fake.root, "y", S_IFREG);
	trees_refuse("x/x/last", EACCES, FDB_REASON_KERNEL);
	archive.quiet = true;
	trees_walk(names, "! 1 x/x/last: Permission denied\n");
	assert_int_equal(archive.longest, 2 * DEPTH + strlen("end"));
	/* All directories, two files, the last one, and its report. */
	assert_int_equal(archive.calls, DEPTH + 4);
}

static void
test_many_paths(void **state)
{
	static char	 text[1000][16];
	const char	*names[1000];
	struct buf	 want = { NULL, 0, 0 };
	size_t		 i, window;

	(void)state;
	for (window = 1; window <= TREES_QUEUE_MAX; window = window * 2 + 1) {
		trees_reset(window);
			buf_cut(&want, 0);
		fake.root = trees_file(NULL, "", S_IFDIR);
		for (i = 0; i < 1000; i++) {
			(void)snprintf(text[i], sizeof(text[i]), "%zu",
			    (i * 617) % 1000);
			names[i] = text[i];
			if (i % 10 == 3) {
				assert_int_equal(buf_printf(&want, "! 1 %s: "
				    "No such file or directory\n", names[i]),
				    0);
				continue;
			}
			(void)trees_file(fake.root, names[i], S_IFREG);
			assert_int_equal(buf_printf(&want, "%s\n", names[i]),
			    0);
		}
		assert_int_equal(trees_run_paths(names, 1000), 0);
		trees_log(buf_str(&want));
	}
	buf_free(&want);
}

/* Paths that the library refuses are reported in their turn. */
static void
test_refused_paths(void **state)
{
	static char		 a[5001], b[5001];
	static const char *const want =
	    "! 1 invalid-1: Invalid argument\nk\n"
	    "! 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: File name too long\n"
	    "! 1 invalid-2: Invalid argument\n"
	    "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 nope: No such file or directory\n"
	    "! 1 invalid-3: Invalid argument\ne/h\n"
	    "! 1 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: File name too long\n";
	const char *const	 names[] = { "invalid-1", "k", a, "invalid-2",
		"d", "nope", "invalid-3", "e/h", b, NULL };
	const char *const	 only[] = { "invalid-1", "invalid-2", NULL };
	size_t			 window;

	(void)state;
	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	for (window = 1; window < 9; window++) {
		trees_plant(window);
		trees_walk(names, want);
	}
	trees_plant(4);
	trees_walk(only, "! 1 invalid-1: Invalid argument\n"
	    "! 1 invalid-2: Invalid argument\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_paths),
		UTIL_TEST(test_inner_reports),
		UTIL_TEST(test_errors),
		UTIL_TEST(test_leave),
		UTIL_TEST(test_denied),
		UTIL_TEST(test_hidden),
		UTIL_TEST(test_socket),
		UTIL_TEST(test_skipped),
		UTIL_TEST(test_skipped_path),
		UTIL_TEST(test_deep),
		UTIL_TEST(test_many_paths),
		UTIL_TEST(test_refused_paths)
	};
	int	 ret = cmocka_run_group_tests(tests, NULL, NULL);

	buf_free(&archive.log);
	return ret;
}
