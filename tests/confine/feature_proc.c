/*
 * feature_proc.c: namespaces, and what one process may do to another of the
 * same user; see feature_int.h.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/sched.h>

#include "feature_int.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP	0x02000000
#endif

/* Where a user may make one, but gets no rights in it, there is none. */
int
try_userns(void)
{
	if (unshare(CLONE_NEWUSER) == -1)
		return errno;
	return feature_result(chroot("/"));
}

static int
try_unshare(int flag)
{
	if (geteuid() != 0)
		flag |= CLONE_NEWUSER;
	return feature_result(unshare(flag));
}

int
try_mntns(void)
{
	return try_unshare(CLONE_NEWNS);
}

int
try_pidns(void)
{
	return try_unshare(CLONE_NEWPID);
}

int
try_netns(void)
{
	return try_unshare(CLONE_NEWNET);
}

int
try_ipcns(void)
{
	return try_unshare(CLONE_NEWIPC);
}

int
try_utsns(void)
{
	return try_unshare(CLONE_NEWUTS);
}

int
try_cgroupns(void)
{
	return try_unshare(CLONE_NEWCGROUP);
}

int
try_clone3(void)
{
	struct clone_args	 args;
	long			 pid;

	memset(&args, 0, sizeof(args));
	args.exit_signal = SIGCHLD;
	if ((pid = syscall(SYS_clone3, &args, sizeof(args))) == 0)
		_exit(0);
	return pid == -1 ? errno :
	    feature_result(waitpid((pid_t)pid, NULL, 0));
}

/* The other process: it only waits for its end. */
static void
other_main(pid_t parent, int dumpable)
{
	sigset_t	 none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
	(void)kill(parent, SIGUSR1);
	sigemptyset(&none);
	for (;;)
		(void)sigsuspend(&none);
}

/*
 * Call f with another process, which is no child of who calls: Yama lets
 * everybody trace children.
 */
static int
try_other(int (*f)(pid_t), int dumpable)
{
	sigset_t	 set;
	pid_t		 other, pid, parent = getpid();
	int		 sig, status;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (other = fork()) == -1)
		return errno;
	if (other == 0)
		other_main(parent, dumpable);
	(void)sigwait(&set, &sig);
	if ((pid = fork()) == 0)
		_exit(f(other));
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		status = EAGAIN << 8;
	(void)kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

static int
trace(pid_t pid)
{
	return feature_result(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
}

int
try_ptrace(void)
{
	return try_other(trace, 1);
}

static int
signal_by_pidfd(pid_t pid)
{
	int	 fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd == -1 ? errno : feature_result(syscall(
	    SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

int
try_pidfd(void)
{
	return try_other(signal_by_pidfd, 1);
}

static int
get_descriptor(pid_t pid)
{
	int	 fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd == -1 ? errno : feature_result(syscall(SYS_pidfd_getfd, fd,
	    STDERR_FILENO, 0));
}

int
try_pidfd_getfd(void)
{
	return try_other(get_descriptor, 1);
}

/* At the same address in both. */
static int
read_memory(pid_t pid)
{
	static char	 there[] = "there";
	char		 here[sizeof(there)];
	struct iovec	 to = { here, sizeof(here) };
	struct iovec	 from = { there, sizeof(there) };

	return feature_result(process_vm_readv(pid, &to, 1, &from, 1, 0));
}

int
try_vm_readv(void)
{
	return try_other(read_memory, 1);
}

static int
open_memory(pid_t pid)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	return feature_result(open(path, O_RDWR | O_CLOEXEC));
}

int
try_proc_mem(void)
{
	return try_other(open_memory, 1);
}

static int
look_at(pid_t pid)
{
	char		 path[64];
	struct stat	 st;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return feature_result(stat(path, &st));
}

/* Whoever is not dumpable counts as another user's. */
int
try_proc_others(void)
{
	return try_other(look_at, 0);
}
