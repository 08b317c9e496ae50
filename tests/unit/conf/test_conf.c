/*
 * test_conf.c: what the statements of a configuration mean, and the faults that
 * are reported for statements that mean nothing.  The system is a table;
 * test_confsys.c tests the real one.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/load.h"
#include "policy/named.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "tests/unit/conffake.h"

static void
test_defaults(void **state)
{
	struct conf	*conf = conffake_good("");

	(void)state;
	assert_string_equal(conf->rundir, RUNDIR);
	assert_string_equal(conf->user, PRIVSEP_USER);
	assert_int_equal(conf->uid, 90);
	assert_int_equal(conf->gid, 91);
	assert_true(conf->confinement_required);
	assert_int_equal(conf->limits[LIMIT_SESSIONS], 64);
	assert_int_equal(conf->limits[LIMIT_SESSIONS_PER_UID], 16);
	assert_int_equal(conf->limits[LIMIT_BYTES], 0);
	assert_int_equal(conf->audit, AUDITMODE_DENIED);
	assert_null(conf->audit_path);
	assert_null(conf->control_group);
	assert_int_equal(conf->nroles, 0);
	assert_null(conf_role(conf, "x"));
	conf_free(conf);
	conf_free(NULL);
}

static void
test_globals(void **state)
{
	struct conf	*conf = conffake_good(
	    "# comment\n"
	    "rundir \"/var/run/x\"	# comment\n"
	    "\n"
	    "user \"ann\"\n"
	    "confinement optional\n"
	    "limit sessions 7\n"
	    "limit sessions \"3\" per uid");

	(void)state;
	assert_string_equal(conf->rundir, "/var/run/x");
	assert_string_equal(conf->user, "ann");
	assert_int_equal(conf->uid, 1000);
	assert_int_equal(conf->gid, 1001);
	assert_false(conf->confinement_required);
	assert_int_equal(conf->limits[LIMIT_SESSIONS], 7);
	assert_int_equal(conf->limits[LIMIT_SESSIONS_PER_UID], 3);
	conf_free(conf);
	conf = conffake_good("log audit all to \"/var/log/x\"\n"
	    "control group \"staff\"\n");
	assert_int_equal(conf->audit, AUDITMODE_ALL);
	assert_string_equal(conf->audit_path, "/var/log/x");
	assert_string_equal(conf->control_group, "staff");
	assert_int_equal(conf->control_gid, 50);
	conf_free(conf);
	conf = conffake_good("worker user \"ann\"\n");
	assert_string_equal(conf->worker_user, "ann");
	assert_int_equal(conf->worker_uid, 1000);
	assert_int_equal(conf->worker_gid, 1001);
	conf_free(conf);
	conffake_bad("log audit all to \"/missing/x\"\n" ROLE(GOOD),
	    "1: log audit to \"/missing/x\": /missing is missing");
	conf = conffake_good("log audit none\ncontrol group 77\n");
	assert_null(conf->worker_user);
	assert_int_equal(conf->worker_uid, 0);
	assert_int_equal(conf->audit, AUDITMODE_NONE);
	assert_int_equal(conf->control_gid, 77);
	conf_free(conf);
	conf = conffake_good("log audit denied to syslog\n");
	assert_int_equal(conf->audit, AUDITMODE_DENIED);
	assert_null(conf->audit_path);
	conf_free(conf);
	conf = conffake_good("confinement required\n");
	assert_true(conf->confinement_required);
	conf_free(conf);
}

static void
check_nightly(const struct role *r)
{
	assert_non_null(r);
	assert_string_equal(r->file, CONFFAKE_NAME);
	assert_int_equal(r->line, 1);
	assert_int_equal(r->npeers, 5);
	assert_int_equal(r->peers[0].kind, PEER_USER);
	assert_int_equal(r->peers[0].id, 1000);
	assert_string_equal(r->peers[0].name, "ann");
	assert_int_equal(r->peers[1].id, 77);
	assert_int_equal(r->peers[2].id, 78);
	assert_int_equal(r->peers[3].kind, PEER_GROUP);
	assert_int_equal(r->peers[3].id, 50);
	assert_int_equal(r->peers[4].id, 79);
	assert_int_equal(r->nrules, 7);
	assert_int_equal(r->rules[0].action, POLICY_PERMIT);
	assert_int_equal(r->rules[0].ops, POLICY_OP_READ | POLICY_OP_LIST);
	assert_null(r->rules[0].label);
	assert_string_equal(r->rules[1].pattern, "/x");
	assert_string_equal(r->rules[2].pattern, "/y");
	assert_string_equal(r->rules[2].label, "two \"roots\"");
	assert_int_equal(r->rules[2].line, 8);
	assert_int_equal(r->rules[3].action, POLICY_DENY);
	assert_int_equal(r->rules[3].ops, POLICY_OP_ALL);
	assert_int_equal(r->rules[3].line, 9);
	/* A rule on a continued line has the line of its path. */
	assert_int_equal(r->rules[4].line, 10);
	assert_int_equal(r->rules[5].ops, POLICY_OP_READ);
	assert_int_equal(r->rules[6].ops, POLICY_OP_LIST);
	assert_string_equal(r->rules[6].pattern, "/a\\*b\\?");
	assert_int_equal(r->options, POLICY_ONE_FILESYSTEM);
	assert_int_equal(r->limits[LIMIT_SESSIONS], 4);
	assert_string_equal(r->as_user, "ann");
}

