/*
 * test_ctl_policy.c: fdbrokerctl's explanations of denials, the rules that it
 * suggests, and its check.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/load.h"
#include "ctl/check.h"
#include "ctl/denial.h"
#include "ctl/explain.h"
#include "ctl/suggest.h"
#include "policy/decide.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/ctlfake.h"
#include "tests/unit/util.h"

#define RULE	"fdbroker.conf:9 \"keys\""
#define NO_RULE	"no rule of role \"nightly\" permits it"
#define READ	POLICY_OP_READ
#define LIST	POLICY_OP_LIST

static char	*text;
static size_t	 textlen;
static bool	 follow, regular;	/* options of the role */

static void
begin(struct ctl *ctl)
{
	memset(ctl, 0, sizeof(*ctl));
	assert_non_null(ctl->out = open_memstream(&text, &textlen));
}

static void
finish(struct ctl *ctl)
{
	assert_int_equal(fclose(ctl->out), 0);
}

static void
has(const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("\"%s\" is not in:\n%s", what, text);
}

static void
has_not(const char *what)
{
	if (strstr(text, what) != NULL)
		fail_msg("\"%s\" is in:\n%s", what, text);
}

/* The two reasons decide the kind of a denial, and its text does not. */
static void
test_kind(void **state)
{
	static const struct {
		uint8_t			 reason;
		enum policy_reason	 policy;
		enum denial_kind	 kind;
	} cases[] = {
		{ FDB_REASON_POLICY, POLICY_DENIED, DENIAL_RULE },
		{ FDB_REASON_POLICY, POLICY_NO_RULE, DENIAL_NO_RULE },
		{ FDB_REASON_POLICY, POLICY_NOT_SPECIAL, DENIAL_SPECIAL },
		{ FDB_REASON_POLICY, POLICY_NO_ROOT, DENIAL_ROOTS },
		{ FDB_REASON_POLICY, POLICY_NOT_REGULAR, DENIAL_OPTION },
		{ FDB_REASON_POLICY, POLICY_SEVERAL_LINKS, DENIAL_OPTION },
		{ FDB_REASON_POLICY, POLICY_NOT_PEERS, DENIAL_OPTION },
		{ FDB_REASON_POLICY, POLICY_CROSSED, DENIAL_OPTION },
		{ FDB_REASON_POLICY, POLICY_BAD_PATH, DENIAL_OBJECT },
		{ FDB_REASON_POLICY, POLICY_WRONG_TYPE, DENIAL_OBJECT },
		{ FDB_REASON_POLICY, POLICY_EXISTS, DENIAL_OBJECT },
		{ FDB_REASON_KERNEL, POLICY_PERMITTED, DENIAL_KERNEL },
		{ FDB_REASON_TYPE, POLICY_NOT_SPECIAL, DENIAL_SPECIAL },
		{ FDB_REASON_LIMIT, POLICY_PERMITTED, DENIAL_LIMIT },
		{ FDB_REASON_TYPE, POLICY_PERMITTED, DENIAL_TYPE },
		{ FDB_REASON_NAME, POLICY_PERMITTED, DENIAL_NAME }
	};
	static const char *const	 texts[] = {
		"", RULE, NO_RULE, "option x", "above all", "a FIFO or device"
	};
	struct event_record		 e;
	size_t				 i, k;

	(void)state;
	memset(&e, 0, sizeof(e));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e.reason = cases[i].reason;
		e.policy = (uint8_t)cases[i].policy;
		for (k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			(void)strlcpy(e.where, texts[k], sizeof(e.where));
			assert_int_equal(denial_kind(&e), cases[i].kind);
		}
	}
}

