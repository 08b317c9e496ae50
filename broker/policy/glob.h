/*
 * glob.h: patterns of paths.
 *
 * Within a component `*' matches any bytes, `?' one byte and `[...]' one byte
 * of a set.  `**' as a whole component matches any number of components, but at
 * least one if it is the last component.  `\' makes the next character literal.
 *
 * A pattern without a wildcard covers its path and everything beneath that, by
 * component; a pattern with a wildcard covers only what it matches.  Bytes are
 * compared: there is no locale and no case folding, and a leading dot is a
 * character like any other.
 */

#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLOB_PATH_MAX	4096			/* room for a path, with NUL */
#define GLOB_DEPTH_MAX	(GLOB_PATH_MAX / 2)	/* components in a path */

struct glob;

/*
 * An absolute path that is split once and compared with many patterns.
 * Component i, counted from 0, ends before path + end[i].  Functions that take
 * a depth look at the first `depth' components only; with 0 that is "/".
 */
struct glob_path {
	const char	*path;		/* belongs to the caller */
	size_t		 depth;
	uint32_t	*end;		/* room, or longer and the caller's */
	uint32_t	 room[GLOB_DEPTH_MAX];
};

/*
 * Split a path.  False if it is not absolute and clean, or too long.  The
 * struct must not move: end points into it.
 */
bool		 glob_path_split(struct glob_path *, const char *path);
/* Component i of the path, which is not terminated; *len is its length. */
const char	*glob_path_name(const struct glob_path *, size_t i,
		    size_t *len);

/*
 * Compile a pattern, which must be absolute and clean; a slash before a leading
 * "**" may be left out.  NULL with errno EINVAL or ENOMEM; *why is then a
 * constant sentence that says what is wrong.
 */
struct glob	*glob_compile(const char *pattern, const char **why);
void		 glob_free(struct glob *);

/*
 * Write the pattern that covers the path and everything beneath it: wildcards
 * in the path are escaped.  0, or -1 with errno ENAMETOOLONG.
 */
int		 glob_quote(char *dst, size_t size, const char *path);

/* True if the pattern has a wildcard. */
bool		 glob_is_wild(const struct glob *);

/*
 * False if no name can match some component: a set in it has no byte, or it
 * matches only names of more than NAME_MAX bytes.
 */
bool		 glob_can_match(const struct glob *);

/* True if the pattern covers the absolute, clean path. */
bool		 glob_covers(const struct glob *, const char *path);
bool		 glob_covers_at(const struct glob *, const struct glob_path *,
		    size_t depth);

/*
 * True if the pattern may cover something strictly beneath the path.  The
 * answer is also true for a pattern with a set that matches no byte.
 */
bool		 glob_reaches(const struct glob *, const char *path);
bool		 glob_reaches_at(const struct glob *, const struct glob_path *,
		    size_t depth);

/*
 * The components before the first one with a wildcard, unescaped, as an
 * absolute path ("/" if there are none).  Belongs to the glob.
 */
const char	*glob_literal(const struct glob *);

/*
 * True if the pattern covers everything strictly beneath glob_literal(): only
 * `**' follows that part.
 */
bool		 glob_is_beneath(const struct glob *);

/*
 * A key is a text that a path must have at a known place if a pattern with a
 * wildcard covers it: the name of a component, or some bytes of that name.  By
 * its keys an index finds the few patterns that may cover a path.
 */
enum glob_key_kind {
	GLOB_KEY_BEGIN,		/* the bytes before the first wildcard */
	GLOB_KEY_END,		/* the bytes after the last wildcard */
	GLOB_KEY_DOT,		/* those from the last dot on */
	GLOB_KEY_NAME,		/* the whole name */
	GLOB_KEY_KINDS
};

struct glob_key {
	enum glob_key_kind	 kind;
	bool			 back;	/* `at' counts from the path's end */
	size_t			 at;	/* number of the component, from 0 */
	const char		*text;	/* the glob's, not terminated */
	size_t			 len;
};

/* The number of components in a pattern. */
size_t		 glob_parts(const struct glob *);
/*
 * The key of this kind that component i of the pattern has.  False if it has
 * none.  A component whose END would be its DOT has a DOT only.
 */
bool		 glob_key(const struct glob *, size_t i, enum glob_key_kind,
		    struct glob_key *);
/*
 * True if the length is a part of a key of this kind: glob_path_key() cannot
 * find out from the path how many bytes count.
 */
bool		 glob_key_is_sized(enum glob_key_kind);
/*
 * The text in the first `depth' components of a path at the place of the key,
 * of which kind, back, at and, if it is sized, len are used.  False if the path
 * has no such place: no pattern with a key there covers it.
 */
bool		 glob_path_key(const struct glob_path *, size_t depth,
		    const struct glob_key *, const char **text, size_t *len);

#endif /* GLOB_H */
