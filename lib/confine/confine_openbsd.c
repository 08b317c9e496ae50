/*
 * confine_openbsd.c: unveil(2), then pledge(2).
 *
 * Runs in each kind of process after it has all that it will ever hold.  The
 * names of the roots are looked up here, so a process with roots must not
 * have changed its root directory; and unveil(2) takes 128 of them.  Never run
 * on OpenBSD itself: the tests see the calls that it makes, not what they do.
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
 * What each kind of process still does, in pledge(2)'s terms.
 *
 * "unix" is for accept(2), and would also allow to bind and to connect; so
 * everything is veiled where there is no root.  A program that the worker is
 * part of may have pledged or unveiled already, and unveil(2) would then be
 * its end: without a promise that takes names there is nothing to veil.  A
 * writer changes no owner and no mode: what it makes is its user's.
 *
 * The controller gives an archive its name and mode, hands descriptors over
 * and ends its children.  What the supervisor executes, an opener, is to
 * begin with no promise, since chroot(2) is in none.
 */
static const struct {
	const char	*promises;
	const char	*execpromises;
} kinds[CONFINE_NWHO] = {
	[CONFINE_WORKER] = { "stdio recvfd", "" },
	[CONFINE_LISTENER] = { "stdio unix sendfd recvfd", "" },
	[CONFINE_OPENER] = { "stdio rpath sendfd recvfd", "" },
	[CONFINE_WRITER] = { "stdio rpath wpath sendfd recvfd", "" },
	[CONFINE_PRIVATE] = { "stdio rpath sendfd recvfd", "" },
	[CONFINE_CONTROLLER] =
	    { "stdio rpath cpath fattr getpw unix sendfd proc", "" },
	[CONFINE_SUPERVISOR] = { "stdio rpath wpath cpath fattr chown getpw "
	    "unix sendfd recvfd proc exec", NULL }
};

/* What may be done beneath the roots of this path, all of them together. */
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
 * To open the directories on the way to a file is to read, so "r" is always
 * there.  A second unveil(2) of a path would replace the first.
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
		if (unveil(path, may & RIGHTS_CREATE ? "rwc" :
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
		if (!(c->roots[i].may & RIGHTS_CREATE))
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

/* No promise of a worker takes a name. */
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
	/* privdrop() has done so. */
	{ FDB_CONFINED_CAPS, "privileges dropped", NULL, NULL, 0 }
};

const struct confine_system	 confine_system = {
	.layers = openbsd_layers,
	.nlayers = sizeof(openbsd_layers) / sizeof(openbsd_layers[0]),
	.settle = openbsd_settle
};
