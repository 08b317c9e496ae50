/*
 * tail.h: what follows the last member of an archive.
 *
 * A reader of libarchive stops at what it takes for the end.  Here we look at
 * the rest of the bytes: there must be the end that the format has, and nothing
 * but zeros after it.
 */

#ifndef TAIL_H
#define TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define TAIL_WHY_MAX	160	/* bytes of a reason, with its NUL */

enum tail_format {
	TAIL_ZEROS,	/* cpio, or after a compressed stream: zeros, or none */
	TAIL_TAR,	/* two records of zeros, and whole records only */
	TAIL_ZIP	/* a central directory of all members */
};

struct tail {
	enum tail_format	 format;
	const char		*end;		/* as messages call it */
	uint64_t		 start;
	uint64_t		 at;		/* offset of the next byte */
	uint64_t		 members;	/* that were read */
	uint64_t		 listed;	/* zip: in the directory */
	uint64_t		 counted;	/* zip: as it says at its end */
	bool			 wide;		/* zip: in 64 bits, not 16 */
	bool			 ended;		/* zip: only zeros may follow */
	struct buf		 part;		/* zip: of a record */
	char			 why[TAIL_WHY_MAX];
};

/*
 * The tail begins at this offset, after this number of members.  The caller may
 * then change its member end.
 */
void	 tail_init(struct tail *, enum tail_format, uint64_t start,
	    uint64_t members);
void	 tail_clear(struct tail *);

/*
 * Look at the next bytes, or at their end.  0, or -1 with errno: EPROTO, and
 * why says what is wrong; ENOMEM.
 */
int	 tail_add(struct tail *, const void *, size_t);
int	 tail_finish(struct tail *);

#endif /* TAIL_H */
