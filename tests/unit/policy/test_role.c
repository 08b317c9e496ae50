/*
 * test_role.c: which names and rules a role accepts, and how it is encoded.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/role_wire.h"
#include "policy/tables.h"
#include "tests/unit/rules.h"

static void
test_faults(void **state)
{
	static const char	*const names[] = {
		"", "-a", "_a", "a b", "a/b", "a.b", "a\n", "\303\244",
	};
	struct role		*role;
	char			 label[POLICY_LABEL_MAX + 2];
	const char		*why;
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		errno = 0;
		assert_null(role_new(names[i], "f", 1));
		assert_int_equal(errno, EINVAL);
	}
	memset(label, 'a', sizeof(label));
	label[POLICY_NAME_MAX + 1] = '\0';
	assert_null(role_new(label, "f", 1));
	assert_non_null(role = role_new(label + 1, "f", 1));
	role_free(role);
	assert_non_null(role = role_new("0-a_B", "f", 1));
	errno = 0;
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "a", NULL,
	    "f", 1, &why), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, 0, "/a", NULL, "f",
	    1, &why), -1);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ | 0x80000000,
	    "/a", NULL, "f", 1, &why), -1);
	assert_non_null(strstr(why, "operation"));
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "/a", "", "f",
	    1, &why), -1);
	assert_non_null(strstr(why, "empty"));
	memset(label, 'x', sizeof(label));
	label[sizeof(label) - 1] = '\0';
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "/a", label,
	    "f", 1, &why), -1);
	assert_non_null(strstr(why, "127"));
	assert_int_equal(role->nrules, 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ, "/a",
	    label + 1, "f", 1, &why), 0);
	role_free(role);
}

static void
encode(struct wire_out *w, uint8_t *buf, size_t size, const struct role *role)
{
	wire_out_init(w, buf, size);
	role_encode(w, role);
}

static struct role *
example_role(void)
{
	struct role		*role = rules_new();
	struct rule_spec	 spec;
	const char		*why;
	uint32_t		 ids[] = { 3, 4, 1000 };

	role->options = POLICY_ONE_FILESYSTEM | POLICY_SINGLE_LINK;
	role->limits[LIMIT_OPENS] = 77;
	assert_non_null(role->as_user = strdup("ann"));
	assert_int_equal(role_add_peer(role, PEER_USER, 7, "bob"), 0);
	assert_int_equal(role_add_peer(role, PEER_GROUP, 8, "staff"), 0);
	rules_add(role, POLICY_PERMIT, READ, "/");
	assert_int_equal(role_add_rule(role, POLICY_DENY, ALL, "/home/*/.ssh",
	    "keys", "/etc/other.conf", 9, &why), 0);
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, LIST, "**/x", NULL,
	    "/etc/other.conf", 10, &why), 0);
	rules_add(role, POLICY_DENY, READ, "/a\\*");
	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = CREATE | APPEND;
	spec.directory = true;
	spec.pattern = "/made";
	spec.owner = "bob";
	spec.file = "/etc/test.conf";
	spec.create.mode = 0640;
	spec.create.uid = 5;
	spec.create.gid = POLICY_ID_PEER;
	spec.create.exclusive = true;
	spec.create.choice = POLICY_CHOICE_NAMED;
	assert_int_equal(role_add(role, &spec, &why), 0);
	assert_non_null(role->named = calloc(1, sizeof(*role->named)));
	assert_int_equal(idset_make(&role->named->users, ids, 3), 0);
	assert_int_equal(idset_make(&role->named->groups, ids, 1), 0);
	return role;
}

static void
test_encoding(void **state)
{
	struct role	*role = example_role(), *copy;
	struct wire_out	 w;
	struct wire_in	 in;
	uint8_t		 buf[1024];
	size_t		 i;

	(void)state;
	encode(&w, buf, sizeof(buf), role);
	assert_int_equal(wire_put_end(&w), 0);
	assert_int_equal(w.len, role_encoded_size(role));
	wire_in_init(&in, buf, w.len);
	assert_non_null(copy = role_decode(&in));
	assert_int_equal(wire_get_end(&in), 0);
	assert_string_equal(copy->name, role->name);
	assert_string_equal(copy->file, role->file);
	assert_int_equal(copy->line, role->line);
	assert_int_equal(copy->options, role->options);
	assert_int_equal(copy->nrules, role->nrules);
	assert_int_equal(copy->npeers, 0);
	for (i = 0; i < role->nrules; i++) {
		assert_int_equal(copy->rules[i].action, role->rules[i].action);
		assert_int_equal(copy->rules[i].ops, role->rules[i].ops);
		assert_int_equal(copy->rules[i].line, role->rules[i].line);
		assert_int_equal(copy->rules[i].directory,
		    role->rules[i].directory);
		assert_string_equal(copy->rules[i].file, role->rules[i].file);
		assert_string_equal(copy->rules[i].pattern,
		    role->rules[i].pattern);
		assert_int_equal(copy->rules[i].create.mode,
		    role->rules[i].create.mode);
		assert_int_equal(copy->rules[i].create.choice,
		    role->rules[i].create.choice);
		assert_int_equal(copy->rules[i].create.uid,
		    role->rules[i].create.uid);
		assert_int_equal(copy->rules[i].create.gid,
		    role->rules[i].create.gid);
		assert_int_equal(copy->rules[i].create.exclusive,
		    role->rules[i].create.exclusive);
	}
	assert_memory_equal(copy->limits, role->limits, sizeof(role->limits));
	assert_true(named_equal(copy->named, role->named));
	assert_string_equal(copy->as_user, "ann");
	assert_string_equal(role->rules[4].owner, "bob");
	assert_null(copy->rules[4].owner);
	assert_null(copy->rules[0].label);
	assert_string_equal(copy->rules[1].label, "keys");
	assert_false(policy_decide(copy, READ, "/home/x/.ssh/y").permit);
	assert_true(policy_decide(copy, READ, "/home/x/y").permit);
	role_free(copy);

	/* Room for one byte too few; one byte too many after the role. */
	encode(&w, buf, role_encoded_size(role) - 1, role);
	assert_int_equal(wire_put_end(&w), -1);
	encode(&w, buf, sizeof(buf), role);
	wire_in_init(&in, buf, w.len + 1);
	assert_non_null(copy = role_decode(&in));
	assert_int_equal(wire_get_end(&in), -1);
	role_free(copy);
	role_free(role);
}

