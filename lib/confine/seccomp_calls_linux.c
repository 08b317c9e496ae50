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

#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/openat2.h>

#include "base/fskind.h"
#include "confine/seccomp_calls.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* The kernel looks at the lower 32 bits of an int. */
#define INT		0xffffffffULL
#define IS(arg, value)	{ arg, SCMP_CMP_MASKED_EQ, INT, value }
#define NEGATIVE	0x80000000ULL
#define TYPE(arg, type)	{ arg, SCMP_CMP_MASKED_EQ, S_IFMT, type }
#define NOT(arg, bits)	{ arg, SCMP_CMP_MASKED_EQ, bits, 0 }

#define CALL(name)	{ .number = SCMP_SYS(name) }
#define CALL1(name, one) \
	{ .number = SCMP_SYS(name), .args = { one } }
#define CALL2(name, one, two) \
	{ .number = SCMP_SYS(name), .args = { one, two } }
#define FAILS(name, e)	{ .number = SCMP_SYS(name), .error = e }

#define FCNTL(cmd)	CALL1(fcntl, IS(1, cmd))
#define PRCTL(option)	CALL1(prctl, IS(0, option))
#define EXACTLY(arg, value)	{ arg, SCMP_CMP_EQ, value, 0 }
#define NONE(arg)	EXACTLY(arg, 0)
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
	/* Threads that were started before, and wait for each other. */
	CALL(exit),
	CALL(rseq),
	CALL(set_robust_list),
	CALL1(futex, IS(1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG)),
	CALL1(futex, IS(1, FUTEX_WAIT | FUTEX_PRIVATE_FLAG)),
	CALL1(futex, IS(1, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
	    FUTEX_CLOCK_REALTIME)),
	/* The kernel wakes who waits for the end of a thread. */
	CALL1(futex, IS(1, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME)),
	CALL(getpid),
	CALL(getrandom),
	/* How often this thread has slept. */
	CALL1(getrusage, IS(0, RUSAGE_THREAD)),
	/* Of a session that begins anew. */
	CALL2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_DOMAIN)),
	CALL2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_TYPE)),
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

/*
 * To connect to a broker and to hand the connection over.  The kernel looks at
 * the path and finds a socket, whatever Landlock says.
 */
static const struct call calls_connector[] = {
	CALL(connect),
	CALL2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)),
	CALL(geteuid),
	CALL(newfstatat),
	SENDTO(MSG_NOSIGNAL | MSG_DONTWAIT),
	SOCKOPT(SO_SNDTIMEO),
	CALL1(socket, EXACTLY(0, AF_UNIX)),
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
	/* Who has connected. */
	CALL2(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)),
	CALL(gettimeofday),
	/* To refuse a client, without waiting. */
	SENDTO(MSG_NOSIGNAL | MSG_DONTWAIT),
};

/* To open beneath roots. */
static const struct call calls_private[] = {
	CALL(close_range),
	CALL(fadvise64),
	CALL(fchdir),
	CALL(fgetxattr),
	CALL(flistxattr),
	CALL(fstatfs),
	CALL(getdents64),
	CALL(lgetxattr),
	CALL(llistxattr),
	CALL(lseek),
	CALL1(openat2, IS(3, sizeof(struct open_how))),
	CALL(pread64),
	CALL1(preadv2, IS(5, RWF_NOWAIT)),
	CALL(readlinkat),
	CALL(statx),
};

/*
 * To know that it waits, and to have other threads look names up then.  These
 * were made before.  They may begin when the filter is in place, with the first
 * three calls.
 */
static const struct call calls_threads[] = {
	CALL1(rseq, IS(2, 0)),
	CALL1(rt_sigprocmask, IS(0, SIG_SETMASK)),
	CALL1(set_robust_list, EXACTLY(1, sizeof(struct robust_list_head))),
	CALL1(futex, IS(1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG)),
	CALL1(futex, IS(1, FUTEX_WAIT | FUTEX_PRIVATE_FLAG)),
	CALL1(futex, IS(1, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
	    FUTEX_CLOCK_REALTIME)),
	CALL1(getrusage, IS(0, RUSAGE_THREAD)),
};

