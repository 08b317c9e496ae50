/*
 * hashing.c: digests of contents; see sandbox/hashing.h.
 *
 * Runs in the worker, confined, in any of its threads.  Touches nothing but
 * memory.
 *
 * A slab of whole members needs nothing of any other, so each thread has a
 * digest for those, also for members in several pieces.  Slabs that share a
 * member have one digest, which one thread at a time uses: the pipeline sees to
 * that.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/hashing.h"
#include "sandbox/sparsedigest.h"

/* A digest, and where it is in the member. */
struct sum {
	struct sparsedigest *digest;
	uint64_t	 offset;
};

struct hashing {
	struct reporter	*rep;
	struct sum	 chained;	/* for slabs that share a member */
	struct sum	 whole[PIPELINE_STAGES_MAX + 1];	/* a thread */
};

struct hashing *
hashing_new(struct reporter *rep)
{
	struct hashing	*h;
	size_t		 i;

	if ((h = calloc(1, sizeof(*h))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	h->rep = rep;
	for (i = 0; i <= PIPELINE_STAGES_MAX; i++)
		if ((h->whole[i].digest = sparsedigest_new()) == NULL)
			break;
	if (i <= PIPELINE_STAGES_MAX ||
	    (h->chained.digest = sparsedigest_new()) == NULL) {
		(void)reporter_report(rep, REPORT_FATAL, "",
		    "libcrypto has no SHA-256");
		hashing_free(h);
		return NULL;
	}
	return h;
}

void
hashing_free(struct hashing *h)
{
	size_t	 i;

	if (h == NULL)
		return;
	sparsedigest_free(h->chained.digest);
	for (i = 0; i <= PIPELINE_STAGES_MAX; i++)
		sparsedigest_free(h->whole[i].digest);
	free(h);
}

/* A member, or a piece of one. */
static int
hashing_member(struct sum *sum, struct member *m)
{
	bool	 sparse;

	if (m->header) {
		sum->offset = 0;
		if (sparsedigest_begin(sum->digest) == -1)
			return -1;
	}
	sum->offset += m->hole;
	if (sparsedigest_add(sum->digest, sum->offset, m->data, m->len) == -1)
		return -1;
	sum->offset += m->len;
	/* What lies behind the last data is a hole, too, and has a piece. */
	return m->last ? sparsedigest_end(sum->digest, sum->offset, &sparse,
	    m->digest) : 0;
}

int
hashing_stage(void *arg, struct slab *s, size_t thread)
{
	struct hashing	*h = arg;
	struct member	*m;
	struct sum	*sum = slab_is_chained(s) ? &h->chained :
			    &h->whole[thread];

	for (m = s->members; m < s->members + s->n; m++) {
		if (m->line != NULL || (m->header && !m->e.has_digest))
			continue;
		if (hashing_member(sum, m) == -1) {
			(void)reporter_report(h->rep, REPORT_FATAL, "",
			    "libcrypto cannot compute SHA-256");
			return -1;
		}
	}
	return 0;
}
