/*
 * show.h: the command "show": the daemon's state as tables or JSON.
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/ctl.h"
#include "ipc/control.h"

/* One of the words after "show".  run() returns 0, or -1: no memory. */
struct show {
	const char	*name;
	int		(*run)(const struct ctl *,
			    const struct control_state *);
	bool		 all;		/* -a may follow it */
};

/* In the order of strcmp(3); the last has no name. */
extern const struct show shows[];

#endif /* CTL_SHOW_H */
