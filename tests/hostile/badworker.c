/*
 * badworker.c: a worker that somebody took over.
 *
 * usage: badworker directory
 *
 * It has what the worker of a session has: a socket, descriptors that were
 * handed out, an output; and a directory, which no worker gets, to show what
 * one that leaked would be good for.  Prints what all that it can try comes
 * to, with which layers of its confinement.  The directory must be empty.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdbroker_types.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/namespaces.h"
#include "hostile.h"
#include "opener/resolve.h"
#include "position.h"

static int
worker_open(const struct root *r, const char *name, int flags)
{
	struct resolve_at	 at;
	struct fdb_stat		 st;
	bool			 type;

	memset(&at, 0, sizeof(at));
	at.dirfd = r->fd;
	at.clone = at.nodev = r->clone;
	return resolve_open(&at, name, flags, false, &st, &type);
}

/* Hand out what an opener would, in the runner, once for many tries. */
static int
worker_prepare(struct world *w, unsigned int set)
{
	struct roots	 roots;
	uint32_t	 caps;

	targets_make(w, set & LAYER_USER ? w->uid + 1 : w->uid,
	    !(set & LAYER_NODUMP));
	if (position_roots(&roots, w, (set & LAYER_CLONE) != 0, true,
	    &caps) == -1)
		return -1;
	w->root = openat(roots.list[0].fd, ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	w->open = worker_open(&roots.list[0], "open", O_RDONLY);
	w->own = worker_open(&roots.list[0], "own", O_RDONLY);
	w->program = worker_open(&roots.list[0], "program", O_RDONLY);
	w->suid = worker_open(&roots.list[0], "suid", O_RDONLY);
	w->append = worker_open(position_root(&roots, w, "inbox"), "log",
	    O_WRONLY | O_APPEND);
	w->out = open(scene_path(w, "outside/out"), O_WRONLY | O_CLOEXEC);
	w->lock = w->own;
	roots_close(&roots);
	if (w->root == -1 || w->open == -1 || w->own == -1 ||
	    w->program == -1 || w->suid == -1 || w->append == -1 ||
	    w->out == -1)
		return -1;
	return position_session(w, SOCK_DGRAM);
}

static void
worker_clear(struct world *w)
{
	int	*const	 fds[] = { &w->root, &w->open, &w->own, &w->program,
		    &w->suid, &w->append, &w->out };
	size_t		 i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		fd_close(fds[i]);
	w->lock = -1;
	position_session_end(w);
	targets_end();
}

static int
worker_moved(void *arg, pid_t pid)
{
	const struct world	*w = arg;

	return write(w->moved[1], &pid, sizeof(pid)) == sizeof(pid) ? 0 : -1;
}

static int
worker_enter(struct world *w, unsigned int set)
{
	struct confine	 c = { .who = CONFINE_WORKER };
	unsigned int	 done;
	const char	*layer;

	if (setgroups(0, NULL) == -1 ||
	    setresgid(w->uid, w->uid, w->uid) == -1 ||
	    setresuid(w->uid, w->uid, w->uid) == -1 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1)
		return -1;
	errno = ENOTSUP;
	if ((set & LAYER_SPACES) &&
	    namespaces_enter(0, 0, worker_moved, w) != 1)
		return -1;
	if ((set & LAYER_LIMIT) && rlimit_set(RLIMIT_NPROC, 0) == -1)
		return -1;
	c.omit = position_omit(set);
	return confine_enter(&c, &done, &layer);
}

static struct stage	 worker = {
	.who = WHO_WORKER,
	.layers = LAYER_NNP | LAYER_SECCOMP | LAYER_LANDLOCK | LAYER_CLONE |
	    LAYER_NODUMP | LAYER_USER | LAYER_SPACES | LAYER_LIMIT,
	.prepare = worker_prepare,
	.clear = worker_clear,
	.enter = worker_enter
};

static void
print_rows(const struct table *t, bool granted)
{
	char	 row[80];
	size_t	 i;

	for (i = 0; i < t->nops; i++) {
		if (granted != ((t->ops[i]->granted & WHO_WORKER) != 0))
			continue;
		(void)table_row(t, t->ops[i], true, row, sizeof(row));
		(void)printf("%-33s %s\n", t->ops[i]->name, row);
	}
}

int
main(int argc, char *argv[])
{
	static struct world	 w;
	static struct table	 t;
	char			 row[80];

	if (argc != 2)
		errx(2, "usage: badworker directory");
	position_begin(&w, argv[1]);
	if (!stage_can(&worker, &w, LAYER_SPACES)) {
		warnx("no namespaces for a user here");
		worker.layers &= ~(unsigned int)LAYER_SPACES;
		worker.absent = LAYER_SPACES;
	}
	table_make(&t, &worker, &w);
	table_heading(&t, true, row, sizeof(row));
	(void)printf("%-33s %s\n", "A worker", row);
	print_rows(&t, false);
	(void)printf("Granted, or not promised to be stopped:\n");
	print_rows(&t, true);
	(void)printf("Without no_new_privs it does not start: %s\n",
	    outcome_name(stage_without_nnp(&worker, &w)));
	if (table_check(&t) > 0)
		return 1;
	return fflush(stdout) == 0 ? 0 : 1;
}
