/*
 * sleeps.h: let getrusage(2) tell that reading waits.
 *
 * A program with sleeps.c has its own getrusage(), see Makefile.am.
 */

#ifndef SLEEPS_H
#define SLEEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/readers.h"

/* From now on a thread has slept, or not, between two calls of getrusage(). */
void	 sleeps_set(bool slept);

/* Calls of getrusage() since the last question. */
size_t	 sleeps_asked(void);

/* Read a file until the readers are wanted; reads sleep from now on. */
void	 sleeps_until_wanted(struct readers *, int fd);

#endif /* SLEEPS_H */
