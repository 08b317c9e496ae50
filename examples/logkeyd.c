/*
 * logkeyd.c: an example for fdb_private(3).  A server gives a key to whoever
 * connects, and logs that.  It starts as root, which nobody is afterwards but
 * its opener: the parent accepts, and a child, which is chrooted and confined,
 * serves.  It still opens its log anew after SIGHUP, and gets a renewed key.
 */

#define _GNU_SOURCE

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fdbroker.h>

static volatile sig_atomic_t	 hup, term;
static char			 key[256];

static void
on_signal(int sig)
{
	*(sig == SIGHUP ? &hup : &term) = 1;
}

/* One descriptor, from the parent to the child; or -1. */
static int
pass(int sock, int fd)
{
	char		 byte = 0, buf[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec	 iov = { &byte, 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = buf, .msg_controllen = sizeof(buf) };
	struct cmsghdr	*c = CMSG_FIRSTHDR(&msg);

	if (fd == -1) {
		if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) == 1 &&
		    (c = CMSG_FIRSTHDR(&msg)) != NULL)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		return fd;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return (int)sendmsg(sock, &msg, MSG_NOSIGNAL);
}

static void
serve(struct fdb_session *s, int parent, const char *log, const char *keyfile)
{
	struct pollfd		 fds[FDB_POLLFDS + 1];
	struct fdb_result	 r;
	sigset_t		 none;
	int			 conn, logfd = -1, n, len;

	sigemptyset(&none);
	if (fdb_watch(s, keyfile, FDB_READ, 0, 0) == -1 ||
	    fdb_confine(NULL) == -1)
		err(1, "confine");
	for (hup = 1; !term;) {
		if (hup) {
			hup = 0;
			close(logfd);
			logfd = fdb_open(s, log, O_WRONLY | O_APPEND | O_CREAT);
		}
		while ((n = fdb_next(s, &r)) == 1 && r.fd != -1) {
			len = (int)read(r.fd, key, sizeof(key) - 1);
			key[len > 0 ? len : 0] = '\0';
			close(r.fd);
		}
		if (n == -1 || logfd == -1)
			errx(1, "%s", fdb_session_error(s));
		fdb_session_pollfds(s, fds);
		fds[FDB_POLLFDS] = (struct pollfd){ parent, POLLIN, 0 };
		if (ppoll(fds, FDB_POLLFDS + 1, NULL, &none) == -1 ||
		    fds[FDB_POLLFDS].revents == 0)
			continue;
		if ((conn = pass(parent, -1)) == -1)
			return;
		dprintf(conn, "%s", key);
		dprintf(logfd, "served %s", key);
		close(conn);
	}
}

int
main(int argc, char *argv[])
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	struct sigaction	 sa = { .sa_handler = on_signal };
	struct fdb_session	*s;
	struct pollfd		 pfd;
	char			 policy[1024], why[FDB_WHY_MAX];
	sigset_t		 all, none;
	int			 sock, pair[2], conn;
	pid_t			 child;
	uid_t			 uid;

	if (argc != 6)
		errx(1, "usage: logkeyd socket log key directory uid");
	uid = (uid_t)atoi(argv[5]);
	snprintf(policy, sizeof(policy), "permit append, create \"%s\" mode "
	    "0640\npermit read \"%s\"\n", argv[2], argv[3]);
	if (fdb_private(&s, policy, 5000, why) == -1)
		errx(1, "%s", why);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", argv[1]);
	if ((sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    bind(sock, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(sock, 8) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1 ||
	    chroot(argv[4]) == -1 || chdir("/") == -1)
		err(1, "%s", argv[1]);
	if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		err(1, "uid %d", (int)uid);
	/* Signals come in ppoll(2) and nowhere else. */
	sigemptyset(&none);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if ((child = fork()) == 0) {
		close(pair[0]);
		serve(s, pair[1], argv[2], argv[3]);
		_exit(0);
	}
	fdb_disconnect(s);	/* the child has it */
	close(pair[1]);
	pfd = (struct pollfd){ sock, POLLIN, 0 };
	while (!term && waitpid(child, NULL, WNOHANG) == 0) {
		if (ppoll(&pfd, 1, NULL, &none) == 1 &&
		    (conn = accept(sock, NULL, NULL)) != -1) {
			pass(pair[0], conn);
			close(conn);
		}
		if (hup && (hup = 0) == 0)
			kill(child, SIGHUP);
	}
	return kill(child, SIGTERM);
}
