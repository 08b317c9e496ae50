/*
 * walk_xattr.c: the extended attributes of one object of a walk; see
 * walk_xattr.h.
 *
 * Runs in the opener.  An object that is not open is looked up by its name
 * again, and may be another one by then: its values are not sent.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/proto.h"
#include "base/walkwire.h"
#include "opener/resolve.h"
#include "opener/status.h"
#include "opener/walk_xattr.h"

/* XATTR_LIST_MAX of Linux, which <limits.h> may lack. */
#define NAMES_MAX	65536

/* A piece is at least this long, unless it is the last. */
#define PIECE_MIN	1024

int
walk_xattr_init(struct walk_xattr *x)
{
	x->of.fd = x->of.dirfd = -1;
	x->names = malloc(NAMES_MAX);
	x->value = malloc(FDB_XATTR_VALUE_MAX);
	return x->names != NULL && x->value != NULL ? 0 : -1;
}

void
walk_xattr_free(struct walk_xattr *x)
{
	free(x->names);
	free(x->value);
	memset(x, 0, sizeof(*x));
}

static uint16_t
count_names(const struct walk_xattr *x)
{
	size_t	 at;
	uint16_t n = 0;

	for (at = 0; at < x->len; at += strlen(x->names + at) + 1)
		n++;
	return n;
}

/* Is the object that has no descriptor still the same? */
static bool
is_same(const struct walk_xattr *x)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 st;

	if (x->of.fd != -1)
		return true;
	if (resolve_entry(x->of.dirfd, x->of.name, &st, link,
	    sizeof(link)) == -1)
		return false;
	return st.ino == x->st.ino && st.dev_major == x->st.dev_major &&
	    st.dev_minor == x->st.dev_minor && st.btime == x->st.btime &&
	    st.btime_nsec == x->st.btime_nsec &&
	    (st.mode & 0170000) == (x->st.mode & 0170000);
}

/*
 * Read the names.  The kernel allocates what it is offered, so nothing is
 * offered for an object that follows one without any: then only their length is
 * asked for.  As xattrs_list().
 */
static ssize_t
list_names(struct walk_xattr *x)
{
	ssize_t	 n;

	if (!x->had && (n = xattrs_list(&x->of, NULL, 0)) <= 0)
		return n;
	n = xattrs_list(&x->of, x->names, NAMES_MAX);
	x->had = n > 0;
	return n;
}

uint16_t
walk_xattr_begin(struct walk_xattr *x, const struct xattrs_of *of,
    bool own_dir, const struct fdb_stat *st)
{
	ssize_t	 n;

	x->of = *of;
	x->own_dir = own_dir;
	if (of->fd == -1) {
		(void)strlcpy(x->name, of->name, sizeof(x->name));
		x->of.name = x->name;
	}
	if (of->fd == -1 && of->dirfd == -1)
		n = -1;			/* errno says why */
	else
		n = list_names(x);
	if (n == 0) {
		if (own_dir)
			fd_close(&x->of.dirfd);
		return 0;
	}
	x->st = *st;
	if (n > 0 && !is_same(x)) {
		errno = ESTALE;
		n = -1;
	}
	x->error = n == -1 ? errno : 0;
	x->len = n == -1 ? 0 : (size_t)n;
	x->at = 0;
	x->have = false;
	x->active = true;
	return n == -1 ? 1 : count_names(x);
}

void
walk_xattr_end(struct walk_xattr *x, struct walk_out *o)
{
	if (o->kept)
		fd_close(&x->of.fd);
	o->kept = false;
	o->keep = -1;
	if (x->own_dir)
		fd_close(&x->of.dirfd);
	x->own_dir = false;
	x->of.fd = x->of.dirfd = -1;
	x->active = false;
}

/* Read the next value.  False with the status set. */
static bool
get_value(struct walk_xattr *x, struct status *st)
{
	ssize_t	 n;

	status_ok(st);
	if (x->have)
		return true;
	n = xattrs_get(&x->of, x->names + x->at, x->value,
	    FDB_XATTR_VALUE_MAX);
	if (n >= 0 && !is_same(x)) {
		errno = ESTALE;
		n = -1;
	}
	if (n == -1) {
		status_errno(st, false);
		return false;
	}
	x->vlen = (size_t)n;
	x->off = 0;
	x->have = true;
	return true;
}

/* Put one record.  False: it was the last one. */
static bool
put_one(struct walk_xattr *x, struct walk_out *o)
{
	const char	*name = x->names + x->at;
	struct status	 st;
	size_t		 room, n = 0;

	if (x->error != 0) {
		status_set(&st, x->error, FDB_REASON_KERNEL, "");
		walkwire_put_xattr(&o->m.w, "", &st.wire, 0, 0, NULL, 0);
		walk_out_add(o, -1);
		return false;
	}
	if (!get_value(x, &st)) {
		walkwire_put_xattr(&o->m.w, name, &st.wire, 0, 0, NULL, 0);
	} else {
		room = o->m.w.size - o->m.w.len - WALKWIRE_XATTR_HEAD;
		n = x->vlen - x->off < room ? x->vlen - x->off : room;
		if (n > UINT16_MAX)
			n = UINT16_MAX;
		walkwire_put_xattr(&o->m.w, name, &st.wire,
		    (uint32_t)x->vlen, (uint32_t)x->off, x->value + x->off,
		    (uint16_t)n);
		x->off += n;
	}
	walk_out_add(o, -1);
	if (!x->have || x->off == x->vlen) {
		x->have = false;
		x->at += strlen(name) + 1;
	}
	return x->at < x->len;
}

enum walk_out_result
walk_xattr_put(struct walk_xattr *x, struct walk_out *o, struct state *s)
{
	enum walk_out_result	 r;

	do {
		r = walk_out_ready(o, s, WALKWIRE_XATTR_HEAD + PIECE_MIN,
		    false);
		if (r != WALK_OUT_READY)
			return r;
	} while (put_one(x, o));
	walk_xattr_end(x, o);
	return WALK_OUT_READY;
}
