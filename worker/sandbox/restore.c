/*
 * restore.c: the last stage of extract; see sandbox/restore.h.
 *
 * Runs in the worker, confined, in a thread of its own.  Touches nothing but
 * memory; changes.c has the session.
 *
 * Nothing is restored through what the archive made before: the opener follows
 * no link.  What must not overtake each other waits: two members with one name,
 * and what is beneath a name that is not made yet.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/proto.h"
#include "sandbox/attributes.h"
#include "sandbox/changes.h"
#include "sandbox/ids.h"
#include "sandbox/manifest.h"
#include "sandbox/outcome.h"
#include "sandbox/place.h"
#include "sandbox/restore.h"
#include "sandbox/sample.h"
#include "sandbox/spool.h"

#define DIRS_BYTES	(64 * 1024 * 1024)	/* of metadata that waits */

struct restore {
	const struct options	*options;
	const struct job	*job;
	struct reporter		*rep;
	struct fdb_session	*session;
	struct damage		*damage;	/* NULL: not looked for */
	struct digest		*digest;	/* of attributes */
	struct seen		*seen;
	struct dirs		*dirs;
	struct ids		*ids;
	struct changes		*changes;
	struct buf		 name, link;	/* of the member */
	struct buf		 strings;	/* of an entry in pieces */
	struct entry		 e;		/* in pieces */
	uint64_t		 offset;	/* in its contents */
	struct spool		 lines;		/* drill: of what was made */
	bool			 placed;	/* name is that of a member */
	bool			 wanted;	/* the contents */
	bool			 owners;	/* can be restored */
	bool			 told_owners;
	atomic_bool		 over;
};

void
restore_free(struct restore *r)
{
	if (r == NULL)
		return;
	changes_free(r->changes);
	ids_free(r->ids);
	dirs_free(r->dirs);
	seen_free(r->seen);
	digest_free(r->digest);
	spool_clear(&r->lines);
	buf_free(&r->name);
	buf_free(&r->link);
	buf_free(&r->strings);
	free(r);
}

struct restore *
restore_new(struct work *w, struct damage *damage)
{
	struct restore		*r;
	struct changes_env	 env;

	if ((r = calloc(1, sizeof(*r))) == NULL) {
		(void)reporter_no_memory(&w->rep);
		return NULL;
	}
	r->options = w->job->options;
	r->job = w->job;
	r->rep = &w->rep;
	r->session = w->session;
	r->damage = damage;
	spool_init(&r->lines, w->job->spools[2]);
	/* Only root gives files away; a role says for itself what it may. */
	r->owners = !r->options->no_owner &&
	    (r->options->role != NULL || w->job->uid == 0);
	if ((r->digest = digest_new()) == NULL ||
	    (r->seen = seen_new()) == NULL ||
	    (r->dirs = dirs_new(DIRS_BYTES)) == NULL ||
	    (r->ids = ids_new(r->rep, r->options->numeric)) == NULL)
		goto fail;
	env = (struct changes_env){ r->session, r->rep, r->seen, r->dirs,
	    r->options, 0777 & ~w->job->umask };
	if ((r->changes = changes_new(&env)) != NULL)
		return r;
fail:
	(void)reporter_no_memory(r->rep);
	restore_free(r);
	return NULL;
}

int
restore_begin(struct restore *r)
{
	return changes_begin(r->changes, r->job->dest);
}

bool
restore_is_over(struct restore *r)
{
	return atomic_load(&r->over);
}

static uint64_t
name_hash(const struct restore *r, const char *name, size_t len)
{
	return seen_hash(r->seen, name, len);
}

/*
 * What was there before the run is treated as the user says.  A directory is
 * never replaced, and the broker says so.
 */
static enum fdb_over
over_for(const struct restore *r, enum seen_state state)
{
	return state == SEEN_MADE || state == SEEN_DIR_MADE ?
	    FDB_OVER_REPLACE : r->options->overwrite;
}

