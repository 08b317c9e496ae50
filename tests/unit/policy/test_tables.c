/*
 * test_tables.c: the tables of the policy: each bit has one row, and each row
 * has the columns that the rest of the program relies on.
 *
 * Whoever adds an operation or an option adds it to the lists of this test,
 * too, and so decides about each column twice.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rights.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "policy/where.h"
#include "tests/unit/rules.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* Each name has bits of its own, and all bits have a name. */
static void
check_names(const char *(*name_of)(size_t), uint32_t (*bit_of)(const char *),
    uint32_t all)
{
	const char	*name, *before = "";
	uint32_t	 seen = 0;
	size_t		 i;

	for (i = 0; (name = name_of(i)) != NULL; i++) {
		assert_true(strcmp(before, name) < 0);
		before = name;
		assert_int_equal(seen & bit_of(name), 0);
		seen |= bit_of(name);
	}
	assert_int_equal(seen, all);
	assert_null(name_of(i + 1));
	assert_int_equal(bit_of(""), 0);
	assert_int_equal(bit_of("unknown"), 0);
}

static void
test_names(void **state)
{
	(void)state;
	check_names(policy_op_name, policy_op, POLICY_OP_ALL);
	check_names(policy_option_name, policy_option, POLICY_OPTION_ALL);
	assert_int_equal(policy_op("read"), POLICY_OP_READ);
	assert_int_equal(policy_op("list"), POLICY_OP_LIST);
	assert_int_equal(policy_op("write"), POLICY_OP_WRITE);
	assert_int_equal(policy_op("remove"), POLICY_OP_REMOVE);
	assert_int_equal(policy_op("rename"), 0);
	assert_int_equal(policy_option("one-filesystem"),
	    POLICY_ONE_FILESYSTEM);
	assert_int_equal(policy_option("two"), 0);
}

/* What a permit of each operation includes, and what the kernel is told. */
static void
test_operations(void **state)
{
	static const struct {
		uint32_t	 op, permits, roots, caps;
		unsigned int	 rights;
	} expected[] = {
		{ POLICY_OP_READ, POLICY_OP_LIST, POLICY_OPS_READING,
		  RIGHTS_CAP_DAC_READ_SEARCH, RIGHTS_READ },
		{ POLICY_OP_LIST, 0, POLICY_OPS_READING,
		  RIGHTS_CAP_DAC_READ_SEARCH, RIGHTS_READ },
		{ POLICY_OP_WRITE, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE, RIGHTS_WRITE },
		{ POLICY_OP_APPEND, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE, RIGHTS_WRITE },
		{ POLICY_OP_CREATE, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN, RIGHTS_CREATE },
		{ POLICY_OP_SPECIAL, 0, 0, 0, RIGHTS_IOCTL },
		{ POLICY_OP_MKDIR, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN, RIGHTS_MKDIR },
		{ POLICY_OP_SYMLINK, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN, RIGHTS_SYMLINK },
		{ POLICY_OP_LINK, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE, RIGHTS_LINK },
		{ POLICY_OP_SETMETA, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_FOWNER,
		  RIGHTS_LIST | RIGHTS_FIFO },
		{ POLICY_OP_REPLACE, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE, RIGHTS_REPLACE },
		{ POLICY_OP_REMOVE, 0, POLICY_OPS_WRITING,
		  RIGHTS_CAP_DAC_OVERRIDE, RIGHTS_REMOVE }
	};
	const struct policy_op_row	*row;
	uint32_t			 reading = 0, writing = 0, op;
	size_t				 i;

	(void)state;
	assert_int_equal(NELEM(expected), POLICY_OPS);
	for (i = 0; i < NELEM(expected); i++) {
		op = expected[i].op;
		assert_non_null(row = policy_op_row(op));
		assert_int_equal(row->bit, op);
		assert_int_equal(policy_op(row->name), op);
		assert_int_equal(policy_ops_permitted(op),
		    op | expected[i].permits);
		assert_int_equal(row->roots, expected[i].roots);
		assert_int_equal(policy_ops_caps(op), expected[i].caps);
		assert_int_equal(policy_rights(op), expected[i].rights);
		if (row->roots == POLICY_OPS_READING)
			reading |= op;
		else if (row->roots == POLICY_OPS_WRITING)
			writing |= op;
	}
	assert_int_equal(reading, POLICY_OPS_READING);
	assert_int_equal(writing, POLICY_OPS_WRITING);
	assert_null(policy_op_row(0));
	assert_null(policy_op_row(POLICY_OP_ENTER));
	assert_null(policy_op_row(POLICY_OP_READ | POLICY_OP_LIST));
	assert_int_equal(policy_rights(0), 0);
	assert_int_equal(policy_rights(POLICY_OP_WRITE | POLICY_OP_CREATE),
	    RIGHTS_WRITE | RIGHTS_CREATE);
	assert_int_equal(policy_ops_caps(POLICY_OP_READ | POLICY_OP_CREATE),
	    RIGHTS_CAP_DAC_READ_SEARCH | RIGHTS_CAP_DAC_OVERRIDE |
	    RIGHTS_CAP_CHOWN);
	/* Devices and capabilities of files: of a role with both only. */
	assert_int_equal(policy_rights(POLICY_OP_SETMETA | POLICY_OP_SPECIAL),
	    RIGHTS_LIST | RIGHTS_FIFO | RIGHTS_IOCTL | RIGHTS_MKNOD);
	assert_int_equal(policy_ops_caps(POLICY_OP_CREATE | POLICY_OP_SPECIAL),
	    RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_CHOWN);
	assert_int_equal(policy_ops_caps(POLICY_OP_SETMETA |
	    POLICY_OP_SPECIAL), RIGHTS_CAP_DAC_OVERRIDE | RIGHTS_CAP_FOWNER |
	    RIGHTS_CAP_FSETID | RIGHTS_CAP_MKNOD | RIGHTS_CAP_SETFCAP);
}

