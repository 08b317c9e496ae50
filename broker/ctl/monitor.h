/*
 * monitor.h: the command "monitor": what the daemon does, as it happens.
 */

#ifndef CTL_MONITOR_H
#define CTL_MONITOR_H

#include "ctl/ctl.h"

/* Which lines to print. */
struct monitor_filter {
	const char	*role;		/* NULL: of all */
	bool		 by_uid;
	unsigned int	 uid;
	bool		 denied;	/* only what was not permitted */
};

/*
 * Print a line of the daemon's: as it is with JSON, else for people.  Nothing
 * is printed that the filter leaves out; a line that is no object of JSON, or
 * that says how many lines were lost, is always printed.
 */
void		 monitor_line(const struct ctl *, const struct monitor_filter *,
		    const char *line);

/*
 * Run it with the arguments after "monitor", until the daemon ends.  CTL_YES;
 * CTL_NO: the daemon refused; CTL_FAIL and CTL_OPTION: logged; CTL_USAGE.
 */
enum ctl_status	 monitor_run(const struct ctl *, int, char **);

#endif /* CTL_MONITOR_H */
