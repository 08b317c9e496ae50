/*
 * tables.h: the operations, options, limits and reasons that the policy knows,
 * and the tables that describe them.
 *
 * To add one, add its bit (or its constant) here and its row in tables.c.
 */

#ifndef POLICY_TABLES_H
#define POLICY_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Operations: one bit each, counted in POLICY_OPS. */
#define POLICY_OP_READ		0x0001	/* open for reading */
#define POLICY_OP_LIST		0x0002	/* see that it is there */
#define POLICY_OP_WRITE		0x0004	/* open for writing */
#define POLICY_OP_APPEND	0x0008	/* open for appending */
#define POLICY_OP_CREATE	0x0010	/* make a regular file */
#define POLICY_OP_SPECIAL	0x0020	/* open FIFOs and devices, too */
#define POLICY_OP_MKDIR		0x0040	/* make a directory */
#define POLICY_OP_SYMLINK	0x0080	/* make a symbolic link */
#define POLICY_OP_LINK		0x0100	/* give a file another name */
#define POLICY_OP_SETMETA	0x0200	/* choose mode, times, attributes */
#define POLICY_OP_REPLACE	0x0400	/* put a new object in its place */
#define POLICY_OP_REMOVE	0x0800	/* remove its name */
#define POLICY_OPS		12
#define POLICY_OP_ALL		((1U << POLICY_OPS) - 1)
/* To list a directory.  policy_check() answers for it; no rule names it. */
#define POLICY_OP_ENTER		0x80000000

/* The operations that use the read-only roots, and the writable ones. */
#define POLICY_OPS_READING	(POLICY_OP_READ | POLICY_OP_LIST)
#define POLICY_OPS_WRITING	(POLICY_OP_WRITE | POLICY_OP_APPEND | \
				    POLICY_OP_CREATE | POLICY_OPS_RESTORING)
/* Those with which a role restores; its opener has more system calls. */
#define POLICY_OPS_RESTORING	(POLICY_OP_MKDIR | POLICY_OP_SYMLINK | \
				    POLICY_OP_LINK | POLICY_OP_SETMETA | \
				    POLICY_OP_REPLACE | POLICY_OP_REMOVE)
/* Those that make what is not there. */
#define POLICY_OPS_MAKING	(POLICY_OP_CREATE | POLICY_OP_MKDIR | \
				    POLICY_OP_SYMLINK | POLICY_OP_LINK)
/* Those to whose rules owner and group belong. */
#define POLICY_OPS_OWNING	(POLICY_OPS_MAKING | POLICY_OP_SETMETA)

/* The types of objects, as far as the policy tells them apart. */
#define POLICY_TYPE_FILE	0x01	/* a regular file */
#define POLICY_TYPE_DIR		0x02
#define POLICY_TYPE_SPECIAL	0x04	/* a FIFO or a device */
#define POLICY_TYPE_OTHER	0x08	/* a symbolic link or a socket */
#define POLICY_TYPE_ALL		0x0f

struct policy_op_row {
	const char	*name;
	uint32_t	 bit;
	uint32_t	 permits;	/* a permit includes these operations */
	uint32_t	 roots;		/* POLICY_OPS_READING, _WRITING, or 0 */
	uint32_t	 caps;		/* RIGHTS_CAP_*, unless `as user' */
	unsigned int	 rights;	/* RIGHTS_*, beneath the roots */
	unsigned int	 types;		/* POLICY_TYPE_* that it is for */
	unsigned int	 special;	/* the same if SPECIAL is permitted */
	uint32_t	 special_caps;	/* RIGHTS_CAP_* then, in addition */
	unsigned int	 special_rights; /* RIGHTS_* then, in addition */
};

/* Options of a role: one bit each, counted in POLICY_OPTIONS. */
#define POLICY_ONE_FILESYSTEM	0x0001	/* stay on the root's file system */
#define POLICY_FOLLOW		0x0002	/* follow links beneath the root */
#define POLICY_NOATIME		0x0004	/* do not update access times */
#define POLICY_REGULAR_ONLY	0x0008	/* open regular files only */
#define POLICY_OWNED_BY_PEER	0x0010	/* open only what the peer owns */
#define POLICY_SINGLE_LINK	0x0020	/* open no file with several links */
#define POLICY_OPTIONS		6
#define POLICY_OPTION_ALL	((1U << POLICY_OPTIONS) - 1)

