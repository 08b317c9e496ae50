/*
 * lex.h: the lexer: the words of a configuration, with the files that it
 * includes, and its macros.
 *
 * All strings that the lexer returns, names of files too, live as long as the
 * lexer.
 */

#ifndef LEX_H
#define LEX_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf/sys.h"

#define LEX_INCLUDE_MAX	16	/* nested files */
#define LEX_FILES_MAX	1000	/* included files in all */
#define LEX_STRING_MAX	65536	/* bytes in a string with its macros */

enum lex_kind {
	LEX_END,		/* of the last file */
	LEX_NEWLINE,
	LEX_BARE,		/* without quotes */
	LEX_NUMBER,		/* without quotes, digits only */
	LEX_STRING,		/* in quotes, or the value of a macro */
	LEX_PUNCT,		/* text[0] */
	LEX_FAULT		/* a fault, which was reported */
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
	struct lex_file			*file;	/* the file being read */
	SLIST_HEAD(, lex_text)		 texts;
	SLIST_HEAD(, lex_macro)		 macros;
	unsigned int			 braces;	/* that are open */
	unsigned int			 faults;	/* that were reported */
	int				 fault_line;	/* of this file, last */
	unsigned int			 nfiles;	/* that were included */
	bool				 line_ended;
	bool				 cut;	/* the rest was not read */
};

void	 lex_init(struct lex *, const struct confsys *);
void	 lex_free(struct lex *);

/* Start to read a file.  0, or -1 and reported. */
int	 lex_open(struct lex *, const char *file);

/*
 * Read another file after the current line, or the files of a directory that
 * the list function of conf/sys.h returns.  A relative name is relative to the
 * directory of the file that includes it.  Faults are reported.
 */
void	 lex_include(struct lex *, int line, const char *name);

/* The next word.  After LEX_END it is always LEX_END. */
void	 lex_next(struct lex *, struct lex_word *);

/* The name of the file being read. */
const char *lex_file(const struct lex *);

/*
 * Set a macro, unless a macro of that name was set with `stay' before.  0, or
 * -1 if the name is not a letter or "_" followed by letters, digits and "_", or
 * if there is no memory, which is also reported.
 */
int	 lex_macro_set(struct lex *, const char *name, const char *value,
	    bool stay);

/*
 * The definition of a macro has a fault, which was reported: its use makes no
 * others.  What follows a valid name does not count.
 */
void	 lex_macro_spoil(struct lex *, const char *name);

/*
 * Does a string have "$" and what could be a macro's name?  In quotes a macro
 * is written "${name}", and this stands for itself.
 */
bool	 lex_has_dollar(const char *);
/* The same, and the name is that of a macro. */
bool	 lex_names_macro(const struct lex *, const char *);
/* What to say of it after another message; lex_fault() does. */
#define LEX_DOLLAR_HINT	"; in quotes, a macro is written \"${name}\""

/*
 * A copy that lives as long as the lexer; NULL if there is no memory, which is
 * also reported.
 */
const char *lex_keep(struct lex *, const char *, size_t len);

/* Report a fault and count it.  line 0: it is about the whole file. */
void	 lex_fault(struct lex *, const char *file, int line, const char *, ...)
	    __attribute__((format(printf, 4, 5)));

#endif /* LEX_H */
