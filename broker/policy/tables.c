/*
 * tables.c: the tables of the policy; see tables.h.
 *
 * Runs wherever the policy does.  Touches nothing but memory.  An operation,
 * an option, a limit or a reason is added here, by a row.
 */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/rights.h"
#include "policy/tables.h"

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
	bool		 mounts;	/* the mounts of the roots depend on it */
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

uint32_t
policy_ops_caps(uint32_t asked)
{
	uint32_t	 caps = 0;
	size_t		 i;

	for (i = 0; i < NOPS; i++) {
		if (asked & ops[i].bit)
			caps |= ops[i].caps;
	}
	return caps;
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

const char *
policy_reason_text(enum policy_reason reason)
{
	return reasons[reason].text;
}
