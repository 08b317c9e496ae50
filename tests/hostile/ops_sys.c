/*
 * ops_sys.c: attacks on the rest of the kernel, and on one's own confinement;
 * see hostile.h.
 */

#include "config.h"

#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>

#include "hostile.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY	1	/* Linux 5.11 */
#endif

static int
become_root(const struct world *w)
{
	(void)w;
	(void)setgroups(0, NULL);
	return result(setresuid(0, 0, 0));
}

/* Any capability but those that an opener keeps. */
static int
regain_caps(const struct world *w)
{
	struct __user_cap_header_struct	 h;
	struct __user_cap_data_struct	 d[2];

	(void)w;
	memset(&h, 0, sizeof(h));
	h.version = _LINUX_CAPABILITY_VERSION_3;
	memset(d, 0, sizeof(d));
	d[0].effective = d[0].permitted = 1U << CAP_SYS_ADMIN;
	return result(syscall(SYS_capset, &h, d));
}

static int
make_process(const struct world *w)
{
	pid_t	 pid;

	(void)w;
	if ((pid = fork()) == 0)
		_exit(0);
	return pid == -1 ? errno : result(waitpid(pid, NULL, 0));
}

static int
clone_into(uint64_t flags)
{
	struct clone_args	 args;
	long			 pid;

	memset(&args, 0, sizeof(args));
	args.flags = flags;
	args.exit_signal = SIGCHLD;
	if ((pid = syscall(SYS_clone3, &args, sizeof(args))) == 0)
		_exit(0);
	return pid == -1 ? errno : result(waitpid((pid_t)pid, NULL, 0));
}

static int
clone_process(const struct world *w)
{
	(void)w;
	return clone_into(0);
}

static int
clone_userns(const struct world *w)
{
	(void)w;
	return clone_into(CLONE_NEWUSER | CLONE_NEWNET);
}

static int
unshare_userns(const struct world *w)
{
	(void)w;
	return result(unshare(CLONE_NEWUSER));
}

/* A ring, mapped. */
struct uring {
	struct io_uring_params	 p;
	int			 fd;
	char			*sq, *cq;
	struct io_uring_sqe	*sqes;
};

/* Opens to try: as many as there are entries. */
#define URING_TRIES	64

static int
uring_map(struct uring *u)
{
	u->sq = mmap(NULL, u->p.sq_off.array + URING_TRIES *
	    sizeof(unsigned int), PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
	    IORING_OFF_SQ_RING);
	u->cq = mmap(NULL, u->p.cq_off.cqes + URING_TRIES *
	    sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED,
	    u->fd, IORING_OFF_CQ_RING);
	u->sqes = mmap(NULL, URING_TRIES * sizeof(*u->sqes),
	    PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQES);
	return u->sq == MAP_FAILED || u->cq == MAP_FAILED ||
	    u->sqes == MAP_FAILED ? -1 : 0;
}

/* Have the kernel open a file; wait for this many results.  0, or -1. */
static int
uring_submit(struct uring *u, unsigned int i, const char *path,
    unsigned int wait)
{
	struct io_uring_sqe	*sqe = &u->sqes[i];
	unsigned int		*tail, *array;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = AT_FDCWD;
	sqe->addr = (uint64_t)(uintptr_t)path;
	sqe->open_flags = O_RDONLY | O_CLOEXEC;
	array = (unsigned int *)(void *)(u->sq + u->p.sq_off.array);
	array[i] = i;
	tail = (unsigned int *)(void *)(u->sq + u->p.sq_off.tail);
	__atomic_store_n(tail, i + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, u->fd, 1, wait,
	    wait > 0 ? IORING_ENTER_GETEVENTS : 0, NULL, 0) == -1 ? -1 : 0;
}

/*
 * A file, opened by the kernel on behalf of a ring.  What the kernel finds in
 * its caches it opens at once.  If something else changes mounts or names at
 * that moment, it leaves the open to a thread, which it cannot make if
 * RLIMIT_NPROC is 0: such an open is canceled, or never ends.  So it is tried
 * again.
 */
static int
uring_open(struct uring *u, const char *path)
{
	struct io_uring_cqe	*cqes;
	unsigned int		*tail, i, seen = 0;

	if (uring_map(u) == -1)
		return errno;
	tail = (unsigned int *)(void *)(u->cq + u->p.cq_off.tail);
	cqes = (struct io_uring_cqe *)(void *)(u->cq + u->p.cq_off.cqes);
	for (i = 0; i < URING_TRIES; i++) {
		if (uring_submit(u, i, path, i == URING_TRIES - 1 ?
		    URING_TRIES : 0) == -1)
			return errno;
		for (; seen < __atomic_load_n(tail, __ATOMIC_ACQUIRE); seen++)
			if (cqes[seen].res != -ECANCELED)
				return cqes[seen].res < 0 ?
				    -cqes[seen].res : 0;
	}
	return ECANCELED;
}

