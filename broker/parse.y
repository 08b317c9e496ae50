/*
 * parse.y: the grammar of fdbroker.conf(5).
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Words
 * come from lex.c; what the statements mean is in confbuild.c.
 *
 * A statement that cannot be parsed is told about once, with what was
 * expected where it went wrong, and parsing goes on with the next line: a
 * syntax error is noted by yyerror() and reported by the innermost rule with
 * `error' in it.
 */

%{
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "confbuild.h"

typedef struct {
	union {
		const char		*text;
		enum policy_action	 action;
	} v;
	int	 line;
} YYSTYPE;
#define YYSTYPE	YYSTYPE

/* What the grammar works on; yacc(1) has no other way to hand it over. */
static struct {
	struct confbuild	*b;
	struct lex_token	 token;		/* the one read last */
	struct lex_token	 stray;		/* a syntax error was here */
	bool			 pending;	/* not told of yet */
} parser;

static void	yyerror(const char *);
static int	yylex(void);
static void	expected(const char *);

#define B	(parser.b)

#define STATEMENTS \
	"confinement, include, limit, role, rundir, user or a macro's name"
#define ROLE_STATEMENTS \
	"as, deny, limit, option, peer, permit or \"}\""
%}

%token	AS CONFINEMENT DENY GROUP INCLUDE LABEL LIMIT OPTION OPTIONAL PEER
%token	PER PERMIT REQUIRED ROLE RUN_DIR SESSIONS UID USER FAULT
%token	<v.text> STRING WORD NUMBER
%type	<v.text> label name number
%type	<v.action> action

%%

