/*
 * store.h: the command create: store paths and everything beneath them.
 */

#ifndef STORE_H
#define STORE_H

struct work;

/* Functions of the table of commands; see common/command.h. */
int	 store_prepare(struct work *);
int	 store_start(struct work *);
int	 store_run(struct work *);
void	 store_release(struct work *);

#endif /* STORE_H */
