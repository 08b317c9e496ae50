/*
 * ops_proc.c: attacks on other processes: an opener, the listener, the
 * supervisor; see hostile.h.  Openers and listener have the same uid.
 */

#include "config.h"

#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

/* At the same address in every child of the runner. */
static char	memory[] = "of a target";

static int
trace(pid_t pid)
{
	return result(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
}

static int
trace_opener(const struct world *w)
{
	return trace(w->opener);
}

static int
trace_listener(const struct world *w)
{
	return trace(w->listener);
}

static int
trace_daemon(const struct world *w)
{
	return trace(w->daemon);
}

static int
rob(const struct world *w, pid_t pid)
{
	int	 fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd == -1 ? errno : result(syscall(SYS_pidfd_getfd, fd,
	    w->secret, 0));
}

static int
rob_opener(const struct world *w)
{
	return rob(w, w->opener);
}

static int
rob_listener(const struct world *w)
{
	return rob(w, w->listener);
}

static int
rob_daemon(const struct world *w)
{
	return rob(w, w->daemon);
}

static int
rob_by_proc(const struct world *w)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)w->opener,
	    w->secret);
	return result(scene_open(AT_FDCWD, path, O_RDONLY, 0));
}

static int
open_memory(const struct world *w)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)w->opener);
	return result(scene_open(AT_FDCWD, path, O_RDWR, 0));
}

static int
read_memory(const struct world *w)
{
	char		 buf[sizeof(memory)];
	struct iovec	 here = { buf, sizeof(buf) };
	struct iovec	 there = { memory, sizeof(memory) };

	return result(process_vm_readv(w->opener, &here, 1, &there, 1, 0));
}

static int
write_memory(const struct world *w)
{
	char		 buf[] = "of attacker";
	struct iovec	 here = { buf, sizeof(buf) };
	struct iovec	 there = { memory, sizeof(memory) };

	return result(process_vm_writev(w->opener, &here, 1, &there, 1, 0));
}

static int
kill_opener(const struct world *w)
{
	return result(kill(w->opener, SIGKILL));
}

static int
kill_listener(const struct world *w)
{
	return result(kill(w->listener, SIGKILL));
}

static int
kill_daemon(const struct world *w)
{
	return result(kill(w->daemon, SIGKILL));
}

static int
kill_by_pidfd(const struct world *w)
{
	int	 fd = (int)syscall(SYS_pidfd_open, w->opener, 0);

	return fd == -1 ? errno : result(syscall(SYS_pidfd_send_signal, fd,
	    SIGKILL, NULL, 0));
}

/* A signal to pid whenever fd is ready. */
static int
own_signals(int fd, pid_t pid)
{
	if (fcntl(fd, F_SETOWN, pid) == -1 ||
	    fcntl(fd, F_SETSIG, SIGKILL) == -1)
		return -1;
	return fcntl(fd, F_SETFL, O_ASYNC);
}

/* Let the kernel send the signal when a descriptor is ready. */
static int
kill_by_owner(const struct world *w)
{
	int	 p[2];

	if (fcntl(w->sock, F_SETOWN, w->opener) == -1 ||
	    pipe2(p, O_CLOEXEC) == -1 || own_signals(p[0], w->opener) == -1)
		return errno;
	return write(p[1], "x", 1) == 1 ? 0 : errno;
}

static int
set_limit(const struct world *w)
{
	const struct rlimit	 rl = { 64, 64 };

	if (prlimit(w->opener, RLIMIT_NOFILE, &rl, NULL) == 0)
		return 0;
	/* Not every root may do it to another user's. */
	if (errno != EPERM || setresgid(w->uid, w->uid, w->uid) == -1 ||
	    setresuid(w->uid, w->uid, w->uid) == -1)
		return errno;
	return result(prlimit(w->opener, RLIMIT_NOFILE, &rl, NULL));
}

static int
set_priority(const struct world *w)
{
	return result(setpriority(PRIO_PROCESS, (id_t)w->opener, 19));
}

static int
set_affinity(const struct world *w)
{
	unsigned long	 mask = 1;

	return result(syscall(SYS_sched_setaffinity, w->opener, sizeof(mask),
	    &mask));
}

/* The supervisor's name spaces. */
static int
enter_namespace(const struct world *w)
{
	int	 fd = (int)syscall(SYS_pidfd_open, w->daemon, 0);

	return fd == -1 ? errno : result(setns(fd, CLONE_NEWNS));
}

static const struct op	 ops[] = {
	{ .name = "ptrace an opener",
	    .run = trace_opener, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PTRACE } },
	{ .name = "ptrace the listener",
	    .run = trace_listener, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PTRACE } },
	{ .name = "ptrace the supervisor",
	    .run = trace_daemon, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PTRACE } },
	{ .name = "pidfd_getfd of an opener",
	    .run = rob_opener, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PIDFD_GETFD, FEATURE_PTRACE } },
	{ .name = "pidfd_getfd of the listener",
	    .run = rob_listener, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PIDFD_GETFD, FEATURE_PTRACE } },
	{ .name = "pidfd_getfd of the supervisor",
	    .run = rob_daemon, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PIDFD_GETFD, FEATURE_PTRACE } },
	{ .name = "open /proc/PID/fd of an opener",
	    .run = rob_by_proc, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PROC_OTHERS } },
	{ .name = "open /proc/PID/mem of an opener",
	    .run = open_memory, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PROC_MEM, FEATURE_PROC_OTHERS } },
	{ .name = "process_vm_readv of an opener",
	    .run = read_memory, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_VM_READV, FEATURE_PTRACE } },
	{ .name = "process_vm_writev of an opener",
	    .run = write_memory, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_VM_READV, FEATURE_PTRACE } },
	{ .name = "kill an opener",
	    .run = kill_opener, .check = check_opener_dead,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_LANDLOCK6 } },
	{ .name = "kill the listener",
	    .run = kill_listener, .check = check_listener_dead,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_LANDLOCK6 } },
	{ .name = "kill the supervisor",
	    .run = kill_daemon, .check = check_daemon_dead,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_LANDLOCK6 } },
	{ .name = "... an opener by its pidfd",
	    .run = kill_by_pidfd, .check = check_opener_dead,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PIDFD, FEATURE_LANDLOCK6 } },
	{ .name = "... an opener by F_SETOWN",
	    .run = kill_by_owner, .check = check_opener_dead,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_LANDLOCK6 } },
	{ .name = "change an opener's limits",
	    .run = set_limit, .who = WHO_EVERYBODY },
	{ .name = "change an opener's priority",
	    .run = set_priority, .who = WHO_EVERYBODY },
	{ .name = "change an opener's affinity",
	    .run = set_affinity, .who = WHO_EVERYBODY },
	{ .name = "setns to the supervisor's mounts",
	    .run = enter_namespace, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PIDFD, FEATURE_MNTNS } },
};

const struct op *
ops_proc(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
