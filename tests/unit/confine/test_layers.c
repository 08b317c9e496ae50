/*
 * test_layers.c: the layers of confinement one by one: what Landlock stops
 * without a filter of system calls, what a confined process looks like from
 * outside, what happens where a layer is missing, and the table of layers.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/rights.h"
#include "client/fdbroker.h"
#include "confine/confine.h"
#include "confine/landlock.h"
#include "confine/layers.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

/* The child could not even be confined. */
#define NOT_CONFINED	254

/* What a child has before it is confined. */
static struct {
	struct confine		 c;
	struct confine_root	 root;
	int			 outside;	/* beside the root */
	int			 sock;		/* of the parent */
	pid_t			 parent;
	struct sockaddr_un	 abstract;
	socklen_t		 abstract_len;
} has;

/* 0, or the errno of a call. */
static int
result(long ret)
{
	return ret == -1 ? errno : 0;
}

/* A socket without a file, which belongs to this process. */
static int
abstract_listen(void)
{
	int	 fd;

	assert_return_code(fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	    errno);
	has.abstract.sun_family = AF_UNIX;
	has.abstract_len = sizeof(has.abstract);
	/* No name given: the kernel chooses one. */
	assert_int_equal(bind(fd, (struct sockaddr *)&has.abstract,
	    sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&has.abstract,
	    &has.abstract_len), 0);
	return fd;
}

static int
open_made(const char *name, int flags)
{
	int	 fd;

	assert_return_code(fd = open(util_path(name), flags | O_CLOEXEC),
	    errno);
	return fd;
}

static void
things_make(void)
{
	memset(&has, 0, sizeof(has));
	assert_int_equal(mkdir(util_path("root"), 0755), 0);
	assert_int_equal(chmod(util_path("root"), 0777), 0);
	assert_int_equal(mkdir(util_path("outside"), 0755), 0);
	util_write_file(util_path("root/file"), "text");
	assert_int_equal(chmod(util_path("root/file"), 0666), 0);
	util_write_file(util_path("outside/file"), "text");
	has.root.fd = open_made("root", O_PATH);
	has.root.path = "/";
	has.root.may = RIGHTS_READ;
	has.outside = open_made("outside", O_RDONLY | O_DIRECTORY);
	has.sock = -1;
	has.parent = getpid();
}

static void
things_close(void)
{
	close(has.root.fd);
	close(has.outside);
	fd_close(&has.sock);
}

static void
confine_as(enum confine_who who)
{
	memset(&has.c, 0, sizeof(has.c));
	has.c.who = who;
	if (who == CONFINE_OPENER) {
		has.c.roots = &has.root;
		has.c.nroots = 1;
	}
}

/*
 * Landlock alone: what it stops although system calls are not filtered.
 */
static int
ll_open_in_root(void)
{
	return result(openat(has.root.fd, "file", O_RDONLY));
}

static int
ll_write_in_root(void)
{
	return result(openat(has.root.fd, "file", O_RDWR));
}

static int
ll_open_outside(void)
{
	return result(openat(has.outside, "file", O_RDONLY));
}

static int
ll_make(void)
{
	return result(mkdirat(has.root.fd, "new", 0700));
}

static int
ll_remove(void)
{
	return result(unlinkat(has.root.fd, "file", 0));
}

static int
ll_rename(void)
{
	return result(renameat(has.root.fd, "file", has.root.fd, "other"));
}

static int
ll_truncate(void)
{
	return result(openat(has.root.fd, "file", O_RDONLY | O_TRUNC));
}

static int
ll_execute(void)
{
	char	 name[] = "true";
	char	*argv[] = { name, NULL }, *envp[] = { NULL };

	return result(execve("/bin/true", argv, envp));
}

static int
ll_signal(void)
{
	return result(kill(has.parent, 0));
}

static int
ll_abstract(void)
{
	int	 fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	return result(connect(fd, (struct sockaddr *)&has.abstract,
	    has.abstract_len));
}

