/*
 * resolve.h: the only place that opens a name which a client chose.
 *
 * Resolution is strict: it begins at a directory that is held open and never
 * leaves it, and fails at any symbolic link or "..".
 */

#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/fskind.h"

struct spelling;

struct resolve_at {
	int	 dirfd;		/* -1: it is gone, and each name is ENOENT */
	bool	 clone;		/* beneath a clone, or there is no /proc */
	bool	 nodev;		/* mounted so that no device opens */
	bool	 one_filesystem;
	/*
	 * Where names must be spelled as their directories list them, or NULL.
	 * A name that is not is ENOENT, and spelling_was_missed(); if a file
	 * was created under another name, EINVAL.
	 */
	struct spelling	*spelling;
	enum fskind	 kind;		/* of dirfd, or FSKIND_UNASKED */
};

/*
 * Open an existing regular file; with special, also a FIFO or a device.  name
 * is a clean relative path.  flags are one of O_RDONLY, O_WRONLY and O_RDWR,
 * with or without O_APPEND.  *st describes what was opened.  A descriptor, or
 * -1 with errno: ELOOP (a link), EXDEV (it leads out, or onto another file
 * system), or of openat2(2).  *type is true if the type of the file is the
 * reason; then errno is EISDIR, ELOOP, ENXIO or EPERM.
 */
int	 resolve_open(const struct resolve_at *, const char *name, int flags,
	    bool special, struct fdb_stat *st, bool *type);

/*
 * Create a regular file that does not exist, with the mode less the umask, and
 * open it; flags as above.  A descriptor, or -1 with errno: EEXIST, or of
 * openat2(2).
 */
int	 resolve_create(const struct resolve_at *, const char *name, int flags,
	    uint32_t mode, struct fdb_stat *st);

/*
 * Create a regular file without a name, which can get one in this directory,
 * with the mode less the umask, and open it for writing.  A descriptor, or -1
 * with errno: EOPNOTSUPP (this system or file system knows no such files), or
 * of openat2(2).
 */
int	 resolve_unnamed(const struct resolve_at *, uint32_t mode,
	    struct fdb_stat *st);

/*
 * Hold what a name refers to, a link too, without opening it.  A descriptor, or
 * -1 with errno: EOPNOTSUPP (this system cannot), or of openat2(2).
 */
int	 resolve_hold(const struct resolve_at *, const char *name);

/*
 * Open a directory for listing; name "" is the directory itself.  A
 * descriptor, or -1 with errno.
 */
int	 resolve_dir(const struct resolve_at *, const char *name);

/*
 * A directory in which to resolve other names, and nothing else; name "" is the
 * directory itself.  A descriptor, or -1 with errno.
 */
int	 resolve_place(const struct resolve_at *, const char *name);

/*
 * Ask for the kind of a directory's file system, once for each file system;
 * FSKIND_UNASKED if the directory cannot be read.
 */
enum fskind resolve_kind(const struct resolve_at *);

/*
 * Are two directories that are held open the same one, through whatever mounts?
 * False also if that cannot be told.
 */
bool	 resolve_is_same(int fd, int other);

/*
 * Describe what a name refers to.  A link is not followed: its target is read
 * into link, of size bytes.  name "" is the directory itself.  0, or -1 with
 * errno.
 */
int	 resolve_stat(const struct resolve_at *, const char *name,
	    struct fdb_stat *st, char *link, size_t size);

/* The same for one entry of an open directory. */
int	 resolve_entry(int dirfd, const char *name, struct fdb_stat *st,
	    char *link, size_t size);

/* Describe what a descriptor refers to.  0, or -1 with errno. */
int	 resolve_fstat(int fd, struct fdb_stat *st);

/*
 * Outside of clones, resolve_open() opens a file by its descriptor, in /proc.
 * 0, or -1 with errno if that is not possible: /proc is missing.
 */
int	 resolve_can_reopen(void);

/*
 * Open an absolute path that the administrator wrote, for a root: a directory
 * or a file, as O_PATH, through no symbolic link.  A descriptor, or -1 with
 * errno.
 */
int	 resolve_path(const char *path);

#endif /* RESOLVE_H */
