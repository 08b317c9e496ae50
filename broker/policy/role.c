/*
 * role.c: build a role and free it; see role.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.  Touches nothing but
 * memory.  role_add() checks each rule, so that a rule that was decoded has
 * passed the same checks as one that was configured.
 */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "policy/glob.h"
#include "policy/longpath.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/ruleindex.h"
#include "policy/tables.h"
#include "policy/template.h"

struct role *
role_new(const char *name, const char *file, int line)
{
	struct role	*role;
	int		 i;

	if (!rolename_is_valid(name)) {
		errno = EINVAL;
		return NULL;
	}
	if ((role = calloc(1, sizeof(*role))) == NULL)
		return NULL;
	role->line = line;
	for (i = 0; i < POLICY_LIMITS; i++)
		role->limits[i] = policy_limit_row(i)->of_role;
	if ((role->name = strdup(name)) == NULL ||
	    (role->file = strdup(file)) == NULL ||
	    (role->longpath = policy_longpath_new()) == NULL ||
	    (role->index = ruleindex_new()) == NULL) {
		role_free(role);
		errno = ENOMEM;
		return NULL;
	}
	return role;
}

static void
rule_clear(struct rule *r)
{
	glob_free(r->glob);
	free(r->group);
	free(r->owner);
	free(r->pattern);
	free(r->label);
	free(r->file);
}

void
role_free(struct role *role)
{
	size_t	 i;

	if (role == NULL)
		return;
	role_free(role->also);
	for (i = 0; i < role->npeers; i++)
		free(role->peers[i].name);
	for (i = 0; i < role->nrules; i++)
		rule_clear(&role->rules[i]);
	policy_longpath_free(role->longpath);
	ruleindex_free(role->index);
	named_free(role->named);
	free(role->peers);
	free(role->rules);
	free(role->as_user);
	free(role->file);
	free(role->name);
	free(role);
}

/*
 * Make room for one more element in an array of n, whose capacity is n rounded
 * up to a power of two.  The array, perhaps moved, or NULL with ENOMEM.
 */
static void *
array_room(void *array, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return array;
	return reallocarray(array, n == 0 ? 1 : n * 2, size);
}

void
policy_create_init(struct policy_create *c)
{
	c->mode = POLICY_MODE_DEFAULT;
	c->uid = c->gid = POLICY_ID_PEER;
	c->exclusive = false;
	c->choice = POLICY_CHOICE_NONE;
}

static int
rule_check(const struct rule_spec *r, const char **why)
{
	if (r->ops == 0 || (r->ops & ~(uint32_t)POLICY_OP_ALL) != 0)
		*why = "unknown operation";
	else if (r->label != NULL && r->label[0] == '\0')
		*why = "the label is empty";
	else if (r->label != NULL && strlen(r->label) > POLICY_LABEL_MAX)
		*why = "the label is longer than 127 bytes";
	else if (r->create.mode > POLICY_MODE_MAX)
		*why = "the mode is greater than 0777";
	else
		return 0;
	errno = EINVAL;
	return -1;
}

/* Copy a string, or NULL. */
static int
copy(char **dst, const char *src)
{
	*dst = NULL;
	return src == NULL || (*dst = strdup(src)) != NULL ? 0 : -1;
}

/* The text that is compiled of a template.  0, or -1 with errno and *why. */
static int
compile_template(const struct rule_spec *spec, char *text, const char **why)
{
	int	 vars;

	errno = EINVAL;
	vars = template_parse(spec->pattern, spec->action == POLICY_PERMIT,
	    why);
	if (vars == -1)
		return -1;
	*why = "it is too long";
	return vars == spec->vars && template_fill(text, spec->pattern, NULL,
	    NULL) == 0 ? 0 : -1;
}

