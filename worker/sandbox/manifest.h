/*
 * manifest.h: the manifest, one line in the format of mtree(5) for each
 * member of an archive.
 *
 * Lines are written in one way only, so that two lines about one file are
 * compared keyword by keyword, as text.
 */

#ifndef MANIFEST_H
#define MANIFEST_H

#include <stddef.h>

#include "common/buf.h"
#include "common/entry.h"

/* The name of the member that holds it: the last one of an archive. */
#define MANIFEST_NAME	".fdbackup.mtree"

/* Its first line. */
#define MANIFEST_HEAD	"#mtree\n"

/* Add the line of an entry, with its newline.  0, or -1: ENOMEM. */
int	 manifest_add(struct buf *, const struct entry *);

/*
 * The length of the encoded name in front of a line that has no newline; 0 if
 * it is no line about a file (a comment, an empty one, "/set").
 */
size_t	 manifest_name_len(const char *line);

/* Decode the name in front of a line.  0, or -1: EINVAL, ENOMEM. */
int	 manifest_name(struct buf *, const char *line);

/*
 * Say how the line of what is in the archive differs from that of the
 * manifest: adds "size=3, not size=4; ..." to text.  0 if they do not differ,
 * 1 if they do, -1: ENOMEM.
 */
int	 manifest_differ(struct buf *text, const char *archived,
	    const char *recorded);

#endif /* MANIFEST_H */
