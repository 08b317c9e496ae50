/*
 * alive.h: the two pipes of a session, each of which shows one side that the
 * other one lives.
 */

#ifndef ALIVE_H
#define ALIVE_H

#include <stdbool.h>

/*
 * Make the opener's pipe, and mark it as an opener's.  Before the opener is
 * confined.  0, or -1 with errno.
 */
int	 alive_pipe(int p[2]);

/*
 * True if fd is the read end of a pipe that a client may have made; own is
 * either end of the opener's pipe.  FUSE and NFS are not asked, so a server
 * cannot make it hang.
 */
bool	 alive_is_client(int fd, int own);

#endif /* ALIVE_H */