static void
check_refused(const uint8_t *buf, size_t len)
{
	struct wire_in	 in;

	wire_in_init(&in, buf, len);
	errno = 0;
	assert_null(role_decode(&in));
	assert_int_equal(errno, EPROTO);
}

/* The place of a string in the buffer. */
static uint8_t *
find(uint8_t *buf, size_t len, const char *s)
{
	uint8_t	*p;

	assert_non_null(p = memmem(buf, len, s, strlen(s)));
	return p;
}

/* Encode the example, overwrite n bytes at an offset from a text: refused. */
static void
check_spoilt(const char *text, int offset, uint8_t byte, size_t n)
{
	struct role	*role = example_role();
	struct wire_out	 w;
	uint8_t		 buf[1024];

	encode(&w, buf, sizeof(buf), role);
	memset(find(buf, w.len, text) + offset, byte, n);
	check_refused(buf, w.len);
	role_free(role);
}

static void
test_decoding_faults(void **state)
{
	struct role	*role = example_role();
	struct wire_out	 w;
	uint8_t		 buf[1024];
	size_t		 n;

	(void)state;
	encode(&w, buf, sizeof(buf), role);
	for (n = 0; n < w.len; n++)
		check_refused(buf, n);
	role_free(role);

	check_spoilt("test", 0, '-', 1);
	check_spoilt("test", 1, '\0', 1);
	/*
	 * A rule: action, directory, operations (4), line (4), length (2),
	 * pattern.
	 */
	check_spoilt("/home/*", -12, 2, 1);
	check_spoilt("/home/*", -11, 2, 1);
	check_spoilt("/home/*", -10, 0x80, 4);
	check_spoilt("/home/*", -10, 0, 4);
	check_spoilt("/home/*", -6, 0xff, 4);
	check_spoilt("/home/*", -2, 0xff, 2);
	check_spoilt("/home/*", 0, 'x', 1);
	check_spoilt("/home/*", 6, '[', 1);
	check_spoilt("/home/*", 7, '\0', 1);
	check_spoilt("keys", 1, '\0', 1);
	check_spoilt("/etc/other", 3, '\0', 1);
	check_spoilt("ann", 1, '\0', 1);
	/* After the pattern: label, file, mode, uid, gid, bits. */
	check_spoilt("/made", 5 + 2 + 2, 0xff, 4);
	check_spoilt("/made", 5 + 2 + 2 + 12, 6, 1);
	check_spoilt("/made", 5 + 2 + 2 + 12, 8, 1);
	/* Behind it: that accounts follow, and how many ranges of users. */
	check_spoilt("/made", 5 + 2 + 2 + 13, 2, 1);
	check_spoilt("/made", 5 + 2 + 2 + 14, 0xff, 4);
	check_spoilt("/made", 5 + 2 + 2 + 18, 9, 1);
}

/* Encode a role of one rule with one of these faults. */
enum header_fault {
	HEADER_GOOD,
	HEADER_NAME,		/* too long */
	HEADER_LINE,		/* beyond INT_MAX */
	HEADER_OPTIONS,		/* an unknown bit */
	HEADER_LIMIT_LOW,	/* 0, which is not the default */
	HEADER_LIMIT_HIGH,	/* above the maximum */
	HEADER_RULES,		/* a number greater than there are */
	HEADER_RULE_FILE,	/* the first rule names no file */
	HEADER_FAULTS
};

