/*
 * seen.c: what is known of names; see sandbox/seen.h.
 *
 * Runs in the worker.  Touches nothing but memory.  The hash is SipHash-2-4.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/seen.h"

#define STATE_BITS	((uint64_t)7)
#define SLOTS_MIN	4096		/* a power of two */

struct seen {
	uint64_t	 key[2];
	uint64_t	*slots;		/* a hash with a state; 0: none */
	size_t		 n, size;
	bool		 full;
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
	arc4random_buf(s->key, sizeof(s->key));
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

static uint64_t
rotate(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static void
mix(uint64_t v[4], int rounds)
{
	for (; rounds > 0; rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

void
seen_hasher_init(struct seen_hasher *h, const struct seen *s, const char *name)
{
	h->name = name;
	h->done = 0;
	h->v[0] = s->key[0] ^ 0x736f6d6570736575U;
	h->v[1] = s->key[1] ^ 0x646f72616e646f6dU;
	h->v[2] = s->key[0] ^ 0x6c7967656e657261U;
	h->v[3] = s->key[1] ^ 0x7465646279746573U;
}

uint64_t
seen_hasher_next(struct seen_hasher *h, size_t len)
{
	uint64_t	 v[4], word, last = (uint64_t)(len & 0xff) << 56;
	size_t		 i, left = len % 8;

	for (; h->done + 8 <= len; h->done += 8) {
		memcpy(&word, h->name + h->done, 8);
		absorb(h->v, word);
	}
	memcpy(v, h->v, sizeof(v));
	for (i = 0; i < left; i++)
		last |= (uint64_t)(uint8_t)h->name[len - left + i] << (8 * i);
	absorb(v, last);
	v[2] ^= 0xff;
	mix(v, 4);
	word = (v[0] ^ v[1] ^ v[2] ^ v[3]) & ~STATE_BITS;
	return word != 0 ? word : STATE_BITS + 1;
}

uint64_t
seen_hash(const struct seen *s, const char *name, size_t len)
{
	struct seen_hasher	 h;

	seen_hasher_init(&h, s, name);
	return seen_hasher_next(&h, len);
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
