/*
 * text.h: words for people: nothing but printable ASCII, users by name,
 * times.
 */

#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fdbroker_types.h"

/* Room for the name of a user, a time, or an age. */
#define TEXT_SHORT	40

/*
 * Copy; bytes that are not printable ASCII become a backslash and three octal
 * digits.  What does not fit is left out.
 */
void	 text_copy(char *dst, size_t size, const char *src);
/* Append a word to a list of words, which has ", " between them. */
void	 text_add_word(char *list, size_t size, const char *word);
/* Print in the same way as text_copy() copies. */
void	 text_print(FILE *, const char *);

/*
 * Print a text with lines of `width' columns at the most (0: 80), each after
 * `indent' blanks.  It ends with a newline.
 */
void	 text_wrap(FILE *, size_t width, size_t indent, const char *);

/* The name of a user, or the number. */
void	 text_user(char dst[TEXT_SHORT], uint32_t uid);
/* "2026-11-22 20:22:20", local time. */
void	 text_time(char dst[TEXT_SHORT], int64_t when);
/* The same, short: "20:22:20" of the last hours, else "11-22 20:22". */
void	 text_time_short(char dst[TEXT_SHORT], int64_t when, int64_t now);
/* "3d04h", "2h07m", "5m12s", "7s". */
void	 text_age(char dst[TEXT_SHORT], int64_t seconds);

/* What a daemon said, or the text of errno if it said nothing. */
const char *text_of_error(uint32_t error, const char *text);
/* "EACCES", or "errno 4711". */
const char *text_errno(uint32_t error);

#endif /* CTL_TEXT_H */
