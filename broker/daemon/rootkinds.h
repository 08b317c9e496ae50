/*
 * rootkinds.h: tell how names are checked beneath the roots of the roles.
 */

#ifndef ROOTKINDS_H
#define ROOTKINDS_H

#include <stdio.h>

struct conf;

/*
 * Print a line for each root of each role: whether the file system there
 * compares names exactly, and if not, whether they are checked.
 */
void	 rootkinds_print(const struct conf *, FILE *);

#endif /* ROOTKINDS_H */