static void
test_role(void **state)
{
	struct conf	*conf = conffake_good(
	    "role \"nightly\" {\n"
	    "	peer user \"ann\"\n"
	    "	peer user 77\n"
	    "	peer user \"78\"\n"
	    "	peer group \"staff\"\n"
	    "	peer group 79\n"
	    "	permit read \"/\"\n"
	    "	permit read, list \"/x\" \"/y\" label \"two \\\"roots\\\"\"\n"
	    "	deny \"/proc\" \\\n"
	    "		\"/sys\"\n"
	    "	deny read \"**/*.key\"\n"
	    "	permit list \"/a\\*b\\\\?\"\n"
	    "	option one-filesystem\n"
	    "	limit sessions 4\n"
	    "	as user \"ann\"\n"
	    "}\n"
	    "role \"2\" { peer user \"root\"\n permit read \"/\" }\n"
	    "role \"3\"\n\n{\n\npeer user 0\npermit read \"/\"\n}");

	(void)state;
	assert_int_equal(conf->nroles, 3);
	assert_null(conf_role(conf, "night"));
	check_nightly(conf_role(conf, "nightly"));
	assert_null(conf_role(conf, "2")->as_user);
	assert_int_equal(conf_role(conf, "2")->options, 0);
	assert_int_equal(conf_role(conf, "2")->limits[LIMIT_SESSIONS], 0);
	assert_int_equal(conf_role(conf, "3")->line, 19);
	conf_free(conf);
}

static void
test_values(void **state)
{
	char	 path[128], text[256], fault[256];

	(void)state;
	conffake_bad("limit sessions 0\n", "1: \"0\" is too small; expected a "
	    "number from 1 to 65535");
	conffake_bad("limit sessions 65536 per uid\n", "1: \"65536\" is too "
	    "large; expected a number from 1 to 65535");
	conffake_bad("limit sessions \"-5\"\n", "1: \"-5\" is invalid; "
	    "expected a number from 1 to 65535");
	conffake_bad("limit sessions \"\"\n", "1: \"\" is invalid; expected a "
	    "number from 1 to 65535");
	conffake_bad(ROLE("limit sessions 99999999999999999999"), "2: "
	    "\"99999999999999999999\" is too large; expected a number from 1 "
	    "to 65535");
	conffake_bad("rundir \"run\"\n", "1: rundir \"run\" must be an "
	    "absolute path without \"//\", \".\", \"..\" or a slash at its "
	    "end");
	conffake_bad("rundir \"/\"\n", "1: rundir \"/\" must be an absolute "
	    "path without \"//\", \".\", \"..\" or a slash at its end");
	conffake_bad("rundir \"/a/../b\"\n", "1: rundir \"/a/../b\" must be an "
	    "absolute path without \"//\", \".\", \"..\" or a slash at its "
	    "end");
	/* rundir + "/session/" + 32 bytes + NUL make 108. */
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[66] = '\0';
	(void)snprintf(text, sizeof(text), "rundir \"%s\"\n", path);
	conf_free(conffake_good(text));
	path[66] = 'a';
	path[67] = '\0';
	(void)snprintf(text, sizeof(text), "rundir \"%s\"\n", path);
	(void)snprintf(fault, sizeof(fault), "1: rundir \"%s\" is too long "
	    "for the sockets in it; expected at most 66 bytes", path);
	conffake_bad(text, fault);
}