/*
 * To take a new policy, which a private opener never gets; to ask how a file
 * system compares names; and to learn of changes in directories.
 */
static const struct call calls_opener[] = {
	CALL(fstat),
	CALL(fstatfs),
	CALL(inotify_add_watch),
	CALL1(inotify_init1, IS(0, IN_CLOEXEC | IN_NONBLOCK)),
	CALL(inotify_rm_watch),
	CALL1(ioctl, IS(1, FS_IOC_GETFLAGS)),
	CALL1(ioctl, IS(1, FSKIND_EXT_PARAMS)),
	CALL1(ioctl, IS(1, FSKIND_XFS_GEOMETRY)),
	/* What inotify(7) tells. */
	CALL(read),
	/* qsort(3) of more than 1 KB asks how much memory there is. */
	CALL(sysinfo),
};

/*
 * To change what was opened, for a role that writes.  RLIMIT_FSIZE cannot keep
 * such an opener from growing files, so there must be no call here that does:
 * it may empty a file.
 */
static const struct call calls_writer[] = {
	CALL(fchown),
	CALL1(ftruncate, NONE(1)),
};

/*
 * To make objects, to give them metadata by a descriptor, to name them, and to
 * replace and remove them, for a role that restores.  Landlock says beneath
 * which roots what may be made and removed.
 */
static const struct call calls_restorer[] = {
	CALL1(fchownat, IS(4, AT_EMPTY_PATH)),
	/* Of directories: who has a temporary name there, and who sweeps. */
	CALL1(flock, IS(1, LOCK_SH | LOCK_NB)),
	CALL1(flock, IS(1, LOCK_EX | LOCK_NB)),
	CALL1(flock, IS(1, LOCK_UN)),
	CALL(fsetxattr),
	CALL1(linkat, IS(4, AT_EMPTY_PATH)),
	CALL(mkdirat),
	CALL1(renameat2, IS(4, 0)),
	CALL1(renameat2, IS(4, RENAME_NOREPLACE)),
	CALL(symlinkat),
	CALL(unlinkat),
	CALL1(utimensat, IS(3, AT_EMPTY_PATH)),
	/* By the descriptor alone, which O_PATH does not give. */
	CALL2(utimensat, NONE(1), NONE(3)),
};

/*
 * For a role that does not permit special.  Whoever may change owners and modes
 * could make a program of root's with a set-user-ID bit: nothing but this
 * filter stops that, by the mode.  A bit that a file has from the beginning is
 * lost when the file is given away.
 */
static const struct call calls_modest[] = {
	CALL1(fchmod, NOT(1, S_ISUID | S_ISGID)),
	CALL1(mknodat, TYPE(2, S_IFIFO)),
};

/* For one that does. */
static const struct call calls_setid[] = {
	CALL(fchmod),
	CALL(mknodat),
};

/* Before Linux 6.10, a file is named by its path in /proc. */
static const struct call calls_relink[] = {
	CALL1(linkat, IS(4, AT_SYMLINK_FOLLOW)),
};

/*
 * To ask for names of users and groups with a user's own rights, in one of the
 * system's ways: files, systemd's JSON over a socket, or a cache that is mapped
 * and a daemon behind a socket.  Sockets are local: another family fails with
 * EAFNOSUPPORT.
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
	CALL1(socket, EXACTLY(0, AF_UNIX)),
	FAILS(socket, EAFNOSUPPORT),
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
 * What modules of the name service may do in the process that is there for
 * them.  They load code from files, read and map files, and ask over local,
 * network and netlink sockets; they wait, and have threads.  Landlock keeps
 * them from writing files.  They cannot execute a program, make or signal a
 * process, or make memory executable that they wrote.  A call that is not here
 * fails with ENOSYS: what a module tries differs from machine to machine, and
 * it can often do without.
 */
