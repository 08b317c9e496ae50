/*
 * fdstat.h: what a descriptor refers to, for processes that are confined.
 */

#ifndef FDSTAT_H
#define FDSTAT_H

struct stat;

/*
 * As fstat(2), but by the plain system call where the C library would make
 * newfstatat(2), which could look at paths and which a confined process may
 * not make.
 */
int	 fdstat(int fd, struct stat *);

#endif /* FDSTAT_H */
