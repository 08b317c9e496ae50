/*
 * confbuild.h: between the grammar, which knows what a statement looks like,
 * and the configuration that is built: here is what a statement means, and
 * what is wrong with it.
 *
 * The confbuild_*() functions report faults themselves, at `line' of the file
 * that is being read.  Strings stay the lexer's.
 */

#ifndef CONFBUILD_H
#define CONFBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "confsys.h"
#include "lex.h"

/* Where something was set, to tell when it is set again.  line 0: nowhere. */
struct confplace {
	const char	*file;
	int		 line;
};

struct confpath {
	const char	*path;
	int		 line;
};

struct confbuild {
	struct conf		*conf;
	const struct confsys	*sys;
	struct lex		 lex;
	struct confplace	 rundir, user, confinement, sessions, per_uid;

	/* The role being read, NULL if there is none. */
	struct role		*role;
	bool			 role_bad;	/* it has not its own name */
	struct confplace	 as_user, role_sessions;
	unsigned int		 role_faults;	/* when it began */

	/* The rule being read. */
	uint32_t		 ops;
	struct confpath		*paths;
	size_t			 npaths;
};

/* Read everything with the grammar.  In parse.y. */
void	 confparse(struct confbuild *);
/* Row i of the table of keywords, or NULL after the last.  In parse.y. */
const char *confparse_keyword(size_t i);

/* Statements outside of roles. */
void	 confbuild_macro(struct confbuild *, int line, const char *name,
	    const char *value);
void	 confbuild_rundir(struct confbuild *, int line, const char *);
void	 confbuild_user(struct confbuild *, int line, const char *);
void	 confbuild_confinement(struct confbuild *, int line, bool required);
void	 confbuild_sessions(struct confbuild *, int line, const char *,
	    bool per_uid);

/* A role; name NULL: that it has none was reported. */
void	 confbuild_role_begin(struct confbuild *, int line, const char *name);
void	 confbuild_role_end(struct confbuild *);
void	 confbuild_peer(struct confbuild *, int line, enum peer_kind,
	    const char *);
void	 confbuild_as_user(struct confbuild *, int line, const char *);
void	 confbuild_option(struct confbuild *, int line, const char *);
void	 confbuild_role_sessions(struct confbuild *, int line, const char *);

/*
 * A rule: its operations (none for a deny of all), its paths, then the rule
 * itself with its label, which may be NULL.
 */
void	 confbuild_ops_begin(struct confbuild *);
void	 confbuild_op(struct confbuild *, int line, const char *);
void	 confbuild_paths_begin(struct confbuild *);
void	 confbuild_path(struct confbuild *, int line, const char *);
void	 confbuild_rules(struct confbuild *, enum policy_action,
	    const char *label);

/* What only shows when everything was read. */
void	 confbuild_finish(struct confbuild *);

#endif /* CONFBUILD_H */