#define THREAD		(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
			    CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
			    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static const struct call calls_modules[] = {
#ifdef SYS_access
	CALL(access),
#endif
	CALL(bind),
	CALL(clock_getres),
	CALL(clock_nanosleep),
	/* A thread, of glibc and of musl. */
	CALL1(clone, IS(0, THREAD)),
	CALL1(clone, IS(0, THREAD | CLONE_DETACHED)),
	CALL(close_range),
	CALL(connect),
	CALL(dup),
#ifdef SYS_dup2
	CALL(dup2),
#endif
	CALL(dup3),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_pwait2),
#ifdef SYS_epoll_wait
	CALL(epoll_wait),
#endif
	CALL(eventfd2),
	CALL(exit),
	CALL(faccessat),
	CALL(faccessat2),
	CALL(fadvise64),
	FCNTL(F_DUPFD_CLOEXEC),
	FCNTL(F_GETFD),
	FCNTL(F_GETFL),
	FCNTL(F_SETFD),
	FCNTL(F_SETFL),
	/* Locks on files that are open for reading. */
	FCNTL(F_SETLK),
	FCNTL(F_SETLKW),
	CALL(flock),
	CALL(fstat),
	CALL(fstatfs),
	CALL(futex),
	CALL(getcwd),
	CALL(getdents64),
	CALL(getegid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getgroups),
	CALL(getpeername),
	CALL(getpid),
	CALL(getppid),
	CALL(getrandom),
	CALL(getresgid),
	CALL(getresuid),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(gettid),
	CALL(gettimeofday),
	CALL(getuid),
	CALL1(ioctl, IS(1, FIONBIO)),
	CALL1(ioctl, IS(1, FIONREAD)),
	CALL(lseek),
#ifdef SYS_lstat
	CALL(lstat),
#endif
	CALL(madvise),
	CALL(membarrier),
	CALL1(mmap, NOT(2, PROT_WRITE)),
	CALL1(mprotect, NOT(2, PROT_EXEC)),
	CALL(nanosleep),
	CALL(newfstatat),
	CALL(openat),
	CALL(pipe2),
	CALL(ppoll),
	/* libcap asks when it is loaded. */
	PRCTL(PR_CAPBSET_READ),
	PRCTL(PR_SET_NAME),
	CALL(pread64),
	CALL1(prlimit64, IS(0, 0)),
	CALL(pselect6),
	CALL(read),
#ifdef SYS_readlink
	CALL(readlink),
#endif
	CALL(readlinkat),
	CALL(readv),
	CALL(recvfrom),
	CALL(recvmmsg),
	CALL(recvmsg),
	CALL(rseq),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(sched_getaffinity),
	CALL(sched_yield),
#ifdef SYS_select
	CALL(select),
#endif
	CALL(sendmmsg),
	CALL(sendmsg),
	CALL(sendto),
	CALL(set_robust_list),
	CALL(setsockopt),
	CALL(shutdown),
	CALL(sigaltstack),
	CALL1(socket, IS(0, AF_UNIX)),
	CALL1(socket, IS(0, AF_INET)),
	CALL1(socket, IS(0, AF_INET6)),
	CALL2(socket, IS(0, AF_NETLINK),
	    IS(2, NETLINK_ROUTE)),
	CALL1(socketpair, IS(0, AF_UNIX)),
#ifdef SYS_stat
	CALL(stat),
#endif
	CALL(statfs),
	CALL(statx),
	CALL(sysinfo),
	CALL(timerfd_create),
	CALL(timerfd_gettime),
	CALL(timerfd_settime),
	CALL(uname),
	CALL(write),
	CALL(writev),
};

/* The names process, which starts, confines and kills lookup processes. */
static const struct call calls_of_names[] = {
	CALL1(clone, IS(0, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID |
	    SIGCHLD)),
	CALL2(kill, NOT(0, NEGATIVE), IS(1, SIGKILL)),
	CALL(landlock_add_rule),
	CALL(landlock_create_ruleset),
	CALL(landlock_restrict_self),
	PRCTL(PR_GET_DUMPABLE),
	PRCTL(PR_GET_NO_NEW_PRIVS),
	PRCTL(PR_SET_DUMPABLE),
	PRCTL(PR_SET_NO_NEW_PRIVS),
	PRCTL(PR_SET_PDEATHSIG),
	CALL(seccomp),
	CALL(wait4),
};

