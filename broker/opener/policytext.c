/*
 * policytext.c: read the text of a policy in an opener; see policytext.h.
 *
 * Runs in the opener.  The text is that of a configuration's role, so the
 * parser of configurations reads it, inside of a role that is put around it.
 * For a client's text the parser is given a system without files and accounts.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/sys.h"
#include "opener/policytext.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/tables.h"

/* The name that faults have, of a text that is in no file. */
#define TEXT_NAME	"policy"

/* On the line on which the text begins, so that lines are counted from it. */
#define HEAD		"role \"private\" { "
/*
 * A role must have a peer: it is whoever has the session.  The empty line is
 * for a text that ends with a backslash.
 */
#define TAIL		"\n\npeer user 0\n}\n"

struct reading {
	const char	*text;
	char		*why;
};

static int
reading_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	struct reading	*r = arg;
	char		*bytes, *file = NULL;
	int		 n;

	/* Only one file is read: the first. */
	if (strcmp(path, TEXT_NAME) != 0) {
		if (confsys_real.read(confsys_real.arg, path, &bytes, len,
		    why) == -1)
			return -1;
		file = strndup(bytes, *len);
		free(bytes);
		if (file == NULL || strlen(file) != *len) {
			free(file);
			(void)strlcpy(why, "it is not a text",
			    CONFSYS_WHY_MAX);
			return -1;
		}
	}
	n = asprintf(text, "%s%s%s", HEAD, file != NULL ? file : r->text,
	    TAIL);
	free(file);
	if (n == -1) {
		(void)strlcpy(why, "out of memory", CONFSYS_WHY_MAX);
		return -1;
	}
	*len = (size_t)n;
	return 0;
}

static int
no_list(void *arg, const char *path, char ***names, char *why)
{
	(void)arg;
	(void)path;
	(void)names;
	(void)why;
	return 0;
}

/*
 * Accounts are looked up.  The daemon's own is asked for in any case, and need
 * not be there: owners_exist() sees to it that no rule names it then.
 */
static int
real_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	if (confsys_real.user(confsys_real.arg, name, uid, gid) == 0)
		return 0;
	if (strcmp(name, PRIVSEP_USER) != 0)
		return -1;
	*uid = *gid = 1;
	return 0;
}

static bool
owners_exist(const struct role *role, char *why)
{
	const struct rule	*r;
	uint32_t		 uid, gid;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if (r->owner == NULL || strcmp(r->owner, PRIVSEP_USER) != 0 ||
		    confsys_real.user(confsys_real.arg, r->owner, &uid,
		    &gid) == 0)
			continue;
		(void)snprintf(why, PROTO_TEXT_MAX, "%s:%d: user \"%s\" does "
		    "not exist", r->file, r->line, r->owner);
		errno = EINVAL;
		return false;
	}
	return true;
}

static bool
is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* A number is taken for what it is; a name is refused by owner_fault(). */
static int
any_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	errno = ENOENT;
	if (is_number(name))
		return -1;
	*uid = *gid = 1;
	return 0;
}

static int
any_group(void *arg, const char *name, uint32_t *gid)
{
	(void)arg;
	errno = ENOENT;
	if (is_number(name))
		return -1;
	*gid = 1;
	return 0;
}

static int
any_root(void *arg, const char *path, char *link, char *real)
{
	(void)arg;
	(void)path;
	(void)link;
	(void)real;
	return 1;
}

static bool
no_directory(void *arg, const char *path)
{
	(void)arg;
	(void)path;
	return false;
}

/* Keep the first fault. */
static void
keep_fault(void *arg, int priority, const char *text)
{
	struct reading	*r = arg;

	(void)priority;
	if (r->why[0] == '\0')
		(void)strlcpy(r->why, text, PROTO_TEXT_MAX);
}

static struct role *
refuse(struct conf *conf, struct reading *r, const char *text)
{
	conf_free(conf);
	if (r->why[0] == '\0')
		(void)strlcpy(r->why, text, PROTO_TEXT_MAX);
	errno = EINVAL;
	return NULL;
}

