/*
 * contract.c: do all that fdbroker(3) says a process may do after
 * fdb_confine(), with the plain system calls and with what the C library and
 * other libraries make of them.
 *
 * usage: contract file
 *
 * The file is made, written and left.  It also waits for the end of its
 * standard input.  Prints "kept" at the end.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "client/fdbroker.h"

#define BIG	(1024 * 1024)

static volatile sig_atomic_t	 signalled;

static void
on_signal(int sig)
{
	signalled = sig;
}

static void
need(bool good, const char *what)
{
	if (!good)
		err(1, "%s", what);
}

static void
do_files(int fd, int pipefd[2])
{
	struct iovec	 iov = { .iov_len = 4 };
	char		 buf[16];
	loff_t		 at = 0, to = 8;
	off_t		 from = 0;

	need(write(fd, "text", 4) == 4, "write");
	need(pwrite(fd, "text", 4, 4) == 4, "pwrite");
	iov.iov_base = buf;
	memcpy(buf, "more", 4);
	need(lseek(fd, 8, SEEK_SET) == 8, "lseek");
	need(writev(fd, &iov, 1) == 4, "writev");
	need(pread(fd, buf, 4, 0) == 4, "pread");
	need(lseek(fd, 0, SEEK_SET) == 0, "lseek");
	need(readv(fd, &iov, 1) == 4, "readv");
	need(read(fd, buf, 4) == 4, "read");
	need(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0,
	    "posix_fadvise");
	need(copy_file_range(fd, &at, fd, &to, 4, 0) == 4, "copy_file_range");
	need(sendfile(pipefd[1], fd, &from, 4) == 4, "sendfile");
	need(splice(pipefd[0], NULL, fd, &to, 4, 0) == 4, "splice");
	need(fsync(fd) == 0 && fdatasync(fd) == 0, "fsync");
	need(ftruncate(fd, 4) == 0, "ftruncate");
}

static void
do_flags(int fd, int pipefd)
{
	int	 flags, copy;

	need(fcntl(fd, F_GETFD) == FD_CLOEXEC, "F_GETFD");
	need(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0, "F_SETFD");
	need((flags = fcntl(pipefd, F_GETFL)) != -1, "F_GETFL");
	need(fcntl(pipefd, F_SETFL, flags | O_NONBLOCK) == 0, "F_SETFL");
	need(fcntl(pipefd, F_GETPIPE_SZ) > 0, "F_GETPIPE_SZ");
	need((copy = fcntl(fd, F_DUPFD_CLOEXEC, 20)) >= 20,
	    "F_DUPFD_CLOEXEC");
	need(close_range((unsigned int)copy, (unsigned int)copy, 0) == 0,
	    "close_range");
}

/* The allocator of the C library, and what others do. */
static void
do_memory(void)
{
	char	*p, *q;

	need((p = malloc(BIG)) != NULL, "malloc");
	p[0] = 1;
	need((p = realloc(p, 16 * BIG)) != NULL, "realloc");
	free(p);
	need((q = mmap(NULL, BIG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0)) != MAP_FAILED, "mmap");
	need(mprotect(q, BIG, PROT_READ | PROT_WRITE) == 0, "mprotect");
	need(madvise(q, BIG, MADV_DONTNEED) == 0, "madvise");
	need(mremap(q, BIG, 2 * BIG, MREMAP_MAYMOVE) != MAP_FAILED, "mremap");
	need(brk(sbrk(0)) == 0, "brk");
}

static void
do_waits(int pipefd)
{
	const struct timespec	 now = { 0, 0 };
	struct pollfd		 in = { .fd = STDIN_FILENO, .events = POLLIN };
	struct rusage		 ru;
	struct sigaction	 sa;
	struct pollfd		 pfd = { .fd = pipefd, .events = POLLIN };
	struct timeval		 tv;
	struct timespec		 ts;
	sigset_t		 set;
	unsigned char		 rnd[8];
	int			 n = 0;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&set);
	need(sigaction(SIGPIPE, &sa, NULL) == 0 &&
	    sigprocmask(SIG_SETMASK, &set, NULL) == 0, "signals");
	need(poll(&pfd, 1, 0) == 0 && ppoll(&pfd, 1, &now, &set) == 0,
	    "poll");
	/* Not through the vDSO, which is not there on each machine. */
	need(syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts) == 0 &&
	    syscall(SYS_gettimeofday, &tv, NULL) == 0, "time");
	/* Here it may be stopped; stdin is left alone if it is a file. */
	need(poll(&in, 1, 60000) == 1, "poll");
	need(getpid() > 0, "getpid");
	need(getrusage(RUSAGE_THREAD, &ru) == 0, "getrusage");
	arc4random_buf(rnd, sizeof(rnd));
	need(syscall(SYS_futex, &n, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
	    0) == 0, "futex");
}

/* The time zone is that of the machine. */
static void
do_time(void)
{
	char		 text[64];
	time_t		 t = 86400;
	struct tm	*tm;
	int		 i;

	for (i = 0; i < 2; i++) {
		tzset();
		need((tm = localtime(&t)) != NULL, "localtime");
		need(strftime(text, sizeof(text), "%F %T %Z", tm) > 0,
		    "strftime");
		need(mktime(tm) == t, "mktime");
	}
}

static void
do_messages(int sock[2])
{
	struct fdmsg	 m;
	char		 buf[8];

	/* Sent before, with a descriptor, which it may only receive. */
	need(fdmsg_recv(sock[1], buf, sizeof(buf), 1, &m) == 1 &&
	    m.nfds == 1, "recvmsg");
	fdmsg_close(&m);
	need(send(sock[0], "x", 1, MSG_NOSIGNAL) == 1, "send");
	need(fdmsg_send(sock[0], "x", 1, NULL, 0) == 0, "fdmsg_send");
}

int
main(int argc, char *argv[])
{
	struct stat	 st;
	int		 dead[2], fd, live[2], sock[2];

	if (argc != 2)
		errx(2, "usage: contract file");
	fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	need(fd != -1, argv[1]);
	need(pipe2(live, O_CLOEXEC) == 0 && pipe2(dead, O_CLOEXEC) == 0 &&
	    dgram_pair(sock) == 0 &&
	    fdmsg_send(sock[0], "x", 1, &fd, 1) == 0, "pipe");
	/* The C library would look for the zone again and again. */
	(void)unsetenv("TZ");
	if (fdb_confine(NULL) == -1)
		err(1, "fdb_confine");
	do_files(fd, live);
	do_flags(fd, live[0]);
	do_memory();
	do_waits(live[0]);
	do_messages(sock);
	do_time();
	/* A signal that is handled: of a pipe that nobody reads. */
	close(dead[0]);
	need(write(dead[1], "x", 1) == -1 && errno == EPIPE &&
	    signalled == SIGPIPE, "signal");
	need(syscall(SYS_fstat, fd, &st) == 0, "fstat");
	need(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) == -1 &&
	    errno == EPERM, "newfstatat");
	(void)printf("kept\n");
	return 0;
}
