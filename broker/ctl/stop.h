/*
 * stop.h: end the daemon, and wait for its end.
 */

#ifndef CTL_STOP_H
#define CTL_STOP_H

#include "ctl/ctl.h"

/* The command "stop"; see command.h. */
enum ctl_status	 stop_run(const struct ctl *, int, char **);

#endif /* CTL_STOP_H */
