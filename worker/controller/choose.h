/*
 * choose.h: find out what of the paths is to be stored.
 */

#ifndef CHOOSE_H
#define CHOOSE_H

#include "common/choice.h"
#include "common/options.h"

/*
 * Read what the options say, and the files that they name.  Patterns that begin
 * with "./" are relative to dir, which is absolute and clean.  0, or -1 with
 * the reason in why, of PATHS_WHY_MAX bytes.  In either case choose_free()
 * frees the choice.
 */
int	 choose_make(struct choice *, const struct options *, const char *dir,
	    char *why);
void	 choose_free(struct choice *);

#endif /* CHOOSE_H */
