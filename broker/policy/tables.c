/*
 * tables.c: the tables of the policy, and what is said of a verdict; see
 * policy.h.
 *
 * Runs wherever the policy does.  Touches nothing but memory.  An operation,
 * an option, a limit or a reason is added here, by a row.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/rights.h"
#include "policy/policy.h"

/* In the order of strcmp(3). */
static const struct op_row {
	const char	*name;
	uint32_t	 bit;
	uint32_t	 permits;	/* by a permit of it, too */
	uint32_t	 caps;		/* RIGHTS_CAP_*, unless `as user' */
} ops[] = {
	{ "append",	POLICY_OP_APPEND,	0,
	    RIGHTS_CAP_DAC_OVERRIDE },
	{ "create",	POLICY_OP_CREATE,	0,
	    RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN },
	{ "list",	POLICY_OP_LIST,		0,
	    RIGHTS_CAP_DAC_READ_SEARCH },
	{ "read",	POLICY_OP_READ,		POLICY_OP_LIST,
	    RIGHTS_CAP_DAC_READ_SEARCH },
	{ "special",	POLICY_OP_SPECIAL,	0,
	    0 },
	{ "write",	POLICY_OP_WRITE,	0,
	    RIGHTS_CAP_DAC_OVERRIDE },
};
#define NOPS	(sizeof(ops) / sizeof(ops[0]))

static const struct option_row {
	const char	*name;
	uint32_t	 bit;
	bool		 mounts;	/* fixed when the roots are cloned */
} options[] = {
	{ "follow",		POLICY_FOLLOW,		true },
	{ "noatime",		POLICY_NOATIME,		true },
	{ "one-filesystem",	POLICY_ONE_FILESYSTEM,	false },
	{ "owned-by-peer",	POLICY_OWNED_BY_PEER,	false },
	{ "regular-only",	POLICY_REGULAR_ONLY,	false },
	{ "single-link",	POLICY_SINGLE_LINK,	false },
};
#define NOPTIONS	(sizeof(options) / sizeof(options[0]))

static const struct policy_limit_row limits[POLICY_LIMITS] = {
	[LIMIT_SESSIONS] =
	    { "sessions", "sessions", false, true,
	      "from 1 to 65535", 1, 65535, 0, 64 },
	[LIMIT_SESSIONS_PER_UID] =
	    { "sessions per uid", "sessions", true, true,
	      "from 1 to 65535", 1, 65535, 0, 16 },
	[LIMIT_TOKENS] =
	    { "tokens", "tokens", false, false,
	      "from 1 to 4096", 1, 4096, 256, 0 },
	[LIMIT_TOKENS_PER_UID] =
	    { "tokens per uid", "tokens", true, true,
	      "from 16 to 1048576", 16, 1048576, 0, 0 },
	[LIMIT_OPENS] =
	    { "opens", "opens", false, false,
	      "from 1 to 1000000", 1, 1000000, 0, 0 },
	[LIMIT_OPENS_PER_UID] =
	    { "opens per uid", "opens", true, true,
	      "from 1 to 1000000", 1, 1000000, 0, 0 },
	/* One message must fit, and a reply has up to 60 KB. */
	[LIMIT_BYTES] =
	    { "bytes", "bytes", false, false,
	      "from 64K to 1M", 65536, 1048576, 262144, 0 },
	[LIMIT_BYTES_PER_UID] =
	    { "bytes per uid", "bytes", true, true,
	      "from 64K to 1024M", 65536, 1073741824, 0, 0 },
};

static const struct reason_row {
	const char	*name;
	const char	*text;		/* where there is no rule to name */
} reasons[POLICY_REASONS] = {
	[POLICY_PERMITTED] =	{ "permitted",	NULL },
	[POLICY_NO_RULE] =	{ "no-rule",
	    "no rule of role \"%s\" permits it" },
	[POLICY_DENIED] =	{ "denied",	NULL },
	[POLICY_BAD_PATH] =	{ "bad-path",
	    "not an absolute, clean path" },
	[POLICY_WRONG_TYPE] =	{ "wrong-type",
	    "not of a type for which this can be done" },
	[POLICY_NOT_SPECIAL] =	{ "not-special",
	    "a FIFO or device, and no rule of role \"%s\" permits special" },
	[POLICY_NOT_REGULAR] =	{ "regular-only",
	    "option regular-only of role \"%s\"" },
	[POLICY_SEVERAL_LINKS] = { "single-link",
	    "option single-link of role \"%s\"" },
	[POLICY_NOT_PEERS] =	{ "owned-by-peer",
	    "option owned-by-peer of role \"%s\"" },
	[POLICY_CROSSED] =	{ "one-filesystem",
	    "option one-filesystem of role \"%s\"" },
	[POLICY_EXISTS] =	{ "exists",
	    "it exists, and is to be created exclusively" },
};

