/*
 * glob.c: patterns of paths; see glob.h.
 *
 * Runs in the supervisor, which compiles patterns, and in the opener, which
 * matches what a client names.  Touches nothing but memory.  Compiling finds
 * every fault of a pattern, so matching cannot fail.  Matching backtracks to
 * the last `*' or `**' only: its time is bounded by the product of the lengths
 * of pattern and path.
 */

#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/pathname.h"
#include "policy/glob.h"

enum part_kind {
	PART_LITERAL,		/* text is unescaped */
	PART_WILD,		/* text is as written, and valid */
	PART_ANY		/* `**' */
};

/* One component of a pattern. */
struct part {
	enum part_kind	 kind;
	const char	*text;
	size_t		 len;
};

struct glob {
	struct part	*parts;
	size_t		 nparts;
	bool		 wild;
	bool		 any;		/* a part is `**' */
	char		*text;		/* the parts point into it */
	char		*literal;
};

/* The byte after the set that begins with `[' at p; NULL: no set, and *why. */
static const char *
set_end(const char *p, const char *end, const char **why)
{
	unsigned char	 lo, hi;
	const char	*first;

	*why = "a \"[\" has no \"]\" in the same component";
	p++;
	if (p < end && (*p == '!' || *p == '^'))
		p++;
	for (first = p; p < end && (*p != ']' || p == first);) {
		if (*p == '[' && p + 1 < end && strchr(":.=", p[1]) != NULL) {
			*why = "a set cannot have a class such as [:alpha:]";
			return NULL;
		}
		if (*p == '\\' && ++p == end)
			return NULL;
		lo = hi = (unsigned char)*p++;
		if (end - p >= 2 && p[0] == '-' && p[1] != ']') {
			p++;
			if (*p == '\\' && ++p == end)
				return NULL;
			hi = (unsigned char)*p++;
		}
		if (lo > hi) {
			*why = "a range in a set is reversed";
			return NULL;
		}
	}
	return p < end ? p + 1 : NULL;
}

/*
 * Check a component, and find out whether it has a wildcard.  0, or -1 with
 * *why.
 */
static int
part_check(const char *p, const char *end, bool *wild, const char **why)
{
	*wild = false;
	while (p < end) {
		switch (*p) {
		case '\\':
			if (++p == end) {
				*why = "a component ends with a backslash";
				return -1;
			}
			if (isalnum((unsigned char)*p)) {
				*why = "a backslash before a letter or "
				    "digit has no meaning";
				return -1;
			}
			p++;
			break;
		case '[':
			*wild = true;
			if ((p = set_end(p, end, why)) == NULL)
				return -1;
			break;
		case '*':
			*wild = true;
			if (++p < end && *p == '*') {
				*why = "** must be a component by itself";
				return -1;
			}
			break;
		case '?':
			*wild = true;
			p++;
			break;
		default:
			p++;
		}
	}
	return 0;
}

/* Remove the backslashes of a component in place.  Returns its new length. */
static size_t
part_unescape(char *text, size_t len)
{
	size_t	 i, n = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == '\\')
			i++;
		text[n++] = text[i];
	}
	return n;
}

static int
part_init(struct part *pt, char *text, size_t len, const char **why)
{
	bool	 wild;

	pt->kind = PART_ANY;
	pt->text = text;
	pt->len = len;
	if (len == 2 && memcmp(text, "**", 2) == 0)
		return 0;
	if (part_check(text, text + len, &wild, why) == -1)
		return -1;
	pt->kind = wild ? PART_WILD : PART_LITERAL;
	if (wild)
		return 0;
	pt->len = part_unescape(text, len);
	if (pt->len > NAME_MAX) {
		*why = "a component is longer than 255 bytes";
		return -1;
	}
	if (text[0] == '.' && (pt->len == 1 ||
	    (pt->len == 2 && text[1] == '.'))) {
		*why = "a component is \".\" or \"..\"";
		return -1;
	}
	return 0;
}

