/*
 * fdbprivate.c: a program that starts an opener of its own, for the test
 * scripts.
 *
 * usage: fdbprivate [-c] [-u uid] policy command ...
 *
 * Begins a private session with the policy, or a session of a daemon if the
 * policy is SOCKET:ROLE; becomes the user; confines itself with -c; then
 * carries out each command and prints a line about it:
 *
 *	rPATH		read it, and print its first line
 *	aPATH		append a line; cPATH: create it if it is not there
 *	wPATH		watch it, and print the first line at once
 *	lPOLICY		narrow the policy
 *	tPATH		the names that a walk shows
 *
 * A policy that is wrong ends it with status 1.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/fdbroker.h"

static void
show_fd(const char *path, int fd)
{
	char	 buf[64];
	ssize_t	 n;

	if ((n = read(fd, buf, sizeof(buf) - 1)) == -1)
		err(1, "%s: read", path);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	(void)printf("%s: %s\n", path, buf);
	close(fd);
}

static void
do_open(struct fdb_session *s, char how, const char *path)
{
	int	 fd;

	fd = fdb_open(s, path, how == 'r' ? O_RDONLY : how == 'a' ?
	    O_WRONLY | O_APPEND : O_WRONLY | O_APPEND | O_CREAT);
	if (fd == -1)
		(void)printf("%s\n", fdb_session_error(s));
	else if (how == 'r')
		show_fd(path, fd);
	else if (write(fd, "line\n", 5) == 5 && close(fd) == 0)
		(void)printf("%s: written\n", path);
	else
		err(1, "%s", path);
}

static void
do_watch(struct fdb_session *s, const char *path)
{
	struct fdb_result	 r;

	if (fdb_watch(s, path, FDB_READ, 0, 1) == -1 ||
	    fdb_wait(s, &r, -1) != 1)
		errx(1, "%s: %s", path, fdb_session_error(s));
	if (r.kind != FDB_RESULT_WATCHED || r.error != 0) {
		(void)printf("%s: %s\n", path, strerror(r.error));
		return;
	}
	show_fd(path, r.fd);
	(void)fdb_watch_cancel(s, 1);
	while (fdb_wait(s, &r, -1) == 1)
		if (r.fd != -1)
			close(r.fd);
}

static void
do_walk(struct fdb_session *s, const char *path)
{
	struct fdb_walk		 o = { .name = path,
				    .flags = FDB_WALK_NO_OPEN };
	struct fdb_result	 r;

	if (fdb_walk(s, &o, 1) == -1)
		errx(1, "%s: %s", path, fdb_session_error(s));
	do {
		if (fdb_wait(s, &r, -1) != 1)
			errx(1, "%s", fdb_session_error(s));
		if (r.kind == FDB_RESULT_WALK_ENTRY && r.name[0] != '\0')
			(void)printf("%s\n", r.name);
	} while (r.kind != FDB_RESULT_WALK);
	if (r.error != 0)
		(void)printf("%s: %s %s\n", path, strerror(r.error), r.where);
}

static void
do_command(struct fdb_session *s, const char *what)
{
	switch (*what) {
	case 'l':
		if (fdb_limit(s, what + 1) == -1)
			(void)printf("limit: %s: %s\n", strerror(errno),
			    fdb_session_error(s));
		else
			(void)printf("limited\n");
		break;
	case 't':
		do_walk(s, what + 1);
		break;
	case 'w':
		do_watch(s, what + 1);
		break;
	default:
		do_open(s, *what, what + 1);
	}
}

static void
become(const char *user)
{
	uid_t	 uid = (uid_t)atoi(user);

	if (setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		err(1, "uid %s", user);
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	const char		*user = NULL;
	char			 why[FDB_WHY_MAX], *role;
	bool			 confine = false;
	int			 ch, i, ret;

	while ((ch = getopt(argc, argv, "cu:")) != -1) {
		if (ch == 'c')
			confine = true;
		else if (ch == 'u')
			user = optarg;
		else
			return 2;
	}
	if (argc - optind < 1)
		return 2;
	role = strrchr(argv[optind], ':');
	if (role != NULL && role[1] != '\0')
		*role++ = '\0';
	else
		role = NULL;
	ret = role != NULL ? fdb_connect(&s, argv[optind], role, 10000, why) :
	    fdb_private(&s, argv[optind], 10000, why);
	if (ret == -1)
		errx(1, "%s", why);
	if (user != NULL)
		become(user);
	if (confine && fdb_confine(NULL) == -1)
		err(1, "confine");
	for (i = optind + 1; i < argc; i++) {
		do_command(s, argv[i]);
		(void)fflush(stdout);
	}
	fdb_disconnect(s);
	if (!confine)
		return 0;
	/* At exit(3) sanitizers trace the process, which it may not do. */
	_exit(fflush(stdout) == 0 ? 0 : 1);
}
