/*
 * text.c: text for people; see ctl/text.h.
 *
 * Runs in fdbrokerctl.  Looks up names of users; otherwise touches memory and
 * streams.  An opener has encoded what clients chose, so backslashes stay as
 * they are; only bytes that could control a terminal are encoded here.
 */

#include "config.h"

#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <time.h>

#include "ctl/text.h"

/* Encode one character.  Its length then. */
static size_t
text_char(char out[5], char c)
{
	if (c >= 0x20 && c <= 0x7e) {
		out[0] = c;
		out[1] = '\0';
		return 1;
	}
	(void)snprintf(out, 5, "\\%03o", (unsigned int)(unsigned char)c);
	return 4;
}

void
text_copy(char *dst, size_t size, const char *src)
{
	char	 c[5];
	size_t	 len, n = 0;

	for (; *src != '\0'; src++) {
		len = text_char(c, *src);
		if (n + len >= size)
			break;
		memcpy(dst + n, c, len);
		n += len;
	}
	dst[n] = '\0';
}

void
text_add_word(char *list, size_t size, const char *word)
{
	if (list[0] != '\0')
		(void)strlcat(list, ", ", size);
	(void)strlcat(list, word, size);
}

void
text_print(FILE *f, const char *s)
{
	char	 c[5];

	for (; *s != '\0'; s++) {
		(void)text_char(c, *s);
		(void)fputs(c, f);
	}
}

void
text_mark(FILE *f, bool colours, const char *colour, const char *text)
{
	if (colours)
		(void)fprintf(f, "%s%s%s", colour, text, TEXT_PLAIN);
	else
		(void)fputs(text, f);
}

void
text_print_line(FILE *f, const char *s)
{
	char	 c[5];

	for (; *s != '\0'; s++) {
		(void)text_char(c, *s == '\t' ? ' ' : *s);
		(void)fputs(c, f);
	}
	(void)fputc('\n', f);
}

void
text_wrap(FILE *f, size_t width, size_t indent, const char *s)
{
	char	 word[5];
	size_t	 column = 0, len, i;

	if (width == 0)
		width = 80;
	while (*(s += strspn(s, " ")) != '\0') {
		len = strcspn(s, " ");
		if (column > 0 && column + 1 + len > width) {
			(void)fputc('\n', f);
			column = 0;
		}
		if (column == 0)
			column += (size_t)fprintf(f, "%*s", (int)indent, "");
		else
			column += (size_t)fprintf(f, " ");
		for (i = 0; i < len; i++, s++) {
			column += text_char(word, *s);
			(void)fputs(word, f);
		}
	}
	(void)fputc('\n', f);
}

void
text_user(char dst[TEXT_SHORT], uint32_t uid)
{
	struct passwd	*pw = getpwuid(uid);

	if (pw != NULL && strlen(pw->pw_name) < TEXT_SHORT)
		text_copy(dst, TEXT_SHORT, pw->pw_name);
	else
		(void)snprintf(dst, TEXT_SHORT, "%u", uid);
}

void
text_time(char dst[TEXT_SHORT], int64_t when)
{
	time_t		 t = (time_t)when;
	struct tm	 tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(dst, TEXT_SHORT, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)strlcpy(dst, "?", TEXT_SHORT);
}

void
text_age(char dst[TEXT_SHORT], int64_t s)
{
	if (s < 0)
		s = 0;		/* the clock was set back */
	if (s >= 86400)
		(void)snprintf(dst, TEXT_SHORT, "%" PRId64 "d%02dh", s / 86400,
		    (int)(s % 86400 / 3600));
	else if (s >= 3600)
		(void)snprintf(dst, TEXT_SHORT, "%dh%02dm", (int)(s / 3600),
		    (int)(s % 3600 / 60));
	else if (s >= 60)
		(void)snprintf(dst, TEXT_SHORT, "%dm%02ds", (int)(s / 60),
		    (int)(s % 60));
	else
		(void)snprintf(dst, TEXT_SHORT, "%ds", (int)s);
}

const char *
text_of_error(uint32_t error, const char *text)
{
	return text[0] != '\0' ? text : strerror((int)error);
}

const char *
text_errno(uint32_t error)
{
	static char	 unknown[TEXT_SHORT];
	const char	*name = strerrorname_np((int)error);

	if (name != NULL)
		return name;
	(void)snprintf(unknown, sizeof(unknown), "errno %u", error);
	return unknown;
}