/*
 * Which types each operation is for: '+' is yes, 's' is yes if SPECIAL is
 * permitted, '-' is no.
 */
static void
test_types(void **state)
{
	static const uint32_t	 types[] = { S_IFREG, S_IFDIR, S_IFLNK,
				    S_IFSOCK, S_IFIFO, S_IFCHR, S_IFBLK };
	static const struct {
		uint32_t	 op;
		const char	*answers;
	} expected[] = {
		{ POLICY_OP_READ,	"+---sss" },
		{ POLICY_OP_LIST,	"+++++++" },
		{ POLICY_OP_WRITE,	"+---sss" },
		{ POLICY_OP_APPEND,	"+---sss" },
		{ POLICY_OP_CREATE,	"+------" },
		{ POLICY_OP_SPECIAL,	"----sss" },
		{ POLICY_OP_MKDIR,	"-+-----" },
		{ POLICY_OP_SYMLINK,	"--++---" },
		{ POLICY_OP_LINK,	"+-+++++" },
		{ POLICY_OP_SETMETA,	"+++++++" },
		{ POLICY_OP_REPLACE,	"+-+++++" },
		{ POLICY_OP_REMOVE,	"+++++++" },
		{ POLICY_OP_ENTER,	"-+-----" }
	};
	struct policy_facts	 facts = { .nlink = 1 };
	struct role		*without = rules_new(), *with = rules_new();
	struct verdict		 v;
	size_t			 i, k;
	char			 answer;

	(void)state;
	assert_int_equal(NELEM(expected), POLICY_OPS + 1);
	rules_add(without, POLICY_PERMIT, POLICY_OP_ALL &
	    ~(uint32_t)POLICY_OP_SPECIAL, "/f");
	rules_add(with, POLICY_PERMIT, POLICY_OP_ALL, "/f");
	for (i = 0; i < NELEM(expected); i++) {
		for (k = 0; k < NELEM(types); k++) {
			answer = expected[i].answers[k];
			facts.mode = types[k] | 0600;
			v = policy_check(without, expected[i].op, "/f",
			    &facts, 0);
			assert_int_equal(v.permit, answer == '+');
			v = policy_check(with, expected[i].op, "/f", &facts,
			    0);
			assert_int_equal(v.permit, answer != '-');
		}
	}
	role_free(without);
	role_free(with);
}

