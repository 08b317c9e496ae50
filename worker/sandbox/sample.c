/*
 * sample.c: choose members by their names; see sandbox/sample.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <stdint.h>

#include "sandbox/sample.h"

/* FNV-1a, and a mixer that spreads each bit over all of them. */
#define FNV_PRIME	0x100000001b3U
#define MIX_1		0xff51afd7ed558ccdU
#define MIX_2		0xc4ceb9fe1a85ec53U

static uint64_t
mix(uint64_t v)
{
	v = (v ^ v >> 33) * MIX_1;
	v = (v ^ v >> 33) * MIX_2;
	return v ^ v >> 33;
}

bool
sample_takes(const struct options *o, const char *name, const char *hardlink,
    bool dir)
{
	const char	*p = hardlink[0] != '\0' ? hardlink : name;
	uint64_t	 h = mix(o->seed + 1);

	if (!sample_wanted(o) || dir)
		return true;
	/* In other archives, a name and a link to it may differ in this. */
	while (*p == '/' || (p[0] == '.' && p[1] == '/'))
		p++;
	for (; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * FNV_PRIME;
	return mix(h) % OPTIONS_SAMPLE_ALL < o->sample;
}
