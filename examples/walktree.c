/*
 * walktree.c: print the size and the path of each file in a tree that the
 * broker walks.
 *
 * usage: walktree role directory
 *
 * A walk gives names, one component each.  Their paths are put together here,
 * with FDB_ENTRY_ENTERED and FDB_RESULT_WALK_LEAVE.
 *
 *	cc walktree.c $(pkg-config --cflags --libs fdbroker) -o walktree
 */

#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fdbroker.h>

static const char *start;	/* of the walk */
static char	*path;		/* from there to where the walk is */
static size_t	 path_len, path_size;

/* Add a component to the path: "" is the start itself. */
static void
path_enter(const char *name)
{
	size_t	 len = strlen(name), need = path_len + len + 2;
	char	*p;

	if (need > path_size) {
		if ((p = realloc(path, 2 * need)) == NULL) {
			perror("walktree");
			exit(1);
		}
		path = p;
		path_size = 2 * need;
	}
	if (len > 0)
		path[path_len++] = '/';
	memcpy(path + path_len, name, len + 1);
	path_len += len;
}

static void
path_leave(void)
{
	while (path_len > 0 && path[--path_len] != '/')
		continue;
	path[path_len] = '\0';
}

/* Print what a result of the walk tells.  The errors in it. */
static int
show(const struct fdb_result *r)
{
	int	 failed = 0;

	if (r->kind == FDB_RESULT_WALK_LEAVE) {
		if (r->error != 0)
			fprintf(stderr, "%s%s: %s\n", start, path,
			    strerror(r->error));
		path_leave();
		return r->error != 0;
	}
	if (r->kind != FDB_RESULT_WALK_ENTRY)
		return 0;
	path_enter(r->name);
	if (r->error != 0) {
		fprintf(stderr, "%s%s: %s %s\n", start, path,
		    strerror(r->error), r->where);
		failed = 1;
	} else if (S_ISREG(r->st.mode)) {
		printf("%10" PRIu64 " %s%s\n", r->st.size, start, path);
	}
	if (r->fd != -1)
		close(r->fd);
	if (!(r->flags & FDB_ENTRY_ENTERED))
		path_leave();
	return failed;
}

int
main(int argc, char *argv[])
{
	struct fdb_session	*s;
	struct fdb_result	 r;
	struct fdb_walk		 walk;
	char			 why[FDB_WHY_MAX];
	int			 failed = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: walktree role directory\n");
		return 1;
	}
	if (fdb_connect(&s, FDB_SOCKET_PATH, argv[1], 5000, why) == -1) {
		fprintf(stderr, "walktree: %s\n", why);
		return 1;
	}
	memset(&walk, 0, sizeof(walk));
	walk.name = start = argv[2];
	walk.flags = FDB_WALK_NO_OPEN;
	if (fdb_walk(s, &walk, 0) == -1) {
		fprintf(stderr, "walktree: %s\n", fdb_session_error(s));
		return 1;
	}
	do {
		if (fdb_wait(s, &r, -1) != 1) {
			fprintf(stderr, "walktree: %s\n",
			    fdb_session_error(s));
			return 1;
		}
		failed += show(&r);
	} while (r.kind != FDB_RESULT_WALK);
	if (r.error != 0) {
		fprintf(stderr, "%s: %s %s\n", start, strerror(r.error),
		    r.where);
		failed++;
	}
	free(path);
	fdb_disconnect(s);
	return failed > 0;
}
