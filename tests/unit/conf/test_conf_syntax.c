/*
 * test_conf_syntax.c: the syntax of a configuration: words, lines, macros and
 * included files, and the faults that are reported in them.
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
#include "conf/lex.h"
#include "conf/parse.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/conffake.h"

/* Macros in quotes: all other uses of "$" there are as they were. */
static void
test_quoted_macros(void **state)
{
	static char	 text[6 * 8192 + 256];
	struct conf	*conf;
	struct role	*r;
	size_t		 n;
	int		 i;

	(void)state;
	conf = conffake_good("a = \"x/y\"\nb = \"/${a}\"\n"
	    ROLE(GOOD "deny \"${b}\" \"/p${a}q/${a}\" \"/\\${a}\" \"/$a\" "
	    "\"/$\" \"/$$${a}\" label \"\\\\${a}\"\n"));
	r = conf->roles[0];
	assert_string_equal(r->rules[1].pattern, "/x/y");
	assert_string_equal(r->rules[2].pattern, "/px/yq/x/y");
	assert_string_equal(r->rules[3].pattern, "/${a}");
	assert_string_equal(r->rules[4].pattern, "/$a");
	assert_string_equal(r->rules[5].pattern, "/$");
	assert_string_equal(r->rules[6].pattern, "/$$x/y");
	assert_string_equal(r->rules[6].label, "\\x/y");
	conf_free(conf);
	conffake_bad(ROLE(GOOD "deny \"/${b}\"\n"), "4: macro \"b\" is not "
	    "defined; a backslash before \"${\" makes it stand for itself");
	conffake_bad("a = \"${\"\nb = \"${}\"\nc = \"${a b}\"\n",
	    "1: expected a macro's name and \"}\" after \"${\"; a backslash "
	    "before \"${\" makes it stand for itself\n"
	    "2: expected a macro's name and \"}\" after \"${\"; a backslash "
	    "before \"${\" makes it stand for itself\n"
	    "3: expected a macro's name and \"}\" after \"${\"; a backslash "
	    "before \"${\" makes it stand for itself");
	/* A value that grows with each line has an end. */
	n = (size_t)snprintf(text, sizeof(text), "a0 = \"aaaaaaaa\"\n");
	for (i = 1; i < 15; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "a%d = \"${a%d}${a%d}\"\n", i, i - 1, i - 1);
	conffake_bad(text, "15: the string is longer than 65536 bytes with "
	    "the values of its macros");
}

