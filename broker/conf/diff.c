/*
 * diff.c: how two configurations differ, for an administrator who reloads; see
 * diff.h.
 *
 * Runs in the supervisor.  Touches memory and the stream.
 */

#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/diff.h"
#include "policy/named.h"
#include "policy/role.h"

/* A line "SUBJECT changes: PART, PART", whose parts are found one by one. */
struct line {
	FILE		*fp;
	const char	*kind, *name;	/* name: or NULL */
	unsigned int	 parts;
};

static void
add_part(struct line *l, const char *part)
{
	if (l->parts++ > 0)
		(void)fprintf(l->fp, ", %s", part);
	else if (l->name != NULL)
		(void)fprintf(l->fp, "%s \"%s\" changes: %s", l->kind,
		    l->name, part);
	else
		(void)fprintf(l->fp, "%s changes: %s", l->kind, part);
}

static void
compare(struct line *l, bool equal, const char *part)
{
	if (!equal)
		add_part(l, part);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_peers(const struct role *a, const struct role *b)
{
	size_t	 i;

	if (a->npeers != b->npeers)
		return false;
	for (i = 0; i < a->npeers; i++) {
		if (a->peers[i].kind != b->peers[i].kind ||
		    a->peers[i].id != b->peers[i].id ||
		    !same_text(a->peers[i].name, b->peers[i].name))
			return false;
	}
	return true;
}

static bool
same_rule(const struct rule *a, const struct rule *b)
{
	return a->action == b->action && a->ops == b->ops &&
	    same_text(a->pattern, b->pattern) &&
	    same_text(a->label, b->label) &&
	    a->create.mode == b->create.mode &&
	    a->create.uid == b->create.uid &&
	    a->create.gid == b->create.gid &&
	    a->create.exclusive == b->create.exclusive &&
	    a->create.choice == b->create.choice &&
	    same_text(a->owner, b->owner) && same_text(a->group, b->group);
}

/* Is what the rules name of the same type as before? */
static bool
same_types(const struct role *a, const struct role *b)
{
	size_t	 i;

	for (i = 0; i < a->nrules && i < b->nrules; i++) {
		if (a->rules[i].directory != b->rules[i].directory)
			return false;
	}
	return true;
}

/* Does `owner by-name' permit the same owners as before? */
static bool
same_accounts(const struct role *a, const struct role *b)
{
	return named_need(a) != NAMED_NEEDED || named_need(b) != NAMED_NEEDED ||
	    named_equal(a->named, b->named);
}

/* The rules in which two roles differ: first those that both begin with. */
struct span {
	size_t	 begin;
	size_t	 old_end, new_end;
};

static struct span
differing_rules(const struct role *a, const struct role *b)
{
	struct span	 s = { 0, a->nrules, b->nrules };

	while (s.begin < s.old_end && s.begin < s.new_end &&
	    same_rule(&a->rules[s.begin], &b->rules[s.begin]))
		s.begin++;
	while (s.old_end > s.begin && s.new_end > s.begin &&
	    same_rule(&a->rules[s.old_end - 1], &b->rules[s.new_end - 1])) {
		s.old_end--;
		s.new_end--;
	}
	return s;
}

static void
print_rules(const struct role *role, char sign, size_t from, size_t to,
    FILE *fp)
{
	size_t	 i;

	for (i = from; i < to && i - from < CONFDIFF_RULES; i++) {
		(void)fprintf(fp, "  %c", sign);
		conf_print_rule(&role->rules[i], fp);
	}
	if (i < to)
		(void)fprintf(fp, "  %c ... and %zu more rules\n", sign,
		    to - i);
}

/* The limits that went and that came; 0 is none. */
static void
print_limits(const uint64_t *a, const uint64_t *b, FILE *fp)
{
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		if (a[i] != b[i] && a[i] != 0) {
			(void)fputs("  -\t", fp);
			conf_print_limit(i, a[i], fp);
		}
		if (a[i] != b[i] && b[i] != 0) {
			(void)fputs("  +\t", fp);
			conf_print_limit(i, b[i], fp);
		}
	}
}

static void
print_options(uint32_t a, uint32_t b, FILE *fp)
{
	const char	*name;
	size_t		 i;

	for (i = 0; (name = policy_option_name(i)) != NULL; i++) {
		if ((a ^ b) & policy_option(name))
			(void)fprintf(fp, "  %c\toption %s\n",
			    a & policy_option(name) ? '-' : '+', name);
	}
}

static unsigned int
diff_role(const struct role *a, const struct role *b, FILE *fp)
{
	struct line	 l = { .fp = fp, .kind = "role", .name = b->name };
	struct span	 s = differing_rules(a, b);
	bool		 rules = s.begin < s.old_end || s.begin < s.new_end;

	compare(&l, same_peers(a, b), "peers");
	compare(&l, same_text(a->as_user, b->as_user), "as user");
	compare(&l, a->options == b->options, "options");
	compare(&l, memcmp(a->limits, b->limits, sizeof(a->limits)) == 0,
	    "limits");
	compare(&l, !rules, "rules");
	compare(&l, rules || same_types(a, b),
	    "which paths are directories");
	compare(&l, same_accounts(a, b),
	    "which users and groups have accounts");
	if (l.parts == 0)
		return 0;
	(void)fputc('\n', fp);
	print_options(a->options, b->options, fp);
	print_limits(a->limits, b->limits, fp);
	print_rules(a, '-', s.begin, s.old_end, fp);
	print_rules(b, '+', s.begin, s.new_end, fp);
	return 1;
}

/* The statements outside of roles. */
static unsigned int
diff_daemon(const struct conf *a, const struct conf *b, FILE *fp)
{
	struct line	 l = { .fp = fp, .kind = "the daemon" };

	compare(&l, same_text(a->user, b->user) && a->uid == b->uid &&
	    a->gid == b->gid, "user (of the listener and the names process: "
	    "when the daemon starts)");
	compare(&l, same_text(a->worker_user, b->worker_user) &&
	    a->worker_uid == b->worker_uid && a->worker_gid == b->worker_gid,
	    "worker user");
	compare(&l, a->confinement_required == b->confinement_required,
	    "confinement (of openers; of others: when the daemon starts)");
	compare(&l, a->audit == b->audit && a->audit_rate == b->audit_rate &&
	    same_text(a->audit_path, b->audit_path), "log audit");
	compare(&l, same_text(a->control_group, b->control_group) &&
	    a->control_gid == b->control_gid, "control group");
	compare(&l, memcmp(a->limits, b->limits, sizeof(a->limits)) == 0,
	    "limits");
	if (l.parts == 0)
		return 0;
	(void)fputc('\n', fp);
	print_limits(a->limits, b->limits, fp);
	return 1;
}

unsigned int
confdiff(const struct conf *old, const struct conf *new, FILE *fp)
{
	const struct role	*was, *is;
	unsigned int		 n = diff_daemon(old, new, fp);
	size_t			 i;

	for (i = 0; i < new->nroles; i++) {
		is = new->roles[i];
		if ((was = conf_role(old, is->name)) != NULL) {
			n += diff_role(was, is, fp);
			continue;
		}
		(void)fprintf(fp, "role \"%s\" is added\n", is->name);
		n++;
	}
	for (i = 0; i < old->nroles; i++) {
		if (conf_role(new, old->roles[i]->name) != NULL)
			continue;
		(void)fprintf(fp, "role \"%s\" is removed\n",
		    old->roles[i]->name);
		n++;
	}
	return n;
}
