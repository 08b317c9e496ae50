/*
 * build.h: between the grammar, which knows what a statement looks like,
 * and the configuration that is built: here is what a statement means, and
 * what is wrong with it.
 *
 * The functions report faults themselves, at `line' of the file that is being
 * read.  Strings stay the lexer's.
 */

#ifndef CONFBUILD_H
#define CONFBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/lex.h"
#include "conf/sys.h"
#include "policy/role.h"

/* Where something was set, to tell when it is set again.  line 0: nowhere. */
struct confplace {
	const char	*file;
	int		 line;
};

struct confpath {
	const char	*path;
	int		 line;
};

/* What may come after the paths of a rule. */
enum confattr {
	CONFATTR_LABEL,
	CONFATTR_MODE,
	CONFATTR_OWNER,
	CONFATTR_GROUP,
	CONFATTR_EXCLUSIVE,
	CONFATTRS
};

struct confbuild {
	struct conf		*conf;
	const struct confsys	*sys;
	struct lex		 lex;
	bool			 check;		/* missing roots are no fault */
	unsigned int		 missing;	/* roots, warned about */
	unsigned int		 unseen;	/* others, not to be seen */
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
	bool			 role_bad;	/* it has not its own name */
	struct confplace	 as_user, regular_only;
	struct confplace	 role_limits[POLICY_LIMITS];
	unsigned int		 role_faults;	/* when it began */

	/* The rule being read. */
	uint32_t		 ops;
	struct confpath		*paths;
	size_t			 npaths;
	struct {
		const char	*text;
		int		 line;		/* 0: not given */
	}			 attrs[CONFATTRS];
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
/* What to record, and the file; NULL: syslog. */
void	 confbuild_audit(struct confbuild *, int line, const char *what,
	    const char *path);
void	 confbuild_control(struct confbuild *, int line, const char *group);
/* What b->limit says, of the daemon. */
void	 confbuild_limit(struct confbuild *);
/* What only shows when everything was read. */
void	 confbuild_finish(struct confbuild *);

/*
 * Roles: conf/role.c.  name NULL: that it has none was reported.
 */
void	 confrole_begin(struct confbuild *, int line, const char *name);
void	 confrole_end(struct confbuild *);
void	 confrole_peer(struct confbuild *, int line, enum peer_kind,
	    const char *);
void	 confrole_as_user(struct confbuild *, int line, const char *);
void	 confrole_option(struct confbuild *, int line, const char *);
/* What b->limit says, of the role. */
void	 confrole_limit(struct confbuild *);

/*
 * A rule: conf/rule.c.  Its operations (none for a deny of all), its paths,
 * what comes after them, then the whole.
 */
void	 confrule_ops_begin(struct confbuild *);
void	 confrule_op(struct confbuild *, int line, const char *);
void	 confrule_paths_begin(struct confbuild *);
void	 confrule_path(struct confbuild *, int line, const char *);
void	 confrule_attr(struct confbuild *, int line, enum confattr,
	    const char *text);
void	 confrule_end(struct confbuild *, enum policy_action);

/*
 * What these files share: conf/build.c.
 */
#define conf_fault(b, line, ...) \
	lex_fault(&(b)->lex, lex_file(&(b)->lex), line, __VA_ARGS__)

/* True, and reported, if it was set before.  It is now. */
bool	 confbuild_again(struct confbuild *, struct confplace *, int line,
	    const char *what);
/* Replace a string by a copy of s. */
void	 confbuild_string(struct confbuild *, int line, char **dst,
	    const char *s);
/* True for digits and nothing else. */
bool	 confbuild_is_digits(const char *);
/*
 * The id of a user, and its group, or of a group, by name or number; a number
 * need not have an account, and *gid is then left alone.  0, or -1 and
 * reported.
 */
int	 confbuild_user_id(struct confbuild *, int line, const char *,
	    uint32_t *uid, uint32_t *gid);
int	 confbuild_group_id(struct confbuild *, int line, const char *,
	    uint32_t *gid);
/* Report that an account could not be looked up, by errno. */
void	 confbuild_account_fault(struct confbuild *, int line,
	    const char *kind, const char *name);
/*
 * Set the limit that b->limit says, in an array of them, and note where.
 */
void	 confbuild_limit_set(struct confbuild *, bool of_role,
	    struct confplace *, uint64_t *limits);
/* The names of a table, as a list for a message. */
void	 confbuild_names(char *buf, size_t size, const char *(*)(size_t));

#endif /* CONFBUILD_H */
