/*
 * header.c: correct the headers that libarchive's writer gets wrong; see
 * sandbox/header.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/header.h"

#define HEADER_RECORD	512
#define HEADER_SIZE	124	/* offsets of fields, and their lengths */
#define HEADER_MTIME	136
#define HEADER_SUM	148
#define HEADER_TYPE	156
#define HEADER_MAGIC	257
#define NUMBER_LEN	12
#define SUM_LEN		8
#define OCTAL_LIMIT	(INT64_C(1) << 33)	/* 11 octal digits */
#define KEY		"mtime="
#define SECOND		1000000000U

/* The bytes of a pax header's records, with padding. */
static size_t
padded(size_t len)
{
	return (len + HEADER_RECORD - 1) / HEADER_RECORD * HEADER_RECORD;
}

/* The checksum counts itself as blanks. */
static void
set_sum(uint8_t *h)
{
	unsigned int	 sum = 0;
	char		 text[SUM_LEN];
	size_t		 i;

	memset(h + HEADER_SUM, ' ', SUM_LEN);
	for (i = 0; i < HEADER_RECORD; i++)
		sum += h[i];
	(void)snprintf(text, sizeof(text), "%06o", sum);
	memcpy(h + HEADER_SUM, text, SUM_LEN - 1);
}

/* A number of 12 bytes in two's complement, marked by its first bit. */
static void
set_mtime(uint8_t *h, int64_t mtime)
{
	uint8_t		*p = h + HEADER_MTIME;
	uint64_t	 v = (uint64_t)mtime;
	size_t		 i;

	memset(p, mtime < 0 ? 0xff : 0, NUMBER_LEN);
	p[0] |= 0x80;
	for (i = 0; i < sizeof(v); i++, v >>= 8)
		p[NUMBER_LEN - 1 - i] = (uint8_t)v;
	set_sum(h);
}

static int
get_size(const uint8_t *h, size_t *size)
{
	size_t	 i;

	*size = 0;
	for (i = 0; i < NUMBER_LEN - 1; i++) {
		if (h[HEADER_SIZE + i] < '0' || h[HEADER_SIZE + i] > '7')
			return -1;
		*size = *size << 3 | (size_t)(h[HEADER_SIZE + i] - '0');
	}
	return 0;
}

static void
set_size(uint8_t *h, size_t size)
{
	char	 text[NUMBER_LEN];

	(void)snprintf(text, sizeof(text), "%011zo", size);
	memcpy(h + HEADER_SIZE, text, NUMBER_LEN - 1);
	set_sum(h);
}

/* The record of the time: a decimal number, as short as it can be. */
static size_t
time_record(char *text, size_t size, const struct entry *e)
{
	uint64_t	 seconds = 0 - (uint64_t)(e->mtime + 1);
	char		 value[64];
	size_t		 len, n;

	if (e->mtime_nsec == 0)
		seconds++;
	n = (size_t)snprintf(value, sizeof(value), KEY "-%" PRIu64 ".%09"
	    PRIu32, seconds, (SECOND - e->mtime_nsec) % SECOND);
	while (value[n - 1] == '0')
		n--;
	if (value[n - 1] == '.')
		n--;
	/* It begins with its length, which counts itself. */
	len = n + sizeof("12 \n") - 1;
	if (len > 99 || len < 10)
		len = n + sizeof("1 \n") - 1;
	return (size_t)snprintf(text, size, "%zu %.*s\n", len, (int)n, value);
}

/*
 * Copy records to *out, with the right time.  -1: they are not well formed, or
 * no memory.
 */
static int
copy_records(struct buf *out, const char *p, size_t left,
    const struct entry *e)
{
	char		 text[96], *end;
	const char	*key;
	unsigned long	 len;

	for (; left > 0; p += len, left -= len) {
		errno = EPROTO;
		/* strtoul(3) ends at a blank, and records end in a newline. */
		if (*p < '1' || *p > '9' || p[left - 1] != '\n')
			return -1;
		len = strtoul(p, &end, 10);
		key = end + 1;
		if (*end != ' ' || len > left || key > p + len ||
		    p[len - 1] != '\n') {
			errno = EPROTO;
			return -1;
		}
		if ((size_t)(p + len - key) > strlen(KEY) &&
		    memcmp(key, KEY, strlen(KEY)) == 0) {
			if (buf_add(out, text, time_record(text, sizeof(text),
			    e)) == -1)
				return -1;
		} else if (buf_add(out, p, len) == -1)
			return -1;
	}
	return 0;
}

