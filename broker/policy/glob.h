/*
 * glob.h: path patterns.
 *
 * Within a component `*' stands for any bytes, `?' for one byte, `[...]' for
 * one byte of a set; `**' as a whole component stands for any number of
 * components, as the last one for at least one; `\' takes the next character
 * literally.  A pattern without a wildcard covers itself and everything
 * beneath it, by component; one with a wildcard covers only what it matches.
 * Bytes are compared: no locale, no case folding, and a leading dot is a
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
 * An absolute path, split once to be compared with many patterns.  Component
 * i, from 0, ends before path + end[i]; a depth of n means the ancestor made
 * of the first n components, 0 is "/".
 */
struct glob_path {
	const char	*path;		/* the caller's */
	size_t		 depth;
	uint16_t	 end[GLOB_DEPTH_MAX];
};

/* Split a path.  False if it is not absolute and clean, or too long. */
bool		 glob_path_split(struct glob_path *, const char *path);
/* Component i of the path, which is not terminated; *len is its length. */
const char	*glob_path_name(const struct glob_path *, size_t i,
		    size_t *len);

/*
 * Compile an absolute, clean pattern; one that begins with a "**" component
 * is taken as if a slash were before it.  NULL with errno EINVAL, and *what a
 * constant sentence that says what is wrong, or ENOMEM.
 */
struct glob	*glob_compile(const char *pattern, const char **what);
void		 glob_free(struct glob *);

/*
 * The pattern that covers a path and what is beneath, whatever characters are
 * in it.  0, or -1 with errno ENAMETOOLONG.
 */
int		 glob_quote(char *dst, size_t size, const char *path);

/* True if the pattern has a wildcard. */
bool		 glob_is_wild(const struct glob *);

/* True if the pattern covers the absolute, clean path. */
bool		 glob_covers(const struct glob *, const char *path);
bool		 glob_covers_at(const struct glob *, const struct glob_path *,
		    size_t depth);

/*
 * True if the pattern may cover something strictly beneath path.  A set that
 * no byte is in is taken as if one were.
 */
bool		 glob_reaches(const struct glob *, const char *path);
bool		 glob_reaches_at(const struct glob *, const struct glob_path *,
		    size_t depth);

/*
 * The leading components without a wildcard, unescaped, as an absolute path
 * ("/" if there are none).  Belongs to the glob.
 */
const char	*glob_literal(const struct glob *);

/*
 * True if it covers all that is strictly beneath glob_literal(), since nothing
 * but `**' comes after that in the pattern.
 */
bool		 glob_is_beneath(const struct glob *);

/*
 * What a path must have at a known place for a pattern with a wildcard to
 * cover it, so that an index can pass most patterns over: the name of a
 * component, or some of its bytes.
 */
enum glob_key_kind {
	GLOB_KEY_BEGIN,		/* how it begins, up to a wildcard */
	GLOB_KEY_END,		/* how it ends, after the last wildcard... */
	GLOB_KEY_DOT,		/* ... from its last dot on only */
	GLOB_KEY_NAME,		/* all of it */
	GLOB_KEY_KINDS
};

struct glob_key {
	enum glob_key_kind	 kind;
	bool			 back;	/* counted from the end of the path */
	size_t			 at;	/* number of the component, from 0 */
	const char		*text;	/* the glob's, not terminated */
	size_t			 len;
};

/* The components of a pattern. */
size_t		 glob_parts(const struct glob *);
/*
 * The key of a kind that component i of the pattern gives.  False if it gives
 * none; it gives no END that is its DOT.
 */
bool		 glob_key(const struct glob *, size_t i, enum glob_key_kind,
		    struct glob_key *);
/*
 * True if keys of the kind are alike only if they have the same length, which
 * glob_path_key() then has to be given.
 */
bool		 glob_key_is_sized(enum glob_key_kind);
/*
 * The text that such a key would have for the first `depth' components of a
 * path.  False if there is none, and then nothing with that key covers it.
 */
bool		 glob_path_key(const struct glob_path *, size_t depth,
		    const struct glob_key *, const char **text, size_t *len);

#endif /* GLOB_H */
