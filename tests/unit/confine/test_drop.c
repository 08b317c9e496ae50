/*
 * test_drop.c: every process tries to regain what it drops: a kernel that says
 * "done" and does nothing is found out, for each thing that is dropped.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/capability.h>

#include "base/fdbroker_types.h"
#include "base/rights.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/drop.h"
#include "confine/privdrop.h"
#include "tests/unit/util.h"

#define ANY	(-1)

/* A call with this first argument, and the step that notices the lie. */
struct lie {
	const char	*name;
	int		 call, arg;
	const char	*step;
};

/*
 * From here on the call does nothing and reports success.  The filter is loaded
 * without no_new_privs, since that is one of the lies.
 */
static int
lie_about(const struct lie *l)
{
	scmp_filter_ctx	 ctx;
	int		 error;

	if ((ctx = seccomp_init(SCMP_ACT_ALLOW)) == NULL)
		return -1;
	error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	if (error == 0 && l->arg == ANY)
		error = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), l->call, 0);
	else if (error == 0)
		error = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), l->call, 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)l->arg, 0));
	if (error == 0)
		error = seccomp_load(ctx);
	seccomp_release(ctx);
	return error == 0 ? 0 : -1;
}

static void
found_out(const struct lie *l, int (*f)(void *))
{
	int	 status;

	status = util_run(f, (void *)(uintptr_t)l);
	if (status != 0)
		fail_msg("%s: status %#x", l->name, status);
}

/* In a child: 0 if the right step finds the lie out. */
static int
result(const struct lie *l, int ret, const char *step)
{
	if (ret != -1)
		return 10;
	if (strcmp(step, l->step) == 0)
		return 0;
	(void)fprintf(stderr, "# %s: %s\n", l->name, step);
	return 11;
}

static int
worker_is_lied_to(void *arg)
{
	const struct lie	*l = arg;
	struct confine		 c = { .who = CONFINE_WORKER };
	const char		*step = "";
	unsigned int		 done;
	int			 ret;

	/* A change of uid would make it not dumpable. */
	if (l->arg != PR_SET_DUMPABLE)
		c.uid = c.gid = UTIL_NOBODY;
	/* A lie is not a missing layer. */
	c.optional = true;
	if (lie_about(l) == -1)
		return 1;
	ret = confine_enter(&c, &done, &step);
	return result(l, ret, step);
}

static void
test_worker(void **state)
{
	static const struct lie	 lies[] = {
		{ "groups", SCMP_SYS(setgroups), ANY, "capabilities and ids" },
		{ "uid", SCMP_SYS(setresuid), ANY, "capabilities and ids" },
		{ "gid", SCMP_SYS(setresgid), ANY, "capabilities and ids" },
		{ "caps", SCMP_SYS(capset), ANY, "capabilities and ids" },
		{ "securebits", SCMP_SYS(prctl), PR_SET_SECUREBITS,
		    "capabilities and ids" },
		{ "bounding set", SCMP_SYS(prctl), PR_CAPBSET_DROP,
		    "capabilities and ids" },
		{ "no_new_privs", SCMP_SYS(prctl), PR_SET_NO_NEW_PRIVS,
		    "no_new_privs" },
		{ "dumpable", SCMP_SYS(prctl), PR_SET_DUMPABLE,
		    "not dumpable" },
		{ "landlock", SCMP_SYS(landlock_restrict_self), ANY,
		    "landlock" }
	};
	size_t			 i;

	(void)state;
	util_need_root();
	util_need(FEATURE_SECCOMP);
	util_need(FEATURE_LANDLOCK);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		found_out(&lies[i], worker_is_lied_to);
}

/* An opener is confined even if its root is "/". */
static int
opener_is_confined(void *arg)
{
	const struct lie	*l = arg;
	struct confine_root	 root = { .path = "/",
	    .may = RIGHTS_READ };
	struct confine		 c = { .who = CONFINE_OPENER, .nroots = 1 };
	const char		*step = "";
	unsigned int		 done;
	int			 ret;

	c.roots = &root;
	root.fd = open("/", O_PATH | O_CLOEXEC);
	if (l->call != -1 && lie_about(l) == -1)
		return 1;
	ret = confine_enter(&c, &done, &step);
	if (l->call == -1)
		_exit(ret == 0 ? 0 : 12);
	return result(l, ret, step);
}

static void
test_opener_of_all(void **state)
{
	static const struct lie	 none = { "nothing", -1, ANY, "" };
	static const struct lie	 lie = { "landlock",
	    SCMP_SYS(landlock_restrict_self), ANY, "landlock" };

	(void)state;
	util_need_root();
	util_need(FEATURE_SECCOMP);
	/* Who may open all is found out by the network. */
	util_need(FEATURE_LANDLOCK4);
	util_need(FEATURE_INET);
	found_out(&none, opener_is_confined);
	found_out(&lie, opener_is_confined);
}

