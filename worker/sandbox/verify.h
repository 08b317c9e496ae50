/*
 * verify.h: compare an archive with the manifest in it.
 */

#ifndef VERIFY_H
#define VERIFY_H

struct work;

/* command.h says what these are for. */
int	 verify_prepare(struct work *);
int	 verify_run(struct work *);
void	 verify_release(struct work *);

#endif /* VERIFY_H */
