/*
 * confine_linux.c: the layers on Linux: no_new_privs, not dumpable, Landlock,
 * seccomp, in this order, since each needs what the next one takes away.  A
 * worker drops its ids and capabilities before them.
 *
 * Runs in each kind of process after it has all that it will ever hold; in the
 * supervisor and the controller before they hear of anybody.
 */

#include "config.h"

#include <sys/prctl.h>

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fdbroker_types.h"
#include "confine/confine.h"
#include "confine/drop.h"
#include "confine/landlock.h"
#include "confine/seccomp.h"
#include "confine/system.h"

/*
 * Drop a worker's ids and capabilities; other processes of ours have dropped
 * theirs before.  An ordinary user cannot become another, and cannot empty the
 * bounding set, which no_new_privs makes worthless.
 */
static int
worker_drop(const struct confine *c, unsigned int *done)
{
	bool	 may = (drop_effective() & DROP_BIT(CAP_SETPCAP)) != 0;
	bool	 change = c->uid != 0 && geteuid() == 0;

	if ((may || change) && drop_securebits() == -1)
		return -1;
	if (change && drop_ids(c->uid, c->gid, NULL, 0) == -1)
		return -1;
	if (drop_caps(0, may ? 0 : DROP_BOUND_AS_IS) == -1)
		return -1;
	*done |= FDB_CONFINED_CAPS;
	if (change) {
		if (drop_ids_verify(c->uid, c->gid, 0) == -1)
			return -1;
		*done |= FDB_CONFINED_UID;
	}
	return 0;
}

static int
no_new_privs_enter(const struct confine *c)
{
	(void)c;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
no_new_privs_verify(const struct confine *c)
{
	(void)c;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -1;
}

/* Nobody of the same uid can trace it or take its descriptors. */
static int
nodump_enter(const struct confine *c)
{
	(void)c;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
nodump_verify(const struct confine *c)
{
	(void)c;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -1;
}

/* Nothing can be tried afterwards: a call that is not allowed kills. */
static int
filter_enter(const struct confine *c)
{
	return seccomp_enter(c->who);
}

static int
linux_begin(const struct confine *c, unsigned int *done, const char **layer)
{
	*layer = "capabilities and ids";
	if ((c->who == CONFINE_WORKER || c->who == CONFINE_CONNECTOR) &&
	    worker_drop(c, done) == -1)
		return -1;
	*layer = "to end with the parent";
	/* A change of uid resets this. */
	return c->die ? prctl(PR_SET_PDEATHSIG, SIGKILL) : 0;
}

/* CAPS and UID of a worker come first, in linux_begin(). */
static const struct system_layer	 linux_layers[] = {
	{ FDB_CONFINED_NNP, NULL, no_new_privs_enter, no_new_privs_verify, 0 },
	{ FDB_CONFINED_NODUMP, NULL, nodump_enter, nodump_verify, 0 },
	{ FDB_CONFINED_PATHS, "landlock", landlock_enter, landlock_verify, 0 },
	{ FDB_CONFINED_SYSCALLS, "seccomp", filter_enter, NULL, 0 },
	{ FDB_CONFINED_CLONE, NULL, NULL, NULL, 0 },
	{ FDB_CONFINED_CAPS, NULL, NULL, NULL, 0 },
	{ FDB_CONFINED_UID, NULL, NULL, NULL, 0 },
	{ FDB_CONFINED_NAMESPACES, NULL, NULL, NULL, 0 }
};

const struct confine_system	 confine_system = {
	.layers = linux_layers,
	.nlayers = sizeof(linux_layers) / sizeof(linux_layers[0]),
	.begin = linux_begin
};
