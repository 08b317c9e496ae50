/*
 * open.c: answer OPEN: for each item ask the policy about the path, open it,
 * and ask the policy about the object that was opened.
 *
 * Runs in the opener.  Changes nothing that exists before the policy has
 * permitted the object: only then is a file truncated.  Creates files with
 * O_EXCL, with the mode and the owner that the rule gives.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rights.h"
#include "opener/asked.h"
#include "opener/open.h"
#include "opener/open_ahead.h"
#include "opener/reply.h"
#include "opener/request.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"
#include "opener/spelling.h"
#include "opener/status.h"
#include "opener/target.h"
#include "opener/throttle.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"

/* The operations that an access needs; the policy is asked in this order. */
static const struct {
	uint8_t		 access;
	uint32_t	 op;
} ways[] = {
	{ FDB_READ,	POLICY_OP_READ },
	{ FDB_WRITE,	POLICY_OP_WRITE },
	{ FDB_APPEND,	POLICY_OP_APPEND }
};

#define CREATED_ONLY \
	"created, and left empty: its owner could not be set"

#define CREATED_OTHERWISE \
	"created under another name, and left empty"

/* Items of a request that is worth several threads. */
#define AHEAD_MIN	(2 * OPEN_AHEAD_PIECE)

#define NWAYS	(sizeof(ways) / sizeof(ways[0]))

static bool
is_writing(uint8_t access)
{
	return (access & (FDB_WRITE | FDB_APPEND)) != 0;
}

/* To be read, and nothing else? */
static bool
only_reads(uint8_t access)
{
	return (access & ~FDB_NOFOLLOW) == FDB_READ;
}

/* May a link be followed that is the last component of the name? */
static bool
follows_last(uint8_t access)
{
	return (access & (FDB_EXCLUSIVE | FDB_NOFOLLOW)) == 0;
}

uint32_t
open_main_op(uint8_t access)
{
	return access & FDB_APPEND ? POLICY_OP_APPEND :
	    access & FDB_WRITE ? POLICY_OP_WRITE : POLICY_OP_READ;
}

static int
open_flags(uint8_t access)
{
	int	 flags;

	if (!is_writing(access))
		return O_RDONLY;
	flags = access & FDB_READ ? O_RDWR : O_WRONLY;
	return access & FDB_APPEND ? flags | O_APPEND : flags;
}

/*
 * Ask the policy about each operation of the access.  The object is NULL
 * before it is open.  0, or -1 with the status set.
 */
static int
ask_policy(const struct state *s, const struct target *t, uint8_t access,
    const struct fdb_stat *object, struct status *st)
{
	size_t	 i;

	for (i = 0; i < NWAYS; i++) {
		if ((access & ways[i].access) &&
		    target_ask(t, s, ways[i].op, object, st) == -1)
			return -1;
	}
	return 0;
}

/* Give a file that was just created to the owner that its rule names. */
static int
give_to_owner(struct state *s, int fd, const struct policy_create *c,
    struct fdb_stat *fst)
{
	uint32_t	 uid = c->uid, gid = c->gid;

	/* In a role with `as user' the file is that user's; no rule differs. */
	if (!(s->caps & RIGHTS_CAP_CHOWN))
		return 0;
	if (uid == POLICY_ID_PEER)
		uid = s->peer_uid;
	if (gid == POLICY_ID_PEER)
		gid = s->peer_gid;
	if (uid == fst->uid && gid == fst->gid)
		return 0;
	if (fchown(fd, uid, gid) == -1)
		return -1;
	fst->uid = uid;
	fst->gid = gid;
	return 0;
}

/* Create a file that does not exist.  A descriptor, or -1 with the status. */
static int
create_target(struct state *s, struct target *t, uint8_t access,
    struct status *st, struct fdb_stat *fst)
{
	struct verdict	 v;
	int		 fd;

	v = policy_check(s->role, POLICY_OP_CREATE, t->path, NULL,
	    s->peer_uid);
	if (!v.permit) {
		status_denied(st, s->role, v);
		return -1;
	}
	fd = resolve_create(&t->at, t->rel, open_flags(access),
	    v.rule->create.mode, fst);
	if (fd == -1) {
		if (errno == EINVAL && t->at.spelling != NULL &&
		    spelling_was_missed(t->at.spelling))
			status_set(st, EINVAL, FDB_REASON_KERNEL,
			    CREATED_OTHERWISE);
		else
			target_failed(t, s, POLICY_OP_CREATE, false, st);
		return -1;
	}
	/*
	 * The file stays, and the status says so: if the opener had the right
	 * to remove it, one that was taken over could remove any file beneath
	 * its roots.
	 */
	if (give_to_owner(s, fd, &v.rule->create, fst) == -1) {
		status_set(st, errno, FDB_REASON_KERNEL, CREATED_ONLY);
		fd_close(&fd);
		return -1;
	}
	status_ok(st);
	return fd;
}

/*
 * A file was opened to be read.  What the policy said about its path before
 * still holds, if it is the same policy.  0, or -1 with the status set.
 */
