/*
 * ustar.c: write the headers of ordinary members; see sandbox/ustar.h.
 *
 * Runs in the worker, in the thread that writes.  Touches nothing but memory.
 *
 * Nearly all members of a backup are ordinary: short names in ASCII, no
 * attributes, no holes.  libarchive takes longer to write their headers than
 * we take to read small files.  What we write here is what libarchive writes,
 * byte for byte; everything else is left to it.
 */

#include "config.h"

#include <sys/stat.h>

#include <stdbool.h>
#include <string.h>

#include "sandbox/ustar.h"

/* Offsets of fields, and the digits of numbers. */
#define AT_MODE		100
#define AT_UID		108
#define AT_GID		116
#define AT_SIZE		124
#define AT_MTIME	136
#define AT_SUM		148
#define AT_TYPE		156
#define AT_LINK		157
#define AT_MAGIC	257
#define AT_UNAME	265
#define AT_GNAME	297
#define AT_MAJOR	329
#define AT_MINOR	337
#define SHORT_DIGITS	6
#define LONG_DIGITS	11
#define SUM_LEN		8

#define ID_MAX		0777777
#define NUMBER_LIMIT	(UINT64_C(1) << 33)	/* 11 octal digits */
#define MTIME_LIMIT	0x7fffffff	/* from here libarchive differs */
#define LINK_MAX_LEN	99
#define OWNER_MAX_LEN	31

/* The name of a pax header has this before its last component. */
#define PAX_NAME	"PaxHeader/"
#define PAX_NAME_LEN	(sizeof(PAX_NAME) - 1)
/* A directory gets a slash. */
#define NAME_MAX_LEN	(AT_MODE - PAX_NAME_LEN - 1)

#define KEY		" mtime="
#define FRACTION_DIGITS	9
/* Two digits of the length, the key, a number with its dot, a newline. */
#define RECORD_MAX	(2 + sizeof(KEY) - 1 + 10 + 1 + FRACTION_DIGITS + 1)

/* True for no more than max bytes, all in ASCII. */
static bool
is_short(const char *s, size_t max)
{
	size_t	 len = strnlen(s, max + 1), i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return len <= max;
}

/* The last component of a name. */
static const char *
name_base(const char *name)
{
	const char	*slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

static bool
is_ordinary(const struct entry *e)
{
	const char	*base = name_base(e->name);

	if (!S_ISREG(e->mode) && !S_ISDIR(e->mode) && !S_ISLNK(e->mode))
		return false;
	if (e->sparse || e->flags != 0 || e->attributes_len > 0 ||
	    e->uid > ID_MAX || e->gid > ID_MAX || e->size >= NUMBER_LIMIT ||
	    e->mtime < 0 || e->mtime >= MTIME_LIMIT)
		return false;
	/* A dot as the last component gets another name from libarchive. */
	if (base[0] == '\0' || strcmp(base, ".") == 0 ||
	    (S_ISLNK(e->mode) && e->link[0] == '\0'))
		return false;
	return is_short(e->name, NAME_MAX_LEN) &&
	    is_short(e->link, LINK_MAX_LEN) &&
	    is_short(e->hardlink, LINK_MAX_LEN) &&
	    is_short(e->uname, OWNER_MAX_LEN) &&
	    is_short(e->gname, OWNER_MAX_LEN);
}

static void
put_octal(uint8_t *p, uint64_t v, size_t digits)
{
	p[digits] = ' ';
	for (; digits > 0; digits--, v >>= 3)
		p[digits - 1] = (uint8_t)('0' + (v & 7));
}

static void
put_string(uint8_t *p, const char *s)
{
	memcpy(p, s, strlen(s));
}

/* The checksum counts itself as blanks. */
static void
put_sum(uint8_t *h)
{
	unsigned int	 sum = 0;
	size_t		 i;

	memset(h + AT_SUM, ' ', SUM_LEN);
	for (i = 0; i < USTAR_RECORD; i++)
		sum += h[i];
	put_octal(h + AT_SUM, sum, SHORT_DIGITS);
	h[AT_SUM + SHORT_DIGITS] = '\0';
}

/* What both headers of a member have; it has no name yet. */
static void
put_common(uint8_t *h, const struct entry *e, char type, uint32_t mode,
    uint64_t size)
{
	memset(h, 0, USTAR_RECORD);
	put_octal(h + AT_MODE, mode, SHORT_DIGITS);
	put_octal(h + AT_UID, e->uid, SHORT_DIGITS);
	put_octal(h + AT_GID, e->gid, SHORT_DIGITS);
	put_octal(h + AT_SIZE, size, LONG_DIGITS);
	put_octal(h + AT_MTIME, (uint64_t)e->mtime, LONG_DIGITS);
	h[AT_TYPE] = (uint8_t)type;
	memcpy(h + AT_MAGIC, "ustar\0" "00", 8);
	put_string(h + AT_UNAME, e->uname);
	put_string(h + AT_GNAME, e->gname);
	put_octal(h + AT_MAJOR, 0, SHORT_DIGITS);
	put_octal(h + AT_MINOR, 0, SHORT_DIGITS);
}

/* Put digits of v before p, this many or, if 0, all.  The first one. */
static char *
put_decimal(char *p, uint64_t v, size_t digits)
{
	size_t	 n = 0;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
		n++;
	} while (n < digits || (digits == 0 && v > 0));
	return p;
}

