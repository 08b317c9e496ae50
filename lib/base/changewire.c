/*
 * changewire.c: encode and decode changes and their results; see changewire.h.
 *
 * Runs in the worker and in the opener.  Touches the caller's buffers only.
 * Which fields a kind of change has, and in which order, is a table.
 */

#include "config.h"

#include <sys/stat.h>

#include <string.h>

#include "base/changewire.h"

#define F_PENDING	0x001
#define F_BASE		0x002
#define F_FLAGS		0x004
#define F_OVER		0x008
#define F_MODE		0x010
#define F_DEVICE	0x020
#define F_NAME		0x040
#define F_TOBASE	0x080
#define F_TEXT		0x100
#define F_META		0x200

/* On the wire they come in the order of their bits. */
static const unsigned int fields[CHANGEWIRE_KINDS] = {
	[CHANGEWIRE_CREATE] = F_BASE | F_MODE | F_NAME,
	[CHANGEWIRE_COMMIT] = F_PENDING | F_BASE | F_OVER | F_NAME | F_META,
	[CHANGEWIRE_ABANDON] = F_PENDING,
	[CHANGEWIRE_MKDIR] = F_BASE | F_FLAGS | F_OVER | F_NAME,
	[CHANGEWIRE_SYMLINK] = F_BASE | F_OVER | F_NAME | F_TEXT | F_META,
	[CHANGEWIRE_LINK] = F_BASE | F_OVER | F_NAME | F_TOBASE | F_TEXT,
	[CHANGEWIRE_MKNOD] = F_BASE | F_OVER | F_MODE | F_DEVICE | F_NAME |
	    F_META,
	[CHANGEWIRE_SETMETA] = F_BASE | F_NAME | F_META,
	[CHANGEWIRE_REMOVE] = F_BASE | F_FLAGS | F_NAME,
	[CHANGEWIRE_PRESET] = F_PENDING | F_BASE | F_NAME | F_META
};

#define NSEC_MAX	999999999U

static void
put_meta(struct wire_out *w, const struct changewire_meta *m,
    const struct fdb_xattr *xattrs)
{
	uint16_t	 i;

	wire_put_u8(w, m->set);
	if (m->set & FDB_META_MODE)
		wire_put_u32(w, m->mode);
	if (m->set & FDB_META_OWNER) {
		wire_put_u32(w, m->uid);
		wire_put_u32(w, m->gid);
	}
	if (m->set & FDB_META_MTIME) {
		wire_put_i64(w, m->mtime);
		wire_put_u32(w, m->mtime_nsec);
	}
	if (m->set & FDB_META_ATIME) {
		wire_put_i64(w, m->atime);
		wire_put_u32(w, m->atime_nsec);
	}
	if (!(m->set & FDB_META_XATTR))
		return;
	wire_put_u16(w, m->nxattrs);
	for (i = 0; i < m->nxattrs; i++) {
		wire_put_str(w, xattrs[i].name);
		wire_put_u32(w, (uint32_t)xattrs[i].length);
		wire_put_bytes(w, xattrs[i].value, xattrs[i].length);
	}
}

void
changewire_put_item(struct wire_out *w, const struct changewire_item *it,
    const struct fdb_xattr *xattrs)
{
	unsigned int	 f = fields[it->kind];

	wire_put_u8(w, (uint8_t)it->kind);
	if (f & F_PENDING)
		wire_put_u32(w, it->pending);
	if (f & F_BASE)
		wire_put_u32(w, it->base);
	if (f & F_FLAGS)
		wire_put_u8(w, it->flags);
	if (f & F_OVER)
		wire_put_u8(w, (uint8_t)it->over);
	if (f & F_MODE)
		wire_put_u32(w, it->mode);
	if (f & F_DEVICE) {
		wire_put_u32(w, it->major);
		wire_put_u32(w, it->minor);
	}
	if (f & F_NAME)
		wire_put_str(w, it->name);
	if (f & F_TOBASE)
		wire_put_u32(w, it->tobase);
	if (f & F_TEXT)
		wire_put_str(w, it->text);
	if (f & F_META)
		put_meta(w, &it->meta, xattrs);
}

size_t
changewire_item_size(const struct changewire_item *it,
    const struct fdb_xattr *xattrs)
{
	/* All fields of fixed width together. */
	size_t		 n = 80;
	uint16_t	 i;

	n += strlen(it->name) + strlen(it->text);
	for (i = 0; i < it->meta.nxattrs; i++)
		n += 6 + strlen(xattrs[i].name) + xattrs[i].length;
	return n;
}

bool
changewire_xattr_is_valid(const char *name)
{
	size_t	 len = strnlen(name, FDB_XATTR_NAME_MAX + 1);

	return len > 0 && len <= FDB_XATTR_NAME_MAX;
}

void
changewire_next_xattr(struct wire_in *in, struct changewire_xattr *x)
{
	wire_get_str(in, x->name, sizeof(x->name));
	x->length = wire_get_u32(in);
	x->value = in->buf;
	if (in->failed || x->length > in->left ||
	    x->length > FDB_XATTR_VALUE_MAX ||
	    !changewire_xattr_is_valid(x->name)) {
		x->length = 0;
		wire_get_fail(in);
		return;
	}
	in->buf += x->length;
	in->left -= x->length;
}

