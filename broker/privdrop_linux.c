/*
 * privdrop_linux.c: drop privileges with libcap-ng and verify; see
 * privdrop.h.
 *
 * Runs in the listener and the opener, at their start.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include <linux/securebits.h>

#include "policy.h"
#include "privdrop.h"

/*
 * Nothing is gained by being root or by becoming it; set*uid(2) leaves the
 * capabilities alone, so that the one to keep survives.
 */
#define SECUREBITS \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | \
	SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | \
	SECBIT_KEEP_CAPS_LOCKED | \
	SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

static int
enter_root(int fd)
{
	if (fd == -1)
		return 0;
	if (fchdir(fd) == -1 || chroot(".") == -1)
		return -1;
	return chdir("/");
}

static int
change_ids(const struct privdrop *pd)
{
	gid_t	 gids[64];
	size_t	 i;

	if (pd->ngids > sizeof(gids) / sizeof(gids[0])) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < pd->ngids; i++)
		gids[i] = pd->gids[i];
	if (setgroups(pd->ngids, gids) == -1 ||
	    setresgid(pd->gid, pd->gid, pd->gid) == -1)
		return -1;
	return setresuid(pd->uid, pd->uid, pd->uid);
}

/* What each POLICY_CAP_* bit is to the system. */
static const struct {
	uint32_t	 bit;
	int		 cap;
} cap_table[] = {
	{ POLICY_CAP_DAC_READ_SEARCH,	CAP_DAC_READ_SEARCH },
	{ POLICY_CAP_DAC_OVERRIDE,	CAP_DAC_OVERRIDE },
	{ POLICY_CAP_CHOWN,		CAP_CHOWN }
};

#define NCAPS	(sizeof(cap_table) / sizeof(cap_table[0]))

static bool
cap_is_wanted(uint32_t caps, int cap)
{
	size_t	 i;

	for (i = 0; i < NCAPS; i++)
		if (cap_table[i].cap == cap)
			return (caps & cap_table[i].bit) != 0;
	return false;
}

/* Reduce the capabilities to those given, and the bounding set to none. */
static int
reduce_caps(uint32_t caps)
{
	size_t	 i;

	if (capng_get_caps_process() == -1) {
		errno = EPERM;
		return -1;
	}
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
		return -1;
	for (i = 0; i < NCAPS; i++) {
		if (!(caps & cap_table[i].bit))
			continue;
		if (capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE |
		    CAPNG_PERMITTED), (unsigned int)cap_table[i].cap) != 0) {
			errno = EINVAL;
			return -1;
		}
	}
	return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -1;
}

/* True if the capabilities are what reduce_caps() should have left. */
static bool
caps_are_reduced(uint32_t caps)
{
	int	 cap;
	bool	 want;

	if (capng_get_caps_process() == -1)
		return false;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++) {
		want = cap_is_wanted(caps, cap);
		if (capng_have_capability(CAPNG_EFFECTIVE,
		    (unsigned int)cap) != want ||
		    capng_have_capability(CAPNG_PERMITTED,
		    (unsigned int)cap) != want ||
		    capng_have_capability(CAPNG_INHERITABLE,
		    (unsigned int)cap) ||
		    capng_have_capability(CAPNG_BOUNDING_SET,
		    (unsigned int)cap))
			return false;
	}
	return true;
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
	    setgroups(0, NULL) == 0)
		return -1;
	errno = EPERM;
	return caps_are_reduced(pd->caps) ? 0 : -1;
}

int
privdrop(const struct privdrop *pd, const char **step)
{
	if (pd->uid == 0 || pd->gid == 0) {
		errno = EINVAL;
		*step = "an unprivileged user";
		return -1;
	}
	*step = "chroot";
	if (enter_root(pd->chroot_fd) == -1)
		return -1;
	*step = "securebits";
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) == -1)
		return -1;
	*step = "groups and ids";
	if (change_ids(pd) == -1)
		return -1;
	*step = "capabilities";
	if (reduce_caps(pd->caps) == -1)
		return -1;
	*step = "verification of the drop";
	return verify(pd);
}

int
privdrop_self(bool *dropped, const char **step)
{
	*dropped = false;
	if (geteuid() != 0)
		return 0;
	*step = "securebits";
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) == -1)
		return -1;
	*step = "capabilities";
	if (reduce_caps(POLICY_CAP_DAC_READ_SEARCH) == -1)
		return -1;
	*step = "verification of the drop";
	errno = EPERM;
	if (!caps_are_reduced(POLICY_CAP_DAC_READ_SEARCH))
		return -1;
	*dropped = true;
	return 0;
}
