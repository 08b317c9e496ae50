/*
 * test_walk_window.c: a walk whose lookups wait sends the same records as any
 * other, and opens nothing more.
 */

#include "config.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "opener/walk_run.h"
#include "tests/unit/util.h"
#include "tests/unit/walking.h"

#define FILES	300

/* A directory of files, links and directories, more than are looked up. */
static void
plant_many(void)
{
	char	 name[64];
	int	 i;

	assert_return_code(mkdir(util_path("tree"), 0755), errno);
	for (i = 0; i < FILES; i++) {
		(void)snprintf(name, sizeof(name), "tree/file%d", i);
		util_write_file(util_path(name), "text");
		if (i % 10 != 0)
			continue;
		(void)snprintf(name, sizeof(name), "tree/dir%d", i);
		assert_return_code(mkdir(util_path(name), 0755), errno);
		(void)snprintf(name, sizeof(name), "tree/dir%d/deep", i);
		util_write_file(util_path(name), "text");
		(void)snprintf(name, sizeof(name), "tree/link%d", i);
		assert_return_code(symlink("file0", util_path(name)), errno);
		(void)snprintf(name, sizeof(name), "tree/fifo%d", i);
		assert_return_code(mkfifo(util_path(name), 0644), errno);
	}
}

/* Walk with the lookups one after the other, and before their turn. */
static void
expect_alike(struct how *h)
{
	struct lines	 before;
	size_t		 i;

	walking_waits = false;
	assert_int_equal(walking_tree(h), 0);
	before = got;
	memset(&got, 0, sizeof(got));
	walking_waits = true;
	assert_int_equal(walking_tree(h), 0);
	assert_int_equal(got.n, before.n);
	for (i = 0; i < got.n; i++)
		assert_string_equal(got.list[i], before.list[i]);
	lines_free(&before);
}

static void
test_alike(void **state)
{
	static const uint32_t	 flags[] = {
		0, FDB_WALK_NO_OPEN, FDB_WALK_SINCE, FDB_WALK_XATTR,
		FDB_WALK_READAHEAD
	};
	const char *const	 rules[] = {
		"+tree", "-tree/file7", "-tree/dir20", NULL
	};
	size_t			 i;

	(void)state;
	plant_many();
	client_start(&client, client_role(rules), false);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct how	 h = { .flags = flags[i], .fds = 3,
				    .exclude = { "file1?", "dir3?" } };

		if (flags[i] & FDB_WALK_SINCE)
			h.since = 4000000000;
		expect_alike(&h);
		assert_true(place.entries > FILES);
	}
	client_end(&client);
	lines_free(&got);
}

/* From now on, count what is opened in the tree. */
static int
opens_begin(void)
{
	int	 fd;

	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	assert_return_code(fd, errno);
	assert_return_code(inotify_add_watch(fd, util_path("tree"), IN_OPEN),
	    errno);
	return fd;
}

/* How many names were opened; none that begins with one of these. */
static size_t
opens_end(int fd, const char *const *none)
{
	union {
		struct inotify_event	 event;
		char			 bytes[65536];
	}			 buf;
	const struct inotify_event *e;
	char			*p;
	size_t			 opened = 0, i;
	ssize_t			 n;

	while ((n = read(fd, &buf, sizeof(buf))) > 0)
		for (p = buf.bytes; p < buf.bytes + n;
		    p += sizeof(*e) + e->len) {
			e = (const void *)p;
			if (e->len == 0)
				continue;
			opened++;
			for (i = 0; none[i] != NULL; i++)
				if (strncmp(e->name, none[i],
				    strlen(none[i])) == 0)
					fail_msg("%s was opened", e->name);
		}
	fd_close(&fd);
	return opened;
}

/* What the policy denies, or the worker excludes, is not opened. */
static void
test_unopened(void **state)
{
	static const char *const none[] = {
		"file1", "file2", "dir1", "dir2", NULL
	};
	const char *const	 rules[] = { "+tree", "-tree/file2*",
				    "-tree/dir2*", NULL };
	struct how		 h = { .exclude = { "file1*", "dir1*" } };
	int			 fd;

	(void)state;
	plant_many();
	fd = opens_begin();
	client_start(&client, client_role(rules), false);
	walking_waits = true;
	assert_int_equal(walking_tree(&h), 0);
	client_end(&client);
	assert_true(opens_end(fd, none) > FILES / 4);
	lines_free(&got);
}

/* Begin a walk that sends one file at a time: names were looked up before. */
static void
begin_walk(void)
{
	struct how	 h = { .fds = 1 };
	char		 name[512];

	walking_waits = true;
	(void)strlcpy(name, client_path("tree"), sizeof(name));
	h.name = name;
	walking_ask(&h);
	walking_slice();
	assert_true(client.state.walks->window.n > 1);
}

/* A walk without attributes does not look for any. */
static void
test_attributes(void **state)
{
	size_t		 i;

	(void)state;
	plant_many();
	client_start(&client, client_role(walking_all), false);
	begin_walk();
	/* None is under way then. */
	walk_window_drop(client.state.walks, &client.state);
	for (i = 0; i < WALK_WINDOW_NAMES; i++)
		assert_false(client.state.walks->window.names[i].bare);
	client_end(&client);
}

