/*
 * selection.c: which members of an archive are asked for; see
 * sandbox/selection.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.
 *
 * A match takes time in proportion to the length of the pattern times the
 * length of the name: of several wildcards, only the last one is tried again.
 */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "sandbox/selection.h"

struct choice {
	const char	*given;		/* as on the command line */
	char		*text;		/* without "/" at its ends */
	bool		 wild;
	bool		 deep;		/* it matches at any depth */
	bool		 used;
};

struct selection {
	struct choice	*v;
	size_t		 n;
};

static bool
is_wild(const char *text)
{
	return strpbrk(text, "*?[\\") != NULL;
}

/* A path of the command line; "." is the top.  0, or -1: ENOMEM. */
static int
choice_make(struct choice *c, const char *given)
{
	const char	*from = given;
	size_t		 len;

	c->given = given;
	c->wild = is_wild(given);
	c->deep = c->wild && given[0] != '/';
	if (!c->wild) {
		while (*from == '/')
			from++;
		/* ".." at its start chooses nothing, and is told so. */
		if ((c->text = paths_clean(from[0] != '\0' ? from :
		    ".")) == NULL)
			c->text = strdup(given);
		return c->text != NULL ? 0 : -1;
	}
	while (*from == '/')
		from++;
	for (len = strlen(from); len > 0 && from[len - 1] == '/'; len--)
		;
	return (c->text = strndup(from, len)) != NULL ? 0 : -1;
}

struct selection *
selection_new(char *const *paths, size_t npaths)
{
	struct selection	*cs;

	if ((cs = calloc(1, sizeof(*cs))) == NULL)
		return NULL;
	if ((cs->v = calloc(npaths + 1, sizeof(*cs->v))) == NULL)
		goto fail;
	for (; cs->n < npaths; cs->n++)
		if (choice_make(&cs->v[cs->n], paths[cs->n]) == -1)
			goto fail;
	return cs;

fail:
	selection_free(cs);
	return NULL;
}

void
selection_free(struct selection *cs)
{
	size_t	 i;

	if (cs == NULL)
		return;
	for (i = 0; i < cs->n; i++)
		free(cs->v[i].text);
	free(cs->v);
	free(cs);
}

/*
 * A set, behind its "[", and a byte.  *end is behind the "]", or NULL: it is no
 * set.
 */
static bool
match_set(const char *p, const char *pend, uint8_t byte, const char **end)
{
	bool	 negated = p < pend && (*p == '!' || *p == '^');
	bool	 found = false;
	const char	*first;
	uint8_t	 low, high;

	p += negated;
	for (first = p; p < pend && (*p != ']' || p == first); p++) {
		if (*p == '\\' && p + 1 < pend)
			p++;
		low = high = (uint8_t)*p;
		if (p + 2 < pend && p[1] == '-' && p[2] != ']') {
			p += 2;
			if (*p == '\\' && p + 1 < pend)
				p++;
			high = (uint8_t)*p;
		}
		if (byte >= low && byte <= high)
			found = true;
	}
	*end = p < pend ? p + 1 : NULL;
	return found != negated;
}

/* Compare one byte.  The rest of the pattern, or NULL: it differs. */
static const char *
match_byte(const char *p, const char *pend, uint8_t byte)
{
	const char	*end;
	bool		 found;

	switch (*p) {
	case '?':
		return p + 1;
	case '[':
		found = match_set(p + 1, pend, byte, &end);
		if (end != NULL)
			return found ? end : NULL;
		break;
	case '\\':
		if (p + 1 < pend)
			p++;
		break;
	}
	return (uint8_t)*p == byte ? p + 1 : NULL;
}

/* Compare a component. */
static bool
match_component(const char *p, size_t plen, const char *s, size_t slen)
{
	const char	*pend = p + plen, *send = s + slen;
	const char	*star = NULL, *from = NULL, *next;

	while (s < send) {
		if (p < pend && *p == '*') {
			star = ++p;
			from = s;
			continue;
		}
		next = p < pend ? match_byte(p, pend, (uint8_t)*s) : NULL;
		if (next != NULL) {
			p = next;
			s++;
			continue;
		}
		if (star == NULL)
			return false;
		p = star;
		s = ++from;
	}
	while (p < pend && *p == '*')
		p++;
	return p == pend;
}

static const char *
next_component(const char *s, size_t len)
{
	return s + len + (s[len] == '/');
}

bool
selection_match(const char *p, const char *s)
{
	const char	*many = NULL, *from = NULL;
	size_t		 plen, slen;

	for (;;) {
		/* What is beneath a match is covered, too. */
		if (*p == '\0')
			return true;
		plen = strcspn(p, "/");
		if (plen == 2 && memcmp(p, "**", 2) == 0) {
			if (p[2] == '\0')
				return *s != '\0';
			p = many = p + 3;
			from = s;
			continue;
		}
		if (*s == '\0')
			return false;
		slen = strcspn(s, "/");
		if (match_component(p, plen, s, slen)) {
			p = next_component(p, plen);
			s = next_component(s, slen);
			continue;
		}
		if (many == NULL)
			return false;
		from = next_component(from, strcspn(from, "/"));
		p = many;
		s = from;
	}
}

/* The same at any depth. */
static bool
match_deep(const char *pattern, const char *s)
{
	for (; *s != '\0'; s = next_component(s, strcspn(s, "/")))
		if (selection_match(pattern, s))
			return true;
	return false;
}

static bool
choice_covers(const struct choice *c, const char *name)
{
	if (!c->wild)
		return paths_covers(c->text, name);
	return c->deep ? match_deep(c->text, name) :
	    selection_match(c->text, name);
}

bool
selection_member(struct selection *cs, const char *name)
{
	bool	 chosen = cs->n == 0;
	size_t	 i;

	for (i = 0; i < cs->n; i++) {
		if (!choice_covers(&cs->v[i], name))
			continue;
		cs->v[i].used = chosen = true;
	}
	return chosen;
}

bool
selection_covers(const struct selection *cs, const char *name)
{
	size_t	 i;

	for (i = 0; i < cs->n; i++)
		if (choice_covers(&cs->v[i], name))
			return true;
	return cs->n == 0;
}

const char *
selection_unused(const struct selection *cs, size_t i)
{
	size_t	 k;

	for (k = 0; k < cs->n; k++)
		if (!cs->v[k].used && i-- == 0)
			return cs->v[k].given;
	return NULL;
}
