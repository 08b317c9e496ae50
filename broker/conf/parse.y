/*
 * parse.y: the grammar of fdbroker.conf(5); see parse.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory.  lex.c makes the words, and the functions of conf/build.h know what
 * the statements mean.
 *
 * A syntax error is reported once, with what was expected in its place, and
 * parsing continues with the next line: yyerror() notes the error, and the
 * innermost rule with `error' in it reports it.
 */

%{
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/build.h"
#include "conf/parse.h"

typedef struct {
	union {
		const char		*text;
		enum policy_action	 action;
	} v;
	int	 line;
} YYSTYPE;
#define YYSTYPE	YYSTYPE

/* The state of the parser: yacc(1) passes no argument to its functions. */
static struct confbuild	*build;
static struct {
	struct lex_word		 word;		/* the last word read */
	struct lex_word		 stray;		/* where a syntax error is */
	bool			 pending;	/* it was not reported yet */
} parser;

static void	yyerror(const char *);
static int	yylex(void);
static void	expected(const char *);
static void	expected_end(void);
static const char *role_statements(void);
static void	limit_is(int, const char *, const char *, bool);
static void	attr_is(int, enum confattr, const char *);

#define STATEMENTS \
	"confinement, control, include, limit, log, role, rundir, user, " \
	"worker or a macro's name"
%}

%token	AS AUDIT CONFINEMENT CONTROL DENY EXCLUSIVE GROUP INCLUDE LABEL LIMIT
%token	LOG MODE OPTION OPTIONAL OWNER PEER PER PERMIT REQUIRED ROLE RUN_DIR
%token	SYSLOG TO UID USE USER WORKER FAULT
%token	<v.text> STRING WORD NUMBER
%type	<v.text> auditmode name number
%type	<v.action> action

%%

grammar	: /* empty */
	| grammar '\n'
	| grammar statement '\n'	{ yyerrok; }
	| grammar statement error '\n'	{
		expected_end();
		yyerrok;
	}
	| grammar role '\n'		{ yyerrok; }
	| grammar role error '\n'	{
		expected("the end of the line");
		yyerrok;
	}
	| grammar error '\n'		{
		expected(STATEMENTS);
		yyerrok;
	}
	;

statement
	: INCLUDE STRING		{
		lex_include(&build->lex, $<line>2, $2);
	}
	| INCLUDE error			{ expected("\"file\""); }
	| WORD '=' STRING		{
		confbuild_macro(build, $<line>1, $1, $3);
	}
	| WORD '=' error		{
		expected("\"value\"");
		lex_macro_spoil(&build->lex, $1);
	}
	| WORD error			{
		parser.stray.kind = LEX_BARE;
		parser.stray.text = $1;
		parser.stray.line = $<line>1;
		expected(STATEMENTS " and \"=\"");
	}
	| RUN_DIR STRING		{
		confbuild_rundir(build, $<line>2, $2);
	}
	| RUN_DIR error			{ expected("\"path\""); }
	| USER name			{ confbuild_user(build, $<line>2, $2); }
	| USER error			{ expected("\"name\""); }
	| WORKER USER name		{
		confbuild_worker_user(build, $<line>3, $3);
	}
	| WORKER USER error		{ expected("\"name\""); }
	| WORKER error			{ expected("user"); }
	| CONFINEMENT REQUIRED		{
		confbuild_confinement(build, $<line>1, true);
	}
	| CONFINEMENT OPTIONAL		{
		confbuild_confinement(build, $<line>1, false);
	}
	| CONFINEMENT error		{ expected("required or optional"); }
	| CONTROL GROUP name		{
		confbuild_control(build, $<line>3, $3);
	}
	| CONTROL GROUP error		{ expected("\"name\""); }
	| CONTROL error			{ expected("group"); }
	| LOG AUDIT auditmode		{
		confbuild_audit(build, $<line>3, $3, NULL);
	}
	| LOG AUDIT auditmode TO STRING	{
		confbuild_audit(build, $<line>3, $3, $5);
	}
	| LOG AUDIT auditmode TO SYSLOG	{
		confbuild_audit(build, $<line>3, $3, NULL);
	}
	| LOG AUDIT auditmode TO error	{ expected("\"path\" or syslog"); }
	| LOG AUDIT error		{ expected("all, denied or none"); }
	| LOG error			{ expected("audit"); }
	| limit				{ confbuild_limit(build); }
	| limiterror
	;

