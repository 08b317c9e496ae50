/*
 * ctl.h: what the files of fdbrokerctl(8) share: the run of one command.
 */

#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How a command went: the first three are exit statuses. */
enum ctl_status {
	CTL_YES = 0,		/* done or permitted */
	CTL_NO = 1,		/* refused or denied */
	CTL_FAIL = 2,		/* anything else */
	CTL_USAGE		/* its arguments are wrong; not logged yet */
};

struct ctl {
	const char	*socket;	/* of the daemon */
	bool		 json;
	size_t		 width;		/* columns of the terminal, or 0 */
	FILE		*out;
};

#endif /* CTL_H */