/* Limits of a role and of the daemon.  A limit of 0 does not restrict. */
enum policy_limit {
	LIMIT_SESSIONS,		/* sessions at a time */
	LIMIT_SESSIONS_PER_UID,	/* sessions of one user at a time */
	LIMIT_TOKENS,		/* directories that a session holds */
	LIMIT_TOKENS_PER_UID,	/* directories in all sessions of a user */
	LIMIT_OPENS,		/* opens a second in a session */
	LIMIT_OPENS_PER_UID,	/* opens a second in all sessions of a user */
	LIMIT_BYTES,		/* bytes queued for the client of a session */
	LIMIT_BYTES_PER_UID,	/* bytes queued in all sessions of a user */
	LIMIT_LIFETIME,		/* seconds that a session lasts */
	LIMIT_IDLE,		/* seconds in which a session asks nothing */
	LIMIT_HOURS,		/* when sessions begin; see hours.h */
	POLICY_LIMITS
};

/* How the value of a limit can be written, besides as a plain number. */
enum policy_unit {
	UNIT_NONE,
	UNIT_BYTES,		/* K, M */
	UNIT_TIME,		/* s, m, h, d; without a letter, seconds */
	UNIT_HOURS		/* nothing but 22:00-06:00 */
};

struct policy_limit_row {
	const char	*name;		/* for people: "sessions per uid" */
	const char	*word;		/* in the configuration: "sessions" */
	bool		 per_uid;	/* "per uid" follows the number */
	bool		 daemon;	/* can be set outside of roles, too */
	const char	*range;		/* for people */
	uint64_t	 min, max;
	uint64_t	 of_role;	/* default in a role */
	uint64_t	 of_daemon;	/* default outside of roles */
	enum policy_unit unit;
};

/* The check that failed, or POLICY_PERMITTED. */
enum policy_reason {
	POLICY_PERMITTED,
	POLICY_NO_RULE,		/* no rule is about it */
	POLICY_DENIED,		/* the verdict's rule denies it */
	POLICY_BAD_PATH,	/* the path is not absolute and clean */
	POLICY_WRONG_TYPE,	/* the operation is not for this type */
	POLICY_NOT_SPECIAL,	/* a FIFO or device without SPECIAL */
	POLICY_NOT_REGULAR,	/* option regular-only */
	POLICY_SEVERAL_LINKS,	/* option single-link */
	POLICY_NOT_PEERS,	/* option owned-by-peer */
	POLICY_CROSSED,		/* option one-filesystem */
	POLICY_EXISTS,		/* the rule is exclusive, and a file exists */
	POLICY_NO_ROOT,		/* above all roots: the opener finds that */
	POLICY_MISSPELT,	/* its directory lists no such name: likewise */
	POLICY_WRONG_OWNER,	/* not as the rule says: likewise */
	POLICY_NO_ACCOUNT,	/* owner by-name, and a number: likewise */
	POLICY_REASONS
};

/* The bit of the operation or option with this name, or 0. */
uint32_t	 policy_op(const char *name);
uint32_t	 policy_option(const char *name);

/* The name in row i of the table, or NULL after the last row. */
const char	*policy_op_name(size_t i);
const char	*policy_option_name(size_t i);

/* The row of the operation with this bit, or NULL. */
const struct policy_op_row *policy_op_row(uint32_t op);

/* These operations and those that a permit of them includes: READ has LIST. */
uint32_t	 policy_ops_permitted(uint32_t ops);

/* The capabilities that these operations need together, RIGHTS_CAP_*. */
uint32_t	 policy_ops_caps(uint32_t ops);

/* What the kernel must allow beneath the roots for these, RIGHTS_*. */
unsigned int	 policy_rights(uint32_t ops);

/*
 * The options that an opener cannot take over in a reload: it applied them when
 * it cloned the mounts of its roots, or when it opened the directories of its
 * tokens, which may lie on another file system.  The other options are judged
 * anew at each request, from the object that it opens.
 */
uint32_t	 policy_options_of_mounts(void);

const struct policy_limit_row *policy_limit_row(enum policy_limit);

/*
 * Read the value of a limit: digits, and a letter of the limit's unit.  A
 * number that is out of range is read as well.  0, or -1: it is none.
 */
int		 policy_limit_parse(enum policy_limit, const char *,
		    uint64_t *value);
/* Write a value, so that it can be read again; times with a letter: "10m". */
#define POLICY_LIMIT_TEXT	32
/* Why a session ended; "%s" is the limit. */
#define POLICY_IDLE_TEXT	"no request for %s (limit idle)"
#define POLICY_LIFETIME_TEXT	"the session has lasted %s (limit lifetime)"
const char	*policy_limit_text(enum policy_limit, uint64_t value,
		    char buf[POLICY_LIMIT_TEXT]);

/* A word for the reason, for logs: "permitted", "no-rule", "single-link". */
const char	*policy_reason_name(enum policy_reason);

/* The name of the option that refuses with this reason, or NULL. */
const char	*policy_reason_option(enum policy_reason);

/*
 * The sentence for the reason, in which one "%s" may stand for the role's
 * name.  NULL if a rule or an option is the reason.
 */
const char	*policy_reason_text(enum policy_reason);

#endif /* POLICY_TABLES_H */
