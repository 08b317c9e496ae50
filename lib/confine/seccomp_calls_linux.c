/*
 * seccomp_calls_linux.c: the tables of system calls; see seccomp_calls.h.
 *
 * Constant data, in every process.  Each call is made in a test by each process
 * that has it; tests/confine/unseen names the exceptions, which another version
 * of the C library, another machine or another library needs.
 *
 * open_by_handle_at(2) must never be here: with CAP_DAC_READ_SEARCH it reads
 * any file of a clone's file system, whatever Landlock says.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>

#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/openat2.h>

#include "base/fskind.h"
#include "confine/seccomp_calls.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* The kernel looks at the lower 32 bits of an int. */
#define INT		0xffffffffULL
#define IS(arg, value)	{ arg, SCMP_CMP_MASKED_EQ, INT, value }
#define NEGATIVE	0x80000000ULL
#define NOT(arg, bits)	{ arg, SCMP_CMP_MASKED_EQ, bits, 0 }

#define CALL(name)	{ .number = SCMP_SYS(name) }
#define CALL1(name, one) \
	{ .number = SCMP_SYS(name), .args = { one } }
#define CALL2(name, one, two) \
	{ .number = SCMP_SYS(name), .args = { one, two } }
#define FAILS(name, e)	{ .number = SCMP_SYS(name), .error = e }

#define FCNTL(cmd)	CALL1(fcntl, IS(1, cmd))
#define PRCTL(option)	CALL1(prctl, IS(0, option))
#define REQUEST(value)	{ 1, SCMP_CMP_EQ, value, 0 }
#define IOCTL_FAILS(bit) \
	{ .number = SCMP_SYS(ioctl), .error = ENOTTY, \
	    .args = { { 1, SCMP_CMP_MASKED_EQ, 1, bit } } }
