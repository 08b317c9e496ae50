/*
 * drop_linux.c: ids, securebits and capabilities; see drop.h.
 *
 * Runs in every process of ours, at its start.  Touches nothing but the
 * process itself.  capget(2) and capset(2) are called without a library: every
 * session pays for the start of its opener, and libcap-ng reads /proc when it
 * is loaded, and all bounding bits whenever it reads a set.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include "base/rights.h"
#include "confine/drop.h"

#define SECUREBITS \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | \
	SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | \
	SECBIT_KEEP_CAPS_LOCKED | \
	SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* The kernel may know more capabilities than the headers, or fewer. */
#define CAPS_MAX	64

/* How many there are. */
static int
caps_count(void)
{
	int	 cap = CAP_LAST_CAP;

	while (cap > 0 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == -1)
		cap--;
	while (cap < CAPS_MAX && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != -1)
		cap++;
	return cap;
}

/* The sets of this process, as the kernel says. */
struct caps {
	uint64_t	 effective, permitted, inheritable;
	uint64_t	 bounding, ambient;
};

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

/* Read the three sets of capget(2). */
static int
sets_get(struct caps *c)
{
	struct __user_cap_header_struct	 header;
	struct __user_cap_data_struct	 data[_LINUX_CAPABILITY_U32S_3];

	header.version = _LINUX_CAPABILITY_VERSION_3;
	header.pid = 0;
	if (syscall(SYS_capget, &header, data) == -1)
		return -1;
	c->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	c->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	c->inheritable = data[0].inheritable |
	    (uint64_t)data[1].inheritable << 32;
	return 0;
}

/* Permit these, make them effective, and make none inheritable. */
static int
sets_set(uint64_t set)
{
	struct __user_cap_header_struct	 header;
	struct __user_cap_data_struct	 data[_LINUX_CAPABILITY_U32S_3];

	memset(data, 0, sizeof(data));
	data[0].effective = data[0].permitted = (uint32_t)set;
	data[1].effective = data[1].permitted = (uint32_t)(set >> 32);
	header.version = _LINUX_CAPABILITY_VERSION_3;
	header.pid = 0;
	return (int)syscall(SYS_capset, &header, data);
}

/*
 * Read all sets.  The kernel tells one member of the bounding and of the
 * ambient set at a time, so a caller reads them once.
 */
static int
caps_get(struct caps *c)
{
	int	 cap, is;

	memset(c, 0, sizeof(*c));
	if (sets_get(c) == -1)
		return -1;
	for (cap = 0; cap < CAPS_MAX; cap++) {
		if ((is = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) == -1)
			break;
		if (is != 0)
			c->bounding |= DROP_BIT(cap);
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0,
		    0) == 1)
			c->ambient |= DROP_BIT(cap);
	}
	return cap > 0 ? 0 : -1;
}

/* The bounding set was emptied, and nothing can be added to it. */
static bool	 bounding_empty;

/* Drop from the bounding set what is not in bound. */
static int
bounding_drop(uint64_t bound)
{
	int	 cap;

	if (bounding_empty)
		return 0;
	for (cap = 0; cap < CAPS_MAX; cap++) {
		if (bound & DROP_BIT(cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			return cap > 0 && errno == EINVAL ? 0 : -1;
	}
	return 0;
}

int
drop_bounding(void)
{
	if (bounding_drop(0) == -1)
		return -1;
	bounding_empty = true;
	return 0;
}

static int
caps_drop(uint64_t keep, uint64_t bound)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1)
		return -1;
	/* This needs a capability, so it comes first. */
	if (bound != DROP_BOUND_AS_IS && bounding_drop(bound) == -1)
		return -1;
	return sets_set(keep);
}

/* Can a capability be regained that was given up? */
static bool
caps_can_be_regained(uint64_t keep)
{
	int	 cap, n = caps_count();

	for (cap = 0; cap < n; cap++)
		if (!(keep & DROP_BIT(cap)) &&
		    sets_set(keep | DROP_BIT(cap)) == 0)
			return true;
	return false;
}

/* Are the sets what they should be? */
static bool
caps_are(const struct caps *c, uint64_t keep, uint64_t bound)
{
	return c->effective == keep && c->permitted == keep &&
	    c->inheritable == 0 && c->ambient == 0 &&
	    (bound == DROP_BOUND_AS_IS || c->bounding == bound);
}

int
drop_caps(uint64_t keep, uint64_t bound)
{
	struct caps	 c;

	/* What the attempts have changed is seen, too. */
	if (caps_drop(keep, bound) == 0 && !caps_can_be_regained(keep) &&
	    caps_get(&c) == 0 && caps_are(&c, keep, bound))
		return 0;
	errno = EPERM;
	return -1;
}

uint64_t
drop_effective(void)
{
	struct caps	 c;

	return sets_get(&c) == 0 ? c.effective : 0;
}
