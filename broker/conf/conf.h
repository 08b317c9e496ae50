/*
 * conf.h: the configuration in memory.  load.h reads and checks it.
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
struct rule;

#define AUDIT_RATE		100	/* unless the configuration says else */
#define AUDIT_RATE_MAX		1000000

struct conf {
	char		 *rundir;	/* absolute, clean */
	char		 *user;		/* of the listener and the openers */
	uint32_t	  uid, gid;	/* of that user */
	/* The user that workers of root should become; NULL: they stay root. */
	char		 *worker_user;
	uint32_t	  worker_uid, worker_gid;
	bool		  confinement_required;
	enum audit_mode	  audit;	/* which requests are recorded */
	uint32_t	  audit_rate;	/* records per second of a session */
	char		 *audit_path;	/* absolute, clean; NULL: syslog */
	/* Who may use the control socket besides root; NULL: nobody. */
	char		 *control_group;
	uint32_t	  control_gid;	/* of that group */
	uint64_t	  limits[POLICY_LIMITS];	/* of the daemon */
	struct role	**roles;
	size_t		  nroles;
};

/* With the defaults, and no role.  NULL: ENOMEM. */
struct conf	*conf_new(void);
void		 conf_free(struct conf *);

/*
 * The name by which a peer of some role is the user with this uid; NULL if the
 * configuration has none.
 */
const char	*conf_user_name(const struct conf *, uint32_t uid);

/* The role of that name, or NULL. */
struct role	*conf_role(const struct conf *, const char *name);

/*
 * Write the configuration in its canonical form: everything that is in force,
 * with the defaults, in a fixed order, one pattern a line, without macros and
 * includes.  Reading that text gives the same configuration, and printing this
 * gives the same text.  0, or -1 with errno if the stream failed.
 */
int		 conf_print(const struct conf *, FILE *);
/* Write one rule as conf_print() does: a tab, the rule, a newline. */
void		 conf_print_rule(const struct rule *, FILE *);
/* Write one limit, and a newline. */
void		 conf_print_limit(enum policy_limit, uint64_t value, FILE *);

#endif /* CONF_H */
