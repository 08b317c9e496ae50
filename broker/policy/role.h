/*
 * role.h: a role in memory: its rules, its peers, its options and limits.
 */

#ifndef POLICY_ROLE_H
#define POLICY_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/tables.h"

struct glob;
struct named;
struct policy_longpath;
struct ruleindex;

#define POLICY_NAME_MAX		63	/* bytes in a role's name */
#define POLICY_LABEL_MAX	127

enum policy_action { POLICY_DENY = 0, POLICY_PERMIT = 1 };

/* How a permit of POLICY_OPS_OWNING makes objects. */
#define POLICY_ID_PEER		UINT32_MAX	/* the peer's uid or gid */
#define POLICY_MODE_DEFAULT	0600
#define POLICY_MODE_MAX		0777

/* Whom a client may give things to, if it does not leave it to the rule. */
enum policy_choice {
	POLICY_CHOICE_NONE,	/* nobody else: uid and gid count */
	POLICY_CHOICE_NAMED,	/* users and groups that have names here */
	POLICY_CHOICE_ANY
};
#define POLICY_CHOICES		3

struct policy_create {
	uint32_t	 mode;		/* the umask does not change it */
	uint32_t	 uid, gid;	/* or POLICY_ID_PEER */
	bool		 exclusive;	/* only what the request creates */
	enum policy_choice choice;	/* made without one: uid and gid */
};

struct rule {
	enum policy_action	 action;
	uint32_t		 ops;		/* POLICY_OP_* */
	/* Its path was a directory's when the configuration was read. */
	bool			 directory;
	uint8_t			 vars;		/* TEMPLATE_*, of template.h */
	char			*pattern;	/* as configured */
	char			*label;		/* or NULL */
	char			*file;		/* where it was configured */
	int			 line;		/* 0: file is no file */
	/* It is from another role; RULE_USED_AGAIN: so is another copy. */
	enum rule_used { RULE_OWN, RULE_USED, RULE_USED_AGAIN } used;
	bool			 copied;	/* another role uses it */
	struct policy_create	 create;	/* of a permit of OPS_OWNING */
	char			*owner;		/* of create.uid, or NULL */
	char			*group;		/* of create.gid, or NULL */
	struct glob		*glob;		/* the compiled pattern */
};

/* A rule before it is compiled, for role_add(). */
struct rule_spec {
	enum policy_action	 action;
	uint32_t		 ops;
	bool			 directory;
	uint8_t			 vars;		/* of template_parse() */
	enum rule_used		 used;
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
	struct rule	*rules;		/* in the order of the file */
	size_t		 nrules;
	struct ruleindex *index;	/* of the rules */
	char		*as_user;	/* or NULL: the daemon's own user */
	uint32_t	 options;	/* POLICY_ONE_FILESYSTEM... */
	uint64_t	 limits[POLICY_LIMITS];
	struct named	*named;		/* for CHOICE_NAMED; or NULL */
	struct role	*also;		/* must permit, too; or NULL */
	struct policy_longpath *longpath; /* places of its last decisions */
};

/*
 * A role without peers and rules, with the default limits.  Copies its
 * strings.  NULL with errno: EINVAL (the name), ENOMEM.
 */
struct role	*role_new(const char *name, const char *file, int line);
void		 role_free(struct role *);

/*
 * Append a rule.  glob.h describes the pattern, and template.h one with vars,
 * which must be what the pattern has; without vars, "%" is a byte like any
 * other.  create, owner and group are used for a permit of POLICY_OPS_OWNING
 * only.  Copies all strings.  0, or -1 with errno: EINVAL (*why is a constant
 * sentence that says what is wrong), ENOMEM.
 */
int		 role_add(struct role *, const struct rule_spec *,
		    const char **why);
/* The same, with the defaults for a permit of POLICY_OPS_OWNING. */
int		 role_add_rule(struct role *, enum policy_action,
		    uint32_t ops, const char *pattern, const char *label,
		    const char *file, int line, const char **why);
/* A rule as it was before it was compiled; the strings stay the rule's. */
void		 role_spec_of(struct rule_spec *, const struct rule *);
/* The defaults for a permit of POLICY_OPS_OWNING. */
void		 policy_create_init(struct policy_create *);

int		 role_add_peer(struct role *, enum peer_kind, uint32_t id,
		    const char *name);

/* True if the role admits a process with these ids. */
bool		 role_admits(const struct role *, uint32_t uid,
		    const uint32_t *gids, size_t ngids);

#endif /* POLICY_ROLE_H */
