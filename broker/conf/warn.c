/*
 * warn.c: warn about what is valid but hardly intended: rules that have no
 * effect, or none but on a symbolic link, and patterns that match nothing; see
 * warn.h.
 *
 * Runs in fdbrokerd -n.  Touches memory, and the system through conf/sys.h.
 * Only what is certain is warned about, each rule for the first reason only.
 */

#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/sys.h"
#include "conf/warn.h"
#include "conf/warn_role.h"
#include "policy/decide.h"
#include "policy/effects.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/template.h"

/* For messages: the role of a rule that others use, too. */
#define IN_ROLE(s) \
	(s)->rule->used != RULE_OWN ? " in role \"" : "", \
	(s)->rule->used != RULE_OWN ? (s)->role->name : "", \
	(s)->rule->used != RULE_OWN ? "\"" : ""

/* The question about one rule. */
struct suspect {
	const struct confsys	*sys;
	const struct role	*role;
	const struct rule	*rule;
	const struct effects	*effects;
};

/*
 * The path of a rule to look at: the part of its pattern without wildcards, and
 * of a template what is the same for all peers.
 */
static const char *
path_of(const struct suspect *s, char buf[PATH_MAX])
{
	const char	*path = glob_literal(s->rule->glob);
	size_t		 len = template_common(path);

	if (!(s->rule->vars & TEMPLATE_VARS) || len >= PATH_MAX)
		return path;
	memcpy(buf, path, len);
	(void)strlcpy(buf + len, len == 0 ? "/" : "", 2);
	return buf;
}

/* Does the pattern name more than path_of()? */
static bool
is_longer(const struct rule *r)
{
	return glob_is_wild(r->glob) || (r->vars & TEMPLATE_VARS) != 0;
}

static const char *
action_name(const struct rule *r)
{
	return r->action == POLICY_PERMIT ? "permit" : "deny";
}

/* Warn that the later rule `by' decides instead.  Which operations are left? */
static void
warn_covered(const struct suspect *s, const struct rule *by, uint32_t left)
{
	const struct rule	*r = s->rule;

	log_warnx("%s:%d: warning: %s \"%s\" %s%s%s%s; %s \"%s\" at %s:%d "
	    "comes later and covers all of it", r->file, r->line,
	    action_name(r), r->pattern, left == 0 ? "has no effect" :
	    "only lets it be listed", IN_ROLE(s), action_name(by),
	    by->pattern, by->file, by->line);
}

/* A rule that never decides, or a deny of what is denied without it. */
static bool
warn_effect(const struct suspect *s)
{
	const struct rule	*r = s->rule;
	struct effect		 e;
	uint32_t		 left;

	effects_of(s->effects, (size_t)(r - s->role->rules), &e);
	left = e.ops;
	/* Who writes "permit read" does not mean its LIST alone. */
	if (r->action == POLICY_PERMIT && (r->ops & POLICY_OP_READ))
		left &= ~(uint32_t)POLICY_OP_LIST;
	if (left != 0)
		return false;
	if (r->action == POLICY_DENY && e.permit != NULL)
		log_warnx("%s:%d: warning: deny \"%s\" has no effect%s%s%s; "
		    "permit \"%s\" at %s:%d comes later and decides, since "
		    "the last rule counts; write the %s after it", r->file,
		    r->line, r->pattern, IN_ROLE(s), e.permit->pattern,
		    e.permit->file, e.permit->line,
		    r->used != RULE_OWN ? "use" : "deny");
	else if (e.covered_by != NULL)
		warn_covered(s, e.covered_by, e.ops);
	else if (r->used != RULE_OWN)
		/* Another role that uses it may permit something there. */
		return false;
	else
		log_warnx("%s:%d: warning: deny \"%s\" has no effect; no rule "
		    "permits %s", r->file, r->line, r->pattern,
		    r->ops == POLICY_OP_ALL ? "anything there" :
		    "these operations there");
	return true;
}

/*
 * A deny of a path with a symbolic link: the policy judges real paths, which
 * have none.
 */
