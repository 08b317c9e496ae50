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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rights.h"
#include "client/fdbroker.h"
#include "confine/confine.h"

/* What keeps a kind of process from files. */
enum paths {
	BY_PROMISE,		/* none of its promises takes a name */
	BY_VEIL,		/* all but its roots is veiled */
	ANY_PATH		/* nothing: it has its user's rights */
};

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
static const struct kind {
	const char	*name;
	const char	*promises;
	const char	*execpromises;
	enum paths	 paths;
} kinds[CONFINE_NWHO] = {
	[CONFINE_WORKER] =
	    { "worker", "stdio recvfd", "", BY_PROMISE },
	[CONFINE_LISTENER] =
	    { "listener", "stdio unix sendfd recvfd", "", BY_VEIL },
	[CONFINE_OPENER] =
	    { "opener", "stdio rpath sendfd recvfd", "", BY_VEIL },
	[CONFINE_WRITER] =
	    { "opener", "stdio rpath wpath sendfd recvfd", "", BY_VEIL },
	[CONFINE_PRIVATE] =
	    { "opener", "stdio rpath sendfd recvfd", "", BY_VEIL },
	[CONFINE_CONTROLLER] =
	    { "controller", "stdio rpath cpath fattr getpw unix sendfd proc",
	    "", ANY_PATH },
	[CONFINE_SUPERVISOR] =
	    { "supervisor", "stdio rpath wpath cpath fattr chown getpw unix "
	    "sendfd recvfd proc exec", NULL, ANY_PATH }
};

static const struct layer {
	unsigned int	 bit;
	const char	*name;
} layers[] = {
	{ FDB_CONFINED_PATHS,	 "unveil" },
	{ FDB_CONFINED_SYSCALLS, "pledge" },
	/* Put in place by the opener before it comes here. */
	{ FDB_CONFINED_CAPS,	 "privileges dropped" }
};

#define NLAYERS	(sizeof(layers) / sizeof(layers[0]))

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
pledge_enter(const struct confine *c, const struct kind *k)
{
	char	 promises[128];
	size_t	 i;

	if (strlcpy(promises, k->promises,
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
	return pledge(promises, k->execpromises);

fail:
	errno = ENAMETOOLONG;
	return -1;
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	const struct kind	*k = &kinds[c->who];

	*done = 0;
	if (k->promises == NULL) {
		*layer = "a kind of process that is known";
		errno = EINVAL;
		return -1;
	}
	if (k->paths == BY_VEIL) {
		*layer = "unveil";
		if (veil_enter(c) == 0)
			*done |= FDB_CONFINED_PATHS;
		else if (!c->optional)
			return -1;
	}
	*layer = "pledge";
	if (pledge_enter(c, k) == 0) {
		*done |= FDB_CONFINED_SYSCALLS;
		if (k->paths == BY_PROMISE)
			*done |= FDB_CONFINED_PATHS;
	} else if (!c->optional)
		return -1;
	return 0;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	if (!(done & FDB_CONFINED_PATHS) && kinds[who].paths == BY_VEIL)
		log_warnx("the %s runs without unveil", kinds[who].name);
	if (!(done & FDB_CONFINED_SYSCALLS))
		log_warnx("the %s runs without pledge", kinds[who].name);
}

void
confine_describe(unsigned int bits, char *buf, size_t size)
{
	size_t	 i;

	buf[0] = '\0';
	for (i = 0; i < NLAYERS; i++) {
		if (!(bits & layers[i].bit))
			continue;
		if (buf[0] != '\0')
			(void)strlcat(buf, ", ", size);
		(void)strlcat(buf, layers[i].name, size);
	}
	if (buf[0] == '\0')
		(void)strlcpy(buf, "nothing", size);
}

int
fdb_confine(unsigned int *done)
{
	struct confine	 c = { .who = CONFINE_WORKER };
	unsigned int	 bits;
	const char	*layer;
	int		 ret;

	ret = confine_enter(&c, &bits, &layer);
	if (done != NULL)
		*done = bits;
	return ret;
}

/* Nobody becomes another user here. */
int
fdb_confine_session(const struct fdb_session *session, unsigned int *done)
{
	(void)session;
	return fdb_confine(done);
}
