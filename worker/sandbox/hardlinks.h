/*
 * hardlinks.h: the files with several names that were already stored.
 *
 * A device and an inode number do not identify a file: once its last name is
 * gone, the number may belong to another file.  A name becomes a hard link only
 * if the metadata proves that it is the file that was stored.  In doubt the
 * file is stored again, which costs space and nothing else.
 */

#ifndef HARDLINKS_H
#define HARDLINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fdbroker_types.h"

/*
 * Bytes that the files remembered may take.  Beyond that the oldest are
 * forgotten, and are stored again under their other names.
 */
#define HARDLINKS_BYTES	(64 * 1024 * 1024)

struct hardlinks;

struct hardlinks	*hardlinks_new(size_t bytes);
void		 hardlinks_free(struct hardlinks *);

/*
 * The name under which this file was stored, or NULL.  target is that of a
 * symbolic link, or "".  The string is valid until the next call.  A file is
 * forgotten when the last of its names was looked up, and when its inode turns
 * out to be another file, or a changed one.
 */
const char	*hardlinks_find(struct hardlinks *, const struct fdb_stat *st,
		    const char *target);

/* True if hardlinks_find() could find this file. */
bool		 hardlinks_has(struct hardlinks *, const struct fdb_stat *st);

/* The number of the file that hardlinks_find() found last. */
uint32_t	 hardlinks_found(const struct hardlinks *);

/*
 * The number, from 1, that hardlinks_add() gives to the next file that it
 * remembers.  Numbers are given again after files were forgotten, so they stay
 * as low as the files are few.
 */
uint32_t	 hardlinks_number(const struct hardlinks *);

/*
 * Remember a file if it has several names.  Call this before a regular file is
 * closed: it is not remembered if its inode could come back with equal times.
 * 0, or -1 with errno ENOMEM.
 */
int		 hardlinks_add(struct hardlinks *, const struct fdb_stat *st,
		    const char *name, const char *target);

#endif /* HARDLINKS_H */
