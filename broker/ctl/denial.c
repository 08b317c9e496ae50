/*
 * denial.c: what a denial or refusal was about; see ctl/denial.h.
 *
 * Runs in fdbrokerctl.  Touches memory only.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <vis.h>

#include "base/pathname.h"
#include "ctl/denial.h"
#include "ctl/text.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/tables.h"

/* The kind of a denial by policy. */
static enum denial_kind
policy_kind(enum policy_reason reason)
{
	switch (reason) {
	case POLICY_DENIED:
		return DENIAL_RULE;
	case POLICY_NO_RULE:
		return DENIAL_NO_RULE;
	case POLICY_NOT_SPECIAL:
		return DENIAL_SPECIAL;
	case POLICY_NO_ROOT:
		return DENIAL_ROOTS;
	default:
		return policy_reason_option(reason) != NULL ? DENIAL_OPTION :
		    DENIAL_OBJECT;
	}
}

static enum denial_kind
kernel_kind(uint32_t error)
{
	switch (error) {
	case ELOOP:
		return DENIAL_LINK;
	case EXDEV:
		return DENIAL_OUTSIDE;
	default:
		return DENIAL_KERNEL;
	}
}

static enum denial_kind
type_kind(const struct event_record *e)
{
	if (e->policy == POLICY_NOT_SPECIAL)
		return DENIAL_SPECIAL;
	return e->error == ELOOP ? DENIAL_LINK : DENIAL_TYPE;
}

enum denial_kind
denial_kind(const struct event_record *e)
{
	switch (e->reason) {
	case FDB_REASON_KERNEL:
		return kernel_kind(e->error);
	case FDB_REASON_LIMIT:
		return DENIAL_LIMIT;
	case FDB_REASON_TYPE:
		return type_kind(e);
	case FDB_REASON_NAME:
		return DENIAL_NAME;
	default:
		return policy_kind((enum policy_reason)e->policy);
	}
}

bool
denial_wants_rule(enum denial_kind kind)
{
	return kind == DENIAL_RULE || kind == DENIAL_NO_RULE ||
	    kind == DENIAL_SPECIAL || kind == DENIAL_ROOTS;
}

uint32_t
denial_wanted(const struct event_record *e)
{
	return denial_kind(e) == DENIAL_SPECIAL ?
	    e->op | POLICY_OP_SPECIAL : e->op;
}

int
denial_path(const struct event_record *e, char dst[EVENT_PATH_MAX])
{
	int	 n;

	dst[0] = '\0';
	/* A path that was cut has no room for one more encoded byte. */
	if (strlen(e->path) >= EVENT_PATH_MAX - 4)
		return -1;
	n = strunvis(dst, e->path);
	if (n < 0 || strlen(dst) != (size_t)n || !pathname_is_absolute(dst)) {
		dst[0] = '\0';
		return -1;
	}
	return 0;
}

/* Write a path as a glob.  0, or -1: it does not fit. */
static int
make_glob(char *dst, size_t size, const char *path, bool files_of, bool *any)
{
	size_t	 n = 0;
	char	 c;

	for (; (c = *path) != '\0'; path++) {
		if (n + 5 > size)
			return -1;
		if (c < 0x20 || c > 0x7e) {
			*any = true;
			c = '?';
		} else if (strchr("*?[]\\", c) != NULL)
			dst[n++] = '\\';
		dst[n++] = c;
	}
	if (files_of) {
		if (n != 1)
			dst[n++] = '/';
		dst[n++] = '*';
	}
	dst[n] = '\0';
	return 0;
}

/* Does a glob that was made cover what it is for? */
static bool
glob_serves(const char *text, const char *path, bool files_of)
{
	char		 child[EVENT_PATH_MAX + 2];
	struct glob	*g;
	const char	*why;
	bool		 ok;

	if ((g = glob_compile(text, &why)) == NULL)
		return false;
	ok = snprintf(child, sizeof(child), "%s%s", path, !files_of ? "" :
	    path[1] == '\0' ? "x" : "/x") < (int)sizeof(child) &&
	    glob_covers(g, child);
	glob_free(g);
	return ok;
}

