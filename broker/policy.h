/*
 * policy.h: the pure decision.  (role, operation, path) -> verdict and rule.
 *
 * Nothing here opens, stats or logs anything; the same code runs in the
 * supervisor, which compiles a role, in the opener, which decides by it, and
 * in tests and fuzzers.
 */

#ifndef POLICY_H
#define POLICY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* Operations: one bit each, one row each in the table of policy.c. */
#define POLICY_OP_READ		0x0001
#define POLICY_OP_LIST		0x0002
#define POLICY_OP_ALL		0x0003	/* what a deny without names means */

#define POLICY_NAME_MAX		63	/* bytes in a role's name */
#define POLICY_LABEL_MAX	127
#define POLICY_WHERE_MAX	512	/* room for policy_where(), with NUL */

/* Options of a role: one bit each, one row each in the table of policy.c. */
#define POLICY_ONE_FILESYSTEM	0x0001
#define POLICY_OPTION_ALL	0x0001

enum policy_action { POLICY_DENY = 0, POLICY_PERMIT = 1 };

struct rule {
	enum policy_action	 action;
	uint32_t		 ops;		/* POLICY_OP_* */
	char			*pattern;	/* as configured */
	char			*label;		/* or NULL */
	char			*file;		/* of the configuration */
	int			 line;		/* 0: file is no file */
	struct glob		*glob;		/* compiled pattern */
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
	struct ruleindex_node *index;	/* of the rules */
	char		*as_user;	/* or NULL: the daemon's own uid */
	uint32_t	 options;	/* POLICY_ONE_FILESYSTEM... */
	uint32_t	 max_sessions;	/* at once; 0: the daemon's own limit */
};

struct verdict {
	bool			 permit;
	const struct rule	*rule;	/* the rule that decided, NULL: none */
};

/* The bit of an operation or an option by its name, or 0. */
uint32_t	 policy_op(const char *name);
uint32_t	 policy_option(const char *name);
/* The name of row i of these tables, or NULL after the last. */
const char	*policy_op_name(size_t i);
const char	*policy_option_name(size_t i);

/* A letter or digit, then letters, digits, "_" and "-"; not too long. */
bool		 role_name_is_valid(const char *);

/* NULL with errno: EINVAL (the name), ENOMEM.  Copies its strings. */
struct role	*role_new(const char *name, const char *file, int line);
void		 role_free(struct role *);

/*
 * Append a rule.  The pattern and its meaning are glob.h's; label may be
 * NULL.  A permit for READ is one for LIST too.  0, or -1 with errno: EINVAL
 * (*what is a constant sentence about the pattern, the label or the
 * operations), ENOMEM.
 */
int		 role_add_rule(struct role *, enum policy_action,
		    uint32_t ops, const char *pattern, const char *label,
		    const char *file, int line, const char **what);
int		 role_add_peer(struct role *, enum peer_kind, uint32_t id,
		    const char *name);

/* True if a process with these ids may take the role. */
bool		 role_admits(const struct role *, uint32_t uid,
		    const uint32_t *gids, size_t ngids);

/*
 * May the operation, one bit, be done on path?
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
 * "file:line "label"" of a verdict, with the base name of the file, or "no
 * rule of role "name" permits it".  What does not fit is cut and then ends
 * in "...".
 */
void		 policy_where(const struct role *, struct verdict,
		    char *buf, size_t size);

/*
 * The directories beneath which the role may read: the literal leading
 * part of each permit pattern, parents of others dropped (a root beneath
 * another root is not listed).  For a pattern without wildcard it is
 * the pattern itself, be it a directory or a file.  *roots is an array of
 * *nroots strings, all to be freed by policy_roots_free().  0, or -1: ENOMEM.
 */
int		 policy_roots(const struct role *, uint32_t ops,
		    char ***roots, size_t *nroots);
void		 policy_roots_free(char **roots, size_t nroots);

/*
 * A role as a message and back, for the opener.  Encoding puts name, options
 * and rules (not peers, limits or as_user).  Decoding checks all of it again;
 * NULL with errno EPROTO or ENOMEM.  What follows the role is left to the
 * caller, who ends with wire_get_end().
 */
void		 role_encode(struct wire_out *, const struct role *);
struct role	*role_decode(struct wire_in *);
size_t		 role_encoded_size(const struct role *);

#endif /* POLICY_H */
