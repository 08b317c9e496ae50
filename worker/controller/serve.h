/*
 * serve.h: do the work of a command for fdbackup on another machine.
 */

#ifndef SERVE_H
#define SERVE_H

#include "common/options.h"

/* Serve one client on standard input and output.  The exit status. */
int	 serve_run(const struct options *);

#endif /* SERVE_H */
