/*
 * show.h: tables, or JSON, of what a daemon is and does.
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/ctl.h"
#include "ipc/control.h"

/* One thing to show.  0, or -1: no memory. */
struct show {
	const char	*name;
	int		(*run)(const struct ctl *,
			    const struct control_state *);
};

/* What "show" knows, by name; the last has none. */
extern const struct show shows[];

#endif /* CTL_SHOW_H */