/* A path is decoded as it was encoded; one that was cut off is not used. */
static void
test_path(void **state)
{
	static const char *const	 paths[] = {
		"/", "/a", "/a b\\c\n\"\303\251", "/\\", "/\\\\141"
	};
	char				 got[EVENT_PATH_MAX], longest[2000];
	struct event_record		 e;
	size_t				 i;

	(void)state;
	memset(&e, 0, sizeof(e));
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		event_set_path(&e, paths[i]);
		assert_int_equal(denial_path(&e, got), 0);
		assert_string_equal(got, paths[i]);
	}
	event_set_path(&e, "a/../b");
	assert_int_equal(denial_path(&e, got), -1);
	(void)strlcpy(e.path, "/a\\000b", sizeof(e.path));
	assert_int_equal(denial_path(&e, got), -1);
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[200] = longest[400] = longest[600] = longest[800] = '/';
	longest[1019] = '\0';
	event_set_path(&e, longest);
	assert_int_equal(denial_path(&e, got), 0);
	longest[1019] = 'a';
	longest[1500] = '\0';
	event_set_path(&e, longest);
	assert_int_equal(denial_path(&e, got), -1);
}

/* Load a role that has a rule with this pattern, after one that denies all. */
static struct conf *
load_rule(const char *pattern)
{
	static char	 file[2 * DENIAL_PATTERN_MAX];
	struct conf	*conf;

	(void)snprintf(file, sizeof(file), "user \"nobody\"\n"
	    "role \"r\" {\n\tpeer user \"root\"\n"
	    "\tpermit read \"/\"\n\tdeny \"/\"\n\tpermit read %s\n}\n",
	    pattern);
	util_write_file(util_path("conf"), file);
	conf = conf_load(util_path("conf"), NULL);
	if (conf == NULL)
		fail_msg("%s: %s", pattern, util_logged());
	return conf;
}

/* The pattern for a path permits that path, and none beside it. */
static void
test_pattern(void **state)
{
	static const struct {
		const char	*name, *pattern;
		bool		 any;
	} cases[] = {
		{ "a", "a\"", false },
		{ "a\"b", "a\\\"b\"", false },
		{ "*", "\\\\*\"", false },
		{ "a\\b", "a\\\\\\\\b\"", false },
		{ "[a]?", "\\\\[a\\\\]\\\\?\"", false },
		{ "**", "\\\\*\\\\*\"", false },
		{ "$x # y", "$x # y\"", false },
		{ "\n\303\251", "???\"", true }
	};
	char			 pattern[DENIAL_PATTERN_MAX], want[128];
	const struct role	*role;
	struct conf		*conf;
	size_t			 i;
	bool			 any;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(want, sizeof(want), "\"%s/%s", util_dir(),
		    cases[i].pattern);
		assert_int_equal(denial_pattern(pattern,
		    util_path(cases[i].name), false, &any), 0);
		assert_string_equal(pattern, want);
		assert_int_equal(any, cases[i].any);
		/* The path of a permit must exist. */
		util_write_file(util_path(cases[i].name), "");
		conf = load_rule(pattern);
		assert_non_null(role = conf_role(conf, "r"));
		assert_true(policy_decide(role, READ,
		    util_path(cases[i].name)).permit);
		assert_false(policy_decide(role, READ,
		    util_path("b")).permit);
		conf_free(conf);
	}
	assert_int_equal(denial_pattern(pattern, "/tmp", true, &any), 0);
	assert_string_equal(pattern, "\"/tmp/*\"");
	assert_int_equal(denial_pattern(pattern, "/", true, &any), 0);
	assert_string_equal(pattern, "\"/*\"");
	assert_int_equal(denial_pattern(pattern, "not/absolute", false,
	    &any), -1);
}

static void
test_parse_id(void **state)
{
	uint32_t	 id;

	(void)state;
	assert_int_equal(explain_parse_id("8f2c", &id), 0);
	assert_int_equal(id, 0x8f2c);
	assert_int_equal(explain_parse_id("FFFFffff", &id), 0);
	assert_int_equal(id, UINT32_MAX);
	assert_int_equal(explain_parse_id("", &id), -1);
	assert_int_equal(explain_parse_id("0", &id), -1);
	assert_int_equal(explain_parse_id("-1", &id), -1);
	assert_int_equal(explain_parse_id(" 1", &id), -1);
	assert_int_equal(explain_parse_id("0x1", &id), -1);
	assert_int_equal(explain_parse_id("123456789", &id), -1);
	assert_int_equal(explain_parse_id("12g", &id), -1);
}

