/*
 * controller.h: the process of fdbackup that has the user's rights.
 */

#ifndef CONTROLLER_H
#define CONTROLLER_H

#include "common/options.h"

/*
 * Run a command.  The exit status; does not return if a signal ends the run.
 */
int	 controller_run(const struct options *);

#endif /* CONTROLLER_H */
