/*
 * place.h: where a member goes: its name in an archive becomes a name beneath
 * the destination, or is refused.
 */

#ifndef PLACE_H
#define PLACE_H

#include "common/buf.h"

enum place {
	PLACE_OK,
	PLACE_NOWHERE,	/* no component is left after those that are stripped */
	PLACE_REFUSED,	/* *why says why */
	PLACE_NO_MEMORY
};

/*
 * Set *b to the name of a member without leading "/", empty components and ".";
 * "." is the destination itself.  The first `strip' components are left out.
 */
enum place	 place_name(struct buf *b, const char *member, size_t strip,
		    const char **why);

/*
 * Length of the directory's part of a name, without the "/"; 0: it is in the
 * destination.
 */
size_t		 place_parent(const char *name);

#endif /* PLACE_H */
