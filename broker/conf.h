/*
 * conf.h: the configuration file as the supervisor keeps it.
 */

#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy.h"

/* What holds where the configuration says nothing. */
#define CONF_MAX_SESSIONS		64
#define CONF_MAX_SESSIONS_PER_UID	16

struct conf_macro {
	const char		*assignment;	/* "name=value", of -D */
	struct conf_macro	*next;
};

enum conf_audit { CONF_AUDIT_NONE, CONF_AUDIT_DENIED, CONF_AUDIT_ALL };

struct conf {
	char		 *rundir;	/* absolute, clean */
	char		 *user;		/* of the listener and the openers */
	uint32_t	  uid, gid;	/* of that user */
	bool		  confinement_required;
	enum conf_audit	  audit;	/* what is recorded */
	char		 *audit_path;	/* absolute, clean; NULL: syslog */
	/* Who may use the control socket besides root; NULL: nobody. */
	char		 *control_group;
	uint32_t	  control_gid;	/* of that group */
	uint32_t	  max_sessions;	/* of the daemon, at once */
	uint32_t	  max_sessions_per_uid;
	struct role	**roles;
	size_t		  nroles;
};

/*
 * Read a configuration.  The macros come before those of the file; of two
 * with one name the first in the list counts.  Every fault is logged as
 * "file:line: what", with log_warnx().  NULL if there was one: users, groups,
 * roots and includes that do not exist are faults.  Frees with conf_free().
 */
struct conf	*conf_load(const char *file, const struct conf_macro *);
void		 conf_free(struct conf *);

/* As conf_load(), with another system to ask. */
struct confsys;
struct conf	*conf_load_from(const struct confsys *, const char *file,
		    const struct conf_macro *);

/* The role of that name, or NULL. */
struct role	*conf_role(const struct conf *, const char *name);

#endif /* CONF_H */
