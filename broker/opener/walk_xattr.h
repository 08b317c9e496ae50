/*
 * walk_xattr.h: the extended attributes of one object of a walk, sent piece by
 * piece.
 */

#ifndef WALK_XATTR_H
#define WALK_XATTR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "opener/state.h"
#include "opener/walk_out.h"
#include "opener/xattrs.h"

/* All zeros: none, and no memory for any. */
struct walk_xattr {
	bool		 active;	/* some are left to be sent */
	bool		 had;		/* the last object had some */
	struct xattrs_of of;
	bool		 own_dir;	/* of.dirfd is ours to close */
	char		 name[NAME_MAX + 1];	/* backs of.name */
	struct fdb_stat	 st;		/* which object it is */
	int		 error;		/* the names could not be read */
	char		*names;		/* with their NULs */
	size_t		 len, at;	/* bytes of names, and the next one */
	uint8_t		*value;		/* of the one at `at' */
	size_t		 vlen, off;
	bool		 have;		/* value and vlen are filled */
};

/* Make room.  0, or -1 with errno ENOMEM. */
int	 walk_xattr_init(struct walk_xattr *);
void	 walk_xattr_free(struct walk_xattr *);

/*
 * Read the names of an object's attributes; st says which object it is.  The
 * number of records that walk_xattr_put() will send; if that is not 0, it is
 * active.  of.fd must stay open until then; of.dirfd is taken over if own_dir.
 */
uint16_t walk_xattr_begin(struct walk_xattr *, const struct xattrs_of *of,
	    bool own_dir, const struct fdb_stat *st);

/* Send what there is room for.  It is not active any more after the last. */
enum walk_out_result walk_xattr_put(struct walk_xattr *, struct walk_out *,
	    struct state *);

/* Forget the object, and close what is ours. */
void	 walk_xattr_end(struct walk_xattr *, struct walk_out *);

#endif /* WALK_XATTR_H */
