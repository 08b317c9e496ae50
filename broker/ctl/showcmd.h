/*
 * showcmd.h: the command "show" of fdbrokerctl(8), with the word after it.
 */

#ifndef CTL_SHOWCMD_H
#define CTL_SHOWCMD_H

#include "ctl/ctl.h"

/*
 * Run it with the arguments after "show".  CTL_YES; CTL_NO: the daemon refused;
 * CTL_FAIL and CTL_OPTION: logged; CTL_USAGE.
 */
enum ctl_status	 showcmd_run(const struct ctl *, int, char **);

#endif /* CTL_SHOWCMD_H */
