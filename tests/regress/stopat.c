/*
 * stopat.c: stop a command wherever its hand-off could leave a socket behind,
 * and send a signal there.
 *
 * usage: stopat [-s] directory signal at whom command [argument ...]
 *
 * The command runs with TMPDIR set to the directory, which is empty.  The
 * process that binds a socket in it is the binder, the others are the peers.
 * at is binder or peer: the command is stopped at the first system call that
 * such a process makes while the socket has a name, and the signal, such as
 * TERM, is sent.  Then the same with the second call, and so on until there is
 * none.  The binder's first stop is the return of bind(2).  whom is binder,
 * peer (the command itself, or the process that it forked last) or both.
 *
 * When all processes have ended, the directory must be empty.  With -s it may
 * have a socket; that is made two minutes old, and must be gone after the
 * command has run once more, undisturbed.
 *
 * Prints what is left over, and how many stops there were; the exit status is
 * 1 if anything is left over, or if there was no stop.
 */

#include "config.h"

#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <seccomp.h>

/* A run that hangs for longer fails; a hand-off must not wait for its end. */
#define RUN_SECONDS	20

#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | \
	PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

enum who { BINDER = 1, PEER = 2, BOTH = 3 };

/* A process is in bind(2), at the same time as others, perhaps. */
#define BINDINGS	8
struct binding {
	pid_t		 pid;		/* 0: none */
	uint64_t	 address, len;	/* of that call */
};

/* One run of the command. */
struct run {
	pid_t		 first, last;	/* the command; what it forked last */
	struct binding	 bindings[BINDINGS];
	pid_t		 binder;	/* 0: nothing was bound yet */
	char		 path[PATH_MAX];
	int		 left;		/* stops until the signal is sent */
	bool		 sent;
	const char	*call;		/* at which it was sent */
};

static const char	*dir;
static char *const	*command;
static int		 signo;
static enum who		 at, whom;

static void
hang(int sig)
{
	static const char	 text[] = "the command hangs\n";

	(void)sig;
	/* When we exit, the kernel kills who is traced. */
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) == -1 ? 2 : 1);
}

static void
execute(void)
{
	if (setenv("TMPDIR", dir, 1) == -1)
		_exit(126);
	(void)execvp(command[0], command);
	_exit(127);
}

/* Start the command, traced from its first instruction on. */
static pid_t
start_traced(void)
{
	pid_t	 pid;
	char	 go;
	int	 p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		err(1, "pipe");
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		close(p[1]);
		if (read(p[0], &go, 1) != 1)
			_exit(126);
		execute();
	}
	close(p[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) == -1)
		err(1, "ptrace");
	if (write(p[1], "g", 1) != 1)
		err(1, "pipe");
	close(p[1]);
	return pid;
}

static bool
is_bound(const struct run *r)
{
	struct stat	 st;

	return r->binder != 0 && lstat(r->path, &st) == 0;
}

/* The call of this process, or a free place with pid 0. */
static struct binding *
binding_of(struct run *r, pid_t pid)
{
	size_t	 i;

	for (i = 0; i < BINDINGS; i++)
		if (r->bindings[i].pid == pid)
			return &r->bindings[i];
	if (pid == 0)
		errx(1, "more than %d processes are in bind(2)", BINDINGS);
	return NULL;
}

/* A bind(2) has returned 0: is it a name in the directory? */
static void
note_bind(struct run *r, const struct binding *b)
{
	struct sockaddr_un	 sun;
	struct iovec		 to, from;

	memset(&sun, 0, sizeof(sun));
	to.iov_base = &sun;
	from.iov_base = (void *)(uintptr_t)b->address;
	to.iov_len = from.iov_len =
	    b->len < sizeof(sun) ? b->len : sizeof(sun);
	if (process_vm_readv(b->pid, &to, 1, &from, 1, 0) == -1)
		err(1, "process_vm_readv");
	if (sun.sun_family != AF_UNIX ||
	    strncmp(sun.sun_path, dir, strlen(dir)) != 0)
		return;
	r->binder = b->pid;
	(void)snprintf(r->path, sizeof(r->path), "%.*s",
	    (int)sizeof(sun.sun_path), sun.sun_path);
}

/* 0 if there is none yet. */
static pid_t
peer_of(const struct run *r)
{
	return r->first != r->binder ? r->first : r->last;
}

/* A process is stopped while the socket has a name. */
static void
note_stop(struct run *r, pid_t pid, const char *call)
{
	if (r->sent || (pid == r->binder ? BINDER : PEER) != at ||
	    --r->left > 0)
		return;
	r->sent = true;
	r->call = call;
	if (whom & BINDER)
		(void)kill(r->binder, signo);
	if ((whom & PEER) && peer_of(r) != 0)
		(void)kill(peer_of(r), signo);
}

static const char *
name_of(uint64_t nr)
{
	static char	 name[64];
	char		*found;

	found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);
	(void)snprintf(name, sizeof(name), "%s", found != NULL ? found : "?");
	free(found);
	return name;
}