int
denial_pattern(char dst[DENIAL_PATTERN_MAX], const char *path, bool files_of,
    bool *any)
{
	char	 text[2 * EVENT_PATH_MAX + 8];
	size_t	 i, n = 0;

	*any = false;
	dst[0] = '\0';
	if (make_glob(text, sizeof(text), path, files_of, any) == -1 ||
	    !glob_serves(text, path, files_of))
		return -1;
	dst[n++] = '"';
	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] == '"' || text[i] == '\\' ||
		    (text[i] == '$' && text[i + 1] == '{'))
			dst[n++] = '\\';
		if (text[i] == '%')
			dst[n++] = '%';
		dst[n++] = text[i];
	}
	dst[n++] = '"';
	dst[n] = '\0';
	return 0;
}

int
denial_pattern_of(char dst[DENIAL_PATTERN_MAX], const char *path,
    const char *home, bool files_of, bool *any)
{
	const char	*rest;
	size_t		 len;

	if (home == NULL || !pathname_is_beneath(path, home))
		return denial_pattern(dst, path, files_of, any);
	rest = path + strlen(home);
	if (denial_pattern(dst, *rest != '\0' ? rest : "/", files_of,
	    any) == -1)
		return -1;
	len = strlen(dst);
	if (len + 3 > DENIAL_PATTERN_MAX)
		return -1;
	/* After the quote; of the home directory itself, without the slash. */
	if (*rest == '\0' && !files_of)
		(void)strlcpy(dst, "\"%h\"", DENIAL_PATTERN_MAX);
	else {
		memmove(dst + 3, dst + 1, len);
		memcpy(dst + 1, "%h", 2);
	}
	return 0;
}

/* A deny with a label that a permit of these operations can override. */
static bool
is_labelled_deny(const struct rule *r, uint32_t ops)
{
	/* A permit of read includes list. */
	return r->action == POLICY_DENY && r->label != NULL &&
	    (r->ops & policy_ops_permitted(ops)) != 0;
}

const struct rule *
denial_labelled(const struct role *role, uint32_t ops, const char *path,
    bool beneath)
{
	const struct rule	*r;

	for (r = role->rules; r < role->rules + role->nrules; r++) {
		if (is_labelled_deny(r, ops) && (glob_covers(r->glob, path) ||
		    (beneath && glob_reaches(r->glob, path))))
			return r;
	}
	return NULL;
}

const struct rule *
denial_labelled_in(const struct role *role, uint32_t ops, const char *dir)
{
	const struct rule	*r;
	size_t			 depth = 0, parts;
	const char		*p;

	for (p = dir; *p != '\0'; p++)
		depth += p[0] == '/' && p[1] != '\0';
	for (r = role->rules; r < role->rules + role->nrules; r++) {
		if (!is_labelled_deny(r, ops) ||
		    (!glob_covers(r->glob, dir) && !glob_reaches(r->glob, dir)))
			continue;
		/* A "**" may stand for no component at all. */
		parts = glob_parts(r->glob);
		parts -= glob_is_wild(r->glob) ? 1 : 0;
		if (parts <= depth + 1)
			return r;
	}
	return NULL;
}

static struct verdict
decide_one(const struct role *role, uint32_t op, const char *path)
{
	struct verdict	 v = policy_decide(role, op, path), enter;

	if (v.permit || op != POLICY_OP_LIST)
		return v;
	enter = policy_enter(role, path);
	return enter.permit ? enter : v;
}

struct verdict
denial_decide(const struct role *role, uint32_t ops, const char *path)
{
	struct verdict	 v;
	uint32_t	 op;

	memset(&v, 0, sizeof(v));
	for (op = 1; op != 0; op <<= 1) {
		if (!(ops & op))
			continue;
		v = decide_one(role, op, path);
		if (!v.permit)
			break;
	}
	return v;
}

struct verdict
denial_decide_again(const struct role *role, const struct event_record *e,
    const char *path)
{
	if (denial_kind(e) == DENIAL_ROOTS)
		return policy_decide(role, e->op, path);
	return denial_decide(role, denial_wanted(e), path);
}

void
denial_ops(uint32_t ops, char *dst, size_t size)
{
	const char	*name;
	size_t		 i;

	dst[0] = '\0';
	for (i = 0; (name = policy_op_name(i)) != NULL; i++) {
		if (ops & policy_op(name))
			text_add_word(dst, size, name);
	}
}
