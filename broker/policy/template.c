/*
 * template.c: paths in rules that differ from peer to peer; see template.h.
 *
 * Runs in the supervisor and in fdbrokerctl.  Touches nothing but memory.
 */

#include "config.h"

#include <string.h>

#include "policy/glob.h"
#include "policy/template.h"

/*
 * The peer that cannot exist.  A name of one byte matches "*" in a rule, as
 * each name does.
 */
#define NOBODY_NAME	"\001"
#define NOBODY_HOME_MARK "\002"
#define NOBODY_HOME	"/" NOBODY_HOME_MARK

/* A pattern that is being read. */
struct reading {
	uint32_t	 vars;
	bool		 wild, wild_before;	/* in, before the component */
	bool		 own;			/* the component has %u or %h */
};

/* Take what begins with "%" at p.  Its length, or 0 with *why. */
static size_t
read_var(struct reading *rd, const char *pattern, const char *p, bool permit,
    const char **why)
{
	switch (p[1]) {
	case '%':
		rd->vars |= TEMPLATE_PERCENT;
		return 2;
	case 'h':
		if (p != pattern || (p[2] != '/' && p[2] != '\0')) {
			*why = "%h must be the beginning of the path, with a "
			    "slash or nothing after it";
			return 0;
		}
		rd->vars |= TEMPLATE_HOME;
		rd->own = true;
		return 2;
	case 'u':
		if (permit && rd->wild_before) {
			*why = "%u of a permit must come before any wildcard, "
			    "or all users would share the directory above it";
			return 0;
		}
		rd->vars |= TEMPLATE_USER;
		rd->own = true;
		return 2;
	default:
		return 1;
	}
}

static int
end_component(struct reading *rd, const char **why)
{
	if (rd->own && rd->wild) {
		*why = "%u and a wildcard must not be in one component, or it "
		    "could match another user's name";
		return -1;
	}
	rd->wild_before = rd->wild_before || rd->wild;
	rd->wild = false;
	return 0;
}

/* Read a pattern into *rd, whose `own' is then of the last component. */
static int
read_pattern(struct reading *rd, const char *pattern, bool permit,
    const char **why)
{
	const char	*p;
	size_t		 n;

	memset(rd, 0, sizeof(*rd));
	for (p = pattern; *p != '\0'; p += n) {
		n = 1;
		if (*p == '\\' && p[1] != '\0') {
			n = 2;
		} else if (*p == '%') {
			if ((n = read_var(rd, pattern, p, permit, why)) == 0)
				return -1;
		} else if (strchr("*?[", *p) != NULL) {
			rd->wild = true;
		} else if (*p == '/') {
			if (end_component(rd, why) == -1)
				return -1;
			rd->own = false;
		}
	}
	return end_component(rd, why);
}

int
template_parse(const char *pattern, bool permit, const char **why)
{
	struct reading	 rd;

	return read_pattern(&rd, pattern, permit, why) == -1 ? -1 :
	    (int)rd.vars;
}

bool
template_is_own(const char *pattern)
{
	struct reading	 rd;
	const char	*why;

	return read_pattern(&rd, pattern, false, &why) == 0 && rd.own;
}

int
template_fill(char dst[TEMPLATE_TEXT_MAX], const char *pattern,
    const char *name, const char *home)
{
	const char	*p, *value;
	size_t		 n = 0;

	if (name == NULL)
		name = NOBODY_NAME;
	if (home == NULL)
		home = NOBODY_HOME;
	for (p = pattern; *p != '\0'; p++) {
		if (n + 3 > TEMPLATE_TEXT_MAX)
			return -1;
		if (*p == '\\' && p[1] != '\0') {
			dst[n++] = *p++;
			dst[n++] = *p;
			continue;
		}
		if (*p != '%' || strchr("%hu", p[1]) == NULL || p[1] == '\0') {
			dst[n++] = *p;
			continue;
		}
		p++;
		if (*p == '%') {
			dst[n++] = '%';
			continue;
		}
		value = *p == 'u' ? name : home;
		if (glob_quote(dst + n, TEMPLATE_TEXT_MAX - n, value) == -1)
			return -1;
		n += strlen(dst + n);
	}
	dst[n] = '\0';
	return 0;
}

void
template_show(char dst[TEMPLATE_TEXT_MAX], const char *path)
{
	size_t	 n = 0;

	if (strncmp(path, NOBODY_HOME, strlen(NOBODY_HOME)) == 0) {
		dst[n++] = '%';
		dst[n++] = 'h';
		path += strlen(NOBODY_HOME);
	}
	for (; *path != '\0' && n + 3 < TEMPLATE_TEXT_MAX; path++) {
		if (*path == NOBODY_NAME[0]) {
			dst[n++] = '%';
			dst[n++] = 'u';
		} else {
			dst[n++] = *path;
		}
	}
	dst[n] = '\0';
}

size_t
template_common(const char *path)
{
	size_t	 len = strcspn(path, NOBODY_NAME NOBODY_HOME_MARK);

	if (path[len] == '\0')
		return len;
	while (len > 0 && path[len] != '/')
		len--;
	return len;
}
