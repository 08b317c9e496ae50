/*
 * exclude.h: the patterns of --exclude and --exclude-from.
 *
 * The broker leaves out what they match, but it knows only what lies beneath
 * the start of a walk.  So for each path to store, the patterns are compared
 * with the path itself first; what is left of them goes to the broker.
 *
 * A pattern with a leading "/" is compared with the absolute path, another one
 * with the name in the archive, at any depth of it.
 */

#ifndef EXCLUDE_H
#define EXCLUDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/paths.h"
#include "policy/glob.h"

/* The most that a broker takes for one walk. */
#define EXCLUDE_MAX	16384
#define EXCLUDE_BYTES	1048576

struct exclude_part {
	bool		 any;		/* "**" */
	bool		 literal;	/* the name itself; else a wildcard */
	const char	*name;		/* the glob's; of `len' bytes */
	size_t		 len;
	struct glob	*glob;		/* NULL: any */
};

struct exclude {
	char			*from;	/* "--exclude x" or "file:3: x" */
	bool			 named;	/* on the command line itself */
	bool			 anchored;
	bool			 dir_only;
	bool			 used;	/* it can match near some path */
	char			*text;	/* begins with "/" */
	size_t			 nparts;
	struct exclude_part	*parts;
	size_t			*at;	/* where in text part i begins */
};

/* All zeros: nothing is excluded. */
struct excludes {
	struct exclude	*v;
	size_t		 n, size;
	size_t		 bytes;
	bool		 dir_only;	/* one of them is */
	/* What exclude_for() returns. */
	const char	**left;
	size_t		 nleft, leftsize;
	uint8_t		*now, *next;	/* GLOB_DEPTH_MAX + 1 states */
};

/*
 * Add a pattern that came from an option or from a line of a file.  named: the
 * command line has it.  0, or -1 with errno and *why, a constant sentence:
 * EINVAL (it can never match, or is no pattern), E2BIG (too many), ENOMEM.
 */
int	 exclude_add(struct excludes *, const char *text, const char *from,
	    bool named, const char **why);
void	 exclude_free(struct excludes *);

/*
 * Compare the patterns with a path.  1: the path is excluded, or lies beneath
 * an excluded directory, and *hit is the pattern; 0: it is not, and
 * x->left has the nleft patterns for its walk, which are valid until the next
 * call; -1 with errno ENOMEM.  Patterns that can match at or beneath the path
 * become `used'.
 */
int	 exclude_for(struct excludes *x, const struct path *,
	    const struct exclude **hit);

#endif /* EXCLUDE_H */