/* Write the record of a time with a fraction.  Its length, of two digits. */
static size_t
put_record(uint8_t *out, const struct entry *e)
{
	char		 text[RECORD_MAX], *p = text + sizeof(text);
	size_t		 len, digits = FRACTION_DIGITS;
	uint32_t	 fraction = e->mtime_nsec;

	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	*--p = '\n';
	p = put_decimal(p, fraction, digits);
	*--p = '.';
	p = put_decimal(p, (uint64_t)e->mtime, 0);
	p -= sizeof(KEY) - 1;
	memcpy(p, KEY, sizeof(KEY) - 1);
	len = (size_t)(text + sizeof(text) - p) + 2;
	p = put_decimal(p, len, 2);
	memcpy(out, p, len);
	return len;
}

/* The pax header: its name is that of the member with a directory more. */
static void
put_pax(uint8_t *h, const struct entry *e)
{
	const char	*base = name_base(e->name);
	size_t		 way = (size_t)(base - e->name), len;

	memset(h + USTAR_RECORD, 0, USTAR_RECORD);
	len = put_record(h + USTAR_RECORD, e);
	/* A program that takes it for a file must not make a set-id one. */
	put_common(h, e, 'x', e->mode & 0777, len);
	memcpy(h, e->name, way);
	memcpy(h + way, PAX_NAME, PAX_NAME_LEN);
	put_string(h + way + PAX_NAME_LEN, base);
	put_sum(h);
}

static void
put_ustar(uint8_t *h, const struct entry *e)
{
	bool	 linked = e->hardlink[0] != '\0';
	char	 type = '0';

	if (linked)
		type = '1';
	else if (S_ISLNK(e->mode))
		type = '2';
	else if (S_ISDIR(e->mode))
		type = '5';
	put_common(h, e, type, e->mode & 07777, linked ? 0 : e->size);
	put_string(h, e->name);
	if (type == '5')
		h[strlen(e->name)] = '/';
	put_string(h + AT_LINK, linked ? e->hardlink : e->link);
	put_sum(h);
}

size_t
ustar_headers(uint8_t *buf, const struct entry *e)
{
	uint8_t	*h = buf;

	if (!is_ordinary(e))
		return 0;
	if (e->mtime_nsec != 0) {
		put_pax(h, e);
		h += 2 * USTAR_RECORD;
	}
	put_ustar(h, e);
	return (size_t)(h + USTAR_RECORD - buf);
}

size_t
ustar_padding(uint64_t size)
{
	return (size_t)(-size % USTAR_RECORD);
}
