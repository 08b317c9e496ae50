/*
 * test_warm.c: what an opener does while it waits for its session, and that it
 * keeps nothing of that.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "opener/state.h"
#include "opener/warm.h"
#include "tests/unit/util.h"

static struct setup	 setup;
static struct state	 state;
static int		 channel[2];

static void
test_rehearsal(void **unused)
{
	size_t	 fds = util_count_fds();

	(void)unused;
	assert_int_equal(warm_rehearse(&setup, &state), 0);
	assert_int_equal(setup.sock, -1);
	assert_int_equal(setup.client, -1);
	assert_int_equal(setup.conn, -1);
	assert_int_equal(setup.empty_dir, -1);
	assert_null(setup.role);
	assert_int_equal(state.sock, -1);
	assert_null(state.role);
	assert_int_equal(util_count_fds(), fds);
	/* It can do no harm where descriptors are short. */
	util_limit_fds(3);
	assert_int_equal(warm_rehearse(&setup, &state), -1);
	util_unlimit_fds();
	assert_null(setup.role);
	assert_int_equal(util_count_fds(), fds);
}

/* In a child: is the bounding set empty after it? */
static int
bounding_is_empty(void *arg)
{
	int	 cap;

	(void)arg;
	warm_up(channel[1], &setup, &state);
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != -1; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return 1;
	return 0;
}

/* One that has its setup already does not wait, and begins at once. */
static void
test_waits(void **unused)
{
	(void)unused;
	util_need_root();
	if (prctl(PR_CAPBSET_READ, CAP_SETPCAP, 0, 0, 0) != 1)
		util_skip("needs CAP_SETPCAP");
	assert_return_code(dgram_pair_seq(channel), errno);
	assert_int_equal(util_run(bounding_is_empty, NULL), 0);
	assert_int_equal(write(channel[0], "x", 1), 1);
	assert_int_equal(WEXITSTATUS(util_run(bounding_is_empty, NULL)), 1);
	fd_close_all(channel, 2);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_rehearsal),
		UTIL_TEST(test_waits)
	};

	util_program_needs(FEATURE_MEMFD);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
