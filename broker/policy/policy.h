/*
 * policy.h: the pure decision.
 * (role, operation, path, object, peer) -> verdict, rule and reason.
 *
 * Nothing here opens, stats or logs anything; the same code runs in the
 * supervisor, which compiles a role, in the opener, which decides by it, in
 * whatever explains a policy, and in tests and fuzzers.
 */

#ifndef POLICY_H
#define POLICY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rights.h"
#include "base/wire.h"

/*
 * Operations: one bit each, one row each in the table of policy/tables.c.  To
 * add one, add its bit and its row, and count it here.
 */
#define POLICY_OP_READ		0x0001	/* open for reading */
#define POLICY_OP_LIST		0x0002	/* see that it is there */
#define POLICY_OP_WRITE		0x0004	/* open for writing */
#define POLICY_OP_APPEND	0x0008	/* open for appending */
#define POLICY_OP_CREATE	0x0010	/* make a regular file */
#define POLICY_OP_SPECIAL	0x0020	/* ... of a FIFO or device, too */
#define POLICY_OPS		6
#define POLICY_OP_ALL		0x003f	/* what a deny without names means */
/* List the directory; a question for policy_check(), in no rule. */
#define POLICY_OP_ENTER		0x80000000

/* What needs no writable root, and what does. */
#define POLICY_OPS_READING	(POLICY_OP_READ | POLICY_OP_LIST)
#define POLICY_OPS_WRITING	(POLICY_OP_WRITE | POLICY_OP_APPEND | \
				    POLICY_OP_CREATE)

#define POLICY_NAME_MAX		63	/* bytes in a role's name */
#define POLICY_LABEL_MAX	127
#define POLICY_WHERE_MAX	512	/* room for policy_where(), with NUL */
#define POLICY_ROOTS_MAX	200	/* roots that a role may have */

/* Options of a role: one bit each, one row each in the same file. */
#define POLICY_ONE_FILESYSTEM	0x0001	/* stay on that of the root */
#define POLICY_FOLLOW		0x0002	/* links, beneath the root */
#define POLICY_NOATIME		0x0004	/* leave access times alone */
#define POLICY_REGULAR_ONLY	0x0008	/* open nothing but files */
#define POLICY_OWNED_BY_PEER	0x0010	/* open the peer's own only */
#define POLICY_SINGLE_LINK	0x0020	/* open no file of several names */
#define POLICY_OPTION_ALL	0x003f

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

enum policy_action { POLICY_DENY = 0, POLICY_PERMIT = 1 };

/* How a permit for CREATE makes a file. */
#define POLICY_ID_PEER		UINT32_MAX	/* that of the peer */
#define POLICY_MODE_DEFAULT	0600
#define POLICY_MODE_MAX		0777

struct policy_create {
	uint32_t	 mode;		/* whatever the umask is */
	uint32_t	 uid, gid;	/* or POLICY_ID_PEER */
	bool		 exclusive;	/* what is there already is not used */
};

struct rule {
	enum policy_action	 action;
	uint32_t		 ops;		/* POLICY_OP_* */
	char			*pattern;	/* as configured */
	char			*label;		/* or NULL */
	char			*file;		/* of the configuration */
	int			 line;		/* 0: file is no file */
	struct policy_create	 create;	/* of a permit for CREATE */
	char			*owner;		/* as configured, or NULL: */
	char			*group;		/* whom create means */
	struct glob		*glob;		/* compiled pattern */
};

/* What role_add() makes one of. */
struct rule_spec {
	enum policy_action	 action;
	uint32_t		 ops;
	const char		*pattern;
	const char		*label, *owner, *group;	/* or NULL */
	struct policy_create	 create;
	const char		*file;
	int			 line;
};

enum peer_kind { PEER_USER, PEER_GROUP };

struct peer {
	enum peer_kind	 kind;
	uint32_t	 id;		/* uid or gid */
	char		*name;		/* as configured */
};

