/*
 * fdbstat.c: a worker for the test scripts that resolves paths.
 *
 * usage: fdbstat socket role path ...
 *
 * For each path it calls fdb_stat() and fdb_realpath(), and prints a line:
 *
 *	TYPE SIZE RESOLVED		d, f or - for another type
 *	REASON ERRNO [WHERE]		both fail so; "here" if the library does
 *
 * It fails if the two functions differ.
 */

#include "config.h"

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker.h"

/* Why the last call failed, with this errno value. */
static void
explain(const struct fdb_session *s, int error, char *line, size_t size)
{
	const struct fdb_refusal	*why = fdb_session_refusal(s);

	(void)snprintf(line, size, "%s %s%s%s",
	    why != NULL ? worker_reason(why->reason) : "here",
	    strerrorname_np(error), why != NULL && why->where[0] != '\0' ?
	    " " : "", why != NULL ? why->where : "");
}

static void
show(struct fdb_session *s, const char *path)
{
	struct fdb_stat	 st;
	char		 resolved[FDB_PATH_MAX];
	char		 line[FDB_WHY_MAX + 64], again[FDB_WHY_MAX + 64];

	if (fdb_stat(s, path, &st) == 0) {
		if (fdb_realpath(s, path, resolved) == -1)
			errx(1, "%s: %s", path, fdb_session_error(s));
		(void)printf("%c %llu %s\n", S_ISDIR(st.mode) ? 'd' :
		    S_ISREG(st.mode) ? 'f' : '-',
		    S_ISREG(st.mode) ? (unsigned long long)st.size : 0,
		    resolved);
		return;
	}
	explain(s, errno, line, sizeof(line));
	if (fdb_realpath(s, path, resolved) == 0)
		errx(1, "%s: resolved: %s", path, resolved);
	explain(s, errno, again, sizeof(again));
	if (strcmp(line, again) != 0)
		errx(1, "%s: %s, then %s", path, line, again);
	(void)printf("%s\n", line);
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	int			 i;

	if (argc < 4)
		return 2;
	s = worker_connect(argv[1], argv[2]);
	for (i = 3; i < argc; i++)
		show(s, argv[i]);
	fdb_disconnect(s);
	return 0;
}
