/*
 * named.h: tell roles which numbers are accounts of this machine.
 */

#ifndef CONFNAMED_H
#define CONFNAMED_H

struct confbuild;

/*
 * Once all roles are complete: ask the system for the numbers of its users and
 * groups, if some role needs them, and give them to those roles.  A role with
 * `owner by-name' must have them: a failure is reported.
 */
void	 confnamed_fill(struct confbuild *);

#endif /* CONFNAMED_H */