static int
judge_reading(struct state *s, const struct target *t,
    const struct asked_verdicts *asked, const struct fdb_stat *fst,
    struct status *st)
{
	struct policy_facts	 facts;
	struct verdict		 v;

	if (asked->version != s->version)
		return target_ask(t, s, POLICY_OP_READ, fst, st);
	target_facts(fst, &facts);
	v = policy_check_object(s->role, POLICY_OP_READ, t->path, asked->read,
	    &facts, s->peer_uid);
	if (v.permit)
		return 0;
	status_denied(st, s->role, v);
	return -1;
}

/*
 * An existing file was opened: does the policy permit this object, and may it
 * exist at all?  0, or -1 with the status set.
 */
static int
judge_object(struct state *s, const struct target *t, uint8_t access,
    const struct fdb_stat *fst, struct status *st)
{
	bool	 asked = (access & FDB_EXCLUSIVE) != 0;

	if (ask_policy(s, t, access, fst, st) == -1 &&
	    !(asked && st->policy == POLICY_EXISTS))
		return -1;
	if (!asked)
		return 0;
	status_set(st, EEXIST, FDB_REASON_KERNEL, "");
	return -1;
}

static bool
is_device(const struct fdb_stat *fst)
{
	return S_ISCHR(fst->mode) || S_ISBLK(fst->mode);
}

/*
 * The open of the target failed with errno.  With FDB_EXCLUSIVE, a target that
 * exists is the reason, whatever its type, as with O_EXCL in open(2).
 */
static void
open_failed(const struct target *t, const struct state *s, uint8_t access,
    bool special, bool type, struct status *st)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 there;
	int		 error = errno;
	bool		 seen;

	/* EACCES: a device, where devices do not open at all. */
	seen = (type || (access & FDB_EXCLUSIVE) || error == EACCES) &&
	    resolve_stat(&t->at, t->rel, &there, link, sizeof(link)) == 0;
	errno = error;
	if (seen && (access & FDB_EXCLUSIVE))
		status_set(st, EEXIST, FDB_REASON_KERNEL, "");
	else if (seen && (type || (!special && is_device(&there))))
		status_type(st, resolve_type_name(there.mode), !special &&
		    (is_device(&there) || S_ISFIFO(there.mode)));
	else
		target_failed(t, s, open_main_op(access), type, st);
}

/*
 * Find where to open it for reading, if the policy permits that, in a role that
 * follows no links.  0, or -1 with the status set.
 */
static int
find_to_read(struct state *s, struct target *t, struct status *st,
    struct asked_verdicts *asked)
{
	asked_decide(s, t->path, asked);
	if (!asked->read.permit) {
		status_denied(st, s->role, asked->read);
		return -1;
	}
	return target_place(t, s, POLICY_OP_READ |
	    (asked->special.permit ? POLICY_OP_SPECIAL : 0), st);
}

/*
 * The same for any access, in any role.  After find_to_read(), asked has its
 * version; else that is 0.
 */
static int
find_target(struct state *s, struct target *t, uint8_t access,
    struct status *st, bool *special, struct asked_verdicts *asked)
{
	uint32_t	 ops = open_main_op(access);

	if (only_reads(access) && !(s->role->options & POLICY_FOLLOW)) {
		if (find_to_read(s, t, st, asked) == -1)
			return -1;
		*special = asked->special.permit;
		return 0;
	}
	asked->version = 0;
	if (ask_policy(s, t, access, NULL, st) == -1)
		return -1;
	*special = policy_decide(s->role, POLICY_OP_SPECIAL, t->path).permit;
	if (*special)
		ops |= POLICY_OP_SPECIAL;
	if (target_place(t, s, ops, st) == -1 ||
	    target_follow(t, s, open_main_op(access), follows_last(access),
	    st) == -1)
		return -1;
	/* The policy must permit where the links led, too. */
	if (!(s->role->options & POLICY_FOLLOW))
		return 0;
	if (ask_policy(s, t, access, NULL, st) == -1)
		return -1;
	*special = *special && policy_decide(s->role, POLICY_OP_SPECIAL,
	    t->path).permit;
	return 0;
}

/* It is open: judge it.  fd, or -1 with the status set. */
static int
finish_target(struct state *s, const struct target *t, uint8_t access,
    const struct asked_verdicts *asked, int fd, struct status *st,
    struct fdb_stat *fst)
{
	if ((asked->version != 0 ? judge_reading(s, t, asked, fst, st) :
	    judge_object(s, t, access, fst, st)) == -1)
		goto fail;
	if ((access & FDB_TRUNCATE) && S_ISREG(fst->mode) &&
	    ftruncate(fd, 0) == -1) {
		status_errno(st, false);
		goto fail;
	}
	if (access & FDB_TRUNCATE)
		fst->size = 0;
	status_ok(st);
	return fd;

fail:
	fd_close(&fd);
	return -1;
}

