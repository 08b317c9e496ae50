/*
 * conf.h: the configuration in memory: read it, check it, print it.
 */

#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/auditmode.h"
#include "policy/tables.h"

struct role;

struct conf_macro {
	const char		*assignment;	/* "name=value", of -D */
	struct conf_macro	*next;
};

struct conf {
	char		 *rundir;	/* absolute, clean */
	char		 *user;		/* of the listener and the openers */
	uint32_t	  uid, gid;	/* of that user */
	/* The user that workers of root should become; NULL: they stay root. */
	char		 *worker_user;
	uint32_t	  worker_uid, worker_gid;
	bool		  confinement_required;
	enum audit_mode	  audit;	/* which requests are recorded */
	char		 *audit_path;	/* absolute, clean; NULL: syslog */
	/* Who may use the control socket besides root; NULL: nobody. */
	char		 *control_group;
	uint32_t	  control_gid;	/* of that group */
	uint64_t	  limits[POLICY_LIMITS];	/* of the daemon */
	struct role	**roles;
	size_t		  nroles;
};

/*
 * Read a configuration.  The macros override those of the file; of two with the
 * same name the first in the list counts.  Every fault is logged with
 * log_warnx() as "file:line: text".  NULL if there was one: a user, group, root
 * or included file that does not exist is a fault, too.  The caller frees the
 * configuration with conf_free().
 */
struct conf	*conf_load(const char *file, const struct conf_macro *);
void		 conf_free(struct conf *);

/*
 * Read a configuration to check it: conf_load() with warnings.  A root that
 * does not exist is a warning here, and so is a rule that has no effect.
 * *warnings counts all warnings, *missing those about missing roots: if there
 * is one, the daemon does not accept the configuration.  A root that the caller
 * may not look at, since the caller is not root, is counted in *warnings only.
 */
struct conf	*conf_check(const char *file, const struct conf_macro *,
		    unsigned int *warnings, unsigned int *missing);

/* The same functions on another system than the real one. */
struct confsys;
struct conf	*conf_load_from(const struct confsys *, const char *file,
		    const struct conf_macro *);
struct conf	*conf_check_from(const struct confsys *, const char *file,
		    const struct conf_macro *, unsigned int *warnings,
		    unsigned int *missing);

/* The role of that name, or NULL. */
struct role	*conf_role(const struct conf *, const char *name);

/*
 * Write the configuration in its canonical form: everything that is in force,
 * with the defaults, in a fixed order, one pattern a line, without macros and
 * includes.  Reading that text gives the same configuration, and printing this
 * gives the same text.  0, or -1 with errno if the stream failed.
 */
int		 conf_print(const struct conf *, FILE *);

#endif /* CONF_H */
