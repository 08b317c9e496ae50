/*
 * ids.c: stand-ins of the calls that change ids; see ids.h.
 *
 * While the process is root, every call succeeds; afterwards every call fails,
 * but for one that leaks, if a test says so.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/standin/ids.h"
#include "tests/standin/standin.h"

struct standin_ids standin_ids;

/* 0 if a call succeeds: for root, and for the call that leaks.  Or -1. */
static int
may(const char *call)
{
	if (standin_ids.euid == 0 || (standin_ids.leak != NULL &&
	    strcmp(standin_ids.leak, call) == 0))
		return 0;
	errno = EPERM;
	return -1;
}

int
standin_chroot(const char *path)
{
	return standin_call("chroot(%s)", path);
}

int
standin_fchdir(int fd)
{
	return standin_call("fchdir(%d)", fd);
}

int
standin_chdir(const char *path)
{
	return standin_call("chdir(%s)", path);
}

int
standin_setgroups(size_t n, const gid_t *gids)
{
	char	 text[400] = "", one[16];
	size_t	 i;

	for (i = 0; i < n; i++) {
		(void)snprintf(one, sizeof(one), " %u", gids[i]);
		(void)strlcat(text, one, sizeof(text));
	}
	return standin_call("setgroups(%zu,%s)", n, text) == -1 ? -1 :
	    may("setgroups");
}

int
standin_setresgid(gid_t r, gid_t e, gid_t s)
{
	if (standin_call("setresgid(%u, %u, %u)", r, e, s) == -1 ||
	    may("setresgid") == -1)
		return -1;
	standin_ids.rgid = r;
	standin_ids.egid = e;
	standin_ids.sgid = s;
	return 0;
}

int
standin_setresuid(uid_t r, uid_t e, uid_t s)
{
	if (standin_call("setresuid(%u, %u, %u)", r, e, s) == -1 ||
	    may("setresuid") == -1)
		return -1;
	standin_ids.ruid = r;
	standin_ids.euid = e;
	standin_ids.suid = s;
	return 0;
}

int
standin_getresgid(gid_t *r, gid_t *e, gid_t *s)
{
	*r = standin_ids.rgid;
	*e = standin_ids.egid;
	*s = standin_ids.sgid;
	return standin_call("getresgid()");
}

int
standin_getresuid(uid_t *r, uid_t *e, uid_t *s)
{
	*r = standin_ids.ruid;
	*e = standin_ids.euid;
	*s = standin_ids.suid;
	return standin_call("getresuid()");
}

int
standin_setuid(uid_t uid)
{
	return standin_call("setuid(%u)", uid) == -1 ? -1 : may("setuid");
}

int
standin_seteuid(uid_t uid)
{
	return standin_call("seteuid(%u)", uid) == -1 ? -1 : may("seteuid");
}

int
standin_setgid(gid_t gid)
{
	return standin_call("setgid(%u)", gid) == -1 ? -1 : may("setgid");
}

int
standin_setegid(gid_t gid)
{
	return standin_call("setegid(%u)", gid) == -1 ? -1 : may("setegid");
}