static void
test_find(void **state)
{
	struct control_state	 st;

	(void)state;
	ctlfake_state(&st);
	assert_null(explain_find(&st, 0x7001));
	(void)ctlfake_deny(&st, "nightly", 7, READ, "/a", FDB_REASON_NAME, "");
	ctlfake_deny(&st, "nightly", 7, READ, "/b", FDB_REASON_NAME,
	    "")->event.id = 0x7001;
	assert_string_equal(explain_find(&st, 0x7001)->event.path, "/b");
	control_state_free(&st);
}

/* Explain one record, by the policy of a generation. */
static void
explain_record(uint32_t op, const char *path, uint8_t reason,
    enum policy_reason policy, const char *where, uint32_t error,
    uint64_t generation)
{
	struct role		*role = ctlfake_role();
	struct control_state	 st;
	struct audit_entry	*a;
	struct ctl		 ctl;

	role->options |= (follow ? POLICY_FOLLOW : 0U) |
	    (regular ? POLICY_REGULAR_ONLY : 0U);
	ctlfake_state(&st);
	a = ctlfake_deny(&st, "nightly", 7, op, path, reason, where);
	a->event.policy = (uint8_t)policy;
	a->event.error = error;
	free(text);
	begin(&ctl);
	ctl.width = 10000;	/* so that no line is wrapped */
	explain_print(&ctl, a, generation, role);
	finish(&ctl);
	control_state_free(&st);
	role_free(role);
}

static void
explain_policy(uint32_t op, const char *path, enum policy_reason policy,
    const char *where, uint64_t generation)
{
	explain_record(op, path, FDB_REASON_POLICY, policy, where,
	    policy == POLICY_CROSSED ? EXDEV : EACCES, generation);
}

static void
explain(uint32_t op, uint8_t reason, const char *where, uint32_t error)
{
	explain_record(op, "/etc/x", reason, POLICY_PERMITTED, where, error,
	    3);
}

static void
test_explain_policy(void **state)
{
	(void)state;
	explain_policy(READ, "/etc/ssh/key\n", POLICY_DENIED, RULE, 3);
	has("denial 7001\n");
	has("  who     user root, uid 0, pid 4711, session 7\n");
	has("  role    nightly\n");
	has("  what    read \"/etc/ssh/key\\012\"\n");
	has("  how     denied: policy, EACCES\n");
	has("  rule    fdbroker.conf:9 \"keys\"\n");
	has("Denied by policy: the rule at fdbroker.conf:9 \"keys\"");
	has("\n\tpermit read \"/etc/ssh/key?\"\n");
	has("cannot be printed");
	has("this rule overrides the deny at fdbroker.conf:9 \"keys\".");
	has_not("kernel");
	has_not("in force now");

	explain_policy(LIST, "/home", POLICY_NO_RULE, NO_RULE, 4);
	has("no rule of role \"nightly\" matches");
	has("in force now, generation 4, also deny it: ");
	has("To permit it, append to role \"nightly\" in fdbroker.conf, and "
	    "reload:\n\n\tpermit list \"/home\"\n");
	has_not("overrides");
	has("beneath it");

	/* It was denied, and the new policy permits it. */
	explain_policy(READ, "/etc/passwd", POLICY_NO_RULE, NO_RULE, 4);
	has("generation 4, permit it: fdbroker.conf:8.");
	has_not("\tpermit");

	explain_policy(READ, "/etc/fifo", POLICY_NOT_SPECIAL, "a FIFO or "
	    "device, and no rule of role \"nightly\" permits special", 3);
	has("it is a FIFO or a device");
	has("\n\tpermit read, special \"/etc/fifo\"\n");
	/* A rule denies special there, though reading is permitted. */
	explain_policy(READ, "/etc/fifo", POLICY_NOT_SPECIAL, RULE, 3);
	has("it is a FIFO or a device");
	has("\n\tpermit read, special \"/etc/fifo\"\n");
	explain_policy(LIST, "/x", POLICY_NO_ROOT, "above the role's roots",
	    3);
	has("only leads there");
	/* It may be entered as a directory, but that does not permit it. */
	explain_policy(LIST, "/", POLICY_NO_ROOT, "above the role's roots",
	    3);
	has_not("permit it:");
	has("\n\tpermit list \"/\"\n");
	has("overrides the deny at fdbroker.conf:9 \"keys\", if it is a dir");
	explain_policy(READ, "/etc/x", POLICY_CROSSED,
	    "option one-filesystem", 3);
	has("has an option");
	has("To permit it, remove the option");
	has_not("\tpermit");
	free(text);
	text = NULL;
}