struct role {
	char		*name;
	char		*file;
	int		 line;
	struct peer	*peers;
	size_t		 npeers;
	struct rule	*rules;		/* in order of the configuration */
	size_t		 nrules;
	struct ruleindex *index;	/* of the rules */
	char		*as_user;	/* or NULL: the daemon's own uid */
	uint32_t	 options;	/* POLICY_ONE_FILESYSTEM... */
	uint64_t	 limits[POLICY_LIMITS];
};

/* What is known of the object that a name leads to: what fstat(2) says. */
struct policy_facts {
	uint32_t	 mode;		/* type and permissions */
	uint32_t	 uid, gid;
	uint64_t	 nlink;
	bool		 crossed;	/* not on the root's file system */
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
	POLICY_REASONS
};

struct verdict {
	bool			 permit;	/* reason is POLICY_PERMITTED */
	enum policy_reason	 reason;
	/*
	 * The rule that decided, NULL: none.  If the object was what is wrong,
	 * the permit that decided about the path; NOT_SPECIAL: what decided
	 * about SPECIAL.
	 */
	const struct rule	*rule;
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
/* The row of a limit. */
const struct policy_limit_row *policy_limit_row(enum policy_limit);
/* A word for it, for logs: "permitted", "denied", "single-link"... */
const char	*policy_reason_name(enum policy_reason);

/* A letter or digit, then letters, digits, "_" and "-"; not too long. */
bool		 role_name_is_valid(const char *);

/*
 * With the default limits.  NULL with errno: EINVAL (the name), ENOMEM.
 * Copies its strings.
 */
struct role	*role_new(const char *name, const char *file, int line);
void		 role_free(struct role *);

/*
 * Append a rule.  The pattern and its meaning are glob.h's; create and the
 * names that go with it count for a permit of CREATE only.  Copies all
 * strings.  0, or -1 with errno: EINVAL (*what is a constant sentence about
 * what is wrong), ENOMEM.
 */
int		 role_add(struct role *, const struct rule_spec *,
		    const char **what);
/* The same; a permit of CREATE has the defaults. */
int		 role_add_rule(struct role *, enum policy_action,
		    uint32_t ops, const char *pattern, const char *label,
		    const char *file, int line, const char **what);
/* What a permit of CREATE says if it says nothing. */
void		 policy_create_init(struct policy_create *);

int		 role_add_peer(struct role *, enum peer_kind, uint32_t id,
		    const char *name);

/* True if a process with these ids may take the role. */
bool		 role_admits(const struct role *, uint32_t uid,
		    const uint32_t *gids, size_t ngids);

/*
 * May the peer do the operation, one bit, on what is at path?  The answer to
 * everything: first policy_decide(), for ENTER policy_enter(); then, unless
 * facts is NULL because the object is not known yet, the object.
 *
 *  - With option one-filesystem, one that was crossed to is refused.
 *  - What is to be entered must be a directory, what is to be read, written,
 *    or appended to a regular file, a FIFO or a device: of the latter two,
 *    SPECIAL must be permitted as well.  About SPECIAL itself, it must be one
 *    of the two; about CREATE, a regular file.  LIST is for all types.
 *  - For all operations but LIST and ENTER, the options regular-only,
 *    owned-by-peer, and single-link (of what is no directory) hold.
 *  - A CREATE by an exclusive rule is refused because the object is there.
 *
 * The checks are made in this order, and the first that fails is the reason.
 * A file is opened for appending or writing, or made, by three questions:
 * APPEND or WRITE without facts before the open, with them after it; CREATE
 * without facts when it was not there.
 */
struct verdict	 policy_check(const struct role *, uint32_t op,
		    const char *path, const struct policy_facts *,
		    uint32_t peer_uid);

/*
 * What the rules say of the path, whatever is there.
 *
 * The last rule that names the operation and covers path decides; if there
 * is none, the answer is no.  But a directory above path about which a deny
 * decides in this way denies path as well, unless a rule after that deny
 * permits path.  A path that is not absolute and clean is denied.
 */
struct verdict	 policy_decide(const struct role *, uint32_t op,
		    const char *path);

/*
 * May the directory at path be listed?  Yes if policy_decide() permits LIST
 * of it, and also if a permit for LIST, which comes after every deny of path
 * or of a directory above it, may cover something beneath path (so that a
 * walk reaches what is permitted).  The verdict's rule is the last that says
 * yes or no in this sense.
 */
struct verdict	 policy_enter(const struct role *, const char *path);

/*
 * Who refused, for people: "file:line "label"", with the base name of the
 * file, of a rule; else what the reason is, such as "no rule of role "name"
 * permits it" or "option single-link of role "name"".  What does not fit is
 * cut and then ends in "...".
 */
void		 policy_where(const struct role *, struct verdict,
		    char *buf, size_t size);

/*
 * A directory (or file) beneath which a role may do something, for the
 * kernel.  Its path is the literal leading part of a permit's pattern; for a
 * pattern without wildcard it is the pattern itself.  Its rights are the
 * operations of all permits whose literal parts are at or above it: those of
 * POLICY_OPS_READING in one list of roots, for read-only clones, and those of
 * POLICY_OPS_WRITING in another, for writable ones; SPECIAL, in both, allows
 * devices, if there is something to be allowed with it.
 *
 * A file, or what a permit of CREATE without wildcard names and is not there
 * yet, stands for the directory that it is in: who opens the root sees that.
 *
 * So what the rules permit at a path, the longest root at or above it in the
 * list of the operation gives a right to.  A root that has no other rights
 * than the next one above it is left out, unless the role has option
 * one-filesystem, where it may be on one of its own.
 */
struct policy_root {
	char		*path;
	uint32_t	 rights;
};

/*
 * The roots for some operations, POLICY_OPS_READING or POLICY_OPS_WRITING,
 * sorted, parents first.  *roots is an array of *nroots, to be freed by
 * policy_roots_free().  0, or -1: ENOMEM.
 */
int		 policy_roots(const struct role *, uint32_t ops,
		    struct policy_root **roots, size_t *nroots);
void		 policy_roots_free(struct policy_root *, size_t nroots);

/*
 * True if the kernel is told the same about both roles: the same roots with
 * the same rights, the same capabilities and the same options of mounts.  An
 * opener that was started for one of them can then go on with the other.
 * False also when memory is short.
 */
bool		 policy_roots_equal(const struct role *, const struct role *);

/*
 * The capabilities that a role's rules imply, for its opener.  None for a
 * role with `as user'.  Else:
 *
 *  - DAC_READ_SEARCH to read and list where the daemon's user could not;
 *  - DAC_OVERRIDE, in its place, if anything may be written, appended to or
 *    created.  It includes what the other is wanted for, and does not let
 *    open_by_handle_at(2) work;
 *  - CHOWN if anything may be created, for it belongs to the peer or to whom
 *    the rule says.  FOWNER is not needed: the mode is right from the start;
 *    times of access are left alone by the mount.
 */
uint32_t	 policy_caps(const struct role *);

/*
 * A rule after `i' (the place in the role), such that rule i cannot decide
 * about the operation, one bit, on any path; or NULL.  If one is returned this
 * is certain; for some patterns with wildcards it is not found out.
 */
const struct rule *policy_shadow(const struct role *, size_t i, uint32_t op);

/*
 * A role as a message and back, for the opener.  Encoding puts name, options,
 * limits, as_user and rules; not peers, nor the names of owners.  Decoding
 * checks all of it again; NULL with errno EPROTO or ENOMEM.  What follows the
 * role is left to the caller, who ends with wire_get_end().
 */
void		 role_encode(struct wire_out *, const struct role *);
struct role	*role_decode(struct wire_in *);
size_t		 role_encoded_size(const struct role *);

/*
 * Its peers in the same way, for fdbrokerctl(8) and not for an opener, which
 * has but one.  Decoding appends them to a role.  0, or -1 with errno EPROTO
 * or ENOMEM.
 */
void		 role_encode_peers(struct wire_out *, const struct role *);
int		 role_decode_peers(struct wire_in *, struct role *);
size_t		 role_encoded_peers_size(const struct role *);

#endif /* POLICY_H */
