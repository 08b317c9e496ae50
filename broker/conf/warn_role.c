/*
 * warn_role.c: warn about statements of a role that mean nothing; see
 * warn_role.h.
 *
 * Runs in fdbrokerd -n.  Touches nothing but memory.
 */

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/warn_role.h"
#include "policy/role.h"

/* The operations that some rule of the role permits. */
static uint32_t
permitted(const struct role *role)
{
	uint32_t	 ops = 0;
	size_t		 i;

	for (i = 0; i < role->nrules; i++) {
		if (role->rules[i].action == POLICY_PERMIT)
			ops |= role->rules[i].ops;
	}
	return ops;
}

static unsigned int
warn_options(const struct role *role)
{
	const uint32_t	 opening = POLICY_OP_READ | POLICY_OPS_WRITING;
	const char	*name;
	unsigned int	 n = 0;
	uint32_t	 bit;
	size_t		 i;

	if (permitted(role) & opening)
		return 0;
	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		bit = policy_option(name);
		if (!(role->options & bit) || (bit & (POLICY_REGULAR_ONLY |
		    POLICY_OWNED_BY_PEER | POLICY_SINGLE_LINK)) == 0)
			continue;
		log_warnx("%s:%d: warning: option %s of role \"%s\" has no "
		    "effect; it is about what is opened, and no rule permits "
		    "that", role->file, role->line, name, role->name);
		n++;
	}
	return n;
}

static unsigned int
warn_peers(const struct role *role)
{
	const struct peer	*a, *b;
	unsigned int		 n = 0;

	for (a = role->peers; a < role->peers + role->npeers; a++) {
		for (b = role->peers; b < a; b++) {
			if (a->kind == b->kind && a->id == b->id)
				break;
		}
		if (b == a)
			continue;
		log_warnx("%s:%d: warning: peer %s \"%s\" of role \"%s\" is "
		    "given twice", role->file, role->line,
		    a->kind == PEER_USER ? "user" : "group", a->name,
		    role->name);
		n++;
	}
	return n;
}

/* A client of the daemon's user could signal listener and openers. */
static unsigned int
warn_own_user(const struct conf *conf, const struct role *role)
{
	size_t	 i;

	for (i = 0; i < role->npeers; i++) {
		if (role->peers[i].kind != PEER_USER ||
		    role->peers[i].id != conf->uid)
			continue;
		log_warnx("%s:%d: warning: peer user \"%s\" of role \"%s\" is "
		    "the daemon's own user, and could signal its processes; "
		    "give the daemon a user that nothing else runs as",
		    role->file, role->line, role->peers[i].name, role->name);
		return 1;
	}
	return 0;
}

/* A limit that another one makes superfluous. */
static unsigned int
warn_limit(const struct role *role, enum policy_limit which,
    const char *whose, uint64_t bound, enum policy_limit other)
{
	uint64_t	 value = role->limits[which];
	char		 a[POLICY_LIMIT_TEXT], b[POLICY_LIMIT_TEXT];

	if (value == 0 || bound == 0 || value <= bound ||
	    value == policy_limit_row(which)->of_role)
		return 0;
	log_warnx("%s:%d: warning: limit %s %s of role \"%s\" has no effect; "
	    "limit %s %s of the %s is less", role->file, role->line,
	    policy_limit_row(which)->name, policy_limit_text(which, value, a),
	    role->name, policy_limit_row(other)->name,
	    policy_limit_text(other, bound, b), whose);
	return 1;
}

static unsigned int
warn_limits(const struct conf *conf, const struct role *role)
{
	unsigned int	 n = 0;
	size_t		 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		if (policy_limit_row((enum policy_limit)i)->daemon)
			n += warn_limit(role, (enum policy_limit)i, "daemon",
			    conf->limits[i], (enum policy_limit)i);
	}
	n += warn_limit(role, LIMIT_IDLE, "role",
	    role->limits[LIMIT_LIFETIME], LIMIT_LIFETIME);
	return n + warn_limit(role, LIMIT_SESSIONS_PER_UID, "role",
	    role->limits[LIMIT_SESSIONS], LIMIT_SESSIONS);
}

unsigned int
confwarn_role(const struct conf *conf, const struct role *role)
{
	return warn_options(role) + warn_peers(role) +
	    warn_own_user(conf, role) + warn_limits(conf, role);
}