static int
ll_tcp(void)
{
	struct sockaddr_in	 sin;
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(1);
	return result(connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
}

static const struct landlocked {
	const char	*name;
	int		(*f)(void);
	int		 expect;
} landlocked[] = {
	{ "read in the root", ll_open_in_root, 0 },
	{ "write in the root", ll_write_in_root, EACCES },
	{ "read outside", ll_open_outside, EACCES },
	{ "mkdir", ll_make, EACCES },
	{ "unlink", ll_remove, EACCES },
	{ "rename", ll_rename, EACCES },
	{ "execute", ll_execute, EACCES },
};

static int
try_landlocked(void *arg)
{
	int	(*f)(void);

	memcpy(&f, arg, sizeof(f));
	/* As an ordinary user, whom Landlock must stop as well. */
	if ((geteuid() == 0 && setresuid(UTIL_NOBODY, UTIL_NOBODY,
	    UTIL_NOBODY) == -1) || landlock_enter(&has.c) == -1)
		return NOT_CONFINED;
	return f();
}

static int
try_nnp_landlocked(void *arg)
{
	has.c.optional = true;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return NOT_CONFINED;
	return try_landlocked(arg);
}

/* As an opener that has a root. */
static void
expect_landlocked(const struct landlocked *l)
{
	int	 status;

	confine_as(CONFINE_OPENER);
	status = util_run(try_nnp_landlocked, (void *)(uintptr_t)&l->f);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != l->expect)
		fail_msg("%s: status %#x", l->name, status);
}

static void
test_landlock(void **state)
{
	size_t	 i;
	int	 status;

	(void)state;
	util_need(FEATURE_LANDLOCK);
	things_make();
	for (i = 0; i < sizeof(landlocked) / sizeof(landlocked[0]); i++)
		expect_landlocked(&landlocked[i]);
	/* Without a root nothing is left. */
	confine_as(CONFINE_WORKER);
	status = util_run(try_nnp_landlocked,
	    (void *)(uintptr_t)&landlocked[0].f);
	assert_int_equal(status, EACCES << 8);
	assert_true(util_exists(util_path("root/file")));
	things_close();
}

static void
test_landlock_truncate(void **state)
{
	static const struct landlocked	 l = { "truncate", ll_truncate,
	    EACCES };

	(void)state;
	util_need(FEATURE_LANDLOCK3);
	things_make();
	expect_landlocked(&l);
	things_close();
}

static void
test_landlock_tcp(void **state)
{
	static const struct landlocked	 l = { "connect to TCP", ll_tcp,
	    EACCES };

	(void)state;
	util_need(FEATURE_LANDLOCK4);
	util_need(FEATURE_INET);
	things_make();
	expect_landlocked(&l);
	things_close();
}

static void
test_landlock_signal(void **state)
{
	static const struct landlocked	 l = { "signal", ll_signal, EPERM };

	(void)state;
	util_need(FEATURE_LANDLOCK6);
	things_make();
	expect_landlocked(&l);
	things_close();
}

static void
test_landlock_abstract(void **state)
{
	static const struct landlocked	 l = {
		"connect to an abstract socket", ll_abstract, EPERM
	};

	(void)state;
	util_need(FEATURE_LANDLOCK6);
	util_need(FEATURE_ABSTRACT);
	things_make();
	has.sock = abstract_listen();
	expect_landlocked(&l);
	things_close();
}

/* In a child: wait, confined, until the parent has looked. */
static int
confined_wait(void *arg)
{
	const int	*p = arg;
	struct pollfd	 pfd = { .fd = p[0], .events = POLLIN };
	unsigned int	 done, want;

	want = FDB_CONFINED_NNP | FDB_CONFINED_PATHS |
	    FDB_CONFINED_SYSCALLS | FDB_CONFINED_NODUMP |
	    FDB_CONFINED_CAPS;
	if (fdb_confine(&done) == -1 || done != want)
		return 1;
	if (write(p[1], "x", 1) != 1)
		return 2;
	return poll(&pfd, 1, -1) == 1 ? 0 : 3;
}

static void
test_fdb_confine(void **state)
{
	struct stat	 st;
	char		 value[64], path[64];
	pid_t		 pid;
	int		 p[2], dir;

	(void)state;
	util_need(FEATURE_SECCOMP);
	util_need(FEATURE_LANDLOCK);
	/* It is looked at in /proc, where it may be hidden from its parent. */
	util_need(FEATURE_PROC_OTHERS);
	assert_return_code(dgram_pair_seq(p), errno);
	/* [0] of the child is [1] of ours. */
	pid = util_start(confined_wait, (int[]){ p[1], p[1] });
	assert_true(util_readable(p[0]));
	util_status(pid, "NoNewPrivs", value, sizeof(value));
	assert_string_equal(value, "1");
	util_status(pid, "Seccomp", value, sizeof(value));
	assert_string_equal(value, "2");
	/* Not dumpable: what is beneath belongs to root. */
	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	if (geteuid() != 0) {
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(dir, -1);
		assert_int_equal(errno, EACCES);
	}
	assert_int_equal(write(p[0], "x", 1), 1);
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(p, 2);
}