static int
use_uring(const struct world *w)
{
	struct uring	 u;

	memset(&u, 0, sizeof(u));
	/* The kernel is late to free the memory of rings that are gone. */
	do
		u.fd = (int)syscall(SYS_io_uring_setup, URING_TRIES, &u.p);
	while (u.fd == -1 && errno == ENOMEM && poll(NULL, 0, 1) == 0);
	if (u.fd == -1)
		return errno;
	return uring_open(&u, scene_path(w, "outside/secret"));
}

static int
load_bpf(const struct world *w)
{
	struct bpf_insn	 insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT }
	};
	union bpf_attr	 attr;

	(void)w;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insn_cnt = 2;
	attr.insns = (uint64_t)(uintptr_t)insns;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	return result(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

static int
use_userfaultfd(const struct world *w)
{
	(void)w;
	return result(syscall(SYS_userfaultfd,
	    O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

static int
add_key(const struct world *w)
{
	(void)w;
	return result(syscall(SYS_add_key, "user", "fdbroker-hostile", "x",
	    1, KEY_SPEC_PROCESS_KEYRING));
}

static int
read_keys(const struct world *w)
{
	(void)w;
	return result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
	    KEY_SPEC_SESSION_KEYRING, 0));
}

static int
use_perf(const struct world *w)
{
	struct perf_event_attr	 attr;

	(void)w;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_TASK_CLOCK;
	attr.exclude_kernel = 1;
	return result(syscall(SYS_perf_event_open, &attr, 0, -1, -1,
	    PERF_FLAG_FD_CLOEXEC));
}

static int
map_code(const struct world *w)
{
	(void)w;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
protect_code(const struct world *w)
{
	void	*p;

	(void)w;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return errno;
	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

/* Code that is in no file. */
static int
execute_memory(const struct world *w)
{
	char	 code[1024], name[] = "program", *argv[] = { name, NULL };
	char	*envp[] = { NULL };
	ssize_t	 n;
	int	 fd;

	if ((fd = memfd_create("program", 0)) == -1 ||
	    (n = pread(w->program, code, sizeof(code), 0)) == -1 ||
	    write(fd, code, (size_t)n) != n)
		return errno;
	(void)fexecve(fd, argv, envp);
	return errno;
}

static int
watch(const struct world *w)
{
	int	 fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	return fd == -1 ? errno : result(inotify_add_watch(fd,
	    scene_path(w, "outside/drop"), IN_CREATE));
}

static int
share_memory(const struct world *w)
{
	int	 id = shmget(IPC_PRIVATE, 4096, 0600);

	(void)w;
	return id == -1 ? errno : result(shmctl(id, IPC_RMID, NULL));
}

/* getpid(2) by other entries into the kernel. */
static int
enter_int80(const struct world *w)
{
#ifdef __x86_64__
	long	 ret = 20;

	(void)w;
	__asm__ volatile ("int $0x80" : "+a" (ret) : : "memory", "r8", "r9",
	    "r10", "r11");
	return ret > 0 ? 0 : ENOSYS;
#else
	(void)w;
	return ENOSYS;
#endif
}

static int
enter_x32(const struct world *w)
{
	(void)w;
#ifdef __x86_64__
	return result(syscall(0x40000000L + SYS_getpid));
#else
	return ENOSYS;
#endif
}

static const struct op	 ops[] = {
	{ .name = "become root",
	    .run = become_root, .who = WHO_EVERYBODY },
	{ .name = "regain CAP_SYS_ADMIN",
	    .run = regain_caps, .who = WHO_EVERYBODY },
	{ .name = "make a process: fork",
	    .run = make_process, .who = WHO_EVERYBODY },
	{ .name = "make a process: clone3",
	    .run = clone_process, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_CLONE3 } },
	{ .name = "... with namespaces of its own",
	    .run = clone_userns, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_CLONE3, FEATURE_USERNS, FEATURE_NETNS } },
	{ .name = "unshare a user namespace",
	    .run = unshare_userns, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_USERNS } },
	{ .name = "open a path by io_uring",
	    .run = use_uring, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_IO_URING } },
	{ .name = "bpf",
	    .run = load_bpf, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_BPF } },
	{ .name = "userfaultfd",
	    .run = use_userfaultfd, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_USERFAULTFD } },
	{ .name = "perf_event_open",
	    .run = use_perf, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PERF } },
	{ .name = "add_key",
	    .run = add_key, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_KEYS } },
	{ .name = "keyctl",
	    .run = read_keys, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_KEYS } },
	{ .name = "map memory as code",
	    .run = map_code, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_CODE } },
	{ .name = "turn memory into code",
	    .run = protect_code, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_CODE } },
	{ .name = "execute a memfd",
	    .run = execute_memory, .who = WHO_ALL,
	    .needs = { FEATURE_MEMFD_EXEC, FEATURE_PROGRAM } },
	{ .name = "watch a directory: inotify",
	    .run = watch, .who = WHO_EVERYBODY, .granted = WHO_EMBEDDED,
	    .needs = { FEATURE_INOTIFY } },
	{ .name = "share memory: shmget",
	    .run = share_memory, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_SYSVIPC } },
	{ .name = "call by int 0x80",
	    .run = enter_int80, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_IA32 } },
	{ .name = "call by an x32 number",
	    .run = enter_x32, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_X32 } },
};

const struct op *
ops_sys(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
