/*
 * member.h: a member of the archive, or a piece of one, on its way through the
 * pipeline.
 */

#ifndef MEMBER_H
#define MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"

struct member {
	bool		 header;	/* begins a member: e is set */
	bool		 last;		/* nothing follows of this member */
	struct entry	 e;		/* strings stay, as the slab does */
	const uint8_t	*data;		/* contents, in the slab */
	size_t		 len;		/* of data */
	uint8_t		 digest[ENTRY_DIGEST_LEN];	/* if last */
};

#endif /* MEMBER_H */
