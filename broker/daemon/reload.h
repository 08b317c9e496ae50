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

#include "conf/conf.h"
#include "conf/load.h"
#include "daemon/accounts.h"

/* A name without an answer after this time cannot be looked up. */
#define RELOAD_MS	(NAMEASK_MS + 3000)

struct event;
struct event_base;

/* A name in the configuration. */
struct reload_name {
	struct reload_name	*next;
	enum nameask_kind	 kind;
	bool			 known;		/* so are the next three */
	int			 error;		/* errno, or 0 */
	uint32_t		 uid, gid;
	char			 name[];
};

struct reload {
	const char		*file;
	const struct conf_macro	*macros;
	struct accounts		*accounts;
	struct event		*timer;
	bool			 running;
	bool			 late;		/* nothing is asked any more */
	struct reload_name	*names;
	size_t			 unknown;	/* names without an answer */
	/*
	 * The configuration, which is the receiver's; or NULL, and the first
	 * fault, of those that were logged.
	 */
	void			(*done)(void *arg, struct conf *,
				    const char *why);
	void			*arg;
};

/* All other members are set.  0, or -1: out of memory. */
int	 reload_init(struct reload *, struct event_base *);
void	 reload_stop(struct reload *);

/*
 * Load the configuration, and forget what is known of names; done() may be
 * called before this returns.  One that is running begins anew, and has the
 * same deadline as before.
 */
void	 reload_begin(struct reload *);

/* The names process has answered something. */
void	 reload_answered(struct reload *);

#endif /* RELOAD_H */
