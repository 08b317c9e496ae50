/*
 * util.c: what the unit tests share; see util.h.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/proto.h"
#include "util.h"

#define FDS_MAX		1024
#define EVENT_MS	20000

static struct {
	char		 dir[64];
	char		 path[PATH_MAX];
	char		 logged[1024];
	bool		 open[FDS_MAX];
	struct rlimit	 nofile;
	mode_t		 mask;
	uint32_t	 seed;
} state;

/* Call f for every open descriptor. */
static void
each_fd(void (*f)(int, void *), void *arg)
{
	struct dirent	*de;
	DIR		*dir;
	int		 fd;

	assert_non_null(dir = opendir("/proc/self/fd"));
	while ((de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		fd = atoi(de->d_name);
		if (fd != dirfd(dir))
			f(fd, arg);
	}
	closedir(dir);
}

static void
fd_note(int fd, void *arg)
{
	(void)arg;
	assert_true(fd < FDS_MAX);
	state.open[fd] = true;
}

static void
fd_count(int fd, void *arg)
{
	(void)fd;
	++*(size_t *)arg;
}

/* What the descriptor refers to, for people. */
static void
fd_name(int fd, char *buf, size_t size)
{
	char	 path[64];
	ssize_t	 n;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
}

static void
fd_compare(int fd, void *arg)
{
	int	*faults = arg;
	char	 name[256];

	if (fd < FDS_MAX && state.open[fd]) {
		state.open[fd] = false;
		return;
	}
	fd_name(fd, name, sizeof(name));
	print_error("descriptor %d was left open: %s\n", fd, name);
	close(fd);
	++*faults;
}

static void
keep_log(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)strlcpy(state.logged, text, sizeof(state.logged));
}

int
util_setup(void **unused)
{
	(void)unused;
	state.logged[0] = '\0';
	state.seed = 1;
	log_set_sink(keep_log, NULL);
	state.mask = umask(022);
	if (getrlimit(RLIMIT_NOFILE, &state.nofile) == -1)
		return -1;
	(void)strlcpy(state.dir, "/tmp/fdbroker-test.XXXXXX",
	    sizeof(state.dir));
	if (mkdtemp(state.dir) == NULL || chmod(state.dir, 0711) == -1)
		return -1;
	memset(state.open, 0, sizeof(state.open));
	each_fd(fd_note, NULL);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
util_teardown(void **unused)
{
	int	 faults = 0, i, status;
	pid_t	 pid;

	(void)unused;
	util_unlimit_fds();
	(void)umask(state.mask);
	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid == 0) {
			print_error("a child is still running\n");
			faults++;
			break;
		}
		print_error("child %d was not waited for\n", (int)pid);
		faults++;
	}
	each_fd(fd_compare, &faults);
	for (i = 0; i < FDS_MAX; i++) {
		if (!state.open[i])
			continue;
		print_error("descriptor %d was closed\n", i);
		faults++;
	}
	if (nftw(state.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS |
	    FTW_MOUNT) == -1) {
		print_error("%s: %s\n", state.dir, strerror(errno));
		faults++;
	}
	return faults == 0 ? 0 : -1;
}

const char *
util_dir(void)
{
	return state.dir;
}

const char *
util_path(const char *name)
{
	int	 n;

	n = snprintf(state.path, sizeof(state.path), "%s/%s", state.dir, name);
	assert_true(n > 0 && (size_t)n < sizeof(state.path));
	return state.path;
}

/* tests/unit-tap takes the line for the reason of the result that follows. */
void
util_skip(const char *why)
{
	(void)printf("# skip: %s\n", why);
	(void)fflush(stdout);
	skip();
}

void
util_need_root(void)
{
	if (geteuid() != 0)
		util_skip("needs root");
}

static bool
has(enum feature f, char why[FEATURE_WHY])
{
#ifdef __linux__
	return feature_has(f, geteuid(), why);
#else
	(void)f;
	(void)strlcpy(why, "needs Linux", FEATURE_WHY);
	return false;
#endif
}

