/*
 * choose.c: read the options that choose what is stored; see
 * controller/choose.h.
 *
 * Runs in the controller, with the user's rights.  Reads the files of
 * --exclude-from, and follows the links in the directories of a pattern, as it
 * does with those of a path.
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fdbroker_types.h"
#include "base/pathname.h"
#include "controller/choose.h"
#include "controller/follow.h"
#include "controller/listfile.h"
#include "controller/newer.h"

#define IF_PRESENT_MAX	32	/* that a broker takes */

struct source {
	struct choice	*choice;
	const char	*dir;		/* of "./" */
	const char	*file;		/* NULL: the command line */
};

/*
 * The directories at the beginning of an absolute pattern that have no
 * wildcard, with links followed as far as the user can; the rest of the pattern
 * is in *rest.  NULL if there is nothing to follow.
 */
static char *
follow_directories(const char *pattern, const char **rest)
{
	const char	*why, *p;
	char		*begin, *real = NULL;
	struct glob	*g;
	size_t		 len = 0;

	/* Up to the last slash before the first wildcard. */
	for (p = pattern; *p != '\0' && strchr("*?[", *p) == NULL; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '/' && p[1] != '\0')
			len = (size_t)(p - pattern);
	}
	if (len == 0 || (begin = strndup(pattern, len)) == NULL)
		return NULL;
	*rest = pattern + len;
	if ((g = glob_compile(begin, &why)) != NULL)
		real = follow_path(glob_literal(g));
	glob_free(g);
	free(begin);
	return real;
}

/* The pattern in terms of the directory as it really is; the caller frees. */
static char *
resolve_pattern(const char *pattern)
{
	char		 quoted[2 * GLOB_PATH_MAX];
	const char	*rest;
	char		*real, *joined = NULL;

	if ((real = follow_directories(pattern, &rest)) != NULL) {
		if (glob_quote(quoted, sizeof(quoted), real) == 0 &&
		    asprintf(&joined, "%s%s", strcmp(quoted, "/") == 0 ? "" :
		    quoted, rest) == -1)
			joined = NULL;
		free(real);
	}
	return joined != NULL ? joined : strdup(pattern);
}

/* "./a" is "dir/a": an absolute pattern. */
static char *
absolute_pattern(const char *dir, const char *text)
{
	char	 quoted[2 * GLOB_PATH_MAX];
	char	*p;

	if (strncmp(text, "./", 2) != 0)
		return strdup(text);
	if (glob_quote(quoted, sizeof(quoted), dir) == -1 ||
	    asprintf(&p, "%s%s", strcmp(quoted, "/") == 0 ? "" : quoted,
	    text + 1) == -1)
		return NULL;
	return p;
}

static int
add_pattern(const struct source *s, const char *text, const char *from,
    const char **why)
{
	struct excludes	*x = &s->choice->excludes;
	char		*absolute, *resolved = NULL;
	int		 ret = -1;

	*why = "out of memory";
	errno = ENOMEM;
	if ((absolute = absolute_pattern(s->dir, text)) != NULL &&
	    (resolved = absolute[0] == '/' ? resolve_pattern(absolute) :
	    strdup(absolute)) != NULL)
		ret = exclude_add(x, resolved, from, s->file == NULL, why);
	free(resolved);
	free(absolute);
	return ret;
}

/* A pattern of the command line, or one in a file. */
static int
take_pattern(void *arg, const char *text, size_t number, char *why,
    size_t size)
{
	const struct source	*s = arg;
	const char		*phrase;
	char			*from;
	int			 n;

	if (s->file != NULL && text[0] == '#')
		return 0;
	n = s->file == NULL ? asprintf(&from, "--exclude %s",
	    text[0] == '\0' ? "\"\"" : text) : asprintf(&from, "%s:%zu: %s",
	    listfile_name(s->file), number, text);
	if (n == -1) {
		(void)strlcpy(why, "out of memory", size);
		return -1;
	}
	if ((n = add_pattern(s, text, from, &phrase)) == -1)
		(void)snprintf(why, size, "%s: %s", from, phrase);
	free(from);
	return n;
}

static int
add_patterns(struct choice *c, const struct options *o, const char *dir,
    char *why)
{
	struct source	 s = { c, dir, NULL };
	size_t		 i;

	for (i = 0; i < o->exclude.n; i++)
		if (take_pattern(&s, o->exclude.v[i], 0, why,
		    PATHS_WHY_MAX) == -1)
			return -1;
	for (i = 0; i < o->exclude_from.n; i++) {
		s.file = o->exclude_from.v[i];
		if (listfile_read(s.file, '\n', take_pattern, &s, why,
		    PATHS_WHY_MAX) == -1)
			return -1;
	}
	return 0;
}

static int
add_if_present(struct choice *c, const struct options *o, char *why)
{
	size_t	 i;

	c->if_present = o->if_present.v;
	c->nif_present = o->if_present.n;
	if (c->nif_present > IF_PRESENT_MAX) {
		(void)snprintf(why, PATHS_WHY_MAX, "--exclude-if-present: "
		    "at most %d names", IF_PRESENT_MAX);
		return -1;
	}
	for (i = 0; i < c->nif_present; i++) {
		if (strchr(c->if_present[i], '/') == NULL &&
		    pathname_is_clean(c->if_present[i]))
			continue;
		(void)snprintf(why, PATHS_WHY_MAX, "--exclude-if-present "
		    "%s: must be the name of a file, without directories",
		    c->if_present[i]);
		return -1;
	}
	return 0;
}

int
choose_make(struct choice *c, const struct options *o, const char *dir,
    char *why)
{
	memset(c, 0, sizeof(*c));
	/* A dry run needs neither contents nor attributes. */
	c->walk = o->dry_run ? FDB_WALK_NO_OPEN :
	    FDB_WALK_XATTR | FDB_WALK_READAHEAD;
	if (!o->command->stores && !o->contents)
		c->walk = FDB_WALK_XATTR | FDB_WALK_NO_OPEN;
	if (o->caches)
		c->walk |= FDB_WALK_CACHEDIR;
	if (o->one_fs)
		c->walk |= FDB_WALK_ONE_FS;
	if (o->newer != NULL) {
		c->walk |= FDB_WALK_SINCE;
		if (newer_parse(o->newer, &c->since, &c->since_nsec, why,
		    PATHS_WHY_MAX) == -1)
			return -1;
	}
	return add_patterns(c, o, dir, why) == -1 ||
	    add_if_present(c, o, why) == -1 ? -1 : 0;
}

void
choose_free(struct choice *c)
{
	exclude_free(&c->excludes);
}
