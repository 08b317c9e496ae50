/*
 * tail.c: what follows the last member of an archive; see sandbox/tail.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/tail.h"

/* A tar archive ends with two records of zeros. */
#define TAR_RECORD	512
#define TAR_END		(2 * TAR_RECORD)

/* Where the header of a tar archive has its magic, and this is it. */
#define TAR_MAGIC	257
#define TAR_MAGIC_TEXT	"ustar"

/* The records after the members of a zip archive; PKWARE's APPNOTE. */
#define ZIP_SIGNATURE	4
#define ZIP_MEMBER	0x02014b50	/* of the central directory */
#define ZIP_SIGNED	0x05054b50
#define ZIP64_END	0x06064b50
#define ZIP64_LOCATOR	0x07064b50
#define ZIP_END		0x06054b50
#define ZIP64_END_MAX	65536		/* bytes that we accept */

void
tail_init(struct tail *t, enum tail_format format, uint64_t start,
    uint64_t members)
{
	memset(t, 0, sizeof(*t));
	t->format = format;
	t->end = "its end";
	t->start = t->at = start;
	t->members = members;
	t->ended = format != TAIL_ZIP;
}

void
tail_clear(struct tail *t)
{
	buf_free(&t->part);
}

static int
tail_fail(struct tail *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Say what is wrong; all reasons fit.  Always -1. */
static int
tail_fail(struct tail *t, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->why, sizeof(t->why), fmt, ap);
	va_end(ap);
	errno = EPROTO;
	return -1;
}

/* Bytes that must be zeros. */
static int
take_zeros(struct tail *t, const uint8_t *p, size_t len)
{
	const char	*what = "something";
	size_t		 i;

	for (i = 0; i < len && p[i] == 0; i++)
		;
	t->at += i;
	if (i == len)
		return 0;
	if (len - i >= TAR_MAGIC + strlen(TAR_MAGIC_TEXT) &&
	    memcmp(p + i + TAR_MAGIC, TAR_MAGIC_TEXT,
	    strlen(TAR_MAGIC_TEXT)) == 0)
		what = "another archive";
	return tail_fail(t, "%s follows %s, at byte %" PRIu64, what,
	    t->end, t->at);
}

static uint64_t
get_le(const struct tail *t, size_t at, size_t len)
{
	const uint8_t	*p = (const uint8_t *)t->part.data + at;
	uint64_t	 v = 0;

	while (len > 0)
		v = v << 8 | p[--len];
	return v;
}

/* A field of two bytes, if it is there already, or 0. */
static size_t
get_len(const struct tail *t, size_t at)
{
	return t->part.len < at + 2 ? 0 : (size_t)get_le(t, at, 2);
}

/*
 * The length of the record of which the first bytes are in t->part, as far as
 * they tell: it has this many bytes at least.  0: it is no such record.
 */
static size_t
record_len(const struct tail *t)
{
	uint64_t	 n;

	if (t->part.len < ZIP_SIGNATURE)
		return ZIP_SIGNATURE;
	switch (get_le(t, 0, ZIP_SIGNATURE)) {
	case ZIP_MEMBER:
		return 46 + get_len(t, 28) + get_len(t, 30) + get_len(t, 32);
	case ZIP_SIGNED:
		return 6 + get_len(t, 4);
	case ZIP64_END:
		if (t->part.len < 12)
			return 12;
		n = get_le(t, 4, 8);
		return n >= 44 && n <= ZIP64_END_MAX ? (size_t)n + 12 : 0;
	case ZIP64_LOCATOR:
		return 20;
	case ZIP_END:
		return 22 + get_len(t, 20);
	default:
		return 0;
	}
}

/* A record is complete. */
static void
take_record(struct tail *t)
{
	switch (get_le(t, 0, ZIP_SIGNATURE)) {
	case ZIP_MEMBER:
		t->listed++;
		break;
	case ZIP64_END:
		t->counted = get_le(t, 32, 8);
		t->wide = true;
		break;
	case ZIP_END:
		if (!t->wide)
			t->counted = get_le(t, 10, 2);
		t->ended = true;
		break;
	default:
		break;
	}
	buf_cut(&t->part, 0);
}

/* Take bytes of the directory of a zip archive.  Their number, or -1. */
static ssize_t
take_directory(struct tail *t, const uint8_t *p, size_t len)
{
	size_t	 want = record_len(t), n;

	n = want - t->part.len < len ? want - t->part.len : len;
	if (buf_add(&t->part, p, n) == -1)
		return -1;
	t->at += n;
	if ((want = record_len(t)) == 0)
		return tail_fail(t, "its directory is damaged, at byte %"
		    PRIu64, t->at - t->part.len);
	if (t->part.len == want)
		take_record(t);
	return (ssize_t)n;
}

int
tail_add(struct tail *t, const void *data, size_t len)
{
	const uint8_t	*p = data;
	ssize_t		 n;

	while (len > 0 && !t->ended) {
		if ((n = take_directory(t, p, len)) == -1)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return take_zeros(t, p, len);
}

static int
finish_zip(struct tail *t)
{
	if (!t->ended)
		return tail_fail(t, "it is cut off: its directory has no end, "
		    "at byte %" PRIu64, t->at);
	if (t->listed != t->members)
		return tail_fail(t, "its directory names %" PRIu64
		    " members, but there are %" PRIu64, t->listed, t->members);
	if (t->counted != (t->wide ? t->listed : t->listed & UINT16_MAX))
		return tail_fail(t, "its directory has %" PRIu64
		    " members, but says %" PRIu64, t->listed, t->counted);
	return 0;
}

int
tail_finish(struct tail *t)
{
	if (t->format == TAIL_ZIP)
		return finish_zip(t);
	if (t->format != TAIL_TAR)
		return 0;
	if (t->at - t->start < TAR_END)
		return tail_fail(t, "it is cut off at byte %" PRIu64 ": two "
		    "records of zeros must end it", t->at);
	if (t->at % TAR_RECORD != 0)
		return tail_fail(t, "it is cut off at byte %" PRIu64
		    ": the last record is not whole", t->at);
	return 0;
}