/* A job that keeps a thread busy until a byte can be read. */
struct busy {
	struct parallel_job	 job;
	int			 begun[2], end[2];
};

static void
keep_busy(struct parallel_job *job)
{
	struct busy	*b = (void *)job;
	char		 byte = 0;

	if (write(b->begun[1], &byte, 1) != 1 ||
	    read(b->end[0], &byte, 1) != 1)
		abort();
}

/* All threads are busy now. */
static void
busy_begin(struct busy list[PARALLEL_THREADS])
{
	char	 byte;
	size_t	 i;

	client_threads(&client);
	for (i = 0; i < PARALLEL_THREADS; i++) {
		assert_return_code(pipe(list[i].begun), errno);
		assert_return_code(pipe(list[i].end), errno);
		list[i].job.run = keep_busy;
		parallel_give(client.state.parallel, &list[i].job, true);
		assert_int_equal(read(list[i].begun[0], &byte, 1), 1);
	}
}

static void
busy_end(struct busy list[PARALLEL_THREADS])
{
	size_t	 i;
	int	 k;

	for (i = 0; i < PARALLEL_THREADS; i++) {
		assert_int_equal(write(list[i].end[1], "", 1), 1);
		parallel_wait(client.state.parallel, &list[i].job);
		for (k = 0; k < 2; k++) {
			fd_close(&list[i].begun[k]);
			fd_close(&list[i].end[k]);
		}
	}
}

/* A new policy denies what was going to be looked up: nobody opens that. */
static void
test_reload(void **state)
{
	static const char *const none[] = { "", NULL };
	const char *const	 rules[] = { "+tree", "-tree/file*",
				    "-tree/dir*", NULL };
	struct busy		 list[PARALLEL_THREADS];
	int			 fd;

	(void)state;
	plant_many();
	client_start(&client, client_role(walking_all), false);
	busy_begin(list);
	begin_walk();
	fd = opens_begin();
	state_set_role(&client.state, client_role(rules), 9,
	    client.state.audit);
	walking_slice();
	(void)opens_end(fd, none);
	busy_end(list);
	client_end(&client);
}

/* The opener has fewer descriptors left than names that are looked up. */
static void
test_few_descriptors(void **state)
{
	struct how	 h = { .fds = 2 };
	static char	 name[512];
	size_t		 len;
	uint32_t	 id;
	int		 error = -1;
	bool		 over = false;

	(void)state;
	plant_many();
	client_start(&client, client_role(walking_all), false);
	walking_waits = true;
	(void)strlcpy(name, client_path("tree"), sizeof(name));
	h.name = name;
	lines_free(&got);
	memset(&place, 0, sizeof(place));
	walking_ask(&h);
	id = client.h.id;
	while (!over) {
		util_limit_fds(12);
		walking_slice();
		util_unlimit_fds();
		if ((len = walking_receive(id)) == 0)
			continue;
		over = walking_take(&place, &got, &error);
		if (!over)
			walking_grant(id, (uint32_t)len, client.reply.fds);
	}
	assert_int_equal(error, 0);
	assert_int_equal(place.opened, FILES + FILES / 10);
	client_end(&client);
	lines_free(&got);
}

static unsigned int	 messages;

/* Some names were looked up, and will not have their turn. */
static void
cancel(void)
{
	if (++messages != 3)
		return;
	assert_true(client.state.walks->window.n > 0);
	client_begin(&client, PROTO_CANCEL);
	client.h.id = client.reply.id;
	assert_int_equal(client_call(&client), 1);
}

static void
test_cancelled(void **state)
{
	struct how	 h = { .fds = 1, .between = cancel };

	(void)state;
	plant_many();
	client_start(&client, client_role(walking_all), false);
	walking_waits = true;
	messages = 0;
	assert_int_equal(walking_tree(&h), ECANCELED);
	client_end(&client);
	lines_free(&got);
}

/* The session ends meanwhile. */
static void
test_ended(void **state)
{
	(void)state;
	plant_many();
	client_start(&client, client_role(walking_all), false);
	begin_walk();
	client_end(&client);
}

/* It is judged by how often lookups wait. */
static void
test_judged(void **state)
{
	struct walk	 w;

	(void)state;
	memset(&w, 0, sizeof(w));
	walk_window_judge(&w, 1000, 3);
	assert_false(w.window.on);
	walk_window_judge(&w, 20, 20);
	assert_false(w.window.on);
	walk_window_judge(&w, 60, 0);
	assert_true(w.window.on);
	walk_window_judge(&w, 63, 0);
	assert_true(w.window.on);
	walk_window_judge(&w, 1, 0);
	assert_false(w.window.on);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_alike),
		UTIL_TEST(test_unopened),
		UTIL_TEST(test_attributes),
		UTIL_TEST(test_reload),
		UTIL_TEST(test_few_descriptors),
		UTIL_TEST(test_cancelled),
		UTIL_TEST(test_ended),
		UTIL_TEST(test_judged)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