static void
system_call(struct run *r, pid_t pid)
{
	struct __ptrace_syscall_info	 info;
	struct binding			*b;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) == -1)
		return;		/* it was killed */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		if (is_bound(r))
			note_stop(r, pid, name_of(info.entry.nr));
		if (info.entry.nr == SYS_bind) {
			b = binding_of(r, 0);
			b->pid = pid;
			b->address = info.entry.args[1];
			b->len = info.entry.args[2];
		}
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT &&
	    (b = binding_of(r, pid)) != NULL) {
		if (info.exit.rval == 0) {
			note_bind(r, b);
			if (is_bound(r))
				note_stop(r, pid, "after bind");
		}
		b->pid = 0;
	}
}

/* Let a process go on that was stopped. */
static void
handle(struct run *r, pid_t pid, int status)
{
	int	 sig = WSTOPSIG(status), event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		system_call(r, pid);
		sig = 0;
	} else if (event != 0) {
		/* It has forked, was born, or would stop: it goes on. */
		sig = 0;
	}
	(void)ptrace(r->sent ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, sig);
}

/* Run the command and send the signal at stop n. */
static void
run_once(struct run *r, int n)
{
	pid_t	 pid;
	int	 status;

	memset(r, 0, sizeof(*r));
	r->left = n;
	(void)alarm(RUN_SECONDS);
	r->first = start_traced();
	for (;;) {
		if ((pid = waitpid(-1, &status, __WALL)) == -1) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (pid != r->first)
			r->last = pid;
		if (WIFSTOPPED(status))
			handle(r, pid, status);
	}
	(void)alarm(0);
}

/* Let the command run undisturbed. */
static void
run_freely(void)
{
	pid_t	 pid;

	(void)alarm(RUN_SECONDS);
	if ((pid = fork()) == 0)
		execute();
	if (pid == -1 || waitpid(pid, NULL, 0) == -1)
		err(1, "fork");
	(void)alarm(0);
}

/* Count what is in the directory, and with age make it two minutes old. */
static int
count_left(bool age)
{
	struct timespec	 t[2];
	struct dirent	*de;
	DIR		*d;
	int		 n = 0;

	if (clock_gettime(CLOCK_REALTIME, &t[0]) == -1)
		err(1, "clock_gettime");
	t[0].tv_sec -= 120;
	t[1] = t[0];
	if ((d = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		n++;
		if (age && utimensat(dirfd(d), de->d_name, t,
		    AT_SYMLINK_NOFOLLOW) == -1)
			err(1, "%s", de->d_name);
	}
	closedir(d);
	return n;
}

static void
empty_directory(void)
{
	struct dirent	*de;
	DIR		*d;

	if ((d = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while ((de = readdir(d)) != NULL) {
		if (de->d_name[0] != '.')
			(void)unlinkat(dirfd(d), de->d_name, 0);
	}
	closedir(d);
}

static int
signal_from(const char *name)
{
	static const struct {
		const char	*name;
		int		 number;
	} rows[] = {
		{ "HUP", SIGHUP }, { "INT", SIGINT }, { "KILL", SIGKILL },
		{ "PIPE", SIGPIPE }, { "QUIT", SIGQUIT }, { "TERM", SIGTERM }
	};
	size_t	 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(name, rows[i].name) == 0)
			return rows[i].number;
	}
	errx(2, "no such signal: %s", name);
}

static enum who
who_from(const char *text)
{
	if (strcmp(text, "binder") == 0)
		return BINDER;
	if (strcmp(text, "peer") == 0)
		return PEER;
	if (strcmp(text, "both") == 0)
		return BOTH;
	errx(2, "binder, peer or both: %s", text);
}

int
main(int argc, char *argv[])
{
	struct run	 r;
	bool		 sweeps = argc > 1 && strcmp(argv[1], "-s") == 0;
	int		 n, left, swept = 0, faults = 0;

	argv += sweeps;
	argc -= sweeps;
	if (argc < 6)
		errx(2, "usage: stopat [-s] directory signal at whom command "
		    "[argument ...]");
	dir = argv[1];
	signo = signal_from(argv[2]);
	at = who_from(argv[3]);
	whom = who_from(argv[4]);
	command = &argv[5];
	if (signal(SIGALRM, hang) == SIG_ERR)
		err(1, "signal");
	for (n = 1;; n++) {
		run_once(&r, n);
		if (!r.sent)
			break;
		if ((left = count_left(sweeps)) > 0 && sweeps) {
			swept += left;
			run_freely();
			left = count_left(false);
		}
		if (left == 0)
			continue;
		(void)printf("stop %d (%s): %d left\n", n, r.call, left);
		faults++;
		empty_directory();
	}
	(void)printf("%d stops, %d swept\n", n - 1, swept);
	return faults > 0 || n == 1;
}
