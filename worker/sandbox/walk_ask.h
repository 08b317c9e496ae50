/*
 * walk_ask.h: request what the walk needs next.
 */

#ifndef WALK_ASK_H
#define WALK_ASK_H

struct walk;

/*
 * Queue as many requests as the session's window and the limits of the walk
 * allow.  0, or -1: the run cannot go on, which was reported.
 */
int	 walk_ask(struct walk *);

#endif /* WALK_ASK_H */
