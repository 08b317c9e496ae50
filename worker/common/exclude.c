/*
 * exclude.c: compare patterns with the paths to store; see common/exclude.h.
 *
 * Runs in the controller, which reads the patterns, and in the worker, which
 * asks for walks.  Touches nothing but memory.
 *
 * A pattern is compared component by component.  The state is the set of parts
 * that may come next; what is left of the pattern at the end of the path is the
 * pattern for what lies beneath it.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/exclude.h"

static void
exclude_clear(struct exclude *e)
{
	size_t	 i;

	for (i = 0; i < e->nparts; i++)
		glob_free(e->parts[i].glob);
	free(e->parts);
	free(e->at);
	free(e->text);
	free(e->from);
}

/* The component of e->text that begins at `at'.  0, or -1 with *why. */
static int
part_make(struct exclude_part *p, const char *name, size_t len,
    const char **why)
{
	char	 pattern[GLOB_PATH_MAX];

	memset(p, 0, sizeof(*p));
	p->any = len == 2 && memcmp(name, "**", 2) == 0;
	if (p->any)
		return 0;
	pattern[0] = '/';
	memcpy(pattern + 1, name, len);
	pattern[len + 1] = '\0';
	if ((p->glob = glob_compile(pattern, why)) == NULL)
		return -1;
	p->literal = !glob_is_wild(p->glob);
	p->name = glob_literal(p->glob) + 1;
	p->len = strlen(p->name);
	return 0;
}

/* Split e->text, whose syntax is checked, into parts.  0, or -1 with *why. */
static int
exclude_split(struct exclude *e, const char **why)
{
	const char	*p;
	size_t		 len, max = strlen(e->text) / 2 + 1;

	*why = "out of memory";
	if ((e->parts = calloc(max, sizeof(*e->parts))) == NULL ||
	    (e->at = calloc(max, sizeof(*e->at))) == NULL)
		return -1;
	for (p = e->text; p[0] == '/' && p[1] != '\0'; p += len + 1) {
		len = strcspn(p + 1, "/");
		if (part_make(&e->parts[e->nparts], p + 1, len, why) == -1)
			return -1;
		e->at[e->nparts++] = (size_t)(p - e->text);
	}
	return 0;
}

/* Check what the broker would refuse, or what can never match. */
static int
exclude_check(const char *text, const char **why)
{
	char		 pattern[GLOB_PATH_MAX + sizeof("**/")] = "**/";
	struct glob	*g;
	size_t		 len;

	if (text[0] == '/')
		text++;
	*why = "there is no name in it";
	if (text[0] == '\0')
		goto fail;
	*why = "it is longer than 4095 bytes";
	if ((len = strlcat(pattern, text, sizeof(pattern))) >=
	    sizeof(pattern))
		goto fail;
	if (pattern[len - 1] == '/' && len > strlen("**/"))
		pattern[len - 1] = '\0';
	if ((g = glob_compile(pattern, why)) == NULL)
		return -1;
	glob_free(g);
	return 0;

fail:
	errno = EINVAL;
	return -1;
}

static int
exclude_make(struct exclude *e, const char *text, const char *from,
    const char **why)
{
	size_t	 len = strlen(text);

	*why = "out of memory";
	memset(e, 0, sizeof(*e));
	e->anchored = text[0] == '/';
	e->dir_only = text[len - 1] == '/';
	if ((e->from = strdup(from)) == NULL ||
	    (e->text = malloc(len + 2)) == NULL)
		return -1;
	e->text[0] = '/';
	(void)strlcpy(e->text + !e->anchored, text, len + 1);
	return exclude_split(e, why);
}

static int
excludes_grow(struct excludes *x)
{
	struct exclude	*v;
	size_t		 size = x->size * 2 + 16;

	if (x->now == NULL &&
	    ((x->now = calloc(2, GLOB_DEPTH_MAX + 1)) == NULL))
		return -1;
	x->next = x->now + GLOB_DEPTH_MAX + 1;
	if (x->n < x->size)
		return 0;
	if ((v = reallocarray(x->v, size, sizeof(*v))) == NULL)
		return -1;
	x->v = v;
	x->size = size;
	return 0;
}