#define SOCKET(op_, e) \
	{ .number = SCMP_SYS(socket), .error = e, \
	    .args = { { 0, SCMP_CMP_##op_, AF_UNIX, 0 } } }
#define NONE(arg)	{ arg, SCMP_CMP_EQ, 0, 0 }
#define SENDTO(flags)	CALL2(sendto, IS(3, flags), NONE(4))
#define SOCKOPT(name)	CALL2(setsockopt, IS(1, SOL_SOCKET), IS(2, name))

/* To compute, to exchange messages with our own, and to end.  No new code. */
static const struct call calls_all[] = {
	CALL(brk),
	CALL(clock_gettime),
	CALL(close),
	CALL(exit_group),
	CALL1(mmap, NOT(2, PROT_EXEC)),
	CALL(mremap),
	CALL(munmap),
	CALL1(recvmsg, IS(2, MSG_CMSG_CLOEXEC)),
	/* To the peer of the socket, and to no other address. */
	SENDTO(MSG_NOSIGNAL),
#ifdef FDB_SANITIZED
	/* Calls that the sanitizers' runtime makes. */
	CALL(futex),
	CALL(getpid),
	CALL(getrandom),
	CALL(getrlimit),
	CALL(gettid),
	CALL(madvise),
	CALL1(mprotect, NOT(2, PROT_EXEC)),
	CALL(prctl),
	CALL(prlimit64),
	CALL(readlink),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(sched_getaffinity),
	CALL(sched_yield),
	CALL(sigaltstack),
	CALL(tgkill),
	CALL(write),
#endif
};

/* To wait with poll(2), and to go on after SIGSTOP. */
static const struct call calls_poll[] = {
#ifdef SYS_poll
	CALL(poll),
#else
	CALL(ppoll),
#endif
	CALL(restart_syscall),
};

/* To hand out descriptors. */
static const struct call calls_sendmsg[] = {
	CALL1(sendmsg, IS(2, MSG_NOSIGNAL)),
};

/*
 * A worker reads what it is handed and writes its output: fdbroker(3) says
 * which calls a program may rely on.  fstat(3) is newfstatat(2) in glibc, which
 * also looks at any path, and Landlock does not restrict that; stdio(3) calls
 * it and does without when it fails.  sendmsg(2) must not be here: it sends to
 * any socket that has a path, even on a connected socket.
 */
static const struct call calls_worker[] = {
	CALL(close_range),
	CALL(copy_file_range),
	CALL(fadvise64),
	FCNTL(F_DUPFD_CLOEXEC),
	FCNTL(F_GETFD),
	FCNTL(F_GETFL),
	FCNTL(F_GETPIPE_SZ),
	FCNTL(F_SETFD),
	FCNTL(F_SETFL),
	CALL(fdatasync),
	CALL(fstat),
	CALL(fsync),
	CALL(ftruncate),
	/* Libraries that initialise something once, and late. */
	CALL1(futex, IS(1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG)),
	CALL(getpid),
	CALL(getrandom),
	CALL(gettimeofday),
	CALL(lseek),
	/* For other allocators than the C library's. */
	CALL(madvise),
	CALL1(mprotect, NOT(2, PROT_EXEC)),
	FAILS(newfstatat, EPERM),
	CALL(ppoll),
	CALL(pread64),
	CALL(pwrite64),
	CALL(read),
	CALL(readv),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(sendfile),
	CALL(splice),
	CALL(write),
	CALL(writev),
};

/* An event loop on the sockets that it holds. */
static const struct call calls_listener[] = {
	CALL1(accept4, IS(3, SOCK_CLOEXEC | SOCK_NONBLOCK)),
	CALL(epoll_ctl),
#ifdef SYS_epoll_wait
	CALL(epoll_wait),
#else
	CALL(epoll_pwait),
#endif
	/* The peer of the control socket. */
	CALL2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)),
	CALL(gettimeofday),
};

/* To open beneath roots. */
static const struct call calls_private[] = {
	CALL(close_range),
	FCNTL(F_GETFL),
	CALL(getdents64),
	CALL1(openat2, IS(3, sizeof(struct open_how))),
	CALL(readlinkat),
	CALL(statx),
};

/*
 * To take a new policy, which a private opener never gets; and to ask how a
 * file system compares names.
 */
static const struct call calls_opener[] = {
	CALL(fstat),
	CALL(fstatfs),
	CALL1(ioctl, REQUEST(FS_IOC_GETFLAGS)),
	CALL1(ioctl, REQUEST(FSKIND_EXT_PARAMS)),
	CALL1(ioctl, REQUEST(FSKIND_XFS_GEOMETRY)),
};

/* To change what was opened, for a role that writes. */
static const struct call calls_writer[] = {
	CALL(fchown),
	CALL(ftruncate),
};

/*
 * To ask for names of users and groups, in one of the system's ways: files,
 * systemd's JSON over a socket, or a cache that is mapped and a daemon behind
 * a socket.  Sockets are local: another family fails with EAFNOSUPPORT.
 */
static const struct call calls_names[] = {
	CALL(connect),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_wait),
	CALL(epoll_pwait2),
	FCNTL(F_GETFD),
	FCNTL(F_GETFL),
	FCNTL(F_SETFD),
	FCNTL(F_SETFL),
	CALL(fstat),
	CALL(futex),
	CALL(getdents64),
	CALL(getegid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getpeername),
	CALL(getpid),
	CALL(getppid),
	CALL(getrandom),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(gettid),
	CALL(gettimeofday),
	CALL(getuid),
	CALL(lseek),
	/* For other allocators than the C library's. */
	CALL(madvise),
	CALL(newfstatat),
	CALL(openat),
	CALL(ppoll),
	CALL(read),
	CALL(readlinkat),
	CALL1(recvfrom, IS(3, 0)),
	CALL1(recvfrom, IS(3, MSG_DONTWAIT)),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	SENDTO(MSG_NOSIGNAL | MSG_DONTWAIT),
	CALL(sched_yield),
	SOCKET(EQ, 0),
	SOCKET(NE, EAFNOSUPPORT),
	/* qsort(3) of more than 1 KB asks how much memory there is. */
	CALL(sysinfo),
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(uname),
	/*
	 * A module may try these and can do without.  They fail as on a kernel
	 * that does not have them: a daemon must not die of that.
	 */
	FAILS(clone3, ENOSYS),
	FAILS(flock, ENOSYS),
	FAILS(inotify_init1, ENOSYS),
	FAILS(membarrier, ENOSYS),
	FAILS(sched_getaffinity, ENOSYS),
	FAILS(sendmmsg, ENOSYS),
};

/*
 * To name an archive, to write to the terminal, to wait for children, and to
 * end by the signal that ends it.
 */
static const struct call calls_controller[] = {
	CALL(clock_nanosleep),
	CALL(fchmod),
	CALL(fsync),
	FAILS(ioctl, ENOTTY),
	CALL2(kill, NOT(0, NEGATIVE), IS(1, SIGKILL)),
	CALL(linkat),
	CALL(ppoll),
#ifdef SYS_renameat
	CALL(renameat),
#else
	CALL(renameat2),
#endif
	CALL(tgkill),
	CALL(unlink),
	CALL(unlinkat),
	CALL(wait4),
	CALL(waitid),
	CALL(write),
};

/*
 * Sockets with names, children, the configuration, the log and the audit.
 * realpath(3) reads links and asks for directories.
 */
