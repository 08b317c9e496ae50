/*
 * meta.c: judge and set metadata; see meta.h.
 *
 * Runs in the opener.  Metadata is set through descriptors only.  The owner
 * comes first, since a change of it takes set-user-ID bits and capabilities
 * away.  Attributes of users come before the mode, which may deny the right to
 * write, access control lists after it, since it would change them.  Times come
 * last.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base/rights.h"
#include "opener/aclids.h"
#include "opener/makeat.h"
#include "opener/meta.h"
#include "opener/resolve.h"
#include "policy/decide.h"
#include "policy/owner.h"
#include "policy/role.h"
#include "policy/tables.h"

#define SETID		(S_ISUID | S_ISGID)
#define PERMISSIONS	07777

/* Every file system can hold times of 1980 to 2037. */
#define TIME_MIN	315532800
#define TIME_MAX	INT32_MAX

void
meta_rule_owner(const struct state *s, const struct rule *r,
    struct meta_owner *o)
{
	o->uid = r->create.uid == POLICY_ID_PEER ? s->peer_uid : r->create.uid;
	o->gid = r->create.gid == POLICY_ID_PEER ? s->peer_gid : r->create.gid;
	o->known = (s->caps & RIGHTS_CAP_CHOWN) != 0;
}

/* A question about owners; `making' is the rule that gives them. */
static void
question_init(struct owner_question *q, const struct state *s, uint32_t op,
    const char *path, const struct rule *rule, const struct rule *making)
{
	struct meta_owner	 o;

	meta_rule_owner(s, making, &o);
	q->role = s->role;
	q->op = op;
	q->path = path;
	q->rule = rule;
	q->peer.uid = s->peer_uid;
	q->peer.gid = s->peer_gid;
	q->given.uid = o.uid;
	q->given.gid = o.gid;
}

bool
meta_may_touch(const struct state *s, uint32_t op, const char *path,
    const struct rule *r, const struct fdb_stat *st)
{
	struct owner_question	 q;
	struct owner_ids	 object = { st->uid, st->gid };

	question_init(&q, s, op, path, r, r);
	/*
	 * With `as user' and in a private opener, what is made belongs to the
	 * opener's user.  In any other role without the capability, nothing is
	 * made, and that user is the daemon's.
	 */
	return owner_touch(&q, &object, !(s->caps & RIGHTS_CAP_CHOWN) &&
	    (s->private || s->role->as_user != NULL) ? &s->own_uid : NULL);
}

/* Note that part of the metadata is refused, and why, if it is the first. */
static void
refuse(struct job *j, unsigned int what, int error, const char *where)
{
	if (j->res.refused == 0)
		status_set(&j->st, error, FDB_REASON_KERNEL, where);
	j->res.refused |= (uint8_t)what;
}

static void
refuse_verdict(struct job *j, unsigned int what, struct verdict v)
{
	if (j->res.refused == 0)
		status_denied(&j->st, j->s->role, v);
	j->res.refused |= (uint8_t)what;
}

static void
refuse_owner(struct job *j, unsigned int what, struct owner_verdict ov)
{
	struct verdict	 v = { false, ov.reason, ov.rule };

	if (ov.reason != POLICY_NO_ACCOUNT) {
		refuse_verdict(j, what, v);
		return;
	}
	if (j->res.refused == 0)
		status_no_account(&j->st, ov.rule, ov.group, ov.id);
	j->res.refused |= (uint8_t)what;
}

/* May the client choose this owner, other than the one that the rule gives? */
static void
judge_owner(struct job *j, const struct owner_question *q,
    struct meta_owner *o)
{
	const struct changewire_meta	*m = &j->it->meta;
	struct owner_ids		 wanted = { m->uid, m->gid };
	struct owner_verdict		 ov = owner_choose(q, &wanted);

	if (ov.reason == POLICY_PERMITTED && !o->known &&
	    q->rule->create.choice == POLICY_CHOICE_NONE) {
		ov.reason = POLICY_WRONG_OWNER;
		ov.rule = q->rule;
	}
	if (ov.reason != POLICY_PERMITTED) {
		refuse_owner(j, FDB_META_OWNER, ov);
		return;
	}
	o->known = true;
	o->uid = m->uid;
	o->gid = m->gid;
}

