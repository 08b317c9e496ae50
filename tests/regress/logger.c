/*
 * logger.c: a small daemon of the kind that fdbroker serves: its child is
 * unprivileged, confined and in an empty root directory, and still reopens its
 * log after a rotation.
 *
 * usage: logger socket role uid root log
 *
 * The child gets its session while it is still privileged, changes root to
 * `root', becomes uid, confines itself, and opens the log through the broker.
 * Each time it opens the log it prints "open" or "refused: REASON".  On SIGUSR1
 * it writes a line, on SIGHUP it reopens the log, and on SIGTERM it ends.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"

static volatile sig_atomic_t	 want_line, want_reopen, want_end;

static void
on_signal(int sig)
{
	if (sig == SIGUSR1)
		want_line = 1;
	else if (sig == SIGHUP)
		want_reopen = 1;
	else
		want_end = 1;
}

static void
say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) == -1)
		_exit(1);
}

static int
open_log(struct fdb_session *s, const char *path)
{
	int	 fd;

	fd = fdb_open(s, path, O_WRONLY | O_APPEND | O_CREAT);
	if (fd == -1) {
		say("refused: ");
		say(fdb_session_error(s));
		say("\n");
	} else {
		say("open\n");
	}
	return fd;
}

static void
serve_log(struct fdb_session *s, const char *path, const sigset_t *waiting)
{
	static const char	 line[] = "a line\n";
	int			 fd = open_log(s, path);

	while (!want_end) {
		if (want_reopen) {
			want_reopen = 0;
			if (fd != -1)
				close(fd);
			fd = open_log(s, path);
		}
		if (want_line && fd != -1) {
			want_line = 0;
			if (write(fd, line, sizeof(line) - 1) == -1)
				say("cannot write\n");
			else
				say("written\n");
		}
		(void)ppoll(NULL, 0, NULL, waiting);
	}
}

static int
child_main(char *argv[])
{
	struct sigaction	 sa;
	struct fdb_session	*s;
	sigset_t		 blocked, waiting;
	char			 why[FDB_WHY_MAX];
	uid_t			 uid = (uid_t)atoi(argv[3]);

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &blocked, &waiting) == -1)
		err(1, "sigprocmask");
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	if (sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigaction(SIGHUP, &sa, NULL) == -1 ||
	    sigaction(SIGTERM, &sa, NULL) == -1)
		err(1, "sigaction");
	if (fdb_connect(&s, argv[1], argv[2], 10000, why) == -1)
		errx(1, "%s", why);
	if (chroot(argv[4]) == -1 || chdir("/") == -1 ||
	    setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		err(1, "drop");
	if (fdb_confine(NULL) == -1)
		err(1, "confine");
	serve_log(s, argv[5], &waiting);
	fdb_disconnect(s);
	return 0;
}

int
main(int argc, char *argv[])
{
	pid_t	 child;
	int	 status;

	if (argc != 6)
		return 2;
	if ((child = fork()) == -1)
		err(1, "fork");
	if (child == 0)
		_exit(child_main(argv));
	(void)printf("child %d\n", (int)child);
	(void)fflush(stdout);
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
