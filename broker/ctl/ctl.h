/*
 * ctl.h: what the files of fdbrokerctl(8) share: the run of one command.
 */

#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses: done or permitted; refused or denied; anything else. */
enum ctl_status { CTL_YES = 0, CTL_NO = 1, CTL_FAIL = 2 };

struct ctl {
	const char	*socket;	/* of the daemon */
	bool		 json;
	size_t		 width;		/* columns of the terminal, or 0 */
	FILE		*out;
};

#endif /* CTL_H */