/* Bits by which a file gives rights are special. */
static void
judge_special(struct job *j, unsigned int what)
{
	struct verdict	 v;

	v = policy_decide(j->s->role, POLICY_OP_SPECIAL, j->t.path);
	if (!v.permit)
		refuse_verdict(j, what, v);
}

/* May the list give rights to these users and groups? */
static void
judge_acl(struct job *j, const struct owner_question *q,
    const struct changewire_xattr *x)
{
	struct owner_verdict	 ov;
	struct aclids		 a;
	uint32_t		 id;
	bool			 group;

	if (aclids_begin(&a, x->value, x->length) == -1) {
		refuse(j, FDB_META_XATTR, errno, "");
		return;
	}
	while (aclids_next(&a, &group, &id)) {
		ov = owner_in_acl(q, group, id);
		if (ov.reason == POLICY_PERMITTED)
			continue;
		refuse_owner(j, FDB_META_XATTR, ov);
		return;
	}
}

static void
judge_xattrs(struct job *j, const struct owner_question *q)
{
	const struct changewire_meta	*m = &j->it->meta;
	struct wire_in			 in = m->xattrs;
	struct changewire_xattr		 x;
	uint16_t			 i;

	for (i = 0; i < m->nxattrs; i++) {
		changewire_next_xattr(&in, &x);
		if (makeat_xattr_is_acl(x.name))
			judge_acl(j, q, &x);
		else if (makeat_xattr_is_plain(x.name))
			continue;
		else if (makeat_xattr_is_trusted(x.name))
			judge_special(j, FDB_META_XATTR);
		else
			refuse(j, FDB_META_XATTR, EOPNOTSUPP,
			    "attributes of this namespace are not set");
		if (j->res.refused & FDB_META_XATTR)
			return;
	}
}

bool
meta_is_special(const struct changewire_meta *m)
{
	struct wire_in		 in = m->xattrs;
	struct changewire_xattr	 x;
	uint16_t		 i;

	if ((m->set & FDB_META_MODE) && (m->mode & SETID))
		return true;
	for (i = 0; i < m->nxattrs; i++) {
		changewire_next_xattr(&in, &x);
		if (!makeat_xattr_is_plain(x.name))
			return true;
	}
	return false;
}

int
meta_judge(struct job *j, unsigned int has, const struct rule *making,
    struct meta_owner *o)
{
	const struct changewire_meta	*m = &j->it->meta;
	struct owner_question		 q;
	struct verdict			 v;

	if (making != NULL)
		meta_rule_owner(j->s, making, o);
	else
		o->known = false;
	if (m->set == 0)
		return 0;
	v = policy_decide(j->s->role, POLICY_OP_SETMETA, j->t.path);
	if (!v.permit) {
		refuse_verdict(j, m->set, v);
		return -1;
	}
	if (m->set & ~has)
		refuse(j, m->set & ~has, EOPNOTSUPP,
		    "not for objects of this type");
	if (making == NULL)
		making = v.rule;
	question_init(&q, j->s, POLICY_OP_SETMETA, j->t.path, v.rule, making);
	if (m->set & has & FDB_META_OWNER) {
		meta_rule_owner(j->s, making, o);
		judge_owner(j, &q, o);
	}
	if ((m->set & has & FDB_META_MODE) && (m->mode & SETID))
		judge_special(j, FDB_META_SETID);
	if (m->set & has & FDB_META_XATTR)
		judge_xattrs(j, &q);
	return j->res.refused == 0 ? 0 : -1;
}

/*
 * Set the mode.  The kernel leaves out a set-group-ID bit without an error.  0,
 * or -1 with errno and *what.
 */
static int
set_mode(int fd, uint32_t mode, unsigned int *what)
{
	struct fdb_stat	 st;

	*what = FDB_META_MODE;
	if (fchmod(fd, mode) == -1)
		return -1;
	if (!(mode & SETID))
		return 0;
	if (resolve_fstat(fd, &st) == -1)
		return -1;
	if ((st.mode & PERMISSIONS) == mode)
		return 0;
	*what = FDB_META_SETID;
	errno = EPERM;
	return -1;
}

