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

/*
 * The lines that mtree(5) takes for comments: the head, members that repeat the
 * name of another one, names that were removed since, and the end.  Such a
 * member is a directory, or a file that changed while it was stored; the next
 * member is the same file, stored again.
 */
#define MANIFEST_MTREE		"#mtree"
#define MANIFEST_HEAD		"#fdbackup "
#define MANIFEST_ALSO		"#also "
#define MANIFEST_REMOVED	"#removed "
#define MANIFEST_END		"#end "

/* What readers of this version understand. */
#define MANIFEST_FORMAT		1

/* What the head says. */
struct manifest_head {
	int64_t		 began;		/* when the run began */
	uint32_t	 began_nsec;
	bool		 has_since;	/* the run was an incremental one: */
	int64_t		 since;		/* when the earlier run began */
	uint32_t	 since_nsec;
};

/* Append the lines that a manifest begins with.  0, or -1: ENOMEM. */
int	 manifest_begin(struct buf *, const struct manifest_head *);

/*
 * Read the head, a line without its newline.  0, or -1 with errno: EINVAL (it
 * is none), ENOTSUP (of a format that this version does not know).
 */
int	 manifest_head(struct manifest_head *, const char *line);

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

/* Append a name as it begins a line.  0, or -1: ENOMEM. */
int	 manifest_encode(struct buf *, const char *name);

/* Append the decoded name of a line.  0, or -1: EINVAL, ENOMEM. */
int	 manifest_name(struct buf *, const char *line);

/*
 * Append the decoded name of a line that begins with MANIFEST_REMOVED.  *dir:
 * it was a directory.  0, or -1 as above.
 */
int	 manifest_removed(struct buf *, const char *line, bool *dir);

/* True if a line describes a regular file and has no digest of its contents. */
bool	 manifest_lacks_digest(const char *line);

/*
 * Compare the line that describes a member of the archive with the recorded
 * line of the manifest, and append the differences: "size=3, not size=4; ...".
 * 0: none, 1: there are some, -1: ENOMEM.
 */
int	 manifest_differ(struct buf *text, const char *archived,
	    const char *recorded);

/*
 * What an incremental archive does not hold, its manifest marks: a member that
 * has not changed, and one that the run could not look at.
 */
#define MANIFEST_UNCHANGED	" tags=unchanged"
#define MANIFEST_UNSEEN		" tags=unseen"

/* True unless a line has one of these marks. */
bool	 manifest_is_held(const char *line);

/* The length of a line without the state of its file and without a mark. */
size_t	 manifest_len(const char *line);
/* The length of a line with that state, and without a mark. */
size_t	 manifest_state_len(const char *line);

/*
 * True if the earlier line proves that the file is the same and unchanged: the
 * line that was made of it now has the same type, owner, size, times and inode
 * number.
 */
bool	 manifest_is_same(const char *now, const char *earlier);

/*
 * Append how an object differs from its earlier line: "size 3 -> 4, mtime ...".
 * What one of the lines does not know is not compared.  coarse: nor are
 * fractions of a second, if the earlier line has none, nor nanoseconds.  1; 0:
 * it does not differ; -1: ENOMEM.
 */
int	 manifest_changes(struct buf *text, const char *earlier,
	    const char *now, bool coarse);

/* True if a line is about a directory. */
bool	 manifest_is_directory(const char *line);

/* The encoded name of the file that the line of a hard link belongs to. */
const char *manifest_hardlink(const char *line, size_t *len);

/*
 * What the line of a file says of its attributes, or NULL; that of a hard link
 * to it does not repeat this.
 */
const char *manifest_attributes(const char *line, size_t *len);

/*
 * Set what a line says of mode, owner, time and contents.  The names of the
 * owner go to the buffers.  0, or -1 with errno: EINVAL, ENOMEM.
 */
int	 manifest_parse(struct entry *, const char *line, struct buf *uname,
	    struct buf *gname);

#endif /* MANIFEST_H */
