/*
 * hashing.h: the stage of create that computes the digests of contents.
 */

#ifndef HASHING_H
#define HASHING_H

#include "sandbox/pipeline.h"
#include "sandbox/reporter.h"

struct hashing;

/* NULL: it failed, which was reported. */
struct hashing	*hashing_new(struct reporter *);
void		 hashing_free(struct hashing *);

/* A pipeline_shared; arg is the hashing. */
int		 hashing_stage(void *arg, struct slab *, size_t thread);

#endif /* HASHING_H */
