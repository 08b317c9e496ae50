/*
 * without.c: run a command as on a kernel that lacks something.
 *
 * usage: without feature[,feature ...] [--] command [argument ...]
 *        without -l
 *
 * The names are those of feature.c; -l prints the ones that can be taken away.
 * A filter of system calls does it, which all that the command starts has,
 * too.  The filters that they load themselves stay as they are: the kernel
 * takes the strictest answer, and what they kill is killed.
 *
 * What a filter cannot see, this program looks up for it: the kernel stops a
 * call and asks.  Root keeps what set-user-ID programs are good for; another
 * user loses it by the filter.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>

#include <seccomp.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "feature.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP	0x02000000
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD	76
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

#define ANY		(-1)	/* whatever the arguments are */
#define ASK		(-1)	/* this program what comes of it */
#define X32		0x40000000U
#define CODE_MAX	1024

/* Half of an argument, and where it is in struct seccomp_data. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ARG(i)		(offsetof(struct seccomp_data, args) + 8 * (i) + 4)
#else
#define ARG(i)		(offsetof(struct seccomp_data, args) + 8 * (i))
#endif

/* A call that fails, if (argument & mask) is the value. */
struct rule {
	enum feature	 feature;
	long		 call;
	int		 arg;
	uint32_t	 mask, value;
	int		 error;		/* or ASK */
};

#define ALL(f, call, error)	{ f, call, ANY, 0, 0, error }
#define ALL_OF(f, call, arg, bits, error) \
	{ f, call, arg, bits, bits, error }
#define EQUAL(f, call, arg, value, error) \
	{ f, call, arg, UINT32_MAX, value, error }
/* The flags of clone3(2) are in memory: so that is missing altogether. */
#define NAMESPACE(f, flag, error) \
	ALL_OF(f, SYS_unshare, 0, flag, error), \
	ALL_OF(f, SYS_clone, 0, flag, error), \
	ALL(f, SYS_clone3, ENOSYS)

