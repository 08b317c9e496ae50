/*
 * idset.c: a set of numbers of users or groups; see base/idset.h.
 *
 * Runs in every process that knows such numbers.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/idset.h"

static int
id_compare(const void *a, const void *b)
{
	uint32_t	 x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Does the number begin a range, after the one before it? */
static bool
begins_range(const uint32_t *ids, size_t i)
{
	return i == 0 || ids[i] - ids[i - 1] > 1;
}

int
idset_make(struct idset *set, uint32_t *ids, size_t n)
{
	size_t	 i, ranges = 0;

	memset(set, 0, sizeof(*set));
	if (n == 0)
		return 0;
	qsort(ids, n, sizeof(*ids), id_compare);
	for (i = 0; i < n; i++)
		ranges += begins_range(ids, i);
	if (ranges > IDSET_MAX) {
		errno = E2BIG;
		return -1;
	}
	if ((set->ends = calloc(ranges, 2 * sizeof(*set->ends))) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (begins_range(ids, i))
			set->ends[2 * set->n++] = ids[i];
		set->ends[2 * set->n - 1] = ids[i];
	}
	return 0;
}

/* Is the range in order, and after a gap behind the one before? */
static bool
range_is_good(const uint32_t *ends, size_t i)
{
	const uint32_t	*r = &ends[2 * i];

	return r[0] <= r[1] && (i == 0 || (r[0] > r[-1] && r[0] - r[-1] > 1));
}

int
idset_take(struct idset *set, const uint32_t *ends, size_t n)
{
	size_t	 i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < n && n <= IDSET_MAX && range_is_good(ends, i); i++)
		;
	if (i < n) {
		errno = EPROTO;
		return -1;
	}
	if (n == 0)
		return 0;
	if ((set->ends = calloc(n, 2 * sizeof(*ends))) == NULL)
		return -1;
	memcpy(set->ends, ends, 2 * n * sizeof(*ends));
	set->n = n;
	return 0;
}

void
idset_free(struct idset *set)
{
	free(set->ends);
	memset(set, 0, sizeof(*set));
}

bool
idset_has(const struct idset *set, uint32_t id)
{
	size_t	 low = 0, high = set->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (id < set->ends[2 * middle])
			high = middle;
		else if (id > set->ends[2 * middle + 1])
			low = middle + 1;
		else
			return true;
	}
	return false;
}

size_t
idset_count(const struct idset *set)
{
	size_t	 i, count = 0;

	for (i = 0; i < set->n; i++)
		count += (size_t)set->ends[2 * i + 1] - set->ends[2 * i] + 1;
	return count;
}

bool
idset_equal(const struct idset *a, const struct idset *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->ends, b->ends,
	    2 * a->n * sizeof(*a->ends)) == 0);
}

void
idset_put(struct wire_out *w, const struct idset *set)
{
	size_t	 i;

	wire_put_u32(w, (uint32_t)set->n);
	for (i = 0; i < 2 * set->n; i++)
		wire_put_u32(w, set->ends[i]);
}

size_t
idset_size(const struct idset *set)
{
	return sizeof(uint32_t) + 2 * set->n * sizeof(uint32_t);
}

int
idset_get(struct wire_in *w, struct idset *set)
{
	uint32_t	*ends, n = wire_get_u32(w);
	size_t		 i;
	int		 ret;

	memset(set, 0, sizeof(*set));
	if (w->failed || n > IDSET_MAX)
		goto fail;
	if ((ends = calloc(n + 1, 2 * sizeof(*ends))) == NULL)
		return -1;
	for (i = 0; i < 2 * (size_t)n; i++)
		ends[i] = wire_get_u32(w);
	ret = w->failed ? 0 : idset_take(set, ends, n);
	free(ends);
	if (ret == 0 && !w->failed)
		return 0;
	if (ret == -1 && errno == ENOMEM)
		return -1;
fail:
	wire_get_fail(w);
	errno = EPROTO;
	return -1;
}
