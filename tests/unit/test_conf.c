/*
 * test_conf.c: what a configuration means and which are refused, with which
 * words.  The system that is asked is a table; the real one is in
 * test_confsys.c.
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

#include "conf.h"
#include "confbuild.h"
#include "confsys.h"
#include "log.h"

#define FILE_NAME	"/etc/fdbroker.conf"

/* What was logged, one line each. */
static char	logged[65536];

static void
note(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	assert_true(strlcat(logged, text, sizeof(logged)) < sizeof(logged));
	assert_true(strlcat(logged, "\n", sizeof(logged)) < sizeof(logged));
}

/*
 * The system made of a table.
 */
struct file {
	const char	*name, *text;
	size_t		 len;		/* 0: of the text as a string */
};

static int
fake_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	const struct file	*f;

	for (f = arg; f->name != NULL; f++) {
		if (strcmp(f->name, path) != 0)
			continue;
		*len = f->len != 0 ? f->len : strlen(f->text);
		assert_non_null(*text = malloc(*len + 1));
		memcpy(*text, f->text, *len);
		return 0;
	}
	(void)strlcpy(why, "no such file", CONFSYS_WHY_MAX);
	return -1;
}

/* "/etc/x.d" and all that ends in ".d" are directories of what they contain. */
static int
fake_list(void *arg, const char *path, char ***names, char *why)
{
	const struct file	*f;
	size_t			 n = 0, len = strlen(path);

	(void)arg;
	if (len < 2 || strcmp(path + len - 2, ".d") != 0)
		return 0;
	if (strcmp(path, "/etc/shared.d") == 0) {
		(void)strlcpy(why, "group or others may write it",
		    CONFSYS_WHY_MAX);
		return -1;
	}
	assert_non_null(*names = calloc(16, sizeof(**names)));
	for (f = arg; f->name != NULL; f++) {
		if (strncmp(f->name, path, len) == 0 && f->name[len] == '/')
			assert_non_null((*names)[n++] =
			    strdup(f->name + len + 1));
	}
	return 1;
}

static int
fake_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	static const struct {
		const char	*name;
		uint32_t	 uid, gid;
	} users[] = {
		{ PRIVSEP_USER, 90, 91 }, { "root", 0, 0 },
		{ "toor", 0, 7 }, { "ann", 1000, 1001 },
	};
	size_t	 i;

	(void)arg;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		if (strcmp(users[i].name, name) == 0) {
			*uid = users[i].uid;
			*gid = users[i].gid;
			return 0;
		}
	}
	errno = strcmp(name, "broken") == 0 ? EIO : ENOENT;
	return -1;
}

static int
fake_group(void *arg, const char *name, uint32_t *gid)
{
	(void)arg;
	if (strcmp(name, "staff") != 0) {
		errno = ENOENT;
		return -1;
	}
	*gid = 50;
	return 0;
}

static int
fake_root(void *arg, const char *path, char link[PATH_MAX],
    char real[PATH_MAX])
{
	(void)arg;
	if (strncmp(path, "/missing", 8) == 0) {
		errno = ENOENT;
		return -1;
	}
	if (strncmp(path, "/bin", 4) == 0) {
		(void)strlcpy(link, "/bin", PATH_MAX);
		(void)snprintf(real, PATH_MAX, "/usr%s", path);
		return 0;
	}
	if (strcmp(path, "/top") == 0) {
		(void)strlcpy(link, "/top", PATH_MAX);
		(void)strlcpy(real, "/", PATH_MAX);
		return 0;
	}
	if (strcmp(path, "/dangling") == 0) {
		(void)strlcpy(link, "/dangling", PATH_MAX);
		real[0] = '\0';
		return 0;
	}
	return 1;
}

static struct conf *
load_files(const struct file *files, const struct conf_macro *macros)
{
	struct confsys	 sys = { fake_read, fake_list, fake_user, fake_group,
			    fake_root, NULL };

	memcpy(&sys.arg, &files, sizeof(sys.arg));
	logged[0] = '\0';
	return conf_load_from(&sys, FILE_NAME, macros);
}

static struct conf *
load(const char *text)
{
	struct file	 files[2] = { { FILE_NAME, text, 0 } };

	return load_files(files, NULL);
}

static struct conf *
load_good(const char *text)
{
	struct conf	*conf;

	if ((conf = load(text)) == NULL)
		fail_msg("%s", logged);
	assert_string_equal(logged, "");
	return conf;
}

/* The text must be refused with these lines; "N: ..." is line N of it. */
static void
refuse(const char *text, const char *expected)
{
	char		 line[1024];
	const char	*p = logged, *nl;
	size_t		 n;

	if (load(text) != NULL)
		fail_msg("accepted:\n%s", text);
	for (; *expected != '\0'; expected += n + (expected[n] == '\n')) {
		n = strcspn(expected, "\n");
		(void)snprintf(line, sizeof(line), FILE_NAME ":%.*s", (int)n,
		    expected);
		if ((nl = strchr(p, '\n')) == NULL ||
		    strlen(line) != (size_t)(nl - p) ||
		    memcmp(p, line, strlen(line)) != 0)
			fail_msg("%s\nexpected: %s\nfound: %s", text, line, p);
		p = nl + 1;
	}
	if (*p != '\0')
		fail_msg("%s\nalso: %s", text, p);
}

/* A role with some lines in it, on line 2 and after. */
#define ROLE(lines)	"role \"r\" {\n" lines "\n}\n"
#define GOOD		"peer user \"ann\"\npermit read \"/a\"\n"

