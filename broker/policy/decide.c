/*
 * decide.c: the decision; see decide.h.
 *
 * Runs in the opener, for each name that a client asks for, and in fdbrokerctl.
 * Touches nothing but memory.  A decision about a path descends the index of
 * the rules (descent.c).
 */

#include "config.h"

#include <sys/stat.h>

#include <string.h>

#include "policy/decide.h"
#include "policy/descent.h"
#include "policy/glob.h"
#include "policy/longpath.h"
#include "policy/role.h"
#include "policy/ruleindex.h"

/* A refusal for a reason other than the rule's action. */
static struct verdict
verdict_not(enum policy_reason reason, const struct rule *rule)
{
	struct verdict	 v;

	v.permit = false;
	v.reason = reason;
	v.rule = rule;
	return v;
}

/* The descent of one path, from its beginning to its end. */
struct whole {
	struct descent			 d;
	struct glob_path		 path;
	const struct ruleindex_node	*wild[GLOB_DEPTH_MAX + 1];
};

/* False if the path is not absolute and clean. */
static bool
whole_descend(struct whole *w, const struct role *role, uint32_t op,
    const char *path)
{
	size_t	 depth, i;

	if (!glob_path_split(&w->path, path))
		return false;
	depth = w->path.depth;
	descent_begin(&w->d, role, &op, 1, &w->path, w->wild);
	for (i = 0; i < depth; i++)
		descent_step(&w->d);
	return true;
}

struct verdict
policy_decide(const struct role *role, uint32_t op, const char *path)
{
	struct verdict	 v, also;
	struct whole	 w;

	if (strnlen(path, GLOB_PATH_MAX) == GLOB_PATH_MAX)
		v = policy_longpath_decide(role, op, path);
	else if (whole_descend(&w, role, op, path))
		v = descent_decide(&w.d, 0);
	else
		return verdict_not(POLICY_BAD_PATH, NULL);
	if (!v.permit || role->also == NULL)
		return v;
	also = policy_decide(role->also, op, path);
	return also.permit ? v : also;
}

struct verdict
policy_enter(const struct role *role, const char *path)
{
	struct verdict	 v, also;
	struct whole	 w;

	if (!whole_descend(&w, role, POLICY_OP_LIST, path))
		return verdict_not(POLICY_BAD_PATH, NULL);
	v = descent_enter(&w.d, 0);
	if (!v.permit || role->also == NULL)
		return v;
	also = policy_enter(role->also, path);
	return also.permit ? v : also;
}

/*
 * The checks of the object.
 */
static unsigned int
type_of(uint32_t mode)
{
	if (S_ISREG(mode))
		return POLICY_TYPE_FILE;
	if (S_ISDIR(mode))
		return POLICY_TYPE_DIR;
	if (S_ISFIFO(mode) || S_ISCHR(mode) || S_ISBLK(mode))
		return POLICY_TYPE_SPECIAL;
	return POLICY_TYPE_OTHER;
}

/*
 * Can the operation be done to an object of this type?  The answer is the
 * path's verdict v, or a refusal.
 */
static struct verdict
check_type(const struct role *role, uint32_t op, const char *path,
    unsigned int type, struct verdict v)
{
	const struct policy_op_row	*row = policy_op_row(op);
	struct verdict			 special;

	if (op == POLICY_OP_ENTER ? type == POLICY_TYPE_DIR :
	    row != NULL && (row->types & type) != 0)
		return v;
	if (row == NULL || (row->special & type) == 0)
		return verdict_not(POLICY_WRONG_TYPE, v.rule);
	special = policy_decide(role, POLICY_OP_SPECIAL, path);
	return special.permit ? v :
	    verdict_not(POLICY_NOT_SPECIAL, special.rule);
}

/* The option that refuses to open this object, as a reason. */
static enum policy_reason
check_options(const struct role *role, uint32_t op,
    const struct policy_facts *facts, uint32_t peer_uid)
{
	/* It is about what is opened; and directories have several links. */
	if ((role->options & POLICY_REGULAR_ONLY) && !S_ISREG(facts->mode) &&
	    !(op & POLICY_OPS_RESTORING))
		return POLICY_NOT_REGULAR;
	if ((role->options & POLICY_OWNED_BY_PEER) && facts->uid != peer_uid)
		return POLICY_NOT_PEERS;
	if ((role->options & POLICY_SINGLE_LINK) && facts->nlink > 1 &&
	    !S_ISDIR(facts->mode))
		return POLICY_SEVERAL_LINKS;
	return POLICY_PERMITTED;
}

bool
policy_is_exclusive(const struct role *role, uint32_t op, const char *path,
    const struct rule *rule)
{
	struct verdict	 v;

	if (op == POLICY_OP_LIST || op == POLICY_OP_ENTER)
		return false;
	if (role->also != NULL) {
		v = policy_decide(role->also, op, path);
		if (v.permit && policy_is_exclusive(role->also, op, path,
		    v.rule))
			return true;
	}
	if (rule->create.exclusive || !(op & POLICY_OPS_WRITING))
		return rule->create.exclusive;
	v = policy_decide(role, POLICY_OP_CREATE, path);
	return v.permit && v.rule->create.exclusive;
}

struct verdict
policy_check_object(const struct role *role, uint32_t op, const char *path,
    struct verdict v, const struct policy_facts *facts, uint32_t peer_uid)
{
	enum policy_reason	 reason;

	if (!v.permit)
		return v;
	if ((role->options & POLICY_ONE_FILESYSTEM) && facts->crossed)
		return verdict_not(POLICY_CROSSED, v.rule);
	v = check_type(role, op, path, type_of(facts->mode), v);
	if (!v.permit || op == POLICY_OP_LIST || op == POLICY_OP_ENTER)
		return v;
	reason = check_options(role, op, facts, peer_uid);
	if (reason != POLICY_PERMITTED)
		return verdict_not(reason, v.rule);
	if (policy_is_exclusive(role, op, path, v.rule))
		return verdict_not(POLICY_EXISTS, v.rule);
	return v;
}

struct verdict
policy_check(const struct role *role, uint32_t op, const char *path,
    const struct policy_facts *facts, uint32_t peer_uid)
{
	struct verdict	 v;

	v = op == POLICY_OP_ENTER ? policy_enter(role, path) :
	    policy_decide(role, op, path);
	return facts == NULL ? v :
	    policy_check_object(role, op, path, v, facts, peer_uid);
}
