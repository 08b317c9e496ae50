/*
 * ownrole.c: a role as it is for one peer; see ownrole.h.
 *
 * Runs in the supervisor and in fdbrokerctl.  Touches nothing but memory.  The
 * name and the home directory come from the name service, where a user may have
 * chosen them, so they are checked, and escaped.
 */

#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/pathname.h"
#include "policy/named.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/template.h"

uint32_t
ownrole_vars(const struct role *role)
{
	uint32_t	 vars = 0;
	size_t		 i;

	for (i = 0; i < role->nrules; i++)
		vars |= role->rules[i].vars;
	return vars & TEMPLATE_VARS;
}

static bool
has_control(const char *s)
{
	while (*s != '\0') {
		if (iscntrl((unsigned char)*s++))
			return true;
	}
	return false;
}

bool
ownrole_fits(const struct role *role, const char *name, const char *home,
    char why[OWNROLE_WHY_MAX])
{
	uint32_t	 vars = ownrole_vars(role);

	if ((vars & TEMPLATE_USER) && (name[0] == '\0' ||
	    strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || has_control(name)))
		(void)snprintf(why, OWNROLE_WHY_MAX, "the user's name cannot "
		    "stand for %%u in a path of role \"%s\": it is empty, "
		    "\".\" or \"..\", or has a slash or a control character",
		    role->name);
	else if ((vars & TEMPLATE_HOME) && (!pathname_is_absolute(home) ||
	    home[1] == '\0' || has_control(home)))
		(void)snprintf(why, OWNROLE_WHY_MAX, "the user's home "
		    "directory cannot stand for %%h in a path of role \"%s\": "
		    "it must be an absolute path other than \"/\", without "
		    "\"//\", \".\", \"..\" or a slash at its end",
		    role->name);
	else
		return true;
	return false;
}

/* Append a rule, filled in.  0, or -1 with why. */
static int
add_rule(struct role *to, const struct rule *r, const char *name,
    const char *home, char why[OWNROLE_WHY_MAX])
{
	char			 pattern[TEMPLATE_TEXT_MAX];
	struct rule_spec	 spec;
	const char		*fault = "it is too long";

	role_spec_of(&spec, r);
	spec.vars = 0;
	if (r->vars != 0) {
		spec.pattern = pattern;
		if (template_fill(pattern, r->pattern, name, home) == -1)
			goto fail;
	}
	if (role_add(to, &spec, &fault) == 0)
		return 0;
fail:
	(void)snprintf(why, OWNROLE_WHY_MAX, "the path \"%.100s\" of role "
	    "\"%s\", line %d, cannot be filled in: %s", r->pattern, to->name,
	    r->line, fault);
	return -1;
}

struct role *
ownrole_make(const struct role *role, const char *name, const char *home,
    char why[OWNROLE_WHY_MAX])
{
	struct role	*own;
	size_t		 i;

	if (!ownrole_fits(role, name, home, why))
		return NULL;
	(void)strlcpy(why, "out of memory", OWNROLE_WHY_MAX);
	if ((own = role_new(role->name, role->file, role->line)) == NULL)
		return NULL;
	own->options = role->options;
	memcpy(own->limits, role->limits, sizeof(own->limits));
	if (role->as_user != NULL &&
	    (own->as_user = strdup(role->as_user)) == NULL)
		goto fail;
	if (role->named != NULL &&
	    (own->named = named_copy(role->named)) == NULL)
		goto fail;
	for (i = 0; i < role->nrules; i++) {
		if (add_rule(own, &role->rules[i], name, home, why) == -1)
			goto fail;
	}
	return own;

fail:
	role_free(own);
	return NULL;
}
