/*
 * mountns_linux.c: see mountns.h.
 *
 * Runs in a private opener, before it is confined.  The child has every
 * capability in its own namespaces and none outside of them.  It shares memory
 * with its parent as after vfork(2), on a stack of its own.
 */

#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "confine/mountns.h"

#define STACK	262144

struct call {
	int	(*fn)(void *);
	void	 *arg;
	int	  ret, error;
};

static int
child(void *arg)
{
	struct call	*c = arg;

	c->ret = c->fn(c->arg);
	c->error = errno;
	return 0;
}

int
mountns_call(int (*fn)(void *), void *arg)
{
	struct call	 c = { fn, arg, -1, EINTR };
	char		*stack;
	int		 pid;

	/* Nobody waits for the child: its namespaces take time to end. */
	if (signal(SIGCHLD, SIG_IGN) == SIG_ERR ||
	    (stack = aligned_alloc(64, STACK)) == NULL)
		return -1;
	/* It returns once the child has exited. */
	pid = clone(child, stack + STACK, CLONE_VM | CLONE_VFORK |
	    CLONE_FILES | CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, &c);
	if (pid == -1)
		c.error = errno;
	free(stack);
	errno = c.error;
	return c.ret;
}
