/*
 * namespaces.h: go on as the first process of new namespaces, in which there is
 * nothing: no other process, no network, an empty root directory.
 *
 * For our own programs, which expect to become another process; the library
 * does not export it.
 */

#ifndef NAMESPACES_H
#define NAMESPACES_H

#include <sys/types.h>

#include <stdint.h>

/* Descriptors that the old process may get for the new one; -1: none. */
#define NAMESPACES_FDS	3

struct namespaces_calls {
	/*
	 * In the old process, which still has the root directory: get fds,
	 * while the new process makes its own.  0, or -1: give up.  May be
	 * NULL.
	 */
	int	(*fetch)(void *arg, int fds[NAMESPACES_FDS]);
	/* Tell the parent the process ID of the new process.  0, or -1. */
	int	(*announce)(void *arg, pid_t);
};

/*
 * Go on in a child of our own parent, in new user, mount, process, network,
 * IPC, host name and cgroup namespaces, with an empty read-only root
 * directory.  The user is the same there; root may also become uid and gid
 * there, if they are not 0.  Needs a single thread.
 *
 * 1 in the child: this process has called fetch and announce, and has exited;
 * fds are what it has fetched.  0 in this process if the system allows no
 * namespaces: nothing has changed but that fetch may have been called, and then
 * fds are what it has fetched.  errno is then ENOTSUP if only the child's files
 * in /proc, to which its ids are written, are missing or read-only.  -1 with
 * errno if it failed; perhaps a child was made that has exited.
 */
int	 namespaces_enter(uint32_t uid, uint32_t gid,
	    const struct namespaces_calls *, void *arg,
	    int fds[NAMESPACES_FDS]);

#endif /* NAMESPACES_H */
