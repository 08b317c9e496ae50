/*
 * drill.h: the command drill: restore a sample of an archive into a scratch
 * directory, compare what is there with the archive, and remove it.
 */

#ifndef DRILL_H
#define DRILL_H

#include "sandbox/work.h"

/* See common/command.h. */
int	 drill_prepare(struct work *);
int	 drill_start(struct work *);
int	 drill_run(struct work *);
void	 drill_release(struct work *);

#endif /* DRILL_H */
