/*
 * object.c: what is to be restored; see sandbox/object.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/object.h"

#define SETID	(S_ISUID | S_ISGID)

/* The kinds of attributes, in the order in which they are left out. */
static const unsigned int kinds[] = {
	OBJECT_LOST_OTHER, OBJECT_LOST_CAPABILITY, OBJECT_LOST_ACL,
	OBJECT_LOST_USER
};

#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

static bool
begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static unsigned int
attribute_kind(const char *name)
{
	if (begins(name, "user."))
		return OBJECT_LOST_USER;
	if (strcmp(name, "security.capability") == 0)
		return OBJECT_LOST_CAPABILITY;
	if (begins(name, "system.posix_acl_"))
		return OBJECT_LOST_ACL;
	return OBJECT_LOST_OTHER;
}

/* True for an attribute that a request can have. */
static bool
can_ask(const char *name, size_t len)
{
	size_t	 n = strlen(name);

	if (n > FDB_XATTR_NAME_MAX || len > FDB_XATTR_VALUE_MAX)
		return false;
	return begins(name, "user.") || begins(name, "security.") ||
	    begins(name, "system.") || begins(name, "trusted.");
}

/* Point to the attributes in the object's own copy of the set. */
static void
take_attributes(struct object *o, const void *set, size_t len, size_t max)
{
	const char	*name;
	const void	*value;
	size_t		 vlen, at = 0;

	while (attributes_next(set, len, &at, &name, &value, &vlen)) {
		if (attributes_lacks_id(name, value, vlen))
			o->lost |= OBJECT_LOST_NAMES;
		else if (o->nxattrs == max || !can_ask(name, vlen))
			o->lost |= attribute_kind(name);
		else
			o->xattrs[o->nxattrs++] = (struct fdb_xattr){ name,
			    value, vlen };
	}
	if (o->nxattrs > 0)
		o->set |= FDB_META_XATTR;
}

static size_t
count_attributes(const struct entry *e)
{
	const char	*name;
	const void	*value;
	size_t		 vlen, at = 0, n = 0;

	while (n < FDB_XATTRS_MAX && attributes_next(e->attributes,
	    e->attributes_len, &at, &name, &value, &vlen))
		n++;
	return n;
}

int
object_make(struct object *o, const struct entry *e, const char *name,
    const char *link, unsigned int set)
{
	size_t	 nlen = strlen(name) + 1, llen = strlen(link) + 1;
	size_t	 n = count_attributes(e);
	char	*p;

	memset(o, 0, sizeof(*o));
	o->size = n * sizeof(*o->xattrs) + nlen + llen + e->attributes_len;
	if ((p = malloc(o->size)) == NULL)
		return -1;
	o->block = p;
	o->xattrs = (struct fdb_xattr *)(void *)p;
	p += n * sizeof(*o->xattrs);
	o->name = memcpy(p, name, nlen);
	o->link = memcpy(p + nlen, link, llen);
	o->mode = e->mode;
	o->uid = e->uid;
	o->gid = e->gid;
	o->rdev_major = e->rdev_major;
	o->rdev_minor = e->rdev_minor;
	o->mtime = e->mtime;
	o->mtime_nsec = e->mtime_nsec;
	o->set = set;
	if (e->attributes_len > 0) {
		p += nlen + llen;
		memcpy(p, e->attributes, e->attributes_len);
		take_attributes(o, p, e->attributes_len, n);
	}
	if (e->flags != 0)
		o->lost |= OBJECT_LOST_FLAGS;
	return 0;
}

void
object_clear(struct object *o)
{
	free(o->block);
	o->block = NULL;
}

int
object_rename(struct object *o, const char *name)
{
	const struct fdb_xattr	*x;
	struct fdb_xattr	*xattrs;
	size_t			 i, size, nlen = strlen(name) + 1;
	size_t			 llen = strlen(o->link) + 1;
	char			*block, *p;

	size = o->nxattrs * sizeof(*xattrs) + nlen + llen;
	for (i = 0; i < o->nxattrs; i++)
		size += strlen(o->xattrs[i].name) + 1 + o->xattrs[i].length;
	if ((block = malloc(size)) == NULL)
		return -1;
	xattrs = (struct fdb_xattr *)(void *)block;
	p = block + o->nxattrs * sizeof(*xattrs);
	o->name = memcpy(p, name, nlen);
	p += nlen;
	o->link = memcpy(p, o->link, llen);
	p += llen;
	for (i = 0; i < o->nxattrs; i++) {
		x = &o->xattrs[i];
		xattrs[i].length = x->length;
		nlen = strlen(x->name) + 1;
		xattrs[i].name = memcpy(p, x->name, nlen);
		p += nlen;
		xattrs[i].value = memcpy(p, x->value, x->length);
		p += x->length;
	}
	free(o->block);
	o->block = block;
	o->size = size;
	o->xattrs = xattrs;
	return 0;
}

