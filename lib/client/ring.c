/*
 * ring.c: the requests of a session that are outstanding; see ring.h.
 *
 * Runs in the worker.  Touches memory only.
 */

#include "config.h"

#include <stdlib.h>

#include "client/ring.h"

int
ring_init(struct ring *ring, size_t size)
{
	if ((ring->places = calloc(size, sizeof(*ring->places))) == NULL)
		return -1;
	ring->size = size;
	ring->first = ring->used = ring->unsent = 0;
	return 0;
}

void
ring_free(struct ring *ring)
{
	free(ring->places);
	ring->places = NULL;
}

bool
ring_is_full(const struct ring *ring)
{
	return ring->used == ring->size;
}

struct request *
ring_nth(const struct ring *ring, size_t n)
{
	return &ring->places[(ring->first + n) % ring->size];
}

struct request *
ring_oldest(const struct ring *ring)
{
	return ring->used > 0 ? ring_nth(ring, 0) : NULL;
}

struct request *
ring_push(struct ring *ring)
{
	return ring_nth(ring, ring->used++);
}

void
ring_pop(struct ring *ring)
{
	ring->first = (ring->first + 1) % ring->size;
	ring->used--;
}