void
util_need(enum feature f)
{
	char	 why[FEATURE_WHY];

	if (!has(f, why))
		util_skip(why);
}

void
util_program_needs(enum feature f)
{
	char	 why[FEATURE_WHY];

	if (has(f, why))
		return;
	(void)printf("1..0 # SKIP %s\n", why);
	exit(0);
}

const char *
util_logged(void)
{
	return state.logged;
}

void
util_write_file(const char *path, const char *text)
{
	int	 fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

bool
util_fd_reads(int fd, const char *text)
{
	char	 buf[256];
	ssize_t	 n;

	n = read(fd, buf, sizeof(buf));
	return n >= 0 && (size_t)n == strlen(text) &&
	    memcmp(buf, text, (size_t)n) == 0;
}

bool
util_is_cloexec(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

bool
util_exists(const char *path)
{
	struct stat	 st;

	return lstat(path, &st) == 0;
}

bool
util_same_file(int fd, int other)
{
	struct stat	 a, b;

	return fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool
util_readable(int fd)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, EVENT_MS) == 1;
}

size_t
util_count_fds(void)
{
	size_t	 n = 0;

	each_fd(fd_count, &n);
	return n;
}

void
util_limit_fds(int more)
{
	struct rlimit	 rl = state.nofile;
	int		 fd;

	for (fd = 0; ; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && more-- == 0)
			break;
	}
	rl.rlim_cur = (rlim_t)fd;
	assert_return_code(setrlimit(RLIMIT_NOFILE, &rl), errno);
}

void
util_unlimit_fds(void)
{
	assert_return_code(setrlimit(RLIMIT_NOFILE, &state.nofile), errno);
}

pid_t
util_start(int (*f)(void *), void *arg)
{
	pid_t	 pid;
	int	 sig;

	fflush(NULL);
	if ((pid = fork()) == 0) {
		/* What fails must not go on with the next test there. */
		(void)setenv("CMOCKA_TEST_ABORT", "1", 1);
		for (sig = 1; sig < NSIG; sig++)
			(void)signal(sig, SIG_DFL);
		_exit(f(arg));
	}
	assert_return_code(pid, errno);
	return pid;
}

int
util_wait(pid_t pid)
{
	int	 status;

	while (waitpid(pid, &status, 0) == -1)
		assert_int_equal(errno, EINTR);
	return status;
}

int
util_run(int (*f)(void *), void *arg)
{
	return util_wait(util_start(f, arg));
}

void
util_status(pid_t pid, const char *key, char *value, size_t size)
{
	char	 path[64], line[256];
	size_t	 len = strlen(key);
	FILE	*fp;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_non_null(fp = fopen(path, "re"));
	value[0] = '\0';
	while (fgets(line, sizeof(line), fp) != NULL) {
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		(void)strlcpy(value, line + len + 1 +
		    strspn(line + len + 1, " \t"), size);
	}
	fclose(fp);
}

int
util_become(uid_t uid)
{
	if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1)
		return -1;
	return setresuid(uid, uid, uid);
}

size_t
util_message(void *buf, size_t size, const struct util_header *h,
    const void *body, size_t len)
{
	struct wire_out	 w;

	wire_out_init(&w, buf, size);
	wire_put_u32(&w, PROTO_MAGIC);
	wire_put_u16(&w, PROTO_VERSION);
	wire_put_u16(&w, h->type);
	wire_put_u32(&w, h->id);
	wire_put_u16(&w, h->items);
	wire_put_u16(&w, h->fds);
	wire_put_u32(&w, (uint32_t)(PROTO_HEADER + len));
	wire_put_u32(&w, h->flags);
	wire_put_u32(&w, h->generation);
	wire_put_bytes(&w, body, len);
	assert_int_equal(wire_put_end(&w), 0);
	return w.len;
}

/* A linear congruential generator, its upper bits. */
uint32_t
util_random(uint32_t n)
{
	state.seed = state.seed * 1664525U + 1013904223U;
	return (uint32_t)(((uint64_t)(state.seed >> 8) * n) >> 24);
}
