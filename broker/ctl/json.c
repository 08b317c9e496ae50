/*
 * json.c: write JSON; see ctl/json.h.
 *
 * Runs in fdbrokerctl.  Touches only its stream.  Strings here are bytes, but
 * JSON has characters: in the string that a reader gets, a byte that is not
 * ASCII is a backslash and three octal digits, as vis(3) writes it.
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "ctl/json.h"

void
json_init(struct json *j, FILE *f)
{
	memset(j, 0, sizeof(*j));
	j->f = f;
}

static void
put_string(struct json *j, const char *s)
{
	unsigned char	 c;

	(void)fputc('"', j->f);
	for (; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			(void)fprintf(j->f, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)fprintf(j->f, "\\u%04x", c);
		else if (c > 0x7f)
			(void)fprintf(j->f, "\\\\%03o", c);
		else
			(void)fputc(c, j->f);
	}
	(void)fputc('"', j->f);
}

/* Write the comma, the indentation and the name before a value. */
static void
put_name(struct json *j, const char *name)
{
	if (j->depth > 0 && j->more[j->depth - 1])
		(void)fputc(',', j->f);
	if (j->depth > 0) {
		j->more[j->depth - 1] = true;
		(void)fprintf(j->f, "\n%*s", 2 * j->depth, "");
	}
	if (name != NULL) {
		put_string(j, name);
		(void)fputs(": ", j->f);
	}
}

static void
begin(struct json *j, const char *name, char open, char close)
{
	put_name(j, name);
	(void)fputc(open, j->f);
	if (j->depth == JSON_DEPTH)
		return;		/* no caller nests this deep */
	j->more[j->depth] = false;
	j->close[j->depth++] = close;
}

void
json_object(struct json *j, const char *name)
{
	begin(j, name, '{', '}');
}

void
json_array(struct json *j, const char *name)
{
	begin(j, name, '[', ']');
}

void
json_end(struct json *j)
{
	if (j->depth == 0)
		return;
	j->depth--;
	if (j->more[j->depth])
		(void)fprintf(j->f, "\n%*s", 2 * j->depth, "");
	(void)fputc(j->close[j->depth], j->f);
	if (j->depth == 0)
		(void)fputc('\n', j->f);
}

void
json_string(struct json *j, const char *name, const char *value)
{
	put_name(j, name);
	put_string(j, value);
}

void
json_number(struct json *j, const char *name, uint64_t value)
{
	put_name(j, name);
	(void)fprintf(j->f, "%" PRIu64, value);
}

void
json_int(struct json *j, const char *name, int64_t value)
{
	put_name(j, name);
	(void)fprintf(j->f, "%" PRId64, value);
}

void
json_bool(struct json *j, const char *name, bool value)
{
	put_name(j, name);
	(void)fputs(value ? "true" : "false", j->f);
}

void
json_raw(struct json *j, const char *name, const char *value)
{
	put_name(j, name);
	(void)fputs(value, j->f);
}
