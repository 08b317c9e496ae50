/*
 * dents.c: read the entries of a directory as the kernel hands them out; see
 * dents.h.
 *
 * Runs in the opener.  Reads directories that it holds.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "opener/dents.h"

#ifdef __linux__
#define read_entries	getdents64
#else
#define read_entries	getdents
#endif

ssize_t
dents_read(int fd, void *buf, size_t size)
{
	ssize_t	 n;

	do
		n = read_entries(fd, buf, size);
	while (n == -1 && errno == EINTR);
	return n;
}

bool
dents_is_entry(const struct DENTS_ENTRY *de)
{
#ifndef __linux__
	if (de->d_ino == 0)
		return false;
#endif
	return strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0;
}
