/*
 * test_confine.c: what each kind of process may still do once it is confined,
 * and what fails or kills it.  Each try is made in a child of its own.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/openat2.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdbroker_types.h"
#include "base/fdmsg.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "tests/unit/util.h"

/* The child could not even be confined. */
#define NOT_CONFINED	254
/* The outcome of a child that was killed; others are 0 and errno values. */
#define KILLED		300

/* What a child has before it is confined. */
static struct {
	struct confine		 c;
	struct confine_root	 root;
	int			 file;		/* in the root, for reading */
	int			 out;		/* for reading and writing */
	int			 outside;	/* beside the root */
	int			 pair[2];
	pid_t			 parent;
} has;

/* 0, or the errno of a call. */
static int
result(long ret)
{
	return ret == -1 ? errno : 0;
}

/*
 * Calls that no process of ours needs, but for walk_needs().  The arguments are
 * such that the call would fail without any harm if it were let through.
 */
static const struct {
	const char	*name;
	long		 number;
} needless[] = {
	{ "add_key",		SYS_add_key },
	{ "bind",		SYS_bind },
	{ "bpf",		SYS_bpf },
	{ "chdir",		SYS_chdir },
	{ "chroot",		SYS_chroot },
	{ "clone3",		435 },
	{ "connect",		SYS_connect },
	{ "dup",		SYS_dup },
	{ "dup3",		SYS_dup3 },
	{ "epoll_create1",	SYS_epoll_create1 },
	{ "execve",		SYS_execve },
	{ "execveat",		SYS_execveat },
	{ "fchdir",		SYS_fchdir },
	{ "fchmod",		SYS_fchmod },
	{ "fchmodat",		SYS_fchmodat },
	{ "fchown",		SYS_fchown },
	{ "fchownat",		SYS_fchownat },
	{ "fgetxattr",		SYS_fgetxattr },
	{ "flock",		SYS_flock },
	{ "fsetxattr",		SYS_fsetxattr },
	{ "getpeername",	SYS_getpeername },
	{ "init_module",	SYS_init_module },
	{ "inotify_init1",	SYS_inotify_init1 },
	{ "io_uring_setup",	SYS_io_uring_setup },
	{ "ioctl",		SYS_ioctl },
	{ "keyctl",		SYS_keyctl },
	{ "kill",		SYS_kill },
	{ "landlock_add_rule",	445 },
	{ "linkat",		SYS_linkat },
	{ "listen",		SYS_listen },
	{ "memfd_create",	SYS_memfd_create },
	{ "mkdirat",		SYS_mkdirat },
	{ "mknodat",		SYS_mknodat },
	{ "mount",		SYS_mount },
	{ "mount_setattr",	442 },
	{ "move_mount",		SYS_move_mount },
	{ "name_to_handle_at",	SYS_name_to_handle_at },
	{ "open_by_handle_at",	SYS_open_by_handle_at },
	{ "open_tree",		SYS_open_tree },
	{ "openat",		SYS_openat },
	{ "perf_event_open",	SYS_perf_event_open },
	{ "personality",	SYS_personality },
	{ "pidfd_getfd",	SYS_pidfd_getfd },
	{ "pidfd_open",		SYS_pidfd_open },
	{ "pidfd_send_signal",	SYS_pidfd_send_signal },
	{ "pipe2",		SYS_pipe2 },
	{ "pivot_root",		SYS_pivot_root },
	{ "process_vm_readv",	SYS_process_vm_readv },
	{ "process_vm_writev",	SYS_process_vm_writev },
	{ "ptrace",		SYS_ptrace },
	{ "quotactl",		SYS_quotactl },
	{ "reboot",		SYS_reboot },
	{ "renameat2",		SYS_renameat2 },
	{ "request_key",	SYS_request_key },
	{ "seccomp",		SYS_seccomp },
	{ "setgroups",		SYS_setgroups },
	{ "setns",		SYS_setns },
	{ "setresgid",		SYS_setresgid },
	{ "setresuid",		SYS_setresuid },
	{ "setsid",		SYS_setsid },
	{ "setsockopt",		SYS_setsockopt },
	{ "shmget",		SYS_shmget },
	{ "socket",		SYS_socket },
	{ "socketpair",		SYS_socketpair },
	{ "symlinkat",		SYS_symlinkat },
	{ "truncate",		SYS_truncate },
	{ "umask",		SYS_umask },
	{ "unlinkat",		SYS_unlinkat },
	{ "unshare",		SYS_unshare },
	{ "userfaultfd",	SYS_userfaultfd },
	{ "utimensat",		SYS_utimensat },
	{ "vmsplice",		SYS_vmsplice },
	{ "wait4",		SYS_wait4 },
#ifdef __x86_64__
	{ "chmod",		SYS_chmod },
	{ "clone",		SYS_clone },
	{ "fork",		SYS_fork },
	{ "open",		SYS_open },
	{ "rename",		SYS_rename },
	{ "stat",		SYS_stat },
	{ "unlink",		SYS_unlink },
	/* The x32 ABI of the same machine. */
	{ "x32 getpid",		0x40000000L + SYS_getpid },
	{ "x32 read",		0x40000000L + SYS_read },
	{ "x32 execveat",	0x40000000L + 545 },
#endif
	{ "number 1000000",	1000000 },
};

