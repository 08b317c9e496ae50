/*
 * lookup.h: ask the name service about users and groups.
 *
 * A call may take as long as a module of the name service likes, load code,
 * open sockets, sleep, or never return.
 */

#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idset.h"

/* NGROUPS_MAX of Linux; nobody is in more groups. */
#define LOOKUP_GROUPS_MAX	65536

/*
 * Look up a user or group by name or, if there is none of that name and the
 * name is a number, by id.  0, or -1 with errno: ENOENT, or why the lookup
 * failed.
 */
int	 lookup_user(const char *name, uint32_t *uid, uint32_t *gid);
int	 lookup_group(const char *name, uint32_t *gid);

/*
 * Look up the groups of which the databases say that the user of this uid is a
 * member.  *gid is the user's login group, which the list has only if the
 * databases name the user there, too.  The caller frees the list.  0, or -1
 * with errno: ENOENT, or why the lookup failed.
 */
int	 lookup_groups(uint32_t uid, uint32_t *gid, uint32_t **gids,
	    size_t *ngids);

/* Room for a user's name and home directory, with NUL. */
#define LOOKUP_NAME_MAX	256
#define LOOKUP_HOME_MAX	4096

/*
 * Look up the name and the home directory of the user with this uid.  0, or -1
 * with errno: ENOENT, ENAMETOOLONG, or why the lookup failed.
 */
int	 lookup_person(uint32_t uid, char name[LOOKUP_NAME_MAX],
	    char home[LOOKUP_HOME_MAX]);

/*
 * List the numbers of all users, or of all groups, that the name service
 * enumerates.  The caller frees the set.  0, or -1 with errno: E2BIG, or why
 * that failed.
 */
int	 lookup_numbers(bool groups, struct idset *);

/* These five; tests replace them. */
struct lookups {
	int	(*user)(const char *name, uint32_t *uid, uint32_t *gid);
	int	(*group)(const char *name, uint32_t *gid);
	int	(*groups)(uint32_t uid, uint32_t *gid, uint32_t **gids,
		    size_t *ngids);
	int	(*person)(uint32_t uid, char name[LOOKUP_NAME_MAX],
		    char home[LOOKUP_HOME_MAX]);
	int	(*numbers)(bool groups, struct idset *);
};

extern const struct lookups	 lookup_real;

#endif /* LOOKUP_H */
