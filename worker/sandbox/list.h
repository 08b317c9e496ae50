/*
 * list.h: the command list: send the members of an archive to the controller.
 */

#ifndef LIST_H
#define LIST_H

struct work;

/*
 * Reads any tar archive.  The manifest is listed only if verbose.
 * common/command.h says what run() returns.
 */
int	 list_run(struct work *);

#endif /* LIST_H */
