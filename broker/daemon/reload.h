/*
 * reload.h: read the configuration again while the daemon runs.
 *
 * Parsing asks for users and groups.  A name that is not known yet is noted,
 * and the names process is asked for all of them; once the answers are there
 * the configuration is read again from its beginning.  So nothing waits.
 */

#ifndef RELOAD_H
#define RELOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idset.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "daemon/accounts.h"

/* A name without an answer after this time cannot be looked up. */
#define RELOAD_MS	(NAMEASK_MS + 3000)

/* Lines about one configuration in the log. */
#define RELOAD_LINES	32

struct event;
struct event_base;

/* A name in the configuration; or "", for the numbers of all. */
struct reload_name {
	struct reload_name	*next;
	enum nameask_kind	 kind;
	bool			 known;		/* so are the next four */
	int			 error;		/* errno, or 0 */
	uint32_t		 uid, gid;
	struct idset		 numbers;
	char			 name[];
};

struct reload {
	const char		*file;
	const struct conf_macro	*macros;
	struct accounts		*accounts;
	struct event		*timer;
	bool			 running;
	bool			 dry;		/* to be compared only */
	bool			 late;		/* nothing is asked any more */
	struct reload_name	*names;
	size_t			 unknown;	/* names without an answer */
	/*
	 * The configuration, which is the receiver's; or NULL, and the first
	 * fault.  lines: all faults or, of a configuration without any, the
	 * warnings, with a newline after each.  They were logged, too, the
	 * first RELOAD_LINES of them.
	 */
	void			(*done)(void *arg, struct conf *,
				    const char *why, const char *lines);
	void			*arg;
};

/* All other members are set.  0, or -1: out of memory. */
int	 reload_init(struct reload *, struct event_base *);
void	 reload_stop(struct reload *);

/*
 * Load the configuration, and forget what is known of names; done() may be
 * called before this returns.  One that is running begins anew, and has the
 * same deadline as before.  r->dry is then whether all that have begun since
 * the last done() were dry: the configuration is not to be put in force.
 *
 * The warnings are those of conf/warn.h that need no look at the paths of deny
 * rules: their file systems may hang, and the daemon must not wait for them.
 */
void	 reload_begin(struct reload *, bool dry);

/* The names process has answered something. */
void	 reload_answered(struct reload *);

#endif /* RELOAD_H */