/* Refusals read differently from denials by policy. */
static void
test_explain_others(void **state)
{
	(void)state;
	explain(READ, FDB_REASON_KERNEL, "", EACCES);
	has("refusal 7001\n");
	has("Refused by the kernel: policy permits the request");
	has("Permission denied");
	has("as user");
	has("No rule changes that.");
	has_not("Denied by policy");
	explain(READ, FDB_REASON_KERNEL, "", ELOOP);
	has("symbolic link");
	has("give role \"nightly\" option follow");
	has("real path");
	has_not("No rule changes that");
	explain(READ, FDB_REASON_TYPE, "a symbolic link", ELOOP);
	has("option follow");
	has_not("No rule changes that");
	explain(READ, FDB_REASON_KERNEL, "", EXDEV);
	has("leads out of the role's root");
	has_not("No rule changes that");
	follow = true;
	explain(READ, FDB_REASON_KERNEL, "", EXDEV);
	has("holds both the path and what the link leads to");
	explain(READ, FDB_REASON_KERNEL, "", ELOOP);
	has("follows links");
	follow = false;
	explain(READ, FDB_REASON_KERNEL, "", 4711);
	has("errno 4711");
	explain(LIST, FDB_REASON_LIMIT, "directories held", EMFILE);
	has("A limit of the session was reached: directories held.");
	has("raise limit tokens in role");
	explain(LIST, FDB_REASON_LIMIT, "patterns", E2BIG);
	has("reached: patterns.");
	has("no setting changes this limit");
	has_not("kernel");
	explain(READ, FDB_REASON_TYPE, "a socket", EPERM);
	has("It is a socket. This type of file cannot be opened.");
	has("No rule changes that.");
	explain(READ, FDB_REASON_TYPE, "a directory", EISDIR);
	has("It is a directory. A directory can be listed");
	has_not("socket");
	explain_record(READ, "/etc/fifo", FDB_REASON_TYPE, POLICY_NOT_SPECIAL,
	    "a FIFO", EPERM, 3);
	has("it is a FIFO.");
	has("\n\tpermit read, special \"/etc/fifo\"\n");
	has_not("No rule changes that");
	has_not("regular-only");
	regular = true;
	explain_record(READ, "/etc/fifo", FDB_REASON_TYPE, POLICY_NOT_SPECIAL,
	    "a FIFO", EPERM, 3);
	has("regular-only");
	regular = false;
	explain_policy(READ, "/etc/x", POLICY_EXISTS, "it exists", 3);
	has("remove exclusive");
	explain(READ, FDB_REASON_NAME, "", EINVAL);
	has("The request itself is not allowed");
	has("No rule changes that.");
	free(text);
	text = NULL;
}