auditmode
	: WORD
	| WORD WORD			{
		$$ = confbuild_audit_how(build, $<line>2, $1, $2, NULL);
	}
	| WORD WORD NUMBER		{
		$$ = confbuild_audit_how(build, $<line>2, $1, $2, $3);
	}
	;

limit	: LIMIT WORD number		{ limit_is($<line>3, $2, $3, false); }
	| LIMIT WORD number PER UID	{ limit_is($<line>3, $2, $3, true); }
	;

limiterror
	: LIMIT WORD number PER error	{ expected("uid"); }
	| LIMIT WORD error		{ expected("a number"); }
	| LIMIT error			{ expected("the name of a limit"); }
	;

role	: rolehead body '}'		{ confrole_end(build); }
	| rolehead lines error '}'	{
		expected(role_statements());
		confrole_end(build);
	}
	| rolehead lines rolestatement error '}'	{
		expected_end();
		confrole_end(build);
	}
	;

rolehead
	: ROLE STRING newlines '{'	{
		confrole_begin(build, $<line>1, $2);
	}
	| ROLE STRING newlines error '{'	{
		expected("\"{\"");
		confrole_begin(build, $<line>1, NULL);
	}
	| ROLE error '{'		{
		expected("\"name\"");
		confrole_begin(build, $<line>1, NULL);
	}
	;

newlines: /* empty */
	| newlines '\n'
	;

body	: lines
	| lines rolestatement
	;

lines	: /* empty */
	| lines '\n'
	| lines rolestatement '\n'	{ yyerrok; }
	| lines rolestatement error '\n'	{
		expected_end();
		yyerrok;
	}
	| lines error '\n'		{
		expected(role_statements());
		yyerrok;
	}
	;

rolestatement
	: PEER USER name		{
		confrole_peer(build, $<line>3, PEER_USER, $3);
	}
	| PEER USER error		{ expected("\"name\" or a uid"); }
	| PEER GROUP name		{
		confrole_peer(build, $<line>3, PEER_GROUP, $3);
	}
	| PEER GROUP error		{ expected("\"name\" or a gid"); }
	| PEER error			{ expected("user or group"); }
	| AS USER STRING		{
		confrole_as_user(build, $<line>3, $3);
	}
	| AS USER error			{ expected("\"name\""); }
	| AS error			{ expected("user"); }
	| OPTION WORD			{
		confrole_option(build, $<line>2, $2);
	}
	| OPTION error			{ expected("the name of an option"); }
	| limit				{ confrole_limit(build); }
	| limiterror
	| USE STRING			{ confuse_add(build, $<line>2, $2); }
	| USE error			{ expected("\"name\" of a role"); }
	| action paths attrs		{ confrule_end(build, $1); }
	| action error			{ expected("\"path\""); }
	| PERMIT error			{
		expected("an operation, such as read");
	}
	;

action	: PERMIT ops			{ $$ = POLICY_PERMIT; }
	| DENY ops			{ $$ = POLICY_DENY; }
	| DENY				{
		confrule_ops_begin(build);
		$$ = POLICY_DENY;
	}
	;

ops	: WORD				{
		confrule_ops_begin(build);
		confrule_op(build, $<line>1, $1);
	}
	| ops ',' WORD			{ confrule_op(build, $<line>3, $3); }
	| ops ',' error			{ expected("an operation"); }
	;

paths	: STRING			{
		confrule_paths_begin(build);
		confrule_path(build, $<line>1, $1);
	}
	| paths STRING			{ confrule_path(build, $<line>2, $2); }
	;

attrs	: /* empty */
	| attrs attr
	;

attr	: LABEL STRING		{ attr_is($<line>1, CONFATTR_LABEL, $2); }
	| LABEL error		{ expected("\"text\""); }
	| MODE number		{ attr_is($<line>1, CONFATTR_MODE, $2); }
	| MODE error		{ expected("an octal number"); }
	| OWNER name		{ attr_is($<line>1, CONFATTR_OWNER, $2); }
	| OWNER WORD		{ confrule_owner_word(build, $<line>1, $2); }
	| OWNER error		{
		expected("\"name\", a uid, any, by-name or self");
	}
	| GROUP name		{ attr_is($<line>1, CONFATTR_GROUP, $2); }
	| GROUP error		{ expected("\"name\" or a gid"); }
	| EXCLUSIVE		{ attr_is($<line>1, CONFATTR_EXCLUSIVE, ""); }
	;

name	: STRING
	| NUMBER
	;

number	: NUMBER
	| STRING
	| WORD
	;

%%

