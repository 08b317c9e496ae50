/*
 * dirent.h: adds what only OpenBSD's has, as getdents(2) documents it.
 */

#include_next <dirent.h>

#ifndef STANDIN_OPENBSD_DIRENT_H
#define STANDIN_OPENBSD_DIRENT_H

#include <sys/types.h>

int	 getdents(int fd, void *buf, size_t nbytes);

#endif /* STANDIN_OPENBSD_DIRENT_H */
