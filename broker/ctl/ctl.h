/*
 * ctl.h: what every command of fdbrokerctl(8) gets, and what it returns.
 */

#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The outcome of a command; the first three are exit statuses. */
enum ctl_status {
	CTL_YES = 0,		/* done, or permitted */
	CTL_NO = 1,		/* the daemon refused, or policy denies */
	CTL_FAIL = 2,		/* it failed */
	CTL_USAGE,		/* wrong arguments; nothing was logged */
	CTL_OPTION		/* a wrong option; logged */
};

struct ctl {
	const char	*socket;	/* the daemon's control socket */
	bool		 json;		/* write JSON instead of tables */
	bool		 all;		/* show denied -a: misses, too */
	size_t		 width;		/* of the terminal; 0: no limit */
	bool		 colour;	/* the terminal shows colours */
	FILE		*out;
	/* Of the user in question, if the role's paths have %h; or NULL. */
	const char	*home;
};

#endif /* CTL_H */