void
object_meta(const struct object *o, struct fdb_meta *m)
{
	memset(m, 0, sizeof(*m));
	m->set = o->set;
	m->mode = o->mode & 07777;
	m->uid = o->uid;
	m->gid = o->gid;
	m->mtime = o->mtime;
	m->mtime_nsec = o->mtime_nsec;
	if (o->set & FDB_META_XATTR) {
		m->xattrs = o->xattrs;
		m->nxattrs = o->nxattrs;
	}
}

/* Leave out the attributes of one kind; false: there are none. */
static bool
drop_attributes(struct object *o, unsigned int kind)
{
	size_t	 i, n = 0;

	for (i = 0; i < o->nxattrs; i++)
		if (attribute_kind(o->xattrs[i].name) != kind)
			o->xattrs[n++] = o->xattrs[i];
	if (n == o->nxattrs)
		return false;
	o->nxattrs = n;
	if (n == 0)
		o->set &= ~(unsigned int)FDB_META_XATTR;
	o->lost |= kind;
	return true;
}

const struct fdb_xattr *
object_single(const struct object *o)
{
	size_t	 i;

	for (i = o->nxattrs; i-- > 0;)
		if (!begins(o->xattrs[i].name, "security."))
			return &o->xattrs[i];
	return NULL;
}

void
object_single_done(struct object *o, bool lost)
{
	size_t	 i = (size_t)(object_single(o) - o->xattrs);

	if (lost)
		o->lost |= attribute_kind(o->xattrs[i].name);
	o->nxattrs--;
	memmove(&o->xattrs[i], &o->xattrs[i + 1],
	    (o->nxattrs - i) * sizeof(o->xattrs[0]));
	if (o->nxattrs == 0)
		o->set &= ~(unsigned int)FDB_META_XATTR;
}

bool
object_reduce(struct object *o, unsigned int refused)
{
	unsigned int	 before = o->set;
	size_t		 i;
	bool		 done = false;

	if ((refused & FDB_META_SETID) && (o->mode & SETID) &&
	    (o->set & FDB_META_MODE)) {
		o->mode &= ~(uint32_t)SETID;
		o->lost |= OBJECT_LOST_SETID;
		done = true;
	}
	refused &= o->set;
	if (refused & FDB_META_OWNER) {
		o->lost |= OBJECT_LOST_OWNER;
		o->set &= ~(unsigned int)FDB_META_OWNER;
		object_disown(o, UINT32_MAX, UINT32_MAX);
	}
	if (refused & FDB_META_MODE)
		o->lost |= OBJECT_LOST_MODE;
	if (refused & (FDB_META_MTIME | FDB_META_ATIME))
		o->lost |= OBJECT_LOST_TIME;
	o->set &= ~(refused & (FDB_META_MODE | FDB_META_MTIME |
	    FDB_META_ATIME));
	if (refused & FDB_META_XATTR)
		for (i = 0; i < NKINDS && !drop_attributes(o, kinds[i]); i++)
			;
	return done || o->set != before || (refused & FDB_META_XATTR);
}

void
object_disown(struct object *o, uint32_t uid, uint32_t gid)
{
	uint32_t	 bits = 0;

	if (S_ISDIR(o->mode) || !(o->mode & SETID))
		return;
	if (o->uid != uid)
		bits |= S_ISUID;
	if (o->gid != gid)
		bits |= S_ISGID;
	if (!(o->mode & bits))
		return;
	o->mode &= ~bits;
	o->lost |= OBJECT_LOST_SETID;
}

int
object_describe_lost(struct buf *b, unsigned int lost)
{
	static const struct {
		unsigned int	 bit;
		const char	*text;
	} texts[] = {
		{ OBJECT_LOST_OWNER, "its owner" },
		{ OBJECT_LOST_MODE, "its mode" },
		{ OBJECT_LOST_SETID, "set-user-ID and set-group-ID" },
		{ OBJECT_LOST_TIME, "its times" },
		{ OBJECT_LOST_CAPABILITY, "its capabilities" },
		{ OBJECT_LOST_ACL, "its access control lists" },
		{ OBJECT_LOST_NAMES, "access control lists with users or "
		    "groups whom this system does not know" },
		{ OBJECT_LOST_USER, "extended attributes" },
		{ OBJECT_LOST_OTHER, "attributes of the system" },
		{ OBJECT_LOST_FLAGS, "its file flags" }
	};
	size_t	 i, start = b->len;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!(lost & texts[i].bit))
			continue;
		if (b->len > start && buf_puts(b, ", ") == -1)
			return -1;
		if (buf_puts(b, texts[i].text) == -1)
			return -1;
	}
	return 0;
}
