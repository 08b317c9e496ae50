/*
 * badworker.c: a worker that somebody took over, and the process that connects
 * to the broker for one.
 *
 * usage: badworker directory [operation ...]
 *
 * It has what the worker of a session has: a socket, descriptors that were
 * handed out, an output; and a directory, which no worker gets, to show what
 * one that leaked would be good for.  The process of fdb_reconnect() has one
 * socket.  Prints what all that they can try comes to, or what is named, with
 * which layers of their confinement.  The directory must be empty.
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
	struct root	*root;
	uint32_t	 caps;

	targets_make(w, set & LAYER_USER ? w->uid + 1 : w->uid,
	    !(set & LAYER_NODUMP));
	if (position_roots(&roots, w, (set & LAYER_CLONE) != 0,
	    POSITION_WRITES,
	    &caps) == -1)
		return -1;
	root = position_root(&roots, w, "root", false);
	w->root = openat(root->fd, ".", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	w->open = worker_open(root, "open", O_RDONLY);
	w->own = worker_open(root, "own", O_RDONLY);
	w->program = worker_open(root, "program", O_RDONLY);
	w->suid = worker_open(root, "suid", O_RDONLY);
	w->append = worker_open(position_root(&roots, w, "inbox", true), "log",
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
	static const struct namespaces_calls	 calls = {
		.announce = worker_moved
	};
	struct confine	 c = { .who = CONFINE_WORKER };
	int		 none[NAMESPACES_FDS] = { -1, -1, -1 };
	unsigned int	 done;
	const char	*layer;

	if (setgroups(0, NULL) == -1 ||
	    setresgid(w->uid, w->uid, w->uid) == -1 ||
	    setresuid(w->uid, w->uid, w->uid) == -1 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1)
		return -1;
	errno = ENOTSUP;
	if ((set & LAYER_SPACES) &&
	    namespaces_enter(0, 0, &calls, w, none) != 1)
		return -1;
	if ((set & LAYER_LIMIT) && rlimit_set(RLIMIT_NPROC, 0) == -1)
		return -1;
	c.omit = position_omit(set);
	return confine_enter(&c, &done, &layer);
}

static struct stage	 worker = {
	.who = WHO_WORKER,
	.name = "worker",
	.layers = LAYER_NNP | LAYER_SECCOMP | LAYER_LANDLOCK | LAYER_CLONE |
	    LAYER_NODUMP | LAYER_USER | LAYER_SPACES | LAYER_LIMIT,
	.prepare = worker_prepare,
	.clear = worker_clear,
	.enter = worker_enter
};

static int
connector_prepare(struct world *w, unsigned int set)
{
	targets_make(w, set & LAYER_USER ? w->uid + 1 : w->uid,
	    !(set & LAYER_NODUMP));
	return position_session(w, SOCK_SEQPACKET);
}

static void
connector_clear(struct world *w)
{
	position_session_end(w);
	targets_end();
}

/* As connector_run(). */
static int
connector_enter(struct world *w, unsigned int set)
{
	struct confine	 c = { .who = CONFINE_CONNECTOR };
	unsigned int	 done;
	const char	*layer;

	if (setgroups(0, NULL) == -1 ||
	    setresgid(w->uid, w->uid, w->uid) == -1 ||
	    setresuid(w->uid, w->uid, w->uid) == -1 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1)
		return -1;
	c.omit = position_omit(set);
	return confine_enter(&c, &done, &layer);
}

static const struct stage	 connector = {
	.who = WHO_CONNECTOR,
	.name = "connector",
	.layers = LAYER_NNP | LAYER_SECCOMP | LAYER_LANDLOCK | LAYER_NODUMP |
	    LAYER_USER,
	.prepare = connector_prepare,
	.clear = connector_clear,
	.enter = connector_enter
};

/* The first of them that the kernel lacks is the reason. */
static void
lack_spaces(const struct world *w)
{
	static const enum feature	 spaces[] = {
		FEATURE_USERNS, FEATURE_MNTNS, FEATURE_PIDNS, FEATURE_NETNS,
		FEATURE_IPCNS, FEATURE_UTSNS, FEATURE_CGROUPNS, FEATURE_CLONE3
	};
	size_t	 i;

	worker.layers &= ~(unsigned int)LAYER_SPACES;
	worker.absent = LAYER_SPACES;
	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (!feature_has(spaces[i], w->uid, worker.why))
			return;
	(void)strlcpy(worker.why, "needs all namespaces at once for a user",
	    sizeof(worker.why));
}

int
main(int argc, char *argv[])
{
	static struct world	 w;
	static struct table	 t;
	int			 faults;

	if (argc < 2)
		errx(2, "usage: badworker directory [operation ...]");
	position_begin(&w, argv[1]);
	if (!stage_can(&worker, &w, LAYER_SPACES))
		lack_spaces(&w);
	table_make(&t, &worker, &w, &argv[2]);
	table_print(&t, &w);
	faults = table_check(&t, &w);
	table_make(&t, &connector, &w, &argv[2]);
	table_print(&t, &w);
	faults += table_check(&t, &w);
	return fflush(stdout) == 0 && faults == 0 ? 0 : 1;
}