/* In a child: as confined_wait(), with a broker that names a worker user. */
static int
confined_session(void *arg)
{
	const int		*p = arg;
	struct pollfd		 pfd = { .fd = p[0], .events = POLLIN };
	struct fdb_session_info	 info;
	struct fake		 f;
	unsigned int		 done;

	fake_info(&info);
	info.worker_uid = 1001;
	info.worker_gid = 1002;
	fake_attach(&f, &info);
	if (fdb_confine_session(f.s, &done) == -1 ||
	    ((done & FDB_CONFINED_UID) != 0) != (p[2] == 0))
		return 1;
	if (write(p[1], "x", 1) != 1)
		return 2;
	return poll(&pfd, 1, -1) == 1 ? 0 : 3;
}

/* Root becomes the user that the broker names; others stay who they are. */
static void
test_fdb_confine_session(void **state)
{
	char	 value[64];
	pid_t	 pid;
	int	 p[2];

	(void)state;
	util_need(FEATURE_SECCOMP);
	util_need(FEATURE_LANDLOCK);
	util_need(FEATURE_PROC_OTHERS);
	assert_return_code(dgram_pair_seq(p), errno);
	pid = util_start(confined_session,
	    (int[]){ p[1], p[1], (int)geteuid() });
	assert_true(util_readable(p[0]));
	if (geteuid() == 0) {
		util_status(pid, "Uid", value, sizeof(value));
		assert_string_equal(value, "1001\t1001\t1001\t1001");
		util_status(pid, "Gid", value, sizeof(value));
		assert_string_equal(value, "1002\t1002\t1002\t1002");
		util_status(pid, "Groups", value, sizeof(value));
		assert_string_equal(value, "");
		util_status(pid, "CapBnd", value, sizeof(value));
		assert_string_equal(value, "0000000000000000");
	}
	util_status(pid, "CapEff", value, sizeof(value));
	assert_string_equal(value, "0000000000000000");
	(void)fdmsg_send(p[0], "x", 1, NULL, 0);
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(p, 2);
}

static int
confine_twice(void *arg)
{
	(void)arg;
	if (fdb_confine(NULL) == -1)
		return 1;
	/* A confined process cannot even confine itself again. */
	(void)fdb_confine(NULL);
	return 2;
}

static void
test_confine_twice(void **state)
{
	int	 status;

	(void)state;
	util_need(FEATURE_SECCOMP);
	util_need(FEATURE_LANDLOCK);
	status = util_run(confine_twice, NULL);
#ifdef FDB_SANITIZED
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 2);
#else
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
#endif
}

/* A kernel that lacks a layer, as far as this process can tell. */
static int
without(int call)
{
	scmp_filter_ctx	 ctx;
	int		 error;

	if ((ctx = seccomp_init(SCMP_ACT_ALLOW)) == NULL)
		return -1;
	error = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), call, 0);
	if (error == 0)
		error = seccomp_load(ctx);
	seccomp_release(ctx);
	return error == 0 ? 0 : -1;
}

static int
confine_without_landlock(void *arg)
{
	const bool	*optional = arg;
	struct confine	 c = { .who = CONFINE_WORKER, .optional = *optional };
	unsigned int	 done = 0xff;
	const char	*layer = "";
	int		 ret;

	if (without(SCMP_SYS(landlock_create_ruleset)) == -1)
		return 1;
	ret = confine_enter(&c, &done, &layer);
	if (*optional)
		return ret == 0 && done == (FDB_CONFINED_NNP |
		    FDB_CONFINED_NODUMP | FDB_CONFINED_SYSCALLS |
		    FDB_CONFINED_CAPS) ? 0 : 2;
	return ret == -1 && errno == ENOSYS &&
	    strcmp(layer, "landlock") == 0 ? 0 : 3;
}

/* A missing layer is an error, unless it is optional. */
static void
test_missing_layer(void **state)
{
	bool	 optional = false;

	(void)state;
	util_need(FEATURE_SECCOMP);
	assert_int_equal(util_run(confine_without_landlock, &optional), 0);
	optional = true;
	assert_int_equal(util_run(confine_without_landlock, &optional), 0);
}

/* The supervisor and the controller need no Landlock, and can still open. */
static int
confine_opener_of_all(void *arg)
{
	const enum confine_who	*who = arg;
	struct confine		 c = { .who = *who };
	unsigned int		 done;
	const char		*layer;

	if (without(SCMP_SYS(landlock_create_ruleset)) == -1)
		return 1;
	if (confine_enter(&c, &done, &layer) == -1)
		return 2;
	if (done != (FDB_CONFINED_NNP | FDB_CONFINED_NODUMP |
	    FDB_CONFINED_SYSCALLS))
		return 3;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) == -1 ||
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) == -1)
		return 4;
	/* Another family of sockets fails and does not kill. */
	if (socket(AF_INET, SOCK_DGRAM, 0) != -1 || errno != EAFNOSUPPORT)
		return 5;
	return 0;
}

