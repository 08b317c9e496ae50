/*
 * tables.h: the operations, options, limits and reasons of the policy, and
 * the tables that say what each of them is.
 */

#ifndef POLICY_TABLES_H
#define POLICY_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Operations: one bit each, and one row each in tables.c.  To add one, add its
 * bit here, count it, and add its row.
 */
#define POLICY_OP_READ		0x0001	/* open for reading */
#define POLICY_OP_LIST		0x0002	/* see that it is there */
#define POLICY_OP_WRITE		0x0004	/* open for writing */
#define POLICY_OP_APPEND	0x0008	/* open for appending */
#define POLICY_OP_CREATE	0x0010	/* make a regular file */
#define POLICY_OP_SPECIAL	0x0020	/* open FIFOs and devices, too */
#define POLICY_OPS		6
#define POLICY_OP_ALL		((1U << POLICY_OPS) - 1)
/* List the directory: a question for policy_check(), and in no rule. */
#define POLICY_OP_ENTER		0x80000000

/*
 * Those that use the read-only roots, and those that use the writable ones:
 * the rows say the same of each.
 */
#define POLICY_OPS_READING	(POLICY_OP_READ | POLICY_OP_LIST)
#define POLICY_OPS_WRITING	(POLICY_OP_WRITE | POLICY_OP_APPEND | \
				    POLICY_OP_CREATE)

/* What an operation can be done to: one bit for each kind of object. */
#define POLICY_TYPE_FILE	0x01	/* a regular file */
#define POLICY_TYPE_DIR		0x02
#define POLICY_TYPE_SPECIAL	0x04	/* a FIFO or a device */
#define POLICY_TYPE_OTHER	0x08	/* a link, a socket */
#define POLICY_TYPE_ALL		0x0f

struct policy_op_row {
	const char	*name;
	uint32_t	 bit;
	uint32_t	 permits;	/* a permit of it permits these, too */
	uint32_t	 roots;		/* POLICY_OPS_READING, _WRITING, or 0 */
	uint32_t	 caps;		/* RIGHTS_CAP_*, unless `as user' */
	unsigned int	 rights;	/* RIGHTS_*, beneath its roots */
	unsigned int	 types;		/* POLICY_TYPE_* */
	unsigned int	 special;	/* ... if SPECIAL is permitted, too */
};

/* Options of a role: one bit each, counted, and one row each in tables.c. */
#define POLICY_ONE_FILESYSTEM	0x0001	/* stay on that of the root */
#define POLICY_FOLLOW		0x0002	/* links, beneath the root */
#define POLICY_NOATIME		0x0004	/* leave access times alone */
#define POLICY_REGULAR_ONLY	0x0008	/* open nothing but files */
#define POLICY_OWNED_BY_PEER	0x0010	/* open the peer's own only */
#define POLICY_SINGLE_LINK	0x0020	/* open no file of several names */
#define POLICY_OPTIONS		6
#define POLICY_OPTION_ALL	((1U << POLICY_OPTIONS) - 1)

/*
 * Limits, of a role and of the daemon: one row each in the same file, with
 * the range and what holds where nothing is said.  0 is no limit of its own.
 */
enum policy_limit {
	LIMIT_SESSIONS,		/* at once */
	LIMIT_SESSIONS_PER_UID,	/* at once, of the processes of one user */
	LIMIT_TOKENS,		/* directories that a session holds */
	LIMIT_TOKENS_PER_UID,	/* that all sessions of one user may hold */
	LIMIT_OPENS,		/* a second, of one session */
	LIMIT_OPENS_PER_UID,	/* a second, of all sessions of one user */
	LIMIT_BYTES,		/* queued for the worker of one session */
	LIMIT_BYTES_PER_UID,	/* queued in all sessions of one user */
	POLICY_LIMITS
};

struct policy_limit_row {
	const char	*name;		/* as people know it */
	const char	*word;		/* after "limit"... */
	bool		 per_uid;	/* with "per uid" after the number */
	bool		 daemon;	/* outside of roles, too */
	const char	*range;		/* for people */
	uint64_t	 min, max;
	uint64_t	 of_role;	/* unless the role says another */
	uint64_t	 of_daemon;	/* unless the file says another */
};

/*
 * Why: the check that failed, or POLICY_PERMITTED.  One row each in the same
 * file, in this order.
 */
enum policy_reason {
	POLICY_PERMITTED,
	POLICY_NO_RULE,		/* none is about it */
	POLICY_DENIED,		/* by the verdict's rule */
	POLICY_BAD_PATH,	/* not absolute and clean */
	POLICY_WRONG_TYPE,	/* nothing that can be opened in this way */
	POLICY_NOT_SPECIAL,	/* a FIFO or device, and no SPECIAL for it */
	POLICY_NOT_REGULAR,	/* option regular-only */
	POLICY_SEVERAL_LINKS,	/* option single-link */
	POLICY_NOT_PEERS,	/* option owned-by-peer */
	POLICY_CROSSED,		/* option one-filesystem */
	POLICY_EXISTS,		/* CREATE is exclusive */
	POLICY_NO_ROOT,		/* above all roots: the opener finds that */
	POLICY_REASONS
};

/* The bit of an operation or an option by its name, or 0. */
uint32_t	 policy_op(const char *name);
uint32_t	 policy_option(const char *name);
/* The name of row i of these tables, or NULL after the last. */
const char	*policy_op_name(size_t i);
const char	*policy_option_name(size_t i);
/*
 * The options that an opener applies when it clones the mounts of its roots,
 * and cannot change afterwards.
 */
uint32_t	 policy_options_of_mounts(void);
/* All that a permit for these operations permits: READ brings LIST. */
uint32_t	 policy_ops_permitted(uint32_t ops);
/* The capabilities that operations need, RIGHTS_CAP_*. */
uint32_t	 policy_ops_caps(uint32_t ops);
/* What the kernel must allow beneath the roots for operations, RIGHTS_*. */
unsigned int	 policy_rights(uint32_t ops);
/* The row of an operation by its bit, or NULL. */
const struct policy_op_row *policy_op_row(uint32_t op);
/* The row of a limit. */
const struct policy_limit_row *policy_limit_row(enum policy_limit);
/* A word for it, for logs: "permitted", "denied", "single-link"... */
const char	*policy_reason_name(enum policy_reason);
/* The name of the option that gives this reason, or NULL. */
const char	*policy_reason_option(enum policy_reason);
/*
 * The sentence for a reason that is neither a rule's nor an option's, with
 * "%s" for the role's name or without; NULL: it is a rule's or an option's.
 */
const char	*policy_reason_text(enum policy_reason);

#endif /* POLICY_TABLES_H */