grammar	: /* empty */
	| grammar '\n'
	| grammar statement '\n'	{ yyerrok; }
	| grammar statement error '\n'	{
		expected("the end of the line");
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
	: INCLUDE STRING		{ lex_include(&B->lex, $<line>2, $2); }
	| INCLUDE error			{ expected("\"file\""); }
	| WORD '=' STRING		{
		confbuild_macro(B, $<line>1, $1, $3);
	}
	| WORD '=' error		{ expected("\"value\""); }
	| WORD error			{
		parser.stray.kind = LEX_WORD;
		parser.stray.text = $1;
		parser.stray.line = $<line>1;
		expected(STATEMENTS " and \"=\"");
	}
	| RUN_DIR STRING		{ confbuild_rundir(B, $<line>2, $2); }
	| RUN_DIR error			{ expected("\"path\""); }
	| USER name			{ confbuild_user(B, $<line>2, $2); }
	| USER error			{ expected("\"name\""); }
	| CONFINEMENT REQUIRED		{
		confbuild_confinement(B, $<line>1, true);
	}
	| CONFINEMENT OPTIONAL		{
		confbuild_confinement(B, $<line>1, false);
	}
	| CONFINEMENT error		{ expected("required or optional"); }
	| LIMIT SESSIONS number		{
		confbuild_sessions(B, $<line>3, $3, false);
	}
	| LIMIT SESSIONS number PER UID	{
		confbuild_sessions(B, $<line>3, $3, true);
	}
	| LIMIT SESSIONS number PER error	{ expected("uid"); }
	| LIMIT SESSIONS error		{ expected("a number"); }
	| LIMIT error			{ expected("sessions"); }
	;

role	: rolehead body '}'		{ confbuild_role_end(B); }
	| rolehead lines error '}'	{
		expected(ROLE_STATEMENTS);
		confbuild_role_end(B);
	}
	;

rolehead
	: ROLE STRING newlines '{'	{
		confbuild_role_begin(B, $<line>1, $2);
	}
	| ROLE STRING newlines error '{'	{
		expected("\"{\"");
		confbuild_role_begin(B, $<line>1, NULL);
	}
	| ROLE error '{'		{
		expected("\"name\"");
		confbuild_role_begin(B, $<line>1, NULL);
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
		expected("the end of the line");
		yyerrok;
	}
	| lines error '\n'		{
		expected(ROLE_STATEMENTS);
		yyerrok;
	}
	;

rolestatement
	: PEER USER name		{
		confbuild_peer(B, $<line>3, PEER_USER, $3);
	}
	| PEER USER error		{ expected("\"name\" or a uid"); }
	| PEER GROUP name		{
		confbuild_peer(B, $<line>3, PEER_GROUP, $3);
	}
	| PEER GROUP error		{ expected("\"name\" or a gid"); }
	| PEER error			{ expected("user or group"); }
	| AS USER STRING		{ confbuild_as_user(B, $<line>3, $3); }
	| AS USER error			{ expected("\"name\""); }
	| AS error			{ expected("user"); }
	| OPTION WORD			{ confbuild_option(B, $<line>2, $2); }
	| OPTION error			{ expected("the name of an option"); }
	| LIMIT SESSIONS number		{
		confbuild_role_sessions(B, $<line>3, $3);
	}
	| LIMIT SESSIONS error		{ expected("a number"); }
	| LIMIT error			{ expected("sessions"); }
	| action paths label		{ confbuild_rules(B, $1, $3); }
	| action error			{ expected("\"path\""); }
	| PERMIT error			{
		expected("an operation, such as read");
	}
	;

action	: PERMIT ops			{ $$ = POLICY_PERMIT; }
	| DENY ops			{ $$ = POLICY_DENY; }
	| DENY				{
		confbuild_ops_begin(B);
		$$ = POLICY_DENY;
	}
	;

ops	: WORD				{
		confbuild_ops_begin(B);
		confbuild_op(B, $<line>1, $1);
	}
	| ops ',' WORD			{ confbuild_op(B, $<line>3, $3); }
	| ops ',' error			{ expected("an operation"); }
	;

paths	: STRING			{
		confbuild_paths_begin(B);
		confbuild_path(B, $<line>1, $1);
	}
	| paths STRING			{ confbuild_path(B, $<line>2, $2); }
	;

label	: /* empty */			{ $$ = NULL; }
	| LABEL STRING			{ $$ = $2; }
	| LABEL error			{
		expected("\"text\"");
		$$ = NULL;
	}
	;

name	: STRING
	| NUMBER
	;

number	: NUMBER
	| STRING
	;

%%

/* In the order of strcmp(3), for bsearch(3). */
static const struct keyword {
	const char	*name;
	int		 token;
} keywords[] = {
	{ "as",			AS },
	{ "confinement",	CONFINEMENT },
	{ "deny",		DENY },
	{ "group",		GROUP },
	{ "include",		INCLUDE },
	{ "label",		LABEL },
	{ "limit",		LIMIT },
	{ "option",		OPTION },
	{ "optional",		OPTIONAL },
	{ "peer",		PEER },
	{ "per",		PER },
	{ "permit",		PERMIT },
	{ "required",		REQUIRED },
	{ "role",		ROLE },
	{ "rundir",		RUN_DIR },
	{ "sessions",		SESSIONS },
	{ "uid",		UID },
	{ "user",		USER },
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
keyword_token(const char *word)
{
	const struct keyword	*k;

	k = bsearch(word, keywords, NKEYWORDS, sizeof(keywords[0]),
	    keyword_compare);
	return k != NULL ? k->token : WORD;
}

static int
yylex(void)
{
	struct lex_token	*t = &parser.token;

	lex_next(&B->lex, t);
	yylval.v.text = t->text;
	yylval.line = t->line;
	switch (t->kind) {
	case LEX_END:
		return 0;
	case LEX_NEWLINE:
		return '\n';
	case LEX_WORD:
		return keyword_token(t->text);
	case LEX_NUMBER:
		return NUMBER;
	case LEX_STRING:
		return STRING;
	case LEX_PUNCT:
		return t->text[0];
	case LEX_FAULT:
		break;
	}
	return FAULT;
}

static void
yyerror(const char *msg)
{
	/* The lexer has reported these, or what led to them. */
	if (parser.token.kind == LEX_FAULT || B->lex.cut)
		return;
	if (strncmp(msg, "syntax error", 12) != 0) {
		lex_fault(&B->lex, parser.token.file, parser.token.line, "%s",
		    msg);
		return;
	}
	parser.stray = parser.token;
	parser.pending = true;
}

/* Report a syntax error, unless that was done where it happened. */
static void
expected(const char *what)
{
	const struct lex_token	*t = &parser.stray;

	if (!parser.pending)
		return;
	parser.pending = false;
	switch (t->kind) {
	case LEX_END:
		lex_fault(&B->lex, t->file, t->line, "unexpected end of file; "
		    "expected %s", what);
		break;
	case LEX_NEWLINE:
		lex_fault(&B->lex, t->file, t->line, "unexpected end of line; "
		    "expected %s", what);
		break;
	case LEX_WORD:
	case LEX_NUMBER:
		lex_fault(&B->lex, t->file, t->line, "unexpected %s; "
		    "expected %s", t->text, what);
		break;
	default:
		lex_fault(&B->lex, t->file, t->line, "unexpected \"%s\"; "
		    "expected %s", t->text, what);
	}
}

void
confparse(struct confbuild *b)
{
	memset(&parser, 0, sizeof(parser));
	parser.b = b;
	if (yyparse() != 0) {
		/* Only a search for this goes on to the end. */
		expected("\"{\"");
		if (b->lex.faults == 0)
			lex_fault(&b->lex, lex_file(&b->lex), 0,
			    "cannot be parsed");
	}
	parser.b = NULL;
}
