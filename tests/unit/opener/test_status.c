/*
 * test_status.c: the status of an item: its part for the worker, and the
 * policy's reason for the audit.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "opener/status.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

static struct status	 status;

/* A denial keeps the policy's reason beside the text for the worker. */
static void
test_reasons(void **state)
{
	struct verdict	 v = { .permit = false };
	struct role	*role;
	const char	*why;
	int		 reason;

	(void)state;
	assert_non_null(role = role_new("test", "/etc/test.conf", 1));
	assert_int_equal(role_add_rule(role, POLICY_DENY, POLICY_OP_ALL, "/a",
	    "label", "/etc/test.conf", 2, &why), 0);
	for (reason = POLICY_NO_RULE; reason < POLICY_REASONS; reason++) {
		v.reason = (enum policy_reason)reason;
		v.rule = reason == POLICY_DENIED ||
		    reason == POLICY_WRONG_OWNER ? &role->rules[0] : NULL;
		status_denied(&status, role, v);
		assert_int_equal(status.policy, reason);
		assert_int_equal(status.wire.reason, FDB_REASON_POLICY);
		assert_int_equal(status.wire.error,
		    reason == POLICY_CROSSED ? EXDEV :
		    reason == POLICY_EXISTS ? EEXIST : EACCES);
		assert_int_equal(status.wire.id, 0);
		assert_true(status.wire.where[0] != '\0');
		if (v.rule != NULL)
			assert_string_equal(status.wire.where,
			    "test.conf:2 \"label\"");
	}
	role_free(role);
}

/* Other outcomes have no such reason, and leave nothing from before. */
static void
test_others(void **state)
{
	(void)state;
	status_no_root(&status);
	assert_int_equal(status.policy, POLICY_NO_ROOT);
	assert_int_equal(status.wire.error, EACCES);
	assert_int_equal(status.wire.reason, FDB_REASON_POLICY);
	status.wire.id = 7;
	status_set(&status, EMFILE, FDB_REASON_LIMIT, "directories held");
	assert_int_equal(status.policy, POLICY_PERMITTED);
	assert_int_equal(status.wire.id, 0);
	assert_string_equal(status.wire.where, "directories held");
	status_no_root(&status);
	errno = EISDIR;
	status_errno(&status, true);
	assert_int_equal(status.policy, POLICY_PERMITTED);
	assert_int_equal(status.wire.error, EISDIR);
	assert_int_equal(status.wire.reason, FDB_REASON_TYPE);
	errno = EPERM;
	status_type(&status, "a FIFO", true);
	assert_int_equal(status.policy, POLICY_NOT_SPECIAL);
	assert_int_equal(status.wire.error, EPERM);
	assert_int_equal(status.wire.reason, FDB_REASON_TYPE);
	assert_string_equal(status.wire.where, "a FIFO");
	status_type(&status, "a socket", false);
	assert_int_equal(status.policy, POLICY_PERMITTED);
	errno = EIO;
	status_errno(&status, false);
	assert_int_equal(status.wire.error, EIO);
	assert_int_equal(status.wire.reason, FDB_REASON_KERNEL);
	status_no_root(&status);
	status_ok(&status);
	assert_int_equal(status.policy, POLICY_PERMITTED);
	assert_int_equal(status.wire.error, 0);
	assert_int_equal(status.wire.reason, FDB_REASON_NONE);
	assert_string_equal(status.wire.where, "");
}

/* A text that is too long for a message is cut. */
static void
test_long_where(void **state)
{
	char	 where[2 * PROTO_TEXT_MAX];

	(void)state;
	memset(where, 'w', sizeof(where) - 1);
	where[sizeof(where) - 1] = '\0';
	status_set(&status, EACCES, FDB_REASON_KERNEL, where);
	assert_int_equal(strlen(status.wire.where), PROTO_TEXT_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_reasons),
		UTIL_TEST(test_others),
		UTIL_TEST(test_long_where)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
