/*
 * confine_openbsd.c: unveil(2) for the roots, then pledge(2).
 *
 * Runs in the listener, the opener and the worker, each after it has all that
 * it will ever hold.  Not run by our tests on OpenBSD itself.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "fdbroker.h"
#include "log.h"

/* What each process still does, in pledge(2)'s terms. */
static const char *
promises_of(enum confine_who who)
{
	switch (who) {
	case CONFINE_WORKER:
		return "stdio recvfd";
	case CONFINE_LISTENER:
		return "stdio recvfd sendfd";
	case CONFINE_OPENER:
		return "stdio rpath sendfd";
	case CONFINE_WRITER:
		return "stdio rpath wpath cpath fattr chown sendfd";
	}
	return "";
}

static int
unveil_roots(const struct confine *c)
{
	size_t	 i;

	/* Without "rpath" nothing can be opened: no need to hide names. */
	if (c->nroots == 0)
		return 0;
	for (i = 0; i < c->nroots; i++)
		if (unveil(c->roots[i].path,
		    c->roots[i].may & CONFINE_MAY_CREATE ? "rwc" :
		    c->roots[i].may & CONFINE_MAY_WRITE ? "rw" : "r") == -1)
			return -1;
	return unveil(NULL, NULL);
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	*done = 0;
	*layer = "unveil";
	if (unveil_roots(c) == -1)
		return -1;
	*done |= FDB_CONFINED_PATHS;
	*layer = "pledge";
	if (pledge(promises_of(c->who), "") == -1)
		return -1;
	*done |= FDB_CONFINED_SYSCALLS;
	return 0;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	(void)who;
	if (done != (FDB_CONFINED_PATHS | FDB_CONFINED_SYSCALLS))
		log_warnx("a process runs without unveil or pledge");
}

void
confine_describe(unsigned int bits, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s%s",
	    bits & FDB_CONFINED_PATHS ? "unveil" : "",
	    bits == (FDB_CONFINED_PATHS | FDB_CONFINED_SYSCALLS) ? ", " : "",
	    bits & FDB_CONFINED_SYSCALLS ? "pledge" : "");
	if (buf[0] == '\0')
		(void)strlcpy(buf, "nothing", size);
}

int
fdb_confine(unsigned int *done)
{
	struct confine	 c;
	unsigned int	 bits;
	const char	*layer;
	int		 ret;

	memset(&c, 0, sizeof(c));
	c.who = CONFINE_WORKER;
	ret = confine_enter(&c, &bits, &layer);
	if (done != NULL)
		*done = bits;
	return ret;
}