static bool
warn_link(const struct suspect *s)
{
	const struct rule	*r = s->rule;
	char			 link[PATH_MAX], real[PATH_MAX];
	char			 buf[PATH_MAX];
	const char		*path = path_of(s, buf), *what;

	/* In a permit this is a fault. */
	if (r->action == POLICY_PERMIT ||
	    s->sys->root(s->sys->arg, path, link, real) != 0)
		return false;
	what = is_longer(r) || strcmp(link, path) != 0 ? "nothing" :
	    "only the link itself";
	if (real[0] != '\0')
		log_warnx("%s:%d: warning: \"%s\" denies %s; %s is a symbolic "
		    "link, and the real path of %s is %s", r->file, r->line,
		    r->pattern, what, link, path, real);
	else
		log_warnx("%s:%d: warning: \"%s\" denies %s; %s is a symbolic "
		    "link, and %s does not exist", r->file, r->line,
		    r->pattern, what, link, path);
	return true;
}

/* A pattern that no path can match, or none as long as the system is as now. */
static bool
warn_nothing(const struct suspect *s)
{
	const struct rule	*r = s->rule;
	char			 link[PATH_MAX], real[PATH_MAX];
	char			 buf[PATH_MAX];
	const char		*path = path_of(s, buf);
	int			 ret;

	if (!glob_can_match(r->glob)) {
		log_warnx("%s:%d: warning: \"%s\" matches nothing; no name "
		    "matches one of its components", r->file, r->line,
		    r->pattern);
		return true;
	}
	ret = s->sys->root(s->sys->arg, path, link, real);
	if (ret == 1 && is_longer(r) &&
	    !s->sys->is_directory(s->sys->arg, path)) {
		log_warnx("%s:%d: warning: \"%s\" matches nothing; %s is no "
		    "directory", r->file, r->line, r->pattern, path);
		return true;
	}
	/* A missing path of a permit is told elsewhere. */
	if (r->action == POLICY_PERMIT || ret != -1 ||
	    (errno != ENOENT && errno != ENOTDIR))
		return false;
	log_warnx("%s:%d: warning: \"%s\" denies nothing as long as %s does "
	    "not exist; is it spelt as you mean it?", r->file, r->line,
	    r->pattern, path);
	return true;
}

/* True if the name has "{", and after it "}". */
static bool
has_braces(const char *pattern)
{
	const char	*open = strchr(pattern, '{');

	return open != NULL && strchr(open, '}') != NULL;
}

/* Is it the path of something, so that it is certainly meant as it is? */
static bool
exists(const struct suspect *s)
{
	char	 link[PATH_MAX], real[PATH_MAX], buf[PATH_MAX];

	return !is_longer(s->rule) && s->sys->root(s->sys->arg,
	    path_of(s, buf), link, real) == 1;
}

/* Alternatives as a shell has them, which a pattern has not. */
static bool
warn_braces(const struct suspect *s)
{
	const struct rule	*r = s->rule;

	if (!has_braces(r->pattern) || exists(s))
		return false;
	log_warnx("%s:%d: warning: \"{\" and \"}\" stand for themselves in "
	    "\"%s\"; write a pattern for each alternative", r->file, r->line,
	    r->pattern);
	return true;
}

/* "$name", which is a macro only without quotes. */
static bool
warn_dollar(const struct suspect *s)
{
	const struct rule	*r = s->rule;

	if (!lex_has_dollar(r->pattern) || exists(s))
		return false;
	log_warnx("%s:%d: warning: \"$\" stands for itself in \"%s\"%s",
	    r->file, r->line, r->pattern, LEX_DOLLAR_HINT);
	return true;
}

/* "%" before a letter that is no variable. */
static bool
warn_percent(const struct suspect *s)
{
	const struct rule	*r = s->rule;
	const char		*p = r->pattern;

	for (; (p = strchr(p, '%')) != NULL; p++) {
		if (p[1] == '%')
			p++;
		else if (isalpha((unsigned char)p[1]) && p[1] != 'u' &&
		    p[1] != 'h')
			break;
	}
	if (p == NULL || exists(s))
		return false;
	log_warnx("%s:%d: warning: \"%%%c\" stands for itself in \"%s\"; "
	    "\"%%u\" is the peer's name and \"%%h\" its home directory",
	    r->file, r->line, p[1], r->pattern);
	return true;
}

/*
 * A permit that needs another one: of SPECIAL, which opens nothing by itself,
 * or of CREATE, which makes what must be opened for writing or appending.
 */
