/*
 * build.c: what the statements outside of roles mean, and what role.c and
 * rule.c share with them; see conf/build.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory, and the system through conf/sys.h only.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dgram.h"		/* the length of a socket's address */
#include "base/log.h"
#include "base/pathname.h"
#include "conf/build.h"

/* Bytes in a run directory: the paths of sockets in it must fit an address. */
#define RUNDIR_MAX	(DGRAM_PATH_MAX - 1 - (sizeof("/session/") - 1) - \
			    DGRAM_NAME_LEN)

bool
confbuild_again(struct confbuild *b, struct confplace *place, int line,
    const char *what)
{
	if (place->line != 0) {
		conf_fault(b, line, "%s is already set at %s:%d", what,
		    place->file, place->line);
		return true;
	}
	place->file = lex_file(&b->lex);
	place->line = line;
	return false;
}

void
confbuild_string(struct confbuild *b, int line, char **dst, const char *s)
{
	char	*copy;

	if ((copy = strdup(s)) == NULL) {
		conf_fault(b, line, "out of memory");
		return;
	}
	free(*dst);
	*dst = copy;
}

bool
confbuild_is_digits(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

void
confbuild_names(char *buf, size_t size, const char *(*name)(size_t))
{
	size_t	 i, len = 0;
	int	 n;

	buf[0] = '\0';
	for (i = 0; name(i) != NULL; i++) {
		n = snprintf(buf + len, size - len, "%s%s", i > 0 ? ", " : "",
		    name(i));
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}

void
confbuild_account_fault(struct confbuild *b, int line, const char *kind,
    const char *name)
{
	if (errno == ENOENT)
		conf_fault(b, line, "%s \"%s\" does not exist", kind, name);
	else
		conf_fault(b, line, "%s \"%s\" cannot be looked up: %s", kind,
		    name, strerror(errno));
}

/* A number that is no account's. */
static int
bare_id(struct confbuild *b, int line, const char *kind, const char *name,
    uint32_t *id)
{
	const char	*errstr;

	if (!confbuild_is_digits(name)) {
		confbuild_account_fault(b, line, kind, name);
		return -1;
	}
	*id = (uint32_t)strtonum(name, 0, UINT32_MAX - 1, &errstr);
	if (errstr == NULL)
		return 0;
	conf_fault(b, line, "\"%s\" is %s; expected a number from 0 to %u",
	    name, errstr, UINT32_MAX - 1);
	return -1;
}

int
confbuild_user_id(struct confbuild *b, int line, const char *name,
    uint32_t *uid, uint32_t *gid)
{
	if (b->sys->user(b->sys->arg, name, uid, gid) == 0)
		return 0;
	return bare_id(b, line, "user", name, uid);
}

int
confbuild_group_id(struct confbuild *b, int line, const char *name,
    uint32_t *gid)
{
	if (b->sys->group(b->sys->arg, name, gid) == 0)
		return 0;
	return bare_id(b, line, "group", name, gid);
}

void
confbuild_macro(struct confbuild *b, int line, const char *name,
    const char *value)
{
	if (lex_macro_set(&b->lex, name, value, false) == 0)
		return;
	conf_fault(b, line, "invalid macro name \"%s\"; expected a letter or "
	    "\"_\", then letters, digits and \"_\"", name);
	lex_macro_spoil(&b->lex, name);
}

void
confbuild_odd(struct confbuild *b, int line, const char *what, const char *s)
{
	bool	 label = strcmp(what, "label") == 0;

	if (!b->check)
		return;
	if (lex_names_macro(&b->lex, s))
		log_warnx("%s:%d: warning: \"$\" stands for itself in %s "
		    "\"%s\"%s", lex_file(&b->lex), line, what, s,
		    LEX_DOLLAR_HINT);
	else if (!label && (strstr(s, "%u") != NULL ||
	    strstr(s, "%h") != NULL))
		log_warnx("%s:%d: warning: \"%%\" stands for itself in %s "
		    "\"%s\"; only the paths of rules differ from peer to peer",
		    lex_file(&b->lex), line, what, s);
	else
		return;
	b->odd++;
}

void
confbuild_rundir(struct confbuild *b, int line, const char *path)
{
	char	 why[CONFSYS_WHY_MAX];

	if (confbuild_again(b, &b->rundir, line, "rundir"))
		return;
	if (!pathname_is_absolute(path) || path[1] == '\0')
		conf_fault(b, line, "rundir \"%s\" must be an absolute path "
		    "without \"//\", \".\", \"..\" or a slash at its end",
		    path);
	else if (strlen(path) > RUNDIR_MAX)
		conf_fault(b, line, "rundir \"%s\" is too long for the "
		    "sockets in it; expected at most %zu bytes", path,
		    (size_t)RUNDIR_MAX);
	else if (b->check && b->sys->rundir != NULL &&
	    b->sys->rundir(b->sys->arg, path, why) == -1)
		conf_fault(b, line, "rundir \"%s\": %s", path, why);
	else {
		confbuild_odd(b, line, "rundir", path);
		confbuild_string(b, line, &b->conf->rundir, path);
	}
}

/* Look up the user of listener and openers; line 0: it is the default. */
static void
user_lookup(struct confbuild *b, int line, const char *name)
{
	struct conf	*conf = b->conf;

	if (b->sys->user(b->sys->arg, name, &conf->uid, &conf->gid) == -1)
		confbuild_account_fault(b, line, line != 0 ? "user" :
		    "there is no user statement, and user", name);
	else if (conf->uid == 0)
		conf_fault(b, line, "user \"%s\" has uid 0; expected an "
		    "unprivileged user", name);
}

void
confbuild_user(struct confbuild *b, int line, const char *name)
{
	if (confbuild_again(b, &b->user, line, "user"))
		return;
	confbuild_string(b, line, &b->conf->user, name);
	user_lookup(b, line, name);
}

/*
 * The worker user is neither root nor in root's group.  Nor is it the daemon's
 * user, which confbuild_finish() checks: a worker could signal the openers, and
 * its descriptors would be charged to the same user as theirs.
 */
void
confbuild_worker_user(struct confbuild *b, int line, const char *name)
{
	struct conf	*conf = b->conf;

	if (confbuild_again(b, &b->worker_user, line, "worker user"))
		return;
	confbuild_string(b, line, &conf->worker_user, name);
	if (b->sys->user(b->sys->arg, name, &conf->worker_uid,
	    &conf->worker_gid) == -1)
		confbuild_account_fault(b, line, "user", name);
	else if (conf->worker_uid == 0 || conf->worker_gid == 0)
		conf_fault(b, line, "worker user \"%s\" has uid or gid 0; "
		    "expected an unprivileged user", name);
}

void
confbuild_confinement(struct confbuild *b, int line, bool required)
{
	if (!confbuild_again(b, &b->confinement, line, "confinement"))
		b->conf->confinement_required = required;
}

const char *
confbuild_audit_how(struct confbuild *b, int line, const char *what,
    const char *how, const char *number)
{
	const char	*err, *kept;
	char		 mode[32];

	if (strcmp(how, "lossless") == 0 && number == NULL) {
		if (strcmp(what, "all") != 0) {
			conf_fault(b, line, "log audit %s cannot be lossless; "
			    "expected all lossless", what);
			return what;
		}
		(void)snprintf(mode, sizeof(mode), "%s lossless", what);
		kept = lex_keep(&b->lex, mode, strlen(mode));
		return kept != NULL ? kept : what;
	}
	if (strcmp(how, "rate") != 0 || number == NULL) {
		conf_fault(b, line, "unexpected %s; expected lossless, or rate "
		    "and the number of records per second", how);
		return what;
	}
	b->conf->audit_rate = (uint32_t)strtonum(number, 1, AUDIT_RATE_MAX,
	    &err);
	if (err != NULL)
		conf_fault(b, line, "rate %s is %s; expected a number from 1 "
		    "to %d", number, err, AUDIT_RATE_MAX);
	return what;
}

void
confbuild_audit(struct confbuild *b, int line, const char *what,
    const char *path)
{
	char	 why[CONFSYS_WHY_MAX];

	if (confbuild_again(b, &b->audit, line, "log audit"))
		return;
	if (auditmode_from_name(what, &b->conf->audit) == -1) {
		conf_fault(b, line, "unexpected %s; expected all, denied or "
		    "none", what);
		return;
	}
	if (path == NULL)
		return;
	if (b->conf->audit == AUDITMODE_NONE)
		conf_fault(b, line, "log audit none writes nothing to "
		    "\"%s\"; expected all or denied", path);
	else if (!pathname_is_absolute(path) || path[1] == '\0')
		conf_fault(b, line, "log audit to \"%s\" must be an absolute "
		    "path without \"//\", \".\", \"..\" or a slash at its "
		    "end", path);
	else if (b->sys->audit != NULL &&
	    b->sys->audit(b->sys->arg, path, why) == -1)
		conf_fault(b, line, "log audit to \"%s\": %s", path, why);
	else {
		confbuild_odd(b, line, "log audit to", path);
		confbuild_string(b, line, &b->conf->audit_path, path);
	}
}

void
confbuild_control(struct confbuild *b, int line, const char *group)
{
	if (!confbuild_again(b, &b->control, line, "control group") &&
	    confbuild_group_id(b, line, group, &b->conf->control_gid) == 0)
		confbuild_string(b, line, &b->conf->control_group, group);
}

/*
 * Limits.
 */
static const char *
limit_name(size_t i)
{
	return i < POLICY_LIMITS ? policy_limit_row(i)->name : NULL;
}

/* The same for the limits that can be set outside of roles. */
static const char *
daemon_limit_name(size_t i)
{
	size_t	 k;

	for (k = 0; k < POLICY_LIMITS; k++) {
		if (policy_limit_row(k)->daemon && i-- == 0)
			return policy_limit_row(k)->name;
	}
	return NULL;
}

/* The number of the limit, or POLICY_LIMITS and reported. */
static size_t
limit_find(struct confbuild *b, bool of_role)
{
	const struct policy_limit_row	*row;
	const char			*per = b->limit.per_uid ? " per uid" :
					    "";
	char				 known[160];
	size_t				 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		row = policy_limit_row(i);
		if (row->per_uid == b->limit.per_uid &&
		    strcmp(row->word, b->limit.name) == 0)
			break;
	}
	confbuild_names(known, sizeof(known),
	    of_role ? limit_name : daemon_limit_name);
	if (i == POLICY_LIMITS) {
		conf_fault(b, b->limit.line, "unknown limit \"%s%s\"; expected "
		    "one of: %s", b->limit.name, per, known);
	} else if (!of_role && !policy_limit_row(i)->daemon) {
		conf_fault(b, b->limit.line, "limit %s can only be set in a "
		    "role; expected one of: %s", limit_name(i), known);
		i = POLICY_LIMITS;
	}
	return i;
}

void
confbuild_limit_set(struct confbuild *b, bool of_role,
    struct confplace *places, uint64_t *limits)
{
	static const char *const	 kinds[] = {
		[UNIT_NONE] = "a number", [UNIT_BYTES] = "a number",
		[UNIT_TIME] = "a time", [UNIT_HOURS] = "hours"
	};
	const struct policy_limit_row	*row;
	char				 what[64];
	const char			*fault = NULL;
	uint64_t			 n;
	size_t				 i;

	if ((i = limit_find(b, of_role)) == POLICY_LIMITS)
		return;
	row = policy_limit_row(i);
	(void)snprintf(what, sizeof(what), "limit %s", row->name);
	if (confbuild_again(b, &places[i], b->limit.line, what))
		return;
	if (policy_limit_parse(i, b->limit.value, &n) == -1)
		fault = "invalid";
	else if (n < row->min || n > row->max)
		fault = n < row->min ? "too small" : "too large";
	if (fault == NULL)
		limits[i] = n;
	else
		conf_fault(b, b->limit.line, "\"%s\" is %s; expected %s %s",
		    b->limit.value, fault, kinds[row->unit], row->range);
}

void
confbuild_limit(struct confbuild *b)
{
	confbuild_limit_set(b, false, b->limits, b->conf->limits);
}

void
confbuild_finish(struct confbuild *b)
{
	if (b->user.line == 0)
		user_lookup(b, 0, b->conf->user);
	if (b->worker_user.line != 0 && b->conf->uid != 0 &&
	    b->conf->worker_uid == b->conf->uid)
		lex_fault(&b->lex, b->worker_user.file, b->worker_user.line,
		    "worker user \"%s\" is the daemon's own user; expected "
		    "another user", b->conf->worker_user);
}