static const struct rule	 rules[] = {
	ALL(FEATURE_SECCOMP, SYS_seccomp, ENOSYS),
	EQUAL(FEATURE_SECCOMP, SYS_prctl, 0, PR_SET_SECCOMP, EINVAL),
	ALL(FEATURE_LANDLOCK, SYS_landlock_create_ruleset, ENOSYS),
	ALL(FEATURE_LANDLOCK, SYS_landlock_add_rule, ENOSYS),
	ALL(FEATURE_LANDLOCK, SYS_landlock_restrict_self, ENOSYS),
	/* What is asked for is the version. */
	EQUAL(FEATURE_LANDLOCK3, SYS_landlock_create_ruleset, 2, 1, ASK),
	EQUAL(FEATURE_LANDLOCK4, SYS_landlock_create_ruleset, 2, 1, ASK),
	EQUAL(FEATURE_LANDLOCK6, SYS_landlock_create_ruleset, 2, 1, ASK),
	ALL(FEATURE_OPENAT2, SYS_openat2, ENOSYS),
	EQUAL(FEATURE_LINKFD, SYS_linkat, 4, AT_EMPTY_PATH, ENOENT),
	ALL(FEATURE_CLONES, SYS_open_tree, ENOSYS),
	ALL(FEATURE_CLONES, SYS_mount_setattr, ENOSYS),
	ALL(FEATURE_MEMFD, SYS_memfd_create, ENOSYS),
	NAMESPACE(FEATURE_USERNS, CLONE_NEWUSER, EPERM),
	NAMESPACE(FEATURE_MNTNS, CLONE_NEWNS, EINVAL),
	NAMESPACE(FEATURE_PIDNS, CLONE_NEWPID, EINVAL),
	NAMESPACE(FEATURE_NETNS, CLONE_NEWNET, EINVAL),
	NAMESPACE(FEATURE_IPCNS, CLONE_NEWIPC, EINVAL),
	NAMESPACE(FEATURE_UTSNS, CLONE_NEWUTS, EINVAL),
	NAMESPACE(FEATURE_CGROUPNS, CLONE_NEWCGROUP, EINVAL),
	ALL(FEATURE_CLONE3, SYS_clone3, ENOSYS),
	/* What is no child; Yama looks at the other three in the same way. */
	EQUAL(FEATURE_PTRACE, SYS_ptrace, 0, PTRACE_SEIZE, EPERM),
	EQUAL(FEATURE_PTRACE, SYS_ptrace, 0, PTRACE_ATTACH, EPERM),
	ALL(FEATURE_PTRACE, SYS_pidfd_getfd, EPERM),
	ALL(FEATURE_PTRACE, SYS_process_vm_readv, EPERM),
	ALL(FEATURE_PTRACE, SYS_process_vm_writev, EPERM),
	ALL(FEATURE_PIDFD, SYS_pidfd_open, ENOSYS),
	ALL(FEATURE_PIDFD_GETFD, SYS_pidfd_getfd, ENOSYS),
	ALL(FEATURE_VM_READV, SYS_process_vm_readv, ENOSYS),
	ALL(FEATURE_VM_READV, SYS_process_vm_writev, ENOSYS),
	ALL(FEATURE_FSOPEN, SYS_fsopen, ENOSYS),
	ALL(FEATURE_HANDLES, SYS_name_to_handle_at, EOPNOTSUPP),
	ALL(FEATURE_HANDLES, SYS_open_by_handle_at, ENOSYS),
	ALL(FEATURE_XATTR, SYS_fsetxattr, EOPNOTSUPP),
	EQUAL(FEATURE_FLAGS, SYS_ioctl, 1, FS_IOC_SETFLAGS, ENOTTY),
	EQUAL(FEATURE_INET, SYS_socket, 0, AF_INET, EAFNOSUPPORT),
	EQUAL(FEATURE_INET, SYS_socket, 0, AF_INET6, EAFNOSUPPORT),
	ALL_OF(FEATURE_FASTOPEN, SYS_sendto, 3, MSG_FASTOPEN, EOPNOTSUPP),
	ALL(FEATURE_ABSTRACT, SYS_bind, ASK),
	ALL(FEATURE_ABSTRACT, SYS_connect, ASK),
	EQUAL(FEATURE_NETLINK, SYS_socket, 0, AF_NETLINK, EAFNOSUPPORT),
	EQUAL(FEATURE_PASSPIDFD, SYS_setsockopt, 2, SO_PASSPIDFD,
	    ENOPROTOOPT),
	EQUAL(FEATURE_PASSRIGHTS, SYS_setsockopt, 2, SO_PASSRIGHTS,
	    ENOPROTOOPT),
	ALL(FEATURE_IO_URING, SYS_io_uring_setup, EPERM),
	ALL(FEATURE_USERFAULTFD, SYS_userfaultfd, EPERM),
	ALL(FEATURE_BPF, SYS_bpf, EPERM),
	ALL(FEATURE_PERF, SYS_perf_event_open, EACCES),
	ALL(FEATURE_KEYS, SYS_add_key, ENOSYS),
	ALL(FEATURE_KEYS, SYS_keyctl, ENOSYS),
	ALL(FEATURE_KEYS, SYS_request_key, ENOSYS),
	ALL(FEATURE_MEMFD_EXEC, SYS_execveat, EACCES),
	ALL_OF(FEATURE_CODE, SYS_mmap, 2, 6, EACCES),
	ALL_OF(FEATURE_CODE, SYS_mprotect, 2, 4, EACCES),
	ALL(FEATURE_SYSVIPC, SYS_shmget, ENOSYS),
	ALL(FEATURE_INOTIFY, SYS_inotify_init1, ENOSYS),
};

#define NRULES	(sizeof(rules) / sizeof(rules[0]))

static bool			 lacks[NFEATURES];
static struct sock_filter	 code[CODE_MAX];
static size_t			 ncode;
static bool			 asks;

static void
emit(uint16_t what, uint8_t yes, uint8_t no, uint32_t k)
{
	const struct sock_filter	 ins = { what, yes, no, k };

	if (ncode == CODE_MAX)
		errx(2, "too many features");
	code[ncode++] = ins;
}

static void
emit_load(size_t offset)
{
	emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
emit_return(uint32_t action)
{
	emit(BPF_RET | BPF_K, 0, 0, action);
}

/* Other entries into the kernel, and the number of what is left. */
static void
emit_entries(void)
{
	emit_load(offsetof(struct seccomp_data, arch));
#ifdef __x86_64__
	if (lacks[FEATURE_IA32]) {
		/* In truth it is another signal that ends the process. */
		emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AUDIT_ARCH_I386);
		emit_return(SECCOMP_RET_TRAP);
	}
#endif
	emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, seccomp_arch_native());
	emit_return(SECCOMP_RET_ALLOW);
	emit_load(offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32);
	emit_return(lacks[FEATURE_X32] ? SECCOMP_RET_ERRNO | ENOSYS :
	    SECCOMP_RET_ALLOW);
#endif
}

