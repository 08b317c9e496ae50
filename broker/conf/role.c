/*
 * role.c: what the statements within a role mean, except for the rules; see
 * conf/build.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory, and the system through conf/sys.h only.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "conf/build.h"
#include "policy/roots.h"

/* Can the role have this name?  If not, the fault is reported. */
static bool
role_name_check(struct confbuild *b, int line, const char *name)
{
	struct role	*other;

	if (!rolename_is_valid(name)) {
		conf_fault(b, line, "invalid role name \"%s\"; expected a "
		    "letter or digit, then letters, digits, \"_\" and \"-\", "
		    "at most %d bytes", name, POLICY_NAME_MAX);
		return false;
	}
	if ((other = conf_role(b->conf, name)) != NULL) {
		conf_fault(b, line, "role \"%s\" is already defined at %s:%d",
		    name, other->file, other->line);
		return false;
	}
	return true;
}

void
confrole_begin(struct confbuild *b, int line, const char *name)
{
	role_free(b->role);
	b->role_bad = name == NULL || !role_name_check(b, line, name);
	b->role = role_new(b->role_bad ? "unnamed" : name, lex_file(&b->lex),
	    line);
	if (b->role == NULL)
		conf_fault(b, line, "out of memory");
	b->role_faults = b->lex.faults;
	b->role_uses = b->nuses;
	memset(&b->as_user, 0, sizeof(b->as_user));
	memset(&b->regular_only, 0, sizeof(b->regular_only));
	memset(b->role_limits, 0, sizeof(b->role_limits));
}

/* Check the rules against the other statements of the role. */
static void
rules_check(struct confbuild *b, const struct role *role,
    const struct confplace *regular_only)
{
	const struct rule	*r;
	size_t			 i, permits = 0;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if (r->action != POLICY_PERMIT)
			continue;
		permits++;
		if ((r->ops & POLICY_OP_SPECIAL) &&
		    (role->options & POLICY_REGULAR_ONLY))
			lex_fault(&b->lex, r->file, r->line, "\"%s\": permit "
			    "special contradicts option regular-only at "
			    "%s:%d; remove one of them", r->pattern,
			    regular_only->file, regular_only->line);
		if (role->as_user != NULL &&
		    (r->owner != NULL || r->group != NULL))
			lex_fault(&b->lex, r->file, r->line, "\"%s\": as user "
			    "makes \"%s\" the owner of what is created; "
			    "remove owner and group", r->pattern,
			    role->as_user);
		if (role->as_user != NULL &&
		    r->create.choice == POLICY_CHOICE_NAMED)
			lex_fault(&b->lex, r->file, r->line, "\"%s\": as user "
			    "\"%s\" cannot give files away; remove owner "
			    "by-name", r->pattern, role->as_user);
	}
	if (permits == 0)
		lex_fault(&b->lex, role->file, role->line, "role \"%s\" has "
		    "no permit rule; expected at least one", role->name);
}

/*
 * Check that an opener can have all roots of the role: what it cannot hold is
 * refused here, and not when a session begins.
 */
static void
roots_check(struct confbuild *b, const struct role *role)
{
	static const uint32_t	 kinds[] = { POLICY_OPS_READING,
				    POLICY_OPS_WRITING };
	struct policy_root	*roots;
	size_t			 i, n, held, named, dirs = 0, names = 0;
	int			 ret;

	for (i = 0; i < 2; i++) {
		ret = policy_roots(role, kinds[i], &roots, &n);
		if (ret == 0)
			ret = policy_roots_count(roots, n,
			    b->sys->is_directory, b->sys->arg, &held, &named);
		policy_roots_free(roots, n);
		if (ret == -1) {
			conf_fault(b, role->line, "out of memory");
			return;
		}
		dirs += held;
		names += named;
	}
	if (dirs > POLICY_ROOTS_MAX)
		lex_fault(&b->lex, role->file, role->line, "the roots of role "
		    "\"%s\" are in %zu directories; expected at most %d: "
		    "permit a directory above them and deny the rest of it",
		    role->name, dirs, POLICY_ROOTS_MAX);
	if (names > POLICY_NAMES_MAX)
		lex_fault(&b->lex, role->file, role->line, "role \"%s\" "
		    "names %zu files; expected at most %d: permit their "
		    "directory and deny the rest of it", role->name, names,
		    POLICY_NAMES_MAX);
}

/* A role that somebody may take. */
static void
role_check(struct confbuild *b, const struct role *role,
    const struct confplace *regular_only)
{
	if (role->npeers == 0)
		lex_fault(&b->lex, role->file, role->line, "role \"%s\" has no "
		    "peer; expected peer user or peer group, or another role "
		    "that uses it", role->name);
	rules_check(b, role, regular_only);
	roots_check(b, role);
}

