/*
 * namespaces.h: go on as the first process of namespaces of its own, in which
 * there is nothing: no other process, no network, an empty root directory.
 *
 * For programs of ours that know that they become another process; not part
 * of the library's interface.
 */

#ifndef NAMESPACES_H
#define NAMESPACES_H

#include <sys/types.h>

#include <stdint.h>

/*
 * Go on in a child of our own parent, in new user, mount, process, network,
 * IPC, host name and cgroup namespaces, with an empty read-only root
 * directory.  The user is the same there; root may also become uid and gid
 * there, if they are not 0.  Needs a single thread.
 *
 * 1 in the child.  This process then has told announce() of the child's
 * process ID and has exited.  0 in this process if the namespaces cannot be
 * had: nothing has changed.  -1 with errno if it failed, and nothing is left
 * behind but perhaps a child that has exited.
 */
int	 namespaces_enter(uint32_t uid, uint32_t gid,
	    int (*announce)(void *arg, pid_t), void *arg);

#endif /* NAMESPACES_H */