/* The number is loaded, before it and after it. */
static void
emit_rule(const struct rule *r)
{
	emit(BPF_JMP | BPF_JEQ | BPF_K, 0, r->arg == ANY ? 1 : 5,
	    (uint32_t)r->call);
	if (r->arg != ANY) {
		emit_load(ARG((size_t)r->arg));
		emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, r->mask);
		emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, r->value);
	}
	emit_return(r->error == ASK ? SECCOMP_RET_USER_NOTIF :
	    SECCOMP_RET_ERRNO | (uint32_t)r->error);
	if (r->arg != ANY)
		emit_load(offsetof(struct seccomp_data, nr));
	if (r->error == ASK)
		asks = true;
}

static void
emit_all(void)
{
	size_t	 i;

	emit_entries();
	for (i = 0; i < NRULES; i++)
		if (lacks[rules[i].feature])
			emit_rule(&rules[i]);
	emit_return(SECCOMP_RET_ALLOW);
}

/* A descriptor by which the kernel asks, or 0 if it will not; or -1. */
static int
load(void)
{
	const struct sock_fprog	 prog = { (unsigned short)ncode, code };

	if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    asks ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &prog);
}

/* Does a call of another process give an abstract name? */
static bool
is_abstract(const struct seccomp_notif *n)
{
	struct sockaddr_un	 sun;
	struct iovec		 to = { &sun, sizeof(sun) }, from;
	size_t			 len = (size_t)n->data.args[2];

	memset(&sun, 0, sizeof(sun));
	from.iov_base = (void *)(uintptr_t)n->data.args[1];
	from.iov_len = len < sizeof(sun) ? len : sizeof(sun);
	if (process_vm_readv((pid_t)n->pid, &to, 1, &from, 1, 0) == -1)
		return false;
	return sun.sun_family == AF_UNIX && sun.sun_path[0] == '\0';
}

static void
answer(const struct seccomp_notif *n, struct seccomp_notif_resp *r)
{
	r->id = n->id;
	if (n->data.nr == SYS_landlock_create_ruleset)
		r->val = lacks[FEATURE_LANDLOCK3] ? 2 :
		    lacks[FEATURE_LANDLOCK4] ? 3 : 5;
	else if (is_abstract(n))
		r->error = -EPERM;
	else
		r->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
}

/* Until nobody is left who could be stopped. */
static void
answer_all(int fd)
{
	struct seccomp_notif		 n;
	struct seccomp_notif_resp	 r;
	struct pollfd			 pfd = { .fd = fd, .events = POLLIN };

	while (poll(&pfd, 1, -1) == 1 && (pfd.revents & POLLIN) != 0) {
		memset(&n, 0, sizeof(n));
		memset(&r, 0, sizeof(r));
		/* Whoever asked may be dead by now. */
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) == -1)
			continue;
		answer(&n, &r);
		(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

/* A process beside the command answers; the command is still our child. */
static void
answer_beside(int p[2])
{
	struct fdmsg	 m;
	char		 c;

	close(p[1]);
	if (fdmsg_recv(p[0], &c, 1, 1, &m) != 1 || m.nfds != 1)
		_exit(1);
	answer_all(m.fds[0]);
	_exit(0);
}

static void
run(char *argv[])
{
	int	 p[2], fd;
	pid_t	 pid;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, p) == -1)
		err(2, "socketpair");
	if (asks) {
		/* Twice, so that the command has no child that it does not
		 * know of. */
		if ((pid = fork()) == -1)
			err(2, "fork");
		if (pid == 0) {
			if (fork() == 0)
				answer_beside(p);
			_exit(0);
		}
		(void)waitpid(pid, NULL, 0);
	}
	if ((fd = load()) == -1)
		err(2, "filter");
	if (asks && fdmsg_send(p[1], "x", 1, &fd, 1) == -1)
		err(2, "filter");
	if (asks)
		close(fd);
	fd_close_all(p, 2);
	(void)execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static bool
can_lack(enum feature f)
{
	size_t	 i;

	for (i = 0; i < NRULES; i++)
		if (rules[i].feature == f)
			return true;
	return f == FEATURE_IA32 || f == FEATURE_X32;
}

static void
list(void)
{
	enum feature	 f;

	for (f = FEATURE_NONE + 1; f < NFEATURES; f++)
		if (can_lack(f))
			(void)printf("%s\n", feature_key(f));
}

int
main(int argc, char *argv[])
{
	enum feature	 f;
	char		*key;

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list();
		return 0;
	}
	if (argc < 3)
		errx(2, "usage: without feature[,feature ...] [--] command");
	while ((key = strsep(&argv[1], ",")) != NULL) {
		if ((f = feature_from(key)) == FEATURE_NONE || !can_lack(f))
			errx(2, "%s: cannot be taken away", key);
		lacks[f] = true;
	}
	emit_all();
	argv += strcmp(argv[2], "--") == 0 ? 3 : 2;
	if (argv[0] == NULL)
		errx(2, "no command");
	run(argv);
}
