/*
 * verify.h: the command verify: compare an archive with its manifest.
 */

#ifndef VERIFY_H
#define VERIFY_H

struct work;

/* Functions of the table of commands; see common/command.h. */
int	 verify_prepare(struct work *);
int	 verify_run(struct work *);
void	 verify_release(struct work *);

#endif /* VERIFY_H */
