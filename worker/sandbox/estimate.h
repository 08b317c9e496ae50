/*
 * estimate.h: count what create will store, before it does.
 */

#ifndef ESTIMATE_H
#define ESTIMATE_H

struct work;

/*
 * Walk the paths once, without files being opened, and tell the reporter how
 * many bytes there are.  What the walk finds wrong is left to the run itself.
 * 0, or -1: the run fails, which was reported.
 */
int	 estimate_run(struct work *);

#endif /* ESTIMATE_H */
