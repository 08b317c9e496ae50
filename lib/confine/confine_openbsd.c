/*
 * confine_openbsd.c: the layers on OpenBSD: unveil(2), then pledge(2).
 *
 * Runs in each kind of process after it has all that it will ever hold.
 * unveil(2) looks the names of the roots up, so a process with roots must not
 * have changed its root directory; and it takes 128 of them.  This file has
 * never run on OpenBSD: the tests check which calls it makes.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/fdbroker_types.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "confine/layers.h"
#include "confine/system.h"

/*
 * What each kind of process still does, as promises of pledge(2).
 *
 * A listener needs "unix" for accept(2).  That also allows bind(2) and
 * connect(2), so a process without roots has everything veiled.  A worker may
 * be part of a program that has pledged or unveiled before, and unveil(2) would
 * kill that; none of its promises takes a name, so it needs no veil.  A writer
 * changes no owner and no mode: its files belong to its user.  A restorer does.
 *
 * The controller names an archive and sets its mode, hands descriptors over
 * and kills its children.  An opener, which the supervisor executes, begins
 * without promises, since no promise allows chroot(2).
 */
static const struct {
	const char	*promises;
	const char	*execpromises;
} kinds[CONFINE_NWHO] = {
	[CONFINE_WORKER] = { "stdio recvfd", "" },
	[CONFINE_LISTENER] = { "stdio unix sendfd recvfd", "" },
	[CONFINE_OPENER] = { "stdio rpath sendfd recvfd", "" },
	[CONFINE_WRITER] = { "stdio rpath wpath sendfd recvfd", "" },
	[CONFINE_RESTORER] = { "stdio rpath wpath dpath fattr chown flock "
	    "sendfd recvfd", "" },
	[CONFINE_SETID_RESTORER] = { "stdio rpath wpath dpath fattr chown "
	    "flock sendfd recvfd", "" },
	[CONFINE_PRIVATE] = { "stdio rpath sendfd recvfd", "" },
	[CONFINE_PRIVATE_RESTORER] = { "stdio rpath wpath dpath fattr chown "
	    "flock sendfd recvfd", "" },
	[CONFINE_PRIVATE_SETID] = { "stdio rpath wpath dpath fattr chown "
	    "flock sendfd recvfd", "" },
	[CONFINE_CONTROLLER] =
	    { "stdio rpath cpath fattr getpw unix sendfd proc tty", "" },
	[CONFINE_SUPERVISOR] = { "stdio rpath wpath cpath fattr chown unix "
	    "sendfd recvfd proc exec", NULL },
	[CONFINE_NAMES] = { "stdio rpath getpw unix inet dns proc", "" },
	[CONFINE_LOOKUP] = { "stdio rpath getpw unix inet dns", "" }
};

/* To make and remove names. */
#define MAKING	(RIGHTS_CREATE | RIGHTS_MKDIR | RIGHTS_SYMLINK | \
		    RIGHTS_LINK | RIGHTS_REPLACE | RIGHTS_REMOVE | \
		    RIGHTS_FIFO | RIGHTS_MKNOD)

/* The rights of all roots that have this path. */
static unsigned int
may_of(const struct confine *c, const char *path)
{
	unsigned int	 may = 0;
	size_t		 i;

	for (i = 0; i < c->nroots; i++)
		if (strcmp(c->roots[i].path, path) == 0)
			may |= c->roots[i].may;
	return may;
}

/*
 * Each root gets "r": the directories on the way to a file are opened for
 * reading.  A second unveil(2) of a path replaces the first.
 */
static int
veil_enter(const struct confine *c)
{
	const char	*path;
	unsigned int	 may;
	size_t		 i;

	if (c->nroots == 0 && unveil("/", "") == -1)
		return -1;
	for (i = 0; i < c->nroots; i++) {
		path = c->roots[i].path;
		may = may_of(c, path);
		if (unveil(path, may & MAKING ? "rwc" :
		    may & RIGHTS_WRITE ? "rw" : "r") == -1)
			return -1;
	}
	/* pledge(2) without "unveil" does this as well, if it succeeds. */
	return unveil(NULL, NULL);
}

static int
pledge_enter(const struct confine *c)
{
	char	 promises[128];
	size_t	 i;

	if (kinds[c->who].promises == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (strlcpy(promises, kinds[c->who].promises,
	    sizeof(promises)) >= sizeof(promises))
		goto fail;
	for (i = 0; i < c->nroots; i++) {
		if (!(c->roots[i].may & MAKING))
			continue;
		if (strlcat(promises, " cpath",
		    sizeof(promises)) >= sizeof(promises))
			goto fail;
		break;
	}
	return pledge(promises, kinds[c->who].execpromises);

fail:
	errno = ENAMETOOLONG;
	return -1;
}

/* A worker reaches no path, since none of its promises takes a name. */
static unsigned int
openbsd_settle(enum confine_who who, unsigned int done)
{
	if (who == CONFINE_WORKER && (done & FDB_CONFINED_SYSCALLS))
		done |= FDB_CONFINED_PATHS;
	return done;
}

static const struct system_layer	 openbsd_layers[] = {
	{ FDB_CONFINED_PATHS, "unveil", veil_enter, NULL,
	    LAYERS_WHO(CONFINE_WORKER) },
	{ FDB_CONFINED_SYSCALLS, "pledge", pledge_enter, NULL, 0 },
	/* By privdrop(). */
	{ FDB_CONFINED_CAPS, "privileges dropped", NULL, NULL, 0 }
};

const struct confine_system	 confine_system = {
	.layers = openbsd_layers,
	.nlayers = sizeof(openbsd_layers) / sizeof(openbsd_layers[0]),
	.settle = openbsd_settle
};
