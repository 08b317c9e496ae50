/*
 * list.h: tell the members of an archive.
 */

#ifndef LIST_H
#define LIST_H

#include "sandbox/reporter.h"

/*
 * Any tar archive.  The manifest is told only if verbose.  0, or -1 when it
 * cannot be read to its end, which was reported.
 */
int	 list_run(struct reporter *, int archive);

#endif /* LIST_H */