/* A confined process cannot look names up, so an owner must be a number. */
static const char *
owner_fault(const struct role *role)
{
	const struct rule	*r;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if ((r->owner != NULL && !is_number(r->owner)) ||
		    (r->group != NULL && !is_number(r->group)))
			return TEXT_NAME ": names of owners and groups cannot "
			    "be looked up here; write numbers";
	}
	return NULL;
}

/* What a client's text may not have: its rules decide, and nothing else. */
static const char *
limit_fault(const struct role *role)
{
	struct role	*plain;
	const char	*why = NULL;

	if ((plain = role_new("private", TEXT_NAME, 0)) == NULL)
		return "out of memory";
	if (role->options != 0 || memcmp(role->limits, plain->limits,
	    sizeof(role->limits)) != 0)
		why = TEXT_NAME ": only permit and deny can narrow a policy";
	role_free(plain);
	return why != NULL ? why : owner_fault(role);
}

static struct role *
read_text(const struct confsys *sys, struct reading *r, const char *file,
    bool limit)
{
	struct conf	*conf;
	struct role	*role;
	log_sink	 sink = keep_fault;
	void		*arg = r;
	const char	*fault;

	r->why[0] = '\0';
	log_exchange_sink(&sink, &arg);
	conf = conf_load_from(sys, file, NULL);
	log_exchange_sink(&sink, &arg);
	if (conf == NULL)
		return refuse(NULL, r, TEXT_NAME ": out of memory");
	if (conf->nroles != 1 || (role = conf->roles[0])->npeers != 1)
		return refuse(conf, r, TEXT_NAME ": expected the statements "
		    "of one role, without peers");
	if (role->as_user != NULL)
		return refuse(conf, r, TEXT_NAME ": as user is for the roles "
		    "of fdbrokerd(8)");
	/* Nobody would fill them in, and a deny would deny nothing. */
	if (ownrole_vars(role) != 0)
		return refuse(conf, r, TEXT_NAME ": %u and %h are for the "
		    "roles of fdbrokerd(8); write the name or the path");
	if (limit && (fault = limit_fault(role)) != NULL)
		return refuse(conf, r, fault);
	conf->nroles = 0;
	conf_free(conf);
	return role;
}

struct role *
policytext_private(const char *text, char *why)
{
	struct reading	 r = { text, why };
	struct confsys	 sys = confsys_real;
	struct role	*role;

	sys.read = reading_read;
	sys.list = no_list;
	sys.user = real_user;
	sys.arg = &r;
	sys.one_role = true;
	sys.statements = "deny, limit, option or permit";
	role = read_text(&sys, &r, text[0] == '/' ? text : TEXT_NAME, false);
	if (role != NULL && !owners_exist(role, why)) {
		role_free(role);
		role = NULL;
		errno = EINVAL;
	}
	return role;
}

/*
 * The same rules after one that denies everything: so each denial by them has a
 * rule, of the policy that narrows, and is not taken for one by the role.
 */
static struct role *
denying(struct role *read)
{
	struct rule_spec	 spec;
	struct role		*role;
	const char		*why;
	size_t			 i;
	int			 ret;

	if ((role = role_new("private", TEXT_NAME, 0)) == NULL)
		return NULL;
	ret = role_add_rule(role, POLICY_DENY, POLICY_OP_ALL, "/",
	    "the session was narrowed", TEXT_NAME, 0, &why);
	for (i = 0; i < read->nrules && ret == 0; i++) {
		role_spec_of(&spec, &read->rules[i]);
		ret = role_add(role, &spec, &why);
	}
	if (ret == 0)
		return role;
	role_free(role);
	return NULL;
}

struct role *
policytext_limit(const char *text, char *why)
{
	struct role	*read, *role;
	struct reading	 r = { text, why };
	struct confsys	 sys = {
		.read = reading_read, .list = no_list, .user = any_user,
		.group = any_group, .root = any_root,
		.is_directory = no_directory, .arg = &r, .one_role = true,
		.statements = "deny or permit",
		.narrows = true
	};

	if ((read = read_text(&sys, &r, TEXT_NAME, true)) == NULL)
		return NULL;
	if ((role = denying(read)) == NULL) {
		(void)strlcpy(why, TEXT_NAME ": out of memory",
		    PROTO_TEXT_MAX);
		errno = ENOMEM;
	}
	role_free(read);
	return role;
}