/* Replace the time in the pax header, whose records may get another length. */
static int
correct_pax(struct buf *b, size_t size, const struct entry *e)
{
	struct buf	 out = { NULL, 0, 0 };
	static const char zeros[HEADER_RECORD];
	size_t		 len, end = HEADER_RECORD + padded(size);
	int		 ret = -1;

	if (buf_add(&out, b->data, HEADER_RECORD) == -1 ||
	    copy_records(&out, b->data + HEADER_RECORD, size, e) == -1)
		goto out;
	len = out.len - HEADER_RECORD;
	set_size((uint8_t *)out.data, len);
	if (buf_add(&out, zeros, padded(len) - len) == -1 ||
	    buf_add(&out, b->data + end, b->len - end) == -1)
		goto out;
	buf_cut(b, 0);
	ret = buf_add(b, out.data, out.len);
out:
	buf_free(&out);
	return ret;
}

static bool
is_header(const struct buf *b, size_t at)
{
	return b->len >= at + HEADER_RECORD &&
	    memcmp(b->data + at + HEADER_MAGIC, "ustar", 6) == 0;
}

/* Where the ustar header is: 0, or behind the pax header. */
static int
find_ustar(const struct buf *b, size_t *size, size_t *at)
{
	*size = *at = 0;
	if (!is_header(b, 0))
		return -1;
	if (b->data[HEADER_TYPE] != 'x')
		return 0;
	if (get_size((const uint8_t *)b->data, size) == -1 || *size > b->len)
		return -1;
	*at = HEADER_RECORD + padded(*size);
	return is_header(b, *at) ? 0 : -1;
}

int
header_correct(struct buf *b, const struct entry *e)
{
	size_t	 size, at;

	if (e->mtime >= 0 && e->mtime < OCTAL_LIMIT)
		return 0;
	if (find_ustar(b, &size, &at) == -1) {
		errno = EPROTO;
		return -1;
	}
	set_mtime((uint8_t *)b->data + at, e->mtime);
	if (e->mtime > 0 || e->mtime_nsec == 0 || at == 0)
		return 0;
	return correct_pax(b, size, e);
}

/* Append "LENGTH KEY=VALUE\n".  The length counts itself. */
static int
add_record(struct buf *b, const char *key, const void *value, size_t len)
{
	size_t	 rest = sizeof(" =\n") - 1 + strlen(key) + len;
	size_t	 total = rest, before;
	char	 digits[32];

	do {
		before = total;
		total = rest + (size_t)snprintf(digits, sizeof(digits), "%zu",
		    before);
	} while (total != before);
	if (buf_printf(b, "%zu %s=", total, key) == -1 ||
	    buf_add(b, value, len) == -1)
		return -1;
	return buf_putc(b, '\n');
}

/* Make *out the pax header of b with one more record, and b's ustar header. */
static int
rebuild_pax(struct buf *out, const struct buf *b, size_t size, size_t at,
    const struct buf *record)
{
	static const char	 zeros[HEADER_RECORD];
	size_t			 len = size + record->len;

	if (buf_add(out, b->data, HEADER_RECORD) == -1)
		return -1;
	/* A header of its own has the name and the owner of the member. */
	if (at == 0)
		out->data[HEADER_TYPE] = 'x';
	set_size((uint8_t *)out->data, len);
	if ((size > 0 && buf_add(out, b->data + HEADER_RECORD, size) == -1) ||
	    buf_add(out, record->data, record->len) == -1 ||
	    buf_add(out, zeros, padded(len) - len) == -1)
		return -1;
	return buf_add(out, b->data + at, b->len - at);
}

int
header_add_record(struct buf *b, const char *key, const void *value,
    size_t len)
{
	struct buf	 out = { NULL, 0, 0 }, record = { NULL, 0, 0 };
	size_t		 size, at;
	int		 ret = -1;

	if (find_ustar(b, &size, &at) == -1) {
		errno = EPROTO;
		return -1;
	}
	if (add_record(&record, key, value, len) == 0 &&
	    rebuild_pax(&out, b, size, at, &record) == 0) {
		buf_cut(b, 0);
		ret = buf_add(b, out.data, out.len);
	}
	buf_free(&record);
	buf_free(&out);
	return ret;
}
