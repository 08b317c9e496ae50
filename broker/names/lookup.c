/*
 * lookup.c: ask the name service about users and groups; see names/lookup.h.
 *
 * Runs in the lookup processes (names.c); in the supervisor before it is
 * confined; and in fdbrokerctl.  Nothing else of the daemon calls the name
 * service.  Its modules read files, open sockets and run code of others.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "names/lookup.h"

/* Entries that are listed, of which several may have one number. */
#define NUMBERS_MAX	(4U << 20)

/* As the login group: no group has this number. */
#define NO_GROUP	((gid_t)-1)

/* The value of a decimal id.  False if the name is no number. */
static bool
id_of(const char *name, uint32_t *id)
{
	const char	*errstr;

	if (name[strspn(name, "0123456789")] != '\0')
		return false;
	*id = (uint32_t)strtonum(name, 0, UINT32_MAX - 1, &errstr);
	return errstr == NULL;
}

/* getpwnam(3) and its kin may set any of these errors for "not found". */
static int
not_found(void)
{
	if (errno == 0 || errno == ESRCH || errno == EBADF || errno == EPERM)
		errno = ENOENT;
	return -1;
}

int
lookup_user(const char *name, uint32_t *uid, uint32_t *gid)
{
	struct passwd	*pw;
	uint32_t	 id;

	errno = 0;
	if ((pw = getpwnam(name)) == NULL && id_of(name, &id)) {
		errno = 0;
		pw = getpwuid(id);
	}
	if (pw == NULL)
		return not_found();
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

int
lookup_group(const char *name, uint32_t *gid)
{
	struct group	*gr;
	uint32_t	 id;

	errno = 0;
	if ((gr = getgrnam(name)) == NULL && id_of(name, &id)) {
		errno = 0;
		gr = getgrgid(id);
	}
	if (gr == NULL)
		return not_found();
	*gid = gr->gr_gid;
	return 0;
}

/* The groups of a user, with NO_GROUP among them.  The caller frees them. */
static gid_t *
group_list(const char *name, size_t *count)
{
	gid_t	*list = NULL, *more;
	int	 room, n;

	for (room = 256; room <= LOOKUP_GROUPS_MAX + 1;
	    room = room < LOOKUP_GROUPS_MAX ? room * 4 : room + 1) {
		if ((more = reallocarray(list, (size_t)room,
		    sizeof(*list))) == NULL)
			break;
		list = more;
		n = room;
		if (getgrouplist(name, NO_GROUP, list, &n) != -1) {
			*count = (size_t)n;
			return list;
		}
		errno = E2BIG;
	}
	free(list);
	return NULL;
}

int
lookup_groups(uint32_t uid, uint32_t *gid, uint32_t **gids, size_t *ngids)
{
	struct passwd	*pw;
	gid_t		*list;
	size_t		 i, n, len = 0;

	errno = 0;
	if ((pw = getpwuid(uid)) == NULL)
		return not_found();
	*gid = pw->pw_gid;
	if ((list = group_list(pw->pw_name, &n)) == NULL)
		return -1;
	if ((*gids = calloc(n + 1, sizeof(**gids))) == NULL) {
		free(list);
		return -1;
	}
	for (i = 0; i < n; i++)
		if (list[i] != NO_GROUP)
			(*gids)[len++] = list[i];
	free(list);
	*ngids = len;
	return 0;
}

int
lookup_person(uint32_t uid, char name[LOOKUP_NAME_MAX],
    char home[LOOKUP_HOME_MAX])
{
	const struct passwd	*pw;

	errno = 0;
	if ((pw = getpwuid(uid)) == NULL)
		return not_found();
	if (strlcpy(name, pw->pw_name, LOOKUP_NAME_MAX) < LOOKUP_NAME_MAX &&
	    strlcpy(home, pw->pw_dir, LOOKUP_HOME_MAX) < LOOKUP_HOME_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/*
 * The number of the next entry.  1; or 0 at the end, which some modules tell by
 * an error; or -1 with errno.
 */
static int
next_number(bool groups, uint32_t *id)
{
	struct passwd	*pw = NULL;
	struct group	*gr = NULL;

	errno = 0;
	if (groups && (gr = getgrent()) != NULL)
		*id = gr->gr_gid;
	else if (!groups && (pw = getpwent()) != NULL)
		*id = pw->pw_uid;
	if (gr != NULL || pw != NULL)
		return 1;
	if (errno == 0)
		return 0;
	(void)not_found();
	return errno == ENOENT ? 0 : -1;
}

/* Collect the numbers, which the caller frees.  0, or -1 with errno. */
static int
list_numbers(bool groups, uint32_t **ids, size_t *n)
{
	uint32_t	*more, id;
	size_t		 room = 0;
	int		 ret;

	while ((ret = next_number(groups, &id)) == 1) {
		if (*n == NUMBERS_MAX) {
			errno = E2BIG;
			return -1;
		}
		if (*n == room) {
			room = room == 0 ? 256 : room * 2;
			if ((more = reallocarray(*ids, room,
			    sizeof(*more))) == NULL)
				return -1;
			*ids = more;
		}
		(*ids)[(*n)++] = id;
	}
	return ret;
}

int
lookup_numbers(bool groups, struct idset *set)
{
	uint32_t	*ids = NULL;
	size_t		 n = 0;
	int		 ret, saved;

	if (groups)
		setgrent();
	else
		setpwent();
	ret = list_numbers(groups, &ids, &n);
	if (ret == 0)
		ret = idset_make(set, ids, n);
	saved = errno;
	free(ids);
	if (groups)
		endgrent();
	else
		endpwent();
	errno = saved;
	return ret;
}

const struct lookups	 lookup_real = {
	.user = lookup_user,
	.group = lookup_group,
	.groups = lookup_groups,
	.person = lookup_person,
	.numbers = lookup_numbers
};
