/*
 * confine_none.c: a system without any of the layers that we know.
 *
 * Nothing is put in place, and that is said: a start that requires
 * confinement fails here.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "client/fdbroker.h"
#include "confine/confine.h"

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	*done = 0;
	if (c->optional)
		return 0;
	*layer = "any confinement on this system";
	errno = ENOSYS;
	return -1;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	(void)who;
	(void)done;
	log_warnx("a process runs without any confinement");
}

void
confine_describe(unsigned int bits, char *buf, size_t size)
{
	(void)strlcpy(buf, bits & FDB_CONFINED_CAPS ? "privileges dropped" :
	    "nothing", size);
}

int
fdb_confine(unsigned int *done)
{
	if (done != NULL)
		*done = 0;
	errno = ENOSYS;
	return -1;
}

/* Nobody becomes another user here. */
int
fdb_confine_session(const struct fdb_session *session, unsigned int *done)
{
	(void)session;
	return fdb_confine(done);
}