static void
encode_header(struct wire_out *w, enum header_fault fault)
{
	char		 longest[POLICY_NAME_MAX + 2];
	uint64_t	 limit;
	int		 i;

	memset(longest, 'n', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	wire_put_str(w, fault == HEADER_NAME ? longest : "name");
	wire_put_str(w, "file");
	wire_put_u32(w, fault == HEADER_LINE ? 0x80000000 : 1);
	wire_put_u32(w, fault == HEADER_OPTIONS ? 0x80000000 : 0);
	for (i = 0; i < POLICY_LIMITS; i++) {
		limit = policy_limit_row((enum policy_limit)i)->of_role;
		if (i == LIMIT_TOKENS && fault == HEADER_LIMIT_LOW)
			limit = 0;
		if (i == LIMIT_SESSIONS && fault == HEADER_LIMIT_HIGH)
			limit = 65536;
		wire_put_u64(w, limit);
	}
	wire_put_str(w, "");
	wire_put_u32(w, fault == HEADER_RULES ? UINT32_MAX : 1);
	wire_put_u8(w, POLICY_DENY);
	wire_put_u8(w, false);
	wire_put_u32(w, ALL);
	wire_put_u32(w, 1);
	wire_put_str(w, "/");
	wire_put_str(w, "");
	wire_put_str(w, fault == HEADER_RULE_FILE ? "" : "file");
	wire_put_u8(w, false);
}

static void
test_decoding_header(void **state)
{
	struct role	*role;
	struct wire_out	 w;
	struct wire_in	 in;
	uint8_t		 buf[1024];
	int		 fault;

	(void)state;
	wire_out_init(&w, buf, sizeof(buf));
	encode_header(&w, HEADER_GOOD);
	assert_int_equal(wire_put_end(&w), 0);
	wire_in_init(&in, buf, w.len);
	assert_non_null(role = role_decode(&in));
	assert_int_equal(wire_get_end(&in), 0);
	role_free(role);
	for (fault = HEADER_GOOD + 1; fault < HEADER_FAULTS; fault++) {
		wire_out_init(&w, buf, sizeof(buf));
		encode_header(&w, (enum header_fault)fault);
		assert_int_equal(wire_put_end(&w), 0);
		check_refused(buf, w.len);
	}
}

/* The peers are encoded by themselves, for fdbrokerctl(8) only. */
static void
test_encoding_peers(void **state)
{
	static const uint32_t	 staff = 8, nobody = 9;
	struct role		*role = example_role(), *copy;
	struct wire_out		 w;
	struct wire_in		 in;
	uint8_t			 buf[128];
	size_t			 n;

	(void)state;
	wire_out_init(&w, buf, sizeof(buf));
	role_encode_peers(&w, role);
	assert_int_equal(wire_put_end(&w), 0);
	assert_int_equal(w.len, role_encoded_peers_size(role));
	wire_in_init(&in, buf, w.len);
	copy = rules_new();
	assert_int_equal(role_decode_peers(&in, copy), 0);
	assert_int_equal(wire_get_end(&in), 0);
	assert_int_equal(copy->npeers, 2);
	assert_int_equal(copy->peers[0].kind, PEER_USER);
	assert_string_equal(copy->peers[0].name, "bob");
	assert_int_equal(copy->peers[1].kind, PEER_GROUP);
	assert_string_equal(copy->peers[1].name, "staff");
	assert_true(role_admits(copy, 7, &nobody, 1));
	assert_true(role_admits(copy, 1, &staff, 1));
	assert_false(role_admits(copy, 8, &nobody, 1));
	role_free(copy);
	for (n = 0; n < w.len; n++) {
		wire_in_init(&in, buf, n);
		copy = rules_new();
		assert_int_equal(role_decode_peers(&in, copy), -1);
		assert_int_equal(errno, EPROTO);
		role_free(copy);
	}
	role_free(role);
}

/* Count (4), then for each: kind (1), id (4), length (2), name. */
static void
test_decoding_peers(void **state)
{
	static const struct {
		size_t	 at;
		uint8_t	 byte;
	} faults[] = {
		{ 0, 1 }, { 0, 3 }, { 3, 0xff }, { 4, 2 }, { 4, 0xff },
		{ 9, 0 }, { 9, 4 }, { 10, 0xff }, { 12, 0 }
	};
	struct role	*role = example_role(), *copy;
	struct wire_out	 w;
	struct wire_in	 in;
	uint8_t		 buf[128];
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		wire_out_init(&w, buf, sizeof(buf));
		role_encode_peers(&w, role);
		buf[faults[i].at] = faults[i].byte;
		wire_in_init(&in, buf, w.len);
		copy = rules_new();
		if (role_decode_peers(&in, copy) == 0)
			assert_int_equal(wire_get_end(&in), -1);
		else
			assert_int_equal(errno, EPROTO);
		role_free(copy);
	}
	/* An empty name. */
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, 1);
	wire_put_u8(&w, PEER_USER);
	wire_put_u32(&w, 8);
	wire_put_str(&w, "");
	wire_in_init(&in, buf, w.len);
	copy = rules_new();
	assert_int_equal(role_decode_peers(&in, copy), -1);
	assert_int_equal(copy->npeers, 0);
	role_free(copy);
	role_free(role);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_encoding),
		cmocka_unit_test(test_decoding_faults),
		cmocka_unit_test(test_decoding_header),
		cmocka_unit_test(test_encoding_peers),
		cmocka_unit_test(test_decoding_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
