/*
 * resolve_int.h: what resolve.c and resolve_walk.c share.
 */

#ifndef RESOLVE_INT_H
#define RESOLVE_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fdbroker_types.h"

/*
 * 0 for what may be opened; -1 with errno and *type true if it is of another
 * type.
 */
int	 resolve_type_check(const struct fdb_stat *, bool special, bool *type);

/*
 * The target of a link, of size bytes at the most with its end, or "" if it is
 * none.  0, or -1 with errno.
 */
int	 resolve_link_at(int dirfd, const char *name, const struct fdb_stat *,
	    char *link, size_t size);

#endif /* RESOLVE_INT_H */