int
exclude_add(struct excludes *x, const char *text, const char *from,
    bool named, const char **why)
{
	struct exclude	 e;
	int		 saved;

	if (exclude_check(text, why) == -1)
		return -1;
	*why = "there are too many patterns: a broker takes 16384, with "
	    "1048576 bytes together";
	errno = E2BIG;
	if (x->n == EXCLUDE_MAX ||
	    (x->bytes += strlen(text) + 1) > EXCLUDE_BYTES)
		return -1;
	if (exclude_make(&e, text, from, why) == -1 ||
	    (*why = "out of memory", excludes_grow(x) == -1)) {
		saved = errno;
		exclude_clear(&e);
		errno = saved;
		return -1;
	}
	e.named = named;
	x->dir_only = x->dir_only || e.dir_only;
	x->v[x->n++] = e;
	return 0;
}

void
exclude_free(struct excludes *x)
{
	size_t	 i;

	for (i = 0; i < x->n; i++)
		exclude_clear(&x->v[i]);
	free(x->v);
	free(x->left);
	free(x->now < x->next ? x->now : x->next);
	memset(x, 0, sizeof(*x));
}

static bool
part_matches(const struct exclude_part *p, const char *name, size_t len)
{
	char	 path[GLOB_PATH_MAX];

	if (p->literal)
		return p->len == len && memcmp(p->name, name, len) == 0;
	if (len + 2 > sizeof(path))
		return false;
	path[0] = '/';
	memcpy(path + 1, name, len);
	path[len + 1] = '\0';
	return glob_covers(p->glob, path);
}

/* "**" may match nothing, unless it is the last part. */
static void
states_close(const struct exclude *e, uint8_t *states)
{
	size_t	 i;

	for (i = 0; i + 1 < e->nparts; i++)
		if (states[i] && e->parts[i].any)
			states[i + 1] = 1;
}

/* Compare the parts that may come next with a component of the path. */
static void
states_step(const struct exclude *e, const uint8_t *now, uint8_t *next,
    const char *name, size_t len)
{
	size_t	 i;

	memset(next, 0, e->nparts + 1);
	next[0] = !e->anchored;
	for (i = 0; i < e->nparts; i++) {
		if (!now[i])
			continue;
		if (e->parts[i].any) {
			next[i] = 1;
			if (i + 1 == e->nparts)
				next[i + 1] = 1;
		} else if (part_matches(&e->parts[i], name, len)) {
			next[i + 1] = 1;
		}
	}
	states_close(e, next);
}

/*
 * Go through the path, which has no leading "/".  True: the pattern matches it,
 * or a directory above it.  Otherwise x->now has the parts that may come next.
 */
static bool
exclude_pass(struct excludes *x, const struct exclude *e, const char *path,
    bool dir)
{
	uint8_t	*swap;
	size_t	 len;

	memset(x->now, 0, e->nparts + 1);
	x->now[0] = 1;
	states_close(e, x->now);
	while (*path != '\0') {
		len = strcspn(path, "/");
		states_step(e, x->now, x->next, path, len);
		swap = x->now;
		x->now = x->next;
		x->next = swap;
		path += len;
		if (*path == '/')
			path++;
		if (x->now[e->nparts])
			return *path != '\0' || dir || !e->dir_only;
	}
	return false;
}

/* Add a pattern for the walk.  0, or -1: ENOMEM. */
static int
left_add(struct excludes *x, const char *text)
{
	const char	**v;
	size_t		  size = x->leftsize * 2 + 16;

	if (x->nleft == x->leftsize) {
		v = reallocarray(x->left, size, sizeof(*v));
		if (v == NULL)
			return -1;
		x->left = v;
		x->leftsize = size;
	}
	x->left[x->nleft++] = text;
	return 0;
}

int
exclude_for(struct excludes *x, const struct path *p,
    const struct exclude **hit)
{
	const char	*path;
	struct exclude	*e;
	size_t		 i, k;

	x->nleft = 0;
	for (i = 0; i < x->n; i++) {
		e = &x->v[i];
		path = e->anchored ? p->request + 1 :
		    strcmp(p->member, ".") == 0 ? "" : p->member;
		if (exclude_pass(x, e, path, p->maybe_dir)) {
			e->used = true;
			*hit = e;
			return 1;
		}
		for (k = 0; k < e->nparts; k++) {
			if (!x->now[k])
				continue;
			e->used = true;
			/* Without the slash it matches at any depth. */
			if (left_add(x, e->text + e->at[k] +
			    (k == 0 && !e->anchored)) == -1)
				return -1;
		}
	}
	return 0;
}