/* Split g->text, which begins after the first slash, into parts. */
static int
glob_split(struct glob *g, const char **why)
{
	struct part	*pt;
	char		*p = g->text;
	size_t		 len;

	if (*p == '\0')
		return 0;
	for (;;) {
		len = strcspn(p, "/");
		if (len == 0) {
			*why = *p == '/' ? "a component is empty" :
			    "it ends with a slash; leave that out";
			return -1;
		}
		pt = &g->parts[g->nparts];
		if (part_init(pt, p, len, why) == -1)
			return -1;
		g->wild = g->wild || pt->kind != PART_LITERAL;
		g->any = g->any || pt->kind == PART_ANY;
		g->nparts++;
		p += len;
		if (*p == '\0')
			return 0;
		p++;
	}
}

/* Join the leading literal parts in g->literal, which has room for them. */
static void
glob_join_literal(struct glob *g)
{
	char	*p = g->literal;
	size_t	 i;

	*p++ = '/';
	for (i = 0; i < g->nparts && g->parts[i].kind == PART_LITERAL; i++) {
		if (i > 0)
			*p++ = '/';
		memcpy(p, g->parts[i].text, g->parts[i].len);
		p += g->parts[i].len;
	}
	*p = '\0';
}

struct glob *
glob_compile(const char *pattern, const char **why)
{
	struct glob	*g = NULL;
	size_t		 len;

	*why = "out of memory";
	if (pattern[0] == '/') {
		pattern++;
	} else if (strncmp(pattern, "**/", 3) != 0) {
		*why = "it must begin with / or **/";
		goto invalid;
	}
	if ((len = strlen(pattern)) >= GLOB_PATH_MAX - 1) {
		*why = "it is longer than 4095 bytes";
		goto invalid;
	}
	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    (g->text = strdup(pattern)) == NULL ||
	    (g->literal = malloc(len + 2)) == NULL ||
	    (g->parts = calloc(len / 2 + 1, sizeof(*g->parts))) == NULL) {
		glob_free(g);
		errno = ENOMEM;
		return NULL;
	}
	if (glob_split(g, why) == -1)
		goto invalid;
	glob_join_literal(g);
	return g;

invalid:
	glob_free(g);
	errno = EINVAL;
	return NULL;
}

void
glob_free(struct glob *g)
{
	if (g == NULL)
		return;
	free(g->parts);
	free(g->literal);
	free(g->text);
	free(g);
}

