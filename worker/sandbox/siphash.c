/*
 * siphash.c: SipHash-2-4; see sandbox/siphash.h.
 *
 * Runs in the worker.  Touches nothing but memory.  It reads words as the
 * processor has them: no hash leaves this process.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/siphash.h"

void
siphash_choose(struct siphash_key *key)
{
	arc4random_buf(key, sizeof(*key));
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
siphash_begin(struct siphash_state *h, const struct siphash_key *key,
    const char *name)
{
	h->name = name;
	h->done = 0;
	h->v[0] = key->words[0] ^ 0x736f6d6570736575U;
	h->v[1] = key->words[1] ^ 0x646f72616e646f6dU;
	h->v[2] = key->words[0] ^ 0x6c7967656e657261U;
	h->v[3] = key->words[1] ^ 0x7465646279746573U;
}

uint64_t
siphash_next(struct siphash_state *h, size_t len)
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
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t
siphash(const struct siphash_key *key, const char *name, size_t len)
{
	struct siphash_state	 h;

	siphash_begin(&h, key, name);
	return siphash_next(&h, len);
}
