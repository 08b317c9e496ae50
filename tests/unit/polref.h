/*
 * polref.h: a slow and obvious reference for decisions and patterns, and random
 * numbers for the tests that compare with it.
 */

#ifndef POLREF_H
#define POLREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/decide.h"

struct role;

/*
 * Start the random numbers, with the seed TEST_SEED if that is in the
 * environment; a number below n.
 */
void		 polref_begin(void);
unsigned int	 polref_random(unsigned int n);

/*
 * Does the pattern cover the path?  Both have at most 63 bytes and 12
 * components.
 */
bool		 polref_covers(const char *pattern, const char *path);
/*
 * Does the pattern cover a path that consists of this path and up to `levels'
 * more components, each one of n names?
 */
bool		 polref_reaches(const char *pattern, const char *path,
		    int levels, const char *const *names, size_t n);

/*
 * The number of the rule that decides, from 1, or 0 for none; polref_enter()
 * tries these n names beneath the path.
 */
size_t		 polref_decide(const struct role *, uint32_t op,
		    const char *path);
size_t		 polref_enter(const struct role *, const char *path,
		    const char *const *names, size_t n);

/*
 * Print the rules and fail, unless the verdict is by the expected rule.
 */
void		 polref_compare(const struct role *, const char *what,
		    const char *path, size_t expected, struct verdict);

#endif /* POLREF_H */