static void
get_meta(struct wire_in *in, struct changewire_meta *m)
{
	struct changewire_xattr	 x;
	uint16_t		 i;

	m->set = wire_get_u8(in);
	if (m->set & FDB_META_MODE)
		m->mode = wire_get_u32(in);
	if (m->set & FDB_META_OWNER) {
		m->uid = wire_get_u32(in);
		m->gid = wire_get_u32(in);
	}
	if (m->set & FDB_META_MTIME) {
		m->mtime = wire_get_i64(in);
		m->mtime_nsec = wire_get_u32(in);
	}
	if (m->set & FDB_META_ATIME) {
		m->atime = wire_get_i64(in);
		m->atime_nsec = wire_get_u32(in);
	}
	if (!(m->set & FDB_META_XATTR))
		return;
	m->nxattrs = wire_get_u16(in);
	m->xattrs = *in;
	for (i = 0; i < m->nxattrs && !in->failed; i++)
		changewire_next_xattr(in, &x);
	m->xattrs.left -= in->left;
}

static const char *
get_text(struct wire_in *in, char **names)
{
	const char	*s = *names;

	*names += wire_get_str(in, *names, PROTO_PATH_MAX) + 1;
	return s;
}

/* Ids of -1 would mean no change to the system calls. */
static bool
meta_is_valid(const struct changewire_meta *m)
{
	return (m->set & ~(unsigned int)FDB_META_ALL) == 0 &&
	    m->mode <= CHANGEWIRE_MODE_MAX && m->uid != UINT32_MAX &&
	    m->gid != UINT32_MAX && m->mtime_nsec <= NSEC_MAX &&
	    m->atime_nsec <= NSEC_MAX && m->nxattrs <= FDB_XATTRS_MAX;
}

static bool
mode_is_valid(const struct changewire_item *it)
{
	uint32_t	 type = it->mode & S_IFMT;

	if (it->mode & ~(uint32_t)(S_IFMT | 0777))
		return false;
	if (it->kind != CHANGEWIRE_MKNOD)
		return type == 0;
	if (S_ISFIFO(type) || S_ISSOCK(type))
		return it->major == 0 && it->minor == 0;
	return S_ISCHR(type) || S_ISBLK(type);
}

bool
changewire_is_valid(const struct changewire_item *it)
{
	unsigned int	 known = 0;

	if (it->kind == CHANGEWIRE_MKDIR)
		known = FDB_MKDIR_ALL;
	else if (it->kind == CHANGEWIRE_REMOVE)
		known = FDB_REMOVE_ALL;
	return (it->flags & ~known) == 0 &&
	    (unsigned int)it->over <= FDB_OVER_REPLACE && mode_is_valid(it) &&
	    meta_is_valid(&it->meta);
}

void
changewire_get_item(struct wire_in *in, struct changewire_item *it,
    char **names)
{
	unsigned int	 f, kind, over = FDB_OVER_REFUSE;

	memset(it, 0, sizeof(*it));
	it->name = it->text = "";
	kind = wire_get_u8(in);
	f = kind < CHANGEWIRE_KINDS ? fields[kind] : 0;
	if (f == 0) {
		wire_get_fail(in);
		return;
	}
	it->kind = (enum changewire_kind)kind;
	if (f & F_PENDING)
		it->pending = wire_get_u32(in);
	if (f & F_BASE)
		it->base = wire_get_u32(in);
	if (f & F_FLAGS)
		it->flags = wire_get_u8(in);
	if (f & F_OVER)
		over = wire_get_u8(in);
	if (f & F_MODE)
		it->mode = wire_get_u32(in);
	if (f & F_DEVICE) {
		it->major = wire_get_u32(in);
		it->minor = wire_get_u32(in);
	}
	if (f & F_NAME)
		it->name = get_text(in, names);
	if (f & F_TOBASE)
		it->tobase = wire_get_u32(in);
	if (f & F_TEXT)
		it->text = get_text(in, names);
	if (f & F_META)
		get_meta(in, &it->meta);
	it->over = (enum fdb_over)over;
	if (in->failed || !changewire_is_valid(it))
		wire_get_fail(in);
}

void
changewire_put_result(struct wire_out *w, const struct changewire_result *r)
{
	wire_put_u8(w, (uint8_t)r->kind);
	proto_put_status(w, &r->status);
	wire_put_u8(w, r->refused);
	wire_put_u8(w, r->made);
	wire_put_u32(w, r->number);
	if (r->kind == CHANGEWIRE_CREATE && r->status.error == 0)
		proto_put_stat(w, &r->st);
}

void
changewire_get_result(struct wire_in *in, struct changewire_result *r)
{
	unsigned int	 kind;
	uint8_t		 made;
	bool		 create, mkdir;

	memset(r, 0, sizeof(*r));
	kind = wire_get_u8(in);
	proto_get_status(in, &r->status);
	r->refused = wire_get_u8(in);
	made = wire_get_u8(in);
	r->number = wire_get_u32(in);
	create = kind == CHANGEWIRE_CREATE;
	mkdir = kind == CHANGEWIRE_MKDIR;
	if (kind == 0 || kind >= CHANGEWIRE_KINDS || made > 1 ||
	    (r->refused & ~(unsigned int)(FDB_META_ALL | FDB_META_SETID)) ||
	    (r->refused != 0 && r->status.error == 0) ||
	    (create && (r->number == 0) != (r->status.error != 0)) ||
	    (!create && r->number != 0 && (!mkdir || r->status.error != 0)))
		wire_get_fail(in);
	r->kind = (enum changewire_kind)kind;
	r->made = made == 1;
	if (create && r->status.error == 0)
		proto_get_stat(in, &r->st);
}