/* In the order of strcmp(3), for bsearch(3). */
static const struct keyword {
	const char	*name;
	int		 symbol;	/* of the grammar */
} keywords[] = {
	{ "as",			AS },
	{ "audit",		AUDIT },
	{ "confinement",	CONFINEMENT },
	{ "control",		CONTROL },
	{ "deny",		DENY },
	{ "exclusive",		EXCLUSIVE },
	{ "group",		GROUP },
	{ "include",		INCLUDE },
	{ "label",		LABEL },
	{ "limit",		LIMIT },
	{ "log",		LOG },
	{ "mode",		MODE },
	{ "option",		OPTION },
	{ "optional",		OPTIONAL },
	{ "owner",		OWNER },
	{ "peer",		PEER },
	{ "per",		PER },
	{ "permit",		PERMIT },
	{ "required",		REQUIRED },
	{ "role",		ROLE },
	{ "rundir",		RUN_DIR },
	{ "syslog",		SYSLOG },
	{ "to",			TO },
	{ "uid",		UID },
	{ "use",		USE },
	{ "user",		USER },
	{ "worker",		WORKER },
};
#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

const char *
confparse_keyword(size_t i)
{
	return i < NKEYWORDS ? keywords[i].name : NULL;
}

static int
keyword_compare(const void *key, const void *element)
{
	const struct keyword	*k = element;

	return strcmp(key, k->name);
}

static int
keyword_symbol(const char *word)
{
	const struct keyword	*k;

	k = bsearch(word, keywords, NKEYWORDS, sizeof(keywords[0]),
	    keyword_compare);
	return k != NULL ? k->symbol : WORD;
}

static int
yylex(void)
{
	struct lex_word	*w = &parser.word;

	lex_next(&build->lex, w);
	yylval.v.text = w->text;
	yylval.line = w->line;
	switch (w->kind) {
	case LEX_END:
		return 0;
	case LEX_NEWLINE:
		return '\n';
	case LEX_BARE:
		return keyword_symbol(w->text);
	case LEX_NUMBER:
		return NUMBER;
	case LEX_STRING:
		return STRING;
	case LEX_PUNCT:
		return w->text[0];
	case LEX_FAULT:
		break;
	}
	return FAULT;
}

static void
yyerror(const char *msg)
{
	/* The lexer has reported the fault, or its cause. */
	if (parser.word.kind == LEX_FAULT || build->lex.cut)
		return;
	if (strncmp(msg, "syntax error", 12) != 0) {
		lex_fault(&build->lex, parser.word.file, parser.word.line,
		    "%s", msg);
		return;
	}
	parser.stray = parser.word;
	parser.pending = true;
}

/* Report the pending syntax error, if there is one. */
static void
expected(const char *what)
{
	const struct lex_word	*w = &parser.stray;

	if (!parser.pending)
		return;
	parser.pending = false;
	switch (w->kind) {
	case LEX_END:
		lex_fault(&build->lex, w->file, w->line,
		    "unexpected end of file; expected %s", what);
		break;
	case LEX_NEWLINE:
		lex_fault(&build->lex, w->file, w->line,
		    "unexpected end of line; expected %s", what);
		break;
	case LEX_BARE:
	case LEX_NUMBER:
		lex_fault(&build->lex, w->file, w->line, "unexpected %s; "
		    "expected %s", w->text, what);
		break;
	default:
		lex_fault(&build->lex, w->file, w->line, "unexpected \"%s\"; "
		    "expected %s", w->text, what);
	}
}

/* The same at the end of a statement, unless that had a fault itself. */
static void
expected_end(void)
{
	const struct lex_word	*w = &parser.stray;

	if (w->file == lex_file(&build->lex) &&
	    w->line == build->lex.fault_line)
		parser.pending = false;
	expected("the end of the line");
}

static const char *
role_statements(void)
{
	return build->sys->statements != NULL ? build->sys->statements :
	    "as, deny, limit, option, peer, permit, use or \"}\"";
}

static void
limit_is(int line, const char *name, const char *value, bool per_uid)
{
	build->limit.line = line;
	build->limit.name = name;
	build->limit.value = value;
	build->limit.per_uid = per_uid;
}

static void
attr_is(int line, enum confattr attr, const char *text)
{
	confrule_attr(build, line, attr, text);
}

void
confparse(struct confbuild *b)
{
	memset(&parser, 0, sizeof(parser));
	build = b;
	if (yyparse() != 0) {
		/* Nothing but a missing brace makes the parser give up. */
		expected("\"{\"");
		if (b->lex.faults == 0)
			lex_fault(&b->lex, lex_file(&b->lex), 0,
			    "syntax error");
	}
	build = NULL;
}
