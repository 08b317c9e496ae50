/*
 * mountns.h: do something in a mount namespace that belongs to this user, who
 * may clone mounts there.
 *
 * For our own programs; the library does not export it.
 */

#ifndef MOUNTNS_H
#define MOUNTNS_H

/*
 * Call fn in a child with user and mount namespaces of its own.  The child
 * shares the memory and the descriptors of this process, which waits for it: so
 * what fn opens and stores is there afterwards.  Beyond that fn must change
 * nothing.  Needs a single thread.  From now on the process ignores SIGCHLD.
 *
 * What fn returns, and its errno.  -1 with errno also if the system does not
 * allow the namespaces, or if the child was killed (EINTR).
 */
int	 mountns_call(int (*fn)(void *), void *arg);

#endif /* MOUNTNS_H */
