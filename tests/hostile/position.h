/*
 * position.h: what badworker and badopener do alike to get into position; see
 * hostile.h.
 */

#ifndef POSITION_H
#define POSITION_H

#include "hostile.h"
#include "opener/roots.h"

/* Make the scene, as root, in a directory; or exit, with 77 if impossible. */
void		 position_begin(struct world *, const char *dir);

enum position_does {
	POSITION_READS,
	POSITION_WRITES,
	POSITION_RESTORES
};

/*
 * Open the roots of a role that reads beneath "root", and the file
 * "single/file".  If it writes, it also appends beneath "inbox" and to the file
 * "single/log", and creates beneath "made".  If it restores, it makes objects
 * of all kinds there instead.  0 and *caps are the capabilities that it needs;
 * or -1.
 */
int		 position_roots(struct roots *, const struct world *,
		    bool clone, enum position_does, uint32_t *caps);
/* The root of that name, for writing or for reading. */
struct root	*position_root(struct roots *, const struct world *,
		    const char *name, bool writable);

/* Make a session's socket, of a type, connected to one of ours.  0, or -1. */
int		 position_session(struct world *, int type);
void		 position_session_end(struct world *);

/* What confine_enter() is to leave out. */
unsigned int	 position_omit(unsigned int set);

#endif /* POSITION_H */
