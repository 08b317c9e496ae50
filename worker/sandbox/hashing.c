/*
 * hashing.c: digests of contents; see sandbox/hashing.h.
 *
 * Runs in the worker, confined, in a thread of its own.  Touches nothing but
 * memory.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/hashing.h"
#include "sandbox/sparsedigest.h"

struct hashing {
	struct reporter	*rep;
	struct sparsedigest *digest;
	uint64_t	 offset;	/* in the member */
};

struct hashing *
hashing_new(struct reporter *rep)
{
	struct hashing	*h;

	if ((h = calloc(1, sizeof(*h))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	h->rep = rep;
	if ((h->digest = sparsedigest_new()) == NULL) {
		(void)reporter_report(rep, REPORT_FATAL, "",
		    "libcrypto has no SHA-256");
		free(h);
		return NULL;
	}
	return h;
}

void
hashing_free(struct hashing *h)
{
	if (h == NULL)
		return;
	sparsedigest_free(h->digest);
	free(h);
}

/* A member, or a piece of one. */
static int
hashing_member(struct hashing *h, struct member *m)
{
	bool	 sparse;

	if (m->header) {
		h->offset = 0;
		if (sparsedigest_begin(h->digest) == -1)
			return -1;
	}
	h->offset += m->hole;
	if (sparsedigest_add(h->digest, h->offset, m->data, m->len) == -1)
		return -1;
	h->offset += m->len;
	/* What lies behind the last data is a hole, too, and has a piece. */
	return m->last ? sparsedigest_end(h->digest, h->offset, &sparse,
	    m->digest) : 0;
}

int
hashing_stage(void *arg, struct slab *s)
{
	struct hashing	*h = arg;
	struct member	*m;

	for (m = s->members; m < s->members + s->n; m++) {
		if (m->line != NULL || (m->header && !m->e.has_digest))
			continue;
		if (hashing_member(h, m) == -1) {
			(void)reporter_report(h->rep, REPORT_FATAL, "",
			    "libcrypto cannot compute SHA-256");
			return -1;
		}
	}
	return 0;
}
