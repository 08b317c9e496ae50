/*
 * test_hashing.c: a digest is of its own member, in whatever order threads do
 * the slabs that the pipeline lets them do at once.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/hashing.h"
#include "sandbox/member.h"
#include "sandbox/sparsedigest.h"
#include "tests/unit/util.h"

static struct reporter	 rep;
static struct hashing	*hashing;

/* Append a piece of a member.  The text is its data. */
static struct member *
piece(struct slab *s, const char *text, bool header, bool last, uint64_t hole)
{
	struct member	*m = &s->members[s->n++];

	memset(m, 0, sizeof(*m));
	m->header = header;
	m->last = last;
	m->e.has_digest = header;
	m->hole = hole;
	m->data = (const uint8_t *)text;
	m->len = strlen(text);
	return m;
}

/* Is this the digest of two pieces, the second after a hole? */
static void
assert_digest(const struct member *m, const char *one, const char *other,
    uint64_t hole)
{
	struct sparsedigest	*d = sparsedigest_new();
	uint8_t			 want[ENTRY_DIGEST_LEN];
	uint64_t		 at = strlen(one) + hole;
	bool			 sparse;

	assert_non_null(d);
	assert_int_equal(sparsedigest_begin(d), 0);
	assert_int_equal(sparsedigest_add(d, 0, one, strlen(one)), 0);
	assert_int_equal(sparsedigest_add(d, at, other, strlen(other)), 0);
	assert_int_equal(sparsedigest_end(d, at + strlen(other), &sparse,
	    want), 0);
	sparsedigest_free(d);
	assert_memory_equal(m->digest, want, sizeof(want));
}

/*
 * While one thread has the slabs of a large file, another one has a slab with
 * small files, one of which has a hole, so that it is in several pieces.
 */
static void
test_pieces(void **state)
{
	static struct member	 members[3][4];
	struct slab		 a = { .members = members[0] };
	struct slab		 b = { .members = members[1] };
	struct slab		 c = { .members = members[2] };
	struct member		*large, *small[2];

	(void)state;
	assert_non_null(hashing = hashing_new(&rep));
	(void)piece(&a, "large, ", true, false, 0);
	large = piece(&b, "in two slabs", false, true, 0);
	small[0] = piece(&c, "whole", true, true, 0);
	(void)piece(&c, "before", true, false, 0);
	small[1] = piece(&c, "behind a hole", false, true, 100000);
	(void)piece(&c, "whole", true, true, 0);
	assert_true(slab_is_chained(&a));
	assert_true(slab_is_chained(&b));
	assert_false(slab_is_chained(&c));
	assert_int_equal(hashing_stage(hashing, &a, 1), 0);
	assert_int_equal(hashing_stage(hashing, &c, 2), 0);
	assert_int_equal(hashing_stage(hashing, &b, 1), 0);
	assert_digest(large, "large, ", "in two slabs", 0);
	assert_digest(small[0], "whole", "", 0);
	assert_digest(small[1], "before", "behind a hole", 100000);
	hashing_free(hashing);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_pieces)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
