/*
 * verify.h: compare an archive with the manifest in it.
 */

#ifndef VERIFY_H
#define VERIFY_H

#include "sandbox/reporter.h"

struct verify;

/*
 * Begin; to be called before the process is confined.  The spools are empty
 * temporary files.  The descriptors stay the caller's.  NULL if it failed,
 * which was reported.
 */
struct verify	*verify_new(struct reporter *, int archive,
		    const int spools[2]);
void		 verify_free(struct verify *);

/*
 * Read the archive and tell every difference.  0, or -1 when it cannot be read
 * to its end, which was reported.
 */
int		 verify_run(struct verify *);

#endif /* VERIFY_H */
