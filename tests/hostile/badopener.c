/*
 * badopener.c: openers that somebody took over.
 *
 * usage: badopener directory
 *
 * One of a role that reads, one of a role that appends and creates, too, and a
 * private one, each with roots, ids and confinement as fdbroker-opener has
 * them, and then with layers left out.  Prints what all that they can try
 * comes to; of the second and third what differs from the first.  The
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
confine(const struct roots *roots, unsigned int set)
{
	struct confine_root	 list[POLICY_ROOTS_MAX];
	const struct root	*r;
	struct confine		 c;
	unsigned int		 done;
	const char		*layer;
	size_t			 i;

	memset(&c, 0, sizeof(c));
	c.who = CONFINE_OPENER;
	for (i = 0; i < roots->n; i++) {
		r = &roots->list[i];
		list[i].fd = r->fd;
		list[i].path = r->path;
		list[i].may = roots_may(roots, r);
		if (r->writable)
			c.who = CONFINE_WRITER;
	}
	c.roots = list;
	c.nroots = roots->n;
	c.omit = position_omit(set);
	return confine_enter(&c, &done, &layer);
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

static int
enter(struct world *w, unsigned int set, bool writes, bool private)
{
	static struct roots	 roots;
	uint32_t		 caps;

	/* What it mounts is gone with it. */
	if (unshare(CLONE_NEWNS) == -1)
		return -1;
	w->kept = open(scene_path(w, "other"), O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (w->kept == -1 ||
	    position_roots(&roots, w, (set & LAYER_CLONE) != 0, writes,
	    &caps) == -1)
		return -1;
	w->root = roots.list[0].fd;
	if (writes) {
		w->inbox = position_root(&roots, w, "inbox")->fd;
		w->made = position_root(&roots, w, "made")->fd;
	}
	if (private) {
		if (setgroups(0, NULL) == -1 ||
		    setresgid(w->uid, w->uid, w->uid) == -1 ||
		    setresuid(w->uid, w->uid, w->uid) == -1)
			return -1;
	} else if (drop_rights(w, caps, set) == -1)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1 ||
	    confine(&roots, set) == -1)
		return -1;
	open_things(w);
	return 0;
}

static int
reader_enter(struct world *w, unsigned int set)
{
	return enter(w, set, false, false);
}

static int
writer_enter(struct world *w, unsigned int set)
{
	return enter(w, set, true, false);
}

static int
private_enter(struct world *w, unsigned int set)
{
	return enter(w, set, false, true);
}

#define LAYERS_OF_ALL	(LAYER_NNP | LAYER_SECCOMP | LAYER_LANDLOCK | \
			    LAYER_NODUMP)

static const struct stage	 reader = {
	.who = WHO_READER,
	.layers = LAYERS_OF_ALL | LAYER_CLONE | LAYER_PRIVS | LAYER_ROOT,
	.prepare = opener_prepare,
	.clear = opener_clear,
	.enter = reader_enter
};

static const struct stage	 writer = {
	.who = WHO_WRITER,
	.layers = LAYERS_OF_ALL | LAYER_CLONE | LAYER_PRIVS | LAYER_ROOT,
	.prepare = opener_prepare,
	.clear = opener_clear,
	.enter = writer_enter
};

static const struct stage	 private = {
	.who = WHO_PRIVATE,
	.layers = LAYERS_OF_ALL,
	.prepare = private_prepare,
	.clear = opener_clear,
	.enter = private_enter
};

static struct table	 tables[3];	/* reader, private, writer */

/* Of a reader, and beside it of a private opener. */
static void
print_both(bool granted)
{
	const struct table	*t = &tables[0];
	char			 row[80], other[80];
	size_t			 i;

	for (i = 0; i < t->nops; i++) {
		if (granted != ((t->ops[i]->granted & WHO_READER) != 0))
			continue;
		(void)table_row(t, t->ops[i], true, row, sizeof(row));
		(void)table_row(&tables[1], t->ops[i], false, other,
		    sizeof(other));
		(void)printf("%-33s %s  %s\n", t->ops[i]->name, row, other);
	}
}

/* Of a writer, where it is another than the reader's. */
static void
print_writer(bool granted)
{
	const struct table	*t = &tables[2];
	char			 row[80], other[80];
	size_t			 i;

	for (i = 0; i < t->nops; i++) {
		if (granted != ((t->ops[i]->granted & WHO_WRITER) != 0))
			continue;
		(void)table_row(&tables[0], t->ops[i], true, other,
		    sizeof(other));
		(void)table_row(t, t->ops[i], true, row, sizeof(row));
		if (strcmp(row, other) != 0)
			(void)printf("%-33s %s\n", t->ops[i]->name, row);
	}
}

static void
print_all(void)
{
	char	 row[80], other[80];

	table_heading(&tables[0], true, row, sizeof(row));
	table_heading(&tables[1], false, other, sizeof(other));
	(void)printf("%-33s %-29s  %s\n", "", "An opener of a role that reads",
	    "A private one");
	(void)printf("%-33s %s  %s\n", "", row, other);
	print_both(false);
	(void)printf("Granted, or not promised to be stopped:\n");
	print_both(true);
	(void)printf("\n%-33s %s\n", "One that appends and creates", row);
	print_writer(false);
	(void)printf("Granted, or not promised to be stopped:\n");
	print_writer(true);
}

int
main(int argc, char *argv[])
{
	static const struct stage *const	 stages[] = {
		&reader, &private, &writer
	};
	static struct world	 w;
	size_t			 i;
	int			 faults = 0;

	if (argc != 2)
		errx(2, "usage: badopener directory");
	position_begin(&w, argv[1]);
	for (i = 0; i < 3; i++)
		table_make(&tables[i], stages[i], &w);
	print_all();
	(void)printf("Without no_new_privs they do not start:");
	for (i = 0; i < 3; i++)
		(void)printf(" %s",
		    outcome_name(stage_without_nnp(stages[i], &w)));
	(void)printf("\n");
	for (i = 0; i < 3; i++)
		faults += table_check(&tables[i]);
	if (fflush(stdout) != 0)
		return 1;
	return faults > 0 ? 1 : 0;
}
