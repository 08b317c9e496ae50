/*
 * tables.c: the tables of operations, options, limits and reasons; see
 * tables.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.  Touches nothing but
 * memory.
 */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/rights.h"
#include "policy/hours.h"
#include "policy/tables.h"

/* In the order of strcmp(3). */
static const struct policy_op_row ops[] = {
	{ .name = "append",
	  .bit = POLICY_OP_APPEND,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE,
	  .rights = RIGHTS_WRITE,
	  .types = POLICY_TYPE_FILE,
	  .special = POLICY_TYPE_SPECIAL },
	{ .name = "create",
	  .bit = POLICY_OP_CREATE,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN,
	  .rights = RIGHTS_CREATE,
	  .types = POLICY_TYPE_FILE },
	{ .name = "link",
	  .bit = POLICY_OP_LINK,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE,
	  .rights = RIGHTS_LINK,
	  .types = POLICY_TYPE_FILE | POLICY_TYPE_SPECIAL |
	      POLICY_TYPE_OTHER },
	{ .name = "list",
	  .bit = POLICY_OP_LIST,
	  .roots = POLICY_OPS_READING,
	  .caps = RIGHTS_CAP_DAC_READ_SEARCH,
	  .rights = RIGHTS_READ,
	  .types = POLICY_TYPE_ALL },
	{ .name = "mkdir",
	  .bit = POLICY_OP_MKDIR,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN,
	  .rights = RIGHTS_MKDIR,
	  .types = POLICY_TYPE_DIR },
	{ .name = "read",
	  .bit = POLICY_OP_READ,
	  .permits = POLICY_OP_LIST,
	  .roots = POLICY_OPS_READING,
	  .caps = RIGHTS_CAP_DAC_READ_SEARCH,
	  .rights = RIGHTS_READ,
	  .types = POLICY_TYPE_FILE,
	  .special = POLICY_TYPE_SPECIAL },
	{ .name = "remove",
	  .bit = POLICY_OP_REMOVE,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE,
	  .rights = RIGHTS_REMOVE,
	  .types = POLICY_TYPE_ALL },
	{ .name = "replace",
	  .bit = POLICY_OP_REPLACE,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE,
	  .rights = RIGHTS_REPLACE,
	  .types = POLICY_TYPE_FILE | POLICY_TYPE_SPECIAL |
	      POLICY_TYPE_OTHER },
	/* To set attributes, a directory is opened, which takes READ_DIR. */
	{ .name = "setmeta",
	  .bit = POLICY_OP_SETMETA,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_FOWNER,
	  .rights = RIGHTS_LIST | RIGHTS_FIFO,
	  .types = POLICY_TYPE_ALL,
	  .special_caps = RIGHTS_CAP_FSETID | RIGHTS_CAP_MKNOD |
	      RIGHTS_CAP_SETFCAP,
	  .special_rights = RIGHTS_MKNOD },
	{ .name = "special",
	  .bit = POLICY_OP_SPECIAL,
	  .rights = RIGHTS_IOCTL,
	  .types = POLICY_TYPE_SPECIAL },
	{ .name = "symlink",
	  .bit = POLICY_OP_SYMLINK,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN,
	  .rights = RIGHTS_SYMLINK,
	  .types = POLICY_TYPE_OTHER },
	{ .name = "write",
	  .bit = POLICY_OP_WRITE,
	  .roots = POLICY_OPS_WRITING,
	  .caps = RIGHTS_CAP_DAC_OVERRIDE,
	  .rights = RIGHTS_WRITE,
	  .types = POLICY_TYPE_FILE,
	  .special = POLICY_TYPE_SPECIAL }
};
#define NOPS	(sizeof(ops) / sizeof(ops[0]))
_Static_assert(NOPS == POLICY_OPS, "each operation has a row");