uint32_t
policy_op(const char *name)
{
	size_t	 i;

	for (i = 0; i < NOPS; i++) {
		if (strcmp(ops[i].name, name) == 0)
			return ops[i].bit;
	}
	return 0;
}

uint32_t
policy_option(const char *name)
{
	size_t	 i;

	for (i = 0; i < NOPTIONS; i++) {
		if (strcmp(options[i].name, name) == 0)
			return options[i].bit;
	}
	return 0;
}

const char *
policy_op_name(size_t i)
{
	return i < NOPS ? ops[i].name : NULL;
}

const char *
policy_option_name(size_t i)
{
	return i < NOPTIONS ? options[i].name : NULL;
}

uint32_t
policy_options_of_mounts(void)
{
	uint32_t	 bits = 0;
	size_t		 i;

	for (i = 0; i < NOPTIONS; i++) {
		if (options[i].mounts)
			bits |= options[i].bit;
	}
	return bits;
}

uint32_t
policy_ops_permitted(uint32_t asked)
{
	uint32_t	 permitted = asked;
	size_t		 i;

	for (i = 0; i < NOPS; i++) {
		if (asked & ops[i].bit)
			permitted |= ops[i].permits;
	}
	return permitted;
}

const struct policy_limit_row *
policy_limit_row(enum policy_limit limit)
{
	return &limits[limit];
}

const char *
policy_reason_name(enum policy_reason reason)
{
	return reasons[reason].name;
}

uint32_t
policy_caps(const struct role *role)
{
	const struct rule	*r;
	uint32_t		 caps = 0;
	size_t			 i, k;

	if (role->as_user != NULL)
		return 0;
	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		for (k = 0; k < NOPS && r->action == POLICY_PERMIT; k++) {
			if (r->ops & ops[k].bit)
				caps |= ops[k].caps;
		}
	}
	if (caps & RIGHTS_CAP_DAC_OVERRIDE)
		caps &= ~(uint32_t)RIGHTS_CAP_DAC_READ_SEARCH;
	return caps;
}

static const char *
base_name(const char *path)
{
	const char	*slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* A rule's place and label. */
static int
where_rule(const struct rule *r, char *buf, size_t size)
{
	char	 line[16] = "", label[POLICY_LABEL_MAX + 4] = "";

	if (r->line > 0)
		(void)snprintf(line, sizeof(line), ":%d", r->line);
	if (r->label != NULL)
		(void)snprintf(label, sizeof(label), " \"%s\"", r->label);
	return snprintf(buf, size, "%s%s%s", base_name(r->file), line, label);
}

/* A text of the table, which has one place for the role's name at most. */
static int
where_text(const char *text, const char *role, char *buf, size_t size)
{
	const char	*mark = strstr(text, "%s");

	if (mark == NULL)
		return snprintf(buf, size, "%s", text);
	return snprintf(buf, size, "%.*s%s%s", (int)(mark - text), text, role,
	    mark + 2);
}

void
policy_where(const struct role *role, struct verdict v, char *buf, size_t size)
{
	bool	 by_rule;
	int	 n;

	if (size == 0)
		return;
	/* Not by a permit that something else overruled. */
	by_rule = v.rule != NULL && (v.permit ||
	    v.rule->action == POLICY_DENY || reasons[v.reason].text == NULL);
	if (by_rule)
		n = where_rule(v.rule, buf, size);
	else
		n = where_text(reasons[v.reason].text, role->name, buf, size);
	if (n < 0)
		buf[0] = '\0';
	else if ((size_t)n >= size && size > 3)
		memcpy(buf + size - 4, "...", 4);
}
