/*
 * controller.h: the process of fdbackup that has the user's rights.
 */

#ifndef CONTROLLER_H
#define CONTROLLER_H

#include "common/options.h"

/*
 * Do what the command line says.  The exit status; does not return if a
 * signal ended the run.
 */
int	 controller_run(const struct options *);

#endif /* CONTROLLER_H */