int
glob_quote(char *dst, size_t size, const char *path)
{
	size_t	 n = 0;

	for (; *path != '\0'; path++) {
		if (n + 3 > size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (strchr("*?[]\\", *path) != NULL)
			dst[n++] = '\\';
		dst[n++] = *path;
	}
	dst[n] = '\0';
	return 0;
}

bool
glob_is_wild(const struct glob *g)
{
	return g->wild;
}

const char *
glob_literal(const struct glob *g)
{
	return g->literal;
}

/* Is the byte in the set at p?  *next is the byte after the set. */
static bool
set_has(const char *p, unsigned char c, const char **next)
{
	unsigned char	 lo, hi;
	const char	*first;
	bool		 found = false, negated = false;

	p++;
	if (*p == '!' || *p == '^') {
		negated = true;
		p++;
	}
	for (first = p; *p != ']' || p == first;) {
		if (*p == '\\')
			p++;
		lo = hi = (unsigned char)*p++;
		if (p[0] == '-' && p[1] != ']') {
			p++;
			if (*p == '\\')
				p++;
			hi = (unsigned char)*p++;
		}
		found = found || (lo <= c && c <= hi);
	}
	*next = p + 1;
	return found != negated;
}

/* Does the pattern at *p, which is not a `*', match the byte?  Advances *p. */
static bool
byte_matches(const char **p, char c)
{
	const char	*q = *p;

	switch (*q) {
	case '?':
		*p = q + 1;
		return true;
	case '[':
		return set_has(q, (unsigned char)c, p);
	case '\\':
		q++;
		break;
	}
	*p = q + 1;
	return *q == c;
}

/* Does a component with wildcards match the whole name? */
static bool
wild_matches(const struct part *pt, const char *name, size_t len)
{
	const char	*p = pt->text, *pend = pt->text + pt->len;
	const char	*s = name, *send = name + len;
	const char	*back_p = NULL, *back_s = NULL;

	while (s < send) {
		if (p < pend && *p == '*') {
			back_p = ++p;
			back_s = s;
			continue;
		}
		if (p < pend && byte_matches(&p, *s)) {
			s++;
			continue;
		}
		/* Let the last `*' match one more byte. */
		if (back_p == NULL)
			return false;
		p = back_p;
		s = ++back_s;
	}
	while (p < pend && *p == '*')
		p++;
	return p == pend;
}

/* Does the part, which is not `**', match component i of the path? */
static bool
part_matches(const struct part *pt, const struct glob_path *gp, size_t i)
{
	const char	*name;
	size_t		 len;

	name = glob_path_name(gp, i, &len);
	if (pt->kind == PART_WILD)
		return wild_matches(pt, name, len);
	return pt->len == len && memcmp(pt->text, name, len) == 0;
}

/*
 * Reject most patterns with a wildcard that do not cover the path, by their
 * number of components or their last component.
 */
static bool
wild_fails(const struct glob *g, const struct glob_path *gp, size_t depth)
{
	const struct part	*last = &g->parts[g->nparts - 1];

	if (depth == 0 || (!g->any && depth != g->nparts))
		return true;
	return last->kind != PART_ANY && !part_matches(last, gp, depth - 1);
}

bool
glob_covers_at(const struct glob *g, const struct glob_path *gp, size_t depth)
{
	size_t	 i = 0, k = 0, back_i = SIZE_MAX, back_k = 0;

	if (g->wild && wild_fails(g, gp, depth))
		return false;
	while (k < depth) {
		if (i == g->nparts && !g->wild)
			return true;
		if (i < g->nparts && g->parts[i].kind == PART_ANY) {
			if (++i == g->nparts)
				return true;	/* at least one is left */
			back_i = i;
			back_k = k;
			continue;
		}
		if (i < g->nparts && part_matches(&g->parts[i], gp, k)) {
			i++;
			k++;
			continue;
		}
		/* Let the last `**' match one more component. */
		if (back_i == SIZE_MAX)
			return false;
		i = back_i;
		k = ++back_k;
	}
	return i == g->nparts;
}

bool
glob_reaches_at(const struct glob *g, const struct glob_path *gp, size_t depth)
{
	size_t	 k;

	for (k = 0; k < depth; k++) {
		if (k == g->nparts)
			return !g->wild;
		if (g->parts[k].kind == PART_ANY)
			return true;
		if (!part_matches(&g->parts[k], gp, k))
			return false;
	}
	return depth < g->nparts || !g->wild;
}

bool
glob_covers(const struct glob *g, const char *path)
{
	struct glob_path	 gp;

	return glob_path_split(&gp, path) && glob_covers_at(g, &gp, gp.depth);
}

bool
glob_reaches(const struct glob *g, const char *path)
{
	struct glob_path	 gp;

	return glob_path_split(&gp, path) && glob_reaches_at(g, &gp, gp.depth);
}

bool
glob_is_beneath(const struct glob *g)
{
	size_t	 i;

	for (i = 0; i + 1 < g->nparts; i++) {
		if (g->parts[i].kind != PART_LITERAL)
			return false;
	}
	return g->nparts > 0 && g->parts[i].kind == PART_ANY;
}

/*
 * Keys.
 */
size_t
glob_parts(const struct glob *g)
{
	return g->nparts;
}

static bool
any_in(const struct glob *g, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (g->parts[from].kind == PART_ANY)
			return true;
	}
	return false;
}

/* The bytes before the first wildcard of a component. */
static bool
part_begin(const struct part *pt, struct glob_key *key)
{
	key->text = pt->text;
	key->len = strcspn(pt->text, "*?[\\");
	return key->len > 0;
}

/* The bytes after the last wildcard, or of these from the last dot on. */
static bool
part_end(const struct part *pt, bool dot, struct glob_key *key)
{
	const char	*end = pt->text + pt->len, *p = end, *last;

	while (p > pt->text && strchr("*?[]\\", p[-1]) == NULL)
		p--;
	last = memrchr(p, '.', (size_t)(end - p));
	key->text = dot ? last : p;
	key->len = key->text != NULL ? (size_t)(end - key->text) : 0;
	return dot ? last != NULL : p < end && p != last;
}

