/*
 * fdstat.h: fstat(2) for confined processes.
 */

#ifndef FDSTAT_H
#define FDSTAT_H

struct stat;

/*
 * As fstat(2), by the system call of that name.  The C library may call
 * newfstatat(2) instead, which also takes a path, and which a confined process
 * may not call.
 */
int	 fdstat(int fd, struct stat *);

#endif /* FDSTAT_H */