static void
test_macros(void **state)
{
	struct conf_macro	 last = { "a=/first", NULL };
	struct conf_macro	 macro = { "a=/other=x", &last };
	struct conffake_file	 files[] = {
		{ CONFFAKE_NAME, "a = \"/a\"\n"
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
	assert_non_null(conf = conffake_load_files(files, NULL));
	r = conf->roles[0];
	assert_int_equal(r->peers[0].id, 5);
	assert_int_equal(r->limits[LIMIT_SESSIONS], 5);
	assert_string_equal(r->rules[0].pattern, "/a");
	assert_string_equal(r->rules[1].pattern, "/a");
	assert_string_equal(r->rules[2].pattern, "/b2");
	assert_string_equal(r->rules[3].pattern, "/$a");
	assert_string_equal(r->rules[3].label, "5");
	conf_free(conf);

	/* -D overrides the file; the first of two counts. */
	assert_non_null(conf = conffake_load_files(files, &macro));
	assert_string_equal(conf->roles[0]->rules[0].pattern, "/other=x");
	assert_string_equal(conf->roles[0]->rules[1].pattern, "/other=x");
	conf_free(conf);

	macro.assignment = "a";
	macro.next = NULL;
	assert_null(conffake_load_files(files, &macro));
	assert_string_equal(conffake_logged, "-D: \"a\" has no \"=\"; expected "
	    "name=value\n");
	macro.assignment = "1a=b";
	assert_null(conffake_load_files(files, &macro));
	assert_string_equal(conffake_logged, "-D: invalid macro name \"1a\"\n");
	macro.assignment = "=b";
	assert_null(conffake_load_files(files, &macro));
	macro.assignment = "a=b\nc";
	assert_null(conffake_load_files(files, &macro));
	assert_string_equal(conffake_logged, "-D: the value of \"a\" has a "
	    "newline; expected one line\n");
}

static void
test_lines(void **state)
{
	struct conf	*conf;

	(void)state;
	conf = conffake_good("rundir \\\n\t\"/a\\\nb\" # \\\n\n"
	    "user \"ann\" \\\n");
	assert_string_equal(conf->rundir, "/ab");
	conf_free(conf);
	conf = conffake_good("# a\\\nrundir \"/a\"");
	assert_string_equal(conf->rundir, "/a");
	conf_free(conf);
	conf = conffake_good("rundir \"/#a\\\\\\\"\"#");
	assert_string_equal(conf->rundir, "/#a\\\"");
	conf_free(conf);
	conf_free(conffake_good("\\\n"));
	conf_free(conffake_good("\\\n\\\n#"));
	conf_free(conffake_good("\\"));
	conffake_bad("\\a", "1: unexpected character \"\\\"");
	conffake_bad("/* a */\n", "1: unexpected character \"/\"; a comment "
	    "begins with \"#\"");
	conffake_bad("rundir /**\n", "1: /** must be in double quotes");
	conffake_bad("user \\ \n", "1: unexpected character \"\\\"; to "
	    "continue a statement it must be the last character of its line");
	conffake_bad("user \"a\\\n"
	    "b\n"
	    "user \"\\", "1: the string has no closing \"\n"
	    "3: the string has no closing \"");
	conffake_bad("rundir /a\n", "1: /a must be in double quotes");
	conffake_bad("a = $\n", "1: a macro's name must follow the $");
	conffake_bad("a = $b\n", "1: macro \"b\" is not defined");
	conffake_bad("a-b = \"c\"\n", "1: invalid macro name \"a-b\"; expected "
	    "a letter or \"_\", then letters, digits and \"_\"");
}

#define CRLF	"unexpected byte 0x0d: lines end in CR and LF, as on " \
		    "Windows; convert the file, for example with dos2unix"
#define BOM	"unexpected byte 0xef: a byte order mark; save the file as " \
		    "UTF-8 without one"
#define CURLY	"unexpected byte 0xe2: a curly quote; write \" instead"
#define NBSP	"unexpected byte 0xc2: a no-break space; write a blank"

/* What other editors leave makes one fault, which says what to do. */
static void
test_editors(void **state)
{
	(void)state;
	conffake_bad("rundir \"/a\"\r\nuser \"ann\"\r\n"
	    "role \"r\" {\r\npeer user \"ann\"\r\npermit read \"/a\"\r\n"
	    "}\r\n", "1: " CRLF);
	conffake_bad("# c\r\n\r\nuser \"ann\"\r\n", "2: " CRLF);
	conffake_bad("user \"ann\"\r", "1: " CRLF);
	conffake_bad("user \"ann\";\r\nrundir \"/a\"\r\n", "1: unexpected "
	    "character \";\"; a statement ends with its line\n2: " CRLF);
	conffake_bad("a\r = \"b\"\n", "1: unexpected byte 0x0d: a carriage "
	    "return; lines end in LF alone");
	conffake_bad("user \"ann\"\rrundir \"/a\"\r", "1: unexpected byte "
	    "0x0d: a carriage return; lines end in LF alone");
	conffake_bad("\357\273\277rundir \"/a\"\n" ROLE(GOOD), "1: " BOM);
	conffake_bad("\357\273\277", "1: " BOM);
	conffake_bad("\n\357\273\277user \"ann\"\n",
	    "2: unexpected byte 0xef");
	conffake_bad("rundir \342\200\234/a\342\200\235\n"
	    "role \342\200\236r\342\200\234 {\npeer user \"ann\"\n"
	    "permit read \"/a\342\200\235\n}\n",
	    "1: " CURLY "\n2: " CURLY "\n4: " CURLY);
	conffake_bad("user \342\200\230ann\n", "1: " CURLY);
	conffake_bad("a = \342\200\234", "1: " CURLY);
	conffake_bad(ROLE("peer\302\240user\302\240\"ann\"\n"
	    "permit read \"/a\""), "2: " NBSP);
	/* All bytes of any other character are one fault. */
	conffake_bad("\303\251\n", "1: unexpected byte 0xc3");
	conffake_bad("\342", "1: unexpected byte 0xe2");
	/* So are all such characters of a line. */
	conffake_bad(ROLE("permit read `/a`"), "2: unexpected character "
	    "\"`\"");
	conffake_bad(ROLE("permit read \302\253/a\302\273"),
	    "2: unexpected byte 0xc2");
	conffake_bad("user \"ann\"; rundir \"/a\";\n", "1: unexpected "
	    "character \";\"; a statement ends with its line");
	/* In comments and between straight quotes they are as good as any. */
	conf_free(conffake_good("# \342\200\234 \302\240 \303\251\n"
	    "rundir \"/\342\200\234\302\240\303\251\"\n"));
}

static void
test_syntax(void **state)
{
	static const char	 top[] = "expected confinement, control, "
	    "include, limit, log, role, rundir, user, worker or a macro's "
	    "name";
	char			 text[512];

	(void)state;
	conffake_bad("rundir\n", "1: unexpected end of line; expected "
	    "\"path\"");
	conffake_bad("rundir 5\n", "1: unexpected 5; expected \"path\"");
	conffake_bad("rundir \"/a\" \"/b\"\n",
	    "1: unexpected \"/b\"; expected the end of the line");
	conffake_bad("user = \"x\"\n", "1: unexpected \"=\"; expected "
	    "\"name\"");
	conffake_bad("confinement maybe\n",
	    "1: unexpected maybe; expected required or optional");
	conffake_bad("limit 5\n", "1: unexpected 5; expected the name of a "
	    "limit");
	conffake_bad("limit sessions\n", "1: unexpected end of line; expected "
	    "a number");
	conffake_bad("limit sessions per\n", "1: unexpected per; expected a "
	    "number");
	conffake_bad("limit frobs 5\n", "1: unknown limit \"frobs\"; expected "
	    "one of: sessions, sessions per uid, tokens per uid, opens per "
	    "uid, bytes per uid");
	conffake_bad(ROLE("limit frobs 5 per uid"), "2: unknown limit \"frobs "
	    "per uid\"; expected one of: sessions, sessions per uid, tokens, "
	    "tokens per uid, opens, opens per uid, bytes, bytes per uid, "
	    "lifetime, idle, hours");
	conffake_bad("limit tokens 5\n", "1: limit tokens can only be set in a "
	    "role; expected one of: sessions, sessions per uid, tokens per "
	    "uid, opens per uid, bytes per uid");
	conffake_bad("limit tokens 15 per uid\n", "1: \"15\" is too small; "
	    "expected a number from 16 to 1048576");
	conffake_bad("limit bytes 2000M per uid\n", "1: \"2000M\" is too "
	    "large; expected a number from 64K to 1024M");
	conffake_bad("limit opens 5 per uid\n"
	    "limit opens 6 per uid\n", "2: limit opens per uid is already set "
	    "at " CONFFAKE_NAME ":1");
	conffake_bad("log\n", "1: unexpected end of line; expected audit");
	conffake_bad("log audit\n", "1: unexpected end of line; expected all, "
	    "denied or none");
	conffake_bad("log audit some\n", "1: unexpected some; expected all, "
	    "denied or none");
	conffake_bad("log audit all to\n", "1: unexpected end of line; "
	    "expected \"path\" or syslog");
	conffake_bad("log audit all to stderr\n", "1: unexpected stderr; "
	    "expected \"path\" or syslog");
	conffake_bad("log audit none to \"/a\"\n", "1: log audit none writes "
	    "nothing to \"/a\"; expected all or denied");
	conffake_bad("log audit all to \"a\"\n", "1: log audit to \"a\" must "
	    "be an absolute path without \"//\", \".\", \"..\" or a slash at "
	    "its end");
	conffake_bad("worker\n", "1: unexpected end of line; expected user");
	conffake_bad("worker user\n", "1: unexpected end of line; expected "
	    "\"name\"");
	conffake_bad("worker user \"bob\"\n", "1: user \"bob\" does not exist");
	conffake_bad("worker user \"toor\"\n", "1: worker user \"toor\" has "
	    "uid or gid 0; expected an unprivileged user");
	conffake_bad("worker user \"ann\"\n"
	    "worker user \"ann\"\n", "2: worker user is already set at "
	    CONFFAKE_NAME ":1");
	conffake_bad("worker user \"ann\"\n"
	    "user \"ann\"\n", "1: worker user \"ann\" is the daemon's own "
	    "user; expected another user");
	conffake_bad("control\n", "1: unexpected end of line; expected group");
	conffake_bad("control group\n", "1: unexpected end of line; expected "
	    "\"name\"");
	conffake_bad("control group \"ann\"\n", "1: group \"ann\" does not "
	    "exist");
	conffake_bad("limit sessions 5 per\n",
	    "1: unexpected end of line; expected uid");
	conffake_bad("include b\n", "1: unexpected b; expected \"file\"");
	conffake_bad("a =\n", "1: unexpected end of line; expected \"value\"");
	(void)snprintf(text, sizeof(text), "1: unexpected foo; %s and \"=\"",
	    top);
	conffake_bad("foo \"x\"\n", text);
	(void)snprintf(text, sizeof(text), "1: unexpected \"}\"; %s", top);
	conffake_bad("}\n", text);
	(void)snprintf(text, sizeof(text), "1: unexpected peer; %s", top);
	conffake_bad("peer user \"ann\"\n", text);
	conffake_bad("role r {\n"
	    GOOD "}\n", "1: unexpected r; expected \"name\"");
	conffake_bad("role \"r\" peer {\n" GOOD "}\n",
	    "1: unexpected peer; expected \"{\"");
	conffake_bad("role \"r\"\n", "2: unexpected end of file; expected "
	    "\"{\"");
	conffake_bad("role\n", "1: unexpected end of line; expected \"{\"");
	conffake_bad("role \"r\" {\n"
	    GOOD, "4: unexpected end of file within { }; expected \"}\"");
	conffake_bad("role \"r\" {\n" GOOD "} x\n",
	    "4: unexpected x; expected the end of the line");
}

static void
test_role_syntax(void **state)
{
	static const char	 inside[] = "2: unexpected rundir; expected "
	    "as, deny, limit, option, peer, permit, use or \"}\"";

	(void)state;
	conffake_bad(ROLE("rundir \"/a\""), inside);
	conffake_bad("role \"r\" {\nrundir }\n", inside);
	conffake_bad(ROLE("peer"), "2: unexpected end of line; expected user "
	    "or group");
	conffake_bad(ROLE("peer user"), "2: unexpected end of line; expected "
	    "\"name\" or a uid");
	conffake_bad(ROLE("peer group root"), "2: unexpected root; expected "
	    "\"name\" or a gid");
	conffake_bad(ROLE("as"), "2: unexpected end of line; expected user");
	conffake_bad(ROLE("as user 5"), "2: unexpected 5; expected \"name\"");
	conffake_bad(ROLE("option"), "2: unexpected end of line; expected the "
	    "name of an option");
	conffake_bad(ROLE("option two"), "2: unknown option \"two\"; expected "
	    "one of: follow, noatime, one-filesystem, owned-by-peer, "
	    "regular-only, single-link");
	conffake_bad(ROLE("limit sessions"), "2: unexpected end of line; "
	    "expected a number");
	conffake_bad(ROLE("limit"), "2: unexpected end of line; expected the "
	    "name of a limit");
	conffake_bad(ROLE("permit \"/\""), "2: unexpected \"/\"; expected an "
	    "operation, such as read");
	conffake_bad(ROLE("permit read,"), "2: unexpected end of line; "
	    "expected an operation");
	conffake_bad(ROLE("permit rename \"/\""), "2: unknown operation "
	    "\"rename\"; expected one of: append, create, link, list, mkdir, "
	    "read, remove, replace, setmeta, special, symlink, write");
	conffake_bad(ROLE("deny rename \"/\""), "2: unknown operation "
	    "\"rename\"; expected one of: append, create, link, list, mkdir, "
	    "read, remove, replace, setmeta, special, symlink, write");
	conffake_bad(ROLE("deny"), "2: unexpected end of line; expected "
	    "\"path\"");
	conffake_bad(ROLE("deny \"/\" x"), "2: unexpected x; expected the end "
	    "of the line");
	conffake_bad(ROLE("deny \"/\" label"), "2: unexpected end of line; "
	    "expected \"text\"");
	conffake_bad(ROLE("deny \"/\" label \"a\" \"b\""), "2: unexpected "
	    "\"b\"; expected the end of the line");
}

/* A macro whose definition has a fault makes none where it is used. */
static void
test_spoilt_macros(void **state)
{
	(void)state;
	conffake_bad("a = 5\n" ROLE("permit read $a \"/x${a}\""),
	    "1: unexpected 5; expected \"value\"");
	conffake_bad("a = \"${b}\"\nrundir $a\n", "1: macro \"b\" is not "
	    "defined; a backslash before \"${\" makes it stand for itself");
	conffake_bad("a-b = \"/a\"\nrundir $a-b\n", "1: invalid macro name "
	    "\"a-b\"; expected a letter or \"_\", then letters, digits and "
	    "\"_\"");
	conffake_bad("$a = \"/a\"\nrundir $a\n", "1: a macro is defined "
	    "without the $: a = \"value\"");
	/* The value that it had before is good. */
	conffake_bad("a = \"/a\"\n$a=\"/b\"\nrundir $a\nuser\n",
	    "2: a macro is defined without the $: a = \"value\"\n"
	    "4: unexpected end of line; expected \"name\"");
}

/* A role on one line has one fault, which does not reach into the next. */
static void
test_one_line(void **state)
{
	(void)state;
	conffake_bad("role \"a\" { peer user \"ann\" permit read \"/a\" }\n"
	    "role \"b\" {\npeer user \"ann\"\npermit read \"/b\"\n}\n",
	    "1: unexpected permit; expected the end of the line");
	conffake_bad(ROLE(GOOD "permit read \"/a\", \"/b\" }\nuser"),
	    "4: unexpected \",\"; expected the end of the line\n"
	    "5: unexpected end of line; expected \"name\"\n"
	    "6: unexpected \"}\"; expected confinement, control, include, "
	    "limit, log, role, rundir, user, worker or a macro's name");
	conf_free(conffake_good("role \"a\" { peer user \"ann\"\n"
	    "permit read \"/a\" }\n"));
	/* A statement with a fault has no other one at its end. */
	conffake_bad(ROLE("limit hours 22:00 - 06:00\nas user \"b\" \"c\""),
	    "2: \"22:00\" is invalid; expected hours such as 22:00-06:00\n"
	    "3: user \"b\" does not exist");
}

/* One fault neither hides the next one nor causes others. */
static void
test_several(void **state)
{
	(void)state;
	conffake_bad( "rundir /a b\n"
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
	    "confinement\n", "1: /a must be in double quotes\n"
	    "2: unexpected end of line; expected \"name\"\n"
	    "3: invalid role name \"a b\"; expected a letter or digit, then "
	    "letters, digits, \"_\" and \"-\", at most 63 bytes\n"
	    "4: unexpected \"ann\"; expected user or group\n"
	    "5: /missing/a: No such file or directory; the path of a permit "
	    "rule must exist\n"
	    "5: \"/a/..\": a component is \".\" or \"..\"\n"
	    "6: unknown operation \"raed\"; expected one of: append, create, "
	    "link, list, mkdir, read, remove, replace, setmeta, special, "
	    "symlink, write\n"
	    "7: \"/[\": a \"[\" has no \"]\" in the same component\n"
	    "9: unexpected frob; expected as, deny, limit, option, peer, "
	    "permit, use or \"}\"\n"
	    "10: /a must be in double quotes\n"
	    "11: unknown option \"x\"; expected one of: follow, noatime, "
	    "one-filesystem, owned-by-peer, regular-only, single-link\n"
	    "11: unexpected y; expected the end of the line\n"
	    "12: unexpected end of line; expected required or optional");
}

static void
test_include_directory(void **state)
{
	struct conffake_file	 files[] = {
		{ CONFFAKE_NAME, "include \"x.d\"\nuser $c\n"
		    "include \"empty.d\"\n", 0 },
		{ "/etc/x.d/1.conf", "a = \"ann\"\ninclude \"2.conf\"\n", 0 },
		{ "/etc/x.d/2.conf", "b = $a\n", 0 },
		{ "/etc/x.d/3.conf", "c = $b\n", 0 },
		{ NULL, NULL, 0 }
	};
	struct conf		*conf;

	(void)state;
	assert_non_null(conf = conffake_load_files(files, NULL));
	assert_string_equal(conf->user, "ann");
	conf_free(conf);

	/* Faults are of the file in which they are, and the others are read. */
	files[2].text = "\nfrob\n";
	files[3].text = "limit sessions 0\ninclude \"../x.d\"";
	files[0].text = "include \"x.d\"\ninclude \"shared.d\"\n"
	    "limit sessions 0 per uid\n";
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, "/etc/x.d/2.conf:2: unexpected "
	    "frob; expected confinement, control, include, limit, log, role, "
	    "rundir, user, worker or a macro's name and \"=\"\n"
	    "/etc/x.d/2.conf:2: unexpected frob; expected confinement, "
	    "control, include, limit, log, role, rundir, user, worker or a "
	    "macro's name and \"=\"\n"
	    "/etc/x.d/3.conf:1: \"0\" is too small; expected a number from 1 "
	    "to 65535\n"
	    CONFFAKE_NAME ":2: cannot include \"/etc/shared.d\": group or "
	    "others may write it\n"
	    CONFFAKE_NAME ":3: \"0\" is too small; expected a number from 1 to "
	    "65535\n");
}

static void
test_includes(void **state)
{
	struct conffake_file	 files[] = {
		{ CONFFAKE_NAME, "include \"sub/a.conf\"\n"
		    "include \"/usr/b.conf\"\n"
		    "a = $b\n"
		    "user $c", 0 },
		{ "/etc/sub/a.conf", "c = \"ann\"", 0 },
		{ "/usr/b.conf", "include \"b.inc\"\nb = \"x\"\n", 0 },
		{ "/usr/b.inc", "", 0 },
		{ NULL, NULL, 0 }
	};
	struct conf		*conf;

	(void)state;
	assert_non_null(conf = conffake_load_files(files, NULL));
	assert_string_equal(conf->user, "ann");
	conf_free(conf);

	/* A fault names the included file; the lines after it are read. */
	files[1].text = "\nfrob\nc = \"ann\"\n\"\n";
	files[2].text = "role \"r\" {\n";
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, "/etc/sub/a.conf:2: unexpected "
	    "frob; expected confinement, control, include, limit, log, role, "
	    "rundir, user, worker or a macro's name and \"=\"\n"
	    "/etc/sub/a.conf:4: the string has no closing \"\n"
	    "/usr/b.conf:2: unexpected end of file within { }; expected "
	    "\"}\"\n");
}