/* 0, or -1 with errno and *why; r may then be partly filled. */
static int
rule_copy(struct rule *r, const struct rule_spec *from, const char **why)
{
	char	 text[TEMPLATE_TEXT_MAX];

	r->action = from->action;
	r->ops = from->ops;
	r->directory = from->directory;
	r->vars = from->vars;
	r->used = from->used;
	r->line = from->line;
	policy_create_init(&r->create);
	*why = "out of memory";
	if (from->action == POLICY_PERMIT) {
		r->ops = policy_ops_permitted(from->ops);
		if (r->ops & POLICY_OPS_OWNING) {
			r->create = from->create;
			if (copy(&r->owner, from->owner) == -1 ||
			    copy(&r->group, from->group) == -1)
				return -1;
		}
	}
	if (copy(&r->pattern, from->pattern) == -1 ||
	    copy(&r->label, from->label) == -1 ||
	    copy(&r->file, from->file) == -1)
		return -1;
	if (from->vars != 0 && compile_template(from, text, why) == -1)
		return -1;
	r->glob = glob_compile(from->vars != 0 ? text : from->pattern, why);
	return r->glob != NULL ? 0 : -1;
}

int
role_add(struct role *role, const struct rule_spec *spec, const char **why)
{
	struct rule	*rules, r;
	bool		 reach;
	int		 saved;

	if (rule_check(spec, why) == -1)
		return -1;
	policy_longpath_forget(role->longpath);
	*why = "out of memory";
	if (role->nrules >= INT_MAX ||
	    (rules = array_room(role->rules, role->nrules,
	    sizeof(*rules))) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	role->rules = rules;
	memset(&r, 0, sizeof(r));
	if (rule_copy(&r, spec, why) == -1)
		goto fail;
	reach = r.action == POLICY_PERMIT && (r.ops & POLICY_OP_LIST);
	if (ruleindex_add(role->index, r.glob, (long)role->nrules, r.ops,
	    reach) == -1)
		goto fail;
	role->rules[role->nrules++] = r;
	return 0;

fail:
	saved = errno;
	rule_clear(&r);
	errno = saved;
	return -1;
}

void
role_spec_of(struct rule_spec *spec, const struct rule *r)
{
	memset(spec, 0, sizeof(*spec));
	spec->action = r->action;
	spec->ops = r->ops;
	spec->directory = r->directory;
	spec->vars = r->vars;
	spec->used = r->used;
	spec->pattern = r->pattern;
	spec->label = r->label;
	spec->owner = r->owner;
	spec->group = r->group;
	spec->create = r->create;
	spec->file = r->file;
	spec->line = r->line;
}

int
role_add_rule(struct role *role, enum policy_action action, uint32_t ops,
    const char *pattern, const char *label, const char *file, int line,
    const char **why)
{
	struct rule_spec	 spec;

	memset(&spec, 0, sizeof(spec));
	spec.action = action;
	spec.ops = ops;
	spec.pattern = pattern;
	spec.label = label;
	spec.file = file;
	spec.line = line;
	policy_create_init(&spec.create);
	return role_add(role, &spec, why);
}

int
role_add_peer(struct role *role, enum peer_kind kind, uint32_t id,
    const char *name)
{
	struct peer	*peers, *p;

	peers = array_room(role->peers, role->npeers, sizeof(*peers));
	if (peers == NULL)
		return -1;
	role->peers = peers;
	p = &peers[role->npeers];
	p->kind = kind;
	p->id = id;
	if ((p->name = strdup(name)) == NULL)
		return -1;
	role->npeers++;
	return 0;
}

bool
role_admits(const struct role *role, uint32_t uid, const uint32_t *gids,
    size_t ngids)
{
	const struct peer	*p;
	size_t			 i, k;

	for (i = 0; i < role->npeers; i++) {
		p = &role->peers[i];
		if (p->kind == PEER_USER) {
			if (p->id == uid)
				return true;
			continue;
		}
		for (k = 0; k < ngids; k++) {
			if (p->id == gids[k])
				return true;
		}
	}
	return false;
}
