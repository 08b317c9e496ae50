/*
 * seccomp_linux.c: which system calls each process may make.
 *
 * One list per process; what is not on it kills the process.  Entries through
 * another ABI (x32, 32-bit) kill it too: libseccomp's filter checks the
 * architecture, and x32 numbers are not on any list.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "confine.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* What every process needs to compute, to wait and to end. */
static const int calls_all[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(close),
	SCMP_SYS(close_range),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
#ifdef FDB_SANITIZED
	/* What the sanitizers' runtime does on its own. */
	SCMP_SYS(getrlimit),
	SCMP_SYS(gettid),
	SCMP_SYS(prctl),
	SCMP_SYS(prlimit64),
	SCMP_SYS(readlink),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(tgkill),
	SCMP_SYS(write),
#endif
};

/*
 * Reading what it is handed, writing its output.  sendmsg(2) must not be here:
 * it sends to any socket that has a path, whatever the worker's own is
 * connected to.
 */
static const int calls_worker[] = {
	SCMP_SYS(copy_file_range),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(sendfile),
	SCMP_SYS(splice),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

/* An event loop on sockets that it has; recvfrom drains one. */
static const int calls_listener[] = {
	SCMP_SYS(accept4),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(getsockopt),
	SCMP_SYS(read),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(write),
};

/*
 * Opening beneath roots.  open_by_handle_at(2) is what must never be here: it
 * reads any file of a clone's file system, whatever Landlock says.
 */
static const int calls_opener[] = {
	SCMP_SYS(getdents64),
	SCMP_SYS(openat2),
	SCMP_SYS(readlinkat),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(statx),
};

/* What an opener needs besides for a role that writes. */
static const int calls_writer[] = {
	SCMP_SYS(fchown),
	SCMP_SYS(ftruncate),
};

static const struct {
	const int	*calls;
	size_t		 n;
} calls_of[] = {
	[CONFINE_WORKER]	= { calls_worker, NELEM(calls_worker) },
	[CONFINE_LISTENER]	= { calls_listener, NELEM(calls_listener) },
	[CONFINE_OPENER]	= { calls_opener, NELEM(calls_opener) },
	[CONFINE_WRITER]	= { calls_opener, NELEM(calls_opener) },
};

static int
filter_allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	size_t	 i;
	int	 error;

	for (i = 0; i < n; i++) {
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
		if (error != 0)
			return error;
	}
	return 0;
}

/* Calls that are harmless with some arguments only. */
static int
filter_allow_pinned(scmp_filter_ctx ctx)
{
	static const uint64_t	 cmds[] = {
		F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC,
		F_GETPIPE_SZ
	};
	size_t			 i;
	int			 error;

	/* No memory that can be executed. */
	error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (error == 0)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* To the peer of the socket, and to no other address. */
	if (error == 0)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(sendto), 1, SCMP_A4(SCMP_CMP_EQ, 0, 0));
	for (i = 0; i < NELEM(cmds) && error == 0; i++)
		error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
		    1, SCMP_A1(SCMP_CMP_EQ, cmds[i], 0));
	return error;
}

/*
 * fstat(3) is newfstatat(2) in glibc, which could also ask for any path, and
 * Landlock does not restrict that.  stdio(3) calls it and copes without.
 */
static int
filter_refuse(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM),
	    SCMP_SYS(newfstatat), 0);
}

int
seccomp_enter(enum confine_who who)
{
	scmp_filter_ctx	 ctx;
	int		 error;

	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (error == 0)
		error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (error == 0)
		error = filter_allow(ctx, calls_all, NELEM(calls_all));
	if (error == 0)
		error = filter_allow(ctx, calls_of[who].calls,
		    calls_of[who].n);
	if (error == 0 && who == CONFINE_WRITER)
		error = filter_allow(ctx, calls_writer, NELEM(calls_writer));
	if (error == 0)
		error = filter_allow_pinned(ctx);
	if (error == 0)
		error = filter_refuse(ctx);
	if (error == 0)
		error = seccomp_load(ctx);
	seccomp_release(ctx);
	if (error == 0)
		return 0;
	errno = -error;
	return -1;
}