/* A role without peers, of which others use the rules and nothing else. */
static void
part_check(struct confbuild *b, const struct role *role)
{
	bool	 limits = false;
	size_t	 i;

	for (i = 0; i < POLICY_LIMITS; i++)
		limits = limits || role->limits[i] !=
		    policy_limit_row(i)->of_role;
	if (limits || role->options != 0 || role->as_user != NULL)
		lex_fault(&b->lex, role->file, role->line, "role \"%s\" has no "
		    "peer, and who uses it uses its rules alone; remove %s",
		    role->name, role->as_user != NULL ? "as user" : limits ?
		    "its limits" : "its options");
}

/* Does it depend on other roles what the role is?  0, 1, or -1 and reported. */
static int
role_postpone(struct confbuild *b, struct role *role, bool faulty)
{
	struct confpending	*list;

	if (role->npeers > 0 && !confuse_is_user(b, role))
		return 0;
	if ((list = reallocarray(b->pending, b->npending + 1,
	    sizeof(*list))) == NULL) {
		conf_fault(b, role->line, "out of memory");
		return -1;
	}
	b->pending = list;
	list[b->npending].role = role;
	list[b->npending].regular_only = b->regular_only;
	list[b->npending++].faulty = faulty;
	return 1;
}

void
confrole_end(struct confbuild *b)
{
	struct conf	*conf = b->conf;
	struct role	*role = b->role, **roles;
	/* A statement with a fault may be what seems to be missing. */
	bool		 faulty = b->lex.faults != b->role_faults;

	if (role == NULL)
		return;
	if (b->role_bad) {
		b->nuses = b->role_uses;
		return;		/* freed with the next role */
	}
	if (role_postpone(b, role, faulty) == 0 && !faulty)
		role_check(b, role, &b->regular_only);
	if ((roles = reallocarray(conf->roles, conf->nroles + 1,
	    sizeof(struct role *))) == NULL) {
		conf_fault(b, role->line, "out of memory");
		b->nuses = b->role_uses;
		if (b->npending > 0 &&
		    b->pending[b->npending - 1].role == role)
			b->npending--;
		return;
	}
	conf->roles = roles;
	conf->roles[conf->nroles++] = role;
	b->role = NULL;
}

static void
role_remove(struct conf *conf, const struct role *role)
{
	size_t	 i;

	for (i = 0; conf->roles[i] != role; i++)
		;
	role_free(conf->roles[i]);
	conf->nroles--;
	memmove(&conf->roles[i], &conf->roles[i + 1],
	    (conf->nroles - i) * sizeof(struct role *));
}

void
confrole_finish(struct confbuild *b, bool complete)
{
	struct confpending	*p;
	size_t			 i;
	bool			 part;

	for (i = 0; i < b->npending; i++) {
		p = &b->pending[i];
		part = p->role->npeers == 0 && confuse_is_used(b, p->role);
		/* Without the rules that it uses, nothing can be said. */
		if (!p->faulty && complete && part)
			part_check(b, p->role);
		else if (!p->faulty && complete)
			role_check(b, p->role, &p->regular_only);
		if (part)
			role_remove(b->conf, p->role);
	}
}

void
confrole_peer(struct confbuild *b, int line, enum peer_kind kind,
    const char *name)
{
	uint32_t	 id, gid;
	int		 ret;

	if (kind == PEER_USER)
		ret = confbuild_user_id(b, line, name, &id, &gid);
	else
		ret = confbuild_group_id(b, line, name, &id);
	if (ret == 0 && b->role != NULL &&
	    role_add_peer(b->role, kind, id, name) == -1)
		conf_fault(b, line, "out of memory");
}

void
confrole_as_user(struct confbuild *b, int line, const char *name)
{
	uint32_t	 uid, gid;

	if (confbuild_again(b, &b->as_user, line, "as user"))
		return;
	/* The supervisor looks up the groups of the user by its name. */
	if (confbuild_is_digits(name))
		conf_fault(b, line, "as user \"%s\" is a number; expected a "
		    "user's name", name);
	else if (b->sys->user(b->sys->arg, name, &uid, &gid) == -1)
		confbuild_account_fault(b, line, "user", name);
	else if (uid == 0)
		conf_fault(b, line, "as user \"%s\" has uid 0; expected an "
		    "unprivileged user", name);
	else if (b->role != NULL)
		confbuild_string(b, line, &b->role->as_user, name);
}

void
confrole_option(struct confbuild *b, int line, const char *name)
{
	char		 known[256];
	uint32_t	 bit = policy_option(name);

	if (bit == 0) {
		confbuild_names(known, sizeof(known), policy_option_name);
		conf_fault(b, line, "unknown option \"%s\"; expected one of: "
		    "%s", name, known);
		return;
	}
	if (b->role != NULL)
		b->role->options |= bit;
	if (bit == POLICY_REGULAR_ONLY) {
		b->regular_only.file = lex_file(&b->lex);
		b->regular_only.line = line;
	}
}

void
confrole_limit(struct confbuild *b)
{
	if (b->role != NULL)
		confbuild_limit_set(b, true, b->role_limits, b->role->limits);
}
