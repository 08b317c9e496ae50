/*
 * test_walk_flags.c: WALK in the opener does what each of its flags says.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/tables.h"
#include "tests/unit/util.h"
#include "tests/unit/walking.h"

static void
test_exclude(void **state)
{
	struct how	 h = { .exclude = { "*.o", "/cache", "obj/",
			    "main.c/", "/main.c" } };

	(void)state;
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "skip /src/main.o excluded");
	lines_expect(&got, "skip /src/obj excluded");
	lines_expect(&got, "skip /cache excluded");
	lines_expect(&got, "/src/main.c 100644  open 0");
	lines_expect(&got, "/link 120777 src - 0");
	assert_int_equal(place.entries, 10);

	/* Patterns that nobody can use. */
	memset(&h, 0, sizeof(h));
	h.exclude[0] = "[";
	assert_int_equal(walking_tree(&h), EINVAL);
	h.exclude[0] = "/";
	assert_int_equal(walking_tree(&h), EINVAL);
	h.exclude[0] = "a//b";
	assert_int_equal(walking_tree(&h), EINVAL);
	h.exclude[0] = NULL;
	h.present[0] = "a/b";
	assert_int_equal(walking_tree(&h), EINVAL);
	h.present[0] = "..";
	assert_int_equal(walking_tree(&h), EINVAL);
	client_end(&client);
	lines_free(&got);
}

static void
test_tags(void **state)
{
	struct how	 h = { .flags = FDB_WALK_CACHEDIR,
			    .present = { ".nobackup" } };
	static const char *const rules[] = {
		"+tree", "-tree/cache/CACHEDIR.TAG", "-tree/tmp/.nobackup",
		NULL
	};

	(void)state;
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/cache/CACHEDIR.TAG 100644  open 0");
	lines_expect(&got, "skip /cache/ tagged");
	lines_expect(&got, "/tmp/.nobackup 100644  open 0");
	lines_expect(&got, "skip /tmp/ tagged");
	lines_expect(&got, "/fake/data 100644  open 0");
	assert_false(lines_have(&got, "/cache/data 100644  open 0"));
	assert_false(lines_have(&got, "/tmp/x 100644  open 0"));
	client_end(&client);

	/* A tag that the policy hides shows nothing about itself. */
	client_start(&client, client_role(rules), false);
	h.name = NULL;
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/cache/data 100644  open 0");
	lines_expect(&got, "/tmp/x 100644  open 0");
	assert_int_equal(place.hidden, 2);
	client_end(&client);
	lines_free(&got);
}

static void
test_since(void **state)
{
	static const struct timespec	 old[2] = { { 1000, 5 }, { 1000, 5 } };
	struct how	 h = { .flags = FDB_WALK_SINCE, .since = 1000 };
	struct stat	 st;

	(void)state;
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	assert_return_code(utimensat(AT_FDCWD, util_path("tree/src/main.c"),
	    old, 0), errno);
	/* The time of the status change still is new. */
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  open 0");
	assert_return_code(stat(util_path("tree/src/main.c"), &st), errno);
	h.since = st.st_ctim.tv_sec;
	h.since_nsec = (uint32_t)st.st_ctim.tv_nsec;
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  open 0");
	h.since = st.st_ctim.tv_sec + 3600;
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  unchanged 0");
	assert_int_equal(place.opened, 0);
	client_end(&client);
	lines_free(&got);
}

static void
test_no_open(void **state)
{
	static const char *const rules[] = { "+tree", "-tree/src/main.o",
	    NULL };
	struct how	 h = { .flags = FDB_WALK_NO_OPEN, .fds = 1 };

	(void)state;
	walking_plant();
	client_start(&client, client_role(rules), false);
	assert_int_equal(walking_tree(&h), 0);
	assert_int_equal(place.opened, 0);
	assert_int_equal(place.hidden, 1);
	lines_expect(&got, "/src/main.c 100644  - 0");
	/* The object is judged as for an open. */
	client.state.role->options |= POLICY_OWNED_BY_PEER;
	client.state.peer_uid = 12345;
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "/src/main.c 100644  - 13");
	client_end(&client);
	lines_free(&got);
}