static void
test_explain_role_gone(void **state)
{
	struct control_state	 st;
	struct ctl		 ctl;

	(void)state;
	ctlfake_state(&st);
	(void)ctlfake_deny_policy(&st, "old", 7, READ, "/a", POLICY_DENIED,
	    RULE);
	begin(&ctl);
	explain_print(&ctl, &st.denials[0], 4, NULL);
	finish(&ctl);
	has("Role \"old\" is no longer in the configuration.");
	control_state_free(&st);
	free(text);
	text = NULL;
}

static void
suggest(const struct control_state *st, const char *name)
{
	struct role	*role = ctlfake_role();
	struct ctl	 ctl;

	free(text);
	begin(&ctl);
	assert_int_equal(suggest_print(&ctl, st, name, &role, 1), 0);
	finish(&ctl);
	role_free(role);
}

static void
test_suggest_nothing(void **state)
{
	struct control_state	 st;

	(void)state;
	ctlfake_state(&st);
	suggest(&st, NULL);
	assert_string_equal(text, "# There is nothing to suggest.\n");
	(void)ctlfake_deny_policy(&st, "nightly", 7, READ, "/etc/passwd",
	    POLICY_NO_RULE, NO_RULE);
	suggest(&st, NULL);
	has("\n# 1 denial left out: the policy in force permits this now.\n");
	has_not("\tpermit");
	(void)ctlfake_deny_policy(&st, "nightly", 7, LIST, "/",
	    POLICY_NO_ROOT, "above the role's roots");
	suggest(&st, NULL);
	has("\n# 1 denial left out: the policy in force permits this now.\n");
	has("\t# this would override the deny at fdbroker.conf:9 \"keys\"\n"
	    "\t# permit list \"/\"\n");
	control_state_free(&st);
	free(text);
	text = NULL;
}

static void
test_suggest(void **state)
{
	struct control_state	 st;
	char			 path[32];
	int			 i;

	(void)state;
	ctlfake_state(&st);
	(void)ctlfake_deny_policy(&st, "web", 9, READ, "/srv/x", POLICY_NO_RULE,
	    NO_RULE);
	for (i = 0; i < SUGGEST_MANY; i++) {
		(void)snprintf(path, sizeof(path), "/home/a/%d", i);
		(void)ctlfake_deny_policy(&st, "nightly", 7, READ, path,
		    POLICY_NO_RULE, NO_RULE);
	}
	/* Another operation, and another directory with only one file. */
	(void)ctlfake_deny_policy(&st, "nightly", 7, LIST, "/home/a/d",
	    POLICY_NO_RULE, NO_RULE);
	(void)ctlfake_deny_policy(&st, "nightly", 7, READ, "/home/a/d/x",
	    POLICY_NO_RULE, NO_RULE);
	/* Two sessions and both operations: read, which includes list. */
	(void)ctlfake_deny_policy(&st, "nightly", 8, READ, "/etc/ssh/x",
	    POLICY_DENIED, RULE);
	(void)ctlfake_deny_policy(&st, "nightly", 7, READ, "/etc/ssh/x",
	    POLICY_DENIED, RULE);
	(void)ctlfake_deny_policy(&st, "nightly", 8, LIST, "/etc/ssh/x",
	    POLICY_DENIED, RULE);
	(void)ctlfake_deny(&st, "nightly", 8, READ, "/dev/x\n",
	    FDB_REASON_KERNEL, "");
	suggest(&st, NULL);
	has("\n# 10 requests in 2 sessions\nrole \"nightly\" {\n"
	    "\t# 3 denials in 2 sessions; denied by fdbroker.conf:9 \"keys\""
	    ";\n\t# this would override the deny at fdbroker.conf:9 "
	    "\"keys\"\n"
	    "\t# permit read \"/etc/ssh/x\"\n"
	    "\t# 4 files, 4 denials in 1 session\n"
	    "\tpermit read \"/home/a/*\"\n"
	    "\t# 1 denial in 1 session\n"
	    "\tpermit list \"/home/a/d\"\n"
	    "\t# 1 denial in 1 session\n"
	    "\tpermit read \"/home/a/d/x\"\n"
	    "\t# no rule is suggested for read \"/dev/x\\012\":\n"
	    "\t# the kernel refused it (EACCES); 1 request in 1 session\n"
	    "}\n");
	has("\n# 1 request in 1 session; the role is no longer in the "
	    "configuration\nrole \"web\" {\n");
	suggest(&st, "web");
	has("\tpermit read \"/srv/x\"\n");
	has_not("nightly");
	control_state_free(&st);
	free(text);
	text = NULL;
}

