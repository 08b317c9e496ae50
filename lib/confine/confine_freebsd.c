/*
 * confine_freebsd.c: the layers on FreeBSD: no new privileges, not traceable,
 * the rights of the descriptors, capability mode, in this order, since each
 * needs what the next one takes away.
 *
 * Runs in each kind of process after it has all that it will ever hold.  In
 * capability mode no global name can be reached: an opener opens beneath its
 * roots' descriptors only, and what it opens has no more rights than these.
 * This file has never run on FreeBSD: the tests check which calls it makes.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/capsicum.h>
#include <sys/procctl.h>
#include <sys/wait.h>

#include <capsicum_helpers.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "base/fdbroker_types.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "confine/layers.h"
#include "confine/system.h"

#ifdef PROC_NO_NEW_PRIVS_CTL
static int
no_new_privs_enter(const struct confine *c)
{
	int	 how = PROC_NO_NEW_PRIVS_ENABLE;

	(void)c;
	return procctl(P_PID, getpid(), PROC_NO_NEW_PRIVS_CTL, &how);
}
#endif

/* No debugger, no core file. */
static int
notrace_enter(const struct confine *c)
{
	int	 how = PROC_TRACE_CTL_DISABLE;

	(void)c;
	return procctl(P_PID, getpid(), PROC_TRACE_CTL, &how);
}

/*
 * The Capsicum rights of a root and of all that is opened beneath it; they go
 * with a descriptor to whoever receives it.  A root always has the rights to
 * read: the directories on the way to a file are opened for reading.
 */
static void
rights_of(cap_rights_t *rights, unsigned int may)
{
	cap_rights_init(rights, CAP_LOOKUP, CAP_MMAP_R, CAP_FSTAT,
	    CAP_FCNTL, CAP_EVENT);
	if (may & (RIGHTS_WRITE | RIGHTS_CREATE))
		cap_rights_set(rights, CAP_MMAP_W, CAP_FTRUNCATE, CAP_FSYNC);
	if (may & RIGHTS_CREATE)
		cap_rights_set(rights, CAP_CREATE);
	if (may & RIGHTS_IOCTL)
		cap_rights_set(rights, CAP_IOCTL);
	if (may & RIGHTS_MKDIR)
		cap_rights_set(rights, CAP_MKDIRAT);
	if (may & RIGHTS_SYMLINK)
		cap_rights_set(rights, CAP_SYMLINKAT);
	if (may & RIGHTS_LINK)
		cap_rights_set(rights, CAP_LINKAT_SOURCE, CAP_LINKAT_TARGET);
	if (may & (RIGHTS_REPLACE | RIGHTS_REMOVE))
		cap_rights_set(rights, CAP_UNLINKAT, CAP_RENAMEAT_SOURCE,
		    CAP_RENAMEAT_TARGET, CAP_FLOCK);
	/* A role that sets metadata makes FIFOs. */
	if (may & RIGHTS_FIFO)
		cap_rights_set(rights, CAP_FCHMOD, CAP_FCHOWN, CAP_FUTIMES,
		    CAP_MKFIFOAT, CAP_EXTATTR_SET);
	if (may & RIGHTS_MKNOD)
		cap_rights_set(rights, CAP_MKNODAT);
}

/*
 * Does a kind of process own its standard streams?  A worker may be part of
 * another program, and the controller's are its user's.
 */
static bool
owns_stdio(enum confine_who who)
{
	return who != CONFINE_WORKER && who != CONFINE_CONTROLLER &&
	    who != CONFINE_SUPERVISOR;
}

/* fcntl(2) may read the flags and not change them: O_APPEND stays. */
static int
rights_enter(const struct confine *c)
{
	cap_rights_t	 rights;
	size_t		 i;

	for (i = 0; i < c->nroots; i++) {
		rights_of(&rights, c->roots[i].may);
		if (cap_rights_limit(c->roots[i].fd, &rights) == -1 ||
		    cap_fcntls_limit(c->roots[i].fd, CAP_FCNTL_GETFL) == -1)
			return -1;
	}
	if (owns_stdio(c->who))
		return caph_limit_stdio();
	return 0;
}

static int
mode_enter(const struct confine *c)
{
	unsigned int	 mode;

	(void)c;
	if (cap_enter() == -1 || cap_getmode(&mode) == -1)
		return -1;
	if (mode == 1)
		return 0;
	errno = EPERM;
	return -1;
}

/* Limits on the roots mean nothing while any name can be opened. */
static unsigned int
freebsd_settle(enum confine_who who, unsigned int done)
{
	(void)who;
	if (!(done & FDB_CONFINED_SYSCALLS))
		done &= ~(unsigned int)FDB_CONFINED_PATHS;
	return done;
}

/* These open what their user may, which is not possible there. */
#define OPENS_ANY_PATH	(LAYERS_WHO(CONFINE_CONTROLLER) | \
			    LAYERS_WHO(CONFINE_SUPERVISOR) | \
			    LAYERS_WHO(CONFINE_NAMES) | \
			    LAYERS_WHO(CONFINE_LOOKUP))

static const struct system_layer	 freebsd_layers[] = {
#ifdef PROC_NO_NEW_PRIVS_CTL
	{ FDB_CONFINED_NNP, NULL, no_new_privs_enter, NULL, 0 },
#endif
	{ FDB_CONFINED_NODUMP, "not traceable", notrace_enter, NULL, 0 },
	{ FDB_CONFINED_PATHS, "rights of the roots", rights_enter, NULL,
	    OPENS_ANY_PATH },
	{ FDB_CONFINED_SYSCALLS, "capability mode", mode_enter, NULL,
	    OPENS_ANY_PATH },
	/* By privdrop(). */
	{ FDB_CONFINED_CAPS, "privileges dropped", NULL, NULL, 0 }
};

const struct confine_system	 confine_system = {
	.layers = freebsd_layers,
	.nlayers = sizeof(freebsd_layers) / sizeof(freebsd_layers[0]),
	.settle = freebsd_settle
};
