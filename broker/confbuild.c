/*
 * confbuild.c: what the statements of a configuration mean; see confbuild.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory, and the system through confsys.h only.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confbuild.h"
#include "dgram.h"
#include "glob.h"
#include "pathname.h"

/* The longest run directory: the sockets in it must fit an address. */
#define RUNDIR_MAX	(DGRAM_PATH_MAX - 1 - (sizeof("/session/") - 1) - \
			    DGRAM_NAME_LEN)
#define SESSIONS_MAX	65535

#define fault(b, line, ...) \
	lex_fault(&(b)->lex, lex_file(&(b)->lex), line, __VA_ARGS__)

/* True, and reported, if it was set before.  It is now. */
static bool
set_again(struct confbuild *b, struct confplace *place, int line,
    const char *what)
{
	if (place->line != 0) {
		fault(b, line, "%s is set again, after %s:%d", what,
		    place->file, place->line);
		return true;
	}
	place->file = lex_file(&b->lex);
	place->line = line;
	return false;
}

static void
set_string(struct confbuild *b, int line, char **dst, const char *s)
{
	char	*copy;

	if ((copy = strdup(s)) == NULL) {
		fault(b, line, "out of memory");
		return;
	}
	free(*dst);
	*dst = copy;
}

static bool
is_digits(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* 0, or -1 and reported. */
static int
number(struct confbuild *b, int line, const char *s, uint32_t min,
    uint32_t max, uint32_t *value)
{
	const char	*errstr = "invalid";
	long long	 n = 0;

	if (is_digits(s))
		n = strtonum(s, min, max, &errstr);
	if (errstr != NULL) {
		fault(b, line, "\"%s\" is %s; expected a number from %u to %u",
		    s, errstr, min, max);
		return -1;
	}
	*value = (uint32_t)n;
	return 0;
}

/* Report that an account could not be looked up, by errno. */
static void
account_fault(struct confbuild *b, int line, const char *kind,
    const char *name)
{
	if (errno == ENOENT)
		fault(b, line, "%s \"%s\" does not exist", kind, name);
	else
		fault(b, line, "%s \"%s\" cannot be looked up: %s", kind, name,
		    strerror(errno));
}

/*
 * Statements outside of roles.
 */
void
confbuild_macro(struct confbuild *b, int line, const char *name,
    const char *value)
{
	if (lex_macro_set(&b->lex, name, value, false) == -1)
		fault(b, line, "\"%s\" is no name for a macro; expected a "
		    "letter or \"_\", then letters, digits and \"_\"", name);
}

void
confbuild_rundir(struct confbuild *b, int line, const char *path)
{
	if (set_again(b, &b->rundir, line, "rundir"))
		return;
	if (!pathname_is_absolute(path) || path[1] == '\0')
		fault(b, line, "rundir \"%s\" is not an absolute path without "
		    "\"//\", \".\", \"..\" or a slash at its end", path);
	else if (strlen(path) > RUNDIR_MAX)
		fault(b, line, "rundir \"%s\" is too long for the names of "
		    "sockets in it; expected %zu bytes at most", path,
		    (size_t)RUNDIR_MAX);
	else
		set_string(b, line, &b->conf->rundir, path);
}

/* The unprivileged processes' user; line 0: the default. */
static void
user_lookup(struct confbuild *b, int line, const char *name)
{
	struct conf	*conf = b->conf;

	if (b->sys->user(b->sys->arg, name, &conf->uid, &conf->gid) == -1)
		account_fault(b, line, line != 0 ? "user" :
		    "without a user statement, user", name);
	else if (conf->uid == 0)
		fault(b, line, "user \"%s\" has uid 0; expected a user without "
		    "privileges", name);
}

void
confbuild_user(struct confbuild *b, int line, const char *name)
{
	if (set_again(b, &b->user, line, "user"))
		return;
	set_string(b, line, &b->conf->user, name);
	user_lookup(b, line, name);
}

void
confbuild_confinement(struct confbuild *b, int line, bool required)
{
	if (!set_again(b, &b->confinement, line, "confinement"))
		b->conf->confinement_required = required;
}

void
confbuild_sessions(struct confbuild *b, int line, const char *n, bool per_uid)
{
	if (per_uid) {
		if (!set_again(b, &b->per_uid, line, "limit sessions per uid"))
			(void)number(b, line, n, 1, SESSIONS_MAX,
			    &b->conf->max_sessions_per_uid);
	} else if (!set_again(b, &b->sessions, line, "limit sessions")) {
		(void)number(b, line, n, 1, SESSIONS_MAX,
		    &b->conf->max_sessions);
	}
}

/*
 * Roles.
 */
/* True, or reported. */
static bool
role_name_check(struct confbuild *b, int line, const char *name)
{
	struct role	*other;

	if (!role_name_is_valid(name)) {
		fault(b, line, "\"%s\" is no name for a role; expected a "
		    "letter or digit, then letters, digits, \"_\" and \"-\", "
		    "%d bytes at most", name, POLICY_NAME_MAX);
		return false;
	}
	if ((other = conf_role(b->conf, name)) != NULL) {
		fault(b, line, "role \"%s\" is defined again, after %s:%d",
		    name, other->file, other->line);
		return false;
	}
	return true;
}

void
confbuild_role_begin(struct confbuild *b, int line, const char *name)
{
	role_free(b->role);
	b->role_bad = name == NULL || !role_name_check(b, line, name);
	b->role = role_new(b->role_bad ? "unnamed" : name, lex_file(&b->lex),
	    line);
	if (b->role == NULL)
		fault(b, line, "out of memory");
	b->role_faults = b->lex.faults;
	memset(&b->as_user, 0, sizeof(b->as_user));
	memset(&b->role_sessions, 0, sizeof(b->role_sessions));
}

static bool
role_has_permit(const struct role *role)
{
	size_t	 i;

	for (i = 0; i < role->nrules; i++) {
		if (role->rules[i].action == POLICY_PERMIT)
			return true;
	}
	return false;
}

void
confbuild_role_end(struct confbuild *b)
{
	struct conf	*conf = b->conf;
	struct role	*role = b->role, **roles;

	if (role == NULL)
		return;
	/* What a faulty line was to add is not reported as missing. */
	if (b->lex.faults == b->role_faults && !b->role_bad) {
		if (role->npeers == 0)
			lex_fault(&b->lex, role->file, role->line, "role "
			    "\"%s\" has no peer; expected who may take it",
			    role->name);
		if (!role_has_permit(role))
			lex_fault(&b->lex, role->file, role->line, "role "
			    "\"%s\" has no permit rule; expected one at least",
			    role->name);
	}
	if (b->role_bad)
		return;		/* freed when the next one begins */
	if ((roles = reallocarray(conf->roles, conf->nroles + 1,
	    sizeof(struct role *))) == NULL) {
		fault(b, role->line, "out of memory");
		return;
	}
	conf->roles = roles;
	conf->roles[conf->nroles++] = role;
	b->role = NULL;
}

void
confbuild_peer(struct confbuild *b, int line, enum peer_kind kind,
    const char *name)
{
	const char	*what = kind == PEER_USER ? "user" : "group";
	uint32_t	 id, gid;
	int		 ret;

	if (kind == PEER_USER)
		ret = b->sys->user(b->sys->arg, name, &id, &gid);
	else
		ret = b->sys->group(b->sys->arg, name, &id);
	if (ret == -1 && !is_digits(name)) {
		account_fault(b, line, what, name);
		return;
	}
	/* An id needs no account. */
	if (ret == -1 && number(b, line, name, 0, UINT32_MAX - 1, &id) == -1)
		return;
	if (b->role != NULL && role_add_peer(b->role, kind, id, name) == -1)
		fault(b, line, "out of memory");
}

void
confbuild_as_user(struct confbuild *b, int line, const char *name)
{
	uint32_t	 uid, gid;

	if (set_again(b, &b->as_user, line, "as user"))
		return;
	/* Its groups are looked up by its name later. */
	if (is_digits(name))
		fault(b, line, "as user \"%s\" is a number; expected the name "
		    "of a user", name);
	else if (b->sys->user(b->sys->arg, name, &uid, &gid) == -1)
		account_fault(b, line, "user", name);
	else if (uid == 0)
		fault(b, line, "as user \"%s\" has uid 0; expected a user "
		    "without privileges", name);
	else if (b->role != NULL)
		set_string(b, line, &b->role->as_user, name);
}

/* The names of a table as a list for a message. */
static void
name_list(char *buf, size_t size, const char *(*name)(size_t))
{
	size_t	 i, len = 0;
	int	 n;

	buf[0] = '\0';
	for (i = 0; name(i) != NULL; i++) {
		n = snprintf(buf + len, size - len, "%s%s", i > 0 ? ", " : "",
		    name(i));
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}

void
confbuild_option(struct confbuild *b, int line, const char *name)
{
	char		 known[256];
	uint32_t	 bit = policy_option(name);

	if (bit == 0) {
		name_list(known, sizeof(known), policy_option_name);
		fault(b, line, "unknown option \"%s\"; expected one of: %s",
		    name, known);
	} else if (b->role != NULL) {
		b->role->options |= bit;
	}
}

void
confbuild_role_sessions(struct confbuild *b, int line, const char *n)
{
	uint32_t	 max;

	if (!set_again(b, &b->role_sessions, line, "limit sessions") &&
	    number(b, line, n, 1, SESSIONS_MAX, &max) == 0 && b->role != NULL)
		b->role->max_sessions = max;
}

/*
 * Rules.
 */
void
confbuild_ops_begin(struct confbuild *b)
{
	b->ops = 0;
}

void
confbuild_op(struct confbuild *b, int line, const char *name)
{
	char		 known[256];
	uint32_t	 bit = policy_op(name);

	if (bit == 0) {
		name_list(known, sizeof(known), policy_op_name);
		fault(b, line, "unknown operation \"%s\"; expected one of: %s",
		    name, known);
	}
	b->ops |= bit;
}

void
confbuild_paths_begin(struct confbuild *b)
{
	b->npaths = 0;
}

void
confbuild_path(struct confbuild *b, int line, const char *path)
{
	struct confpath	*paths;

	if ((paths = reallocarray(b->paths, b->npaths + 1,
	    sizeof(*paths))) == NULL) {
		fault(b, line, "out of memory");
		return;
	}
	b->paths = paths;
	b->paths[b->npaths].path = path;
	b->paths[b->npaths++].line = line;
}

/* What comes after the leading components that are literal in the pattern. */
static const char *
pattern_rest(const struct rule *r)
{
	const char	*literal = glob_literal(r->glob), *p = r->pattern;

	if (literal[1] == '\0')
		return p;
	for (; *literal != '\0'; literal++) {
		if (*literal == '/')
			p += 1 + strcspn(p + 1, "/");
	}
	return p;
}

/*
 * A root must be there, for the kernel is told of it when a session starts,
 * and no link may lead to it, for the policy goes by where things really are.
 */
static void
root_check(struct confbuild *b, int line, const struct rule *r)
{
	const char	*path = glob_literal(r->glob), *rest = pattern_rest(r);
	char		 link[PATH_MAX], real[PATH_MAX];

	switch (b->sys->root(b->sys->arg, path, link, real)) {
	case 1:
		break;
	case 0:
		if (real[0] == '\0')
			fault(b, line, "%s is a symbolic link, and %s does "
			    "not exist", link, path);
		else
			fault(b, line, "%s is a symbolic link; write \"%s%s\"",
			    link, real[1] == '\0' && rest[0] == '/' ? "" :
			    real, rest);
		break;
	default:
		fault(b, line, "%s: %s; a permit needs something there", path,
		    strerror(errno));
	}
}

static void
rule_add(struct confbuild *b, enum policy_action action, uint32_t ops,
    const struct confpath *p, const char *label)
{
	const char	*what;

	if (role_add_rule(b->role, action, ops, p->path, label,
	    lex_file(&b->lex), p->line, &what) == -1) {
		fault(b, p->line, "\"%s\": %s", p->path, what);
		return;
	}
	if (action == POLICY_PERMIT)
		root_check(b, p->line, &b->role->rules[b->role->nrules - 1]);
}

void
confbuild_rules(struct confbuild *b, enum policy_action action,
    const char *label)
{
	uint32_t	 ops = b->ops;
	size_t		 i;

	if (ops == 0 && action == POLICY_DENY)
		ops = POLICY_OP_ALL;
	/* Without operations here: they were all unknown, and reported. */
	for (i = 0; i < b->npaths && b->role != NULL && ops != 0; i++)
		rule_add(b, action, ops, &b->paths[i], label);
	b->npaths = 0;
}

void
confbuild_finish(struct confbuild *b)
{
	if (b->user.line == 0)
		user_lookup(b, 0, b->conf->user);
}
