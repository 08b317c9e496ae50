/*
 * test_spelling.c: names are those that their directories list.
 *
 * proc(5) has directories of threads that it does not list, so a thread of this
 * process has a name there that must not work.
 *
 * It is built twice: with broker/opener/resolve.c and with resolve_walk.c.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "opener/resolve.h"
#include "opener/spelling.h"
#include "policy/folded.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define RULES(...)	((const char *const[]){ __VA_ARGS__, NULL })

static struct client	 client;
static struct answer	 got;

/* A thread that waits for the end of a pipe. */
struct thread {
	pthread_t	 id;
	int		 begun[2], end[2];
	char		 dir[32], file[64];	/* its names in /proc */
};

static void *
thread_main(void *arg)
{
	struct thread	*t = arg;
	pid_t		 tid = (pid_t)syscall(SYS_gettid);
	char		 byte;

	(void)snprintf(t->dir, sizeof(t->dir), "%d", (int)tid);
	(void)snprintf(t->file, sizeof(t->file), "%d/comm", (int)tid);
	fd_close(&t->begun[1]);
	(void)!read(t->end[0], &byte, 1);
	return NULL;
}

static void
thread_begin(struct thread *t)
{
	struct stat	 st;
	char		 byte, path[80];

	assert_return_code(pipe2(t->begun, O_CLOEXEC), errno);
	assert_return_code(pipe2(t->end, O_CLOEXEC), errno);
	assert_int_equal(pthread_create(&t->id, NULL, thread_main, t), 0);
	assert_int_equal(read(t->begun[0], &byte, 1), 0);
	(void)snprintf(path, sizeof(path), "/proc/%s", t->file);
	assert_return_code(stat(path, &st), errno);
}

static void
thread_end(struct thread *t)
{
	fd_close(&t->end[1]);
	assert_int_equal(pthread_join(t->id, NULL), 0);
	fd_close(&t->end[0]);
	fd_close(&t->begun[0]);
}

static int
ask(uint32_t base, const char *name)
{
	char	 path[PROTO_PATH_MAX];
	int	 error;

	(void)snprintf(path, sizeof(path), "%s%s", base == 0 ? "proc/" : "",
	    name);
	error = client_open(&client, base, path, &got);
	fd_close(&got.fd);
	return error;
}

/* To the worker, the answer is that of a name that does not exist. */
static void
expect_nothing(uint32_t base, const char *name)
{
	unsigned int	 told = client.ntold;

	assert_int_equal(ask(base, "none"), ENOENT);
	assert_int_equal(client.ntold, told);
	assert_int_equal(ask(base, name), ENOENT);
	assert_int_equal(got.status.reason, FDB_REASON_KERNEL);
	assert_int_equal(got.status.id, 0);
	assert_string_equal(got.status.where, "");
	/* The audit has a denial. */
	assert_int_equal(client.ntold, told + 1);
	assert_int_equal(client.told.reason, FDB_REASON_POLICY);
	assert_int_equal(client.told.policy, POLICY_MISSPELT);
	assert_int_equal(client.told.error, ENOENT);
	assert_int_equal(client.told.id, 0);
}

static void
check_thread(uint32_t options)
{
	struct role	*role = client_role(RULES("+/proc", "-/proc/none/x"));
	struct thread	 t;
	char		 path[64], self[32];

	thread_begin(&t);
	(void)snprintf(self, sizeof(self), "%d/comm", (int)getpid());
	role->options = options;
	client_start(&client, role, false);
	assert_int_equal(ask(0, self), 0);
	expect_nothing(0, t.file);
	(void)snprintf(path, sizeof(path), "proc/%s", t.dir);
	assert_int_equal(client_stat(&client, 0, path, &got), ENOENT);
	assert_int_equal(client_list(&client, 0, path), ENOENT);
	while (client_next(&client, &got))
		;
	/* Beneath a token as well. */
	assert_int_equal(client_list(&client, 0, "proc"), 0);
	while (client_next(&client, &got))
		;
	assert_int_equal(ask(client.token, self), 0);
	expect_nothing(client.token, t.file);
	client_end(&client);
	thread_end(&t);
}

static void
test_thread(void **state)
{
	(void)state;
	check_thread(0);
}

static void
test_thread_follow(void **state)
{
	(void)state;
	check_thread(POLICY_FOLLOW);
}

/* If no rule tells names beneath the root apart, any name will do. */
static void
test_alike(void **state)
{
	struct thread	 t;

	(void)state;
	thread_begin(&t);
	client_start(&client, client_role(RULES("+/proc", "-/other")), false);
	assert_int_equal(ask(0, t.file), 0);
	/* A reload may change that. */
	state_set_role(&client.state, client_role(RULES("+/proc",
	    "-/proc/none/x")), 2, 0);
	expect_nothing(0, t.file);
	state_set_role(&client.state, client_role(RULES("+/proc")), 3, 0);
	assert_int_equal(ask(0, t.file), 0);
	client_end(&client);
	thread_end(&t);
}