static void
test_accounts(void **state)
{
	(void)state;
	conffake_bad("user \"nobody9\"\n", "1: user \"nobody9\" does not "
	    "exist");
	conffake_bad("user \"broken\"\n", "1: user \"broken\" cannot be looked "
	    "up: Input/output error");
	conffake_bad("user 1234\n", "1: user \"1234\" does not exist");
	conffake_bad("user \"root\"\n", "1: user \"root\" has uid 0; expected "
	    "an unprivileged user");
	conffake_bad("user \"toor\"\n", "1: user \"toor\" has uid 0; expected "
	    "an unprivileged user");
	/* A user who is not known is nobody that the worker user could be. */
	conffake_bad("worker user \"toor\"\nuser \"nobody9\"\n", "1: worker "
	    "user \"toor\" has uid or gid 0; expected an unprivileged user\n"
	    "2: user \"nobody9\" does not exist");
	conffake_bad(ROLE("as user \"root\""), "2: as user \"root\" has uid 0; "
	    "expected an unprivileged user");
	conffake_bad(ROLE("as user \"1000\""), "2: as user \"1000\" is a "
	    "number; expected a user's name");
	conffake_bad(ROLE("as user \"nobody9\""), "2: user \"nobody9\" does "
	    "not exist");
	conffake_bad(ROLE("peer user \"nobody9\""), "2: user \"nobody9\" does "
	    "not exist");
	conffake_bad(ROLE("peer group \"ann\""), "2: group \"ann\" does not "
	    "exist");
	conffake_bad(ROLE("peer user 4294967295"), "2: \"4294967295\" is too "
	    "large; expected a number from 0 to 4294967294");
	conffake_bad(ROLE("peer group \"4294967295\""), "2: \"4294967295\" is "
	    "too large; expected a number from 0 to 4294967294");
	conf_free(conffake_good(
	    ROLE("peer user 4294967294\npermit read \"/\"")));
}

static void
test_twice(void **state)
{
	(void)state;
	conffake_bad("rundir \"/a\"\n"
	    "rundir \"/a\"\n", "2: rundir is already set at " CONFFAKE_NAME
	    ":1");
	conffake_bad("user \"ann\"\n"
	    "\n"
	    "user \"ann\"\n", "3: user is already set at " CONFFAKE_NAME ":1");
	conffake_bad("confinement optional\n"
	    "confinement optional\n", "2: confinement is already set at "
	    CONFFAKE_NAME ":1");
	conffake_bad("limit sessions 5\n"
	    "limit sessions 6\n", "2: limit sessions is already set at "
	    CONFFAKE_NAME ":1");
	conffake_bad("limit sessions 5 per uid\n"
	    "limit sessions 6 per uid\n", "2: limit sessions per uid is "
	    "already set at " CONFFAKE_NAME ":1");
	conffake_bad(ROLE("limit sessions 5\nlimit sessions 5"),
	    "3: limit sessions is already set at " CONFFAKE_NAME ":2");
	conffake_bad(ROLE("as user \"ann\"\nas user \"ann\""), "3: as user is "
	    "already set at " CONFFAKE_NAME ":2");
	conffake_bad("role \"r\" {\n"
	    "peer user 5\n"
	    "permit read \"/\"\n"
	    "}\n"
	    "role \"r\" {\n"
	    "peer user 5\n"
	    "}\n", "5: role \"r\" is already defined at " CONFFAKE_NAME ":1");
	/* Each role can set it once. */
	conf_free(conffake_good(
	    "role \"a\" { limit sessions 5\npeer user 5\npermit read \"/\" }\n"
	    "role \"b\" { limit sessions 5\npeer user 5\npermit read \"/\" }"));
}

static void
test_roles(void **state)
{
	(void)state;
	conffake_bad(ROLE("permit read \"/\""), "1: role \"r\" has no peer; "
	    "expected peer user or peer group, or another role that uses it");
	conffake_bad(ROLE("peer user 5\ndeny \"/\""), "1: role \"r\" has no "
	    "permit rule; expected at least one");
	conffake_bad(ROLE(""), "1: role \"r\" has no peer; expected peer user "
	    "or peer group, or another role that uses it\n"
	    "1: role \"r\" has no permit rule; expected at least one");
	conffake_bad("role \"\" {\n"
	    "}\n", "1: invalid role name \"\"; expected a letter or digit, "
	    "then letters, digits, \"_\" and \"-\", at most 63 bytes");
	conffake_bad("role \"-a\" {\n"
	    "}\n", "1: invalid role name \"-a\"; expected a letter or digit, "
	    "then letters, digits, \"_\" and \"-\", at most 63 bytes");
	conffake_bad(ROLE("deny \"/\" label \"\""), "2: \"/\": the label is "
	    "empty");
	conffake_bad(ROLE("deny \"x\""), "2: \"x\": it must begin with / or "
	    "**/");
	conffake_bad(ROLE("deny \"/a/\""), "2: \"/a/\": it ends with a slash; "
	    "leave that out");
}

