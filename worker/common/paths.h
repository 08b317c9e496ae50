/*
 * paths.h: the paths that were asked for: what each is called in requests and
 * what in the archive.  Names only: nothing is looked at on disk.
 */

#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>
#include <stddef.h>

#define PATHS_WHY_MAX	512	/* room for a message, with its NUL */

struct path {
	char	*given;		/* as on the command line */
	char	*request;	/* absolute, clean */
	char	*member;	/* clean, relative; "." for the top itself */
};

struct paths {
	struct path	 *v;		/* in the order of the command line */
	size_t		  n;
	struct path	**sorted;	/* by member; after paths_check() */
};

/*
 * Add a path.  A relative one is beneath dir, which is absolute and clean;
 * its name in the archive is relative to dir, that of an absolute one to "/".
 * 0, or -1 with errno: EINVAL (it is empty, or ".." leads out of where it
 * begins; why, of PATHS_WHY_MAX bytes, says so), ENOMEM.
 */
int	 paths_add(struct paths *, const char *dir, const char *given,
	    char *why);

/* Take another request for the path at i, as when its parent is a link. */
int	 paths_set_request(struct paths *, size_t i, const char *request);

/*
 * Drop what was asked for twice and refuse what would be stored twice under
 * one name.  0, or -1 with errno EINVAL and why as above.
 */
int	 paths_check(struct paths *, char *why);

void	 paths_free(struct paths *);

/*
 * What the name of a member has to do with the paths that were asked for and
 * checked.
 */
enum paths_relation {
	PATHS_NONE,
	PATHS_ABOVE,	/* a path is somewhere beneath it */
	PATHS_IS	/* it is a path of its own */
};
enum paths_relation paths_relate(const struct paths *, const char *member);

/* True if the member other is member itself or beneath it, by component. */
bool	 paths_covers(const char *member, const char *other);

/*
 * An absolute or relative path without empty components, "." and "..", in
 * memory of its own; "." if nothing is left of a relative one.  NULL with
 * errno: EINVAL (".." leads out), ENOMEM.
 */
char	*paths_clean(const char *);

#endif /* PATHS_H */
