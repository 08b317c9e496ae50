/*
 * conf.h: the configuration file as the supervisor keeps it.
 */

#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/tables.h"

struct role;

struct conf_macro {
	const char		*assignment;	/* "name=value", of -D */
	struct conf_macro	*next;
};

enum conf_audit { CONF_AUDIT_NONE, CONF_AUDIT_DENIED, CONF_AUDIT_ALL };

struct conf {
	char		 *rundir;	/* absolute, clean */
	char		 *user;		/* of the listener and the openers */
	uint32_t	  uid, gid;	/* of that user */
	/* Whom workers that are root should become; NULL: as they are. */
	char		 *worker_user;
	uint32_t	  worker_uid, worker_gid;
	bool		  confinement_required;
	enum conf_audit	  audit;	/* what is recorded */
	char		 *audit_path;	/* absolute, clean; NULL: syslog */
	/* Who may use the control socket besides root; NULL: nobody. */
	char		 *control_group;
	uint32_t	  control_gid;	/* of that group */
	uint64_t	  limits[POLICY_LIMITS];	/* of the daemon */
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

/*
 * Read a configuration to check it.  As conf_load(), but roots that do not
 * exist are no fault, and warned about as well as rules that never decide:
 * *warnings and *missing count these warnings, and those of roots among them.
 * With any of the latter the daemon would not take it.  A root that an
 * ordinary user may not look at is warned about and not counted there.
 */
struct conf	*conf_check(const char *file, const struct conf_macro *,
		    unsigned int *warnings, unsigned int *missing);

/* As these, with another system to ask. */
struct confsys;
struct conf	*conf_load_from(const struct confsys *, const char *file,
		    const struct conf_macro *);
struct conf	*conf_check_from(const struct confsys *, const char *file,
		    const struct conf_macro *, unsigned int *warnings,
		    unsigned int *missing);

/* The role of that name, or NULL. */
struct role	*conf_role(const struct conf *, const char *name);

/*
 * Write the configuration in its canonical form: everything that holds, be it
 * said or not, in one order, a pattern a line, without macros and includes.
 * Reading that gives the same configuration, and printing it the same text.
 * 0, or -1 with errno: the stream failed.
 */
int		 conf_print(const struct conf *, FILE *);

#endif /* CONF_H */
