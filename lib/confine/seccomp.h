/*
 * seccomp.h: filters of system calls.
 *
 * Linux only.  The calls of each process are in seccomp_calls.h.
 */

#ifndef CONFINE_SECCOMP_H
#define CONFINE_SECCOMP_H

#include <linux/filter.h>

#include <stddef.h>

#include "confine/confine.h"

/* More instructions than any filter has. */
#define SECCOMP_PROGRAM_MAX	1024

/* Load the filter of a kind of process.  0, or -1 with errno. */
int	 seccomp_enter(enum confine_who);

/* Make that filter.  How many instructions it has; 0: too many. */
size_t	 seccomp_program(enum confine_who,
	    struct sock_filter prog[SECCOMP_PROGRAM_MAX]);

#endif /* CONFINE_SECCOMP_H */
