/*
 * decide.h: the decision: (role, operation, path, object, peer) -> verdict with
 * its rule and reason.
 *
 * The decision is pure: it opens, stats and logs nothing.  The same code runs
 * in the opener, which acts on it, in fdbrokerctl, which explains it, and in
 * tests and fuzzers.
 */

#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/tables.h"

struct role;
struct rule;

#define POLICY_PATH_MAX	65536		/* room for a path, with its NUL */

/* The object that a name leads to, as fstat(2) describes it. */
struct policy_facts {
	uint32_t	 mode;		/* type and permissions */
	uint32_t	 uid, gid;
	uint64_t	 nlink;
	bool		 crossed;	/* on another file system */
};

struct verdict {
	bool			 permit;	/* reason is POLICY_PERMITTED */
	enum policy_reason	 reason;
	/*
	 * The rule that decided, or NULL if no rule did.  If the object is
	 * refused, the rule that permits the path; for POLICY_NOT_SPECIAL, the
	 * rule that decided about SPECIAL.
	 */
	const struct rule	*rule;
};

/*
 * May the peer do the operation, one bit, to the object at path?
 *
 * policy_decide(), or policy_enter() for ENTER, decides about the path.  If
 * that permits it, and the caller knows the object (facts is not NULL), these
 * checks follow; the first that fails is the reason:
 *
 *  - Option one-filesystem refuses an object on another file system.
 *  - The operation must be for objects of this type: ENTER is for directories,
 *    LIST for all types, the others as their row in tables.c says.  To read,
 *    write or append to a FIFO or a device, SPECIAL must be permitted, too.
 *  - The options about the object itself, such as single-link, are checked
 *    for all operations but LIST and ENTER.
 *  - What policy_is_exclusive() is refused, since the object exists.
 *
 * If the role has another one that must permit, too (also), then both decide
 * about the path, and the first denial is the verdict.  Options and limits of
 * the other one count for nothing.
 *
 * A caller that opens a file for writing or appending asks up to three times:
 * about WRITE or APPEND without facts before it opens the file; about CREATE
 * without facts if there is no file; and again with facts once it has opened
 * it.
 */
struct verdict	 policy_check(const struct role *, uint32_t op,
		    const char *path, const struct policy_facts *,
		    uint32_t peer_uid);

/*
 * The checks of the object alone: v is what policy_decide(), policy_enter() or
 * a cursor (cursor.h) said about the path.
 */
struct verdict	 policy_check_object(const struct role *, uint32_t op,
		    const char *path, struct verdict v,
		    const struct policy_facts *, uint32_t peer_uid);

/*
 * True if the operation, which the rule permits, may be done only to a file
 * that the request creates: the rule is exclusive, or an exclusive rule
 * permits CREATE and the operation writes.  False for LIST and ENTER.
 */
bool		 policy_is_exclusive(const struct role *, uint32_t op,
		    const char *path, const struct rule *);

/*
 * Decide by the rules alone, whatever object is at path.
 *
 * The last rule that names the operation and covers path decides; if there is
 * none, path is denied.  If a deny decides in this way about a directory above
 * path, it denies path, too, unless a rule after that deny permits path.  A
 * path that is not absolute and clean, or has no room in POLICY_PATH_MAX bytes,
 * is denied.
 */
struct verdict	 policy_decide(const struct role *, uint32_t op,
		    const char *path);

/*
 * May the directory at path be listed?
 *
 * Yes if policy_decide() permits LIST of it.  Also yes, so that a walk reaches
 * what is permitted, if some permit of LIST may cover something beneath path
 * and comes after every deny of path and of the directories above it.  The
 * verdict's rule is the last rule that permits or denies in this sense.  A path
 * of 4096 bytes and more is denied: a cursor can enter it.
 */
struct verdict	 policy_enter(const struct role *, const char *path);

#endif /* POLICY_DECIDE_H */