/* In the order of strcmp(3). */
static const struct option_row {
	const char		*name;
	uint32_t		 bit;
	bool			 mounts;	/* of clones or tokens: fixed */
	enum policy_reason	 reason;	/* POLICY_PERMITTED: none */
} options[] = {
	{ "follow",	    POLICY_FOLLOW,	   true,  POLICY_PERMITTED },
	{ "noatime",	    POLICY_NOATIME,	   true,  POLICY_PERMITTED },
	{ "one-filesystem", POLICY_ONE_FILESYSTEM, true,  POLICY_CROSSED },
	{ "owned-by-peer",  POLICY_OWNED_BY_PEER,  false, POLICY_NOT_PEERS },
	{ "regular-only",   POLICY_REGULAR_ONLY,   false, POLICY_NOT_REGULAR },
	{ "single-link",    POLICY_SINGLE_LINK,	   false, POLICY_SEVERAL_LINKS }
};
#define NOPTIONS	(sizeof(options) / sizeof(options[0]))
_Static_assert(NOPTIONS == POLICY_OPTIONS, "each option has a row");

static const struct policy_limit_row limits[POLICY_LIMITS] = {
	[LIMIT_SESSIONS] =
	    { "sessions", "sessions", false, true,
	      "from 1 to 65535", 1, 65535, 0, 64, UNIT_NONE },
	[LIMIT_SESSIONS_PER_UID] =
	    { "sessions per uid", "sessions", true, true,
	      "from 1 to 65535", 1, 65535, 0, 16, UNIT_NONE },
	[LIMIT_TOKENS] =
	    { "tokens", "tokens", false, false,
	      "from 1 to 4096", 1, 4096, 256, 0, UNIT_NONE },
	[LIMIT_TOKENS_PER_UID] =
	    { "tokens per uid", "tokens", true, true,
	      "from 16 to 1048576", 16, 1048576, 0, 0, UNIT_NONE },
	[LIMIT_OPENS] =
	    { "opens", "opens", false, false,
	      "from 1 to 1000000", 1, 1000000, 0, 0, UNIT_NONE },
	[LIMIT_OPENS_PER_UID] =
	    { "opens per uid", "opens", true, true,
	      "from 1 to 1000000", 1, 1000000, 0, 0, UNIT_NONE },
	/* The queue must have room for one reply, of up to 60 KB. */
	[LIMIT_BYTES] =
	    { "bytes", "bytes", false, false,
	      "from 64K to 1M", 65536, 1048576, 262144, 0, UNIT_BYTES },
	[LIMIT_BYTES_PER_UID] =
	    { "bytes per uid", "bytes", true, true,
	      "from 64K to 1024M", 65536, 1073741824, 0, 0, UNIT_BYTES },
	[LIMIT_LIFETIME] =
	    { "lifetime", "lifetime", false, false,
	      "from 1s to 365d", 1, 365 * 86400, 0, 0, UNIT_TIME },
	[LIMIT_IDLE] =
	    { "idle", "idle", false, false,
	      "from 1s to 365d", 1, 365 * 86400, 0, 0, UNIT_TIME },
	[LIMIT_HOURS] =
	    { "hours", "hours", false, false,
	      "such as 22:00-06:00", 1, HOURS_MAX, 0, 0, UNIT_HOURS },
};

/* The letters of the units, the larger first. */
static const struct {
	enum policy_unit unit;
	char		 letter;
	uint32_t	 factor;
} unit_letters[] = {
	{ UNIT_BYTES, 'M', 1024 * 1024 },
	{ UNIT_BYTES, 'K', 1024 },
	{ UNIT_TIME, 'd', 86400 },
	{ UNIT_TIME, 'h', 3600 },
	{ UNIT_TIME, 'm', 60 },
	{ UNIT_TIME, 's', 1 }
};
#define NLETTERS	(sizeof(unit_letters) / sizeof(unit_letters[0]))