/*
 * No rule for a directory overrides a deny with a label that concerns another
 * file there, and no file that is not there counts.
 */
static void
test_suggest_labelled(void **state)
{
	struct role		*role = ctlfake_role();
	struct control_state	 st;
	struct ctl		 ctl;
	char			 path[32];
	const char		*why;
	int			 i;

	(void)state;
	assert_int_equal(role_add_rule(role, POLICY_DENY, POLICY_OP_ALL,
	    "/home/*/id_*", "private", "/etc/fdbroker.conf", 10, &why), 0);
	ctlfake_state(&st);
	for (i = 0; i < SUGGEST_MANY; i++) {
		(void)snprintf(path, sizeof(path), "/home/a/%d", i);
		(void)ctlfake_deny_policy(&st, "nightly", 7, READ, path,
		    POLICY_NO_RULE, NO_RULE);
	}
	(void)ctlfake_deny_policy(&st, "nightly", 7, LIST, "/home",
	    POLICY_NO_RULE, NO_RULE);
	ctlfake_deny(&st, "nightly", 7, READ, "/missing", FDB_REASON_KERNEL,
	    "")->event.error = ENOENT;
	begin(&ctl);
	assert_int_equal(suggest_print(&ctl, &st, NULL, &role, 1), 0);
	finish(&ctl);
	has("hostile ones too");
	has("\tpermit read \"/home/a/0\"\n");
	has_not("/home/a/*");
	has("\t# this would override the deny at fdbroker.conf:10 "
	    "\"private\"\n\t# permit list \"/home\"\n");
	has_not("missing");
	control_state_free(&st);
	role_free(role);
	free(text);
	text = NULL;
}

/* Each file has its own rule as long as there are few. */
static void
test_suggest_few(void **state)
{
	struct control_state	 st;
	char			 path[32];
	int			 i;

	(void)state;
	ctlfake_state(&st);
	for (i = 0; i < SUGGEST_MANY - 1; i++) {
		(void)snprintf(path, sizeof(path), "/f%d", i);
		(void)ctlfake_deny_policy(&st, "nightly", 7, READ, path,
		    POLICY_NO_RULE, NO_RULE);
	}
	suggest(&st, NULL);
	has("\tpermit read \"/f0\"\n");
	has_not("\"/*\"");
	(void)ctlfake_deny_policy(&st, "nightly", 7, READ, "/g", POLICY_NO_RULE,
	    NO_RULE);
	suggest(&st, NULL);
	has("\tpermit read \"/*\"\n");
	has_not("\"/f0\"");
	control_state_free(&st);
	free(text);
	text = NULL;
}

/* No path that a client chose gets out of its comment or string. */
static void
test_suggest_hostile(void **state)
{
	struct control_state	 st;

	(void)state;
	ctlfake_state(&st);
	(void)ctlfake_deny_policy(&st, "nightly", 7, READ,
	    "/a\n}\nrole \"all\" { permit read \"/\"", POLICY_NO_RULE,
	    NO_RULE);
	(void)ctlfake_deny(&st, "nightly", 7, READ, "/b\nrole",
	    FDB_REASON_TYPE, "");
	suggest(&st, NULL);
	has("\tpermit read \"/a?}?role \\\"all\\\" { permit read \\\"/\\\"");
	has_not("\nrole \"all");
	has("\"/b\\012role\"");
	control_state_free(&st);
	free(text);
	text = NULL;
}

