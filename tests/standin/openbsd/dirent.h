/*
 * dirent.h: what OpenBSD's has and this system's has not, as in getdents(2).
 */

#include_next <dirent.h>

#ifndef STANDIN_OPENBSD_DIRENT_H
#define STANDIN_OPENBSD_DIRENT_H

#include <sys/types.h>

int	 getdents(int fd, void *buf, size_t nbytes);

#endif /* STANDIN_OPENBSD_DIRENT_H */
