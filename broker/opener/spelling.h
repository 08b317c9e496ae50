/*
 * spelling.h: is a name spelled as its directory lists it?
 *
 * Rules are about names, so a file must be reached by the name that it has and
 * by no other spelling.  Most file systems see to that themselves.  For others
 * the opener reads the directory and looks for the name.
 */

#ifndef SPELLING_H
#define SPELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/fskind.h"

struct spelling;

/* NULL with errno ENOMEM. */
struct spelling	*spelling_new(void);
void		 spelling_free(struct spelling *);

/*
 * Ask the kernel what it can do; before the process is confined.  Without this,
 * a kernel is supposed to do what it may.
 */
void		 spelling_init(struct spelling *);

/* A request begins: what was read for the last one is forgotten. */
void		 spelling_begin(struct spelling *);

/*
 * The kind of the file system of a directory, as *dir describes it: what is
 * known of it, or FSKIND_UNASKED.  spelling_learn() asks; the directory must be
 * open for reading.
 */
enum fskind	 spelling_kind(const struct spelling *,
		    const struct fdb_stat *dir);
enum fskind	 spelling_learn(struct spelling *, const struct fdb_stat *dir,
		    int fd);

/*
 * Does the directory that *dir describes list the name?  1 or 0, if it was read
 * for this request and has not changed; else -1, and it must be read.
 */
int		 spelling_recall(const struct spelling *,
		    const struct fdb_stat *dir, const char *name);

/*
 * The same, by reading the directory, which must be open for reading, from its
 * beginning.  1, 0, or -1 with errno.
 */
int		 spelling_read(struct spelling *, const struct fdb_stat *dir,
		    int fd, const char *name);

/*
 * The opener found that a name exists and is not listed, so that it fails with
 * ENOENT.  spelling_was_missed() is for the last name that was resolved.
 */
void		 spelling_set_missed(struct spelling *, bool);
bool		 spelling_was_missed(const struct spelling *);

/* For tests: take every directory for one that must be read. */
void		 spelling_trust_nothing(struct spelling *);

#endif /* SPELLING_H */
