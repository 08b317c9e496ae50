/*
 * drop_linux.c: ids, securebits and capabilities; see drop.h.
 *
 * Runs in every process of ours, at its start.  Touches nothing but the
 * process itself.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include <linux/securebits.h>

#include "base/rights.h"
#include "confine/drop.h"

#define SECUREBITS \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | \
	SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | \
	SECBIT_KEEP_CAPS_LOCKED | \
	SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* The kernel may know more capabilities than the headers, or fewer. */
static bool
cap_exists(int cap)
{
	return cap < 64 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != -1;
}

int
drop_securebits(void)
{
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) == -1)
		return -1;
	if (prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) == SECUREBITS)
		return 0;
	errno = EPERM;
	return -1;
}

int
drop_ids(uint32_t uid, uint32_t gid, const uint32_t *gids, size_t ngids)
{
	gid_t	 list[RIGHTS_GROUPS_MAX];
	size_t	 i;

	/* To the system calls, -1 means no change. */
	if (ngids > RIGHTS_GROUPS_MAX || uid == UINT32_MAX ||
	    gid == UINT32_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < ngids; i++)
		list[i] = gids[i];
	if (setgroups(ngids, list) == -1 || setresgid(gid, gid, gid) == -1)
		return -1;
	return setresuid(uid, uid, uid);
}

int
drop_ids_verify(uint32_t uid, uint32_t gid, size_t ngids)
{
	uid_t	 ru, eu, su;
	gid_t	 rg, eg, sg;

	errno = EPERM;
	if (getresuid(&ru, &eu, &su) == -1 || ru != uid || eu != uid ||
	    su != uid)
		return -1;
	if (getresgid(&rg, &eg, &sg) == -1 || rg != gid || eg != gid ||
	    sg != gid || getgroups(0, NULL) != (int)ngids)
		return -1;
	if (setresuid(0, 0, 0) == 0 || setuid(0) == 0 || seteuid(0) == 0 ||
	    setresgid(0, 0, 0) == 0 || setgid(0) == 0 || setegid(0) == 0 ||
	    setgroups(0, NULL) == 0)
		return -1;
	return 0;
}

/* Fill libcap-ng's state with the wanted sets. */
static int
state_set(uint64_t keep, uint64_t bound)
{
	unsigned int	 type;
	int		 cap;

	if (capng_get_caps_process() == -1)
		return -1;
	capng_clear(CAPNG_SELECT_ALL);
	for (cap = 0; cap_exists(cap); cap++) {
		type = keep & DROP_BIT(cap) ?
		    CAPNG_EFFECTIVE | CAPNG_PERMITTED : 0;
		if (bound & DROP_BIT(cap))
			type |= CAPNG_BOUNDING_SET;
		if (type != 0 && capng_update(CAPNG_ADD, (capng_type_t)type,
		    (unsigned int)cap) != 0)
			return -1;
	}
	return 0;
}

static bool
cap_is(capng_type_t type, int cap, uint64_t set)
{
	return (capng_have_capability(type, (unsigned int)cap) != 0) ==
	    ((set & DROP_BIT(cap)) != 0);
}

/* Ask the kernel whether the capabilities are what they should be. */
static bool
caps_are(uint64_t keep, uint64_t bound)
{
	int	 cap;

	if (capng_get_caps_process() == -1)
		return false;
	for (cap = 0; cap_exists(cap); cap++) {
		if (!cap_is(CAPNG_EFFECTIVE, cap, keep) ||
		    !cap_is(CAPNG_PERMITTED, cap, keep) ||
		    !cap_is(CAPNG_INHERITABLE, cap, 0) ||
		    (bound != DROP_BOUND_AS_IS &&
		    !cap_is(CAPNG_BOUNDING_SET, cap, bound)) ||
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0,
		    0) == 1)
			return false;
	}
	return true;
}

/* Can a capability be regained that was given up? */
static bool
caps_can_be_regained(uint64_t keep)
{
	int	 cap;

	for (cap = 0; cap_exists(cap); cap++) {
		if (keep & DROP_BIT(cap))
			continue;
		if (state_set(keep | DROP_BIT(cap), 0) == -1 ||
		    capng_apply(CAPNG_SELECT_CAPS) == 0)
			return true;
	}
	return false;
}

static bool
caps_drop(uint64_t keep, uint64_t bound)
{
	if (state_set(keep, bound) == -1 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		return false;
	if (bound != DROP_BOUND_AS_IS && capng_apply(CAPNG_SELECT_BOUNDS) != 0)
		return false;
	return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

int
drop_caps(uint64_t keep, uint64_t bound)
{
	if (caps_drop(keep, bound) && !caps_can_be_regained(keep) &&
	    caps_are(keep, bound))
		return 0;
	/* libcap-ng leaves no errno to rely on. */
	errno = EPERM;
	return -1;
}

uint64_t
drop_effective(void)
{
	uint64_t	 set = 0;
	int		 cap;

	if (capng_get_caps_process() == -1)
		return 0;
	for (cap = 0; cap_exists(cap); cap++)
		if (capng_have_capability(CAPNG_EFFECTIVE, (unsigned int)cap))
			set |= DROP_BIT(cap);
	return set;
}
