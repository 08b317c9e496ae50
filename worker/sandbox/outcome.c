/*
 * outcome.c: what became of an object, in words; see sandbox/outcome.h.
 *
 * Runs in the worker.  Touches the channel to the controller and the log, by
 * way of the reporter.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/outcome.h"

/* Why the broker refused to make something; NULL: as report_explain() says. */
static const char *
refusal_text(const struct refusal *r, const struct options *o)
{
	/* Without a role, nothing else is kept from the user, unless asked. */
	if (r->reason == FDB_REASON_POLICY)
		return o->role != NULL || o->known_owners ? NULL :
		    "only root restores that, or a role that permits special";
	switch (r->error) {
	case EEXIST:
		return "something is there already, which --overwrite "
		    "replace would replace";
	case EISDIR:
		return "a directory is there, which is not replaced";
	case ELOOP:
		return "a symbolic link is on the way to it, which is not "
		    "followed";
	case ENOTDIR:
		return "something on the way to it is no directory";
	case ENOENT:
		/* procfs says so of any new name. */
		return "the directory in which it should be is not there, or "
		    "nothing can be made in it, as in /proc";
	case ESTALE:
		return "its directory was moved or replaced meanwhile";
	case EXDEV:
		return "it would be on another file system, or outside of "
		    "the destination";
	case ERANGE:
		return "this file system cannot hold that";
	case EOPNOTSUPP:
		return "this file system, or the kernel, cannot make it "
		    "safely";
	default:
		return NULL;
	}
}

char *
outcome_explain(const struct refusal *r, const struct options *o)
{
	const char	*text = refusal_text(r, o);
	struct buf	 b = { NULL, 0, 0 };

	if (text != NULL)
		return strdup(text);
	if (report_explain(&b, r) == -1)
		buf_free(&b);
	return b.data;
}

int
outcome_report(struct reporter *rep, enum report_kind kind, const char *name,
    const char *why)
{
	return reporter_reportf(rep, kind, name, "not restored: %s", why);
}

/*
 * A directory that is no member is not made.  The members in it are told to
 * lack it, or what is in its place, so only other reasons are told here.
 */
static bool
is_told_by_members(const struct refusal *r)
{
	return r->reason != FDB_REASON_POLICY && (r->error == ENOENT ||
	    r->error == EEXIST || r->error == ENOTDIR || r->error == ELOOP ||
	    r->error == ESTALE);
}

enum outcome
outcome_failed(struct reporter *rep, const struct change *c,
    const struct refusal *r, const struct options *o)
{
	enum report_kind	 kind = REPORT_UNREADABLE;
	char			*why;
	int			 ret;

	if (r->error == EEXIST && r->reason != FDB_REASON_POLICY &&
	    c->over == FDB_OVER_NEWER)
		return reporter_report(rep, REPORT_NOTE, c->o.name,
		    "kept: what is there is as new") == -1 ? OUTCOME_DEAD :
		    OUTCOME_KEPT;
	if (c->kind == CHANGE_PARENT && is_told_by_members(r))
		return OUTCOME_FAILED;
	if (r->reason == FDB_REASON_POLICY)
		kind = REPORT_DENIED_NAMED;
	else if (c->kind == CHANGE_PARENT)
		kind = REPORT_WARNING;
	if ((why = outcome_explain(r, o)) == NULL) {
		(void)reporter_no_memory(rep);
		return OUTCOME_DEAD;
	}
	if (c->kind == CHANGE_GONE)
		ret = reporter_reportf(rep, kind, c->o.name, "not removed: %s",
		    r->error == ENOTEMPTY || r->error == EEXIST ? "there is "
		    "something in it that the archives do not name" :
		    r->error == EISDIR ? "a directory is there" : why);
	else if (c->kind == CHANGE_REMOVE)
		ret = reporter_reportf(rep, kind, c->o.name,
		    "damaged, but not removed: %s", why);
	else if (c->kind == CHANGE_PARENT)
		ret = reporter_reportf(rep, kind, c->o.name,
		    "this directory is not made: %s", why);
	else if (c->kind == CHANGE_META)
		ret = reporter_reportf(rep, kind, c->o.name,
		    "its metadata is not restored: %s", why);
	else
		ret = outcome_report(rep, kind, c->o.name, why);
	free(why);
	return ret == -1 ? OUTCOME_DEAD : OUTCOME_FAILED;
}

int
outcome_lost(struct reporter *rep, const char *name, unsigned int lost,
    const char *why, bool denied)
{
	struct buf	 b = { NULL, 0, 0 };
	int		 ret = -1;

	if (buf_puts(&b, "restored without ") == -1 ||
	    object_describe_lost(&b, lost) == -1 ||
	    (why != NULL && buf_printf(&b, ": %s", why) == -1))
		(void)reporter_no_memory(rep);
	else
		ret = reporter_report(rep, denied ? REPORT_DENIED_NAMED :
		    REPORT_CHANGED, name, buf_str(&b));
	buf_free(&b);
	return ret;
}
