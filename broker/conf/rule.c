/*
 * rule.c: what a rule within a role means; see conf/build.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory, and the system through conf/sys.h only.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/build.h"
#include "policy/glob.h"
#include "policy/template.h"

void
confrule_ops_begin(struct confbuild *b)
{
	b->ops = 0;
}

void
confrule_op(struct confbuild *b, int line, const char *name)
{
	char		 known[256];
	uint32_t	 bit = policy_op(name);

	if (bit == 0) {
		confbuild_names(known, sizeof(known), policy_op_name);
		conf_fault(b, line, "unknown operation \"%s\"; expected one "
		    "of: %s", name, known);
	}
	b->ops |= bit;
}

void
confrule_paths_begin(struct confbuild *b)
{
	b->npaths = 0;
	memset(b->attrs, 0, sizeof(b->attrs));
	b->choice = POLICY_CHOICE_NONE;
}

void
confrule_path(struct confbuild *b, int line, const char *path)
{
	struct confpath	*paths;

	if ((paths = reallocarray(b->paths, b->npaths + 1,
	    sizeof(*paths))) == NULL) {
		conf_fault(b, line, "out of memory");
		return;
	}
	b->paths = paths;
	b->paths[b->npaths].path = path;
	b->paths[b->npaths++].line = line;
}

/* The pattern after its leading components without a wildcard. */
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

static void
root_missing(struct confbuild *b, int line, const char *path)
{
	const char	*hint = lex_has_dollar(path) ? LEX_DOLLAR_HINT : "";
	int		 error = errno;

	if (!b->check) {
		conf_fault(b, line, "%s: %s; the path of a permit rule must "
		    "exist%s", path, strerror(error), hint);
		return;
	}
	log_warnx("%s:%d: %s%s: %s; the daemon does not start without it%s",
	    lex_file(&b->lex), line, error == EACCES && geteuid() != 0 ?
	    "warning: " : "", path, strerror(error), hint);
	/* The daemon runs as root, and may look where this user may not. */
	if (error == EACCES && geteuid() != 0)
		b->unseen++;
	else
		b->missing++;
}

static void
root_link(struct confbuild *b, int line, const char *path, const char *rest,
    const char *link, const char *real)
{
	if (real[0] == '\0')
		conf_fault(b, line, "%s is a symbolic link, and %s does not "
		    "exist", link, path);
	else if (strncmp(link, "/proc/", 6) == 0)
		conf_fault(b, line, "%s is a symbolic link that leads each "
		    "process elsewhere; a rule cannot name what is there",
		    link);
	else
		conf_fault(b, line, "%s is a symbolic link; write \"%s%s\" "
		    "instead", link, real[1] == '\0' && rest[0] == '/' ? "" :
		    real, rest);
}

/*
 * The root of a permit with %u or %h is known when a session begins, and its
 * opener opens it then.  Here, what is the same for all peers is checked.
 */
static void
template_check(struct confbuild *b, int line, struct rule *r)
{
	const char	*path = glob_literal(r->glob);
	char		 common[PATH_MAX], link[PATH_MAX], real[PATH_MAX];
	size_t		 len = template_common(path), i, n;
	int		 ret;

	/* The components before the variable are the same in both. */
	r->directory = glob_is_wild(r->glob) || template_is_own(r->pattern);
	if (len == 0 || len >= sizeof(common))
		return;
	memcpy(common, path, len);
	common[len] = '\0';
	for (i = n = 0; i < len; i++)
		n += path[i] == '/';
	for (i = 0; r->pattern[i] != '\0' && n > 0; i++)
		n -= r->pattern[i + 1] == '/';
	ret = b->sys->root(b->sys->arg, common, link, real);
	if (ret == 0)
		root_link(b, line, common, r->pattern + i, link, real);
	else if (ret == -1)
		root_missing(b, line, common);
	else if (!b->sys->is_directory(b->sys->arg, common)) {
		errno = ENOTDIR;
		root_missing(b, line, common);
	}
}

