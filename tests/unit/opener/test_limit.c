/*
 * test_limit.c: LIMIT in the opener: a session gives up rights, and gets none
 * back; texts that are wrong.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "opener/policytext.h"
#include "opener/walk.h"
#include "opener/watch.h"
#include "policy/named.h"
#include "policy/role.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

static struct client	 client;
static struct answer	 got;

/* What a LIMIT with this text gives; got.status says more. */
static int
limit(const char *text)
{
	client_begin(&client, PROTO_LIMIT);
	client.h.items = 1;
	wire_put_str(&client.out, text);
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(fdmsg_recv(client.sock, client.inbuf,
	    sizeof(client.inbuf), 0, &client.msg) > 0, 1);
	proto_peek(client.inbuf, &client.reply);
	assert_int_equal(client.reply.type, PROTO_LIMITED);
	wire_in_init(&client.in, client.inbuf + PROTO_HEADER,
	    sizeof(client.inbuf) - PROTO_HEADER);
	proto_get_status(&client.in, &got.status);
	return (int)got.status.error;
}

/* A rule about a name in the test's directory. */
static const char *
rule(const char *action, const char *name)
{
	static char	 text[PROTO_PATH_MAX + 64];

	(void)snprintf(text, sizeof(text), "%s \"/%s\"\n", action,
	    client_path(name));
	return text;
}

static void
expect(const char *name, int error)
{
	assert_int_equal(client_open(&client, 0, client_path(name), &got),
	    error);
	fd_close(&got.fd);
}

static void
start(void)
{
	client_start(&client, client_small_role(), false);
	expect("tree/file", 0);
	expect("tree/secret", EACCES);
}

static void
test_narrower(void **state)
{
	(void)state;
	start();
	util_write_file(util_path("tree/other"), "other");
	expect("tree/other", 0);
	/* It permits more, and gives nothing. */
	assert_int_equal(limit("permit read \"/\"\n"), 0);
	expect("tree/secret", EACCES);
	assert_string_equal(got.status.where, "test.conf:2 \"label\"");
	expect("tree/other", 0);
	assert_int_equal(limit(rule("permit read", "tree/file")), 0);
	expect("tree/file", 0);
	expect("tree/other", EACCES);
	assert_int_equal(got.status.reason, FDB_REASON_POLICY);
	assert_string_equal(got.status.where,
	    "policy \"the session was narrowed\"");
	/* Nor does it help to permit it again, or to reload. */
	assert_int_equal(limit(rule("permit read", "tree/other")), 0);
	expect("tree/other", EACCES);
	expect("tree/file", EACCES);
	state_set_role(&client.state, client_small_role(), 2,
	    AUDITMODE_DENIED);
	expect("tree/file", EACCES);
	client_end(&client);
	assert_int_equal(unlink(util_path("tree/other")), 0);
}

/* What was permitted when it began, and is not any more. */
static void
test_running(void **state)
{
	struct proto_status	 st;
	short			 events = 0;
	int			 fd;

	(void)state;
	start();
	client_begin(&client, PROTO_WATCH);
	client.h.id = 77;
	client.h.items = 1;
	wire_put_u8(&client.out, FDB_READ);
	wire_put_u8(&client.out, 0);
	wire_put_str(&client.out, client_path("tree/file"));
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(watch_slice(&client.state), 0);
	assert_true(fdmsg_recv(client.sock, client.inbuf,
	    sizeof(client.inbuf), 1, &client.msg) > 0);
	fdmsg_close(&client.msg);
	client_begin(&client, PROTO_CREDIT);
	client.h.id = 77;
	client.h.items = 1;
	wire_put_u32(&client.out, 0);
	wire_put_u32(&client.out, 1);
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(limit(rule("permit list", "tree")), 0);
	assert_int_equal(watch_poll(&client.state, &events, &fd), 0);
	assert_int_equal(watch_slice(&client.state), 0);
	assert_true(fdmsg_recv(client.sock, client.inbuf,
	    sizeof(client.inbuf), 1, &client.msg) > 0);
	proto_peek(client.inbuf, &client.reply);
	assert_int_equal(client.reply.type, PROTO_WATCHED);
	wire_in_init(&client.in, client.inbuf + PROTO_HEADER,
	    sizeof(client.inbuf) - PROTO_HEADER);
	proto_get_status(&client.in, &st);
	assert_int_equal(st.error, EACCES);
	client_end(&client);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char	*text, *where;
	} bad[] = {
		{ "permit nothing \"/\"", "policy:1: unknown operation" },
		{ "\n\npermit read /", "policy:3: " },
		{ "permit read \"a\"", "policy:1: " },
		{ "deny \"/\"", "no permit rule" },
		{ "", "no permit rule" },
		{ "permit read \"/\"\noption follow", "only permit and deny" },
		{ "permit read \"/\"\nlimit opens 5", "only permit and deny" },
		{ "permit read \"/\"\npeer user 1", "without peers" },
		{ "permit read \"/\"\nas user \"nobody\"", "as user" },
		{ "permit read \"/\"\npeer user 0\n}\nrole \"x\" {\n"
		    "permit read \"/\"", "of one role" },
		{ "permit setmeta \"/\" owner \"root\"", "write numbers" },
		{ "permit create \"/\" owner 5 group \"staff\"",
		    "write numbers" },
		{ "permit create \"/\" owner 5", "add group to the rule" },
		{ "}", "policy:1: " },
		/* What is not a statement of a role is not even read. */
		{ "permit read \"/\"\n}\ninclude \"/etc/passwd\"\n"
		    "role \"x\" {\npermit read \"/\"",
		    "policy:2: unexpected \"}\"" },
		{ "x { }\ninclude \"/etc/passwd\"", "unexpected \"{\"" },
		{ "permit read \"/\" }\na = \"aaaa\"\nb = \"${a}${a}\"\n",
		    "policy:1: unexpected \"}\"" },
		{ "permit read \"/\"\nuse \"b\"\n}\nrole \"b\" {\n"
		    "use \"private\"", "policy:3: unexpected \"}\"" },
		{ "include \"/etc/passwd\"", "policy:1: " },
		{ "permit read \"$x\"", "policy:1: " },
	};
	size_t	 i;

	(void)state;
	start();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (limit(bad[i].text) != EINVAL ||
		    strstr(got.status.where, bad[i].where) == NULL)
			fail_msg("\"%s\": %u, \"%s\"", bad[i].text,
			    got.status.error, got.status.where);
		assert_int_equal(got.status.reason, FDB_REASON_NAME);
	}
	/* The words that are named are those that a policy may have. */
	assert_int_equal(limit("rubbish"), EINVAL);
	assert_string_equal(got.status.where,
	    "policy:1: unexpected rubbish; expected deny or permit");
	/* Nothing changed. */
	expect("tree/file", 0);
	/* A backslash at the end continues with nothing. */
	assert_int_equal(limit("permit read \"/\" \\"), 0);
	for (i = 1; i < STATE_LIMITS; i++)
		assert_int_equal(limit("permit read \"/\""), 0);
	assert_int_equal(limit("permit read \"/\""), E2BIG);
	assert_int_equal(got.status.reason, FDB_REASON_LIMIT);
	expect("tree/file", 0);
	client_end(&client);
}

