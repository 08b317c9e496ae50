/*
 * feature.c: the table of what is tried, and the child that tries it; see
 * feature.h.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feature.h"
#include "feature_int.h"

/* Seconds for one of them. */
#define TRY_SECONDS	10

/* What a child that was ended by a signal comes to. */
#define SIGNALLED	256
#define UNKNOWN		(-1)

static const struct {
	const char	*key;
	const char	*name;
	int		(*run)(void);
	bool		 roots;		/* only root may do it at all */
} features[NFEATURES] = {
	[FEATURE_IA32] = { "ia32", "32-bit system calls (int 0x80)",
	    try_ia32, false },
	[FEATURE_X32] = { "x32", "x32 system calls", try_x32, false },
	[FEATURE_PROGRAM] = { "program", "a program for this processor",
	    try_program, false },
	[FEATURE_GAIN] = { "gain", "set-user-ID programs, and so a start "
	    "without no_new_privs", try_gain, false },
	[FEATURE_SECCOMP] = { "seccomp", "seccomp filters", try_seccomp,
	    false },
	[FEATURE_LANDLOCK] = { "landlock", "Landlock", try_landlock, false },
	[FEATURE_LANDLOCK3] = { "landlock3",
	    "Landlock ABI 3 (truncation)", try_landlock3, false },
	[FEATURE_LANDLOCK4] = { "landlock4",
	    "Landlock ABI 4 (TCP)", try_landlock4, false },
	[FEATURE_LANDLOCK6] = { "landlock6",
	    "Landlock ABI 6 (abstract sockets, signals)", try_landlock6,
	    false },
	[FEATURE_OPENAT2] = { "openat2", "openat2(2)", try_openat2, false },
	[FEATURE_LINKFD] = { "linkfd", "linkat(2) with AT_EMPTY_PATH",
	    try_linkfd, false },
	[FEATURE_CLONES] = { "clones",
	    "mount clones (open_tree(2), mount_setattr(2))", try_clones,
	    true },
	[FEATURE_MEMFD] = { "memfd", "memfd_create(2) with seals", try_memfd,
	    false },
	[FEATURE_USERNS] = { "userns", "user namespaces", try_userns, false },
	[FEATURE_MNTNS] = { "mntns", "mount namespaces", try_mntns, false },
	[FEATURE_PIDNS] = { "pidns", "process namespaces", try_pidns, false },
	[FEATURE_NETNS] = { "netns", "network namespaces", try_netns, false },
	[FEATURE_IPCNS] = { "ipcns", "IPC namespaces", try_ipcns, false },
	[FEATURE_UTSNS] = { "utsns", "host name namespaces", try_utsns,
	    false },
	[FEATURE_CGROUPNS] = { "cgroupns", "cgroup namespaces", try_cgroupns,
	    false },
	[FEATURE_CLONE3] = { "clone3", "clone3(2)", try_clone3, false },
	[FEATURE_PTRACE] = { "ptrace",
	    "tracing of processes of the same user (Yama's ptrace_scope)",
	    try_ptrace, false },
	[FEATURE_PIDFD] = { "pidfd", "pidfd_open(2)", try_pidfd, false },
	[FEATURE_PIDFD_GETFD] = { "pidfd_getfd", "pidfd_getfd(2)",
	    try_pidfd_getfd, false },
	[FEATURE_VM_READV] = { "vm_readv", "process_vm_readv(2)",
	    try_vm_readv, false },
	[FEATURE_PROC_MEM] = { "proc_mem", "/proc/PID/mem to write",
	    try_proc_mem, false },
	[FEATURE_PROC_OTHERS] = { "proc_others",
	    "other processes in /proc (hidepid)", try_proc_others, false },
	[FEATURE_FSOPEN] = { "fsopen", "fsopen(2)", try_fsopen, true },
	[FEATURE_HANDLES] = { "handles", "file handles on tmpfs", try_handles,
	    true },
	[FEATURE_XATTR] = { "xattr", "user attributes on tmpfs", try_xattr,
	    true },
	[FEATURE_FLAGS] = { "flags", "file flags on tmpfs", try_flags, true },
	[FEATURE_FUSE] = { "fuse", "FUSE in a user namespace", NULL, false },
	[FEATURE_INET] = { "inet", "IPv4 on the loopback", try_inet, false },
	[FEATURE_FASTOPEN] = { "fastopen", "TCP fast open", try_fastopen,
	    false },
	[FEATURE_FASTOPEN_FREE] = { "fastopen_free",
	    "TCP fast open that Landlock does not stop", try_fastopen_free,
	    false },
	[FEATURE_ABSTRACT] = { "abstract", "abstract sockets", try_abstract,
	    false },
	[FEATURE_NETLINK] = { "netlink", "netlink sockets", try_netlink,
	    false },
	[FEATURE_PASSPIDFD] = { "passpidfd", "SO_PASSPIDFD", try_passpidfd,
	    false },
	[FEATURE_PASSRIGHTS] = { "passrights", "SO_PASSRIGHTS",
	    try_passrights, false },
	[FEATURE_IO_URING] = { "io_uring",
	    "io_uring (kernel.io_uring_disabled)", try_io_uring, false },
	[FEATURE_USERFAULTFD] = { "userfaultfd",
	    "userfaultfd(2) (vm.unprivileged_userfaultfd)", try_userfaultfd,
	    false },
	[FEATURE_BPF] = { "bpf", "bpf(2)", try_bpf, true },
	[FEATURE_PERF] = { "perf",
	    "perf_event_open(2) (kernel.perf_event_paranoid)", try_perf,
	    false },
	[FEATURE_KEYS] = { "keys", "keyrings", try_keys, false },
	[FEATURE_MEMFD_EXEC] = { "memfd_exec",
	    "memfds that can be executed (vm.memfd_noexec)", try_memfd_exec,
	    false },
	[FEATURE_CODE] = { "code", "memory that is written and executed",
	    try_code, false },
	[FEATURE_SYSVIPC] = { "sysvipc", "System V shared memory",
	    try_sysvipc, false },
	[FEATURE_INOTIFY] = { "inotify", "inotify", try_inotify, false },
};

