/*
 * folded.c: does the spelling of a path matter to the rules?  See folded.h.
 *
 * Runs in the opener.  Touches nothing but memory.
 *
 * A role is made whose rules permit what the original ones are about, whether
 * they permit or deny, with all letters in lower case.  A path in lower case
 * that it does not permit is covered by none of the original rules, in whatever
 * spelling, and neither is a directory above it.  This holds for names of ASCII
 * characters, and for patterns of ASCII characters and "*".  Names with other
 * characters may be folded to ASCII ones, so they always matter; and "?" and
 * sets count bytes, which folding changes.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/pathname.h"
#include "policy/decide.h"
#include "policy/folded.h"
#include "policy/glob.h"
#include "policy/role.h"

/* Copy a text in lower case.  False if it has other than ASCII characters. */
static bool
fold(char *dst, size_t size, const char *src)
{
	size_t	 i;

	for (i = 0; src[i] != '\0'; i++) {
		if ((src[i] & 0x80) != 0 || i + 1 >= size)
			return false;
		dst[i] = src[i] >= 'A' && src[i] <= 'Z' ?
		    (char)(src[i] - 'A' + 'a') : src[i];
	}
	dst[i] = '\0';
	return true;
}

/* Does the rule tell names beneath the directory apart? */
static bool
tells_apart(const struct rule *r, const char *top)
{
	const char	*literal = glob_literal(r->glob);

	if (pathname_is_beneath(top, literal))
		return glob_is_wild(r->glob);
	return pathname_is_beneath(literal, top);
}

static bool
is_about(const struct rule *r, const char *const *tops, size_t ntops)
{
	size_t	 i;

	for (i = 0; i < ntops; i++)
		if (tells_apart(r, tops[i]))
			return true;
	return false;
}

/* Add a pattern, and what is beneath all that it matches.  0, or -1. */
static int
folded_add(struct role *folded, const struct rule *r)
{
	char		 text[2 * GLOB_PATH_MAX], below[2 * GLOB_PATH_MAX + 4];
	const char	*why;

	if (r->pattern[strcspn(r->pattern, "?[")] != '\0' ||
	    !fold(text, sizeof(text), r->pattern)) {
		errno = ENOTSUP;
		return -1;
	}
	if (role_add_rule(folded, POLICY_PERMIT, POLICY_OP_READ, text, NULL,
	    "folded", 0, &why) == -1)
		return -1;
	if (!glob_is_wild(r->glob))
		return 0;
	(void)snprintf(below, sizeof(below), "%s/**", text);
	return role_add_rule(folded, POLICY_PERMIT, POLICY_OP_READ, below,
	    NULL, "folded", 0, &why);
}

struct role *
policy_folded_new(const struct role *role, const char *const *tops,
    size_t ntops)
{
	struct role	*folded;
	size_t		 i;
	int		 saved;

	if ((folded = role_new(role->name, "folded", 0)) == NULL)
		return NULL;
	for (i = 0; i < role->nrules; i++) {
		if (is_about(&role->rules[i], tops, ntops) &&
		    folded_add(folded, &role->rules[i]) == -1) {
			saved = errno;
			role_free(folded);
			errno = saved;
			return NULL;
		}
	}
	return folded;
}

bool
policy_folded_matters(const struct role *folded, const char *path, bool list)
{
	char	 text[GLOB_PATH_MAX];

	if (!fold(text, sizeof(text), path))
		return true;
	if (list)
		return policy_enter(folded, text).permit;
	return policy_decide(folded, POLICY_OP_READ, text).permit;
}