/* A change for a name, without its object.  NULL: the run fails. */
static struct change *
restore_change(struct restore *r, enum change_kind kind, uint64_t hash)
{
	struct change	*c;

	if ((c = change_new(kind)) == NULL) {
		(void)reporter_no_memory(r->rep);
		return NULL;
	}
	c->hash = hash;
	c->was = seen_get(r->seen, hash);
	c->over = over_for(r, c->was);
	return c;
}

static int
restore_add(struct restore *r, struct change *c)
{
	if (changes_base(r->changes, c->o.name, &c->base, &c->rest) == -1)
		return -1;
	return changes_add(r->changes, c);
}

/* Which metadata a member gets. */
static unsigned int
meta_set(const struct restore *r, const struct entry *e)
{
	unsigned int	 set = FDB_META_MTIME;

	/* A node is made with its mode. */
	if (S_ISREG(e->mode) || S_ISDIR(e->mode))
		set |= FDB_META_MODE;
	if (r->owners)
		set |= FDB_META_OWNER;
	return set;
}

/* Make the object of a member. */
static int
restore_object(struct restore *r, struct object *o, const struct entry *e)
{
	if (object_make(o, e, buf_str(&r->name), e->link,
	    meta_set(r, e)) == -1)
		return reporter_no_memory(r->rep);
	if (!r->owners) {
		object_disown(o, r->job->uid, r->job->gid);
		return 0;
	}
	if (ids_number(r->ids, CHANNEL_USER, e->uname, &o->uid) == -1 ||
	    ids_number(r->ids, CHANNEL_GROUP, e->gname, &o->gid) == -1) {
		object_clear(o);
		(void)reporter_report(r->rep, REPORT_FATAL, "",
		    "the controller does not answer");
		return -1;
	}
	/* An id that is too large. */
	if (o->uid == UINT32_MAX || o->gid == UINT32_MAX)
		(void)object_reduce(o, FDB_META_OWNER);
	return 0;
}

