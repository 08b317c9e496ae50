/*
 * hardlinks.h: the files with several names that were already stored.
 */

#ifndef HARDLINKS_H
#define HARDLINKS_H

#include "base/fdbroker_types.h"

struct hardlinks;

struct hardlinks	*hardlinks_new(void);
void		 hardlinks_free(struct hardlinks *);

/*
 * The name under which the file with this device and inode was stored, or
 * NULL.  The string is valid until the next call.  A file is forgotten when
 * the last of its names was looked up.
 */
const char	*hardlinks_find(struct hardlinks *, const struct fdb_stat *st);

/* Remember a file if it has several names.  0, or -1 with errno ENOMEM. */
int		 hardlinks_add(struct hardlinks *, const struct fdb_stat *st,
		    const char *name);

#endif /* HARDLINKS_H */
