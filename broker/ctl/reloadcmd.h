/*
 * reloadcmd.h: the command "reload" of fdbrokerctl(8).
 */

#ifndef CTL_RELOADCMD_H
#define CTL_RELOADCMD_H

#include "ctl/ctl.h"

/*
 * Run it with the arguments after "reload".  CTL_YES; CTL_NO: the daemon keeps
 * its configuration, and the faults were logged; CTL_FAIL: logged; CTL_USAGE.
 */
enum ctl_status	 reloadcmd_run(const struct ctl *, int, char **);

#endif /* CTL_RELOADCMD_H */
