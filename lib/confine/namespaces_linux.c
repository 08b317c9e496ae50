/*
 * namespaces_linux.c: see namespaces.h.
 *
 * Runs in the worker of fdbackup, before it is confined.  Touches /proc of its
 * child, and in the child its mounts, which nobody else has.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/sched.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "confine/namespaces.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP	0x02000000
#endif

#define NAMESPACES \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | \
	CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* What parent and child tell each other; an end of file is a failure. */
#define SAY_MAPPED	'm'	/* parent: your ids are mapped */
#define SAY_READY	'r'	/* child: I have my root directory */
#define SAY_GO		'g'	/* parent: your process ID is announced */

static bool
say(int fd, char c)
{
	return fdmsg_send(fd, &c, 1, NULL, 0) == 0;
}

static bool
hear(int fd, char c)
{
	char	 got;
	ssize_t	 n;

	do
		n = read(fd, &got, 1);
	while (n == -1 && errno == EINTR);
	return n == 1 && got == c;
}

/*
 * As fork(2), into new namespaces.  The child becomes a child of our parent,
 * which waits for it.
 */
static pid_t
clone_into(void)
{
	struct clone_args	 args;

	memset(&args, 0, sizeof(args));
	args.flags = NAMESPACES | CLONE_PARENT;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Write to a file of the child, which exists: its absence is that of /proc. */
static bool
write_file(pid_t pid, const char *name, const char *text)
{
	char	 path[64];
	ssize_t	 n;
	int	 fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1) {
		if (errno == ENOENT || errno == EROFS)
			errno = ENOTSUP;
		return false;
	}
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text);
}

/* Map our own id, and the one to become, each to itself. */
static void
format_map(char *buf, size_t size, uint32_t self, uint32_t other)
{
	int	 n;

	n = snprintf(buf, size, "%u %u 1\n", self, self);
	if (other != 0 && other != self && n > 0 && (size_t)n < size)
		(void)snprintf(buf + n, size - (size_t)n, "%u %u 1\n", other,
		    other);
}

/* Only root may map another id, and change groups in the namespace. */
static bool
write_maps(pid_t pid, uint32_t uid, uint32_t gid)
{
	char	 uids[64], gids[64];
	bool	 root = geteuid() == 0;

	format_map(uids, sizeof(uids), geteuid(), root ? uid : 0);
	format_map(gids, sizeof(gids), getegid(), root ? gid : 0);
	if (!root && !write_file(pid, "setgroups", "deny"))
		return false;
	return write_file(pid, "gid_map", gids) &&
	    write_file(pid, "uid_map", uids);
}

/* In the child: replace the root directory by an empty one. */
static bool
enter_empty_root(void)
{
	/* Any directory will do to mount on; this one was just used. */
	static const char	 dir[] = "/proc";

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("empty", dir, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV |
	    MS_NOEXEC, "mode=0555,size=4k,nr_inodes=1") == -1 ||
	    chdir(dir) == -1 ||
	    syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1)
		return false;
	return chdir("/") == 0;
}

/* In the child: check that nothing else is there. */
static bool
is_alone(void)
{
	struct stat	 st;

	if (getpid() != 1 || stat("/proc", &st) == 0 || errno != ENOENT)
		return false;
	return mkdir("/x", 0700) == -1 && errno == EROFS;
}

/* Tell the child to go on, with the descriptors that were fetched. */
static bool
say_go(int fd, const int fds[NAMESPACES_FDS])
{
	char	 text[2] = { SAY_GO, 0 };
	int	 list[NAMESPACES_FDS];
	size_t	 i, n = 0;

	for (i = 0; i < NAMESPACES_FDS; i++) {
		if (fds[i] == -1)
			continue;
		text[1] |= (char)(1 << i);
		list[n++] = fds[i];
	}
	return fdmsg_send(fd, text, sizeof(text), list, n) == 0;
}

/* In the child: wait for that. */
static bool
hear_go(int fd, int fds[NAMESPACES_FDS])
{
	struct fdmsg	 m;
	char		 text[2] = { 0 };
	size_t		 i, n = 0;
	ssize_t		 len;
	bool		 right;

	do
		len = fdmsg_recv(fd, text, sizeof(text), NAMESPACES_FDS, &m);
	while (len == -1 && errno == EINTR);
	if (len == -1)
		return false;
	for (i = 0; i < NAMESPACES_FDS; i++)
		fds[i] = text[1] & 1 << i ? fdmsg_take(&m, n++) : -1;
	right = len == sizeof(text) && text[0] == SAY_GO && n == m.nfds;
	fdmsg_close(&m);
	return right;
}

static int
child_go_on(int fd, int fds[NAMESPACES_FDS])
{
	if (!hear(fd, SAY_MAPPED) || !enter_empty_root() || !is_alone() ||
	    !say(fd, SAY_READY) || !hear_go(fd, fds))
		_exit(1);
	close(fd);
	return 1;
}

/* In the parent, once there is a child.  1: it goes on; 0, -1. */
static int
let_child_go_on(int fd, pid_t pid, uint32_t uid, uint32_t gid,
    const struct namespaces_calls *calls, void *arg, int fds[NAMESPACES_FDS])
{
	if (!write_maps(pid, uid, gid) || !say(fd, SAY_MAPPED))
		return 0;
	/* Meanwhile the child makes its root directory. */
	if (calls->fetch != NULL && calls->fetch(arg, fds) == -1)
		return -1;
	errno = 0;
	if (!hear(fd, SAY_READY))
		return 0;
	return calls->announce(arg, pid) == -1 || !say_go(fd, fds) ? -1 : 1;
}

int
namespaces_enter(uint32_t uid, uint32_t gid,
    const struct namespaces_calls *calls, void *arg, int fds[NAMESPACES_FDS])
{
	int	 pair[2], ret = 0;
	pid_t	 pid;

	if (dgram_pair_seq(pair) == -1)
		return -1;
	if (fcntl(pair[0], F_SETFL, 0) == -1 ||
	    fcntl(pair[1], F_SETFL, 0) == -1) {
		fd_close_all(pair, 2);
		return -1;
	}
	if ((pid = clone_into()) == 0) {
		close(pair[0]);
		return child_go_on(pair[1], fds);
	}
	fd_close(&pair[1]);
	if (pid != -1) {
		errno = 0;
		ret = let_child_go_on(pair[0], pid, uid, gid, calls, arg, fds);
	}
	if (ret == 1)
		_exit(0);
	fd_close(&pair[0]);
	return ret;
}