/*
 * Check the root of a permit.  It must exist, since an opener opens it when a
 * session starts.  No symbolic link may lead to it, since the policy judges
 * real paths.  For a single file that the rule may create, its directory must
 * exist.  A directory is noted as one, so that an opener does not take what it
 * finds later for a file.
 */
static void
root_check(struct confbuild *b, int line, struct rule *r)
{
	const char	*path = glob_literal(r->glob), *rest = pattern_rest(r);
	char		 link[PATH_MAX], real[PATH_MAX], dir[PATH_MAX];
	size_t		 len;
	int		 ret;

	if (r->vars & TEMPLATE_VARS) {
		template_check(b, line, r);
		return;
	}
	ret = b->sys->root(b->sys->arg, path, link, real);
	r->directory = glob_is_wild(r->glob) ||
	    b->sys->is_directory(b->sys->arg, path);
	if (ret == -1 && errno == ENOENT && (r->ops & POLICY_OP_CREATE) &&
	    !glob_is_wild(r->glob)) {
		len = (size_t)(strrchr(path, '/') - path);
		if (strlcpy(dir, path, sizeof(dir)) < sizeof(dir))
			dir[len > 0 ? len : 1] = '\0';
		path = dir;
		rest = strrchr(r->pattern, '/');
		ret = b->sys->root(b->sys->arg, path, link, real);
	}
	if (ret == 0)
		root_link(b, line, path, rest, link, real);
	else if (ret == -1)
		root_missing(b, line, path);
}

static const char	*const attr_names[CONFATTRS] = {
	[CONFATTR_LABEL] = "label",
	[CONFATTR_MODE] = "mode",
	[CONFATTR_OWNER] = "owner",
	[CONFATTR_GROUP] = "group",
	[CONFATTR_EXCLUSIVE] = "exclusive"
};

void
confrule_attr(struct confbuild *b, int line, enum confattr attr,
    const char *text)
{
	if (b->attrs[attr].line != 0) {
		conf_fault(b, line, "%s is given twice; remove one of them",
		    attr_names[attr]);
		return;
	}
	b->attrs[attr].text = text;
	b->attrs[attr].line = line;
	if (attr == CONFATTR_LABEL)
		confbuild_odd(b, line, "label", text);
}

void
confrule_owner_word(struct confbuild *b, int line, const char *word)
{
	static const char *const words[POLICY_CHOICES] = {
		[POLICY_CHOICE_NONE] = "self",
		[POLICY_CHOICE_NAMED] = "by-name",
		[POLICY_CHOICE_ANY] = "any"
	};
	int	 i;

	for (i = 0; i < POLICY_CHOICES; i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		confrule_attr(b, line, CONFATTR_OWNER, NULL);
		b->choice = (enum policy_choice)i;
		return;
	}
	conf_fault(b, line, "unexpected %s; expected \"name\", a uid, any, "
	    "by-name or self", word);
}

/* An octal number.  0, or -1 and reported. */
static int
mode_of(struct confbuild *b, int line, const char *text, uint32_t *mode)
{
	size_t	 len = strlen(text);

	if (len > 0 && len <= 4 && strspn(text, "01234567") == len) {
		*mode = (uint32_t)strtoul(text, NULL, 8);
		if (*mode <= POLICY_MODE_MAX)
			return 0;
	}
	conf_fault(b, line, "invalid mode \"%s\"; expected an octal number "
	    "from 0 to 0777", text);
	return -1;
}

/* The operations one of which a rule must permit to have the attribute. */
static uint32_t
attr_ops(size_t attr)
{
	return attr == CONFATTR_OWNER || attr == CONFATTR_GROUP ?
	    POLICY_OPS_OWNING : POLICY_OP_CREATE;
}

/*
 * A label may be on any rule, other attributes on those that make something.
 * 0, or -1 and reported.
 */
