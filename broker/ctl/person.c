/*
 * person.c: fill in a role for one user; see ctl/person.h.
 *
 * Runs in fdbrokerctl.  Looks up the user.
 */

#include "config.h"

#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ctl/person.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/template.h"

int
person_uid(const char *user, uint32_t *uid)
{
	const struct passwd	*pw = getpwnam(user);
	const char		*err = NULL;

	if (pw != NULL)
		*uid = (uint32_t)pw->pw_uid;
	else
		*uid = (uint32_t)strtonum(user, 0, UINT32_MAX - 1, &err);
	if (err == NULL)
		return 0;
	log_warnx("unknown user \"%s\"", user);
	return -1;
}

int
person_fill(struct person *p, const struct role *role, uint32_t uid)
{
	const struct passwd	*pw;
	uint32_t		 vars = ownrole_vars(role);
	char			 why[OWNROLE_WHY_MAX];

	memset(p, 0, sizeof(*p));
	if (vars == 0)
		return 0;
	if ((pw = getpwuid((uid_t)uid)) == NULL) {
		log_warnx("uid %u has no account here, and the paths of role "
		    "\"%s\" need a user's name or home directory", uid,
		    role->name);
		return -1;
	}
	p->role = ownrole_make(role, pw->pw_name, pw->pw_dir, why);
	if (p->role == NULL) {
		log_warnx("%s", why);
		return -1;
	}
	if ((vars & TEMPLATE_HOME) &&
	    (p->home = strdup(pw->pw_dir)) == NULL) {
		log_warnx("out of memory");
		person_clear(p);
		return -1;
	}
	return 0;
}

void
person_clear(struct person *p)
{
	role_free(p->role);
	free(p->home);
	memset(p, 0, sizeof(*p));
}
