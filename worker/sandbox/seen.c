/*
 * seen.c: what is known of names; see sandbox/seen.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/seen.h"

#define STATE_BITS	((uint64_t)7)
#define SLOTS_MIN	4096		/* a power of two */

struct seen {
	struct siphash_key	 key;
	uint64_t		*slots;		/* hash and state; 0: none */
	size_t			 n, size;
	bool			 full;
};

struct seen *
seen_new(void)
{
	struct seen	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	if ((s->slots = calloc(SLOTS_MIN, sizeof(*s->slots))) == NULL) {
		free(s);
		return NULL;
	}
	s->size = SLOTS_MIN;
	siphash_choose(&s->key);
	return s;
}

void
seen_free(struct seen *s)
{
	if (s == NULL)
		return;
	free(s->slots);
	free(s);
}

/* A hash whose low bits are free for a state, and that is not 0. */
static uint64_t
make_room(uint64_t hash)
{
	hash &= ~STATE_BITS;
	return hash != 0 ? hash : STATE_BITS + 1;
}

void
seen_hasher_init(struct siphash_state *h, const struct seen *s,
    const char *name)
{
	siphash_begin(h, &s->key, name);
}

uint64_t
seen_hasher_next(struct siphash_state *h, size_t len)
{
	return make_room(siphash_next(h, len));
}

uint64_t
seen_hash(const struct seen *s, const char *name, size_t len)
{
	return make_room(siphash(&s->key, name, len));
}

/* The slot that has this hash, or is free for it. */
static size_t
find(const uint64_t *slots, size_t size, uint64_t hash)
{
	size_t	 i = (size_t)(hash >> 3) & (size - 1);

	while (slots[i] != 0 && (slots[i] & ~STATE_BITS) != hash)
		i = (i + 1) & (size - 1);
	return i;
}

enum seen_state
seen_get(const struct seen *s, uint64_t hash)
{
	return (enum seen_state)(s->slots[find(s->slots, s->size, hash)] &
	    STATE_BITS);
}

/* Make room for more names.  0, or -1: no memory. */
static int
grow(struct seen *s)
{
	uint64_t	*slots;
	size_t		 i, size = 2 * s->size;

	if (size < s->size ||
	    (slots = calloc(size, sizeof(*slots))) == NULL)
		return -1;
	for (i = 0; i < s->size; i++)
		if (s->slots[i] != 0)
			slots[find(slots, size, s->slots[i] & ~STATE_BITS)] =
			    s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->size = size;
	return 0;
}

void
seen_put(struct seen *s, uint64_t hash, enum seen_state state)
{
	size_t	 i = find(s->slots, s->size, hash);

	if (s->slots[i] == 0) {
		if (state == SEEN_NOT)
			return;
		if (s->n >= s->size / 4 * 3 && (s->full || grow(s) == -1)) {
			s->full = true;
			return;
		}
		s->n++;
		i = find(s->slots, s->size, hash);
	}
	/* A name that is forgotten keeps its slot. */
	s->slots[i] = hash | (uint64_t)state;
}

bool
seen_is_full(const struct seen *s)
{
	return s->full;
}
