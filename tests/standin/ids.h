/*
 * ids.h: included before all else, replaces the calls that change the ids, the
 * groups and the root directory by stand-ins.  These act on standin_ids.
 */

#ifndef STANDIN_IDS_H
#define STANDIN_IDS_H

#include "config.h"

#include <sys/types.h>

#include <grp.h>
#include <stddef.h>
#include <unistd.h>

struct standin_ids {
	uid_t	 ruid, euid, suid;
	gid_t	 rgid, egid, sgid;
	/* The call of this name regains what was given up. */
	const char	*leak;
};

extern struct standin_ids standin_ids;

int	 standin_chroot(const char *);
int	 standin_fchdir(int);
int	 standin_chdir(const char *);
int	 standin_setgroups(size_t, const gid_t *);
int	 standin_setresgid(gid_t, gid_t, gid_t);
int	 standin_setresuid(uid_t, uid_t, uid_t);
int	 standin_getresgid(gid_t *, gid_t *, gid_t *);
int	 standin_getresuid(uid_t *, uid_t *, uid_t *);
int	 standin_setuid(uid_t);
int	 standin_seteuid(uid_t);
int	 standin_setgid(gid_t);
int	 standin_setegid(gid_t);

#define chroot		standin_chroot
#define fchdir		standin_fchdir
#define chdir		standin_chdir
#define setgroups	standin_setgroups
#define setresgid	standin_setresgid
#define setresuid	standin_setresuid
#define getresgid	standin_getresgid
#define getresuid	standin_getresuid
#define setuid		standin_setuid
#define seteuid		standin_seteuid
#define setgid		standin_setgid
#define setegid		standin_setegid

#endif /* STANDIN_IDS_H */
