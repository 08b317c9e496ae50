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
#include "sandbox/contents.h"
#include "sandbox/holes.h"

struct member {
	bool		 header;	/* begins a member: e is set */
	bool		 last;		/* nothing follows of this member */
	struct entry	 e;		/* strings stay, as the slab does */
	const uint8_t	*data;		/* contents, in the slab */
	size_t		 len;		/* of data */
	uint64_t	 hole;		/* bytes of a hole before data */
	/* If header: the regions with data, until the last piece. */
	const struct region *regions;
	size_t		 nregions;
	struct region	*spent;		/* if last: to be freed */
	uint8_t		 digest[ENTRY_DIGEST_LEN];	/* if last */
	/* Instead of data: a file that the last stage copies and closes. */
	bool		 direct;
	int		 fd;
	struct version	 version;	/* when it was opened */
	bool		 grows;		/* it is our own log */
	bool		 late;		/* if header: see create_late() */
	bool		 unsure;	/* if last: it may have changed */
	bool		 superseded;	/* if last: see MANIFEST_ALSO */
	/* Instead of all: a line of the manifest; nothing is stored. */
	const char	*line;
	const char	*mark;		/* which follows it */
	bool		 purge;		/* a directory to be emptied */
};

#endif /* MEMBER_H */