static int
attrs_allowed(struct confbuild *b, enum policy_action action, uint32_t ops)
{
	size_t	 i;
	int	 ret = 0;

	for (i = 0; i < CONFATTRS; i++) {
		if (i == CONFATTR_LABEL || b->attrs[i].line == 0 ||
		    (action == POLICY_PERMIT && (ops & attr_ops(i))))
			continue;
		conf_fault(b, b->attrs[i].line, "%s is only for a rule "
		    "that permits create%s", attr_names[i],
		    attr_ops(i) == POLICY_OP_CREATE ? "" :
		    ", link, mkdir, setmeta or symlink");
		ret = -1;
	}
	return ret;
}

/*
 * The owner and group of created files: as the rule says; with an owner and no
 * group, the owner's login group; otherwise the peer's.  0, or -1 and reported.
 */
static int
owner_of(struct confbuild *b, struct rule_spec *spec)
{
	int	 line = b->attrs[CONFATTR_OWNER].line;

	spec->owner = b->attrs[CONFATTR_OWNER].text;
	spec->group = b->attrs[CONFATTR_GROUP].text;
	spec->create.choice = b->choice;
	/* What a rule that narrows does not say stays as the role has it. */
	if (b->sys->narrows && line == 0 && spec->group == NULL)
		spec->create.choice = POLICY_CHOICE_ANY;
	if (b->choice != POLICY_CHOICE_NONE && spec->group != NULL) {
		conf_fault(b, line, "owner %s lets the client choose the "
		    "group, too; remove group",
		    b->choice == POLICY_CHOICE_ANY ? "any" : "by-name");
		return -1;
	}
	if (spec->owner != NULL && confbuild_user_id(b, line, spec->owner,
	    &spec->create.uid, &spec->create.gid) == -1)
		return -1;
	if (spec->group != NULL)
		return confbuild_group_id(b, b->attrs[CONFATTR_GROUP].line,
		    spec->group, &spec->create.gid);
	if (spec->owner == NULL || spec->create.gid != POLICY_ID_PEER)
		return 0;
	conf_fault(b, line, "owner %s has no account, and so no group; add "
	    "group to the rule", spec->owner);
	return -1;
}

static int
create_of(struct confbuild *b, struct rule_spec *spec)
{
	policy_create_init(&spec->create);
	if (b->attrs[CONFATTR_MODE].line != 0 &&
	    mode_of(b, b->attrs[CONFATTR_MODE].line,
	    b->attrs[CONFATTR_MODE].text, &spec->create.mode) == -1)
		return -1;
	spec->create.exclusive = b->attrs[CONFATTR_EXCLUSIVE].line != 0;
	return owner_of(b, spec);
}

static void
rule_add(struct confbuild *b, struct rule_spec *spec, const struct confpath *p)
{
	const char	*why;
	int		 vars;

	spec->pattern = p->path;
	spec->line = p->line;
	vars = template_parse(p->path, spec->action == POLICY_PERMIT, &why);
	if (vars == -1) {
		conf_fault(b, p->line, "\"%s\": %s", p->path, why);
		return;
	}
	spec->vars = (uint8_t)vars;
	if (role_add(b->role, spec, &why) == -1)
		conf_fault(b, p->line, "\"%s\": %s%s", p->path, why,
		    lex_has_dollar(p->path) ? LEX_DOLLAR_HINT : "");
	else if (spec->action == POLICY_PERMIT)
		root_check(b, p->line, &b->role->rules[b->role->nrules - 1]);
}

void
confrule_end(struct confbuild *b, enum policy_action action)
{
	struct rule_spec	 spec;
	size_t			 i;

	memset(&spec, 0, sizeof(spec));
	spec.action = action;
	spec.ops = b->ops;
	if (spec.ops == 0 && action == POLICY_DENY)
		spec.ops = POLICY_OP_ALL;
	spec.label = b->attrs[CONFATTR_LABEL].text;
	spec.file = lex_file(&b->lex);
	/* No operation is left if all were unknown, which was reported. */
	if (b->role == NULL || spec.ops == 0 ||
	    attrs_allowed(b, action, spec.ops) == -1 ||
	    create_of(b, &spec) == -1)
		return;
	for (i = 0; i < b->npaths; i++)
		rule_add(b, &spec, &b->paths[i]);
}
