/*
 * seccomp_calls.h: the system calls of each process, as data.
 *
 * seccomp_calls_linux.c has the tables, seccomp_linux.c makes filters of them.
 * A process has several groups of calls; a call that is in none kills it.  Of
 * several rows for one call, the first whose conditions hold decides.
 * tests/confine/ has a list for each process, which a test compares.
 */

#ifndef SECCOMP_CALLS_H
#define SECCOMP_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include <seccomp.h>

#include "confine/confine.h"

#define CALL_ARGS_MAX	2

struct call {
	int		 number;
	/* Not 0: the call is not made and fails with this errno. */
	int		 error;
	/* Conditions that all must hold; op 0: no condition. */
	struct call_arg {
		unsigned int	 index;
		enum scmp_compare op;	/* EQ or MASKED_EQ */
		uint64_t	 a, b;
	}		 args[CALL_ARGS_MAX];
};

struct call_group {
	const struct call	*calls;
	size_t			 n;
};

/* The groups of a kind of process; calls is NULL in the last. */
const struct call_group	*seccomp_calls(enum confine_who);

#endif /* SECCOMP_CALLS_H */
