/*
 * earlier.h: the manifest of an earlier archive, and where each of its lines
 * is.
 *
 * Only an index is in memory, 16 bytes for each place in a table that is at
 * most three quarters full: the lines stay in the file.
 */

#ifndef EARLIER_H
#define EARLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "sandbox/manifest.h"
#include "sandbox/reporter.h"

struct earlier;

/* A place in the table; 0: none. */
typedef uint32_t	 earlier_at;

/* What becomes known of a name; the caller's to set. */
#define EARLIER_SEEN	0x01	/* it is there */
#define EARLIER_LISTED	0x02	/* a directory, which was read to its end */
#define EARLIER_MET	0x04	/* it is left out, whatever it is */
#define EARLIER_KEPT	0x08	/* it is unchanged */
#define EARLIER_TWICE	0x10	/* two lines have this name */
#define EARLIER_GONE	0x20	/* it is not there any more */
#define EARLIER_ABSENT	0x80	/* a path that does not exist */
#define EARLIER_REPLACED 0x40	/* it was a directory, and is none now */

/*
 * Before confinement, since it needs random numbers.  name is that of the file,
 * for messages; the caller keeps it, and the descriptor, which has offsets and
 * does not change.  NULL: no memory.
 */
struct earlier	*earlier_new(const char *name);
void		 earlier_free(struct earlier *);

/*
 * Read the manifest.  foreign: it need not be one of ours, and its end may be
 * missing; of several lines with one name, the last one counts, and not the
 * first.  0, or -1: it is damaged, or of another program, or there is no
 * memory, which was reported.
 */
int		 earlier_load(struct earlier *, int fd, bool foreign,
		    struct reporter *);

const struct manifest_head *earlier_head(const struct earlier *);

/* The number of names. */
uint64_t	 earlier_count(const struct earlier *);

/*
 * Find a name, as manifest_encode() writes it, of len bytes.  1, and *at is its
 * place and *line its line until the next call; 0: it is not there; -1 with
 * errno.
 */
int		 earlier_find(struct earlier *, const char *encoded, size_t len,
		    earlier_at *at, const char **line);

unsigned int	 earlier_flags(const struct earlier *, earlier_at);
void		 earlier_mark(struct earlier *, earlier_at, unsigned int flag);

/*
 * Go through all names, in the order of the lines that count.  *pos is 0 at
 * first.  1, 0 at the end, or -1 with errno.
 */
int		 earlier_next(struct earlier *, uint64_t *pos, earlier_at *at,
		    const char **line);

#endif /* EARLIER_H */
