/*
 * json.c: write JSON; see base/json.h.
 *
 * Runs in fdbrokerctl and in the controller of fdbackup.  Touches only what its
 * caller lets it write to.  Strings here are bytes, but JSON has characters: in
 * a string of json_string(), a byte that is not ASCII is a backslash and three
 * octal digits, as vis(3) writes it; json_bytes() loses nothing.
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"

#define INDENT		2		/* columns a level */
#define REPLACEMENT	0xfffdU		/* for what is no character */

static int
put_file(void *arg, const void *p, size_t len)
{
	return fwrite(p, 1, len, arg) == len ? 0 : -1;
}

void
json_init(struct json *j, FILE *f)
{
	memset(j, 0, sizeof(*j));
	j->put = put_file;
	j->arg = f;
}

void
json_init_lines(struct json *j, json_put *put, void *arg)
{
	memset(j, 0, sizeof(*j));
	j->put = put;
	j->arg = arg;
	j->line = true;
}

static void
put_bytes(struct json *j, const void *p, size_t len)
{
	if (!j->failed && len > 0 && j->put(j->arg, p, len) == -1)
		j->failed = true;
}

static void
put_text(struct json *j, const char *s)
{
	put_bytes(j, s, strlen(s));
}

static void
put_char(struct json *j, char c)
{
	put_bytes(j, &c, 1);
}

/* The number of bytes from s on that need no escape in a string. */
static size_t
plain_len(const char *s)
{
	size_t	 n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/* A UTF-16 code unit. */
static void
put_unit(struct json *j, unsigned int c)
{
	char	 text[8];

	(void)snprintf(text, sizeof(text), "\\u%04x", c & 0xffff);
	put_text(j, text);
}

/* A byte of ASCII that plain_len() stops at. */
static void
put_special(struct json *j, unsigned char c)
{
	if (c == '"' || c == '\\') {
		put_char(j, '\\');
		put_char(j, (char)c);
	} else
		put_unit(j, c);
}

/* Another byte, as vis(3) writes it. */
static void
put_octal(struct json *j, unsigned char c)
{
	char	 text[8];

	(void)snprintf(text, sizeof(text), "\\\\%03o", c);
	put_text(j, text);
}

static void
put_string(struct json *j, const char *s)
{
	unsigned char	 c;
	size_t		 n;

	put_char(j, '"');
	for (;;) {
		n = plain_len(s);
		put_bytes(j, s, n);
		s += n;
		if (*s == '\0')
			break;
		c = (unsigned char)*s++;
		if (c > 0x7f)
			put_octal(j, c);
		else
			put_special(j, c);
	}
	put_char(j, '"');
}

/*
 * Decode the character at s, which is not ASCII.  Its length, or 0: these bytes
 * are no UTF-8 as RFC 3629 defines it.
 */
static size_t
utf8_decode(const char *s, uint32_t *c)
{
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char	*p = (const unsigned char *)s;
	size_t			 i, len;

	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	*c = p[0] & (0x7fU >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3fU);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return len;
}

static void
put_character(struct json *j, uint32_t c)
{
	if (c >= 0x10000) {
		c -= 0x10000;
		put_unit(j, 0xd800 | c >> 10);
		c = 0xdc00 | (c & 0x3ff);
	}
	put_unit(j, c);
}

/* A string of UTF-8.  False: something in it is not, and was replaced. */
static bool
put_utf8(struct json *j, const char *s)
{
	uint32_t	 c;
	size_t		 n;
	bool		 whole = true;

	put_char(j, '"');
	for (;;) {
		n = plain_len(s);
		put_bytes(j, s, n);
		s += n;
		if (*s == '\0')
			break;
		if ((unsigned char)*s < 0x80)
			put_special(j, (unsigned char)*s++);
		else if ((n = utf8_decode(s, &c)) > 0) {
			put_character(j, c);
			s += n;
		} else {
			put_character(j, REPLACEMENT);
			whole = false;
			s++;
		}
	}
	put_char(j, '"');
	return whole;
}

/* RFC 4648. */
static void
put_base64(struct json *j, const char *s)
{
	static const char	 digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char	*p = (const unsigned char *)s;
	size_t			 i, n, left = strlen(s);
	uint32_t		 v;
	char			 text[4];

	put_char(j, '"');
	for (; left > 0; p += n, left -= n) {
		n = left < 3 ? left : 3;
		for (v = 0, i = 0; i < 3; i++)
			v = v << 8 | (i < n ? p[i] : 0);
		for (i = 0; i < 4; i++)
			text[i] = i > n ? '=' : digits[v >> (18 - 6 * i) & 63];
		put_bytes(j, text, sizeof(text));
	}
	put_char(j, '"');
}

/* Begin a line within an object or array. */
static void
put_newline(struct json *j)
{
	int	 i;

	if (j->line)
		return;
	put_char(j, '\n');
	for (i = 0; i < INDENT * j->depth; i++)
		put_char(j, ' ');
}

/* Write the comma, the indentation and the name before a value. */
static void
put_name(struct json *j, const char *name)
{
	if (j->depth > 0 && j->more[j->depth - 1])
		put_text(j, j->line ? ", " : ",");
	if (j->depth > 0) {
		j->more[j->depth - 1] = true;
		put_newline(j);
	}
	if (name != NULL) {
		put_string(j, name);
		put_text(j, ": ");
	}
}

static void
begin(struct json *j, const char *name, char open, char close)
{
	put_name(j, name);
	put_char(j, open);
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
		put_newline(j);
	put_char(j, j->close[j->depth]);
	if (j->depth == 0)
		put_char(j, '\n');
}

void
json_string(struct json *j, const char *name, const char *value)
{
	put_name(j, name);
	put_string(j, value);
}

void
json_bytes(struct json *j, const char *name, const char *value)
{
	put_name(j, name);
	if (put_utf8(j, value))
		return;
	put_text(j, j->line ? ", " : ",");
	put_newline(j);
	put_char(j, '"');
	put_text(j, name);
	put_text(j, "_base64\": ");
	put_base64(j, value);
}

void
json_number(struct json *j, const char *name, uint64_t value)
{
	char	 text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	json_raw(j, name, text);
}

void
json_int(struct json *j, const char *name, int64_t value)
{
	char	 text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	json_raw(j, name, text);
}

void
json_bool(struct json *j, const char *name, bool value)
{
	json_raw(j, name, value ? "true" : "false");
}

void
json_raw(struct json *j, const char *name, const char *value)
{
	put_name(j, name);
	put_text(j, value);
}
