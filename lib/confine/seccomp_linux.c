/*
 * seccomp_linux.c: make and load the filter of system calls of each process.
 *
 * Runs in every process.  A call that is not in its tables
 * (seccomp_calls_linux.c) kills the process.  So does a call through another
 * ABI (x32, 32-bit): libseccomp's filter checks the architecture, and no x32
 * number is in any table.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "confine/confine.h"
#include "confine/seccomp.h"
#include "confine/seccomp_calls.h"

static int
filter_add(scmp_filter_ctx ctx, const struct call *c)
{
	struct scmp_arg_cmp	 args[CALL_ARGS_MAX];
	unsigned int		 n;

	for (n = 0; n < CALL_ARGS_MAX && c->args[n].op != 0; n++) {
		args[n].arg = c->args[n].index;
		args[n].op = c->args[n].op;
		args[n].datum_a = c->args[n].a;
		args[n].datum_b = c->args[n].b;
	}
	return seccomp_rule_add_array(ctx, c->error != 0 ?
	    SCMP_ACT_ERRNO((uint32_t)c->error) : SCMP_ACT_ALLOW, c->number,
	    n, args);
}

/* The action for a call that is not in the tables. */
static uint32_t
default_action(enum confine_who who)
{
#ifdef FDB_SANITIZED
	/* The sanitizers look for leaks at exit, by tracing the process. */
	if (who == CONFINE_SUPERVISOR || who == CONFINE_CONTROLLER)
		return SCMP_ACT_ALLOW;
#endif
	(void)who;
	return SCMP_ACT_KILL_PROCESS;
}

static int
filter_add_all(scmp_filter_ctx ctx, enum confine_who who)
{
	const struct call_group	*g;
	size_t			 i;
	int			 error;

	for (g = seccomp_calls(who); g->calls != NULL; g++) {
		for (i = 0; i < g->n; i++) {
			if (g->calls[i].error == 0 &&
			    default_action(who) == SCMP_ACT_ALLOW)
				continue;
			if ((error = filter_add(ctx, &g->calls[i])) != 0)
				return error;
		}
	}
	return 0;
}

int
seccomp_filter(enum confine_who who, scmp_filter_ctx *ctxp)
{
	scmp_filter_ctx	 ctx;
	int		 error;

	*ctxp = NULL;
	if ((ctx = seccomp_init(default_action(who))) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (error == 0)
		error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (error == 0)
		error = filter_add_all(ctx, who);
	if (error == 0) {
		*ctxp = ctx;
		return 0;
	}
	seccomp_release(ctx);
	errno = -error;
	return -1;
}

int
seccomp_enter(enum confine_who who)
{
	scmp_filter_ctx	 ctx;
	int		 error;

	if (seccomp_filter(who, &ctx) == -1)
		return -1;
	/* A worker has threads, which this covers. */
	error = who != CONFINE_WORKER ? 0 :
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (error == 0)
		error = seccomp_load(ctx);
	seccomp_release(ctx);
	if (error == 0)
		return 0;
	errno = -error;
	return -1;
}
