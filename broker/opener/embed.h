/*
 * embed.h: the start of an opener that a program executed for itself, with
 * fdb_private().
 */

#ifndef EMBED_H
#define EMBED_H

struct setup;

/*
 * Wait on the connection for the policy, and set everything up that SETUP says
 * to other openers.  The connection is taken over.  0; or -1: the program is
 * gone, or was told what is wrong.
 */
int	 embed_setup(struct setup *, int conn);

#endif /* EMBED_H */
