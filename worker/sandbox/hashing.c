/*
 * hashing.c: digests of contents; see sandbox/hashing.h.
 *
 * Runs in the worker, confined, in a thread of its own.  Touches nothing but
 * memory.
 */

#include "config.h"

#include <stdlib.h>

#include "sandbox/digest.h"
#include "sandbox/hashing.h"

struct hashing {
	struct reporter	*rep;
	struct digest	*digest;
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
	if ((h->digest = digest_new()) == NULL) {
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
	digest_free(h->digest);
	free(h);
}

int
hashing_stage(void *arg, struct slab *s)
{
	struct hashing	*h = arg;
	struct member	*m;

	for (m = s->members; m < s->members + s->n; m++) {
		if (m->header && !m->e.has_digest)
			continue;
		if ((m->header && digest_begin(h->digest) == -1) ||
		    digest_add(h->digest, m->data, m->len) == -1 ||
		    (m->last && digest_end(h->digest, m->digest) == -1)) {
			(void)reporter_report(h->rep, REPORT_FATAL, "",
			    "libcrypto cannot compute SHA-256");
			return -1;
		}
	}
	return 0;
}