bool
glob_key(const struct glob *g, size_t i, enum glob_key_kind kind,
    struct glob_key *key)
{
	const struct part	*pt = &g->parts[i];

	if (pt->kind != (kind == GLOB_KEY_NAME ? PART_LITERAL : PART_WILD))
		return false;
	key->kind = kind;
	if (!any_in(g, 0, i)) {
		key->back = false;
		key->at = i;
	} else if (!any_in(g, i + 1, g->nparts)) {
		key->back = true;
		key->at = g->nparts - 1 - i;
	} else {
		return false;
	}
	if (kind == GLOB_KEY_BEGIN)
		return part_begin(pt, key);
	if (kind != GLOB_KEY_NAME)
		return part_end(pt, kind == GLOB_KEY_DOT, key);
	key->text = pt->text;
	key->len = pt->len;
	return true;
}

bool
glob_key_is_sized(enum glob_key_kind kind)
{
	return kind == GLOB_KEY_BEGIN || kind == GLOB_KEY_END;
}

bool
glob_path_key(const struct glob_path *gp, size_t depth,
    const struct glob_key *key, const char **text, size_t *len)
{
	const char	*name, *from;
	size_t		 all;

	if (key->at >= depth)
		return false;
	name = from = glob_path_name(gp, key->back ? depth - 1 - key->at :
	    key->at, &all);
	if (glob_key_is_sized(key->kind) && all < key->len)
		return false;
	if (key->kind == GLOB_KEY_END)
		from = name + all - key->len;
	else if (key->kind == GLOB_KEY_DOT)
		from = memrchr(name, '.', all);
	if (from == NULL)
		return false;
	*text = from;
	*len = key->kind == GLOB_KEY_BEGIN ? key->len :
	    (size_t)(name + all - from);
	return true;
}

bool
glob_path_split(struct glob_path *gp, const char *path)
{
	const char	*p = path + 1;
	size_t		 len;

	gp->path = path;
	gp->depth = 0;
	gp->end = gp->room;
	if (path[0] != '/' || strnlen(path, GLOB_PATH_MAX) == GLOB_PATH_MAX)
		return false;
	if (*p == '\0')
		return true;
	for (;;) {
		len = pathname_first(p);
		if (len == 0 || len > NAME_MAX || (p[0] == '.' &&
		    (len == 1 || (len == 2 && p[1] == '.'))))
			return false;
		p += len;
		gp->end[gp->depth++] = (uint32_t)(p - path);
		if (*p == '\0')
			return true;
		p++;
	}
}

const char *
glob_path_name(const struct glob_path *gp, size_t i, size_t *len)
{
	size_t	 start = i == 0 ? 1 : (size_t)gp->end[i - 1] + 1;

	*len = gp->end[i] - start;
	return gp->path + start;
}

/* The shortest name that a component with wildcards matches; 0: it has none. */
static size_t
wild_shortest(const struct part *pt)
{
	const char	*p = pt->text, *end = pt->text + pt->len, *next;
	size_t		 len = 0;
	int		 c;

	while (p < end) {
		if (*p == '*') {
			p++;
			continue;
		}
		if (*p == '[') {
			for (c = 1; c <= UCHAR_MAX; c++) {
				if (c != '/' && set_has(p, (unsigned char)c,
				    &next))
					break;
			}
			if (c > UCHAR_MAX)
				return 0;
			p = next;
		} else
			p += *p == '\\' ? 2 : 1;
		len++;
	}
	return len == 0 ? 1 : len;
}

bool
glob_can_match(const struct glob *g)
{
	size_t	 i, len;

	for (i = 0; i < g->nparts; i++) {
		if (g->parts[i].kind != PART_WILD)
			continue;
		len = wild_shortest(&g->parts[i]);
		if (len == 0 || len > NAME_MAX)
			return false;
	}
	return true;
}