static void
test_include_faults(void **state)
{
	struct conffake_file	 files[] = {
		{ CONFFAKE_NAME, "include \"a\"\nuser \"ann\"\n", 0 },
		{ "/etc/a", "include \"b\"\nfrob\n", 0 },
		{ "/etc/b", "include \"a\"\ninclude \"fdbroker.conf\"\n", 0 },
		{ NULL, NULL, 0 }
	};
	char			 name[PATH_MAX + 32];

	(void)state;
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged,
	    "/etc/b:1: \"/etc/a\" includes itself\n"
	    "/etc/b:2: \"/etc/fdbroker.conf\" includes itself\n"
	    "/etc/a:2: unexpected frob; expected confinement, control, "
	    "include, limit, log, role, rundir, user, worker or a macro's "
	    "name and "
	    "\"=\"\n");

	files[1].name = NULL;
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, CONFFAKE_NAME ":1: cannot include "
	    "\"/etc/a\": no such file\n");
	files[0].name = NULL;
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, CONFFAKE_NAME ": cannot read the "
	    "file: no such file\n");

	/* An include must be outside of roles. */
	conffake_bad(ROLE("include \"a\""), "2: unexpected include; expected "
	    "as, deny, limit, option, peer, permit, use or \"}\"");
	/* A name that is too long only with its directory. */
	memset(name, 'a', sizeof(name));
	memcpy(name, "include \"", 9);
	memcpy(name + 9 + PATH_MAX - 5, "\"\n", 3);
	conffake_bad(name, "1: the name of the included file is too long");
}

