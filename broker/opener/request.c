/*
 * request.c: decode the items of a request; see request.h.
 *
 * Runs in the opener.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>

#include "opener/request.h"

int
request_get_items(struct request_item *items, const struct proto_header *h,
    struct wire_in *in, char *names)
{
	size_t		 used = 0;
	uint16_t	 i;

	for (i = 0; i < h->items; i++) {
		items[i].base = wire_get_u32(in);
		items[i].access = h->type == PROTO_OPEN ? wire_get_u8(in) : 0;
		items[i].name = names + used;
		used += wire_get_str(in, names + used, PROTO_PATH_MAX) + 1;
		if (in->failed)
			break;
	}
	if (wire_get_end(in) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}

int
request_get_tokens(uint32_t *tokens, const struct proto_header *h,
    struct wire_in *in)
{
	uint16_t	 i;

	for (i = 0; i < h->items; i++)
		tokens[i] = wire_get_u32(in);
	if (wire_get_end(in) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}
