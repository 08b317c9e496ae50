/*
 * build.h: what the statements of a configuration mean.
 *
 * The grammar calls one of these functions for each statement; the function
 * checks the statement and adds it to the configuration.  It reports a fault
 * itself, at `line' of the file that is being read.  Strings belong to the
 * lexer.
 */

#ifndef CONFBUILD_H
#define CONFBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/sys.h"
#include "conf/use.h"
#include "policy/role.h"

/* Where a statement was, to report a second one.  line 0: it was not seen. */
struct confplace {
	const char	*file;
	int		 line;
};

struct confpath {
	const char	*path;
	int		 line;
};

/* The attributes that may follow the paths of a rule. */
enum confattr {
	CONFATTR_LABEL,
	CONFATTR_MODE,
	CONFATTR_OWNER,
	CONFATTR_GROUP,
	CONFATTR_EXCLUSIVE,
	CONFATTRS
};

/* A role that is checked when all are read. */
struct confpending {
	struct role		*role;
	struct confplace	 regular_only;
	bool			 faulty;	/* a fault in it was reported */
};

struct confbuild {
	struct conf		*conf;
	const struct confsys	*sys;
	struct lex		 lex;
	bool			 check;		/* only warn of missing roots */
	unsigned int		 missing;	/* roots that are missing */
	unsigned int		 unseen;	/* roots we may not see */
	unsigned int		 odd;		/* texts with a warning */
	struct confplace	 rundir, user, confinement, audit, control;
	struct confplace	 worker_user;
	struct confplace	 limits[POLICY_LIMITS];

	/* The limit being read. */
	struct {
		int		 line;
		const char	*name, *value;
		bool		 per_uid;
	}			 limit;

	/* The role being read, NULL if there is none. */
	struct role		*role;
	bool			 role_bad;	/* its name cannot be used */
	struct confplace	 as_user, regular_only;
	struct confplace	 role_limits[POLICY_LIMITS];
	unsigned int		 role_faults;	/* faults before the role */

	struct confuse		*uses;		/* statements, in order */
	size_t			 nuses, role_uses;	/* before the role */
	struct confpending	*pending;
	size_t			 npending;

	/* The rule being read. */
	uint32_t		 ops;
	struct confpath		*paths;
	size_t			 npaths;
	struct {
		const char	*text;
		int		 line;		/* 0: not given */
	}			 attrs[CONFATTRS];
	enum policy_choice	 choice;
};

/*
 * Statements outside of roles: conf/build.c.
 */
void	 confbuild_macro(struct confbuild *, int line, const char *name,
	    const char *value);
void	 confbuild_rundir(struct confbuild *, int line, const char *);
void	 confbuild_user(struct confbuild *, int line, const char *);
void	 confbuild_worker_user(struct confbuild *, int line, const char *);
void	 confbuild_confinement(struct confbuild *, int line, bool required);
/* Which requests to record, and in which file; NULL: syslog. */
/*
 * How the audit is written: "lossless", or "rate" with a number.  Returns the
 * mode with these words.
 */
const char *confbuild_audit_how(struct confbuild *, int line, const char *what,
	    const char *how, const char *number);
void	 confbuild_audit(struct confbuild *, int line, const char *what,
	    const char *path);
void	 confbuild_control(struct confbuild *, int line, const char *group);
/* Set the limit of the daemon that b->limit describes. */
void	 confbuild_limit(struct confbuild *);
/* Check what can only be checked once everything was read. */
void	 confbuild_finish(struct confbuild *);

/*
 * Roles: conf/role.c.  A name is NULL if a fault in it was reported.
 */
void	 confrole_begin(struct confbuild *, int line, const char *name);
void	 confrole_end(struct confbuild *);
/*
 * Once all roles are read: check those of which others decide what they are,
 * unless their rules are incomplete, and remove those that are only used by
 * others.
 */
void	 confrole_finish(struct confbuild *, bool complete);
void	 confrole_peer(struct confbuild *, int line, enum peer_kind,
	    const char *);
void	 confrole_as_user(struct confbuild *, int line, const char *);
void	 confrole_option(struct confbuild *, int line, const char *);
/* Set the limit of the role that b->limit describes. */
void	 confrole_limit(struct confbuild *);

/*
 * Rules: conf/rule.c.  The grammar passes on the operations (none for a deny of
 * all), then the paths, then the attributes; confrule_end() adds one rule for
 * each path.
 */
void	 confrule_ops_begin(struct confbuild *);
void	 confrule_op(struct confbuild *, int line, const char *);
void	 confrule_paths_begin(struct confbuild *);
void	 confrule_path(struct confbuild *, int line, const char *);
void	 confrule_attr(struct confbuild *, int line, enum confattr,
	    const char *text);
/* Owner, given by a word: any, by-name or self. */
void	 confrule_owner_word(struct confbuild *, int line, const char *);
void	 confrule_end(struct confbuild *, enum policy_action);

/*
 * Functions that these files share: conf/build.c.
 */
#define conf_fault(b, line, ...) \
	lex_fault(&(b)->lex, lex_file(&(b)->lex), line, __VA_ARGS__)

/*
 * Note the place of a statement.  True, and reported, if there was one before.
 */
bool	 confbuild_again(struct confbuild *, struct confplace *, int line,
	    const char *what);
/* Replace the string *dst by a copy of s. */
void	 confbuild_string(struct confbuild *, int line, char **dst,
	    const char *s);
/* If the configuration is checked: warn about what stands for itself in s. */
void	 confbuild_odd(struct confbuild *, int line, const char *what,
	    const char *s);
/* True for one or more digits and nothing else. */
bool	 confbuild_is_digits(const char *);
/*
 * Look up a user, with its login group, or a group, by name or number.  A
 * number without an account is accepted; *gid of a user is then unchanged.  0,
 * or -1 and reported.
 */
int	 confbuild_user_id(struct confbuild *, int line, const char *,
	    uint32_t *uid, uint32_t *gid);
int	 confbuild_group_id(struct confbuild *, int line, const char *,
	    uint32_t *gid);
/* Report why an account could not be looked up; errno says why. */
void	 confbuild_account_fault(struct confbuild *, int line,
	    const char *kind, const char *name);
/* Set the limit that b->limit describes in `limits', and note its place. */
void	 confbuild_limit_set(struct confbuild *, bool of_role,
	    struct confplace *, uint64_t *limits);
/* Write the names of a table as a list, for a message. */
void	 confbuild_names(char *buf, size_t size, const char *(*)(size_t));

#endif /* CONFBUILD_H */
