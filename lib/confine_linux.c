/*
 * confine_linux.c: no_new_privs, not dumpable, Landlock, seccomp, in this
 * order, since each needs what the next one takes away.
 *
 * Runs in the listener, the opener and the worker, each after it has all that
 * it will ever hold.
 */

#include "config.h"

#include <sys/prctl.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "confine.h"
#include "fdbroker.h"
#include "log.h"

static int
no_new_privs_enter(const struct confine *c)
{
	(void)c;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Not dumpable: processes of the same uid cannot trace it or take its fds. */
static int
nodump_enter(const struct confine *c)
{
	(void)c;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
seccomp_layer_enter(const struct confine *c)
{
	return seccomp_enter(c->who);
}

static const struct layer {
	unsigned int	 bit;
	const char	*name;
	int		(*enter)(const struct confine *);
} layers[] = {
	{ FDB_CONFINED_NNP,	 "no_new_privs",  no_new_privs_enter },
	{ FDB_CONFINED_NODUMP,	 "not dumpable",  nodump_enter },
	{ FDB_CONFINED_PATHS,	 "landlock",	  landlock_enter },
	{ FDB_CONFINED_SYSCALLS, "seccomp",	  seccomp_layer_enter },
	/* Put in place by the opener before it comes here. */
	{ FDB_CONFINED_CLONE,	 "read-only mount clones", NULL },
	{ FDB_CONFINED_CAPS,	 "capabilities dropped",   NULL }
};

#define NLAYERS	(sizeof(layers) / sizeof(layers[0]))

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	size_t	 i;

	*done = 0;
	for (i = 0; i < NLAYERS; i++) {
		if (layers[i].enter == NULL || (c->omit & layers[i].bit))
			continue;
		if (layers[i].enter(c) == 0) {
			*done |= layers[i].bit;
		} else if (!c->optional) {
			*layer = layers[i].name;
			return -1;
		}
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
		[CONFINE_WRITER] = "opener"
	};
	size_t	 i;

	for (i = 0; i < NLAYERS; i++)
		if (layers[i].enter != NULL && !(done & layers[i].bit))
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
