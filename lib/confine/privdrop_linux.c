/*
 * privdrop_linux.c: drop ids and capabilities, and verify; see privdrop.h.
 *
 * Runs in the supervisor, the listener and the opener, at their start.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fdbroker_types.h"
#include "base/rights.h"
#include "confine/drop.h"
#include "confine/privdrop.h"

/*
 * What the supervisor needs, and its children until they drop theirs.  An
 * opener keeps those that its rights name.
 */
static const struct {
	int		 cap;
	const char	*name;
	uint32_t	 rights;	/* RIGHTS_CAP_*, or 0 */
	const char	*without;	/* what does not work then */
	bool		 roles;		/* missed only if a role needs it */
} supervisor_caps[] = {
	{ CAP_CHOWN, "CAP_CHOWN", RIGHTS_CAP_CHOWN,
	    "roles that create files do not work", false },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", RIGHTS_CAP_DAC_OVERRIDE,
	    "roles that write do not work", false },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH",
	    RIGHTS_CAP_DAC_READ_SEARCH,
	    "roles that only read need \"as user\"", false },
	{ CAP_FOWNER, "CAP_FOWNER", RIGHTS_CAP_FOWNER,
	    "roles that set metadata do not work", true },
	{ CAP_FSETID, "CAP_FSETID", RIGHTS_CAP_FSETID,
	    "roles that set metadata and permit special do not work", true },
	{ CAP_MKNOD, "CAP_MKNOD", RIGHTS_CAP_MKNOD,
	    "roles that set metadata and permit special do not work", true },
	{ CAP_SETFCAP, "CAP_SETFCAP", RIGHTS_CAP_SETFCAP,
	    "roles that set metadata and permit special do not work", true },
	{ CAP_KILL, "CAP_KILL", 0,
	    "an opener that hangs is not ended", false },
	{ CAP_SETGID, "CAP_SETGID", 0, "the listener cannot start", false },
	{ CAP_SETUID, "CAP_SETUID", 0, "the listener cannot start", false },
	{ CAP_SETPCAP, "CAP_SETPCAP", 0, "the listener cannot start", false },
	{ CAP_SYS_CHROOT, "CAP_SYS_CHROOT", 0, "the listener cannot start",
	    false },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", 0,
	    "roots are not mount clones, so a client may write to what it "
	    "opened for reading if the file's mode lets it", false }
};

#define NSUPERVISOR	(sizeof(supervisor_caps) / sizeof(supervisor_caps[0]))

static int
enter_root(int fd)
{
	if (fd == -1)
		return 0;
	if (fchdir(fd) == -1 || chroot(".") == -1)
		return -1;
	return chdir("/");
}

/* The set of capabilities for RIGHTS_CAP_* bits. */
static uint64_t
caps_of(uint32_t rights)
{
	uint64_t	 set = 0;
	size_t		 i;

	for (i = 0; i < NSUPERVISOR; i++) {
		if (supervisor_caps[i].rights & rights)
			set |= DROP_BIT(supervisor_caps[i].cap);
	}
	return set;
}

/* The name of a capability in the set that this process lacks, or NULL. */
static const char *
cap_lacking(uint64_t set)
{
	uint64_t	 have = drop_effective();
	size_t		 i;

	for (i = 0; i < NSUPERVISOR; i++) {
		if (set & ~have & DROP_BIT(supervisor_caps[i].cap))
			return supervisor_caps[i].name;
	}
	return NULL;
}

void
privdrop_begin(void)
{
	(void)drop_bounding();
}

int
privdrop(const struct privdrop *pd, const char **step)
{
	const char	*lacking;

	if (pd->uid == 0 || pd->gid == 0) {
		errno = EINVAL;
		*step = "an unprivileged user";
		return -1;
	}
	*step = "chroot";
	if (enter_root(pd->chroot_fd) == -1)
		return -1;
	*step = "securebits";
	if (drop_securebits() == -1)
		return -1;
	*step = "groups and ids";
	if (drop_ids(pd->uid, pd->gid, pd->gids, pd->ngids) == -1) {
		if (errno == EINVAL)
			*step = "groups and ids: this user namespace does "
			    "not map them";
		return -1;
	}
	if ((lacking = cap_lacking(caps_of(pd->caps))) != NULL) {
		*step = lacking;
		errno = EPERM;
		return -1;
	}
	*step = "capabilities";
	if (drop_caps(caps_of(pd->caps), 0) == -1)
		return -1;
	*step = "verification of the drop";
	return drop_ids_verify(pd->uid, pd->gid, pd->ngids);
}

int
privdrop_self(uint32_t caps, bool *dropped, const char **step)
{
	uint64_t	 keep = caps_of(caps) & drop_effective();

	*dropped = false;
	if (geteuid() != 0)
		return 0;
	*step = "securebits";
	if (drop_securebits() == -1)
		return -1;
	*step = "capabilities";
	if (drop_caps(keep, 0) == -1)
		return -1;
	*dropped = true;
	return 0;
}

/* The supervisor's capabilities, as far as this process has them. */
static uint64_t
supervisor_keep(void)
{
	uint64_t	 have = drop_effective(), keep = 0;
	size_t		 i;

	for (i = 0; i < NSUPERVISOR; i++)
		keep |= have & DROP_BIT(supervisor_caps[i].cap);
	return keep;
}

const char *
privdrop_lacking(size_t *i, uint32_t rights, const char **without)
{
	uint64_t	 have = drop_effective();

	for (; *i < NSUPERVISOR; (*i)++) {
		if ((have & DROP_BIT(supervisor_caps[*i].cap)) ||
		    (supervisor_caps[*i].roles &&
		    !(supervisor_caps[*i].rights & rights)))
			continue;
		*without = supervisor_caps[*i].without;
		return supervisor_caps[(*i)++].name;
	}
	return NULL;
}

/* It stays root: executed by root, an opener gets its capabilities. */
static int
supervisor_ids(uint64_t caps)
{
	if ((caps & DROP_BIT(CAP_SETGID)) && drop_ids(0, 0, NULL, 0) == -1)
		return -1;
	return 0;
}

int
privdrop_supervisor(unsigned int *done, const char **step)
{
	uint64_t	 keep = supervisor_keep(), bound = keep;

	*done = FDB_CONFINED_CAPS | FDB_CONFINED_NNP;
	*step = "groups and ids";
	if (supervisor_ids(keep) == -1) {
		if (errno == EPERM)
			*step = "groups: this user namespace lets nobody "
			    "change them, so it can have no daemon";
		return -1;
	}
	*step = "capabilities";
	if (!(keep & DROP_BIT(CAP_SETPCAP)))
		bound = DROP_BOUND_AS_IS;
	if (drop_caps(keep, bound) == -1)
		return -1;
	*step = "no_new_privs";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return -1;
#ifndef FDB_SANITIZED
	/* The sanitizers look for leaks by tracing the process. */
	*step = "not dumpable";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -1;
	*done |= FDB_CONFINED_NODUMP;
#endif
	return 0;
}
