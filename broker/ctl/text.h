/*
 * text.h: text for people: printable ASCII only, users by name, times.
 */

#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fdbroker_types.h"

/* Room for the name of a user, a time, or an age. */
#define TEXT_SHORT	40
/* Room for a line of the daemon's about its configuration. */
#define TEXT_LINE	8192

/*
 * Copy a text; bytes that are not printable ASCII become a backslash and three
 * octal digits.  The end is cut off if it does not fit.
 */
void	 text_copy(char *dst, size_t size, const char *src);
/* Append a word to a list, with ", " between words. */
void	 text_add_word(char *list, size_t size, const char *word);
/* Print a text, encoded as by text_copy(). */
void	 text_print(FILE *, const char *);
/* The same with a newline; a tab becomes a blank. */
void	 text_print_line(FILE *, const char *);

/* Colours of a terminal. */
#define TEXT_GOOD	"\033[32m"	/* green */
#define TEXT_BAD	"\033[31m"	/* red */
#define TEXT_TITLE	"\033[1m"	/* bold */
#define TEXT_PLAIN	"\033[0m"

/* Print a constant text, in a colour if there are colours. */
void	 text_mark(FILE *, bool colours, const char *colour, const char *);

/*
 * Print a text and a newline in lines of at most `width' columns (0: 80), each
 * indented by `indent' blanks.
 */
void	 text_wrap(FILE *, size_t width, size_t indent, const char *);

/* The name of a user; the uid if there is none. */
void	 text_user(char dst[TEXT_SHORT], uint32_t uid);
/* "2026-11-22 20:22:20", local time. */
void	 text_time(char dst[TEXT_SHORT], int64_t when);
/* "3d04h", "2h07m", "5m12s", "7s". */
void	 text_age(char dst[TEXT_SHORT], int64_t seconds);

/* The text of a reply, or the error's text if it has none. */
const char *text_of_error(uint32_t error, const char *text);
/* "EACCES", or "errno 4711". */
const char *text_errno(uint32_t error);

#endif /* CTL_TEXT_H */
