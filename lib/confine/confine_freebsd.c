/*
 * confine_freebsd.c: no new privileges, not traceable, the rights of the
 * descriptors, capability mode, in this order, since each needs what the next
 * one takes away.
 *
 * Runs in each kind of process after it has all that it will ever hold.  In
 * capability mode no global name can be reached: an opener opens beneath its
 * roots' descriptors only, and what it opens has their rights at the most.
 * Never run on FreeBSD itself: the tests see the calls that it makes, not what
 * they do.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/capsicum.h>
#include <sys/procctl.h>
#include <sys/wait.h>

#include <capsicum_helpers.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rights.h"
#include "client/fdbroker.h"
#include "confine/confine.h"

/*
 * A worker may be part of another program, whose stdin, stdout and stderr are
 * none of our business.  The controller and the supervisor open what the user
 * and root may, which capability mode would not let them.
 */
static const struct kind {
	const char	*name;
	bool		 limit_stdio;
	bool		 opens;		/* any path */
} kinds[CONFINE_NWHO] = {
	[CONFINE_WORKER]	= { "worker", false, false },
	[CONFINE_LISTENER]	= { "listener", true, false },
	[CONFINE_OPENER]	= { "opener", true, false },
	[CONFINE_WRITER]	= { "opener", true, false },
	[CONFINE_PRIVATE]	= { "opener", true, false },
	[CONFINE_CONTROLLER]	= { "controller", false, true },
	[CONFINE_SUPERVISOR]	= { "supervisor", false, true }
};

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
 * What may be done with a root and with all that is opened beneath it, also by
 * whom it is handed to.  The directories on the way to a file are opened for
 * reading, so a root has that right always.
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
}

/* Flags can be asked for and not changed: O_APPEND stays. */
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
	if (kinds[c->who].limit_stdio)
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

static const struct layer {
	unsigned int	 bit;
	const char	*name;
	int		(*enter)(const struct confine *);
	bool		 opens;		/* also for who opens any path */
} layers[] = {
#ifdef PROC_NO_NEW_PRIVS_CTL
	{ FDB_CONFINED_NNP,	 "no_new_privs",    no_new_privs_enter, true },
#endif
	{ FDB_CONFINED_NODUMP,	 "not traceable",   notrace_enter, true },
	{ FDB_CONFINED_PATHS,	 "rights of the roots", rights_enter, false },
	{ FDB_CONFINED_SYSCALLS, "capability mode", mode_enter, false },
	/* Put in place by the opener before it comes here. */
	{ FDB_CONFINED_CAPS,	 "privileges dropped", NULL, false }
};

#define NLAYERS	(sizeof(layers) / sizeof(layers[0]))

static bool
layer_is_for(const struct layer *l, enum confine_who who)
{
	return l->enter != NULL && (l->opens || !kinds[who].opens);
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	size_t	 i;

	*done = 0;
	if (kinds[c->who].name == NULL) {
		*layer = "a kind of process that is known";
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < NLAYERS; i++) {
		if (!layer_is_for(&layers[i], c->who))
			continue;
		if (layers[i].enter(c) == 0) {
			*done |= layers[i].bit;
		} else if (!c->optional) {
			*layer = layers[i].name;
			return -1;
		}
	}
	/* Limited roots are no limit where any name can be opened. */
	if (!(*done & FDB_CONFINED_SYSCALLS))
		*done &= ~(unsigned int)FDB_CONFINED_PATHS;
	return 0;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	size_t	 i;

	for (i = 0; i < NLAYERS; i++)
		if (layer_is_for(&layers[i], who) && !(done & layers[i].bit))
			log_warnx("the %s runs without %s", kinds[who].name,
			    layers[i].name);
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