static void
test_starts(void **state)
{
	static const char *const rules[] = { "+tree", "-tree/tmp", NULL };
	static char	 paths[8][512];
	static const char *const starts[] = {
		"tree/src/main.c", "tree/link", "tree/tmp", "tree/none",
		"tree/link/main.c", "tree/src", "../x", "elsewhere"
	};
	static const int errors[] = {
		0, 0, EACCES, ENOENT, ELOOP, 0, EINVAL, EACCES
	};
	static const size_t entries[] = { 1, 1, 0, 0, 0, 5, 0, 0 };
	struct how	 h = { .flags = FDB_WALK_XATTR };
	size_t		 i;

	(void)state;
	walking_plant();
	client_start(&client, client_role(rules), false);
	for (i = 0; i < 8; i++) {
		(void)strlcpy(paths[i], i == 6 ? starts[i] :
		    client_path(starts[i]), sizeof(paths[i]));
		h.name = paths[i];
		if (walking_tree(&h) != errors[i] ||
		    place.entries != entries[i])
			fail_msg("%s: %zu entries", starts[i], place.entries);
	}
	/* The directory of a token itself, and a name in it. */
	assert_int_equal(client_list(&client, 0, paths[5]), 0);
	h.base = client.token;
	h.name = "";
	assert_int_equal(walking_tree(&h), 0);
	assert_int_equal(place.entries, 5);
	h.name = "obj";
	assert_int_equal(walking_tree(&h), 0);
	assert_int_equal(place.entries, 2);
	h.base = 77;
	assert_int_equal(walking_tree(&h), EBADF);
	client_end(&client);
	lines_free(&got);
}

/* More names, and a longer value, than are asked for at once. */
static void
set_many_xattrs(void)
{
	char	 name[80], value[1500];
	int	 i;

	for (i = 0; i < 30; i++) {
		(void)snprintf(name, sizeof(name), "user.%050d", i);
		assert_return_code(setxattr(util_path("tree/src"), name, "",
		    0, 0), errno);
	}
	memset(value, 'y', sizeof(value));
	assert_return_code(setxattr(util_path("tree/src/main.c"), "user.long",
	    value, sizeof(value), 0), errno);
}

static void
expect_xattrs(bool has_big)
{
	char	 line[128];
	int	 i;

	for (i = 0; i < 30; i++) {
		(void)snprintf(line, sizeof(line),
		    "xattr /src user.%050d 0 0+0 0", i);
		lines_expect(&got, line);
	}
	lines_expect(&got, "xattr /src/main.c user.one 5 0+5 0");
	assert_int_equal(place.xattr_bytes, 5 + 1500 + (has_big ? 65536 : 0));
}

/* Attributes, also a large one, and of what has no descriptor. */
static void
test_xattrs(void **state)
{
	static char	 big[65536];
	struct how	 h = { .flags = FDB_WALK_XATTR, .bytes = 8192 };
	bool		 has_big;

	(void)state;
	walking_plant();
	if (setxattr(util_path("tree/src/main.c"), "user.one", "value", 5,
	    0) == -1 && errno == ENOTSUP) {
		util_skip("needs extended attributes");
		return;
	}
	memset(big, 'x', sizeof(big));
	has_big = setxattr(util_path("tree/src/main.o"), "user.big", big,
	    sizeof(big), 0) == 0;
	assert_return_code(setxattr(util_path("tree/src"), "user.dir", "", 0,
	    0), errno);
	set_many_xattrs();
	client_start(&client, client_role(walking_all), false);
	assert_int_equal(walking_tree(&h), 0);
	lines_expect(&got, "xattr /src user.dir 0 0+0 0");
	expect_xattrs(has_big);
	/* The same by name. */
	h.flags |= FDB_WALK_NO_OPEN;
	assert_int_equal(walking_tree(&h), 0);
	expect_xattrs(has_big);
	client_end(&client);
	assert_return_code(chdir("/"), errno);
	lines_free(&got);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_exclude),
		UTIL_TEST(test_tags),
		UTIL_TEST(test_since),
		UTIL_TEST(test_no_open),
		UTIL_TEST(test_starts),
		UTIL_TEST(test_xattrs)
	};

	walking_waits = WALKING_WAITS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
