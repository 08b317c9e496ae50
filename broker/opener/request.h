/*
 * request.h: decode the items of a request.  All of them are decoded before
 * anything is done for the first.
 */

#ifndef REQUEST_H
#define REQUEST_H

#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "base/wire.h"

/* Bytes that the names of one request may take, each with its NUL. */
#define REQUEST_NAMES	(PROTO_MAX + FDB_BATCH_MAX)

struct request_item {
	uint32_t	 base;		/* a token, or FDB_TOKEN_ROOT */
	uint8_t		 access;	/* of an OPEN: FDB_READ..., unchecked */
	char		*name;		/* unchecked */
};

/*
 * Decode h->items items.  Their names are put into `names', of REQUEST_NAMES
 * bytes.  0, or -1 with errno EBADMSG.
 */
int	 request_get_items(struct request_item *, const struct proto_header *,
	    struct wire_in *, char *names);

/* Decode h->items tokens.  0, or -1 with errno EBADMSG. */
int	 request_get_tokens(uint32_t *, const struct proto_header *,
	    struct wire_in *);

#endif /* REQUEST_H */
