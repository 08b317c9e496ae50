/*
 * use.c: roles that use the rules of other roles; see conf/use.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * nothing but memory.  A role may use one that is defined later, so nothing is
 * copied before all are read.  A role that is used by others is completed
 * before them.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/build.h"
#include "conf/use.h"
#include "policy/role.h"

/* How far a role is, in the order of conf->roles. */
struct progress {
	enum { UNTOUCHED, IN_WORK, COMPLETE } state;
	unsigned int		 height;	/* of the chain beneath it */
	const struct confuse	*by;		/* what it is in work for */
};

struct resolve {
	struct confbuild	*b;
	struct progress		*roles;
	bool			 failed;
};

void
confuse_add(struct confbuild *b, int line, const char *name)
{
	struct confuse	*uses, *u;

	if (b->role == NULL)
		return;
	if ((uses = reallocarray(b->uses, b->nuses + 1,
	    sizeof(*uses))) == NULL) {
		conf_fault(b, line, "out of memory");
		return;
	}
	b->uses = uses;
	u = &uses[b->nuses++];
	u->role = b->role;
	u->name = name;
	u->file = lex_file(&b->lex);
	u->line = line;
	u->at = b->role->nrules;
}

bool
confuse_is_user(const struct confbuild *b, const struct role *role)
{
	size_t	 i;

	for (i = 0; i < b->nuses; i++) {
		if (b->uses[i].role == role)
			return true;
	}
	return false;
}

bool
confuse_is_used(const struct confbuild *b, const struct role *role)
{
	size_t	 i;

	for (i = 0; i < b->nuses; i++) {
		if (strcmp(b->uses[i].name, role->name) == 0)
			return true;
	}
	return false;
}

/* The number of the role that is used.  conf->nroles: unknown, reported. */
static size_t
find_used(struct resolve *rs, const struct confuse *u)
{
	struct conf	*conf = rs->b->conf;
	size_t		 i;

	for (i = 0; i < conf->nroles; i++) {
		if (strcmp(conf->roles[i]->name, u->name) == 0)
			return i;
	}
	lex_fault(&rs->b->lex, u->file, u->line, "role \"%s\" at %s:%d uses "
	    "\"%s\", and there is no such role", u->role->name, u->role->file,
	    u->role->line, u->name);
	rs->failed = true;
	return i;
}

/* Append the rules from first to end of one role to another.  0, or -1. */
static int
copy_rules(struct resolve *rs, struct role *to, const struct role *from,
    size_t first, size_t end, const struct confuse *u)
{
	struct rule_spec	 spec;
	struct rule		*r;
	const char		*why;

	for (; first < end; first++) {
		r = &from->rules[first];
		role_spec_of(&spec, r);
		if (u != NULL) {
			spec.used = r->copied || from->npeers > 0 ?
			    RULE_USED_AGAIN : RULE_USED;
			r->copied = true;
		}
		if (to->nrules >= CONFUSE_RULES && u != NULL) {
			lex_fault(&rs->b->lex, u->file, u->line, "use \"%s\": "
			    "role \"%s\" has more than %d rules", u->name,
			    to->name, CONFUSE_RULES);
			return -1;
		}
		if (role_add(to, &spec, &why) == -1) {
			lex_fault(&rs->b->lex, r->file, r->line, "\"%s\": %s",
			    r->pattern, why);
			return -1;
		}
	}
	return 0;
}

/* Put the rules of the roles that it uses among those of the role. */
static int
join_rules(struct resolve *rs, struct role *role)
{
	const struct confbuild	*b = rs->b;
	const struct confuse	*u;
	struct role		*full, old = *role;
	const struct role	*used;
	size_t			 done = 0;
	int			 ret = -1;

	if ((full = role_new(role->name, role->file, role->line)) == NULL) {
		lex_fault(&rs->b->lex, role->file, role->line,
		    "out of memory");
		return -1;
	}
	for (u = b->uses; u < b->uses + b->nuses; u++) {
		if (u->role != role)
			continue;
		used = conf_role(b->conf, u->name);
		if (copy_rules(rs, full, role, done, u->at, NULL) == -1 ||
		    copy_rules(rs, full, used, 0, used->nrules, u) == -1)
			goto out;
		done = u->at;
	}
	if (copy_rules(rs, full, role, done, role->nrules, NULL) == -1)
		goto out;
	role->rules = full->rules;
	role->nrules = full->nrules;
	role->index = full->index;
	full->rules = old.rules;
	full->nrules = old.nrules;
	full->index = old.index;
	ret = 0;
out:
	role_free(full);
	return ret;
}

/* The chain of uses comes back to a role, or is too long. */
static void
bad_chain(struct resolve *rs, const struct confuse *u, size_t k)
{
	const struct confuse	*first = rs->roles[k].by;

	rs->failed = true;
	if (strcmp(u->role->name, u->name) == 0)
		lex_fault(&rs->b->lex, u->file, u->line, "role \"%s\" at %s:%d "
		    "uses itself", u->name, u->role->file, u->role->line);
	else
		lex_fault(&rs->b->lex, u->file, u->line, "role \"%s\" uses "
		    "\"%s\", which uses it in turn: use \"%s\" at %s:%d",
		    u->role->name, u->name, first->name, first->file,
		    first->line);
}

/* Complete role i, after those that it uses; `depth' roles are in work. */
static void
complete(struct resolve *rs, size_t i, unsigned int depth)
{
	struct confbuild	*b = rs->b;
	struct progress		*p = &rs->roles[i];
	const struct confuse	*u;
	size_t			 k;

	p->state = IN_WORK;
	for (u = b->uses; u < b->uses + b->nuses && !rs->failed; u++) {
		if (u->role != b->conf->roles[i] ||
		    (k = find_used(rs, u)) == b->conf->nroles)
			continue;
		p->by = u;
		if (rs->roles[k].state == IN_WORK) {
			bad_chain(rs, u, k);
			return;
		}
		if (rs->roles[k].state == UNTOUCHED && depth <= CONFUSE_DEPTH)
			complete(rs, k, depth + 1);
		if (rs->roles[k].height + 1 > p->height)
			p->height = rs->roles[k].height + 1;
		if (!rs->failed && (p->height > CONFUSE_DEPTH ||
		    rs->roles[k].state == UNTOUCHED)) {
			lex_fault(&b->lex, u->file, u->line, "use \"%s\": more "
			    "than %d roles use each other in a chain, from "
			    "\"%s\" at %s:%d on", u->name, CONFUSE_DEPTH,
			    u->role->name, u->role->file, u->role->line);
			rs->failed = true;
		}
	}
	if (!rs->failed && p->by != NULL &&
	    join_rules(rs, b->conf->roles[i]) == -1)
		rs->failed = true;
	p->state = COMPLETE;
}

bool
confuse_resolve(struct confbuild *b)
{
	struct resolve	 rs = { .b = b };
	size_t		 i;

	if (b->nuses == 0)
		return true;
	rs.roles = calloc(b->conf->nroles + 1, sizeof(*rs.roles));
	if (rs.roles == NULL) {
		lex_fault(&b->lex, lex_file(&b->lex), 0, "out of memory");
		return false;
	}
	for (i = 0; i < b->conf->nroles; i++) {
		if (rs.roles[i].state == UNTOUCHED)
			complete(&rs, i, 1);
	}
	free(rs.roles);
	return !rs.failed;
}
