/*
 * hardlinks.h: which files were stored under another name already.
 */

#ifndef HARDLINKS_H
#define HARDLINKS_H

#include "base/fdbroker_types.h"

struct hardlinks;

struct hardlinks	*hardlinks_new(void);
void		 hardlinks_free(struct hardlinks *);

/*
 * The name under which the file that st tells of was stored, NULL if there is
 * none.  Belongs to links, until the next call.  A file is
 * forgotten when as many names were seen as it has.
 */
const char	*hardlinks_find(struct hardlinks *, const struct fdb_stat *st);

/* Remember a file with several names.  0, or -1 with errno ENOMEM. */
int		 hardlinks_add(struct hardlinks *, const struct fdb_stat *st,
		    const char *name);

#endif /* HARDLINKS_H */
