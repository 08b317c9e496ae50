/*
 * dirent.h: adds what only FreeBSD's has, as getdents(2) documents it.
 */

#include_next <dirent.h>

#ifndef STANDIN_FREEBSD_DIRENT_H
#define STANDIN_FREEBSD_DIRENT_H

#include <sys/types.h>

ssize_t	 getdents(int fd, char *buf, size_t nbytes);

#endif /* STANDIN_FREEBSD_DIRENT_H */
