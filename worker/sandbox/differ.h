/*
 * differ.h: compare what a walk finds with the lines of an archive.
 */

#ifndef DIFFER_H
#define DIFFER_H

#include <stdbool.h>

#include "base/fdbroker_types.h"
#include "common/entry.h"
#include "sandbox/earlier.h"
#include "sandbox/reporter.h"

struct differ;

/*
 * Before confinement.  contents: compare those of files.  NULL: it failed,
 * which was reported.
 */
struct differ	*differ_new(bool contents, struct reporter *);
void		 differ_free(struct differ *);

/* The lines are of another program, which may not know fractions of seconds. */
void		 differ_foreign(struct differ *, bool);

/*
 * Compare an object that was found, with its descriptor or -1, and report how
 * it differs.  0, or -1, which was reported.
 */
int		 differ_member(struct differ *, struct earlier *,
		    struct entry *, const struct fdb_stat *, int fd);

/* Report what was not found: a member, with its name. */
int		 differ_missing(struct differ *, const char *name);

#endif /* DIFFER_H */
