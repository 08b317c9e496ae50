/*
 * test_enter.c: what confine_enter() does with any table of layers: which it
 * puts in place, in which order, and which failures it lets pass.  The table
 * and the system here are made up, so the process stays as it is.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "confine/confine.h"
#include "confine/layers.h"
#include "confine/system.h"
#include "tests/unit/util.h"

#define MUST	0x100U
#define MAY	0x200U
#define OTHER	0x400U
#define ABROAD	0x800U

const struct layer	 layers_table[] = {
	{ MUST, "must", "must", LAYERS_WHO(CONFINE_LISTENER), 0 },
	{ MAY, "may", "may", LAYERS_WHO(CONFINE_OPENER),
	    LAYERS_WHO(CONFINE_LISTENER) },
	{ OTHER, "other", "other", LAYERS_WHO(CONFINE_WORKER), 0 },
	{ ABROAD, "abroad", "abroad", LAYERS_WHO(CONFINE_LISTENER), 0 },
	{ 0, NULL, NULL, 0, 0 }
};

static unsigned int	 fails;		/* layers that cannot be put in place */
static unsigned int	 lies;		/* layers that do not hold */
static char		 calls[64];

static int
enter(const char *name, unsigned int bit)
{
	(void)strlcat(calls, name, sizeof(calls));
	if (!(fails & bit))
		return 0;
	errno = EINVAL;
	return -1;
}

static int
must_enter(const struct confine *c)
{
	(void)c;
	return enter("must ", MUST);
}

static int
must_verify(const struct confine *c)
{
	(void)c;
	return lies & MUST ? -1 : 0;
}

static int
may_enter(const struct confine *c)
{
	(void)c;
	return enter("may ", MAY);
}

static int
may_verify(const struct confine *c)
{
	(void)c;
	return lies & MAY ? -1 : 0;
}

static int
other_enter(const struct confine *c)
{
	(void)c;
	return enter("other ", OTHER);
}

/* Not in the order of the table; nothing for ABROAD. */
static const struct system_layer	 made_up[] = {
	{ OTHER, NULL, other_enter, NULL, 0 },
	{ MAY, NULL, may_enter, may_verify, 0 },
	{ MUST, NULL, must_enter, must_verify, 0 }
};

const struct confine_system	 confine_system = {
	.layers = made_up,
	.nlayers = sizeof(made_up) / sizeof(made_up[0])
};

static const struct {
	const char	*name;
	enum confine_who who;
	unsigned int	 fails, lies, omit;
	bool		 optional;
	int		 ret, error;
	unsigned int	 done;
	const char	*calls, *layer;
} rows[] = {
	{ "all", CONFINE_LISTENER, 0, 0, 0, false,
	    0, 0, MUST | MAY, "must may ", "" },
	{ "one omitted", CONFINE_LISTENER, 0, 0, MUST, false,
	    0, 0, MAY, "may ", "" },
	{ "another kind", CONFINE_WORKER, 0, 0, 0, false,
	    0, 0, OTHER, "other ", "" },
	{ "a kind without layers", CONFINE_SUPERVISOR, 0, 0, 0, false,
	    0, 0, 0, "", "" },
	/* A layer of `has' is missing. */
	{ "has", CONFINE_LISTENER, MUST, 0, 0, false,
	    -1, EINVAL, 0, "must ", "must" },
	{ "has, optional", CONFINE_LISTENER, MUST, 0, 0, true,
	    0, 0, MAY, "must may ", "" },
	/* The same layer is one of `may_have' for another kind. */
	{ "may have", CONFINE_LISTENER, MAY, 0, 0, false,
	    0, 0, MUST, "must may ", "" },
	{ "may have, optional", CONFINE_LISTENER, MAY, 0, 0, true,
	    0, 0, MUST, "must may ", "" },
	{ "has what others may have", CONFINE_OPENER, MAY, 0, 0, false,
	    -1, EINVAL, 0, "may ", "may" },
	/* What is in place and does not hold is never let pass. */
	{ "has a lie", CONFINE_LISTENER, 0, MUST, 0, true,
	    -1, EPERM, 0, "must ", "must" },
	{ "may have a lie", CONFINE_LISTENER, 0, MAY, 0, true,
	    -1, EPERM, MUST, "must may ", "may" }
};

static void
test_rows(void **state)
{
	struct confine	 c;
	unsigned int	 done;
	const char	*layer;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&c, 0, sizeof(c));
		c.who = rows[i].who;
		c.omit = rows[i].omit;
		c.optional = rows[i].optional;
		fails = rows[i].fails;
		lies = rows[i].lies;
		calls[0] = '\0';
		layer = "";
		done = UINT32_MAX;
		errno = 0;
		if (confine_enter(&c, &done, &layer) != rows[i].ret)
			fail_msg("%s: wrong result", rows[i].name);
		if (rows[i].ret == -1 && errno != rows[i].error)
			fail_msg("%s: errno %d", rows[i].name, errno);
		if (done != rows[i].done)
			fail_msg("%s: done %#x", rows[i].name, done);
		if (strcmp(calls, rows[i].calls) != 0)
			fail_msg("%s: called: %s", rows[i].name, calls);
		if (strcmp(layer, rows[i].layer) != 0)
			fail_msg("%s: layer %s", rows[i].name, layer);
	}
}

/* Only what a kind must have counts as missing. */
static void
test_missing(void **state)
{
	char	 buf[64];

	(void)state;
	assert_int_equal(confine_full(CONFINE_LISTENER), MUST);
	assert_int_equal(confine_extra(CONFINE_LISTENER), MAY);
	assert_int_equal(confine_extra(CONFINE_OPENER), 0);
	confine_warn(CONFINE_LISTENER, MAY);
	assert_string_equal(util_logged(),
	    "the listener lacks a layer of confinement: must");
	/* The last line is still that one: nothing was added. */
	confine_warn(CONFINE_LISTENER, MUST);
	assert_string_equal(util_logged(),
	    "the listener lacks a layer of confinement: must");
	confine_warn(CONFINE_SUPERVISOR, 0);
	assert_string_equal(util_logged(),
	    "the supervisor is not confined at all");
	confine_describe(MUST | MAY | ABROAD, buf, sizeof(buf));
	assert_string_equal(buf, "must, may");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_rows),
		UTIL_TEST(test_missing)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
