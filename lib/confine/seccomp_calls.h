/*
 * seccomp_calls.h: the system calls of each process, as data.
 *
 * seccomp_calls_linux.c has the tables, seccomp_linux.c makes filters of them.
 * A process has several groups of calls; what is in none kills it.  The whole
 * of it for each process is in tests/confine/, where a test compares it.
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
	/* What it fails with instead of being done, or 0. */
	int		 error;
	/* These have to be so; with op 0 there is none. */
	struct call_arg {
		unsigned int	 index;
		enum scmp_compare op;
		uint64_t	 a, b;
	}		 args[CALL_ARGS_MAX];
};

struct call_group {
	const struct call	*calls;
	size_t			 n;
};

/* The groups of a process; the last has no calls. */
const struct call_group	*seccomp_calls(enum confine_who);

#endif /* SECCOMP_CALLS_H */