/* Each reason has a name of its own; an option is the name of its reason. */
static void
test_reasons(void **state)
{
	char		 expected[POLICY_WHERE_MAX], buf[POLICY_WHERE_MAX];
	struct role	*role = rules_role(RULES("+/f"));
	struct verdict	 v = { false, POLICY_PERMITTED, NULL };
	const char	*option;
	uint32_t	 seen = 0;
	int		 i, k;

	(void)state;
	for (i = 0; i < POLICY_REASONS; i++) {
		v.reason = (enum policy_reason)i;
		assert_non_null(policy_reason_name(v.reason));
		for (k = 0; k < i; k++)
			assert_string_not_equal(policy_reason_name(v.reason),
			    policy_reason_name((enum policy_reason)k));
		if ((option = policy_reason_option(v.reason)) == NULL)
			continue;
		assert_null(policy_reason_text(v.reason));
		assert_string_equal(policy_reason_name(v.reason), option);
		assert_int_equal(seen & policy_option(option), 0);
		seen |= policy_option(option);
		/* The rule that permits the path makes no difference. */
		v.rule = &role->rules[0];
		policy_where(role, v, buf, sizeof(buf));
		(void)snprintf(expected, sizeof(expected),
		    "option %s of role \"test\"", option);
		assert_string_equal(buf, expected);
		v.rule = NULL;
		policy_where(role, v, buf, sizeof(buf));
		assert_string_equal(buf, expected);
	}
	/* All options but these two refuse something. */
	assert_int_equal(seen, POLICY_OPTION_ALL &
	    ~(uint32_t)(POLICY_FOLLOW | POLICY_NOATIME));
	role_free(role);
}

/* Each limit has a range, and its defaults are 0 or within it. */
static void
test_limits(void **state)
{
	const struct policy_limit_row	*row;
	char				 text[POLICY_LIMIT_TEXT];
	uint64_t			 n;
	int				 i;

	(void)state;
	for (i = 0; i < POLICY_LIMITS; i++) {
		row = policy_limit_row((enum policy_limit)i);
		/* What is written can be read. */
		policy_limit_text(i, row->max, text);
		assert_int_equal(policy_limit_parse(i, text, &n), 0);
		assert_int_equal(n, row->max);
		assert_true(row->min > 0 && row->min < row->max);
		assert_true(row->of_role == 0 ||
		    (row->of_role >= row->min && row->of_role <= row->max));
		assert_true(row->of_daemon == 0 || (row->daemon &&
		    row->of_daemon >= row->min &&
		    row->of_daemon <= row->max));
		assert_int_equal(strstr(row->name, " per uid") != NULL,
		    row->per_uid);
		assert_memory_equal(row->name, row->word, strlen(row->word));
	}
	assert_string_equal(policy_limit_text(LIMIT_IDLE, 90, text), "90s");
	assert_string_equal(policy_limit_text(LIMIT_IDLE, 7200, text), "2h");
	assert_string_equal(policy_limit_text(LIMIT_OPENS, 60, text), "60");
	assert_int_equal(policy_limit_parse(LIMIT_IDLE, "", &n), -1);
	assert_int_equal(policy_limit_parse(LIMIT_IDLE, "h", &n), -1);
	assert_int_equal(policy_limit_parse(LIMIT_IDLE, "1hh", &n), -1);
	assert_int_equal(policy_limit_parse(LIMIT_BYTES, "1h", &n), -1);
	assert_int_equal(policy_limit_parse(LIMIT_OPENS, "1K", &n), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