/*
 * To name an archive, to write to the terminal, to wait for children, and to
 * end by the signal that ends it.
 */
static const struct call calls_controller[] = {
	/* Who wants another log. */
	CALL1(accept4, IS(3, SOCK_CLOEXEC | SOCK_NONBLOCK)),
	/* Descriptors that nobody asked for. */
	CALL(close_range),
	CALL(fchmod),
	CALL(fsync),
	/* How wide is the terminal? */
	CALL2(ioctl, IS(0, STDERR_FILENO), IS(1, TIOCGWINSZ)),
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
 * realpath(3) reads links and asks for directories.  Nothing here is for the
 * name service, which another process asks.
 */
static const struct call calls_supervisor[] = {
	CALL(bind),
#ifdef SYS_chmod
	CALL(chmod),
#else
	CALL(fchmodat),
#endif
	CALL(chown),
	CALL(connect),
	CALL(epoll_ctl),
#ifdef SYS_epoll_wait
	CALL(epoll_wait),
#else
	CALL(epoll_pwait),
#endif
	/* vfork(3), to execute an opener. */
#ifdef SYS_vfork
	CALL(vfork),
#else
	CALL1(clone, IS(0, CLONE_VM | CLONE_VFORK | SIGCHLD)),
#endif
	CALL(fchmod),
	FCNTL(F_ADD_SEALS),
	FCNTL(F_DUPFD_CLOEXEC),
	FCNTL(F_GETFD),
	/* fdopendir(3). */
	FCNTL(F_GETFL),
	FCNTL(F_SETFD),
	CALL(faccessat2),
	CALL(geteuid),
	CALL(getpid),
	CALL(getrandom),
	CALL(getsockname),
	/* Who is at the other end of a connection, and what it is. */
	CALL1(getsockopt, IS(1, SOL_SOCKET)),
	CALL(gettimeofday),
	CALL2(kill, NOT(0, NEGATIVE), IS(1, SIGKILL)),
	CALL(lseek),
	/* Who may connect to the socket for peers. */
	CALL1(lsetxattr, IS(4, 0)),
	CALL1(memfd_create, IS(1, MFD_CLOEXEC | MFD_ALLOW_SEALING)),
	CALL(newfstatat),
	CALL(openat),
	CALL(read),
	CALL(readlink),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	/* To refuse a client, without waiting. */
	SENDTO(MSG_NOSIGNAL | MSG_DONTWAIT),
	SOCKOPT(SO_PASSRIGHTS),
	SOCKOPT(SO_SNDBUF),
	CALL1(socket, EXACTLY(0, AF_UNIX)),
	/* An opener tries one, and must see that it is refused. */
	FAILS(socket, EAFNOSUPPORT),
	CALL1(socketpair, IS(0, AF_UNIX)),
	/* qsort(3) of more than 1 KB asks how much memory there is. */
	CALL(sysinfo),
	CALL(unlink),
	CALL(wait4),
	CALL(write),
};

/*
 * A filter stays across execve(2), so the supervisor's has what an opener needs
 * until it has its own.  Its dynamic linker maps code: only from files, and not
 * shared, so that no mapping becomes executable that was written before.
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
	/*
	 * Its threads.  glibc asks for clone3(2) first, whose flags no filter
	 * can see.
	 */
	CALL1(clone, IS(0, THREAD)),
	CALL1(clone, IS(0, THREAD | CLONE_DETACHED)),
	FAILS(clone3, ENOSYS),
#ifdef SYS_dup2
	CALL(dup2),
#else
	CALL(dup3),
#endif
	CALL(execve),
	CALL(fchdir),
	CALL(fstatfs),
	/* Libraries that initialise something once. */
	CALL1(futex, IS(1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG)),
	CALL(getgroups),
	CALL(getresgid),
	CALL(getresuid),
	CALL(landlock_add_rule),
	CALL(landlock_create_ruleset),
	CALL(landlock_restrict_self),
	CALL2(mmap, NOT(2, PROT_WRITE), NOT(3, MAP_SHARED | MAP_ANONYMOUS)),
	CALL2(mount_setattr, IS(2, AT_EMPTY_PATH | AT_RECURSIVE),
	    IS(4, sizeof(struct mount_attr))),
	CALL1(mprotect, NOT(2, PROT_EXEC)),
	CALL1(open_tree, IS(2, AT_EMPTY_PATH | AT_RECURSIVE |
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)),
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
	CALL(umask),
};