#define NNEEDLESS	(sizeof(needless) / sizeof(needless[0]))

static long	number;

static int
do_number(void)
{
	return result(syscall(number, -1, -1, -1, -1, -1, -1));
}

#ifdef __x86_64__
/* getpid(2) as a 32-bit program would do it. */
static int
do_int80(void)
{
	long	 ret = 20;

	__asm__ volatile ("int $0x80" : "+a" (ret) : : "memory", "r8", "r9",
	    "r10", "r11");
	return ret > 0 ? 0 : ENOSYS;
}
#endif

/* It passes the filter; the socket does not listen. */
static int
do_accept(void)
{
	return result(accept4(has.pair[0], NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK));
}

static int
do_map_exec(void)
{
	return result((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int
do_protect_exec(void)
{
	void	*p;

	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return errno;
	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
do_set_owner(void)
{
	return result(fcntl(has.pair[0], F_SETOWN, has.parent));
}

static int
do_lock(void)
{
	struct flock	 fl = { .l_type = F_RDLCK };

	return result(fcntl(has.file, F_SETLK, &fl));
}

static int
do_memory(void)
{
	char	*p, *q;
	int	 i;

	for (i = 0; i < 64; i++) {
		if ((p = malloc((size_t)1 << (10 + i % 14))) == NULL)
			return ENOMEM;
		p[0] = 1;
		if ((q = realloc(p, (size_t)1 << (11 + i % 14))) == NULL) {
			free(p);
			return ENOMEM;
		}
		free(q);
	}
	return 0;
}

static int
do_clock(void)
{
	struct timespec	 ts;

	return result(clock_gettime(CLOCK_MONOTONIC, &ts));
}

static int
do_random(void)
{
	uint8_t	 b[16];

	arc4random_buf(b, sizeof(b));
	return 0;
}

static int
do_poll(void)
{
	struct pollfd	 pfd = { .fd = has.pair[0], .events = POLLIN };

	return result(poll(&pfd, 1, 0));
}

static int
do_fstat(void)
{
	char	 st[512];

	return result(syscall(SYS_fstat, has.file, st));
}

/* A call that could look at any path: it fails and does not kill. */
static int
do_newfstatat(void)
{
#ifdef SYS_newfstatat
	struct stat	 st;

	return result(syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &st,
	    0));
#else
	return EPERM;
#endif
}

static int
do_message(void)
{
	struct fdmsg	 m;
	char		 buf[8];

	if (fdmsg_send(has.pair[0], "x", 1, &has.file, 1) == -1 ||
	    fdmsg_recv(has.pair[1], buf, sizeof(buf), 1, &m) == -1)
		return errno;
	fdmsg_close(&m);
	return 0;
}

/* Send to the peer, as a worker sends its requests. */
static int
do_send(void)
{
	struct fdmsg	 m;
	char		 buf[8];

	if (fdmsg_send(has.pair[0], "x", 1, NULL, 0) == -1 ||
	    fdmsg_recv(has.pair[1], buf, sizeof(buf), 0, &m) == -1)
		return errno;
	return 0;
}

/* Send to an address, which is not a valid one. */
static int
do_send_to(void)
{
	struct sockaddr	 sa = { .sa_family = AF_INET };

	return result(sendto(has.pair[0], "x", 1, MSG_NOSIGNAL, &sa,
	    sizeof(sa)));
}

static int
do_many_fds(void)
{
	struct fdmsg	 m;
	char		 buf[8];
	int		 fds[16], i;

	for (i = 0; i < 16; i++)
		fds[i] = has.file;
	if (fdmsg_send(has.pair[0], "x", 1, fds, 16) == -1 ||
	    fdmsg_recv(has.pair[1], buf, sizeof(buf), 16, &m) == -1)
		return errno;
	fdmsg_close(&m);
	return 0;
}

static int
do_flags(void)
{
	if (fcntl(has.file, F_GETFL) == -1 ||
	    fcntl(has.file, F_SETFD, FD_CLOEXEC) == -1)
		return errno;
	return result(fcntl(has.file, F_DUPFD_CLOEXEC, 0));
}

static int
do_pipe_size(void)
{
	return fcntl(has.file, F_GETPIPE_SZ) == -1 && errno == EBADF ? 0 :
	    errno;
}

/* How a descriptor was opened. */
static int
do_open_mode(void)
{
	return fcntl(has.file, F_GETFL) == -1 ? errno : 0;
}

static int
do_read(void)
{
	char	 buf[8];

	if (pread(has.file, buf, sizeof(buf), 0) == -1)
		return errno;
	return result(read(has.file, buf, sizeof(buf)));
}

static int
do_write(void)
{
	return result(write(has.out, "x", 1));
}

static int
do_output(void)
{
	off_t	 at = 0;

	if (pwrite(has.out, "text", 4, 0) == -1 ||
	    lseek(has.out, 0, SEEK_SET) == -1 ||
	    ftruncate(has.out, 2) == -1 || fsync(has.out) == -1)
		return errno;
	return result(copy_file_range(has.file, &at, has.out, NULL, 1, 0));
}

static int
do_drain(void)
{
	char	 byte;

	(void)recv(has.pair[0], &byte, 1, MSG_DONTWAIT);
	return 0;
}

static int
open_how(int dirfd, const char *name, uint64_t flags, uint64_t mode)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = flags;
	how.mode = mode;
	return result(syscall(SYS_openat2, dirfd, name, &how, sizeof(how)));
}

static int
do_open_in_root(void)
{
	return open_how(has.root.fd, "file", O_RDONLY, 0);
}

static int
do_open_dir(void)
{
	return open_how(has.root.fd, ".", O_RDONLY | O_DIRECTORY, 0);
}

static int
do_open_outside(void)
{
	return open_how(has.outside, "file", O_RDONLY, 0);
}

static int
do_open_up(void)
{
	return open_how(has.root.fd, "../outside/file", O_RDONLY, 0);
}

static int
do_open_absolute(void)
{
	return open_how(AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
}

static int
do_open_for_writing(void)
{
	return open_how(has.root.fd, "file", O_RDWR, 0);
}

static int
do_open_truncating(void)
{
	return open_how(has.root.fd, "file", O_RDONLY | O_TRUNC, 0);
}

static int
do_open_new(void)
{
	return open_how(has.root.fd, "new", O_RDONLY | O_CREAT, 0600);
}

static int
do_statx(void)
{
	struct statx	 stx;

	return result(statx(has.root.fd, "file", AT_SYMLINK_NOFOLLOW,
	    STATX_BASIC_STATS, &stx));
}

static int
do_readlinkat(void)
{
	char	 buf[8];

	return result(readlinkat(has.root.fd, "link", buf, sizeof(buf)));
}

static int
do_getdents(void)
{
	char	 buf[4096];

	return result(syscall(SYS_getdents64, has.outside, buf, sizeof(buf)));
}

static int
do_epoll(void)
{
	/* There is no epoll descriptor: only the filter matters. */
	return syscall(SYS_epoll_ctl, -1, 2, -1, NULL) == -1 &&
	    errno == EBADF ? 0 : 1;
}

/*
 * The outcome for a worker, a listener, an opener.  The sanitizers need some
 * calls of their own.
 */
#ifdef FDB_SANITIZED
#define KILLED_OR_0	0
#else
#define KILLED_OR_0	KILLED
#endif

struct try {
	const char	*name;
	int		(*f)(void);
	int		 expect[3];
};

static const struct try	 tries[] = {
	{ "memory", do_memory, { 0, 0, 0 } },
	{ "clock", do_clock, { 0, 0, 0 } },
	{ "random", do_random, { 0, KILLED_OR_0, KILLED_OR_0 } },
	{ "poll", do_poll, { 0, KILLED, 0 } },
	{ "fstat", do_fstat, { 0, KILLED, 0 } },
	{ "newfstatat", do_newfstatat, { EPERM, KILLED, KILLED } },
	{ "flags", do_flags, { 0, KILLED, KILLED } },
	{ "pipe size", do_pipe_size, { 0, KILLED, KILLED } },
	{ "open mode", do_open_mode, { 0, KILLED, KILLED } },
	{ "send", do_send, { 0, 0, 0 } },
	{ "send to", do_send_to, { KILLED, KILLED, KILLED } },
	{ "message", do_message, { KILLED, 0, 0 } },
	{ "many descriptors", do_many_fds, { KILLED, KILLED, 0 } },
	{ "drain", do_drain, { KILLED, KILLED, KILLED } },
	/* An opener reads what inotify tells. */
	{ "read", do_read, { 0, KILLED, 0 } },
	{ "write", do_write, { 0, KILLED_OR_0, KILLED_OR_0 } },
	{ "output", do_output, { 0, KILLED, KILLED } },
	{ "epoll_ctl", do_epoll, { KILLED, 0, KILLED } },
	{ "accept", do_accept, { KILLED, EOPNOTSUPP, KILLED } },
	{ "statx", do_statx, { KILLED, KILLED, 0 } },
	{ "readlinkat", do_readlinkat, { KILLED, KILLED, 0 } },
	{ "getdents64", do_getdents, { KILLED, KILLED, 0 } },
	{ "map code", do_map_exec, { KILLED, KILLED, KILLED } },
	{ "make code", do_protect_exec, { KILLED, KILLED, KILLED } },
	{ "F_SETOWN", do_set_owner, { KILLED, KILLED, KILLED } },
	{ "F_SETLK", do_lock, { KILLED, KILLED, KILLED } },
};

static const struct try	 opens[] = {
	{ "open", do_open_in_root, { KILLED, KILLED, 0 } },
	{ "open a directory", do_open_dir, { KILLED, KILLED, 0 } },
	{ "open outside", do_open_outside, { KILLED, KILLED, EACCES } },
	{ "open up", do_open_up, { KILLED, KILLED, EACCES } },
	{ "open absolute", do_open_absolute, { KILLED, KILLED, EACCES } },
	{ "open to write", do_open_for_writing, { KILLED, KILLED, EACCES } },
	{ "open new", do_open_new, { KILLED, KILLED, EACCES } },
};

static const struct try	 truncations[] = {
	{ "open to truncate", do_open_truncating,
	    { KILLED, KILLED, EACCES } },
};

#ifdef __x86_64__
static const struct try	 entries[] = {
	{ "int 0x80", do_int80, { KILLED, KILLED, KILLED } },
};
#endif

#define COUNT(tries)	(sizeof(tries) / sizeof((tries)[0]))

static const char *const who_names[] = { "worker", "listener", "opener" };

static int
open_made(const char *name, int flags)
{
	int	 fd;

	fd = open(util_path(name), flags | O_CLOEXEC, 0644);
	if (fd == -1)
		fail_msg("%s: %s", util_path(name), strerror(errno));
	return fd;
}

static void
things_make(void)
{
	memset(&has, 0, sizeof(has));
	assert_int_equal(mkdir(util_path("root"), 0755), 0);
	assert_int_equal(mkdir(util_path("outside"), 0755), 0);
	util_write_file(util_path("root/file"), "text");
	util_write_file(util_path("outside/file"), "text");
	assert_int_equal(symlink("file", util_path("root/link")), 0);
	has.root.fd = open_made("root", O_PATH);
	has.root.path = "/";
	has.root.may = RIGHTS_READ;
	has.file = open_made("root/file", O_RDONLY);
	has.out = open_made("out", O_RDWR | O_CREAT);
	has.outside = open_made("outside", O_RDONLY | O_DIRECTORY);
	assert_return_code(dgram_pair(has.pair), errno);
	has.parent = getpid();
}

static void
things_close(void)
{
	close(has.root.fd);
	close(has.file);
	close(has.out);
	close(has.outside);
	fd_close_all(has.pair, 2);
}

/* In a child: confine it, then try. */
static int
try_confined(void *arg)
{
	const struct rlimit	 none = { 0, 0 };
	int			(*f)(void);
	unsigned int		 done;
	const char		*layer;

	memcpy(&f, arg, sizeof(f));
	(void)setrlimit(RLIMIT_CORE, &none);
	if (confine_enter(&has.c, &done, &layer) == -1)
		return NOT_CONFINED;
	return f();
}

/* The outcome of a try: 0, an errno value, or KILLED. */
static int
outcome(int (*f)(void), const char *name)
{
	int	 status = util_run(try_confined, &f);

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED)
		fail_msg("%s: not confined", name);
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) != SIGSYS)
		fail_msg("%s: signal %d", name, WTERMSIG(status));
	return KILLED;
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

static void
try_all(const struct try *list, size_t n)
{
	enum confine_who	 who;
	size_t			 i;
	int			 got, faults = 0;

	things_make();
	for (who = CONFINE_WORKER; who <= CONFINE_OPENER; who++) {
		confine_as(who);
		for (i = 0; i < n; i++) {
			got = outcome(list[i].f, list[i].name);
			if (got == list[i].expect[who])
				continue;
			print_error("%s: %s: %d, expected %d\n",
			    who_names[who], list[i].name, got,
			    list[i].expect[who]);
			faults++;
		}
	}
	things_close();
	assert_int_equal(faults, 0);
}

static void
test_tries(void **state)
{
	(void)state;
	try_all(tries, COUNT(tries));
}

static void
test_opens(void **state)
{
	(void)state;
	util_need(FEATURE_OPENAT2);
	try_all(opens, COUNT(opens));
}

static void
test_truncations(void **state)
{
	(void)state;
	util_need(FEATURE_OPENAT2);
	util_need(FEATURE_LANDLOCK3);
	try_all(truncations, COUNT(truncations));
}

#ifdef __x86_64__
/* Where the entry is missing, the processor stops the call, not the filter. */
static void
test_entries(void **state)
{
	(void)state;
	util_need(FEATURE_IA32);
	try_all(entries, COUNT(entries));
}

/*
 * Two calls that the kernel lets past every filter, since probes need them:
 * where they exist, they must do nothing for other callers.
 */
static void
test_unfiltered(void **state)
{
	int	 status;

	(void)state;
	things_make();
	confine_as(CONFINE_WORKER);
	for (number = 335; number <= 336; number++) {
		int	(*f)(void) = do_number;

		status = util_run(try_confined, &f);
		if (WIFSIGNALED(status))
			assert_true(WTERMSIG(status) == SIGSYS ||
			    WTERMSIG(status) == SIGILL);
		else
			assert_true(WEXITSTATUS(status) == ENXIO ||
			    WEXITSTATUS(status) == ENOSYS);
	}
	things_close();
}
#endif

/* An opener looks at attributes in the directories of a walk. */
static bool
walk_needs(long call)
{
	return call == SYS_fchdir || call == SYS_fgetxattr;
}

static void
test_needless(void **state)
{
	enum confine_who	 who;
	size_t			 i;
	int			 got, faults = 0;

	(void)state;
	things_make();
	for (who = CONFINE_WORKER; who <= CONFINE_OPENER; who++) {
		confine_as(who);
		for (i = 0; i < NNEEDLESS; i++) {
			number = needless[i].number;
			if (who == CONFINE_OPENER && walk_needs(number))
				continue;
			got = outcome(do_number, needless[i].name);
			if (got == KILLED)
				continue;
			print_error("%s: %s: let through: %d\n",
			    who_names[who], needless[i].name, got);
			faults++;
		}
	}
	things_close();
	assert_int_equal(faults, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_tries),
		UTIL_TEST(test_opens),
		UTIL_TEST(test_truncations),
		UTIL_TEST(test_needless),
#ifdef __x86_64__
		UTIL_TEST(test_entries),
		UTIL_TEST(test_unfiltered),
#endif
	};

	util_program_needs(FEATURE_SECCOMP);
	util_program_needs(FEATURE_LANDLOCK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
