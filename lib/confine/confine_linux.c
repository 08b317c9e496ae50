/*
 * confine_linux.c: of a worker ids and capabilities; then no_new_privs, not
 * dumpable, Landlock, seccomp, in this order, since each needs what the next
 * one takes away.  What can be tried is tried once it is in place.
 *
 * Runs in the listener, the opener and the worker, each after it has all that
 * it will ever hold; and, without Landlock, in the supervisor and the
 * controller before they hear of anybody.
 */

#include "config.h"

#include <sys/prctl.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/log.h"
#include "client/fdbroker.h"
#include "confine/confine.h"
#include "confine/drop.h"

/*
 * A worker's ids and capabilities; other processes of ours have dropped theirs
 * when they come here.  An ordinary user cannot become another, and cannot
 * empty the bounding set, which no_new_privs makes worthless.
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
	/* Another uid ends what was set before. */
	return c->die ? prctl(PR_SET_PDEATHSIG, SIGKILL) : 0;
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

/* Not dumpable: processes of the same uid cannot trace it or take its fds. */
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

/* That it is loaded is known; what would prove it kills the process. */
static int
seccomp_layer_enter(const struct confine *c)
{
	return seccomp_enter(c->who);
}

static const struct layer {
	unsigned int	 bit;
	const char	*name;
	int		(*enter)(const struct confine *);
	int		(*verify)(const struct confine *);
	bool		 opens;		/* also for who opens any path */
} layers[] = {
	{ FDB_CONFINED_NNP,	 "no_new_privs",  no_new_privs_enter,
	    no_new_privs_verify, true },
	{ FDB_CONFINED_NODUMP,	 "not dumpable",  nodump_enter,
	    nodump_verify, true },
	{ FDB_CONFINED_PATHS,	 "landlock",	  landlock_enter,
	    landlock_verify, false },
	{ FDB_CONFINED_SYSCALLS, "seccomp",	  seccomp_layer_enter, NULL,
	    true },
	/* Put in place before these. */
	{ FDB_CONFINED_CLONE,	 "read-only mount clones", NULL, NULL, false },
	{ FDB_CONFINED_CAPS,	 "capabilities dropped",   NULL, NULL, false },
	{ FDB_CONFINED_UID,	 "own user",		   NULL, NULL, false },
	{ FDB_CONFINED_NAMESPACES, "namespaces",	   NULL, NULL, false }
};

#define NLAYERS	(sizeof(layers) / sizeof(layers[0]))

/* The supervisor and the controller open what root and the user may. */
static bool
layer_is_for(const struct layer *l, enum confine_who who)
{
	return l->enter != NULL && (l->opens ||
	    (who != CONFINE_CONTROLLER && who != CONFINE_SUPERVISOR));
}

/* One layer.  1: it is in place, and was seen to hold; 0: missing; -1. */
static int
layer_enter(const struct layer *l, const struct confine *c)
{
	if (l->enter(c) == -1)
		return c->optional ? 0 : -1;
	if (l->verify == NULL || l->verify(c) == 0)
		return 1;
	errno = EPERM;
	return -1;
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	size_t	 i;
	int	 n;

	*done = 0;
	*layer = "capabilities and ids";
	if (c->who == CONFINE_WORKER && worker_drop(c, done) == -1)
		return -1;
	for (i = 0; i < NLAYERS; i++) {
		if (!layer_is_for(&layers[i], c->who) ||
		    (c->omit & layers[i].bit))
			continue;
		if ((n = layer_enter(&layers[i], c)) == -1) {
			*layer = layers[i].name;
			return -1;
		}
		if (n == 1)
			*done |= layers[i].bit;
	}
	return 0;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	static const char *const names[] = {
		[CONFINE_WORKER] = "worker",
		[CONFINE_LISTENER] = "listener",
		[CONFINE_OPENER] = "opener",
		[CONFINE_WRITER] = "opener",
		[CONFINE_PRIVATE] = "opener",
		[CONFINE_CONTROLLER] = "controller",
		[CONFINE_SUPERVISOR] = "supervisor"
	};
	size_t	 i;

	for (i = 0; i < NLAYERS; i++)
		if (layer_is_for(&layers[i], who) && !(done & layers[i].bit))
			log_warnx("the %s runs without %s", names[who],
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
fdb_confine_session(const struct fdb_session *session, unsigned int *done)
{
	const struct fdb_session_info	*info;
	struct confine			 c = { .who = CONFINE_WORKER };
	unsigned int			 bits;
	const char			*layer;
	int				 ret;

	if (session != NULL) {
		info = fdb_session_info(session);
		c.uid = info->worker_uid;
		c.gid = info->worker_gid;
	}
	ret = confine_enter(&c, &bits, &layer);
	if (done != NULL)
		*done = bits;
	return ret;
}

int
fdb_confine(unsigned int *done)
{
	return fdb_confine_session(NULL, done);
}
