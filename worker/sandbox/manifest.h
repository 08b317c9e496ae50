/*
 * manifest.h: the manifest: a line in the format of mtree(5) for each member
 * of an archive.
 *
 * Equal metadata always gives equal lines, so two lines about a file can be
 * compared as text, keyword by keyword.
 */

#ifndef MANIFEST_H
#define MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "common/entry.h"

/* The member that holds the manifest, the last one of an archive. */
#define MANIFEST_NAME	".fdbackup.mtree"

/* What a manifest begins with. */
#define MANIFEST_HEAD	"#mtree\n. type=dir\n"

/*
 * mtree(8) wants a line for each directory on the way to a file.  Append lines
 * for those that have none, just with their type, before the line of this
 * entry.  known, empty at first, is where the line before is.  0, or -1:
 * ENOMEM.
 */
int	 manifest_parents(struct buf *, struct buf *known,
	    const struct entry *);

/* Append the line of an entry, with a newline.  0, or -1: ENOMEM. */
int	 manifest_add(struct buf *, const struct entry *);

/*
 * The length of the encoded name that begins a line, which has no newline; 0
 * if the line is not about a member (a comment, an empty line, "/set", a
 * directory on the way).
 */
size_t	 manifest_name_len(const char *line);

/* Append the decoded name of a line.  0, or -1: EINVAL, ENOMEM. */
int	 manifest_name(struct buf *, const char *line);

/* True if a line describes a regular file and has no digest of its contents. */
bool	 manifest_lacks_digest(const char *line);

/*
 * Compare the line that describes a member of the archive with the recorded
 * line of the manifest, and append the differences: "size=3, not size=4; ...".
 * 0: none, 1: there are some, -1: ENOMEM.
 */
int	 manifest_differ(struct buf *text, const char *archived,
	    const char *recorded);

#endif /* MANIFEST_H */
