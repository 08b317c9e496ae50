/*
 * limits.h: "show limits": each limit, and how much of it is in use.
 */

#ifndef CTL_LIMITS_H
#define CTL_LIMITS_H

#include "ctl/ctl.h"
#include "ipc/control.h"

/* Print a table, or JSON.  0, or -1: no memory. */
int	 limits_show(const struct ctl *, const struct control_state *);

#endif /* CTL_LIMITS_H */