#define GROUP(calls)	{ calls, NELEM(calls) }
#define LAST_GROUP	{ NULL, 0 }

static const struct call_group groups_worker[] = {
	GROUP(calls_all), GROUP(calls_poll), GROUP(calls_worker), LAST_GROUP
};

static const struct call_group groups_connector[] = {
	GROUP(calls_all), GROUP(calls_poll), GROUP(calls_sendmsg),
	GROUP(calls_connector), LAST_GROUP
};

static const struct call_group groups_listener[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_listener), LAST_GROUP
};

static const struct call_group groups_private[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	LAST_GROUP
};

static const struct call_group groups_opener[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_opener), LAST_GROUP
};

static const struct call_group groups_writer[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_opener), GROUP(calls_writer), LAST_GROUP
};

static const struct call_group groups_restorer[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_opener), GROUP(calls_writer),
	GROUP(calls_restorer), GROUP(calls_modest), LAST_GROUP
};

static const struct call_group groups_setid_restorer[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_opener), GROUP(calls_writer),
	GROUP(calls_restorer), GROUP(calls_setid), LAST_GROUP
};

static const struct call_group groups_private_setid[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_restorer), GROUP(calls_setid), GROUP(calls_relink),
	LAST_GROUP
};

static const struct call_group groups_private_restorer[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_private), GROUP(calls_threads),
	GROUP(calls_restorer), GROUP(calls_modest), GROUP(calls_relink),
	LAST_GROUP
};

static const struct call_group groups_controller[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll), GROUP(calls_names),
	GROUP(calls_controller), LAST_GROUP
};

static const struct call_group groups_names[] = {
	GROUP(calls_all), GROUP(calls_poll), GROUP(calls_modules),
	GROUP(calls_of_names), LAST_GROUP
};

static const struct call_group groups_lookup[] = {
	GROUP(calls_all), GROUP(calls_poll), GROUP(calls_modules), LAST_GROUP
};

static const struct call_group groups_supervisor[] = {
	GROUP(calls_all), GROUP(calls_sendmsg),
	GROUP(calls_poll),
	GROUP(calls_supervisor), GROUP(calls_start), GROUP(calls_private),
	GROUP(calls_threads),
	GROUP(calls_opener), GROUP(calls_writer),
	GROUP(calls_restorer), GROUP(calls_setid), LAST_GROUP
};

const struct call_group *
seccomp_calls(enum confine_who who)
{
	static const struct call_group *const groups[] = {
		[CONFINE_WORKER] = groups_worker,
		[CONFINE_LISTENER] = groups_listener,
		[CONFINE_OPENER] = groups_opener,
		[CONFINE_WRITER] = groups_writer,
		[CONFINE_RESTORER] = groups_restorer,
		[CONFINE_SETID_RESTORER] = groups_setid_restorer,
		[CONFINE_PRIVATE_SETID] = groups_private_setid,
		[CONFINE_PRIVATE] = groups_private,
		[CONFINE_PRIVATE_RESTORER] = groups_private_restorer,
		[CONFINE_CONTROLLER] = groups_controller,
		[CONFINE_SUPERVISOR] = groups_supervisor,
		[CONFINE_NAMES] = groups_names,
		[CONFINE_LOOKUP] = groups_lookup,
		[CONFINE_CONNECTOR] = groups_connector
	};

	return groups[who];
}