/* What is a directory is noted, for the opener; a wildcard needs one. */
static void
test_directories(void **state)
{
	static const bool	 directory[] = { false, true, false, true };
	struct conf		*conf;
	size_t			 i;

	(void)state;
	conf = conffake_good("role \"r\" {\npeer user 5\n"
	    "permit read \"/file\"\n"
	    "permit read \"/dir\"\n"
	    "deny \"/dir\"\n"
	    "permit read \"/file/*.c\"\n}\n");
	assert_int_equal(conf->roles[0]->nrules, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(conf->roles[0]->rules[i].directory,
		    directory[i]);
	conf_free(conf);
}

static void
test_creating(void **state)
{
	struct conf		*conf;
	const struct rule	*r;

	(void)state;
	conf = conffake_good(ROLE(GOOD
	    "permit append, create \"/x\" mode 0640 owner \"ann\" "
	    "group \"staff\" exclusive label \"l\"\n"
	    "permit create \"/y\" label \"l\" owner \"ann\"\n"
	    "permit create, write \"/z\" group 7 mode 777\n"
	    "permit create \"/d\"\n"
	    "permit create \"/n\" owner 77 group 78 mode \"0\"\n"
	    "permit mkdir, setmeta \"/m\" owner any\n"
	    "permit link, symlink \"/m\" owner self\n"
	    "permit mkdir, setmeta \"/m\" owner by-name\n"));
	r = &conf->roles[0]->rules[1];
	assert_int_equal(r->ops, POLICY_OP_APPEND | POLICY_OP_CREATE);
	assert_int_equal(r->create.mode, 0640);
	assert_int_equal(r->create.uid, 1000);
	assert_int_equal(r->create.gid, 50);
	assert_true(r->create.exclusive);
	assert_string_equal(r->label, "l");
	assert_string_equal(r->owner, "ann");
	/* An owner without a group: the login group of the owner. */
	r++;
	assert_int_equal(r->create.mode, 0600);
	assert_int_equal(r->create.uid, 1000);
	assert_int_equal(r->create.gid, 1001);
	assert_false(r->create.exclusive);
	assert_null(r->group);
	r++;
	assert_int_equal(r->create.mode, 0777);
	assert_int_equal(r->create.uid, POLICY_ID_PEER);
	assert_int_equal(r->create.gid, 7);
	r++;
	assert_int_equal(r->create.uid, POLICY_ID_PEER);
	assert_int_equal(r->create.gid, POLICY_ID_PEER);
	r++;
	assert_int_equal(r->create.mode, 0);
	assert_int_equal(r->create.uid, 77);
	assert_int_equal(r->create.gid, 78);
	assert_int_equal(r->create.choice, POLICY_CHOICE_NONE);
	r++;
	assert_int_equal(r->create.choice, POLICY_CHOICE_ANY);
	assert_null(r->owner);
	assert_int_equal(r->create.uid, POLICY_ID_PEER);
	r++;
	assert_int_equal(r->create.choice, POLICY_CHOICE_NONE);
	assert_null(r->owner);
	assert_int_equal(r->create.uid, POLICY_ID_PEER);
	r++;
	assert_int_equal(r->create.choice, POLICY_CHOICE_NAMED);
	assert_null(r->owner);
	assert_int_equal(r->create.uid, POLICY_ID_PEER);
	conf_free(conf);
}

/* Roles know the accounts where that matters; they are listed once. */
static void
test_by_name(void **state)
{
	struct conf	*conf;
	const char	*text = "role \"a\" {\npeer user 5\npermit create, "
			    "setmeta \"/a\" owner by-name\n}\n"
			    "role \"b\" {\npeer user 5\nuse \"part\"\n}\n"
			    "role \"part\" {\npermit setmeta \"/b\" owner "
			    "by-name\n}\n"
			    "role \"c\" {\npeer user 5\npermit setmeta \"/c\" "
			    "owner any\n}\n"
			    "role \"d\" {\npeer user 5\npermit setmeta "
			    "\"/d\"\n}\n";
	size_t		 i;

	(void)state;
	conffake_listed = 0;
	conf = conffake_good(text);
	assert_int_equal(conffake_listed, 2);
	assert_int_equal(conf->nroles, 4);
	for (i = 0; i < 3; i++) {
		assert_true(named_has(conf->roles[i]->named, false, 1000));
		assert_false(named_has(conf->roles[i]->named, false, 1001));
		assert_true(named_has(conf->roles[i]->named, true, 1001));
	}
	assert_null(conf->roles[3]->named);
	conf_free(conf);
	/* Without a list, only `owner any' works. */
	conffake_numbers_error = EIO;
	conffake_bad(text, "3: owner by-name: the users of this machine cannot "
	    "be listed: Input/output error\n10: owner by-name: the users of "
	    "this machine cannot be listed: Input/output error");
	conf = conffake_good(ROLE("peer user 5\npermit setmeta \"/c\" owner "
	    "any"));
	assert_null(conf->roles[0]->named);
	conf_free(conf);
	conffake_numbers_error = E2BIG;
	conffake_bad(ROLE("peer user 5\npermit link \"/c\" owner by-name"),
	    "3: owner by-name: the users of this machine cannot be listed: "
	    "there are too many");
	conffake_numbers_error = 0;
	conffake_listed = 0;
	conf_free(conffake_good(ROLE(GOOD)));
	assert_int_equal(conffake_listed, 0);
}

static void
test_creating_faults(void **state)
{
	(void)state;
	conffake_bad(ROLE("permit read \"/\" mode 0644 \\\n\towner \"ann\""),
	    "2: mode is only for a rule that permits create\n"
	    "3: owner is only for a rule that permits create, link, mkdir, "
	    "setmeta or symlink");
	conffake_bad(ROLE("deny create \"/\" exclusive"), "2: exclusive is "
	    "only for a rule that permits create");
	conffake_bad(ROLE("deny \"/\" group \"staff\""), "2: group is only for "
	    "a rule that permits create, link, mkdir, setmeta or symlink");
	conffake_bad(ROLE("permit mkdir, setmeta \"/\" mode 0700"), "2: mode "
	    "is only for a rule that permits create");
	conffake_bad(ROLE("permit mkdir \"/\" exclusive"), "2: exclusive is "
	    "only for a rule that permits create");
	conffake_bad(ROLE("permit setmeta \"/\" owner all"), "2: unexpected "
	    "all; expected \"name\", a uid, any, by-name or self");
	conffake_bad(ROLE("permit setmeta \"/\" owner by-name group 7"), "2: "
	    "owner by-name lets the client choose the group, too; remove "
	    "group");
	conffake_bad(ROLE("as user \"ann\"\npeer user 5\npermit setmeta \"/\" "
	    "owner by-name"), "4: \"/\": as user \"ann\" cannot give files "
	    "away; remove owner by-name");
	conffake_bad(ROLE("permit setmeta \"/\" owner any group 7"), "2: owner "
	    "any lets the client choose the group, too; remove group");
	conffake_bad(ROLE("permit setmeta \"/\" owner any owner self"),
	    "2: owner is given twice; remove one of them");
	conffake_bad(ROLE("permit create \"/\" mode 4755"), "2: invalid mode "
	    "\"4755\"; expected an octal number from 0 to 0777");
	conffake_bad(ROLE("permit create \"/\" mode 0888"), "2: invalid mode "
	    "\"0888\"; expected an octal number from 0 to 0777");
	conffake_bad(ROLE("permit create \"/\" mode 01000"), "2: invalid mode "
	    "\"01000\"; expected an octal number from 0 to 0777");
	conffake_bad(ROLE("permit create \"/\" mode"), "2: unexpected end of "
	    "line; expected an octal number");
	conffake_bad(ROLE("permit create \"/\" owner exclusive"),
	    "2: unexpected exclusive; expected \"name\", a uid, any, by-name "
	    "or self");
	conffake_bad(ROLE("permit create \"/\" group ann"), "2: unexpected "
	    "ann; expected \"name\" or a gid");
	conffake_bad(ROLE("permit create \"/\" owner \"nobody9\""), "2: user "
	    "\"nobody9\" does not exist");
	conffake_bad(ROLE("permit create \"/\" owner 77"), "2: owner 77 has no "
	    "account, and so no group; add group to the rule");
	conffake_bad(ROLE("permit create \"/\" mode 0644 mode 0644"),
	    "2: mode is given twice; remove one of them");
	conffake_bad(ROLE("as user \"ann\"\n"
	    GOOD "permit create \"/\" owner \"ann\""), "5: \"/\": as user "
	    "makes \"ann\" the owner of what is created; remove owner and "
	    "group");
	conffake_bad(ROLE(GOOD "permit special \"/x\"\noption regular-only"),
	    "4: \"/x\": permit special contradicts option regular-only at "
	    CONFFAKE_NAME ":5; remove one of them");
	conf_free(conffake_good(ROLE(GOOD "deny special \"/x\"\n"
	    "option regular-only")));
}

static void
test_limits(void **state)
{
	struct conf	*conf;
	const uint64_t	*limits;
	char		 text[POLICY_LIMIT_TEXT];

	(void)state;
	conf = conffake_good(ROLE(GOOD));
	limits = conf->roles[0]->limits;
	assert_int_equal(limits[LIMIT_SESSIONS], 0);
	assert_int_equal(limits[LIMIT_SESSIONS_PER_UID], 0);
	assert_int_equal(limits[LIMIT_TOKENS], 256);
	assert_int_equal(limits[LIMIT_OPENS], 0);
	assert_int_equal(limits[LIMIT_BYTES], 262144);
	assert_int_equal(limits[LIMIT_TOKENS_PER_UID], 0);
	assert_int_equal(limits[LIMIT_OPENS_PER_UID], 0);
	assert_int_equal(limits[LIMIT_BYTES_PER_UID], 0);
	assert_int_equal(conf->limits[LIMIT_TOKENS_PER_UID], 0);
	conf_free(conf);
	conf = conffake_good(ROLE(GOOD "limit sessions 1\n"
	    "limit sessions 2 per uid\nlimit tokens 3\nlimit opens 4\n"
	    "limit bytes 100K\n"));
	limits = conf->roles[0]->limits;
	assert_int_equal(limits[LIMIT_SESSIONS], 1);
	assert_int_equal(limits[LIMIT_SESSIONS_PER_UID], 2);
	assert_int_equal(limits[LIMIT_TOKENS], 3);
	assert_int_equal(limits[LIMIT_OPENS], 4);
	assert_int_equal(limits[LIMIT_BYTES], 102400);
	conf_free(conf);
	conf = conffake_good("limit tokens 20 per uid\nlimit opens 21 per uid\n"
	    "limit bytes 2M per uid\n" ROLE(GOOD "limit tokens 16 per uid\n"
	    "limit opens 1 per uid\nlimit bytes 64K per uid\n"));
	limits = conf->limits;
	assert_int_equal(limits[LIMIT_TOKENS_PER_UID], 20);
	assert_int_equal(limits[LIMIT_OPENS_PER_UID], 21);
	assert_int_equal(limits[LIMIT_BYTES_PER_UID], 2097152);
	assert_int_equal(limits[LIMIT_TOKENS], 0);
	limits = conf->roles[0]->limits;
	assert_int_equal(limits[LIMIT_TOKENS_PER_UID], 16);
	assert_int_equal(limits[LIMIT_OPENS_PER_UID], 1);
	assert_int_equal(limits[LIMIT_BYTES_PER_UID], 65536);
	assert_int_equal(limits[LIMIT_TOKENS], 256);
	conf_free(conf);
	conf = conffake_good(ROLE(GOOD "limit bytes \"1M\""));
	assert_int_equal(conf->roles[0]->limits[LIMIT_BYTES], 1048576);
	conf_free(conf);
	conffake_bad(ROLE("limit bytes 2M"), "2: \"2M\" is too large; expected "
	    "a number from 64K to 1M");
	conffake_bad(ROLE("limit bytes 65535"), "2: \"65535\" is too small; "
	    "expected a number from 64K to 1M");
	conffake_bad(ROLE("limit bytes 64k"), "2: \"64k\" is invalid; expected "
	    "a number from 64K to 1M");
	conffake_bad(ROLE("limit bytes 64KK"), "2: \"64KK\" is invalid; "
	    "expected a number from 64K to 1M");
	conffake_bad(ROLE("limit bytes 99999999999999999999999M"), "2: "
	    "\"99999999999999999999999M\" is too large; expected a number "
	    "from 64K to 1M");
	conffake_bad(ROLE("limit opens 5K"), "2: \"5K\" is invalid; expected a "
	    "number from 1 to 1000000");
	conffake_bad(ROLE("limit tokens 0"), "2: \"0\" is too small; expected "
	    "a number from 1 to 4096");
	conffake_bad(ROLE("limit opens 5\nlimit opens 5"), "3: limit opens is "
	    "already set at " CONFFAKE_NAME ":2");
	conf = conffake_good(ROLE(GOOD "limit lifetime 1h\nlimit idle 90\n"));
	assert_int_equal(conf->roles[0]->limits[LIMIT_LIFETIME], 3600);
	assert_int_equal(conf->roles[0]->limits[LIMIT_IDLE], 90);
	conf_free(conf);
	conf = conffake_good(ROLE(GOOD "limit lifetime 365d\nlimit idle 2m\n"));
	assert_int_equal(conf->roles[0]->limits[LIMIT_LIFETIME], 31536000);
	assert_int_equal(conf->roles[0]->limits[LIMIT_IDLE], 120);
	conf_free(conf);
	conffake_bad(ROLE("limit idle 0s"), "2: \"0s\" is too small; expected "
	    "a time from 1s to 365d");
	conffake_bad(ROLE("limit idle 366d"), "2: \"366d\" is too large; "
	    "expected a time from 1s to 365d");
	conffake_bad(ROLE("limit idle 1M"), "2: \"1M\" is invalid; expected a "
	    "time from 1s to 365d");
	conf = conffake_good(ROLE(GOOD "limit hours 22:00-06:00\n"));
	assert_string_equal(policy_limit_text(LIMIT_HOURS,
	    conf->roles[0]->limits[LIMIT_HOURS], text), "22:00-06:00");
	conf_free(conf);
	conf = conffake_good(ROLE(GOOD "limit hours \"08:30-17:00\"\n"));
	assert_string_equal(policy_limit_text(LIMIT_HOURS,
	    conf->roles[0]->limits[LIMIT_HOURS], text), "08:30-17:00");
	conf_free(conf);
	conffake_bad(ROLE("limit hours 22-06"), "2: \"22-06\" is invalid; "
	    "expected hours such as 22:00-06:00");
	conffake_bad(ROLE("limit hours 22:00"), "2: \"22:00\" is invalid; "
	    "expected hours such as 22:00-06:00");
	conffake_bad(ROLE("limit hours 5h"), "2: \"5h\" is invalid; expected "
	    "hours such as 22:00-06:00");
	conffake_bad(ROLE("limit hours :30"), "2: unexpected character \":\"");
	conffake_bad("limit idle 5m\n", "1: limit idle can only be set in a "
	    "role; expected one of: sessions, sessions per uid, tokens per "
	    "uid, opens per uid, bytes per uid");
}

/* A role may have no more roots than an opener can have. */
static void
test_many_roots(void **state)
{
	static char	 text[1 << 20];
	size_t		 len;
	int		 i;

	(void)state;
	len = strlcpy(text, "role \"r\" {\npeer user 5\n", sizeof(text));
	for (i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "permit read, write \"/a%d\"\n", i);
	(void)strlcpy(text + len, "}\n", sizeof(text) - len);
	conf_free(conffake_good(text));
	(void)strlcpy(text + len, "permit list \"/b\" }\n",
	    sizeof(text) - len);
	conffake_bad(text, "1: the roots of role \"r\" are in 201 "
	    "directories; expected at most 200: permit a directory above them "
	    "and deny the rest of it");
	/* Files of one directory share it: "/" once for reading, once more. */
	(void)snprintf(text + len, sizeof(text) - len, "}\n"
	    "role \"s\" {\npeer user 5\n");
	len += strlen(text + len);
	for (i = 0; i < POLICY_NAMES_MAX / 2; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "permit read, write \"/file%d\"\n", i);
	(void)strlcpy(text + len, "}\n", sizeof(text) - len);
	conf_free(conffake_good(text));
	(void)strlcpy(text + len, "permit read \"/file\" }\n",
	    sizeof(text) - len);
	conffake_bad(text, "104: role \"s\" names 20001 files; expected at "
	    "most 20000: permit their directory and deny the rest of it");
}

static void
test_permit_roots(void **state)
{
	(void)state;
	conffake_bad(ROLE("permit read \"/missing\""), "2: /missing: No such "
	    "file or directory; the path of a permit rule must exist");
	/* A file to be created need not exist, but its directory must. */
	conf_free(conffake_good(ROLE(GOOD "permit create \"/missing\"")));
	conffake_bad(ROLE("permit create \"/missing/*\""), "2: /missing: No "
	    "such file or directory; the path of a permit rule must exist");
	conffake_bad(ROLE("permit append \"/missing\""), "2: /missing: No such "
	    "file or directory; the path of a permit rule must exist");
	conffake_bad(ROLE("permit create \"/missing/a/b\""), "2: /missing/a: "
	    "No such file or directory; the path of a permit rule must exist");
	conffake_bad(ROLE("permit list \"/missing/*.c\""), "2: /missing: No "
	    "such file or directory; the path of a permit rule must exist");
	conffake_bad(ROLE("permit read \"/bin\""), "2: /bin is a symbolic "
	    "link; write \"/usr/bin\" instead");
	conffake_bad(ROLE("permit read \"/bin/x/*.c\""), "2: /bin is a "
	    "symbolic link; write \"/usr/bin/x/*.c\" instead");
	conffake_bad(ROLE("permit read \"/bin/**\""), "2: /bin is a symbolic "
	    "link; write \"/usr/bin/**\" instead");
	conffake_bad(ROLE("permit read \"/top/*\""), "2: /top is a symbolic "
	    "link; write \"/*\" instead");
	conffake_bad(ROLE("permit read \"/top\""), "2: /top is a symbolic "
	    "link; write \"/\" instead");
	conffake_bad(ROLE("permit read \"/dangling\""), "2: /dangling is a "
	    "symbolic link, and /dangling does not exist");
	/* The paths of denies are not checked. */
	conf_free(conffake_good(ROLE("peer user 5\npermit read \"/\"\n"
	    "deny \"/missing\" \"/bin\"")));
}

static void
test_default_user(void **state)
{
	struct conffake_file	 files[2] = { { CONFFAKE_NAME, "", 0 } };
	struct confsys		 sys = conffake_sys(files);
	struct conf		*conf;

	(void)state;
	assert_non_null(conf = conf_load_from(&sys, CONFFAKE_NAME, NULL));
	conf_free(conf);
	/* The default user may not exist on the real system. */
	sys.user = confsys_real.user;
	conffake_logged[0] = '\0';
	if ((conf = conf_load_from(&sys, CONFFAKE_NAME, NULL)) == NULL)
		assert_string_equal(conffake_logged, CONFFAKE_NAME
		    ": there is no user statement, and user \"" PRIVSEP_USER
		    "\" does not exist\n");
	conf_free(conf);
}

static void
test_audit_how(void **state)
{
	struct conf	*conf;

	(void)state;
	conf = conffake_good("log audit all lossless to \"/a\"\n" ROLE(GOOD));
	assert_int_equal(conf->audit, AUDITMODE_LOSSLESS);
	assert_string_equal(conf->audit_path, "/a");
	conf_free(conf);
	conf = conffake_good("log audit denied rate 5000\n" ROLE(GOOD));
	assert_int_equal(conf->audit, AUDITMODE_DENIED);
	assert_int_equal(conf->audit_rate, 5000);
	conf_free(conf);
	conf = conffake_good(ROLE(GOOD));
	assert_int_equal(conf->audit_rate, AUDIT_RATE);
	conf_free(conf);
	conffake_bad("log audit denied lossless\n" ROLE(GOOD), "1: log audit "
	    "denied cannot be lossless; expected all lossless");
	conffake_bad("log audit all rate 0\n" ROLE(GOOD), "1: rate 0 is too "
	    "small; expected a number from 1 to 1000000");
	conffake_bad("log audit all rate\n" ROLE(GOOD), "1: unexpected rate; "
	    "expected lossless, or rate and the number of records per second");
	conffake_bad("log audit all lossless 5\n" ROLE(GOOD), "1: unexpected "
	    "lossless; expected lossless, or rate and the number of records "
	    "per second");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_how),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_role),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_creating),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_creating_faults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_roots),
		cmocka_unit_test(test_permit_roots),
		cmocka_unit_test(test_default_user),
	};

	return cmocka_run_group_tests(tests, conffake_setup, NULL);
}
