/*
 * sparsedigest.c: the digest of contents that may have holes; see
 * sandbox/sparsedigest.h.
 *
 * Runs in the worker, confined after sparsedigest_new().  Touches nothing but
 * memory.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/digest.h"
#include "sandbox/sparsedigest.h"

#define NUMBER_LEN	8

struct sparsedigest {
	struct digest	*data, *map;
	uint64_t	 start, next;	/* the run of data so far */
	bool		 sparse;	/* map has begun */
};

struct sparsedigest *
sparsedigest_new(void)
{
	struct sparsedigest	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	if ((s->data = digest_new()) == NULL ||
	    (s->map = digest_new()) == NULL) {
		sparsedigest_free(s);
		return NULL;
	}
	return s;
}

void
sparsedigest_free(struct sparsedigest *s)
{
	if (s == NULL)
		return;
	digest_free(s->data);
	digest_free(s->map);
	free(s);
}

static int
add_number(struct sparsedigest *s, uint64_t v)
{
	uint8_t	 bytes[NUMBER_LEN];
	size_t	 i;

	for (i = NUMBER_LEN; i > 0; v >>= 8)
		bytes[--i] = (uint8_t)v;
	return digest_add(s->map, bytes, sizeof(bytes));
}

/* The run of data has ended: add it to the map. */
static int
add_run(struct sparsedigest *s)
{
	if (!s->sparse && digest_begin(s->map) == -1)
		return -1;
	s->sparse = true;
	if (s->next == s->start)
		return 0;
	return add_number(s, s->start) == -1 ||
	    add_number(s, s->next - s->start) == -1 ? -1 : 0;
}

int
sparsedigest_begin(struct sparsedigest *s)
{
	s->start = s->next = 0;
	s->sparse = false;
	return digest_begin(s->data);
}

int
sparsedigest_add(struct sparsedigest *s, uint64_t offset, const void *p,
    size_t len)
{
	if (len == 0)
		return 0;
	if (offset != s->next) {
		if (add_run(s) == -1)
			return -1;
		s->start = s->next = offset;
	}
	s->next += len;
	return digest_add(s->data, p, len);
}

int
sparsedigest_end(struct sparsedigest *s, uint64_t size, bool *sparse,
    uint8_t out[ENTRY_DIGEST_LEN])
{
	uint8_t	 both[2 * ENTRY_DIGEST_LEN];

	*sparse = s->sparse || s->next != size;
	if (!*sparse)
		return digest_end(s->data, out);
	if (add_run(s) == -1 || add_number(s, size) == -1 ||
	    digest_end(s->data, both) == -1 ||
	    digest_end(s->map, both + ENTRY_DIGEST_LEN) == -1 ||
	    digest_begin(s->data) == -1 ||
	    digest_add(s->data, both, sizeof(both)) == -1)
		return -1;
	return digest_end(s->data, out);
}