/* Ask for the directories on the way to a name that are not known. */
static int
restore_parents(struct restore *r)
{
	const char	*name = buf_str(&r->name), *slash;
	struct siphash_state h;
	struct change	*c, *other;
	struct entry	 e;
	uint64_t	 hash;
	size_t		 len = place_parent(name);
	char		*part;

	if (len == 0 ||
	    seen_is_dir(seen_get(r->seen, name_hash(r, name, len))))
		return 0;
	seen_hasher_init(&h, r->seen, name);
	for (slash = strchr(name, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		len = (size_t)(slash - name);
		hash = seen_hasher_next(&h, len);
		if (seen_is_dir(seen_get(r->seen, hash)))
			continue;
		/* What has this name may be no directory. */
		if ((other = changes_find(r->changes, hash)) != NULL &&
		    changes_drain(r->changes) == -1)
			return -1;
		if ((c = restore_change(r, CHANGE_PARENT, hash)) == NULL)
			return -1;
		c->over = FDB_OVER_REFUSE;
		if ((part = strndup(name, len)) == NULL) {
			free(c);
			return reporter_no_memory(r->rep);
		}
		entry_init(&e, part);
		e.mode = S_IFDIR | (0777 & ~(uint32_t)r->job->umask);
		if (object_make(&c->o, &e, part, "", FDB_META_MODE) == -1) {
			free(part);
			free(c);
			return reporter_no_memory(r->rep);
		}
		free(part);
		seen_put(r->seen, hash, SEEN_DIR_ASKED);
		if (restore_add(r, c) == -1)
			return -1;
	}
	return 0;
}

/* Set the metadata of directories early, if there is too much of it. */
static int
restore_meta(struct restore *r, struct object *o)
{
	struct change	*c;

	if ((c = change_new(CHANGE_META)) == NULL) {
		object_clear(o);
		return reporter_no_memory(r->rep);
	}
	c->o = *o;
	return restore_add(r, c);
}

static int
restore_excess(struct restore *r)
{
	struct object	 o;
	int		 n;

	if (!dirs_is_full(r->dirs))
		return 0;
	/* What is on its way may be in one of them. */
	if (changes_drain(r->changes) == -1)
		return -1;
	while ((n = dirs_excess(r->dirs, buf_str(&r->name), &o)) == 1)
		if (restore_meta(r, &o) == -1)
			return -1;
	return n == 0 ? 0 : reporter_no_memory(r->rep);
}

/* A directory; the destination itself only gets metadata, if that is wanted. */
static int
restore_dir(struct restore *r, const struct entry *e, uint64_t hash)
{
	struct change	*c;
	bool		 top = strcmp(buf_str(&r->name), ".") == 0;

	if ((c = restore_change(r, CHANGE_DIR, hash)) == NULL)
		return -1;
	if (restore_object(r, &c->o, e) == -1) {
		free(c);
		return -1;
	}
	if (!top) {
		seen_put(r->seen, hash, SEEN_DIR_ASKED);
		return restore_add(r, c);
	}
	if (r->options->overwrite == FDB_OVER_REFUSE &&
	    c->was != SEEN_DIR_MADE)
		object_clear(&c->o);
	else if (dirs_add(r->dirs, &c->o) == -1) {
		free(c);
		return reporter_no_memory(r->rep);
	}
	free(c);
	return reporter_member(r->rep, ".", 0);
}

static int
restore_refuse(struct restore *r, const struct entry *e, const char *why)
{
	atomic_store(&r->over, r->options->fail_fast);
	return outcome_report(r->rep, REPORT_UNREADABLE, e->name, why);
}

/* The link's target must be a member that was restored. */
static int
restore_link(struct restore *r, const struct entry *e, uint64_t hash)
{
	const char	*why;
	struct change	*c, *target;
	enum place	 where;
	uint64_t	 to;

	where = place_name(&r->link, e->hardlink, r->options->strip, &why);
	if (where == PLACE_NO_MEMORY)
		return reporter_no_memory(r->rep);
	if (where == PLACE_REFUSED)
		return restore_refuse(r, e, "it is a hard link to a name that "
		    "has \"..\"");
	to = name_hash(r, buf_str(&r->link), r->link.len);
	if (to == hash)
		return restore_refuse(r, e, "it is a hard link to itself");
	if ((target = changes_find(r->changes, to)) != NULL &&
	    target->kind != CHANGE_FILE) {
		if (changes_drain(r->changes) == -1)
			return -1;
		target = NULL;
	}
	if (where == PLACE_NOWHERE || (target == NULL &&
	    (seen_get(r->seen, to) == SEEN_NOT ||
	    seen_is_dir(seen_get(r->seen, to)))))
		return restore_refuse(r, e, "it is a hard link to a file that "
		    "this run did not restore");
	if ((c = restore_change(r, CHANGE_LINK, hash)) == NULL)
		return -1;
	/* The target's name is kept with the object. */
	if (object_make(&c->o, e, buf_str(&r->name), buf_str(&r->link),
	    0) == -1) {
		free(c);
		return reporter_no_memory(r->rep);
	}
	c->o.set = c->o.lost = 0;
	if (changes_bases(r->changes, c) == -1)
		return -1;
	/* To find a base may have waited for results. */
	target = changes_find(r->changes, to);
	if (target != NULL)
		return changes_add_link(r->changes, c, target);
	return changes_add(r->changes, c);
}

static int
restore_file(struct restore *r, const struct entry *e, uint64_t hash,
    const struct member *m)
{
	struct change	*c;

	if ((c = restore_change(r, CHANGE_FILE, hash)) == NULL)
		return -1;
	if (restore_object(r, &c->o, e) == -1) {
		free(c);
		return -1;
	}
	if (m->last && m->hole == 0) {
		c->whole = true;
		c->data = m->data;
		c->size = c->len = m->len;
		return restore_add(r, c);
	}
	if (changes_base(r->changes, c->o.name, &c->base, &c->rest) == -1)
		return -1;
	r->wanted = true;
	return changes_file(r->changes, c);
}

/* A symbolic link, a FIFO or a device. */
static int
restore_special(struct restore *r, const struct entry *e, uint64_t hash)
{
	struct change	*c;

	if (S_ISLNK(e->mode) && e->link[0] == '\0')
		return restore_refuse(r, e,
		    "it is a symbolic link without a target");
	if ((c = restore_change(r, S_ISLNK(e->mode) ? CHANGE_SYMLINK :
	    CHANGE_NODE, hash)) == NULL)
		return -1;
	if (restore_object(r, &c->o, e) == -1) {
		free(c);
		return -1;
	}
	/* They cannot have attributes. */
	while (c->o.nxattrs > 0 && object_reduce(&c->o, FDB_META_XATTR))
		;
	return restore_add(r, c);
}

/* Once, if some owner is not the user: a line for each file would not help. */
static int
restore_tell_owners(struct restore *r, const struct entry *e)
{
	if (r->owners || r->options->no_owner || r->told_owners ||
	    sample_wanted(r->options) ||
	    (e->uid == r->job->uid && e->gid == r->job->gid))
		return 0;
	r->told_owners = true;
	return reporter_report(r->rep, REPORT_WARNING, e->name,
	    "owners are not restored, of this file and others: only root can "
	    "do that, or a role; --no-owner says that you know");
}

/* Ask for a removal. */
static int
restore_unlink(struct restore *r, enum change_kind kind, const char *name,
    uint64_t hash, bool dir)
{
	struct change	*c;
	struct entry	 e;

	if ((c = restore_change(r, kind, hash)) == NULL)
		return -1;
	entry_init(&e, name);
	e.mode = dir ? S_IFDIR : 0;
	if (object_make(&c->o, &e, name, "", 0) == -1) {
		free(c);
		return reporter_no_memory(r->rep);
	}
	return restore_add(r, c);
}

/* True if this run may remove what has this name. */
static bool
is_ours(const struct restore *r, enum seen_state state)
{
	return r->options->removed || state == SEEN_MADE ||
	    state == SEEN_DIR_MADE;
}

/*
 * In the place of a directory that this run made, and that is empty now, the
 * archive has something else: it has changed its type since.  If the directory
 * cannot be removed, what takes its place is refused.
 */
static int
restore_yield(struct restore *r, uint64_t hash)
{
	enum seen_state	 state = seen_get(r->seen, hash);

	if (!seen_is_dir(state) || !is_ours(r, state))
		return 0;
	if (restore_unlink(r, CHANGE_YIELD, buf_str(&r->name), hash,
	    true) == -1)
		return -1;
	return changes_drain(r->changes);
}

/*
 * The policy judges no longer path.  To ask the broker for all directories on
 * the way to it would take as long as the archive likes.  A drill lists what it
 * restored by whole paths, with room for a name.
 */
static const char *
is_too_long(const struct restore *r)
{
	size_t	 len = strlen(r->job->dest) + 1 + r->name.len;

	if (sample_wanted(r->options) && len + 1 + NAME_MAX >= PROTO_PATH_MAX)
		return "its path in the scratch directory would have more "
		    "than 3839 bytes, which a drill cannot remove again";
	return len < PROTO_LONG_MAX ? NULL : "its path in the file system "
	    "would have more than 65535 bytes; bsdtar -x or GNU tar may "
	    "restore it";
}

/* Begin a member. */
static int
restore_member(struct restore *r, const struct entry *e,
    const struct member *m)
{
	const char	*why;
	uint64_t	 hash;

	r->wanted = r->placed = false;
	switch (place_name(&r->name, e->name, r->options->strip, &why)) {
	case PLACE_OK:
		break;
	case PLACE_NOWHERE:
		return 0;
	case PLACE_REFUSED:
		return restore_refuse(r, e, why);
	default:
		return reporter_no_memory(r->rep);
	}
	if ((why = is_too_long(r)) != NULL)
		return restore_refuse(r, e, why);
	r->placed = true;
	hash = name_hash(r, buf_str(&r->name), r->name.len);
	if ((changes_find(r->changes, hash) != NULL &&
	    changes_drain(r->changes) == -1) ||
	    restore_excess(r) == -1 || restore_parents(r) == -1)
		return -1;
	if ((e->hardlink[0] != '\0' || !S_ISDIR(e->mode)) &&
	    strcmp(buf_str(&r->name), ".") != 0 &&
	    restore_yield(r, hash) == -1)
		return -1;
	if (e->hardlink[0] != '\0')
		return restore_link(r, e, hash);
	if (S_ISDIR(e->mode))
		return restore_tell_owners(r, e) == -1 ? -1 :
		    restore_dir(r, e, hash);
	if (strcmp(buf_str(&r->name), ".") == 0)
		return restore_refuse(r, e,
		    "it would replace the destination itself");
	if (restore_tell_owners(r, e) == -1)
		return -1;
	if (S_ISREG(e->mode))
		return restore_file(r, e, hash, m);
	if (S_ISLNK(e->mode) || S_ISFIFO(e->mode) || S_ISCHR(e->mode) ||
	    S_ISBLK(e->mode) || S_ISSOCK(e->mode))
		return restore_special(r, e, hash);
	return restore_refuse(r, e, "its type is not known");
}

/* Keep the strings of a member that comes in pieces for its line. */
static int
restore_keep(struct restore *r, const struct entry *e)
{
	const char	*from[5] = { e->name, e->link, e->hardlink, e->uname,
			    e->gname };
	const char	**to[5] = { &r->e.name, &r->e.link, &r->e.hardlink,
			    &r->e.uname, &r->e.gname };
	size_t		 i, at = 0;

	buf_cut(&r->strings, 0);
	for (i = 0; i < 5; i++)
		if (buf_add(&r->strings, from[i], strlen(from[i]) + 1) == -1)
			return reporter_no_memory(r->rep);
	for (i = 0; i < 5; i++) {
		*to[i] = r->strings.data + at;
		at += strlen(*to[i]) + 1;
	}
	return 0;
}

/*
 * A member is complete: keep a line that says what should be there now.  Who
 * cannot restore owners gets files of his own.
 */
static int
restore_expect(struct restore *r)
{
	struct entry	 e = r->e;
	size_t		 before = r->lines.buf.len;

	if (!sample_wanted(r->options) || !r->placed)
		return 0;
	e.name = buf_str(&r->name);
	if (e.hardlink[0] != '\0')
		e.hardlink = buf_str(&r->link);
	if (r->owners) {
		if (ids_number(r->ids, CHANNEL_USER, e.uname, &e.uid) == -1 ||
		    ids_number(r->ids, CHANNEL_GROUP, e.gname, &e.gid) == -1)
			return -1;
	} else {
		if (!S_ISDIR(e.mode) && e.uid != r->job->uid)
			e.mode &= ~(uint32_t)S_ISUID;
		if (!S_ISDIR(e.mode) && e.gid != r->job->gid)
			e.mode &= ~(uint32_t)S_ISGID;
		e.uid = r->job->uid;
		e.gid = r->job->gid;
	}
	e.flags = 0;
	e.uname = e.gname = "";
	if (manifest_add(&r->lines.buf, &e) == -1)
		return reporter_no_memory(r->rep);
	/* A link of this length was refused. */
	if (r->lines.buf.len - before > SPOOL_LINE_MAX)
		buf_cut(&r->lines.buf, before);
	r->lines.max = damage_room(r->damage);
	if (spool_added(&r->lines, r->lines.buf.len - before) == 0)
		return 0;
	if (errno == EFBIG)
		(void)reporter_reportf(r->rep, REPORT_FATAL, "", "lines about "
		    "what was restored would take more than %" PRIu64 " bytes "
		    "of temporary space; --max-manifest raises this limit",
		    r->lines.max);
	else
		(void)reporter_reportf(r->rep, REPORT_FATAL, "", "the "
		    "temporary file cannot be used: %s", strerror(errno));
	return -1;
}

/*
 * What is compared at the end cannot be kept, which was reported.  Restore no
 * more, but put in order what is there.
 */
static int
restore_stop(struct restore *r)
{
	atomic_store(&r->over, true);
	return 0;
}

/* A member, or a piece of one. */
static int
restore_piece(struct restore *r, const struct member *m)
{
	if (m->header && m->superseded)
		return 0;
	if (m->header) {
		r->e = m->e;
		r->e.sparse = false;
		r->offset = 0;
		if (r->damage != NULL &&
		    attributes_digest(r->digest, &r->e) == -1) {
			(void)reporter_report(r->rep, REPORT_FATAL, "",
			    "libcrypto cannot compute SHA-256");
			return -1;
		}
		if (restore_member(r, &m->e, m) == -1)
			return -1;
		if (!m->last && restore_keep(r, &m->e) == -1)
			return -1;
	}
	if (m->hole > 0)
		r->e.sparse = true;
	r->offset += m->hole;
	if (r->wanted && changes_write(r->changes, r->offset, m->data,
	    m->len) == -1)
		return -1;
	r->offset += m->len;
	if (!m->last)
		return 0;
	if (m->superseded) {
		r->wanted = false;
		return changes_file_forget(r->changes);
	}
	if (r->wanted && changes_file_end(r->changes, r->offset) == -1)
		return -1;
	r->wanted = false;
	/* To know of a failure before anything else is asked for. */
	if (r->options->fail_fast && changes_drain(r->changes) == -1)
		return -1;
	if (r->damage == NULL)
		return 0;
	if (r->e.has_digest)
		memcpy(r->e.digest, m->digest, sizeof(r->e.digest));
	if (restore_expect(r) == -1 || damage_add(r->damage, &r->e) == -1)
		return restore_stop(r);
	return 0;
}

int
restore_stage(void *arg, struct slab *s)
{
	struct restore	*r = arg;
	struct member	*m;

	for (m = s->members; m < s->members + s->n; m++) {
		if (restore_is_over(r))
			break;
		if (restore_piece(r, m) == -1)
			return -1;
		if (r->options->fail_fast && changes_failed(r->changes) > 0)
			atomic_store(&r->over, true);
	}
	/* The slab before this one is given up. */
	return changes_next(r->changes);
}

int
restore_fill(void *arg)
{
	struct restore	*r = arg;

	return changes_fill(r->changes);
}

int
restore_settle(struct restore *r, const char *why)
{
	if (r->wanted && changes_file_drop(r->changes, why) == -1)
		return -1;
	r->wanted = false;
	return changes_drain(r->changes);
}

int
restore_remove(void *arg, const char *member)
{
	struct restore	*r = arg;
	const char	*why;
	uint64_t	 hash;

	if (place_name(&r->name, member, r->options->strip, &why) != PLACE_OK)
		return 0;
	hash = name_hash(r, buf_str(&r->name), r->name.len);
	if (seen_get(r->seen, hash) != SEEN_MADE)
		return 0;
	return restore_unlink(r, CHANGE_REMOVE, buf_str(&r->name), hash,
	    false);
}

int
restore_gone(void *arg, const char *name, bool dir)
{
	struct restore	*r = arg;
	uint64_t	 hash = name_hash(r, name, strlen(name));
	enum seen_state	 state = seen_get(r->seen, hash);

	if (is_ours(r, state))
		return restore_unlink(r, CHANGE_GONE, name, hash, dir);
	/* What was not restored was reported then. */
	if (state == SEEN_NOT && !seen_is_full(r->seen))
		return 0;
	return reporter_report(r->rep, REPORT_UNREADABLE, name, "not removed: "
	    "it was there before this run; --removed removes it");
}

int
restore_finish(struct restore *r)
{
	struct object	 o;
	uint64_t	 kept;
	int		 n;

	if (changes_drain(r->changes) == -1)
		return -1;
	while ((n = dirs_next(r->dirs, &o)) == 1)
		if (restore_meta(r, &o) == -1)
			return -1;
	if (n == -1)
		return reporter_no_memory(r->rep);
	if (changes_drain(r->changes) == -1)
		return -1;
	if (sample_wanted(r->options) && spool_rewind(&r->lines) == -1) {
		(void)reporter_reportf(r->rep, REPORT_FATAL, "", "the "
		    "temporary file cannot be used: %s", strerror(errno));
		return -1;
	}
	if ((kept = changes_kept(r->changes)) > 0)
		return reporter_reportf(r->rep, REPORT_WARNING, "", "%" PRIu64
		    " objects are as new as in the archive, and were kept",
		    kept);
	return 0;
}
