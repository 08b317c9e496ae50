/*
 * dents.h: read the entries of a directory as the kernel hands them out.
 */

#ifndef DENTS_H
#define DENTS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The system's name for an entry. */
#ifdef __linux__
#define DENTS_ENTRY	dirent64
#else
#define DENTS_ENTRY	dirent
#endif

/* Bytes read; 0 at the end of the directory; or -1 with errno. */
ssize_t	 dents_read(int fd, void *buf, size_t size);

/* False for ".", ".." and the slot of a removed entry. */
bool	 dents_is_entry(const struct DENTS_ENTRY *);

#endif /* DENTS_H */
