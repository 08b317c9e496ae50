/*
 * hardlinks.h: which files were stored under another name already.
 */

#ifndef LINKS_H
#define LINKS_H

#include "base/fdbroker_types.h"

struct links;

struct links	*links_new(void);
void		 links_free(struct links *);

/*
 * The name under which the file that st tells of was stored, NULL if there is
 * none.  Belongs to links, until the next call.  A file is
 * forgotten when as many names were seen as it has.
 */
const char	*links_find(struct links *, const struct fdb_stat *st);

/* Remember a file with several names.  0, or -1 with errno ENOMEM. */
int		 links_add(struct links *, const struct fdb_stat *st,
		    const char *name);

#endif /* LINKS_H */