static void
test_kinds(void **state)
{
	struct fskind_kernel	 all = { true, true, true };
	struct fskind_kernel	 none = { false, false, false };
	int			 fd;

	(void)state;
	assert_return_code(fd = open("/proc", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC), errno);
	assert_int_equal(fskind_get(&all, fd), FSKIND_UNKNOWN);
	assert_int_equal(fskind_get(&none, fd), FSKIND_UNKNOWN);
	close(fd);
	/* What cannot be asked may be anything. */
	assert_return_code(fd = open("/proc", O_PATH | O_CLOEXEC), errno);
	assert_int_equal(fskind_is_marked(fd), -1);
	close(fd);
	if ((fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return;
	if (fskind_get(&none, fd) == FSKIND_EXACT) {
		assert_int_equal(fskind_get(&all, fd), FSKIND_MARKED);
		assert_int_equal(fskind_is_marked(fd), 0);
	}
	close(fd);
}

/* What was read is known, until the directory changes or a request begins. */
static void
test_recall(void **state)
{
	struct resolve_at	 at = { .kind = FSKIND_UNASKED };
	struct spelling		*sp = spelling_new();
	struct fdb_stat		 st;
	char			 name[32], link[PATH_MAX];
	int			 fd, i;

	(void)state;
	assert_non_null(sp);
	for (i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "file-%d", i);
		util_write_file(util_path(name), "");
	}
	assert_return_code(fd = open(util_dir(), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC), errno);
	at.dirfd = fd;
	assert_int_equal(resolve_stat(&at, "", &st, link, sizeof(link)), 0);
	assert_int_equal(spelling_recall(sp, &st, "file-7"), -1);
	assert_int_equal(spelling_read(sp, &st, fd, "file-7"), 1);
	for (i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "file-%d", i);
		assert_int_equal(spelling_recall(sp, &st, name), 1);
	}
	assert_int_equal(spelling_recall(sp, &st, "file-5000"), 0);
	assert_int_equal(spelling_recall(sp, &st, "."), 0);
	assert_int_equal(spelling_recall(sp, &st, ""), 0);
	st.mtime_nsec++;
	assert_int_equal(spelling_recall(sp, &st, "file-7"), -1);
	st.mtime_nsec--;
	spelling_begin(sp);
	assert_int_equal(spelling_recall(sp, &st, "file-7"), -1);
	assert_return_code(lseek(fd, 0, SEEK_SET), errno);
	assert_int_equal(spelling_read(sp, &st, fd, "none"), 0);
	close(fd);
	spelling_free(sp);
}

static void
add_rule(struct role *role, enum policy_action action, uint32_t ops,
    const char *name)
{
	const char	*why;

	assert_int_equal(role_add_rule(role, action, ops, util_path(name),
	    NULL, "/f", 1, &why), 0);
}

static unsigned int
may_of_only_root(void)
{
	struct confine_root	*list;
	unsigned int		 may;
	size_t			 n;

	assert_non_null(list = roots_allowed(&client.state.roots, &n));
	assert_int_equal(n, 1);
	may = list[0].may;
	free(list);
	return may;
}

/*
 * A role that only writes gets the right to list directories if names must be
 * looked for there.  It cannot get it later.
 */
static void
test_writing(void **state)
{
	struct role	*role = client_role(RULES("-/other"));
	unsigned int	 plain;

	(void)state;
	assert_int_equal(mkdir(util_path("a"), 0755), 0);
	client_trusts_nothing = true;
	add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE | POLICY_OP_CREATE, "a");
	client_start(&client, role, false);
	plain = may_of_only_root();
	assert_int_equal(plain & (RIGHTS_LIST | RIGHTS_READ), 0);
	assert_false(roots_are_blind(&client.state.roots));
	role = client_role(RULES("-/other"));
	add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE | POLICY_OP_CREATE, "a");
	add_rule(role, POLICY_DENY, POLICY_OP_ALL, "a/b");
	state_set_role(&client.state, role, 2, 0);
	assert_true(roots_are_blind(&client.state.roots));
	assert_int_equal(may_of_only_root(), plain);
	client_end(&client);

	role = client_role(RULES("-/other"));
	add_rule(role, POLICY_PERMIT, POLICY_OP_WRITE | POLICY_OP_CREATE, "a");
	add_rule(role, POLICY_DENY, POLICY_OP_ALL, "a/b");
	client_start(&client, role, false);
	assert_int_equal(may_of_only_root(), plain | RIGHTS_LIST);
	assert_false(roots_are_blind(&client.state.roots));
	assert_int_equal(client_access(&client, 0, client_path("a/new"),
	    FDB_WRITE | FDB_CREATE, &got), 0);
	fd_close(&got.fd);
	assert_int_equal(client_access(&client, 0, client_path("a/new"),
	    FDB_WRITE | FDB_CREATE, &got), 0);
	fd_close(&got.fd);
	client_end(&client);
	client_trusts_nothing = false;
}

/*
 * The folded rules are about all roots, so that a token on a file system that
 * is mounted beneath one of another kind is judged by them, too.
 */
static void
test_folded(void **state)
{
	static const char *const	 rules[] = {
		"+a", "+b", "-a/Secret", "-b/Secret", NULL
	};
	size_t				 i;

	(void)state;
	assert_int_equal(mkdir(util_path("a"), 0755), 0);
	assert_int_equal(mkdir(util_path("b"), 0755), 0);
	client_start(&client, client_role(rules), false);
	assert_int_equal(client.state.roots.n, 2);
	for (i = 0; i < 2; i++) {
		client.state.roots.list[i].kind = FSKIND_MARKED;
		client.state.roots.list[1 - i].kind = FSKIND_UNKNOWN;
		state_set_role(&client.state, client_role(rules), 2, 0);
		assert_non_null(client.state.folded);
		assert_true(policy_folded_matters(client.state.folded,
		    util_path("a/SECRET/x"), false));
		assert_true(policy_folded_matters(client.state.folded,
		    util_path("b/SECRET/x"), false));
		assert_false(policy_folded_matters(client.state.folded,
		    util_path("b/other"), false));
	}
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_thread),
		UTIL_TEST(test_thread_follow),
		UTIL_TEST(test_alike),
		UTIL_TEST(test_kinds),
		UTIL_TEST(test_recall),
		UTIL_TEST(test_writing),
		UTIL_TEST(test_folded)
	};

#ifndef WITHOUT_OPENAT2
	util_program_needs(FEATURE_OPENAT2);
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