int
open_target(struct state *s, struct target *t, uint8_t access,
    struct status *st, struct fdb_stat *fst)
{
	struct asked_verdicts	 asked;
	bool			 special, type;
	int			 fd;

	if (find_target(s, t, access, st, &special, &asked) == -1)
		return -1;
	fd = resolve_open(&t->at, t->rel, open_flags(access), special, fst,
	    &type);
	if (fd != -1)
		return finish_target(s, t, access, &asked, fd, st, fst);
	if (errno == ENOENT && (access & FDB_CREATE))
		return create_target(s, t, access, st, fst);
	open_failed(t, s, access, special, type, st);
	return -1;
}

/* The same for a file that was opened for reading meanwhile. */
static int
take_target(struct state *s, struct target *t, uint8_t access,
    struct open_ahead_item *a, struct status *st, struct fdb_stat *fst)
{
	int	 fd = a->fd;

	t->at = a->at;
	t->rel = a->rel;
	*fst = a->st;
	a->fd = -1;
	if (fd != -1)
		return finish_target(s, t, access, &a->asked, fd, st, fst);
	errno = a->error;
	open_failed(t, s, access, false, a->type, st);
	return -1;
}

/* One item: a descriptor, or -1 with the status set. */
static int
open_item(struct state *s, const struct request_item *it,
    struct open_ahead_item *a, struct status *st, struct fdb_stat *fst)
{
	/* It is large, and nothing here calls this again. */
	static struct target	 t;
	uint32_t		 op = open_main_op(it->access);
	int			 fd;

	if (!proto_access_is_valid(it->access) || it->name[0] == '\0') {
		status_set(st, EINVAL, FDB_REASON_NAME, "");
	} else if (target_name(&t, s, it->base, it->name, st) == 0) {
		fd = a != NULL ? take_target(s, &t, it->access, a, st, fst) :
		    open_target(s, &t, it->access, st, fst);
		target_end(&t);
		status_report(st, s, op, t.path, fst);
		return fd;
	}
	status_report(st, s, op, it->name, NULL);
	return -1;
}

/*
 * Is the item one that a thread can open: for reading, at a place that needs
 * nothing but its descriptor?  Then *a says what to open.
 */
static void
plan_item(struct state *s, const struct request_item *it,
    struct open_ahead_item *a)
{
	static struct target	 t;
	struct status		 st;
	bool			 special;

	a->wanted = false;
	if (it->name[0] == '\0' ||
	    target_name(&t, s, it->base, it->name, &st) == -1)
		return;
	if (find_target(s, &t, it->access, &st, &special, &a->asked) == 0 &&
	    !special && t.held == -1 && (t.at.spelling == NULL ||
	    t.at.kind == FSKIND_EXACT)) {
		a->wanted = true;
		a->at = t.at;
		/* It may not leave a file system whose names are exact. */
		if (t.at.spelling != NULL)
			a->at.one_filesystem = true;
		a->at.spelling = NULL;
		a->rel = it->name + strlen(it->name) - strlen(t.rel);
	}
	target_end(&t);
}

/*
 * Have the items opened by threads, if there are many, and all of them are to
 * be read: then their order does not matter.
 */
static bool
plan_items(struct state *s, const struct request_item *items, size_t n,
    struct open_ahead *ahead)
{
	size_t	 i;

	if (s->parallel == NULL || n < AHEAD_MIN ||
	    (s->role->options & POLICY_FOLLOW))
		return false;
	for (i = 0; i < n; i++)
		if (!only_reads(items[i].access))
			return false;
	for (i = 0; i < n; i++)
		plan_item(s, &items[i], &ahead->items[i]);
	open_ahead_begin(ahead, s->parallel, n);
	return true;
}

int
open_request(struct state *s, const struct proto_header *h,
    struct wire_in *in)
{
	static char		 names[REQUEST_NAMES];
	static struct reply	 r;
	static struct open_ahead ahead;
	struct open_ahead_item	*a = NULL;
	struct request_item	 items[FDB_BATCH_MAX];
	struct status		 st;
	struct fdb_stat		 fst;
	uint16_t		 i;
	int			 fd;
	bool			 planned;

	if (request_get_items(items, h, in, names) == -1 ||
	    throttle_opens(s, h->items) == -1)
		return -1;
	planned = plan_items(s, items, h->items, &ahead);
	reply_begin(&r, s, PROTO_OPEN_REPLY, h->id);
	for (i = 0; i < h->items; i++) {
		if (reply_room(&r, s, REPLY_STATUS_MAX +
		    PROTO_STAT_LEN) == -1)
			break;
		if (planned)
			a = open_ahead_take(&ahead, s->parallel, i);
		fd = open_item(s, &items[i], a, &st, &fst);
		proto_put_status(&r.m.w, &st.wire);
		r.m.h.items++;
		if (fd == -1)
			continue;
		proto_put_stat(&r.m.w, &fst);
		r.fds[r.nfds++] = fd;
	}
	if (planned)
		open_ahead_end(&ahead, s->parallel);
	return i < h->items ? -1 : reply_send(&r, s);
}
