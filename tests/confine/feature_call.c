/*
 * feature_call.c: features that are one call or two; see feature_int.h.
 */

#include "config.h"

#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>

#include "feature_int.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY	1	/* Linux 5.11 */
#endif

/* getpid(2) by the entry of 32-bit programs. */
int
try_ia32(void)
{
#ifdef __x86_64__
	long	 ret = 20;

	__asm__ volatile ("int $0x80" : "+a" (ret) : : "memory", "r8", "r9",
	    "r10", "r11");
	return ret == getpid() ? 0 : ENOSYS;
#else
	return ENOSYS;
#endif
}

int
try_x32(void)
{
#ifdef __x86_64__
	return syscall(0x40000000L + SYS_getpid) == getpid() ? 0 : ENOSYS;
#else
	return ENOSYS;
#endif
}

/* The one of tests/hostile/scene.c. */
int
try_program(void)
{
#ifdef __x86_64__
	return 0;
#else
	return ENOEXEC;
#endif
}

int
try_gain(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : EPERM;
}

int
try_seccomp(void)
{
	uint32_t	 action = SECCOMP_RET_KILL_PROCESS;

	return feature_result(syscall(SYS_seccomp,
	    SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

/* Asked for its version, as landlock_create_ruleset(2) has it. */
static int
landlock_from(int abi)
{
	long	 has = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	if (has == -1)
		return errno;
	return has >= abi ? 0 : EOPNOTSUPP;
}

int
try_landlock(void)
{
	return landlock_from(1);
}

int
try_landlock3(void)
{
	return landlock_from(3);
}

int
try_landlock4(void)
{
	return landlock_from(4);
}

int
try_landlock6(void)
{
	return landlock_from(6);
}

int
try_memfd(void)
{
	int	 fd = memfd_create("feature", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd == -1 ? errno :
	    feature_result(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
}

/* What is no program fails later than what may not be executed. */
int
try_memfd_exec(void)
{
	char	 name[] = "feature", *argv[] = { name, NULL };
	char	*envp[] = { NULL };
	int	 fd = memfd_create("feature", MFD_CLOEXEC);

	if (fd == -1 || write(fd, "none", 4) != 4)
		return errno;
	(void)fexecve(fd, argv, envp);
	return errno == ENOEXEC ? 0 : errno;
}

int
try_code(void)
{
	void	*p;

	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return errno;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return errno;
	*(char *)p = 1;
	return feature_result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

int
try_io_uring(void)
{
	struct io_uring_params	 p;

	memset(&p, 0, sizeof(p));
	return feature_result(syscall(SYS_io_uring_setup, 1, &p));
}

int
try_userfaultfd(void)
{
	return feature_result(syscall(SYS_userfaultfd,
	    O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

int
try_bpf(void)
{
	struct bpf_insn	 insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT }
	};
	union bpf_attr	 attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insn_cnt = 2;
	attr.insns = (uint64_t)(uintptr_t)insns;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	return feature_result(syscall(SYS_bpf, BPF_PROG_LOAD, &attr,
	    sizeof(attr)));
}

int
try_perf(void)
{
	struct perf_event_attr	 attr;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_TASK_CLOCK;
	attr.exclude_kernel = 1;
	return feature_result(syscall(SYS_perf_event_open, &attr, 0, -1, -1,
	    PERF_FLAG_FD_CLOEXEC));
}

int
try_keys(void)
{
	if (syscall(SYS_add_key, "user", "fdbroker-feature", "x", 1,
	    KEY_SPEC_PROCESS_KEYRING) == -1)
		return errno;
	return feature_result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
	    KEY_SPEC_SESSION_KEYRING, 0));
}

int
try_sysvipc(void)
{
	int	 id = shmget(IPC_PRIVATE, 4096, 0600);

	return id == -1 ? errno : feature_result(shmctl(id, IPC_RMID, NULL));
}

int
try_inotify(void)
{
	int	 fd = inotify_init1(IN_CLOEXEC);

	return fd == -1 ? errno :
	    feature_result(inotify_add_watch(fd, "/", IN_CREATE));
}
