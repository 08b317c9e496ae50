/*
 * diff.h: the command diff: compare the members of an archive with the files
 * that are there.
 */

#ifndef DIFF_H
#define DIFF_H

struct work;

/* Functions of the table of commands; see common/command.h. */
int	 diff_prepare(struct work *);
int	 diff_run(struct work *);
void	 diff_release(struct work *);

#endif /* DIFF_H */