/* A role with these words after its path; /a is not looked for. */
static struct role *
narrowed(const char *owner)
{
	char		 text[256], why[PROTO_TEXT_MAX];
	struct role	*role;

	(void)snprintf(text, sizeof(text), "permit setmeta, link \"/a\" %s",
	    owner);
	if ((role = policytext_limit(text, why)) == NULL)
		fail_msg("%s: %s", owner, why);
	/* The first rule denies everything else. */
	assert_int_equal(role->nrules, 2);
	return role;
}

/* What the owner of a rule that narrows means: numbers, and any if none. */
static void
test_owners(void **state)
{
	static const struct {
		const char		*text;
		enum policy_choice	 choice;
		uint32_t		 uid, gid;
	} cases[] = {
		{ "", POLICY_CHOICE_ANY, POLICY_ID_PEER, POLICY_ID_PEER },
		{ "owner any", POLICY_CHOICE_ANY, POLICY_ID_PEER,
		    POLICY_ID_PEER },
		{ "owner by-name", POLICY_CHOICE_NAMED, POLICY_ID_PEER,
		    POLICY_ID_PEER },
		{ "owner self", POLICY_CHOICE_NONE, POLICY_ID_PEER,
		    POLICY_ID_PEER },
		{ "group 8", POLICY_CHOICE_NONE, POLICY_ID_PEER, 8 },
		{ "owner 1000 group \"8\"", POLICY_CHOICE_NONE, 1000, 8 }
	};
	const struct policy_create	*c;
	struct role			*role;
	size_t				 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		role = narrowed(cases[i].text);
		c = &role->rules[1].create;
		assert_int_equal(c->choice, cases[i].choice);
		assert_int_equal(c->uid, cases[i].uid);
		assert_int_equal(c->gid, cases[i].gid);
		/* Nobody lists accounts for a client. */
		assert_null(role->named);
		role_free(role);
	}
}

/* A role that lets any owner be chosen, and may not know the accounts. */
static void
test_unlisted(void **state)
{
	struct role	*role;

	(void)state;
	start();
	role = client.state.role;
	role->rules[0].ops |= POLICY_OP_SETMETA;
	role->rules[0].create.choice = POLICY_CHOICE_ANY;
	assert_int_equal(limit("permit setmeta \"/\" owner by-name"), ENOENT);
	assert_int_equal(got.status.reason, FDB_REASON_LIMIT);
	assert_non_null(strstr(got.status.where, "could not be listed"));
	assert_null(role->also);
	assert_int_equal(limit("permit setmeta \"/\" owner self"), 0);
	assert_non_null(role->named = calloc(1, sizeof(*role->named)));
	assert_int_equal(limit("permit setmeta \"/\" owner by-name"), 0);
	client_end(&client);
}

/* The opener of a backup takes no policy. */
static void
test_private(void **state)
{
	(void)state;
	start();
	client.state.private = true;
	assert_int_equal(limit("permit read \"/\""), EOPNOTSUPP);
	client.state.embedded = true;
	assert_int_equal(limit("permit read \"/\""), 0);
	client.state.private = client.state.embedded = false;
	client_end(&client);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_narrower),
		UTIL_TEST(test_running),
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_owners),
		UTIL_TEST(test_unlisted),
		UTIL_TEST(test_private)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
