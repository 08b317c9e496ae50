/*
 * checkcmd.h: the command "check" of fdbrokerctl(8), with its options.
 */

#ifndef CTL_CHECKCMD_H
#define CTL_CHECKCMD_H

#include "ctl/ctl.h"

/*
 * Run it with the arguments after "check".  CTL_YES: permitted; CTL_NO: denied,
 * or the user is not a peer; CTL_FAIL and CTL_OPTION: logged; CTL_USAGE.
 */
enum ctl_status	 checkcmd_run(const struct ctl *, int, char **);

#endif /* CTL_CHECKCMD_H */