static void
test_defaults(void **state)
{
	struct conf	*conf = load_good("");

	(void)state;
	assert_string_equal(conf->rundir, RUNDIR);
	assert_string_equal(conf->user, PRIVSEP_USER);
	assert_int_equal(conf->uid, 90);
	assert_int_equal(conf->gid, 91);
	assert_true(conf->confinement_required);
	assert_int_equal(conf->limits[LIMIT_SESSIONS], 64);
	assert_int_equal(conf->limits[LIMIT_SESSIONS_PER_UID], 16);
	assert_int_equal(conf->limits[LIMIT_BYTES], 0);
	assert_int_equal(conf->audit, CONF_AUDIT_DENIED);
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
	struct conf	*conf = load_good(
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
	conf = load_good("log audit all to \"/var/log/x\"\n"
	    "control group \"staff\"\n");
	assert_int_equal(conf->audit, CONF_AUDIT_ALL);
	assert_string_equal(conf->audit_path, "/var/log/x");
	assert_string_equal(conf->control_group, "staff");
	assert_int_equal(conf->control_gid, 50);
	conf_free(conf);
	conf = load_good("log audit none\ncontrol group 77\n");
	assert_int_equal(conf->audit, CONF_AUDIT_NONE);
	assert_int_equal(conf->control_gid, 77);
	conf_free(conf);
	conf = load_good("log audit denied to syslog\n");
	assert_int_equal(conf->audit, CONF_AUDIT_DENIED);
	assert_null(conf->audit_path);
	conf_free(conf);
	conf = load_good("confinement required\n");
	assert_true(conf->confinement_required);
	conf_free(conf);
}

static void
check_nightly(const struct role *r)
{
	assert_non_null(r);
	assert_string_equal(r->file, FILE_NAME);
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
	/* Of a continued line, the line of the path. */
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
	struct conf	*conf = load_good(
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
test_macros(void **state)
{
	struct conf_macro	 last = { "a=/first", NULL };
	struct conf_macro	 macro = { "a=/other=x", &last };
	struct file		 files[] = {
		{ FILE_NAME, "a = \"/a\"\n"
		    "b = $a\n"
		    "b2 = \"/b\"\n"
		    "b2 = \"/b2\"\n"
		    "n = \"5\"\n"
		    "role \"r\" {\n"
		    "peer user $n\n"
		    "limit sessions $n\n"
		    "permit read $a $b $b2 \"/$a\" label $n }\n", 0 },
		{ NULL, NULL, 0 }
	};
	struct conf		*conf;
	struct role		*r;

	(void)state;
	assert_non_null(conf = load_files(files, NULL));
	r = conf->roles[0];
	assert_int_equal(r->peers[0].id, 5);
	assert_int_equal(r->limits[LIMIT_SESSIONS], 5);
	assert_string_equal(r->rules[0].pattern, "/a");
	assert_string_equal(r->rules[1].pattern, "/a");
	assert_string_equal(r->rules[2].pattern, "/b2");
	assert_string_equal(r->rules[3].pattern, "/$a");
	assert_string_equal(r->rules[3].label, "5");
	conf_free(conf);

	/* A macro from outside stays; the first of two counts. */
	assert_non_null(conf = load_files(files, &macro));
	assert_string_equal(conf->roles[0]->rules[0].pattern, "/other=x");
	assert_string_equal(conf->roles[0]->rules[1].pattern, "/other=x");
	conf_free(conf);

	macro.assignment = "a";
	macro.next = NULL;
	assert_null(load_files(files, &macro));
	assert_string_equal(logged, "-D: \"a\"; expected name=value\n");
	macro.assignment = "1a=b";
	assert_null(load_files(files, &macro));
	assert_string_equal(logged, "-D: \"1a\" is no name for a macro\n");
	macro.assignment = "=b";
	assert_null(load_files(files, &macro));
	macro.assignment = "a=b\nc";
	assert_null(load_files(files, &macro));
	assert_string_equal(logged, "-D: the value of \"a\" has a newline; "
	    "expected one line\n");
}

static void
test_lines(void **state)
{
	struct conf	*conf;

	(void)state;
	conf = load_good("rundir \\\n\t\"/a\\\nb\" # \\\n\nuser \"ann\" \\\n");
	assert_string_equal(conf->rundir, "/ab");
	conf_free(conf);
	conf = load_good("# a\\\nrundir \"/a\"");
	assert_string_equal(conf->rundir, "/a");
	conf_free(conf);
	conf = load_good("rundir \"/#a\\\\\\\"\"#");
	assert_string_equal(conf->rundir, "/#a\\\"");
	conf_free(conf);
	conf_free(load_good("\\\n"));
	conf_free(load_good("\\\n\\\n#"));
	conf_free(load_good("\\"));
	refuse("\\a", "1: unexpected character \"\\\"");
	refuse("user \"a\\\nb\nuser \"\\", "1: a string has no \" at its end\n"
	    "3: a string has no \" at its end");
	refuse("rundir \"/a\"\r\n", "1: unexpected byte 0x0d");
	refuse("rundir /a\n", "1: /a must be in double quotes");
	refuse("a = $\n", "1: a $ without the name of a macro after it");
	refuse("a = $b\n", "1: macro \"b\" is not defined");
	refuse("a-b = \"c\"\n", "1: \"a-b\" is no name for a macro; expected "
	    "a letter or \"_\", then letters, digits and \"_\"");
}

static void
test_syntax(void **state)
{
	static const char	 top[] = "expected confinement, control, "
	    "include, limit, log, role, rundir, user or a macro's name";
	char			 text[512];

	(void)state;
	refuse("rundir\n", "1: unexpected end of line; expected \"path\"");
	refuse("rundir 5\n", "1: unexpected 5; expected \"path\"");
	refuse("rundir \"/a\" \"/b\"\n",
	    "1: unexpected \"/b\"; expected the end of the line");
	refuse("user = \"x\"\n", "1: unexpected \"=\"; expected \"name\"");
	refuse("confinement maybe\n",
	    "1: unexpected maybe; expected required or optional");
	refuse("limit 5\n", "1: unexpected 5; expected the name of a limit");
	refuse("limit sessions\n", "1: unexpected end of line; expected a "
	    "number");
	refuse("limit sessions per\n", "1: unexpected per; expected a "
	    "number");
	refuse("limit frobs 5\n", "1: unknown limit \"frobs\"; expected one "
	    "of: sessions, sessions per uid, tokens, opens, bytes");
	refuse("limit tokens 5 per uid\n", "1: unknown limit \"tokens per "
	    "uid\"; expected one of: sessions, sessions per uid, tokens, "
	    "opens, bytes");
	refuse("limit tokens 5\n", "1: limit tokens belongs in a role; "
	    "expected sessions");
	refuse("log\n", "1: unexpected end of line; expected audit");
	refuse("log audit\n", "1: unexpected end of line; expected all, "
	    "denied or none");
	refuse("log audit some\n", "1: unexpected some; expected all, denied "
	    "or none");
	refuse("log audit all to\n", "1: unexpected end of line; expected "
	    "\"path\" or syslog");
	refuse("log audit all to stderr\n", "1: unexpected stderr; expected "
	    "\"path\" or syslog");
	refuse("log audit none to \"/a\"\n", "1: log audit none has nothing "
	    "for \"/a\"; expected all or denied");
	refuse("log audit all to \"a\"\n", "1: log audit to \"a\" is not an "
	    "absolute path without \"//\", \".\", \"..\" or a slash at its "
	    "end");
	refuse("control\n", "1: unexpected end of line; expected group");
	refuse("control group\n", "1: unexpected end of line; expected "
	    "\"name\"");
	refuse("control group \"ann\"\n", "1: group \"ann\" does not exist");
	refuse("limit sessions 5 per\n",
	    "1: unexpected end of line; expected uid");
	refuse("include b\n", "1: unexpected b; expected \"file\"");
	refuse("a =\n", "1: unexpected end of line; expected \"value\"");
	(void)snprintf(text, sizeof(text), "1: unexpected foo; %s and \"=\"",
	    top);
	refuse("foo \"x\"\n", text);
	(void)snprintf(text, sizeof(text), "1: unexpected \"}\"; %s", top);
	refuse("}\n", text);
	(void)snprintf(text, sizeof(text), "1: unexpected peer; %s", top);
	refuse("peer user \"ann\"\n", text);
	refuse("role r {\n" GOOD "}\n", "1: unexpected r; expected \"name\"");
	refuse("role \"r\" peer {\n" GOOD "}\n",
	    "1: unexpected peer; expected \"{\"");
	refuse("role \"r\"\n", "2: unexpected end of file; expected \"{\"");
	refuse("role\n", "1: unexpected end of line; expected \"{\"");
	refuse("role \"r\" {\n" GOOD, "4: the file ends within { }; expected "
	    "\"}\"");
	refuse("role \"r\" {\n" GOOD "} x\n",
	    "4: unexpected x; expected the end of the line");
}

static void
test_role_syntax(void **state)
{
	static const char	 inside[] = "2: unexpected rundir; expected "
	    "as, deny, limit, option, peer, permit or \"}\"";

	(void)state;
	refuse(ROLE("rundir \"/a\""), inside);
	refuse("role \"r\" {\nrundir }\n", inside);
	refuse(ROLE("peer"), "2: unexpected end of line; expected user or "
	    "group");
	refuse(ROLE("peer user"), "2: unexpected end of line; expected "
	    "\"name\" or a uid");
	refuse(ROLE("peer group root"), "2: unexpected root; expected "
	    "\"name\" or a gid");
	refuse(ROLE("as"), "2: unexpected end of line; expected user");
	refuse(ROLE("as user 5"), "2: unexpected 5; expected \"name\"");
	refuse(ROLE("option"), "2: unexpected end of line; expected the name "
	    "of an option");
	refuse(ROLE("option two"), "2: unknown option \"two\"; expected one "
	    "of: follow, noatime, one-filesystem, owned-by-peer, "
	    "regular-only, single-link");
	refuse(ROLE("limit sessions"), "2: unexpected end of line; expected "
	    "a number");
	refuse(ROLE("limit"), "2: unexpected end of line; expected the name "
	    "of a limit");
	refuse(ROLE("permit \"/\""), "2: unexpected \"/\"; expected an "
	    "operation, such as read");
	refuse(ROLE("permit read,"), "2: unexpected end of line; expected an "
	    "operation");
	refuse(ROLE("permit remove \"/\""), "2: unknown operation \"remove\"; "
	    "expected one of: append, create, list, read, special, write");
	refuse(ROLE("deny remove \"/\""), "2: unknown operation \"remove\"; "
	    "expected one of: append, create, list, read, special, write");
	refuse(ROLE("deny"), "2: unexpected end of line; expected \"path\"");
	refuse(ROLE("deny \"/\" x"), "2: unexpected x; expected the end of "
	    "the line");
	refuse(ROLE("deny \"/\" label"), "2: unexpected end of line; expected "
	    "\"text\"");
	refuse(ROLE("deny \"/\" label \"a\" \"b\""), "2: unexpected \"b\"; "
	    "expected the end of the line");
}

/* One fault does not hide the next, nor make up others. */
static void
test_several(void **state)
{
	(void)state;
	refuse(
	    "rundir /a b\n"
	    "user\n"
	    "role \"a b\" {\n"
	    "	peer \"ann\"\n"
	    "	permit read \"/missing/a\" \"/a/..\"\n"
	    "	permit raed \"/\"\n"
	    "	deny \"/[\"\n"
	    "}\n"
	    "role \"r\" { frob\n"
	    "	permit read /a\n"
	    "	option x } y\n"
	    "confinement\n",
	    "1: /a must be in double quotes\n"
	    "2: unexpected end of line; expected \"name\"\n"
	    "3: \"a b\" is no name for a role; expected a letter or digit, "
	    "then letters, digits, \"_\" and \"-\", 63 bytes at most\n"
	    "4: unexpected \"ann\"; expected user or group\n"
	    "5: /missing/a: No such file or directory; a permit needs "
	    "something there\n"
	    "5: \"/a/..\": it has a component . or ..\n"
	    "6: unknown operation \"raed\"; expected one of: append, create, "
	    "list, read, special, write\n"
	    "7: \"/[\": a [ has no ] in its component\n"
	    "9: unexpected frob; expected as, deny, limit, option, peer, "
	    "permit or \"}\"\n"
	    "10: /a must be in double quotes\n"
	    "11: unknown option \"x\"; expected one of: follow, noatime, "
	    "one-filesystem, owned-by-peer, regular-only, single-link\n"
	    "11: unexpected y; expected the end of the line\n"
	    "12: unexpected end of line; expected required or optional");
}

static void
test_values(void **state)
{
	char	 path[128], text[256], fault[256];

	(void)state;
	refuse("limit sessions 0\n", "1: \"0\" is too small; expected a "
	    "number from 1 to 65535");
	refuse("limit sessions 65536 per uid\n", "1: \"65536\" is too large; "
	    "expected a number from 1 to 65535");
	refuse("limit sessions \"-5\"\n", "1: \"-5\" is invalid; expected a "
	    "number from 1 to 65535");
	refuse("limit sessions \"\"\n", "1: \"\" is invalid; expected a "
	    "number from 1 to 65535");
	refuse(ROLE("limit sessions 99999999999999999999"), "2: "
	    "\"99999999999999999999\" is too large; expected a number from 1 "
	    "to 65535");
	refuse("rundir \"run\"\n", "1: rundir \"run\" is not an absolute path "
	    "without \"//\", \".\", \"..\" or a slash at its end");
	refuse("rundir \"/\"\n", "1: rundir \"/\" is not an absolute path "
	    "without \"//\", \".\", \"..\" or a slash at its end");
	refuse("rundir \"/a/../b\"\n", "1: rundir \"/a/../b\" is not an "
	    "absolute path without \"//\", \".\", \"..\" or a slash at its "
	    "end");
	/* rundir + "/session/" + 32 bytes + NUL make 108. */
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[66] = '\0';
	(void)snprintf(text, sizeof(text), "rundir \"%s\"\n", path);
	conf_free(load_good(text));
	path[66] = 'a';
	path[67] = '\0';
	(void)snprintf(text, sizeof(text), "rundir \"%s\"\n", path);
	(void)snprintf(fault, sizeof(fault), "1: rundir \"%s\" is too long "
	    "for the names of sockets in it; expected 66 bytes at most", path);
	refuse(text, fault);
}

static void
test_accounts(void **state)
{
	(void)state;
	refuse("user \"nobody9\"\n", "1: user \"nobody9\" does not exist");
	refuse("user \"broken\"\n", "1: user \"broken\" cannot be looked up: "
	    "Input/output error");
	refuse("user 1234\n", "1: user \"1234\" does not exist");
	refuse("user \"root\"\n", "1: user \"root\" has uid 0; expected a "
	    "user without privileges");
	refuse("user \"toor\"\n", "1: user \"toor\" has uid 0; expected a "
	    "user without privileges");
	refuse(ROLE("as user \"root\""), "2: as user \"root\" has uid 0; "
	    "expected a user without privileges");
	refuse(ROLE("as user \"1000\""), "2: as user \"1000\" is a number; "
	    "expected the name of a user");
	refuse(ROLE("as user \"nobody9\""), "2: user \"nobody9\" does not "
	    "exist");
	refuse(ROLE("peer user \"nobody9\""), "2: user \"nobody9\" does not "
	    "exist");
	refuse(ROLE("peer group \"ann\""), "2: group \"ann\" does not exist");
	refuse(ROLE("peer user 4294967295"), "2: \"4294967295\" is too large; "
	    "expected a number from 0 to 4294967294");
	refuse(ROLE("peer group \"4294967295\""), "2: \"4294967295\" is too "
	    "large; expected a number from 0 to 4294967294");
	conf_free(load_good(ROLE("peer user 4294967294\npermit read \"/\"")));
}

static void
test_twice(void **state)
{
	(void)state;
	refuse("rundir \"/a\"\nrundir \"/a\"\n", "2: rundir is set again, "
	    "after " FILE_NAME ":1");
	refuse("user \"ann\"\n\nuser \"ann\"\n", "3: user is set again, after "
	    FILE_NAME ":1");
	refuse("confinement optional\nconfinement optional\n", "2: "
	    "confinement is set again, after " FILE_NAME ":1");
	refuse("limit sessions 5\nlimit sessions 6\n", "2: limit sessions is "
	    "set again, after " FILE_NAME ":1");
	refuse("limit sessions 5 per uid\nlimit sessions 6 per uid\n", "2: "
	    "limit sessions per uid is set again, after " FILE_NAME ":1");
	refuse(ROLE("limit sessions 5\nlimit sessions 5"), "3: limit sessions "
	    "is set again, after " FILE_NAME ":2");
	refuse(ROLE("as user \"ann\"\nas user \"ann\""), "3: as user is set "
	    "again, after " FILE_NAME ":2");
	refuse("role \"r\" {\npeer user 5\npermit read \"/\"\n}\n"
	    "role \"r\" {\npeer user 5\n}\n",
	    "5: role \"r\" is defined again, after " FILE_NAME ":1");
	/* Each role has its own. */
	conf_free(load_good(
	    "role \"a\" { limit sessions 5\npeer user 5\npermit read \"/\" }\n"
	    "role \"b\" { limit sessions 5\npeer user 5\npermit read \"/\" }"));
}

static void
test_roles(void **state)
{
	(void)state;
	refuse(ROLE("permit read \"/\""), "1: role \"r\" has no peer; "
	    "expected who may take it");
	refuse(ROLE("peer user 5\ndeny \"/\""), "1: role \"r\" has no permit "
	    "rule; expected one at least");
	refuse(ROLE(""), "1: role \"r\" has no peer; expected who may take "
	    "it\n1: role \"r\" has no permit rule; expected one at least");
	refuse("role \"\" {\n}\n", "1: \"\" is no name for a role; expected a "
	    "letter or digit, then letters, digits, \"_\" and \"-\", 63 bytes "
	    "at most");
	refuse("role \"-a\" {\n}\n", "1: \"-a\" is no name for a role; "
	    "expected a letter or digit, then letters, digits, \"_\" and "
	    "\"-\", 63 bytes at most");
	refuse(ROLE("deny \"/\" label \"\""), "2: \"/\": the label is empty");
	refuse(ROLE("deny \"x\""), "2: \"x\": it does not begin with / or "
	    "**/");
	refuse(ROLE("deny \"/a/\""), "2: \"/a/\": it ends in a slash");
}

static void
test_creating(void **state)
{
	struct conf		*conf;
	const struct rule	*r;

	(void)state;
	conf = load_good(ROLE(GOOD
	    "permit append, create \"/x\" mode 0640 owner \"ann\" "
	    "group \"staff\" exclusive label \"l\"\n"
	    "permit create \"/y\" label \"l\" owner \"ann\"\n"
	    "permit create, write \"/z\" group 7 mode 777\n"
	    "permit create \"/d\"\n"
	    "permit create \"/n\" owner 77 group 78 mode \"0\"\n"));
	r = &conf->roles[0]->rules[1];
	assert_int_equal(r->ops, POLICY_OP_APPEND | POLICY_OP_CREATE);
	assert_int_equal(r->create.mode, 0640);
	assert_int_equal(r->create.uid, 1000);
	assert_int_equal(r->create.gid, 50);
	assert_true(r->create.exclusive);
	assert_string_equal(r->label, "l");
	assert_string_equal(r->owner, "ann");
	/* Of an owner, the group that is the account's. */
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
	conf_free(conf);
}

static void
test_creating_faults(void **state)
{
	(void)state;
	refuse(ROLE("permit read \"/\" mode 0644 \\\n\towner \"ann\""),
	    "2: mode says how to create; expected a permit of create\n"
	    "3: owner says how to create; expected a permit of create");
	refuse(ROLE("deny create \"/\" exclusive"),
	    "2: exclusive says how to create; expected a permit of create");
	refuse(ROLE("deny \"/\" group \"staff\""),
	    "2: group says how to create; expected a permit of create");
	refuse(ROLE("permit create \"/\" mode 4755"), "2: mode \"4755\"; "
	    "expected an octal number from 0 to 0777");
	refuse(ROLE("permit create \"/\" mode 0888"), "2: mode \"0888\"; "
	    "expected an octal number from 0 to 0777");
	refuse(ROLE("permit create \"/\" mode 01000"), "2: mode \"01000\"; "
	    "expected an octal number from 0 to 0777");
	refuse(ROLE("permit create \"/\" mode"), "2: unexpected end of line; "
	    "expected an octal number");
	refuse(ROLE("permit create \"/\" owner exclusive"), "2: unexpected "
	    "exclusive; expected \"name\" or a uid");
	refuse(ROLE("permit create \"/\" group ann"), "2: unexpected ann; "
	    "expected \"name\" or a gid");
	refuse(ROLE("permit create \"/\" owner \"nobody9\""), "2: user "
	    "\"nobody9\" does not exist");
	refuse(ROLE("permit create \"/\" owner 77"), "2: owner 77 has no "
	    "account, and so no group; expected group as well");
	refuse(ROLE("permit create \"/\" mode 0644 mode 0644"), "2: mode is "
	    "given again; expected it once");
	refuse(ROLE("as user \"ann\"\n" GOOD
	    "permit create \"/\" owner \"ann\""), "5: \"/\": with as user "
	    "\"ann\" files belong to that user; expected neither owner nor "
	    "group");
	refuse(ROLE(GOOD "permit special \"/x\"\noption regular-only"),
	    "4: \"/x\": special contradicts option regular-only of "
	    FILE_NAME ":5; expected one of them");
	conf_free(load_good(ROLE(GOOD "deny special \"/x\"\n"
	    "option regular-only")));
}

static void
test_limits(void **state)
{
	struct conf	*conf;
	const uint64_t	*limits;

	(void)state;
	conf = load_good(ROLE(GOOD));
	limits = conf->roles[0]->limits;
	assert_int_equal(limits[LIMIT_SESSIONS], 0);
	assert_int_equal(limits[LIMIT_SESSIONS_PER_UID], 0);
	assert_int_equal(limits[LIMIT_TOKENS], 256);
	assert_int_equal(limits[LIMIT_OPENS], 0);
	assert_int_equal(limits[LIMIT_BYTES], 65536);
	conf_free(conf);
	conf = load_good(ROLE(GOOD "limit sessions 1\n"
	    "limit sessions 2 per uid\nlimit tokens 3\nlimit opens 4\n"
	    "limit bytes 100K\n"));
	limits = conf->roles[0]->limits;
	assert_int_equal(limits[LIMIT_SESSIONS], 1);
	assert_int_equal(limits[LIMIT_SESSIONS_PER_UID], 2);
	assert_int_equal(limits[LIMIT_TOKENS], 3);
	assert_int_equal(limits[LIMIT_OPENS], 4);
	assert_int_equal(limits[LIMIT_BYTES], 102400);
	conf_free(conf);
	conf = load_good(ROLE(GOOD "limit bytes \"1M\""));
	assert_int_equal(conf->roles[0]->limits[LIMIT_BYTES], 1048576);
	conf_free(conf);
	refuse(ROLE("limit bytes 2M"), "2: \"2M\" is too large; expected a "
	    "number from 64K to 1M");
	refuse(ROLE("limit bytes 65535"), "2: \"65535\" is too small; "
	    "expected a number from 64K to 1M");
	refuse(ROLE("limit bytes 64k"), "2: \"64k\" is invalid; expected a "
	    "number from 64K to 1M");
	refuse(ROLE("limit bytes 64KK"), "2: \"64KK\" is invalid; expected a "
	    "number from 64K to 1M");
	refuse(ROLE("limit bytes 99999999999999999999999M"), "2: "
	    "\"99999999999999999999999M\" is invalid; expected a number from "
	    "64K to 1M");
	refuse(ROLE("limit opens 5K"), "2: \"5K\" is invalid; expected a "
	    "number from 1 to 1000000");
	refuse(ROLE("limit tokens 0"), "2: \"0\" is too small; expected a "
	    "number from 1 to 4096");
	refuse(ROLE("limit opens 5\nlimit opens 5"), "3: limit opens is set "
	    "again, after " FILE_NAME ":2");
}

/* A role may have no more roots than can be handed over. */
static void
test_many_roots(void **state)
{
	static char	 text[16384];
	size_t		 len;
	int		 i;

	(void)state;
	len = strlcpy(text, "role \"r\" {\npeer user 5\n", sizeof(text));
	for (i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "permit read, write \"/a%d\"\n", i);
	(void)strlcpy(text + len, "}\n", sizeof(text) - len);
	conf_free(load_good(text));
	(void)strlcpy(text + len, "permit list \"/b\" }\n",
	    sizeof(text) - len);
	refuse(text, "1: role \"r\" has 201 roots; expected 200 at most: "
	    "permit a directory above them and deny the rest of it");
}

/* What is no fault when a configuration is checked, but warned about. */
static struct conf *
check_only(const char *text, unsigned int *warnings, unsigned int *missing)
{
	struct file	 files[2] = { { FILE_NAME, text, 0 } };
	struct confsys	 sys = { fake_read, fake_list, fake_user, fake_group,
			    fake_root, files };

	logged[0] = '\0';
	return conf_check_from(&sys, FILE_NAME, NULL, warnings, missing);
}

static void
test_warnings(void **state)
{
	struct conf	*conf;
	unsigned int	 warnings, missing;

	(void)state;
	conf = check_only(ROLE("peer user 5\npermit read \"/a/b\"\n"
	    "deny \"/bin\" \"/bin/x\" \"/dangling/?\"\n"
	    "permit read \"/missing/1\" \"/missing/2\"\n"
	    "deny read, write \"/a/b/c\"\npermit read \"/a\"\n"
	    "deny write \"/a/b\""), &warnings, &missing);
	assert_non_null(conf);
	conf_free(conf);
	assert_string_equal(logged,
	    FILE_NAME ":5: warning: /missing/1: No such file or directory; "
	    "the daemon starts only with something there\n"
	    FILE_NAME ":5: warning: /missing/2: No such file or directory; "
	    "the daemon starts only with something there\n"
	    FILE_NAME ":3: warning: \"/a/b\" never decides; \"/a\" of "
	    FILE_NAME ":7 comes later and covers all of it\n"
	    FILE_NAME ":4: warning: \"/bin\" denies the link alone; /bin is "
	    "a symbolic link, and /bin is /usr/bin\n"
	    FILE_NAME ":4: warning: \"/bin/x\" denies nothing; /bin is a "
	    "symbolic link, and /bin/x is /usr/bin/x\n"
	    FILE_NAME ":4: warning: \"/dangling/?\" denies nothing; "
	    "/dangling is a symbolic link, and /dangling does not exist\n"
	    FILE_NAME ":6: warning: \"/a/b/c\" never decides; \"/a/b\" of "
	    FILE_NAME ":8 comes later and covers all of it\n");
	assert_int_equal(missing, 2);
	assert_int_equal(warnings, 7);

	conf = check_only(ROLE(GOOD), &warnings, &missing);
	assert_non_null(conf);
	conf_free(conf);
	assert_int_equal(warnings, 0);
	assert_null(check_only(ROLE("permit read \"/missing\"\nfrob"),
	    &warnings, &missing));
	assert_int_equal(warnings, 1);
}

/* Printed, read again and printed again: the same. */
static void
check_printed(const char *text, const char *expected)
{
	struct conf	*conf = load_good(text);
	char		*once = NULL, *twice = NULL;
	size_t		 len;
	FILE		*fp;

	assert_non_null(fp = open_memstream(&once, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	if (expected != NULL)
		assert_string_equal(once, expected);
	conf = load_good(once);
	assert_non_null(fp = open_memstream(&twice, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	assert_string_equal(once, twice);
	free(once);
	free(twice);
}

static void
test_printing(void **state)
{
	(void)state;
	check_printed("user \"ann\"\n",
	    "rundir \"" RUNDIR "\"\n"
	    "user \"ann\"\n"
	    "confinement required\n"
	    "log audit denied to syslog\n"
	    "limit sessions 64\n"
	    "limit sessions 16 per uid\n");
	check_printed(
	    "a = \"/a\"\n"
	    "rundir \"/r\\\"\\\\\"\n"
	    "confinement optional\n"
	    "log audit none\n"
	    "limit sessions 7\n"
	    "control group 77\n"
	    "role \"one\" {\n"
	    "permit read $a \"/b\" label \"one \\\"1\\\"\"\n"
	    "permit create, append, special \"/c\\*\" \\\n"
	    "  exclusive mode 7\n"
	    "deny \"**/x\"\n"
	    "deny list, write \"/y\"\n"
	    "option single-link\noption follow\nlimit bytes 64K\n"
	    "as user \"ann\"\npeer group \"staff\"\npeer user 5\n"
	    "}\n", NULL);
}

static void
test_printed_role(void **state)
{
	(void)state;
	check_printed(
	    "log audit all to \"/l\"\n"
	    "role \"one\" {\n"
	    "permit read \"/a\" \"/b\" label \"one \\\"1\\\"\"\n"
	    "permit create, append \"/c\\*\" \\\n"
	    "  exclusive owner \"ann\" mode 7\n"
	    "permit create \"/c\" group 8\n"
	    "deny \"**/x\"\n"
	    "deny list, write \"/y\"\n"
	    "option single-link\noption follow\nlimit bytes 64K\n"
	    "limit sessions 3 per uid\n"
	    "peer group \"staff\"\npeer user 5\n"
	    "}\n",
	    "rundir \"" RUNDIR "\"\n"
	    "user \"" PRIVSEP_USER "\"\n"
	    "confinement required\n"
	    "log audit all to \"/l\"\n"
	    "limit sessions 64\n"
	    "limit sessions 16 per uid\n"
	    "\n"
	    "role \"one\" {\n"
	    "	peer group \"staff\"\n"
	    "	peer user \"5\"\n"
	    "	option follow\n"
	    "	option single-link\n"
	    "	limit sessions 3 per uid\n"
	    "	limit tokens 256\n"
	    "	limit bytes 65536\n"
	    "	permit list, read \"/a\" label \"one \\\"1\\\"\"\n"
	    "	permit list, read \"/b\" label \"one \\\"1\\\"\"\n"
	    "	permit append, create \"/c\\\\*\" mode 0007 owner \"ann\" "
	    "group \"1001\" exclusive\n"
	    "	permit create \"/c\" mode 0600 group \"8\"\n"
	    "	deny \"**/x\"\n"
	    "	deny list, write \"/y\"\n"
	    "}\n");
}

/* Of the sample configurations everything exists. */
static int
any_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	(void)name;
	*uid = *gid = 1000;
	return 0;
}

static int
any_group(void *arg, const char *name, uint32_t *gid)
{
	return any_user(arg, name, gid, gid);
}

static int
any_root(void *arg, const char *path, char link[PATH_MAX], char real[PATH_MAX])
{
	(void)arg;
	(void)path;
	link[0] = real[0] = '\0';
	return 1;
}

/* As it is, whoever owns the source tree. */
static int
sample_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	FILE	*fp;

	(void)arg;
	(void)why;
	assert_non_null(fp = fopen(path, "r"));
	assert_non_null(*text = malloc(65536));
	*len = fread(*text, 1, 65536, fp);
	fclose(fp);
	return 0;
}

/* What a configuration prints, to be freed. */
static char *
print_sample(struct confsys *sys, const char *name)
{
	struct conf	*conf;
	char		*text = NULL;
	size_t		 len;
	FILE		*fp;

	logged[0] = '\0';
	if ((conf = conf_load_from(sys, name, NULL)) == NULL)
		fail_msg("%s", logged);
	assert_non_null(fp = open_memstream(&text, &len));
	assert_int_equal(conf_print(conf, fp), 0);
	fclose(fp);
	conf_free(conf);
	return text;
}

static void
test_samples(void **state)
{
	static const char	*const samples[] = { "etc/fdbroker.conf",
				    "tests/fuzz/conf/all.conf" };
	struct confsys		 sys = confsys_real;
	struct file		 files[2] = { { FILE_NAME, NULL, 0 } };
	const char		*dir = getenv("FDB_SRCDIR");
	char			 path[PATH_MAX], *once, *twice;
	size_t			 i;

	(void)state;
	if (dir == NULL)
		skip();
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, samples[i]);
		sys.read = sample_read;
		sys.user = any_user;
		sys.group = any_group;
		sys.root = any_root;
		once = print_sample(&sys, path);
		assert_non_null(strstr(once, "role \"nightly\""));
		files[0].text = once;
		sys.arg = files;
		sys.read = fake_read;
		twice = print_sample(&sys, FILE_NAME);
		assert_string_equal(once, twice);
		free(once);
		free(twice);
	}
}

static void
test_include_directory(void **state)
{
	struct file	 files[] = {
		{ FILE_NAME, "include \"x.d\"\nuser $c\n"
		    "include \"empty.d\"\n", 0 },
		{ "/etc/x.d/1.conf", "a = \"ann\"\ninclude \"2.conf\"\n", 0 },
		{ "/etc/x.d/2.conf", "b = $a\n", 0 },
		{ "/etc/x.d/3.conf", "c = $b\n", 0 },
		{ NULL, NULL, 0 }
	};
	struct conf	*conf;

	(void)state;
	assert_non_null(conf = load_files(files, NULL));
	assert_string_equal(conf->user, "ann");
	conf_free(conf);

	/* Faults are of the file in which they are, and the others are read. */
	files[2].text = "\nfrob\n";
	files[3].text = "limit sessions 0\ninclude \"../x.d\"";
	files[0].text = "include \"x.d\"\ninclude \"shared.d\"\n"
	    "limit sessions 0 per uid\n";
	assert_null(load_files(files, NULL));
	assert_string_equal(logged,
	    "/etc/x.d/2.conf:2: unexpected frob; expected confinement, "
	    "control, include, limit, log, role, rundir, user or a macro's "
	    "name and \"=\"\n"
	    "/etc/x.d/2.conf:2: unexpected frob; expected confinement, "
	    "control, include, limit, log, role, rundir, user or a macro's "
	    "name and \"=\"\n"
	    "/etc/x.d/3.conf:1: \"0\" is too small; expected a number from 1 "
	    "to 65535\n"
	    FILE_NAME ":2: cannot include \"/etc/shared.d\": group or others "
	    "may write it\n"
	    FILE_NAME ":3: \"0\" is too small; expected a number from 1 to "
	    "65535\n");
}

static void
test_permit_roots(void **state)
{
	(void)state;
	refuse(ROLE("permit read \"/missing\""), "2: /missing: No such file "
	    "or directory; a permit needs something there");
	/* What is to be created need not be there, but its directory. */
	conf_free(load_good(ROLE(GOOD "permit create \"/missing\"")));
	refuse(ROLE("permit create \"/missing/*\""), "2: /missing: No such "
	    "file or directory; a permit needs something there");
	refuse(ROLE("permit append \"/missing\""), "2: /missing: No such "
	    "file or directory; a permit needs something there");
	refuse(ROLE("permit create \"/missing/a/b\""), "2: /missing/a: No "
	    "such file or directory; a permit needs something there");
	refuse(ROLE("permit list \"/missing/*.c\""), "2: /missing: No such "
	    "file or directory; a permit needs something there");
	refuse(ROLE("permit read \"/bin\""), "2: /bin is a symbolic link; "
	    "write \"/usr/bin\"");
	refuse(ROLE("permit read \"/bin/x/*.c\""), "2: /bin is a symbolic "
	    "link; write \"/usr/bin/x/*.c\"");
	refuse(ROLE("permit read \"/bin/**\""), "2: /bin is a symbolic link; "
	    "write \"/usr/bin/**\"");
	refuse(ROLE("permit read \"/top/*\""), "2: /top is a symbolic link; "
	    "write \"/*\"");
	refuse(ROLE("permit read \"/top\""), "2: /top is a symbolic link; "
	    "write \"/\"");
	refuse(ROLE("permit read \"/dangling\""), "2: /dangling is a symbolic "
	    "link, and /dangling does not exist");
	/* Of what is denied nothing is asked. */
	conf_free(load_good(ROLE("peer user 5\npermit read \"/\"\n"
	    "deny \"/missing\" \"/bin\"")));
}

static void
test_includes(void **state)
{
	struct file	 files[] = {
		{ FILE_NAME, "include \"sub/a.conf\"\n"
		    "include \"/usr/b.conf\"\n"
		    "a = $b\n"
		    "user $c", 0 },
		{ "/etc/sub/a.conf", "c = \"ann\"", 0 },
		{ "/usr/b.conf", "include \"b.inc\"\nb = \"x\"\n", 0 },
		{ "/usr/b.inc", "", 0 },
		{ NULL, NULL, 0 }
	};
	struct conf	*conf;

	(void)state;
	assert_non_null(conf = load_files(files, NULL));
	assert_string_equal(conf->user, "ann");
	conf_free(conf);

	/* Faults are told of where they are; the lines after it go on. */
	files[1].text = "\nfrob\nc = \"ann\"\n\"\n";
	files[2].text = "role \"r\" {\n";
	assert_null(load_files(files, NULL));
	assert_string_equal(logged,
	    "/etc/sub/a.conf:2: unexpected frob; expected confinement, "
	    "control, include, limit, log, role, rundir, user or a macro's "
	    "name and \"=\"\n"
	    "/etc/sub/a.conf:4: a string has no \" at its end\n"
	    "/usr/b.conf:2: the file ends within { }; expected \"}\"\n");
}

static void
test_include_faults(void **state)
{
	struct file	 files[] = {
		{ FILE_NAME, "include \"a\"\nuser \"ann\"\n", 0 },
		{ "/etc/a", "include \"b\"\nfrob\n", 0 },
		{ "/etc/b", "include \"a\"\ninclude \"fdbroker.conf\"\n", 0 },
		{ NULL, NULL, 0 }
	};
	char		 name[PATH_MAX + 32];

	(void)state;
	assert_null(load_files(files, NULL));
	assert_string_equal(logged,
	    "/etc/b:1: \"/etc/a\" includes itself\n"
	    "/etc/b:2: \"/etc/fdbroker.conf\" includes itself\n"
	    "/etc/a:2: unexpected frob; expected confinement, control, "
	    "include, limit, log, role, rundir, user or a macro's name and "
	    "\"=\"\n");

	files[1].name = NULL;
	assert_null(load_files(files, NULL));
	assert_string_equal(logged, FILE_NAME ":1: cannot include "
	    "\"/etc/a\": no such file\n");
	files[0].name = NULL;
	assert_null(load_files(files, NULL));
	assert_string_equal(logged, FILE_NAME ": cannot read it: no such "
	    "file\n");

	/* Only between roles. */
	refuse(ROLE("include \"a\""), "2: unexpected include; expected as, "
	    "deny, limit, option, peer, permit or \"}\"");
	/* A name that is too long once the directory is before it. */
	memset(name, 'a', sizeof(name));
	memcpy(name, "include \"", 9);
	memcpy(name + 9 + PATH_MAX - 5, "\"\n", 3);
	refuse(name, "1: the name to include is too long");
}

static void
test_include_depth(void **state)
{
	struct file	 files[LEX_INCLUDE_MAX + 2];
	char		 names[LEX_INCLUDE_MAX + 1][16];
	char		 texts[LEX_INCLUDE_MAX + 1][32];
	struct conf	*conf;
	int		 i;

	(void)state;
	/* The main file and the others that it leads to. */
	for (i = 0; i <= LEX_INCLUDE_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "/etc/%d", i);
		(void)snprintf(texts[i], sizeof(texts[i]), "include \"%d\"\n",
		    i + 1);
		files[i].name = i == 0 ? FILE_NAME : names[i];
		files[i].text = texts[i];
		files[i].len = 0;
	}
	files[i].name = NULL;
	assert_null(load_files(files, NULL));
	assert_string_equal(logged, "/etc/15:1: cannot include \"/etc/16\": "
	    "more than 16 files within each other\n");
	texts[LEX_INCLUDE_MAX - 1][0] = '#';
	assert_non_null(conf = load_files(files, NULL));
	conf_free(conf);
}

static void
test_nul(void **state)
{
	struct file	 files[] = {
		{ FILE_NAME, "user \"ann\"\n\"a\0b\"\n", 17 },
		{ NULL, NULL, 0 }
	};

	(void)state;
	assert_null(load_files(files, NULL));
	assert_string_equal(logged, FILE_NAME ":2: a NUL byte; is this a "
	    "configuration file?\n");
}

static void
test_default_user(void **state)
{
	struct confsys	 sys = { fake_read, fake_list, fake_user, fake_group,
			    fake_root, NULL };
	struct file	 files[] = { { FILE_NAME, "", 0 }, { NULL, NULL, 0 } };
	struct conf	*conf;

	(void)state;
	sys.arg = files;
	assert_non_null(conf = conf_load_from(&sys, FILE_NAME, NULL));
	conf_free(conf);
	/* Nobody knows it. */
	sys.user = confsys_real.user;
	logged[0] = '\0';
	if ((conf = conf_load_from(&sys, FILE_NAME, NULL)) == NULL)
		assert_string_equal(logged, FILE_NAME ": without a user "
		    "statement, user \"" PRIVSEP_USER "\" does not exist\n");
	conf_free(conf);
}

static void
test_keywords(void **state)
{
	const char	*k, *before = "";
	size_t		 i;

	(void)state;
	for (i = 0; (k = confparse_keyword(i)) != NULL; i++) {
		if (strcmp(before, k) >= 0)
			fail_msg("\"%s\" comes before \"%s\"", before, k);
		/* An operation or option of that name could not be written. */
		assert_int_equal(policy_op(k), 0);
		assert_int_equal(policy_option(k), 0);
		before = k;
	}
	assert_in_range(i, 10, 100);
}

static int
sink_set(void **state)
{
	(void)state;
	log_set_sink(note, NULL);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_role),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_role_syntax),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_creating),
		cmocka_unit_test(test_creating_faults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_roots),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_printing),
		cmocka_unit_test(test_printed_role),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_include_directory),
		cmocka_unit_test(test_permit_roots),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_include_faults),
		cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_default_user),
		cmocka_unit_test(test_keywords),
	};

	return cmocka_run_group_tests(tests, sink_set, NULL);
}
