/*
 * lex.c: the words of a configuration; see lex.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Touches
 * memory; it reads each file whole through conf/sys.h, and then splits it.
 */

#include "config.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/lex.h"

struct lex_file {
	struct lex_file	*up;		/* the file that includes it */
	const char	*name;
	char		*text;		/* text[len] is a newline */
	size_t		 pos, len;
	int		 line;
	/* Of these a fault was reported: in this file; in this line. */
	bool		 crlf;
	int		 space_line, quote_line;
	/* Files to read after the current line: the next is queue[taken]. */
	const char	**queue;
	size_t		 nqueue, taken;
	int		 queue_line;
};

struct lex_text {
	SLIST_ENTRY(lex_text)	 entry;
	char			 text[];
};

struct lex_macro {
	SLIST_ENTRY(lex_macro)	 entry;
	const char		*name, *value;	/* NULL: it has a fault */
	bool			 stay;
};

void
lex_init(struct lex *lx, const struct confsys *sys)
{
	memset(lx, 0, sizeof(*lx));
	lx->sys = sys;
	lx->line_ended = true;
	SLIST_INIT(&lx->texts);
	SLIST_INIT(&lx->macros);
}

static void
file_free(struct lex_file *f)
{
	if (f == NULL)
		return;
	free(f->queue);
	free(f->text);
	free(f);
}

static void
file_pop(struct lex *lx)
{
	struct lex_file	*f = lx->file;

	lx->file = f->up;
	lx->fault_line = 0;
	file_free(f);
}

void
lex_free(struct lex *lx)
{
	struct lex_macro	*m;
	struct lex_text		*t;

	while (lx->file != NULL)
		file_pop(lx);
	while ((m = SLIST_FIRST(&lx->macros)) != NULL) {
		SLIST_REMOVE_HEAD(&lx->macros, entry);
		free(m);
	}
	while ((t = SLIST_FIRST(&lx->texts)) != NULL) {
		SLIST_REMOVE_HEAD(&lx->texts, entry);
		free(t);
	}
}

void
lex_fault(struct lex *lx, const char *file, int line, const char *fmt, ...)
{
	char	 text[2 * PATH_MAX];
	va_list	 ap;

	lx->faults++;
	if (lx->file != NULL && file == lx->file->name)
		lx->fault_line = line;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		(void)strlcpy(text, fmt, sizeof(text));
	va_end(ap);
	if (lex_names_macro(lx, text) && strstr(text, LEX_DOLLAR_HINT) == NULL)
		(void)strlcat(text, LEX_DOLLAR_HINT, sizeof(text));
	if (line > 0)
		log_warnx("%s:%d: %s", file, line, text);
	else
		log_warnx("%s: %s", file, text);
}

const char *
lex_file(const struct lex *lx)
{
	return lx->file != NULL ? lx->file->name : "configuration";
}

static void
no_memory(struct lex *lx)
{
	lex_fault(lx, lex_file(lx), 0, "out of memory");
}

const char *
lex_keep(struct lex *lx, const char *text, size_t len)
{
	struct lex_text	*t;

	if ((t = malloc(sizeof(*t) + len + 1)) == NULL) {
		no_memory(lx);
		return NULL;
	}
	memcpy(t->text, text, len);
	t->text[len] = '\0';
	SLIST_INSERT_HEAD(&lx->texts, t, entry);
	return t->text;
}

/*
 * Macros.
 */