static bool
warn_alone(const struct suspect *s)
{
	const struct rule	*r = s->rule, *other;
	uint32_t		 needed, with = 0;
	const uint32_t		 alone = POLICY_OP_SPECIAL | POLICY_OP_CREATE;
	size_t			 i;

	if (r->action == POLICY_DENY || (r->ops & ~alone) != 0)
		return false;
	needed = POLICY_OP_WRITE | POLICY_OP_APPEND | POLICY_OP_SETMETA;
	if (r->ops & POLICY_OP_SPECIAL)
		needed |= POLICY_OP_READ;
	for (i = 0; i < s->role->nrules; i++) {
		other = &s->role->rules[i];
		if (other->action == POLICY_PERMIT)
			with |= other->ops;
	}
	if (with & needed)
		return false;
	log_warnx("%s:%d: warning: permit \"%s\" has no effect by itself; %s",
	    r->file, r->line, r->pattern, r->ops & POLICY_OP_SPECIAL ?
	    "special needs a permit of read, write, append or setmeta, too" :
	    "create needs a permit of write, append or setmeta, too");
	return true;
}

/* The number of components of an absolute path. */
static size_t
components(const char *path)
{
	size_t	 n = 0;

	for (; *path != '\0'; path++)
		n += path[0] == '/' && path[1] != '\0';
	return n;
}

/*
 * A permit of read whose last component has a wildcard and matches directories
 * only, which cannot be read, while no rule permits anything in them.
 */
static bool
warn_shallow(const struct suspect *s)
{
	const struct rule	*r = s->rule, *other;
	char			 found[PATH_MAX];
	const char		*path = glob_literal(r->glob);
	size_t			 i;

	if (r->action == POLICY_DENY || !(r->ops & POLICY_OP_READ) ||
	    (r->vars & TEMPLATE_VARS) || s->sys->directories == NULL ||
	    glob_parts(r->glob) != components(path) + 1 ||
	    !glob_is_wild(r->glob) || glob_is_beneath(r->glob) ||
	    !s->sys->directories(s->sys->arg, path, r->glob, found))
		return false;
	for (i = 0; i < s->role->nrules; i++) {
		other = &s->role->rules[i];
		if (other->action == POLICY_PERMIT &&
		    glob_reaches(other->glob, found))
			return false;
	}
	log_warnx("%s:%d: warning: permit \"%s\" lets no file be read%s%s%s; "
	    "it matches directories, and nothing beneath them: write "
	    "\"%s/**\", too", r->file, r->line, r->pattern, IN_ROLE(s),
	    r->pattern);
	return true;
}

static bool
warn_rule(const struct suspect *s)
{
	/* What does not depend on the role is told once. */
	if (s->rule->used == RULE_USED_AGAIN)
		return warn_effect(s) || warn_alone(s);
	return warn_link(s) || warn_braces(s) || warn_dollar(s) ||
	    warn_percent(s) || warn_nothing(s) ||
	    warn_effect(s) || warn_alone(s) || warn_shallow(s);
}

static unsigned int
warn_rules(const struct role *role, const struct confsys *sys)
{
	struct suspect	 s = { .sys = sys, .role = role };
	struct effects	*effects;
	unsigned int	 n = 0;
	size_t		 i;

	if ((effects = effects_new(role)) == NULL) {
		log_warnx("%s:%d: warning: out of memory; the rules of role "
		    "\"%s\" were not checked for mistakes", role->file,
		    role->line, role->name);
		return 1;
	}
	s.effects = effects;
	for (i = 0; i < role->nrules; i++) {
		s.rule = &role->rules[i];
		n += warn_rule(&s);
	}
	effects_free(effects);
	return n;
}

unsigned int
confwarn(const struct conf *conf, const struct confsys *sys,
    const char *file)
{
	unsigned int	 n = 0;
	size_t		 i;

	if (conf->nroles == 0) {
		log_warnx("%s: warning: there is no role, so nobody can have "
		    "a session; see ROLES in fdbroker.conf(5)", file);
		n++;
	}
	for (i = 0; i < conf->nroles; i++) {
		n += warn_rules(conf->roles[i], sys);
		n += confwarn_role(conf, conf->roles[i]);
	}
	return n;
}
