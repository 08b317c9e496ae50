/*
 * walks.h: the walks of a session that are not over, oldest first.
 */

#ifndef WALKS_H
#define WALKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

/* How far the records of a walk have come: which may follow. */
struct walk_track {
	bool		 started, ended;
	uint64_t	 depth;		/* directories that were entered */
	uint16_t	 xattrs;	/* attributes that still follow */
	bool		 in_value;	/* a piece of one was there */
	uint32_t	 total, off;	/* of its value */
	char		 xattr[FDB_XATTR_NAME_MAX + 1];
};

struct walks_one {
	struct walks_one	*next;
	uint32_t		 id;
	uint64_t		 cookie;

	/* The request: for each message its length, a size_t, and itself. */
	uint8_t			*request;
	size_t			 len, sent;
	bool			 cancel;	/* CANCEL is to be sent */

	uint32_t		 bytes, fds;	/* the credit */
	uint32_t		 back_bytes, back_fds;	/* to be granted anew */

	struct walk_track	 track;
	uint8_t			*value;		/* FDB_XATTR_VALUE_MAX, or NULL */
	bool			 lost;		/* descriptors of this reply */
};

struct walks {
	struct walks_one	*oldest;
	size_t			 n;
};

/* Append a walk, of zeros.  NULL: ENOMEM. */
struct walks_one *walks_add(struct walks *);
/* Remove the oldest, or the newest. */
void		 walks_remove_oldest(struct walks *);
void		 walks_remove_newest(struct walks *);
void		 walks_free(struct walks *);

#endif /* WALKS_H */
