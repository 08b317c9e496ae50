/*
 * choice.h: what of the paths is stored.  The controller reads the options and
 * the files that they name; the worker asks the broker accordingly.
 */

#ifndef CHOICE_H
#define CHOICE_H

#include <stddef.h>
#include <stdint.h>

#include "common/exclude.h"

/* All zeros: everything. */
struct choice {
	struct excludes		 excludes;
	const char *const	*if_present;	/* of --exclude-if-present */
	size_t			 nif_present;
	unsigned int		 walk;		/* FDB_WALK_* */
	int64_t			 since;		/* with FDB_WALK_SINCE */
	uint32_t		 since_nsec;
};

#endif /* CHOICE_H */
