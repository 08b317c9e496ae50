/*
 * dirwatch.h: learn that names in some directories changed, without looking at
 * them again and again.
 *
 * It goes in rounds: dirwatch_begin(), dirwatch_add() for each directory that
 * matters now, dirwatch_end(), which forgets the others.  Whoever adds a
 * directory before looking at a name in it misses no change.
 */

#ifndef DIRWATCH_H
#define DIRWATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Directories at most: those beyond fail with ENOSPC. */
#define DIRWATCH_MAX	1024

struct dirwatch_one;

struct dirwatch {
	int			 fd;	/* readable after a change; or -1 */
	struct dirwatch_one	*dirs;
	size_t			 n;
};

void	 dirwatch_init(struct dirwatch *);
void	 dirwatch_free(struct dirwatch *);

/* Take what fd has.  False if it tells of no change in a directory. */
bool	 dirwatch_read(struct dirwatch *);

void	 dirwatch_begin(struct dirwatch *);
/*
 * Add a directory; the descriptor stays the caller's, and the current directory
 * is this one afterwards.  With contents, a file in it that was closed after it
 * was open for writing is a change, too.  0; or -1 with errno: ENOSYS (this
 * system tells of no changes), EMFILE or ENOSPC (a limit), EACCES (it cannot be
 * read).
 */
int	 dirwatch_add(struct dirwatch *, int dirfd, bool contents);
void	 dirwatch_end(struct dirwatch *);

#endif /* DIRWATCH_H */
