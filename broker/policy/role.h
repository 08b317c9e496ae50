/*
 * role.h: a role, its rules and its peers, in memory.
 */

#ifndef POLICY_ROLE_H
#define POLICY_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/tables.h"

struct glob;
struct ruleindex;

#define POLICY_NAME_MAX		63	/* bytes in a role's name */
#define POLICY_LABEL_MAX	127

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

#endif /* POLICY_ROLE_H */
