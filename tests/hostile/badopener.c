/*
 * badopener.c: openers that somebody took over.
 *
 * usage: badopener directory [operation ...]
 *
 * One of a role that reads, one of a role that appends and creates, too, one of
 * a role that restores, a private one, and one of fdb_private(), each with
 * roots, ids and confinement as fdbroker-opener has them, and then with layers
 * left out.  Prints what all that they can try comes to, or what is named.  The
 * directory must be empty.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine/confine.h"
#include "confine/privdrop.h"
#include "hostile.h"
#include "opener/roots.h"
#include "policy/roots.h"
#include "position.h"

/* Other openers and the listener have the same uid as the attacker. */
static int
opener_prepare(struct world *w, unsigned int set)
{
	targets_make(w, w->uid, !(set & LAYER_NODUMP));
	return position_session(w, SOCK_DGRAM);
}

static int
private_prepare(struct world *w, unsigned int set)
{
	targets_make(w, w->uid, !(set & LAYER_NODUMP));
	return position_session(w, SOCK_SEQPACKET);
}

static void
opener_clear(struct world *w)
{
	position_session_end(w);
	targets_end();
}

/* As opener_drop() of the daemon's, with either part left out. */
static int
drop_rights(const struct world *w, uint32_t caps, unsigned int set)
{
	struct privdrop	 pd;
	const char	*step;
	int		 empty;

	empty = open(scene_path(w, "empty"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (empty == -1)
		return -1;
	memset(&pd, 0, sizeof(pd));
	pd.uid = pd.gid = w->uid;
	pd.chroot_fd = set & LAYER_ROOT ? empty : -1;
	pd.caps = caps;
	if (set & LAYER_PRIVS) {
		if (privdrop(&pd, &step) == -1)
			return -1;
	} else if ((set & LAYER_ROOT) && (fchdir(empty) == -1 ||
	    chroot(".") == -1 || chdir("/") == -1))
		return -1;
	close(empty);
	return 0;
}

/* As opener_confine(). */
static int
confine(const struct roots *roots, unsigned int set, bool private)
{
	struct confine_root	*list;
	struct confine		 c;
	unsigned int		 done;
	const char		*layer;
	int			 ret;

	memset(&c, 0, sizeof(c));
	c.who = private ? CONFINE_PRIVATE :
	    roots_restore(roots) ? CONFINE_RESTORER :
	    roots_write(roots) ? CONFINE_WRITER : CONFINE_OPENER;
	if ((list = roots_allowed(roots, &c.nroots)) == NULL)
		return -1;
	c.roots = list;
	c.omit = position_omit(set);
	ret = confine_enter(&c, &done, &layer);
	free(list);
	return ret;
}

/* What it can open in the ordinary way. */
static void
open_things(struct world *w)
{
	w->open = scene_open(w->root, "open", O_RDONLY, 0);
	w->own = scene_open(w->root, "own", O_RDONLY, 0);
	w->program = scene_open(w->root, "program", O_RDONLY, 0);
	w->suid = scene_open(w->root, "suid", O_RDONLY, 0);
}

/* Who started it. */
enum starter { BY_DAEMON, BY_FDBACKUP, BY_PROGRAM };

static int
enter(struct world *w, unsigned int set, enum position_does does,
    enum starter by)
{
	static struct roots	 roots;
	uint32_t		 caps;

	/* What it mounts is gone with it. */
	if (unshare(CLONE_NEWNS) == -1)
		return -1;
	w->kept = open(scene_path(w, "other"), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (w->kept == -1 ||
	    position_roots(&roots, w, (set & LAYER_CLONE) != 0, does,
	    &caps) == -1)
		return -1;
	w->root = position_root(&roots, w, "root", false)->fd;
	w->single = position_root(&roots, w, "single", false)->fd;
	if (does != POSITION_READS) {
		w->inbox = position_root(&roots, w, "inbox", true)->fd;
		w->made = position_root(&roots, w, "made", true)->fd;
		w->noted = position_root(&roots, w, "single", true)->fd;
	}
	if (by != BY_DAEMON) {
		if (setgroups(0, NULL) == -1 ||
		    setresgid(w->uid, w->uid, w->uid) == -1 ||
		    setresuid(w->uid, w->uid, w->uid) == -1)
			return -1;
	} else if (drop_rights(w, caps, set) == -1)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1 ||
	    confine(&roots, set, by == BY_FDBACKUP) == -1)
		return -1;
	open_things(w);
	return 0;
}

static int
reader_enter(struct world *w, unsigned int set)
{
	return enter(w, set, POSITION_READS, BY_DAEMON);
}

static int
writer_enter(struct world *w, unsigned int set)
{
	return enter(w, set, POSITION_WRITES, BY_DAEMON);
}

static int
restorer_enter(struct world *w, unsigned int set)
{
	return enter(w, set, POSITION_RESTORES, BY_DAEMON);
}

static int
private_enter(struct world *w, unsigned int set)
{
	return enter(w, set, POSITION_READS, BY_FDBACKUP);
}

static int
embedded_enter(struct world *w, unsigned int set)
{
	return enter(w, set, POSITION_READS, BY_PROGRAM);
}

#define LAYERS_OF_ALL	(LAYER_NNP | LAYER_SECCOMP | LAYER_LANDLOCK | \
			    LAYER_NODUMP)

static const struct stage	 reader = {
	.who = WHO_READER,
	.name = "reader",
	.layers = LAYERS_OF_ALL | LAYER_CLONE | LAYER_PRIVS | LAYER_ROOT,
	.prepare = opener_prepare,
	.clear = opener_clear,
	.enter = reader_enter
};

static const struct stage	 writer = {
	.who = WHO_WRITER,
	.name = "writer",
	.layers = LAYERS_OF_ALL | LAYER_CLONE | LAYER_PRIVS | LAYER_ROOT,
	.prepare = opener_prepare,
	.clear = opener_clear,
	.enter = writer_enter
};

static const struct stage	 restorer = {
	.who = WHO_RESTORER,
	.name = "restorer",
	.layers = LAYERS_OF_ALL | LAYER_CLONE | LAYER_PRIVS | LAYER_ROOT,
	.prepare = opener_prepare,
	.clear = opener_clear,
	.enter = restorer_enter
};

static const struct stage	 private = {
	.who = WHO_PRIVATE,
	.name = "private",
	.layers = LAYERS_OF_ALL,
	.prepare = private_prepare,
	.clear = opener_clear,
	.enter = private_enter
};

static const struct stage	 embedded = {
	.who = WHO_EMBEDDED,
	.name = "embedded",
	.layers = LAYERS_OF_ALL,
	.prepare = private_prepare,
	.clear = opener_clear,
	.enter = embedded_enter
};

int
main(int argc, char *argv[])
{
	static const struct stage *const	 stages[] = {
		&reader, &private, &writer, &restorer, &embedded
	};
	static struct table	 t;
	static struct world	 w;
	size_t			 i;
	int			 faults = 0;

	if (argc < 2)
		errx(2, "usage: badopener directory [operation ...]");
	position_begin(&w, argv[1]);
	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		table_make(&t, stages[i], &w, &argv[2]);
		table_print(&t, &w);
		faults += table_check(&t, &w);
	}
	if (fflush(stdout) != 0)
		return 1;
	return faults > 0 ? 1 : 0;
}