static void
test_include_depth(void **state)
{
	struct conffake_file	 files[LEX_INCLUDE_MAX + 2];
	char			 names[LEX_INCLUDE_MAX + 1][16];
	char			 texts[LEX_INCLUDE_MAX + 1][32];
	struct conf		*conf;
	int			 i;

	(void)state;
	/* The main file, and files that each include the next. */
	for (i = 0; i <= LEX_INCLUDE_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "/etc/%d", i);
		(void)snprintf(texts[i], sizeof(texts[i]), "include \"%d\"\n",
		    i + 1);
		files[i].name = i == 0 ? CONFFAKE_NAME : names[i];
		files[i].text = texts[i];
		files[i].len = 0;
	}
	files[i].name = NULL;
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, "/etc/15:1: cannot include "
	    "\"/etc/16\": more than 16 files are nested\n");
	texts[LEX_INCLUDE_MAX - 1][0] = '#';
	assert_non_null(conf = conffake_load_files(files, NULL));
	conf_free(conf);
}

static void
test_nul(void **state)
{
	struct conffake_file	 files[] = {
		{ CONFFAKE_NAME, "user \"ann\"\n\"a\0b\"\n", 17 },
		{ NULL, NULL, 0 }
	};

	(void)state;
	assert_null(conffake_load_files(files, NULL));
	assert_string_equal(conffake_logged, CONFFAKE_NAME ":2: a NUL "
	    "byte; is this a configuration file?\n");
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
		/* The grammar takes no keyword for an operation or option. */
		assert_int_equal(policy_op(k), 0);
		assert_int_equal(policy_option(k), 0);
		before = k;
	}
	assert_in_range(i, 10, 100);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_quoted_macros),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_editors),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_role_syntax),
		cmocka_unit_test(test_spoilt_macros),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_include_directory),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_include_faults),
		cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_keywords),
	};

	return cmocka_run_group_tests(tests, conffake_setup, NULL);
}
