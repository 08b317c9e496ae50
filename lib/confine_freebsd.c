/*
 * confine_freebsd.c: Capsicum: capability mode, and rights on the roots.
 *
 * Runs in the listener, the opener and the worker, each after it has all that
 * it will ever hold.  In capability mode no global name can be reached; an
 * opener opens beneath its roots' descriptors only.  Not run by our tests on
 * FreeBSD itself.
 */

#include "config.h"

#include <sys/capsicum.h>

#include <errno.h>
#include <string.h>

#include "confine.h"
#include "fdbroker.h"
#include "log.h"

static int
limit_roots(const struct confine *c)
{
	cap_rights_t	 rights;
	size_t		 i;

	cap_rights_init(&rights, CAP_LOOKUP, CAP_READ, CAP_SEEK, CAP_FSTAT,
	    CAP_FSTATAT, CAP_FCNTL, CAP_MMAP_R, CAP_EVENT);
	for (i = 0; i < c->nroots; i++) {
		if (c->roots[i].may & (CONFINE_MAY_WRITE | CONFINE_MAY_CREATE))
			continue;
		if (cap_rights_limit(c->roots[i].fd, &rights) == -1)
			return -1;
	}
	return 0;
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	*done = 0;
	*layer = "rights of the roots";
	if (limit_roots(c) == -1)
		return -1;
	*layer = "capability mode";
	if (cap_enter() == -1) {
		if (c->optional && errno == ENOSYS)
			return 0;
		return -1;
	}
	*done = FDB_CONFINED_PATHS | FDB_CONFINED_SYSCALLS;
	return 0;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	(void)who;
	if (done == 0)
		log_warnx("a process runs without capability mode");
}

void
confine_describe(unsigned int bits, char *buf, size_t size)
{
	(void)strlcpy(buf, bits != 0 ? "capability mode" : "nothing", size);
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
