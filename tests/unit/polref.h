/*
 * polref.h: a reference for decisions and patterns that is slow and obvious,
 * and the random numbers of the tests that compare with it.
 */

#ifndef POLREF_H
#define POLREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/decide.h"

struct role;

/* Begin anew, with TEST_SEED of the environment if it is there. */
void		 polref_begin(void);
unsigned int	 polref_random(unsigned int n);

/* Patterns and paths are of at most 63 bytes and 12 components. */
bool		 polref_covers(const char *pattern, const char *path);
/*
 * Does the pattern cover any path beneath, up to so many levels, that is made
 * of n names?
 */
bool		 polref_reaches(const char *pattern, const char *path,
		    int levels, const char *const *names, size_t n);

/* The deciding rule, from 1, or 0; to enter, with these names beneath. */
size_t		 polref_decide(const struct role *, uint32_t op,
		    const char *path);
size_t		 polref_enter(const struct role *, const char *path,
		    const char *const *names, size_t n);

/* Fail, and print the rules, unless the verdict is that of the reference. */
void		 polref_compare(const struct role *, const char *what,
		    const char *path, size_t expected, struct verdict);

#endif /* POLREF_H */
