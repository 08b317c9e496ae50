/*
 * list.h: tell the members of an archive.
 */

#ifndef LIST_H
#define LIST_H

struct work;

/* Of any tar archive.  The manifest is listed only if verbose. */
int	 list_run(struct work *);

#endif /* LIST_H */
