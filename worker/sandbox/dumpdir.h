/*
 * dumpdir.h: the names in a directory, as GNU tar writes them in an incremental
 * archive.  When "tar -xG" extracts such a directory, it removes what is there
 * under other names.
 *
 * Only directories in which something was removed need that.
 */

#ifndef DUMPDIR_H
#define DUMPDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"

/* The most bytes of a list; readers take headers of 1 MiB. */
#define DUMPDIR_MAX	(512 * 1024)

struct dumpdirs;

/* NULL: ENOMEM. */
struct dumpdirs	*dumpdirs_new(void);
void		 dumpdirs_free(struct dumpdirs *);

/*
 * Write a directory once more.  names: with a list of the names in it; else
 * because something was stored in it after others, and tar has set its times.
 * 0, or -1: ENOMEM.
 */
int		 dumpdirs_want(struct dumpdirs *, const char *dir, size_t len,
		    bool names);

/*
 * Add a member to the directory that it is in, if that one is wanted.  0, or
 * -1: ENOMEM.
 */
int		 dumpdirs_add(struct dumpdirs *, const char *member,
		    bool directory);

/*
 * The list of a directory that is wanted, with its end; NULL: it needs none, or
 * that would be too long.  1, 0: it is not wanted; -1: ENOMEM.
 */
int		 dumpdirs_list(struct dumpdirs *, const char *dir,
		    const struct buf **);

bool		 dumpdirs_any(const struct dumpdirs *);

#endif /* DUMPDIR_H */