/* The reasons that options give are in the table of options. */
static const struct reason_row {
	const char	*name;
	const char	*text;		/* NULL: policy_where() names a rule */
} reasons[POLICY_REASONS] = {
	[POLICY_PERMITTED] =	{ "permitted",	NULL },
	[POLICY_NO_RULE] =	{ "no-rule",
	    "no rule of role \"%s\" permits it" },
	[POLICY_DENIED] =	{ "denied",	NULL },
	[POLICY_BAD_PATH] =	{ "bad-path",
	    "not an absolute path without empty, \".\" or \"..\" "
	    "components" },
	[POLICY_WRONG_TYPE] =	{ "wrong-type",
	    "the operation cannot be done on this type of file" },
	[POLICY_NOT_SPECIAL] =	{ "not-special",
	    "a FIFO or device, and no rule of role \"%s\" permits special" },
	[POLICY_EXISTS] =	{ "exists",
	    "it exists, and the rule says exclusive" },
	[POLICY_NO_ROOT] =	{ "no-root",
	    "above the role's roots" },
	[POLICY_MISSPELT] =	{ "misspelt",
	    "there, but its directory lists no name of this spelling" },
	[POLICY_WRONG_OWNER] =	{ "wrong-owner",	NULL },
	[POLICY_NO_ACCOUNT] =	{ "no-account",
	    "the rule says owner by-name, and a user or group has no account "
	    "on this machine" },
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
		if (!(asked & ops[i].bit))
			continue;
		caps |= ops[i].caps;
		if (asked & POLICY_OP_SPECIAL)
			caps |= ops[i].special_caps;
	}
	return caps;
}

unsigned int
policy_rights(uint32_t asked)
{
	unsigned int	 rights = 0;
	size_t		 i;

	for (i = 0; i < NOPS; i++) {
		if (!(asked & ops[i].bit))
			continue;
		rights |= ops[i].rights;
		if (asked & POLICY_OP_SPECIAL)
			rights |= ops[i].special_rights;
	}
	return rights;
}

const struct policy_op_row *
policy_op_row(uint32_t op)
{
	size_t	 i;

	for (i = 0; i < NOPS; i++) {
		if (ops[i].bit == op)
			return &ops[i];
	}
	return NULL;
}

const struct policy_limit_row *
policy_limit_row(enum policy_limit limit)
{
	return &limits[limit];
}

int
policy_limit_parse(enum policy_limit limit, const char *s, uint64_t *value)
{
	uint64_t	 n = 0;
	size_t		 i;

	if (limits[limit].unit == UNIT_HOURS)
		return hours_parse(s, value);
	if (*s < '0' || *s > '9')
		return -1;
	/* A greater number is out of range, whatever follows. */
	for (; *s >= '0' && *s <= '9'; s++)
		n = n > UINT32_MAX ? n : n * 10 + (uint64_t)(*s - '0');
	*value = n;
	if (*s == '\0')
		return 0;
	for (i = 0; i < NLETTERS; i++) {
		if (unit_letters[i].unit != limits[limit].unit ||
		    unit_letters[i].letter != *s || s[1] != '\0')
			continue;
		*value = n * unit_letters[i].factor;
		return 0;
	}
	return -1;
}

const char *
policy_limit_text(enum policy_limit limit, uint64_t value,
    char buf[POLICY_LIMIT_TEXT])
{
	size_t	 i;

	if (limits[limit].unit == UNIT_HOURS) {
		hours_text(value, buf, POLICY_LIMIT_TEXT);
		return buf;
	}
	for (i = 0; i < NLETTERS; i++) {
		if (limits[limit].unit == UNIT_TIME && value != 0 &&
		    unit_letters[i].unit == UNIT_TIME &&
		    value % unit_letters[i].factor == 0)
			break;
	}
	if (i < NLETTERS)
		(void)snprintf(buf, POLICY_LIMIT_TEXT, "%ju%c",
		    (uintmax_t)(value / unit_letters[i].factor),
		    unit_letters[i].letter);
	else
		(void)snprintf(buf, POLICY_LIMIT_TEXT, "%ju",
		    (uintmax_t)value);
	return buf;
}

const char *
policy_reason_option(enum policy_reason reason)
{
	size_t	 i;

	for (i = 0; i < NOPTIONS && reason != POLICY_PERMITTED; i++) {
		if (options[i].reason == reason)
			return options[i].name;
	}
	return NULL;
}

const char *
policy_reason_name(enum policy_reason reason)
{
	const char	*option = policy_reason_option(reason);

	return option != NULL ? option : reasons[reason].name;
}

const char *
policy_reason_text(enum policy_reason reason)
{
	return reasons[reason].text;
}
