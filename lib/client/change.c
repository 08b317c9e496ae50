/*
 * change.c: ask for changes: make, fill, replace and remove objects.
 *
 * Runs in the worker.  All kinds share one type of message, so that a batch may
 * have any mixture of them.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/changewire.h"
#include "client/batch.h"
#include "client/send.h"
#include "client/session.h"

/* Take over metadata.  0, or -1 with errno EINVAL or E2BIG. */
static int
change_meta(struct changewire_meta *m, const struct fdb_meta *meta)
{
	size_t	 i;

	if (meta == NULL)
		return 0;
	if (meta->set & ~(unsigned int)FDB_META_ALL) {
		errno = EINVAL;
		return -1;
	}
	m->set = (uint8_t)meta->set;
	if (m->set & FDB_META_MODE)
		m->mode = meta->mode;
	if (m->set & FDB_META_OWNER) {
		m->uid = meta->uid;
		m->gid = meta->gid;
	}
	if (m->set & FDB_META_MTIME) {
		m->mtime = meta->mtime;
		m->mtime_nsec = meta->mtime_nsec;
	}
	if (m->set & FDB_META_ATIME) {
		m->atime = meta->atime;
		m->atime_nsec = meta->atime_nsec;
	}
	if (!(m->set & FDB_META_XATTR))
		return 0;
	if (meta->nxattrs > FDB_XATTRS_MAX) {
		errno = E2BIG;
		return -1;
	}
	m->nxattrs = (uint16_t)meta->nxattrs;
	for (i = 0; i < meta->nxattrs; i++) {
		if (!changewire_xattr_is_valid(meta->xattrs[i].name)) {
			errno = EINVAL;
			return -1;
		}
		if (meta->xattrs[i].length > FDB_XATTR_VALUE_MAX) {
			errno = E2BIG;
			return -1;
		}
	}
	return 0;
}

/* Add an item, whose strings are checked, to the batch. */
static int
change_add(struct fdb_session *s, struct changewire_item *it,
    const struct fdb_meta *meta, uint64_t cookie)
{
	const struct fdb_xattr	*xattrs;
	size_t			 size;

	if (change_meta(&it->meta, meta) == -1)
		return -1;
	if (!changewire_is_valid(it)) {
		errno = EINVAL;
		return -1;
	}
	xattrs = it->meta.nxattrs > 0 ? meta->xattrs : NULL;
	size = changewire_item_size(it, xattrs);
	if (size > s->info.bytes - PROTO_HEADER) {
		errno = E2BIG;
		return -1;
	}
	if (batch_room(s, PROTO_CHANGE, size) == -1)
		return -1;
	changewire_put_item(&s->out.w, it, xattrs);
	s->build.kinds[s->build.items] = (uint8_t)it->kind;
	s->build.cookies[s->build.items++] = cookie;
	return 0;
}

/* Begin an item about a name.  0, or -1 with errno. */
static int
change_begin(const struct fdb_session *s, struct changewire_item *it,
    enum changewire_kind kind, uint32_t base, const char *name)
{
	bool	 may_be_empty = kind == CHANGEWIRE_SETMETA;

	memset(it, 0, sizeof(*it));
	it->kind = kind;
	it->base = base;
	it->name = it->text = "";
	if (send_check(s) == -1)
		return -1;
	it->name = send_name(base, name, may_be_empty);
	return it->name != NULL ? 0 : -1;
}

int
fdb_create_at(struct fdb_session *s, uint32_t base, const char *name,
    uint32_t mode, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_CREATE, base, name) == -1)
		return -1;
	it.mode = mode;
	return change_add(s, &it, NULL, cookie);
}

int
fdb_commit_at(struct fdb_session *s, uint32_t pending, uint32_t base,
    const char *name, enum fdb_over over, const struct fdb_meta *meta,
    uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_COMMIT, base, name) == -1)
		return -1;
	it.pending = pending;
	it.over = over;
	return change_add(s, &it, meta, cookie);
}

int
fdb_preset_at(struct fdb_session *s, uint32_t pending, uint32_t base,
    const char *name, const struct fdb_meta *meta, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_PRESET, base, name) == -1)
		return -1;
	it.pending = pending;
	return change_add(s, &it, meta, cookie);
}

int
fdb_abandon(struct fdb_session *s, uint32_t pending, uint64_t cookie)
{
	struct changewire_item	 it;

	if (send_check(s) == -1)
		return -1;
	memset(&it, 0, sizeof(it));
	it.kind = CHANGEWIRE_ABANDON;
	it.name = it.text = "";
	it.pending = pending;
	return change_add(s, &it, NULL, cookie);
}

int
fdb_mkdir_at(struct fdb_session *s, uint32_t base, const char *name,
    unsigned int flags, enum fdb_over over, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_MKDIR, base, name) == -1)
		return -1;
	if (flags & ~(unsigned int)FDB_MKDIR_ALL) {
		errno = EINVAL;
		return -1;
	}
	it.flags = (uint8_t)flags;
	it.over = over;
	return change_add(s, &it, NULL, cookie);
}

int
fdb_symlink_at(struct fdb_session *s, uint32_t base, const char *name,
    const char *text, enum fdb_over over, const struct fdb_meta *meta,
    uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_SYMLINK, base, name) == -1)
		return -1;
	if (text[0] == '\0') {
		errno = EINVAL;
		return -1;
	}
	if (strnlen(text, PROTO_PATH_MAX) == PROTO_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	it.text = text;
	it.over = over;
	return change_add(s, &it, meta, cookie);
}

int
fdb_link_at(struct fdb_session *s, uint32_t base, const char *name,
    uint32_t tobase, const char *toname, enum fdb_over over, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_LINK, base, name) == -1 ||
	    (it.text = send_name(tobase, toname, false)) == NULL)
		return -1;
	it.tobase = tobase;
	it.over = over;
	return change_add(s, &it, NULL, cookie);
}

int
fdb_mknod_at(struct fdb_session *s, uint32_t base, const char *name,
    uint32_t mode, uint32_t major, uint32_t minor, enum fdb_over over,
    const struct fdb_meta *meta, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_MKNOD, base, name) == -1)
		return -1;
	it.mode = mode;
	it.major = major;
	it.minor = minor;
	it.over = over;
	return change_add(s, &it, meta, cookie);
}

int
fdb_setmeta_at(struct fdb_session *s, uint32_t base, const char *name,
    const struct fdb_meta *meta, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_SETMETA, base, name) == -1)
		return -1;
	return change_add(s, &it, meta, cookie);
}

int
fdb_remove_at(struct fdb_session *s, uint32_t base, const char *name,
    unsigned int flags, uint64_t cookie)
{
	struct changewire_item	 it;

	if (change_begin(s, &it, CHANGEWIRE_REMOVE, base, name) == -1)
		return -1;
	if (flags & ~(unsigned int)FDB_REMOVE_ALL) {
		errno = EINVAL;
		return -1;
	}
	it.flags = (uint8_t)flags;
	return change_add(s, &it, NULL, cookie);
}
