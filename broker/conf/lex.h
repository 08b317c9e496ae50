/*
 * lex.h: the words of a configuration file, with includes and macros.
 *
 * Every text that is handed out, file names too, lives as long as the lexer.
 */

#ifndef LEX_H
#define LEX_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf/sys.h"

#define LEX_INCLUDE_MAX	16	/* files open within each other */
#define LEX_FILES_MAX	1000	/* files in all */

enum lex_kind {
	LEX_END,		/* of everything */
	LEX_NEWLINE,
	LEX_BARE,		/* without quotes */
	LEX_NUMBER,		/* the same, of digits */
	LEX_STRING,		/* without its quotes, or a macro's value */
	LEX_PUNCT,		/* text[0] */
	LEX_FAULT		/* was reported */
};

struct lex_word {
	enum lex_kind	 kind;
	const char	*text;		/* "" for LEX_END and LEX_NEWLINE */
	const char	*file;
	int		 line;
};

struct lex_file;
struct lex_text;
struct lex_macro;

struct lex {
	const struct confsys		*sys;
	struct lex_file			*file;	/* being read */
	SLIST_HEAD(, lex_text)		 texts;
	SLIST_HEAD(, lex_macro)		 macros;
	unsigned int			 braces;	/* open */
	unsigned int			 faults;	/* reported */
	unsigned int			 nfiles;	/* read */
	bool				 line_ended;
	bool				 cut;	/* a file ended within braces */
};

void	 lex_init(struct lex *, const struct confsys *);
void	 lex_free(struct lex *);

/* Begin with a file.  0, or -1: the fault was reported. */
int	 lex_open(struct lex *, const char *file);

/*
 * Go on with another file after the current line, or with the files of a
 * directory that conf/sys.h lists; a relative name is looked up in the
 * directory of the file that includes it.  Faults are reported.
 */
void	 lex_include(struct lex *, int line, const char *name);

/* The next word; after LEX_END, again LEX_END. */
void	 lex_next(struct lex *, struct lex_word *);

/* The name of the file being read. */
const char *lex_file(const struct lex *);

/*
 * Set a macro, unless one of that name was set to stay before.  0, or -1: the
 * name is not a letter or "_" with letters, digits and "_" after it; or out
 * of memory, which is also reported.
 */
int	 lex_macro_set(struct lex *, const char *name, const char *value,
	    bool stay);

/* A copy that lives as long as the lexer; NULL: ENOMEM, also reported. */
const char *lex_keep(struct lex *, const char *, size_t len);

/* Report and count a fault.  line 0: of the file as a whole. */
void	 lex_fault(struct lex *, const char *file, int line, const char *, ...)
	    __attribute__((format(printf, 4, 5)));

#endif /* LEX_H */