static void
test_openers_of_all(void **state)
{
	enum confine_who	 who;

	(void)state;
	util_need(FEATURE_SECCOMP);
	who = CONFINE_SUPERVISOR;
	assert_int_equal(util_run(confine_opener_of_all, &who), 0);
	who = CONFINE_CONTROLLER;
	assert_int_equal(util_run(confine_opener_of_all, &who), 0);
}

static void
test_describe(void **state)
{
	char	 buf[200];

	(void)state;
	confine_describe(0, buf, sizeof(buf));
	assert_string_equal(buf, "nothing");
	confine_describe(FDB_CONFINED_SYSCALLS | FDB_CONFINED_NNP, buf,
	    sizeof(buf));
	assert_string_equal(buf, "no_new_privs, seccomp");
	confine_describe(UINT32_MAX, buf, sizeof(buf));
	assert_string_equal(buf, "no_new_privs, not dumpable, landlock, "
	    "seccomp, read-only mount clones, capabilities dropped, "
	    "own user, namespaces");
	/* What does not fit is cut. */
	confine_describe(UINT32_MAX, buf, 16);
	assert_int_equal(strlen(buf), 15);
}

/* One row for each bit, and one name and one key for each row. */
static void
test_table(void **state)
{
	const struct layer	*l, *other;
	unsigned int		 bits = 0;

	(void)state;
	for (l = layers_table; l->bit != 0; l++) {
		assert_int_equal(bits & l->bit, 0);
		bits |= l->bit;
		assert_int_equal(l->has & l->may_have, 0);
		assert_true((l->has | l->may_have) <
		    LAYERS_WHO(CONFINE_NWHO));
		for (other = layers_table; other != l; other++) {
			assert_string_not_equal(l->label, other->label);
			assert_string_not_equal(l->key, other->key);
		}
	}
	assert_int_equal(bits, FDB_CONFINED_NNP | FDB_CONFINED_PATHS |
	    FDB_CONFINED_SYSCALLS | FDB_CONFINED_NODUMP |
	    FDB_CONFINED_CLONE | FDB_CONFINED_CAPS |
	    FDB_CONFINED_NAMESPACES | FDB_CONFINED_UID);
}

/* What each kind of process has here if nothing is missing. */
static void
test_full(void **state)
{
	const unsigned int	 own = FDB_CONFINED_NNP | FDB_CONFINED_NODUMP |
				    FDB_CONFINED_SYSCALLS;
	const unsigned int	 listener = own | FDB_CONFINED_CAPS |
				    FDB_CONFINED_UID | FDB_CONFINED_PATHS;

	(void)state;
	assert_int_equal(confine_full(CONFINE_CONTROLLER), own);
	assert_int_equal(confine_full(CONFINE_SUPERVISOR),
	    own | FDB_CONFINED_CAPS);
	assert_int_equal(confine_full(CONFINE_LISTENER), listener);
	assert_int_equal(confine_full(CONFINE_NAMES), listener);
	assert_int_equal(confine_full(CONFINE_LOOKUP), listener);
	assert_int_equal(confine_full(CONFINE_OPENER),
	    listener | FDB_CONFINED_CLONE);
	assert_int_equal(confine_full(CONFINE_WRITER),
	    listener | FDB_CONFINED_CLONE);
	assert_int_equal(confine_full(CONFINE_PRIVATE),
	    own | FDB_CONFINED_PATHS);
	assert_int_equal(confine_extra(CONFINE_PRIVATE),
	    FDB_CONFINED_CAPS | FDB_CONFINED_CLONE);
	assert_int_equal(confine_full(CONFINE_WORKER),
	    own | FDB_CONFINED_PATHS | FDB_CONFINED_CAPS);
	assert_int_equal(confine_full(CONFINE_CONNECTOR),
	    own | FDB_CONFINED_PATHS | FDB_CONFINED_CAPS);
	assert_int_equal(confine_extra(CONFINE_WORKER),
	    FDB_CONFINED_UID | FDB_CONFINED_NAMESPACES);
	assert_int_equal(confine_extra(CONFINE_SUPERVISOR), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_landlock),
		UTIL_TEST(test_landlock_truncate),
		UTIL_TEST(test_landlock_tcp),
		UTIL_TEST(test_landlock_signal),
		UTIL_TEST(test_landlock_abstract),
		UTIL_TEST(test_fdb_confine),
		UTIL_TEST(test_fdb_confine_session),
		UTIL_TEST(test_confine_twice),
		UTIL_TEST(test_missing_layer),
		UTIL_TEST(test_openers_of_all),
		UTIL_TEST(test_describe),
		UTIL_TEST(test_table),
		UTIL_TEST(test_full)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
