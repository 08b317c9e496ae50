/*
 * check.c: say what a role permits, and to whom; see ctl/check.h.
 *
 * Runs in fdbrokerctl.  Decides with the functions that an opener uses, and
 * looks up users and groups.  Looks at the object only if the answer depends
 * on its owner.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/pathname.h"
#include "ctl/check.h"
#include "ctl/denial.h"
#include "ctl/rules.h"
#include "ctl/text.h"
#include "policy/role.h"
#include "policy/where.h"

enum ctl_status
check_parse(const char *op, const char *path, uint32_t *bit)
{
	char	 known[128];

	if ((*bit = policy_op(op)) == 0) {
		denial_ops(POLICY_OP_ALL, known, sizeof(known));
		log_warnx("unknown operation \"%s\"; expected one of: %s", op,
		    known);
		return CTL_FAIL;
	}
	if (!pathname_is_absolute(path)) {
		log_warnx("%s: expected an absolute path without empty, \".\" "
		    "or \"..\" components", path);
		return CTL_FAIL;
	}
	return CTL_YES;
}

static void
print_rule(const struct ctl *ctl, const struct rule *r)
{
	uint32_t	 bits = r->ops;
	char		 ops[128] = "";

	/* As people write it: a permit of read includes list. */
	if (r->action == POLICY_PERMIT && (bits & POLICY_OP_READ))
		bits &= ~(uint32_t)POLICY_OP_LIST;
	if (r->action == POLICY_PERMIT || bits != POLICY_OP_ALL)
		denial_ops(bits, ops, sizeof(ops));
	text_print(ctl->out, r->file);
	if (r->line > 0)
		(void)fprintf(ctl->out, ":%d", r->line);
	(void)fprintf(ctl->out, ": %s%s%s \"",
	    r->action == POLICY_PERMIT ? "permit" : "deny",
	    ops[0] != '\0' ? " " : "", ops);
	text_print(ctl->out, r->pattern);
	(void)fputc('"', ctl->out);
	if (r->label != NULL) {
		(void)fputs(" label \"", ctl->out);
		text_print(ctl->out, r->label);
		(void)fputc('"', ctl->out);
	}
	(void)fputc('\n', ctl->out);
}

/*
 * Look at the object at a path as an opener would: no component, not even the
 * last, may be a link.  0, or -1 with errno.
 */
