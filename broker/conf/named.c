/*
 * named.c: tell roles which numbers are accounts of this machine; see
 * conf/named.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory, and the system through conf/sys.h only.
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "conf/build.h"
#include "conf/named.h"
#include "policy/named.h"
#include "policy/role.h"

/* What the system lists, once it was asked. */
struct listing {
	struct named	 named;
	bool		 asked;
	int		 error;		/* errno, or 0 */
	const char	*what;		/* that cannot be listed */
};

static void
list_accounts(struct listing *l, const struct confsys *sys)
{
	int	 users, groups;

	l->asked = true;
	/* Ask for both in any case: a reload does not wait for the answer. */
	users = sys->numbers(sys->arg, false, &l->named.users);
	l->error = users == -1 ? errno : 0;
	l->what = "users";
	groups = sys->numbers(sys->arg, true, &l->named.groups);
	if (users == 0 && groups == -1) {
		l->error = errno;
		l->what = "groups";
	}
}

/* The rule that needs the list. */
static const struct rule *
rule_by_name(const struct role *role)
{
	size_t	 i;

	for (i = 0; i + 1 < role->nrules; i++)
		if (role->rules[i].action == POLICY_PERMIT &&
		    role->rules[i].create.choice == POLICY_CHOICE_NAMED)
			break;
	return &role->rules[i];
}

static void
fill_role(struct confbuild *b, struct role *role, const struct listing *l)
{
	const struct rule	*r;

	if (l->error == 0) {
		role->named = named_copy(&l->named);
		if (role->named == NULL)
			conf_fault(b, role->line, "out of memory");
		return;
	}
	if (named_need(role) != NAMED_NEEDED)
		return;
	r = rule_by_name(role);
	lex_fault(&b->lex, r->file, r->line, "owner by-name: the %s of this "
	    "machine cannot be listed: %s", l->what, l->error == E2BIG ?
	    "there are too many" : strerror(l->error));
}

void
confnamed_fill(struct confbuild *b)
{
	struct listing	 l;
	struct role	*role;
	size_t		 i;

	if (b->sys->numbers == NULL)
		return;
	memset(&l, 0, sizeof(l));
	for (i = 0; i < b->conf->nroles; i++) {
		role = b->conf->roles[i];
		if (named_need(role) == NAMED_NOT)
			continue;
		if (!l.asked)
			list_accounts(&l, b->sys);
		fill_role(b, role, &l);
	}
	idset_free(&l.named.users);
	idset_free(&l.named.groups);
}