/* What came of it for the users it was tried for: root and one other. */
static struct {
	uid_t	 uid;
	bool	 known;
	int	 outcome[NFEATURES];
} seen[2];

enum feature
feature_from(const char *key)
{
	enum feature	 f;

	for (f = FEATURE_NONE + 1; f < NFEATURES; f++)
		if (strcmp(features[f].key, key) == 0)
			return f;
	return FEATURE_NONE;
}

const char *
feature_key(enum feature f)
{
	return features[f].key;
}

bool
feature_is_roots(enum feature f)
{
	return features[f].roots;
}

int
feature_result(long ret)
{
	return ret == -1 ? errno : 0;
}

int
feature_become(uid_t uid)
{
	if (uid == geteuid())
		return 0;
	if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return errno;
	return feature_result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

int
feature_mount_tmp(void)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return errno;
	return feature_result(mount("none", "/tmp", "tmpfs", 0, "mode=0777"));
}

/* In the child.  A signal is an answer, whatever its parent does with it. */
static int
try_child(enum feature f, uid_t uid)
{
	const struct rlimit	 none = { 0, 0 };
	int			 error, sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)alarm(TRY_SECONDS);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (features[f].run == NULL)
		return try_fuse(uid);
	if ((error = feature_become(uid)) != 0)
		return error;
	return features[f].run();
}

/* 0, an errno value, or SIGNALLED and a signal. */
static int
try(enum feature f, uid_t uid)
{
	pid_t	 pid;
	int	 status;

	(void)fflush(NULL);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0)
		_exit(try_child(f, uid));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    SIGNALLED + WTERMSIG(status);
}

static int
outcome_for(enum feature f, uid_t uid)
{
	size_t	 i = uid != 0, k;

	if (!seen[i].known || seen[i].uid != uid) {
		seen[i].known = true;
		seen[i].uid = uid;
		for (k = 0; k < NFEATURES; k++)
			seen[i].outcome[k] = UNKNOWN;
	}
	if (seen[i].outcome[f] == UNKNOWN)
		seen[i].outcome[f] = try(f, uid);
	return seen[i].outcome[f];
}

bool
feature_has(enum feature f, uid_t uid, char why[FEATURE_WHY])
{
	char	 who[32] = "";
	int	 outcome;

	if (geteuid() != 0)
		uid = geteuid();
	if (geteuid() != 0 && features[f].roots) {
		(void)strlcpy(why, "needs root", FEATURE_WHY);
		return false;
	}
	if ((outcome = outcome_for(f, uid)) == 0)
		return true;
	if (uid != 0)
		(void)snprintf(who, sizeof(who), " for uid %lu",
		    (unsigned long)uid);
	(void)snprintf(why, FEATURE_WHY, "needs %s%s: %s", features[f].name,
	    who, outcome >= SIGNALLED ? strsignal(outcome - SIGNALLED) :
	    strerror(outcome));
	return false;
}
