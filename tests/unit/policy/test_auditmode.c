/*
 * test_auditmode.c: the audit's modes have the numbers that messages carry and
 * the words that fdbroker.conf(5) gives them, and no others.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/auditmode.h"

static const struct {
	const char	*name;
	unsigned int	 number;
} modes[] = {
	{ "none", 0 }, { "denied", 1 }, { "all", 2 }, { "all lossless", 3 }
};

#define NMODES	(sizeof(modes) / sizeof(modes[0]))

static void
test_names(void **state)
{
	enum audit_mode	 mode;
	size_t		 i;

	(void)state;
	for (i = 0; i < NMODES; i++) {
		assert_string_equal(auditmode_name(modes[i].number),
		    modes[i].name);
		mode = (enum audit_mode)77;
		assert_int_equal(auditmode_from_name(modes[i].name, &mode), 0);
		assert_int_equal(mode, modes[i].number);
	}
	assert_string_equal(auditmode_name(NMODES), "unknown");
	assert_string_equal(auditmode_name(UINT8_MAX), "unknown");
	assert_string_equal(auditmode_name(UINT32_MAX), "unknown");
}

static void
test_other_words(void **state)
{
	static const char	*const words[] = {
		"", "non", "nones", "None", "ALL", "all ", "unknown", "syslog"
	};
	enum audit_mode	 mode = AUDITMODE_DENIED;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(auditmode_from_name(words[i], &mode), -1);
		assert_int_equal(mode, AUDITMODE_DENIED);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_other_words)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
