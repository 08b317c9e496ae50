/*
 * dirent.h: what FreeBSD's has and this system's has not, as in getdents(2).
 */

#include_next <dirent.h>

#ifndef STANDIN_FREEBSD_DIRENT_H
#define STANDIN_FREEBSD_DIRENT_H

#include <sys/types.h>

ssize_t	 getdents(int fd, char *buf, size_t nbytes);

#endif /* STANDIN_FREEBSD_DIRENT_H */