static bool
macro_first(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool
macro_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct lex_macro *
macro_find(const struct lex *lx, const char *name)
{
	struct lex_macro	*m;

	SLIST_FOREACH(m, &lx->macros, entry) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

bool
lex_has_dollar(const char *s)
{
	while ((s = strchr(s, '$')) != NULL) {
		if (macro_first(*++s))
			return true;
	}
	return false;
}

bool
lex_names_macro(const struct lex *lx, const char *s)
{
	const struct lex_macro	*m;
	size_t			 len;

	while ((s = strchr(s, '$')) != NULL) {
		for (s++, len = 0; macro_char(s[len]); len++)
			;
		SLIST_FOREACH(m, &lx->macros, entry) {
			if (strncmp(m->name, s, len) == 0 &&
			    m->name[len] == '\0')
				return true;
		}
	}
	return false;
}

int
lex_macro_set(struct lex *lx, const char *name, const char *value, bool stay)
{
	struct lex_macro	*m;
	const char		*p;

	if (!macro_first(name[0]))
		return -1;
	for (p = name; *p != '\0'; p++) {
		if (!macro_char(*p))
			return -1;
	}
	if ((value = lex_keep(lx, value, strlen(value))) == NULL)
		return -1;
	if ((m = macro_find(lx, name)) != NULL) {
		if (!m->stay)
			m->value = value;
		return 0;
	}
	if ((name = lex_keep(lx, name, strlen(name))) == NULL)
		return -1;
	if ((m = malloc(sizeof(*m))) == NULL) {
		no_memory(lx);
		return -1;
	}
	m->name = name;
	m->value = value;
	m->stay = stay;
	SLIST_INSERT_HEAD(&lx->macros, m, entry);
	return 0;
}

void
lex_macro_spoil(struct lex *lx, const char *name)
{
	struct lex_macro	*m;
	size_t			 len = 0;

	while (macro_char(name[len]))
		len++;
	if (!macro_first(name[0]) ||
	    (name = lex_keep(lx, name, len)) == NULL ||
	    macro_find(lx, name) != NULL)
		return;
	if ((m = calloc(1, sizeof(*m))) == NULL) {
		no_memory(lx);
		return;
	}
	m->name = name;
	SLIST_INSERT_HEAD(&lx->macros, m, entry);
}

/*
 * Files.
 */

/*
 * Read a file.  who and line are the place that includes it; who is NULL for
 * the first file.  NULL if there was a fault, which was reported.
 */
static struct lex_file *
file_read(struct lex *lx, const char *name, const char *who, int line)
{
	struct lex_file	*f;
	char		 why[CONFSYS_WHY_MAX] = "", *text;
	const char	*nul;

	if ((f = calloc(1, sizeof(*f))) == NULL ||
	    (f->name = lex_keep(lx, name, strlen(name))) == NULL) {
		no_memory(lx);
		free(f);
		return NULL;
	}
	f->line = 1;
	if (lx->sys->read(lx->sys->arg, name, &f->text, &f->len, why) == -1) {
		if (who != NULL)
			lex_fault(lx, who, line, "cannot include \"%s\": "
			    "%s%s", name, why, strchr(name, '*') == NULL ? "" :
			    "; name the directory to include all *.conf in "
			    "it");
		else
			lex_fault(lx, name, 0, "cannot read the file: %s", why);
		goto fail;
	}
	if ((nul = memchr(f->text, '\0', f->len)) != NULL) {
		for (text = f->text; text < nul; text++)
			f->line += *text == '\n';
		lex_fault(lx, f->name, f->line, "a NUL byte; is this a "
		    "configuration file?");
		goto fail;
	}
	/* Let it end with a newline, even if it already does. */
	if ((text = realloc(f->text, f->len + 1)) == NULL) {
		no_memory(lx);
		goto fail;
	}
	f->text = text;
	f->text[f->len] = '\n';
	return f;

fail:
	file_free(f);
	return NULL;
}

int
lex_open(struct lex *lx, const char *file)
{
	lx->file = file_read(lx, file, NULL, 0);
	return lx->file != NULL ? 0 : -1;
}

/* Append a name to the queue of the file being read.  Reports faults. */
static void
queue_add(struct lex *lx, int line, const char *name)
{
	struct lex_file	*f = lx->file;
	const char	**queue;

	if ((name = lex_keep(lx, name, strlen(name))) == NULL)
		return;
	if ((queue = reallocarray(f->queue, f->nqueue + 1,
	    sizeof(*queue))) == NULL) {
		no_memory(lx);
		return;
	}
	f->queue = queue;
	f->queue[f->nqueue++] = name;
	f->queue_line = line;
}

/* The same for the files of a directory. */
static void
queue_add_dir(struct lex *lx, int line, const char *dir, char **names)
{
	char	 path[PATH_MAX];
	size_t	 i;
	int	 n;

	for (i = 0; names[i] != NULL; i++) {
		n = snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (n < 0 || (size_t)n >= sizeof(path))
			lex_fault(lx, lex_file(lx), line, "cannot include "
			    "\"%s\" from \"%s\": the path is too long",
			    names[i], dir);
		else
			queue_add(lx, line, path);
	}
}

void
lex_include(struct lex *lx, int line, const char *name)
{
	char		 path[PATH_MAX], why[CONFSYS_WHY_MAX] = "";
	const char	*base = lex_file(lx), *slash;
	char		**names;
	size_t		 i;
	int		 n;

	slash = name[0] == '/' ? NULL : strrchr(base, '/');
	n = snprintf(path, sizeof(path), "%.*s%s",
	    slash != NULL ? (int)(slash - base + 1) : 0, base, name);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		lex_fault(lx, base, line, "the name of the included file is "
		    "too long");
		return;
	}
	switch (lx->sys->list(lx->sys->arg, path, &names, why)) {
	case 0:
		queue_add(lx, line, path);
		break;
	case 1:
		queue_add_dir(lx, line, path, names);
		for (i = 0; names[i] != NULL; i++)
			free(names[i]);
		free(names);
		break;
	default:
		lex_fault(lx, base, line, "cannot include \"%s\": %s", path,
		    why);
	}
}

/* May the file be included here?  If not, the fault is reported. */
static bool
may_include(struct lex *lx, const char *name, int line)
{
	const struct lex_file	*f;
	unsigned int		 depth = 0;

	for (f = lx->file; f != NULL; f = f->up, depth++) {
		if (strcmp(f->name, name) == 0) {
			lex_fault(lx, lex_file(lx), line, "\"%s\" includes "
			    "itself", name);
			return false;
		}
	}
	if (depth >= LEX_INCLUDE_MAX) {
		lex_fault(lx, lex_file(lx), line, "cannot include \"%s\": "
		    "more than %d files are nested", name,
		    LEX_INCLUDE_MAX);
		return false;
	}
	if (++lx->nfiles > LEX_FILES_MAX) {
		if (lx->nfiles == LEX_FILES_MAX + 1)
			lex_fault(lx, lex_file(lx), line, "cannot include "
			    "\"%s\": more than %d files are included", name,
			    LEX_FILES_MAX);
		return false;
	}
	return true;
}

/* Turn to the next file of the queue that can be read.  False: none left. */
static bool
file_push(struct lex *lx)
{
	struct lex_file	*includer = lx->file, *f;
	const char	*name;

	while (includer->taken < includer->nqueue) {
		name = includer->queue[includer->taken++];
		if (!may_include(lx, name, includer->queue_line) ||
		    (f = file_read(lx, name, includer->name,
		    includer->queue_line)) == NULL)
			continue;
		f->up = includer;
		lx->file = f;
		lx->fault_line = 0;
		return true;
	}
	includer->taken = includer->nqueue = 0;
	return false;
}

/*
 * Characters.
 */

/* The current character.  Skips a backslash with a newline after it. */
static int
peek(struct lex_file *f)
{
	while (f->pos < f->len && f->text[f->pos] == '\\' &&
	    f->text[f->pos + 1] == '\n') {
		f->pos += 2;
		f->line++;
	}
	/* The last line may have been skipped in this way. */
	return f->pos < f->len ? (unsigned char)f->text[f->pos] : '\n';
}

static bool
at_end(struct lex_file *f)
{
	(void)peek(f);
	return f->pos >= f->len;
}

static bool
begins_with(const struct lex_file *f, const char *bytes)
{
	size_t	 n = strlen(bytes);

	/* A backslash as the last byte of a file leaves pos beyond len. */
	return f->pos < f->len && f->len - f->pos >= n &&
	    memcmp(f->text + f->pos, bytes, n) == 0;
}

/*
 * The length of what an editor has left that stands for a blank: a byte order
 * mark, a carriage return at the end of a line, or a no-break space; or 0.  It
 * is reported, once, and makes no other faults.
 */
static size_t
foreign_blank(struct lex *lx)
{
	struct lex_file	*f = lx->file;

	if (f->pos == 0 && begins_with(f, "\357\273\277")) {
		lex_fault(lx, f->name, f->line, "unexpected byte 0xef: a byte "
		    "order mark; save the file as UTF-8 without one");
		return 3;
	}
	/* text[len] is there, and a newline. */
	if (begins_with(f, "\r") && f->text[f->pos + 1] == '\n') {
		if (f->crlf || lx->fault_line == f->line)
			return 1;
		f->crlf = true;
		lex_fault(lx, f->name, f->line, "unexpected byte 0x0d: lines "
		    "end in CR and LF, as on Windows; convert the file, for "
		    "example with dos2unix");
		return 1;
	}
	if (begins_with(f, "\302\240")) {
		if (f->space_line != f->line)
			lex_fault(lx, f->name, f->line, "unexpected byte "
			    "0xc2: a no-break space; write a blank");
		f->space_line = f->line;
		return 2;
	}
	return 0;
}

static void
skip_space(struct lex *lx)
{
	struct lex_file	*f = lx->file;
	size_t		 n;

	for (;;) {
		while (peek(f) == ' ' || peek(f) == '\t')
			f->pos++;
		if ((n = foreign_blank(lx)) == 0)
			break;
		f->pos += n;
	}
	if (peek(f) == '#') {
		while (f->pos < f->len && f->text[f->pos] != '\n')
			f->pos++;
	}
}

/*
 * Words.  Each of these functions takes the word at the current character.
 */
static void
word_text(struct lex *lx, struct lex_word *w, enum lex_kind kind,
    const char *text, size_t len)
{
	w->kind = kind;
	if ((w->text = lex_keep(lx, text, len)) == NULL) {
		w->kind = LEX_FAULT;
		w->text = "";
	}
}

/* The length of a quote as word processors write it, or 0. */
static size_t
curly_quote(const struct lex_file *f)
{
	return begins_with(f, "\342\200\234") ||
	    begins_with(f, "\342\200\235") ||
	    begins_with(f, "\342\200\236") ||
	    begins_with(f, "\342\200\230") ||
	    begins_with(f, "\342\200\231") ? 3 : 0;
}

static void
curly_fault(struct lex *lx, const struct lex_word *w)
{
	if (lx->file->quote_line != w->line)
		lex_fault(lx, w->file, w->line, "unexpected byte 0xe2: a "
		    "curly quote; write \" instead");
	lx->file->quote_line = w->line;
}

/* Report a string in such quotes, and take it, so that it makes one fault. */
static void
word_curly(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	size_t		 start;

	curly_fault(lx, w);
	f->pos += curly_quote(f);
	start = f->pos;
	while (f->pos < f->len && f->text[f->pos] != '\n' &&
	    f->text[f->pos] != '"' && curly_quote(f) == 0)
		f->pos++;
	word_text(lx, w, LEX_STRING, f->text + start, f->pos - start);
	f->pos += f->text[f->pos] == '"' ? 1 : curly_quote(f);
}

/* Was there such a quote before the end of the line at `end'? */
static bool
had_curly_quote(struct lex_file *f, size_t end)
{
	size_t	 pos = f->pos;
	bool	 had = false;

	for (f->pos = end; f->pos > 0 && f->text[f->pos - 1] != '\n' && !had;
	    f->pos--)
		had = curly_quote(f) > 0;
	f->pos = pos;
	return had;
}

/* A string without its escapes, and with the values of its macros. */
struct string {
	char	*s;
	size_t	 len, room;
	bool	 bad;		/* it has a fault, which was reported */
};

static void
string_add(struct lex *lx, const struct lex_word *w, struct string *str,
    const char *s, size_t n)
{
	size_t	 room = str->room == 0 ? 256 : str->room;
	char	*more;

	if (str->bad || n == 0)
		return;
	if (n > LEX_STRING_MAX - str->len) {
		lex_fault(lx, w->file, w->line, "the string is longer than %d "
		    "bytes with the values of its macros", LEX_STRING_MAX);
		str->bad = true;
		return;
	}
	while (room < str->len + n)
		room *= 2;
	if (room != str->room) {
		if ((more = realloc(str->s, room)) == NULL) {
			no_memory(lx);
			str->bad = true;
			return;
		}
		str->s = more;
		str->room = room;
	}
	memcpy(str->s + str->len, s, n);
	str->len += n;
}

/* Add the value of the macro in "${name}"; the position is after the "{". */
static void
string_macro(struct lex *lx, const struct lex_word *w, struct string *str)
{
	struct lex_file		*f = lx->file;
	const struct lex_macro	*m;
	const char		*p = f->text + f->pos, *name;
	size_t			 n = 0;

	while (f->pos + n < f->len && macro_char(p[n]))
		n++;
	if (n == 0 || f->pos + n >= f->len || p[n] != '}') {
		lex_fault(lx, w->file, w->line, "expected a macro's name and "
		    "\"}\" after \"${\"; a backslash before \"${\" makes it "
		    "stand for itself");
		str->bad = true;
		return;
	}
	f->pos += n + 1;
	if ((name = lex_keep(lx, p, n)) == NULL) {
		str->bad = true;
	} else if ((m = macro_find(lx, name)) == NULL) {
		lex_fault(lx, w->file, w->line, "macro \"%s\" is not defined; "
		    "a backslash before \"${\" makes it stand for itself",
		    name);
		str->bad = true;
	} else if (m->value == NULL) {
		lx->faults++;
		str->bad = true;
	} else {
		string_add(lx, w, str, m->value, strlen(m->value));
	}
}

/* Take what follows a backslash, unless the backslash stands for itself. */
static bool
string_escape(struct lex *lx, struct lex_word *w, struct string *str)
{
	struct lex_file	*f = lx->file;
	const char	*p = f->text + f->pos;

	/* text[len] is there, and a newline. */
	if (p[0] == '\n') {
		f->pos += f->pos < f->len;
		f->line++;
		return true;
	}
	/* Other backslashes stay: a pattern may need them. */
	if (p[0] != '"' && p[0] != '\\' && !begins_with(f, "${"))
		return false;
	string_add(lx, w, str, p, 1);
	f->pos++;
	return true;
}

static void
word_string(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	struct string	 str = { .s = NULL };
	bool		 closed = false;
	char		 c;

	f->pos++;
	while (!closed && f->pos < f->len && (c = f->text[f->pos]) != '\n') {
		if (begins_with(f, "${")) {
			f->pos += 2;
			string_macro(lx, w, &str);
			continue;
		}
		f->pos++;
		if (c == '"')
			closed = true;
		else if (c != '\\' || !string_escape(lx, w, &str))
			string_add(lx, w, &str, &c, 1);
	}
	if (closed && !str.bad)
		word_text(lx, w, LEX_STRING, str.s != NULL ? str.s : "",
		    str.len);
	else if (!closed && had_curly_quote(f, f->pos))
		curly_fault(lx, w);
	else if (!closed)
		lex_fault(lx, w->file, w->line, "the string has no closing "
		    "\"");
	free(str.s);
}

static void
word_macro(struct lex *lx, struct lex_word *w)
{
	struct lex_file		*f = lx->file;
	struct lex_macro	*m;
	const char		*name;
	size_t			 start = ++f->pos, len;

	while (f->pos < f->len && macro_char(f->text[f->pos]))
		f->pos++;
	name = lex_keep(lx, f->text + start, f->pos - start);
	if (name == NULL)
		return;
	for (len = 0; strchr(" \t", f->text[f->pos + len]) != NULL; len++)
		;
	if (name[0] == '\0') {
		lex_fault(lx, w->file, w->line, "a macro's name must follow "
		    "the $");
	} else if (f->text[f->pos + len] == '=') {
		lex_fault(lx, w->file, w->line, "a macro is defined without "
		    "the $: %s = \"value\"", name);
		lex_macro_spoil(lx, name);
	} else if ((m = macro_find(lx, name)) == NULL) {
		lex_fault(lx, w->file, w->line, "macro \"%s\" is not defined",
		    name);
	} else if (m->value == NULL) {
		lx->faults++;	/* which was reported */
	} else {
		w->kind = LEX_STRING;
		w->text = m->value;
	}
}

static bool
word_char(int c)
{
	return isalnum(c) || c == '_' || c == '-';
}

static void
word_bare(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	size_t		 start = f->pos, len;
	const char	*p = f->text + start;

	/* A colon belongs to a time, as in 22:00. */
	while (f->pos < f->len && (word_char((unsigned char)f->text[f->pos]) ||
	    (f->text[f->pos] == ':' && f->pos > start &&
	    isdigit((unsigned char)f->text[f->pos - 1]))))
		f->pos++;
	len = f->pos - start;
	word_text(lx, w, LEX_BARE, p, len);
	if (w->kind == LEX_BARE && strspn(w->text, "0123456789") == len)
		w->kind = LEX_NUMBER;
}

/* What to write in place of a printable character that no word begins with. */
static const char *
stray_cure(const char *p)
{
	switch (*p) {
	case '\\':
		return p[1] != ' ' && p[1] != '\t' ? "" : "; to continue a "
		    "statement it must be the last character of its line";
	case ';':
		return "; a statement ends with its line";
	case '/':
		return "; a comment begins with \"#\"";
	default:
		return "";
	}
}

/* Report a string in single quotes, and take it, so that it makes one fault. */
static bool
word_apostrophe(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	const char	*p = f->text + f->pos + 1;
	size_t		 len = strcspn(p, "'\"\n");

	if (p[-1] != '\'' || p[len] != '\'')
		return false;
	lex_fault(lx, w->file, w->line, "unexpected character \"'\"; a string "
	    "is written in double quotes");
	f->pos += len + 2;
	word_text(lx, w, LEX_STRING, p, len);
	return true;
}

/* Report a character that no word begins with, and skip it. */
static void
word_stray(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	const char	*p = f->text + f->pos;
	bool		 comment = p[0] == '/' && (p[1] == '/' ||
			    (p[1] == '*' && (p[2] == ' ' || p[2] == '\t')));
	size_t		 len = *p == '/' ? strcspn(p, comment ? "\n" :
			    " \t\n\"") : 1;

	if (word_apostrophe(lx, w))
		return;
	/* All bytes of a character that is not ASCII are one fault. */
	while ((*p & 0x80) && (p[len] & 0x80))
		len++;
	f->pos += len;
	/* One such fault in a line is enough to mend it. */
	if (lx->fault_line == w->line)
		return;
	if (*p == '/' && !comment)
		lex_fault(lx, w->file, w->line, "%.*s must be in double "
		    "quotes", (int)len, p);
	else if (isprint((unsigned char)*p))
		lex_fault(lx, w->file, w->line, "unexpected character \"%c\"%s",
		    *p, stray_cure(p));
	else
		lex_fault(lx, w->file, w->line, "unexpected byte 0x%02x%s",
		    (unsigned char)*p, *p == '\r' ? ": a carriage return; "
		    "lines end in LF alone" : "");
}

/* The end of the current file.  True if the file that includes it goes on. */
static bool
end_of_file(struct lex *lx)
{
	struct lex_file	*f = lx->file;

	if (lx->braces > 0) {
		lex_fault(lx, f->name, f->line, "unexpected end of file "
		    "within { }; expected \"}\"");
		while (lx->file->up != NULL)
			file_pop(lx);
		lx->file->pos = lx->file->len;
		lx->braces = 0;
		lx->cut = true;
		return false;
	}
	if (f->up == NULL)
		return false;
	file_pop(lx);
	return true;
}

/* Is nothing but blanks left in the file? */
static bool
is_rest_blank(const struct lex_file *f)
{
	size_t	 i;

	for (i = f->pos; i < f->len; i++) {
		if (strchr(" \t\n", f->text[i]) == NULL)
			return false;
	}
	return true;
}

/* A brace.  In a text that is one role, another one ends the text. */
static void
word_brace(struct lex *lx, struct lex_word *w, char c)
{
	struct lex_file	*f = lx->file;

	if (c == '{')
		lx->braces++;
	else if (lx->braces > 0)
		lx->braces--;
	word_text(lx, w, LEX_PUNCT, f->text + f->pos++, 1);
	if (!lx->sys->one_role || (lx->braces == 1 && c == '{') ||
	    (lx->braces == 0 && is_rest_blank(f)))
		return;
	lex_fault(lx, w->file, w->line, "unexpected \"%c\"; expected the "
	    "statements of one role, without peers", c);
	w->kind = LEX_FAULT;
	f->pos = f->len;
	lx->braces = 0;
	lx->cut = true;
}

static void
word_at(struct lex *lx, struct lex_word *w)
{
	struct lex_file	*f = lx->file;
	int		 c = peek(f);

	w->kind = LEX_FAULT;
	w->line = f->line;
	if (c == '\n') {
		w->kind = LEX_NEWLINE;
		f->line++;
		f->pos++;
	} else if (c == '"') {
		word_string(lx, w);
	} else if (curly_quote(f) > 0) {
		word_curly(lx, w);
	} else if (c == '$') {
		word_macro(lx, w);
	} else if (word_char(c)) {
		word_bare(lx, w);
	} else if (c == '{' || c == '}') {
		word_brace(lx, w, (char)c);
	} else if (c == '=' || c == ',') {
		word_text(lx, w, LEX_PUNCT, f->text + f->pos++, 1);
	} else {
		word_stray(lx, w);
	}
}

void
lex_next(struct lex *lx, struct lex_word *w)
{
	for (;;) {
		/* An included file is read after the line that names it. */
		while (lx->line_ended && file_push(lx))
			;
		skip_space(lx);
		w->text = "";
		w->file = lx->file->name;
		w->line = lx->file->line;
		if (!at_end(lx->file)) {
			word_at(lx, w);
			break;
		}
		if (!lx->line_ended) {
			w->kind = LEX_NEWLINE;
			break;
		}
		if (!end_of_file(lx)) {
			w->kind = LEX_END;
			return;
		}
	}
	lx->line_ended = w->kind == LEX_NEWLINE;
}