static const struct call calls_supervisor[] = {
	CALL(bind),
#ifdef SYS_chmod
	CALL(chmod),
#else
	CALL(fchmodat),
#endif
	CALL(chown),
	CALL1(clone, IS(0, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID |
	    SIGCHLD)),
	CALL(fchmod),
	CALL(fchownat),
	FCNTL(F_ADD_SEALS),
	FCNTL(F_DUPFD_CLOEXEC),
	CALL(faccessat2),
	/*
	 * Its openers need some requests.  Even and odd ones fail: a rule for
	 * all of them would leave no room for those.
	 */
	IOCTL_FAILS(0),
	IOCTL_FAILS(1),
	CALL2(kill, NOT(0, NEGATIVE), IS(1, SIGKILL)),
	CALL1(memfd_create, IS(1, MFD_CLOEXEC | MFD_ALLOW_SEALING)),
	CALL(readlink),
	SOCKOPT(SO_SNDBUF),
	CALL1(socketpair, IS(0, AF_UNIX)),
	CALL(unlink),
	CALL(unlinkat),
	CALL(wait4),
	CALL(write),
};

/*
 * A filter stays across execve(2), so the supervisor's has what an opener needs
 * until it has its own; and what loading a module of the name service needs.
 * No mapping is writable and executable at once; a file may be mapped twice.
 */
static const struct call calls_start[] = {
#ifdef SYS_access
	CALL(access),
#else
	CALL(faccessat),
#endif
	CALL(arch_prctl),
	CALL(capget),
	CALL(capset),
	CALL(chdir),
	CALL(chroot),
#ifdef SYS_dup2
	CALL(dup2),
#else
	CALL(dup3),
#endif
	CALL(execve),
	CALL(fchdir),
	CALL(fstatfs),
	CALL(getegid),
	CALL(getgid),
	CALL(getgroups),
	CALL(getresgid),
	CALL(getresuid),
	CALL(getuid),
	CALL(landlock_add_rule),
	CALL(landlock_create_ruleset),
	CALL(landlock_restrict_self),
	CALL1(mmap, NOT(2, PROT_WRITE)),
	CALL2(mount_setattr, IS(2, AT_EMPTY_PATH | AT_RECURSIVE),
	    IS(4, sizeof(struct mount_attr))),
	CALL1(mprotect, NOT(2, PROT_EXEC)),
	CALL1(open_tree, IS(2, AT_EMPTY_PATH | AT_RECURSIVE |
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)),
	CALL1(pipe2, IS(1, O_CLOEXEC)),
	CALL(pread64),
	PRCTL(PR_CAP_AMBIENT),
	PRCTL(PR_CAPBSET_DROP),
	PRCTL(PR_CAPBSET_READ),
	PRCTL(PR_GET_DUMPABLE),
	PRCTL(PR_GET_NO_NEW_PRIVS),
	PRCTL(PR_GET_SECUREBITS),
	PRCTL(PR_SET_DUMPABLE),
	PRCTL(PR_SET_NO_NEW_PRIVS),
	PRCTL(PR_SET_SECUREBITS),
	CALL1(prlimit64, IS(0, 0)),
	CALL(rseq),
	CALL(seccomp),
	CALL(set_robust_list),
	CALL(set_tid_address),
	CALL(setgid),
	CALL(setgroups),
	CALL(setresgid),
	CALL(setresuid),
	CALL(setuid),
	CALL(statfs),
	CALL(umask),
};

#define GROUP(calls)	{ calls, NELEM(calls) }
#define LAST_GROUP	{ NULL, 0 }

static const struct call_group groups_worker[] = {
	GROUP(calls_all), GROUP(calls_poll), GROUP(calls_worker), LAST_GROUP
};

static const struct call_group groups_listener[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_listener), LAST_GROUP
};

static const struct call_group groups_private[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), LAST_GROUP
};

static const struct call_group groups_opener[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private),
	GROUP(calls_opener), LAST_GROUP
};

static const struct call_group groups_writer[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private),
	GROUP(calls_opener), GROUP(calls_writer), LAST_GROUP
};

static const struct call_group groups_controller[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_names),
	GROUP(calls_controller), LAST_GROUP
};

static const struct call_group groups_supervisor[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_names),
	GROUP(calls_supervisor), GROUP(calls_start), GROUP(calls_private),
	GROUP(calls_opener), GROUP(calls_writer), LAST_GROUP
};

const struct call_group *
seccomp_calls(enum confine_who who)
{
	static const struct call_group *const groups[] = {
		[CONFINE_WORKER] = groups_worker,
		[CONFINE_LISTENER] = groups_listener,
		[CONFINE_OPENER] = groups_opener,
		[CONFINE_WRITER] = groups_writer,
		[CONFINE_PRIVATE] = groups_private,
		[CONFINE_CONTROLLER] = groups_controller,
		[CONFINE_SUPERVISOR] = groups_supervisor
	};

	return groups[who];
}
