/*
 * resolve.h: the only place that opens a name which a client chose.
 *
 * A name is resolved beneath a directory that is held open, strictly: no
 * symbolic link anywhere in it, no "..", no leaving the directory.
 */

#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

struct resolve_at {
	int	 dirfd;
	bool	 clone;		/* beneath a detached clone */
	bool	 nodev;		/* which opens no device */
	bool	 one_filesystem;
};

/*
 * Open a regular file, or with special also a FIFO or device, that is there;
 * name is a clean relative path, flags one of O_RDONLY, O_WRONLY and O_RDWR,
 * and O_APPEND.  *st gets what was opened.  A descriptor, or -1 with errno:
 * ELOOP (a link), EXDEV (it leads out, or onto another file system), EISDIR,
 * ENXIO, EPERM with *type true (not of a type that may be opened), or of
 * openat2(2).
 */
int	 resolve_open(const struct resolve_at *, const char *name, int flags,
	    bool special, struct fdb_stat *st, bool *type);

/*
 * Make a regular file that is not there, with the mode less the umask, and
 * open it; flags as above.  A descriptor, or -1 with errno: EEXIST, or of
 * openat2(2).
 */
int	 resolve_create(const struct resolve_at *, const char *name, int flags,
	    uint32_t mode, struct fdb_stat *st);

/* Open a directory for listing; name "" is the directory itself. */
int	 resolve_dir(const struct resolve_at *, const char *name);

/*
 * What a name refers to, a link itself included, with its target in link,
 * of size bytes.  name "" is the directory itself.  0, or -1 with errno.
 */
int	 resolve_stat(const struct resolve_at *, const char *name,
	    struct fdb_stat *st, char *link, size_t size);

/* As resolve_stat(), for one entry of an open directory. */
int	 resolve_entry(int dirfd, const char *name, struct fdb_stat *st,
	    char *link, size_t size);

/*
 * Open an administrator's absolute path, a directory or a file, as O_PATH,
 * through no symbolic link.  For roots.
 */
int	 resolve_path(const char *path);

#endif /* RESOLVE_H */