static int
look_at(const char *path, struct policy_facts *facts)
{
	char		 prefix[PATH_MAX];
	struct stat	 st;
	size_t		 len = 0;

	do {
		len += path[len] == '/';
		len += strcspn(path + len, "/");
		if (len >= sizeof(prefix)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(prefix, path, len);
		prefix[len] = '\0';
		if (lstat(prefix, &st) == -1)
			return -1;
		if (S_ISLNK(st.st_mode)) {
			errno = ELOOP;
			return -1;
		}
	} while (path[len] != '\0');
	memset(facts, 0, sizeof(*facts));
	facts->mode = (uint32_t)st.st_mode;
	facts->uid = (uint32_t)st.st_uid;
	facts->gid = (uint32_t)st.st_gid;
	facts->nlink = (uint64_t)st.st_nlink;
	return 0;
}

/* Does a verdict of the rules also depend on the owner of the object? */
static bool
depends_on_owner(const struct role *role, uint32_t op, struct verdict v,
    const uint32_t *peer)
{
	return v.permit && peer != NULL && op != POLICY_OP_LIST &&
	    (role->options & POLICY_OWNED_BY_PEER) != 0;
}

/* What was found out about a path. */
struct judged {
	struct verdict	 v;
	bool		 enter;		/* only if it is a directory */
	bool		 exclusive;	/* only what the request creates */
	uint64_t	 hours;		/* when sessions begin, or 0 */
	int		 unseen;	/* errno: its owner is unknown */
	char		 where[POLICY_WHERE_MAX];
};

static void
judge(struct judged *j, const struct role *role, uint32_t op, const char *path,
    const uint32_t *peer)
{
	struct policy_facts	 facts;
	struct verdict		 v, plain;

	memset(j, 0, sizeof(*j));
	v = denial_decide(role, op, path);
	plain = policy_decide(role, op, path);
	if (depends_on_owner(role, op, v, peer)) {
		if (look_at(path, &facts) == 0)
			v = policy_check(role, op, path, &facts, *peer);
		else if (!(op & POLICY_OPS_MAKING) || errno != ENOENT)
			j->unseen = errno;
	}
	j->v = v;
	j->enter = v.permit && !plain.permit;
	j->exclusive = v.permit &&
	    policy_is_exclusive(role, op, path, v.rule);
	j->hours = v.permit ? role->limits[LIMIT_HOURS] : 0;
	policy_where(role, v, j->where, sizeof(j->where));
}

/* What a permit depends on, for people; NULL: there is no `i'th thing. */
static const char *
condition(const struct judged *j, int i)
{
	static char	 text[256];
	char		 hours[POLICY_LIMIT_TEXT];

	if (j->enter && i-- == 0)
		return "only if it is a directory: the way to what is "
		    "permitted beneath it";
	if (j->exclusive && i-- == 0)
		return "only a file that the request creates: the rule says "
		    "exclusive";
	if (j->hours != 0 && i-- == 0) {
		(void)snprintf(text, sizeof(text), "only in a session that "
		    "begins at %s (limit hours)",
		    policy_limit_text(LIMIT_HOURS, j->hours, hours));
		return text;
	}
	if (j->unseen == 0 || i != 0)
		return NULL;
	(void)snprintf(text, sizeof(text), "only if the user owns it; cannot "
	    "look at it: %s", strerror(j->unseen));
	return text;
}

enum ctl_status
check_path(const struct ctl *ctl, const struct role *role, uint32_t op,
    const char *path, const uint32_t *peer)
{
	struct judged	 j;
	const char	*text;
	int		 i;

	judge(&j, role, op, path, peer);
	text_mark(ctl->out, ctl->colour, j.v.permit ? TEXT_GOOD : TEXT_BAD,
	    j.v.permit ? "permitted" : "denied");
	(void)fputs(": ", ctl->out);
	text_print(ctl->out, j.where);
	(void)fputc('\n', ctl->out);
	if (j.v.rule != NULL)
		print_rule(ctl, j.v.rule);
	for (i = 0; (text = condition(&j, i)) != NULL; i++)
		(void)fprintf(ctl->out, "%s\n", text);
	return j.v.permit ? CTL_YES : CTL_NO;
}

static void
json_rule(struct json *j, const struct rule *r)
{
	char	*text = rules_text(r);

	json_object(j, "rule");
	json_string(j, "file", r->file);
	json_int(j, "line", r->line);
	if (text != NULL)
		json_string(j, "rule", text);
	json_end(j);
	free(text);
}

enum ctl_status
check_json(const struct ctl *ctl, const struct role *role, uint32_t op,
    const char *path, const char *user, const uint32_t *peer, bool admitted)
{
	struct judged	 d;
	struct json	 j;
	const char	*text;
	char		 name[64];
	int		 i;

	judge(&d, role, op, path, peer);
	denial_ops(op, name, sizeof(name));
	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_string(&j, "role", role->name);
	json_string(&j, "operation", name);
	json_string(&j, "path", path);
	json_bool(&j, "permitted", d.v.permit);
	json_string(&j, "why", d.where);
	if (d.v.rule != NULL)
		json_rule(&j, d.v.rule);
	json_array(&j, "conditions");
	for (i = 0; (text = condition(&d, i)) != NULL; i++)
		json_string(&j, NULL, text);
	json_end(&j);
	if (user != NULL) {
		json_string(&j, "user", user);
		json_bool(&j, "peer", admitted);
	}
	json_end(&j);
	return d.v.permit ? CTL_YES : CTL_NO;
}

/*
 * Look up an account by name or uid.  *found says whether *uid was set: a uid
 * need not have an account, and then NULL is returned.
 */
static const struct passwd *
find_user(const char *user, uint32_t *uid, bool *found)
{
	struct passwd	*pw = getpwnam(user);
	const char	*err = NULL;
	long long	 id;

	if (pw == NULL) {
		id = strtonum(user, 0, UINT32_MAX - 1, &err);
		*uid = (uint32_t)id;
		pw = err == NULL ? getpwuid((uid_t)id) : NULL;
	}
	if (pw != NULL)
		*uid = (uint32_t)pw->pw_uid;
	*found = err == NULL;
	return pw;
}

/* The *n groups of a user, which the caller frees.  NULL: no memory. */
static gid_t *
find_groups(const struct passwd *pw, int *n)
{
	gid_t	*gids = NULL, *p;
	int	 room = 64, had;

	for (;;) {
		if ((p = reallocarray(gids, (size_t)room,
		    sizeof(*gids))) == NULL)
			break;
		gids = p;
		had = *n = room;
		if (getgrouplist(pw->pw_name, pw->pw_gid, gids, n) != -1)
			return gids;
		room = *n > had ? *n : 2 * had;
		if (room > 1 << 20)
			break;
	}
	free(gids);
	return NULL;
}

enum ctl_status
check_user(const struct ctl *ctl, const struct role *role, const char *user,
    uint32_t *uid)
{
	const struct passwd	*pw;
	gid_t			*gids = NULL;
	uint32_t		*ids = NULL;
	bool			 admitted, found;
	int			 i, n = 0;

	pw = find_user(user, uid, &found);
	if (!found) {
		log_warnx("unknown user \"%s\"", user);
		return CTL_FAIL;
	}
	if ((pw != NULL && (gids = find_groups(pw, &n)) == NULL) ||
	    (ids = calloc((size_t)n + 1, sizeof(*ids))) == NULL) {
		free(gids);
		log_warnx("groups of user %s: out of memory", user);
		return CTL_FAIL;
	}
	for (i = 0; i < n; i++)
		ids[i] = (uint32_t)gids[i];
	admitted = role_admits(role, *uid, ids, (size_t)n);
	free(ids);
	free(gids);
	if (ctl->json)
		return admitted ? CTL_YES : CTL_NO;
	(void)fputs("user \"", ctl->out);
	text_print(ctl->out, user);
	(void)fprintf(ctl->out, "\": %s of role \"%s\"%s\n",
	    admitted ? "a peer" : "not a peer", role->name,
	    admitted ? "" : ", so the user cannot take it");
	return admitted ? CTL_YES : CTL_NO;
}
