/*
 * paths.h: the paths to store, with the name of each in requests and in the
 * archive.  Works on names only and never looks at the disk.
 */

#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>
#include <stddef.h>

#define PATHS_WHY_MAX	512	/* bytes of a reason, with its NUL */

struct path {
	char	*given;		/* as on the command line */
	char	*request;	/* absolute, clean */
	char	*member;	/* clean, relative; "." is the base itself */
	bool	 dir;		/* must be one: ends in "/", "/." or ".." */
	bool	 maybe_dir;	/* it is a directory, or may be one */
};

struct paths {
	struct path	 *v;		/* in the order of the command line */
	size_t		  n, size;
	struct path	**sorted;	/* by member; after paths_check() */
};

/*
 * Append a path.  A relative path is beneath dir, which is absolute and clean,
 * and its name in the archive is relative to dir.  An absolute path loses its
 * leading "/" in the archive.  0, or -1 with errno and the reason in why, of
 * PATHS_WHY_MAX bytes: EINVAL (the path is empty, or ".." leads above the
 * directory where it begins), ENOMEM.
 */
int	 paths_add(struct paths *, const char *dir, const char *given,
	    char *why);

/* Replace the request of path i, for example if its parent is a link. */
int	 paths_set_request(struct paths *, size_t i, const char *request);

/*
 * Drop paths that were given twice.  Refuse paths that would store different
 * files under one name.  0, or -1 with errno and why as above.
 */
int	 paths_check(struct paths *, char *why);

void	 paths_free(struct paths *);

/* How a member relates to the paths, which were checked. */
enum paths_relation {
	PATHS_NONE,
	PATHS_ABOVE,	/* one of the paths is beneath it */
	PATHS_IS	/* it is one of the paths */
};
enum paths_relation paths_relate(const struct paths *, const char *member);

/* True if other is member itself or beneath it, compared by component. */
bool	 paths_covers(const char *member, const char *other);

/*
 * A copy of a path without empty components, "." and "..", which the caller
 * frees; "." if no component of a relative path is left.  NULL with errno:
 * EINVAL (".." leads above the start of a relative path), ENOMEM.
 */
char	*paths_clean(const char *);

#endif /* PATHS_H */
