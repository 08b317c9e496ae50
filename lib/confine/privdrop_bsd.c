/*
 * privdrop_bsd.c: drop privileges on a system where root cannot keep a part of
 * them, and verify; see privdrop.h.
 *
 * Runs in the listener and the opener, at their start.  OpenBSD and FreeBSD
 * have no capabilities: to read what its own user may not, a process would
 * have to stay root with all of root's rights.  So a role without `as user' is
 * refused here.  Only POSIX and calls that all the BSDs have are used; the
 * tests run this file on Linux.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "base/rights.h"
#include "confine/privdrop.h"

static int
enter_root(int fd)
{
	if (fd == -1)
		return 0;
	if (fchdir(fd) == -1 || chroot(".") == -1)
		return -1;
	return chdir("/");
}

/*
 * On FreeBSD before 15, the first group of the list is the effective one, and
 * the supplementary ones follow; elsewhere the effective one is listed twice.
 */
static int
change_ids(const struct privdrop *pd)
{
	gid_t	 gids[RIGHTS_GROUPS_MAX + 1];
	size_t	 i;

	if (pd->ngids >= sizeof(gids) / sizeof(gids[0])) {
		errno = EINVAL;
		return -1;
	}
	gids[0] = pd->gid;
	for (i = 0; i < pd->ngids; i++)
		gids[i + 1] = pd->gids[i];
	if (setgroups(pd->ngids + 1, gids) == -1 ||
	    setresgid(pd->gid, pd->gid, pd->gid) == -1)
		return -1;
	return setresuid(pd->uid, pd->uid, pd->uid);
}

static int
verify(const struct privdrop *pd)
{
	uid_t	 ru, eu, su;
	gid_t	 rg, eg, sg;

	errno = EPERM;
	if (getresuid(&ru, &eu, &su) == -1 || ru != pd->uid ||
	    eu != pd->uid || su != pd->uid)
		return -1;
	if (getresgid(&rg, &eg, &sg) == -1 || rg != pd->gid ||
	    eg != pd->gid || sg != pd->gid)
		return -1;
	if (setresuid(0, 0, 0) == 0 || setuid(0) == 0 || seteuid(0) == 0 ||
	    setresgid(0, 0, 0) == 0 || setgid(0) == 0 || setegid(0) == 0 ||
	    setgroups(0, NULL) == 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

void
privdrop_begin(void)
{
}

int
privdrop(const struct privdrop *pd, const char **step)
{
	if (pd->uid == 0 || pd->gid == 0) {
		errno = EINVAL;
		*step = "an unprivileged user";
		return -1;
	}
	if (pd->caps != 0) {
		errno = ENOTSUP;
		*step = "this system has no capabilities, so the role needs "
		    "`as user'";
		return -1;
	}
	*step = "chroot";
	if (enter_root(pd->chroot_fd) == -1)
		return -1;
	*step = "groups and ids";
	if (change_ids(pd) == -1)
		return -1;
	*step = "verification of the drop";
	return verify(pd);
}

/* Root cannot give up a part of its rights here. */
int
privdrop_self(uint32_t caps, bool *dropped, const char **step)
{
	(void)caps;
	*dropped = false;
	*step = "";
	return 0;
}

/* Root may do everything here. */
const char *
privdrop_lacking(size_t *i, uint32_t rights, const char **without)
{
	(void)rights;
	(void)i;
	(void)without;
	return NULL;
}

/* Root gives up its groups; it can give up nothing else and stay root. */
int
privdrop_supervisor(unsigned int *done, const char **step)
{
	const gid_t	 none = 0;

	*done = 0;
	*step = "groups and ids";
	if (setgroups(1, &none) == -1 || setresgid(0, 0, 0) == -1)
		return -1;
	return setresuid(0, 0, 0);
}