static void
test_check(void **state)
{
	struct role	*role = ctlfake_role();
	struct ctl	 ctl;
	uint32_t	 op;

	(void)state;
	assert_int_equal(check_parse("read", "/a", &op), CTL_YES);
	assert_int_equal(op, READ);
	assert_int_equal(check_parse("rea", "/a", &op), CTL_FAIL);
	assert_non_null(strstr(util_logged(), "append, create, link"));
	assert_int_equal(check_parse("read", "a", &op), CTL_FAIL);
	assert_int_equal(check_parse("read", "/a/../b", &op), CTL_FAIL);

	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, READ, "/etc/x", NULL), CTL_YES);
	assert_int_equal(check_path(&ctl, role, READ, "/etc/ssh/x", NULL),
	    CTL_NO);
	assert_int_equal(check_path(&ctl, role, READ, "/x", NULL), CTL_NO);
	assert_int_equal(check_path(&ctl, role, LIST, "/", NULL), CTL_YES);
	finish(&ctl);
	has("permitted: fdbroker.conf:8\n"
	    "/etc/fdbroker.conf:8: permit read \"/etc\"\n"
	    "denied: fdbroker.conf:9 \"keys\"\n"
	    "/etc/fdbroker.conf:9: deny \"/etc/ssh\" label \"keys\"\n"
	    "denied: no rule of role \"nightly\" permits it\n"
	    "permitted: fdbroker.conf:8\n");
	has("\nonly if it is a directory: the way to what is permitted "
	    "beneath it\n");
	free(text);
	text = NULL;
	role_free(role);
}

/* What an exclusive rule permits is for new files only, and check says so. */
static void
test_check_exclusive(void **state)
{
	static const char	 only[] = "\nonly a file that the request "
				    "creates: the rule says exclusive\n";
	struct role		*role = ctlfake_role();
	struct rule_spec	 spec = {
		.action = POLICY_PERMIT, .ops = READ | POLICY_OP_CREATE,
		.pattern = "/new", .file = "/f", .line = 10,
		.create = { .exclusive = true }
	};
	const uint32_t		 exclusive[] = { READ, POLICY_OP_CREATE };
	const char		*why;
	struct ctl		 ctl;
	size_t			 i;

	(void)state;
	assert_int_equal(role_add(role, &spec, &why), 0);
	for (i = 0; i < 2; i++) {
		begin(&ctl);
		assert_int_equal(check_path(&ctl, role, exclusive[i], "/new/x",
		    NULL), CTL_YES);
		finish(&ctl);
		has(only);
		free(text);
	}
	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, LIST, "/new", NULL), CTL_YES);
	assert_int_equal(check_path(&ctl, role, READ, "/etc/x", NULL),
	    CTL_YES);
	finish(&ctl);
	has_not("exclusive");
	free(text);
	text = NULL;
	role_free(role);
}

/* What a role permits at some hours only. */
static void
test_check_hours(void **state)
{
	struct role	*role = ctlfake_role();
	struct ctl	 ctl;

	(void)state;
	assert_int_equal(policy_limit_parse(LIMIT_HOURS, "22:00-06:00",
	    &role->limits[LIMIT_HOURS]), 0);
	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, READ, "/etc/x", NULL),
	    CTL_YES);
	finish(&ctl);
	has("\nonly in a session that begins at 22:00-06:00 (limit hours)\n");
	free(text);
	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, READ, "/x", NULL), CTL_NO);
	finish(&ctl);
	has_not("hours");
	free(text);
	text = NULL;
	role_free(role);
}

