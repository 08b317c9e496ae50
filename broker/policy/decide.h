/*
 * decide.h: the pure decision.
 * (role, operation, path, object, peer) -> verdict, rule and reason.
 *
 * Nothing here opens, stats or logs anything; the same code runs in the
 * supervisor, which compiles a role, in the opener, which decides by it, in
 * whatever explains a policy, and in tests and fuzzers.
 */

#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/tables.h"

struct role;
struct rule;

/* What is known of the object that a name leads to: what fstat(2) says. */
struct policy_facts {
	uint32_t	 mode;		/* type and permissions */
	uint32_t	 uid, gid;
	uint64_t	 nlink;
	bool		 crossed;	/* not on the root's file system */
};

struct verdict {
	bool			 permit;	/* reason is POLICY_PERMITTED */
	enum policy_reason	 reason;
	/*
	 * The rule that decided, NULL: none.  If the object was what is wrong,
	 * the permit that decided about the path; NOT_SPECIAL: what decided
	 * about SPECIAL.
	 */
	const struct rule	*rule;
};

/*
 * May the peer do the operation, one bit, on what is at path?  The answer to
 * everything: first policy_decide(), for ENTER policy_enter(); then, unless
 * facts is NULL because the object is not known yet, the object.
 *
 *  - With option one-filesystem, one that was crossed to is refused.
 *  - What is to be entered must be a directory, what is to be read, written,
 *    or appended to a regular file, a FIFO or a device: of the latter two,
 *    SPECIAL must be permitted as well.  About SPECIAL itself, it must be one
 *    of the two; about CREATE, a regular file.  LIST is for all types.
 *  - For all operations but LIST and ENTER, the options regular-only,
 *    owned-by-peer, and single-link (of what is no directory) hold.
 *  - A CREATE by an exclusive rule is refused because the object is there.
 *
 * The checks are made in this order, and the first that fails is the reason.
 * A file is opened for appending or writing, or made, by three questions:
 * APPEND or WRITE without facts before the open, with them after it; CREATE
 * without facts when it was not there.
 */
struct verdict	 policy_check(const struct role *, uint32_t op,
		    const char *path, const struct policy_facts *,
		    uint32_t peer_uid);

/*
 * What the rules say of the path, whatever is there.
 *
 * The last rule that names the operation and covers path decides; if there
 * is none, the answer is no.  But a directory above path about which a deny
 * decides in this way denies path as well, unless a rule after that deny
 * permits path.  A path that is not absolute and clean is denied.
 */
struct verdict	 policy_decide(const struct role *, uint32_t op,
		    const char *path);

/*
 * May the directory at path be listed?  Yes if policy_decide() permits LIST
 * of it, and also if a permit for LIST, which comes after every deny of path
 * or of a directory above it, may cover something beneath path (so that a
 * walk reaches what is permitted).  The verdict's rule is the last that says
 * yes or no in this sense.
 */
struct verdict	 policy_enter(const struct role *, const char *path);

/*
 * A rule after `i' (the place in the role), such that rule i cannot decide
 * about the operation, one bit, on any path; or NULL.  If one is returned this
 * is certain; for some patterns with wildcards it is not found out.
 */
const struct rule *policy_shadow(const struct role *, size_t i, uint32_t op);

#endif /* POLICY_DECIDE_H */
