/*
 * warn.c: what is no fault in a configuration, and hardly meant: rules
 * that never decide, or only about a link; see warn.h.
 *
 * Runs when a configuration is checked.  Only what is certain is warned about.
 */

#include "config.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/sys.h"
#include "conf/warn.h"
#include "policy/decide.h"
#include "policy/glob.h"
#include "policy/role.h"

/*
 * True, and warned about, if for each operation of rule i a later rule makes
 * it impossible that it decides.
 */
static bool
warn_shadow(const struct role *role, size_t i)
{
	const struct rule	*r = &role->rules[i], *by, *last = NULL;
	uint32_t		 bit;

	for (bit = 1; bit <= r->ops; bit <<= 1) {
		if (!(r->ops & bit))
			continue;
		if ((by = policy_shadow(role, i, bit)) == NULL)
			return false;
		if (last == NULL || by > last)
			last = by;
	}
	if (last == NULL)
		return false;
	log_warnx("%s:%d: warning: \"%s\" never decides; \"%s\" of %s:%d comes "
	    "later and covers all of it", r->file, r->line, r->pattern,
	    last->pattern, last->file, last->line);
	return true;
}

/* Paths are those that files really have: a link is never on the way. */
static bool
warn_link(const struct confsys *sys, const struct rule *r)
{
	char		 link[PATH_MAX], real[PATH_MAX];
	const char	*path = glob_literal(r->glob), *what;

	/* That of a permit is a fault. */
	if (r->action == POLICY_PERMIT ||
	    sys->root(sys->arg, path, link, real) != 0)
		return false;
	what = glob_is_wild(r->glob) || strcmp(link, path) != 0 ? "nothing" :
	    "the link alone";
	if (real[0] != '\0')
		log_warnx("%s:%d: warning: \"%s\" denies %s; %s is a symbolic "
		    "link, and %s is %s", r->file, r->line, r->pattern, what,
		    link, path, real);
	else
		log_warnx("%s:%d: warning: \"%s\" denies %s; %s is a symbolic "
		    "link, and %s does not exist", r->file, r->line,
		    r->pattern, what, link, path);
	return true;
}

unsigned int
confwarn(const struct conf *conf, const struct confsys *sys)
{
	const struct role	*role;
	unsigned int		 n = 0;
	size_t			 i, k;

	for (i = 0; i < conf->nroles; i++) {
		role = conf->roles[i];
		for (k = 0; k < role->nrules; k++) {
			n += warn_shadow(role, k);
			n += warn_link(sys, &role->rules[k]);
		}
	}
	return n;
}
