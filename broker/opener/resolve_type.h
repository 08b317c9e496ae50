/*
 * resolve_type.h: what resolve.c and resolve_walk.c both need to know of a
 * file that they look at.
 */

#ifndef RESOLVE_TYPE_H
#define RESOLVE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

/*
 * Check that a file of this type may be opened.  0; or -1 with errno and *type
 * true if it may not.
 */
int	 resolve_type_check(const struct fdb_stat *, bool special, bool *type);

/* What a file of this mode is, for people: "a FIFO", "a directory". */
const char	*resolve_type_name(uint32_t mode);

/* Are two files that are held open the same one? */
bool	 resolve_type_same(const struct fdb_stat *, const struct fdb_stat *);

/*
 * Read the target of a symbolic link into link, of size bytes with the NUL; ""
 * for any other file.  0, or -1 with errno.
 */
int	 resolve_type_link(int dirfd, const char *name,
	    const struct fdb_stat *, char *link, size_t size);

#endif /* RESOLVE_TYPE_H */
