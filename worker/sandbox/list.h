/*
 * list.h: the command list: send the members of an archive to the controller.
 */

#ifndef LIST_H
#define LIST_H

struct work;

/*
 * The functions of the command; see common/command.h.  The manifest is listed
 * only if verbose.
 */
int	 list_prepare(struct work *);
int	 list_run(struct work *);
void	 list_release(struct work *);

#endif /* LIST_H */
