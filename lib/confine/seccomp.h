/*
 * seccomp.h: filters of system calls.
 *
 * Linux only.  The calls of each process are in seccomp_calls.h.
 */

#ifndef CONFINE_SECCOMP_H
#define CONFINE_SECCOMP_H

#include <seccomp.h>

#include "confine/confine.h"

/* Load the filter of a kind of process.  0, or -1 with errno. */
int	 seccomp_enter(enum confine_who);

/* Make that filter; the caller releases it.  0, or -1 with errno. */
int	 seccomp_filter(enum confine_who, scmp_filter_ctx *);

#endif /* CONFINE_SECCOMP_H */