static void
test_check_user(void **state)
{
	struct role	*role = ctlfake_role();
	struct ctl	 ctl;
	uint32_t	 uid = 4711;

	(void)state;
	begin(&ctl);
	assert_int_equal(check_user(&ctl, role, "root", &uid), CTL_YES);
	assert_int_equal(uid, 0);
	assert_int_equal(check_user(&ctl, role, "0", &uid), CTL_YES);
	assert_int_equal(check_user(&ctl, role, "nobody", &uid), CTL_NO);
	assert_int_not_equal(uid, 0);
	assert_int_equal(check_user(&ctl, role, "no such user", &uid),
	    CTL_FAIL);
	assert_string_equal(util_logged(), "unknown user \"no such user\"");
	finish(&ctl);
	assert_string_equal(text,
	    "user \"root\": a peer of role \"nightly\"\n"
	    "user \"0\": a peer of role \"nightly\"\n"
	    "user \"nobody\": not a peer of role \"nightly\", so the "
	    "user cannot take it\n");
	free(text);
	text = NULL;
	role_free(role);
}

/* The owner matters if a user is named and the role has the option. */
static void
test_check_owner(void **state)
{
	struct role	*role;
	uint32_t	 mine = (uint32_t)getuid(), other = mine + 1;
	const char	*what, *gone = "/no such directory/x";
	struct ctl	 ctl;
	char		 file[256];

	(void)state;
	util_need(FEATURE_OPENAT2);
	role = ctlfake_role();
	(void)strlcpy(file, util_path("file"), sizeof(file));
	util_write_file(file, "");
	assert_int_equal(role_add_rule(role, POLICY_PERMIT, READ |
	    POLICY_OP_CREATE, "/", NULL, "/f", 10, &what), 0);
	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, READ, file, &other), CTL_YES);
	role->options |= POLICY_OWNED_BY_PEER;
	assert_int_equal(check_path(&ctl, role, READ, file, NULL), CTL_YES);
	assert_int_equal(check_path(&ctl, role, READ, file, &mine), CTL_YES);
	assert_int_equal(check_path(&ctl, role, LIST, file, &other), CTL_YES);
	assert_int_equal(check_path(&ctl, role, POLICY_OP_CREATE, gone,
	    &other), CTL_YES);
	finish(&ctl);
	has_not("denied");
	has_not("owns");
	free(text);
	begin(&ctl);
	assert_int_equal(check_path(&ctl, role, READ, file, &other), CTL_NO);
	assert_int_equal(check_path(&ctl, role, READ, gone, &mine), CTL_YES);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/", file), 0);
	assert_int_equal(check_path(&ctl, role, READ, file, &mine), CTL_YES);
	finish(&ctl);
	has("denied: option owned-by-peer of role \"nightly\"\n");
	has("only if the user owns it; cannot look at it: No such file");
	has("only if the user owns it; cannot look at it: Too many levels");
	free(text);
	/* No link is followed on the way to the object, either. */
	begin(&ctl);
	(void)strlcat(file, "/etc/passwd", sizeof(file));
	assert_int_equal(check_path(&ctl, role, READ, file, &mine), CTL_YES);
	assert_int_equal(check_path(&ctl, role, READ, "/etc/passwd/x", &mine),
	    CTL_YES);
	assert_int_equal(check_path(&ctl, role, READ, "/etc", &mine), CTL_NO);
	finish(&ctl);
	has("cannot look at it: Too many levels");
	has("cannot look at it: Not a directory");
	has("denied: the operation cannot be done on this type of file");
	free(text);
	text = NULL;
	role_free(role);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_kind),
		UTIL_TEST(test_path),
		UTIL_TEST(test_pattern),
		UTIL_TEST(test_parse_id),
		UTIL_TEST(test_find),
		UTIL_TEST(test_explain_policy),
		UTIL_TEST(test_explain_others),
		UTIL_TEST(test_explain_role_gone),
		UTIL_TEST(test_suggest_nothing),
		UTIL_TEST(test_suggest),
		UTIL_TEST(test_suggest_labelled),
		UTIL_TEST(test_suggest_few),
		UTIL_TEST(test_suggest_hostile),
		UTIL_TEST(test_check),
		UTIL_TEST(test_check_exclusive),
		UTIL_TEST(test_check_hours),
		UTIL_TEST(test_check_user),
		UTIL_TEST(test_check_owner)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