static int
daemon_is_lied_to(void *arg)
{
	static const uint32_t	 gids[] = { 1001 };
	const struct lie	*l = arg;
	struct privdrop		 pd = { .uid = UTIL_NOBODY,
	    .gid = UTIL_NOBODY, .gids = gids, .ngids = 1, .chroot_fd = -1 };
	const char		*step = "";
	int			 ret;

	pd.caps = RIGHTS_CAP_DAC_READ_SEARCH;
	if (lie_about(l) == -1)
		return 1;
	ret = privdrop(&pd, &step);
	return result(l, ret, step);
}

static int
supervisor_is_lied_to(void *arg)
{
	const struct lie	*l = arg;
	const char		*step = "";
	unsigned int		 done;
	int			 ret;

	if (lie_about(l) == -1)
		return 1;
	ret = privdrop_supervisor(&done, &step);
	return result(l, ret, step);
}

static void
test_daemon(void **state)
{
	static const struct lie	 lies[] = {
		{ "groups", SCMP_SYS(setgroups), ANY,
		    "verification of the drop" },
		{ "uid", SCMP_SYS(setresuid), ANY,
		    "verification of the drop" },
		{ "gid", SCMP_SYS(setresgid), ANY,
		    "verification of the drop" },
		{ "caps", SCMP_SYS(capset), ANY, "capabilities" },
		{ "securebits", SCMP_SYS(prctl), PR_SET_SECUREBITS,
		    "securebits" },
		{ "bounding set", SCMP_SYS(prctl), PR_CAPBSET_DROP,
		    "capabilities" }
	}, of_supervisor[] = {
		{ "caps", SCMP_SYS(capset), ANY, "capabilities" },
		{ "bounding set", SCMP_SYS(prctl), PR_CAPBSET_DROP,
		    "capabilities" },
		{ "no_new_privs", SCMP_SYS(prctl), PR_SET_NO_NEW_PRIVS,
		    "no_new_privs" },
#ifndef FDB_SANITIZED
		{ "dumpable", SCMP_SYS(prctl), PR_SET_DUMPABLE,
		    "not dumpable" }
#endif
	};
	size_t			 i;

	(void)state;
	util_need_root();
	util_need(FEATURE_SECCOMP);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		found_out(&lies[i], daemon_is_lied_to);
	for (i = 0; i < sizeof(of_supervisor) / sizeof(of_supervisor[0]); i++)
		found_out(&of_supervisor[i], supervisor_is_lied_to);
}

/* No file can grow, and a process that tries is not killed. */
static int
limits_hold(void *arg)
{
	struct rlimit	 rl;
	int		 fd;

	(void)arg;
	fd = open(util_path("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (write(fd, "text", 4) != 4 || rlimit_close() == -1 ||
	    write(fd, "more", 4) != 4 || rlimit_no_growth() == -1)
		return 1;
	if (write(fd, "more", 4) != -1 || errno != EFBIG)
		return 2;
	if (ftruncate(fd, 9) != -1 || errno != EFBIG ||
	    ftruncate(fd, 0) == -1)
		return 3;
	if (getrlimit(RLIMIT_NPROC, &rl) == -1 || rl.rlim_max != 0 ||
	    getrlimit(RLIMIT_CORE, &rl) == -1 || rl.rlim_max != 0)
		return 4;
	return 0;
}

static void
test_limits(void **state)
{
	(void)state;
	assert_int_equal(util_run(limits_hold, NULL), 0);
}

static int
keep_two(void *arg)
{
	const uint64_t	 two = DROP_BIT(CAP_KILL) | DROP_BIT(CAP_CHOWN);

	(void)arg;
	if (drop_caps(two, two) == -1 || drop_effective() != two)
		return 1;
	/* Nothing can be regained; more can be dropped. */
	if (drop_caps(two | DROP_BIT(CAP_SYS_ADMIN), two) != -1)
		return 2;
	if (drop_caps(DROP_BIT(CAP_KILL), DROP_BOUND_AS_IS) == -1 ||
	    drop_effective() != DROP_BIT(CAP_KILL))
		return 3;
	/* The bounding set cannot be changed any more. */
	return drop_caps(0, 0) == -1 && errno == EPERM ? 0 : 4;
}

static void
test_caps(void **state)
{
	(void)state;
	util_need_root();
	assert_int_equal(util_run(keep_two, NULL), 0);
}

/* A broker may name any worker user: also the id that means "no change". */
static void
test_no_id(void **state)
{
	const struct {
		uint32_t	 uid, gid;
	} ids[] = { { UINT32_MAX, 1 }, { 1, UINT32_MAX },
	    { UINT32_MAX, UINT32_MAX } };
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		errno = 0;
		assert_int_equal(drop_ids(ids[i].uid, ids[i].gid, NULL, 0),
		    -1);
		assert_int_equal(errno, EINVAL);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_worker),
		UTIL_TEST(test_opener_of_all),
		UTIL_TEST(test_daemon),
		UTIL_TEST(test_limits),
		UTIL_TEST(test_caps),
		UTIL_TEST(test_no_id)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
