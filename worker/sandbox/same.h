/*
 * same.h: the digest of a file before it is stored, to compare it with that of
 * an earlier archive.
 */

#ifndef SAME_H
#define SAME_H

#include <stdbool.h>

#include "base/fdbroker_types.h"
#include "common/buf.h"
#include "common/entry.h"
#include "sandbox/owners.h"
#include "sandbox/reporter.h"

struct same;

/*
 * Before confinement.  watched: tell of progress while a file is read, since
 * it is not stored after that.  NULL: it failed, which was reported.
 */
struct same	*same_new(struct reporter *, bool watched);
void		 same_free(struct same *);

/*
 * Read a file, and set the digest of its entry.  whole: its holes are contents,
 * too.  1; 0: it cannot be read, or changes meanwhile; -1, which was reported.
 */
int		 same_digest(struct same *, struct entry *,
		    const struct fdb_stat *, int fd, bool whole);

/* Set the digest of an entry's attributes, if any.  0, or -1 as above. */
int		 same_attributes(struct same *, struct entry *);

/*
 * Append the line that the archiver would write of an entry with its digest,
 * without a newline.  e->uname is valid until the next call.  0, or -1 as
 * above.
 */
int		 same_line(struct same *, struct owners *, struct entry *,
		    struct buf *line);

#endif /* SAME_H */
