/*
 * store.h: the command create: store paths and what is beneath them.
 */

#ifndef STORE_H
#define STORE_H

struct work;

int	 store_prepare(struct work *);
int	 store_run(struct work *);
void	 store_release(struct work *);

#endif /* STORE_H */