/* Set the attributes of users, or all others.  0, or -1 with errno. */
static int
set_xattrs(int fd, const struct changewire_meta *m, bool users)
{
	struct wire_in		 in = m->xattrs;
	struct changewire_xattr	 x;
	uint16_t		 i;

	for (i = 0; i < m->nxattrs; i++) {
		changewire_next_xattr(&in, &x);
		if (makeat_xattr_is_users(x.name) == users &&
		    makeat_xattr(fd, x.name, x.value, x.length) == -1)
			return -1;
	}
	return 0;
}

/*
 * Set the attributes of users, which takes the right to write.  Where the mode
 * denies that to the owner, and no capability gives it, the owner has it
 * meanwhile.  0, or -1 with errno.
 */
static int
set_users_xattrs(int fd, const struct changewire_meta *m, uint32_t mode)
{
	int	 ret, saved;

	ret = set_xattrs(fd, m, true);
	if (ret == 0 || errno != EACCES || (mode & (S_IWUSR | SETID)) != 0)
		return ret;
	if (fchmod(fd, mode | S_IWUSR) == -1) {
		errno = EACCES;
		return -1;
	}
	ret = set_xattrs(fd, m, true);
	saved = errno;
	if (fchmod(fd, mode) == -1)
		return -1;
	errno = saved;
	return ret;
}

/*
 * Set the times.  The kernel changes one that the file system cannot hold, and
 * says nothing.  0, or -1 with errno: ERANGE in this case.
 */
static int
set_times(int fd, const struct changewire_meta *m)
{
	struct timespec	 times[2] = {
		{ 0, UTIME_OMIT }, { 0, UTIME_OMIT }
	};
	struct fdb_stat	 st;

	if (m->set & FDB_META_ATIME) {
		times[0].tv_sec = (time_t)m->atime;
		times[0].tv_nsec = (long)m->atime_nsec;
	}
	if (m->set & FDB_META_MTIME) {
		times[1].tv_sec = (time_t)m->mtime;
		times[1].tv_nsec = (long)m->mtime_nsec;
	}
	if (makeat_times(fd, times) == -1)
		return -1;
	if (!(m->set & FDB_META_MTIME) ||
	    (m->mtime >= TIME_MIN && m->mtime <= TIME_MAX))
		return 0;
	if (resolve_fstat(fd, &st) == -1)
		return -1;
	if (st.mtime == m->mtime)
		return 0;
	errno = ERANGE;
	return -1;
}

int
meta_set(struct job *j, int fd, const struct meta_owner *o,
    const struct fdb_stat *now)
{
	const struct changewire_meta	*m = &j->it->meta;
	unsigned int			 what, times;
	uint32_t			 mode = m->mode;
	bool				 given = false, kept = false;

	if (o->known && (o->uid != now->uid || o->gid != now->gid)) {
		given = makeat_owner(fd, o->uid, o->gid) == 0;
		kept = !given;
		if (kept)
			refuse(j, FDB_META_OWNER, errno, "");
	}
	if ((m->set & FDB_META_XATTR) &&
	    set_users_xattrs(fd, m, now->mode & PERMISSIONS) == -1)
		refuse(j, FDB_META_XATTR, errno, "");
	/* These bits would give the rights of another owner. */
	if (kept && (m->set & FDB_META_MODE) && (mode & SETID)) {
		refuse(j, FDB_META_SETID, EPERM, "");
		mode &= ~(uint32_t)SETID;
	}
	if ((m->set & FDB_META_MODE) && (mode != (now->mode & PERMISSIONS) ||
	    (given && (mode & SETID))) && set_mode(fd, mode, &what) == -1)
		refuse(j, what, errno, "");
	if ((m->set & FDB_META_XATTR) && set_xattrs(fd, m, false) == -1)
		refuse(j, FDB_META_XATTR, errno, "");
	times = m->set & (FDB_META_MTIME | FDB_META_ATIME);
	if (times != 0 && set_times(fd, m) == -1)
		refuse(j, times, errno, "");
	return j->res.refused == 0 ? 0 : -1;
}
