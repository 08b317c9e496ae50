/*
 * change.c: one change, and what it asks the broker for; see sandbox/change.h.
 *
 * Runs in the worker, confined.  Queues requests in the session, and sends
 * nothing.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/change.h"

struct change *
change_new(enum change_kind kind)
{
	struct change	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	LIST_INIT(&c->waiting);
	c->kind = kind;
	c->fd = -1;
	return c;
}

void
change_free(struct change *c)
{
	object_clear(&c->o);
	if (c->fd != -1)
		close(c->fd);
	free(c->why);
	free(c);
}

bool
change_is_single(const struct change *c)
{
	return c->split && c->step != STEP_ABANDON &&
	    object_single(&c->o) != NULL;
}

bool
change_split(struct change *c)
{
	if (c->split || object_single(&c->o) == NULL ||
	    (c->kind != CHANGE_META && (c->kind != CHANGE_FILE ||
	    c->step != STEP_COMMIT)))
		return false;
	c->split = true;
	return true;
}

static int
ask_with_meta(struct fdb_session *s, struct change *c)
{
	struct fdb_meta		 m;
	uint64_t		 cookie = (uint64_t)(uintptr_t)c;

	object_meta(&c->o, &m);
	if (change_is_single(c)) {
		m.set = FDB_META_XATTR;
		m.xattrs = object_single(&c->o);
		m.nxattrs = 1;
		if (c->kind == CHANGE_FILE)
			return fdb_preset_at(s, c->pending, c->base, c->rest,
			    &m, cookie);
	}
	switch (c->kind) {
	case CHANGE_FILE:
		return fdb_commit_at(s, c->pending, c->base, c->rest, c->over,
		    &m, cookie);
	case CHANGE_SYMLINK:
		return fdb_symlink_at(s, c->base, c->rest, c->o.link, c->over,
		    &m, cookie);
	case CHANGE_NODE:
		return fdb_mknod_at(s, c->base, c->rest, c->o.mode,
		    c->o.rdev_major, c->o.rdev_minor, c->over, &m, cookie);
	default:
		return fdb_setmeta_at(s, c->base, c->rest, &m, cookie);
	}
}

int
change_ask(struct fdb_session *s, struct change *c)
{
	uint64_t	 cookie = (uint64_t)(uintptr_t)c;

	if (c->step == STEP_ABANDON)
		return fdb_abandon(s, c->pending, cookie);
	switch (c->kind) {
	case CHANGE_FILE:
		if (c->step == STEP_MAKE)
			/* Most modes need not be changed then. */
			return fdb_create_at(s, c->base, c->rest,
			    c->o.set & FDB_META_MODE ? c->o.mode & 0777 :
			    0600, cookie);
		break;
	case CHANGE_DIR:
	case CHANGE_PARENT:
		/* Once for each directory that is met. */
		return fdb_mkdir_at(s, c->base, c->rest,
		    c->was == SEEN_NOT ? FDB_MKDIR_SWEEP : 0, c->over, cookie);
	case CHANGE_LINK:
		return fdb_link_at(s, c->base, c->rest, c->tobase, c->torest,
		    c->over, cookie);
	case CHANGE_REMOVE:
	case CHANGE_GONE:
	case CHANGE_YIELD:
		return fdb_remove_at(s, c->base, c->rest, S_ISDIR(c->o.mode) ?
		    FDB_REMOVE_DIR : 0, cookie);
	default:
		break;
	}
	return ask_with_meta(s, c);
}
