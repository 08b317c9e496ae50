/*
 * reader.c: read an archive; see sandbox/reader.h.
 *
 * Runs in the worker, confined.  Uses two readers of libarchive: the outer one
 * decompresses, the inner one reads the members.  That way we can read both
 * streams beyond what libarchive takes for their ends: it leaves out what
 * follows an archive or a compressed stream, and says nothing.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/attributes.h"
#include "sandbox/fdio.h"
#include "sandbox/reader.h"
#include "sandbox/tail.h"
#include "sandbox/window.h"

#define READER_BLOCK	(1024 * 1024)
#define SEVEN_BLOCK	(64 * 1024)
#define READER_WHY_MAX	512

/* The records of zeros at which libarchive ends a tar archive. */
#define TAR_END		1024

/* One that decompresses, and one that reads. */
#define FILTERS_MAX	2

/*
 * A 7-zip archive begins with its signature, and with the place of its header,
 * which is at its end: it is read back and forth, and is not compressed as a
 * whole.
 */
#define SEVEN_START	32
#define SEVEN_OFFSET	12	/* of the header, from SEVEN_START on */
#define SEVEN_SIZE	20

static const uint8_t	 seven_magic[6] = { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c };

struct reader {
	int			 fd;
	bool			 seven;		/* without the outer one */
	off_t			 begin;		/* of such an archive */
	uint64_t		 total;		/* bytes of it; 0: unknown */
	struct archive		*outer, *inner;
	bool			 opened;
	struct window		 stored;	/* bytes of the descriptor */
	struct window		 unpacked;	/* bytes of the archive */
	uint64_t		 members;
	uint64_t		 pos;		/* in the member's contents */
	bool			 damaged;	/* why says how */
	bool			 is_lz4;	/* the descriptor's bytes */
	bool			 at_end;	/* lz4_end was given */
	uint8_t			*block;
	char			*name;		/* of the member */
	struct buf		 attributes;	/* as well */
	const struct attributes_ids *ids;	/* for lists in it; or NULL */
	bool			 linked;	/* it has other names */
	bool			 no_memory;
	char			 why[READER_WHY_MAX];
};

static void
reader_set_error(struct reader *r, const char *why)
{
	/* A message that does not fit is cut. */
	(void)snprintf(r->why, sizeof(r->why), "%s", why);
}

/* The locale in which names of 7-zip archives are read; 0: there is none. */
static locale_t	 utf8;

void
reader_prepare(void)
{
	if (utf8 == (locale_t)0)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static bool
is_compressed(const struct reader *r)
{
	return !r->seven &&
	    archive_filter_code(r->outer, 0) != ARCHIVE_FILTER_NONE;
}

/*
 * Keep the first error and where it is.  What decompresses has read ahead: it
 * tells where it began to read, and the descriptor where it stopped.
 */
static void
reader_archive_error(struct reader *r, struct archive *a)
{
	const char	*why = archive_error_string(a);
	int64_t		 n = archive_filter_bytes(a, a == r->outer ? -1 : 0);
	uint64_t	 at = n > 0 ? (uint64_t)n : 0;

	if (why == NULL)
		why = "it is damaged or cut off";
	else if (strstr(why, "No progress is possible") != NULL)
		why = "truncated xz input";
	if (reporter_is_memory(archive_errno(a), why))
		r->no_memory = true;
	if (r->why[0] != '\0')
		return;
	if (a == r->inner && archive_format(a) == 0)
		why = "its format is none of tar, cpio, zip and 7-zip";
	/* A message that does not fit is cut. */
	if (archive_errno(a) == ESPIPE)
		reader_set_error(r, why);
	else if (a == r->outer && at < r->stored.total)
		(void)snprintf(r->why, sizeof(r->why), "%s, between the bytes %"
		    PRIu64 " and %" PRIu64, why, at, r->stored.total);
	else
		(void)snprintf(r->why, sizeof(r->why), "%s, at byte %" PRIu64
		    "%s", why, at, a == r->inner && is_compressed(r) ?
		    " after decompression" : "");
}

const char *
reader_error(const struct reader *r)
{
	return r->why;
}

uint64_t
reader_consumed(const struct reader *r)
{
	return r->stored.total;
}

uint64_t
reader_total(const struct reader *r)
{
	return r->total;
}

bool
reader_lacks_memory(const struct reader *r)
{
	return r->no_memory;
}

int
reader_report(const struct reader *r, struct reporter *rep)
{
	(void)reporter_reportf(rep, REPORT_FATAL, rep->archive,
	    "the archive cannot be read: %s", r->why);
	return r->no_memory ? reporter_no_memory(rep) : -1;
}

/*
 * libarchive takes the four bytes after a frame of lz4 for the beginning of
 * another one, and stops after them if they are not.  Four bytes of our own,
 * which no frame begins with and which can be no length in one, make it stop in
 * this way at the end of every stream: its end is four bytes before that.
 */
static const uint8_t	 lz4_end[4] = { 0xff, 0xff, 0xff, 0xff };

static const uint8_t	 lz4_magic[][4] = {
	{ 0x04, 0x22, 0x4d, 0x18 },
	{ 0x02, 0x21, 0x4c, 0x18 }	/* of an old version */
};

static bool
begins_lz4(const uint8_t *p, size_t len)
{
	size_t	 i;

	for (i = 0; i < sizeof(lz4_magic) / sizeof(lz4_magic[0]); i++)
		if (len >= sizeof(lz4_magic[i]) &&
		    memcmp(p, lz4_magic[i], sizeof(lz4_magic[i])) == 0)
			return true;
	return false;
}

/*
 * Read a block from the descriptor.  Its length, 0 at the end, -1.  The first
 * one shows how the archive is compressed, so it must not be a few bytes of a
 * pipe.
 */
static ssize_t
read_block(struct reader *r)
{
	size_t	 len = 0;
	ssize_t	 n;

	window_slide(&r->stored);
	do {
		n = fdio_read(r->fd, r->block + len, READER_BLOCK - len);
		if (n == -1)
			return -1;
		len += (size_t)n;
	} while (n > 0 && r->stored.total == 0 && len < sizeof(lz4_end));
	if (len == 0)
		return 0;
	if (r->stored.total == 0)
		r->is_lz4 = begins_lz4(r->block, len);
	window_set(&r->stored, r->block, len);
	return (ssize_t)len;
}

static la_ssize_t
outer_read(struct archive *a, void *arg, const void **p)
{
	struct reader	*r = arg;
	ssize_t		 n;

	bool		 first = r->stored.total == 0;

	*p = r->block;
	if ((n = read_block(r)) == -1)
		archive_set_error(a, errno, "%s", strerror(errno));
	else if (first && n >= (ssize_t)sizeof(seven_magic) &&
	    memcmp(r->block, seven_magic, sizeof(seven_magic)) == 0) {
		archive_set_error(a, ESPIPE, "it is a 7-zip archive, which "
		    "is read back and forth: give the name of a file with -f");
		return -1;
	}
	else if (n == 0 && r->is_lz4 && !r->at_end) {
		r->at_end = true;
		*p = lz4_end;
		n = sizeof(lz4_end);
	}
	return n;
}

static la_ssize_t
inner_read(struct archive *a, void *arg, const void **p)
{
	struct reader	*r = arg;
	la_int64_t	 offset;
	size_t		 len;
	int		 n;

	window_slide(&r->unpacked);
	do
		n = archive_read_data_block(r->outer, p, &len, &offset);
	while (n == ARCHIVE_RETRY || (n == ARCHIVE_OK && len == 0));
	if (n == ARCHIVE_EOF)
		return 0;
	if (n < ARCHIVE_WARN) {
		reader_archive_error(r, r->outer);
		archive_set_error(a, archive_errno(r->outer), "%s",
		    r->why);
		return -1;
	}
	window_set(&r->unpacked, *p, len);
	return (la_ssize_t)len;
}

/* What there is to read from here on; 0: it cannot be read back and forth. */
static uint64_t
measure(int fd)
{
	off_t	 at, end;

	if ((at = lseek(fd, 0, SEEK_CUR)) == -1 ||
	    (end = lseek(fd, 0, SEEK_END)) == -1 ||
	    lseek(fd, at, SEEK_SET) == -1 || at > end)
		return 0;
	return (uint64_t)(end - at);
}

struct reader *
reader_new(int fd)
{
	struct reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->fd = fd;
	r->total = measure(fd);
	if ((r->block = malloc(READER_BLOCK)) == NULL ||
	    (r->outer = archive_read_new()) == NULL ||
	    (r->inner = archive_read_new()) == NULL) {
		reader_free(r);
		return NULL;
	}
	return r;
}

void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	archive_read_free(r->inner);
	archive_read_free(r->outer);
	free(r->block);
	free(r->name);
	buf_free(&r->attributes);
	free(r);
}

void
reader_set_ids(struct reader *r, const struct attributes_ids *ids)
{
	r->ids = ids;
}

/*
 * Support the filters that are part of libarchive; others would run programs.
 * A build of libarchive may lack any of these.
 */
static int
outer_open(struct reader *r)
{
	struct archive_entry	*ae;
	struct archive		*a = r->outer;

	(void)archive_read_support_filter_bzip2(a);
	(void)archive_read_support_filter_gzip(a);
	(void)archive_read_support_filter_lz4(a);
	(void)archive_read_support_filter_xz(a);
	(void)archive_read_support_filter_zstd(a);
	if (archive_read_support_format_raw(a) != ARCHIVE_OK ||
	    archive_read_support_format_empty(a) != ARCHIVE_OK ||
	    archive_read_open(a, r, NULL, outer_read, NULL) != ARCHIVE_OK)
		return -1;
	switch (archive_read_next_header(a, &ae)) {
	case ARCHIVE_OK:
	case ARCHIVE_WARN:
		/* What follows the inner stream could not be seen. */
		if (archive_filter_count(a) <= FILTERS_MAX)
			return 0;
		reader_set_error(r, "it is compressed more than once; "
		    "decompress it once before, and use -f -");
		return -1;
	case ARCHIVE_EOF:
		reader_set_error(r, "it is empty");
		return -1;
	default:
		return -1;
	}
}

static la_ssize_t
seven_read(struct archive *a, void *arg, const void **p)
{
	struct reader	*r = arg;
	ssize_t		 n;
	off_t		 at;

	*p = r->block;
	if ((n = fdio_read(r->fd, r->block, SEVEN_BLOCK)) == -1)
		archive_set_error(a, errno, "%s", strerror(errno));
	/* The header comes first: progress is the largest offset but that. */
	else if ((at = lseek(r->fd, 0, SEEK_CUR) - r->begin) > 0 &&
	    (uint64_t)at > r->stored.total && ((uint64_t)at < r->total ||
	    r->members > 0))
		r->stored.total = (uint64_t)at;
	return n;
}

static la_int64_t
seven_seek(struct archive *a, void *arg, la_int64_t offset, int whence)
{
	struct reader	*r = arg;
	off_t		 at;

	if (whence == SEEK_SET && offset > INT64_MAX - r->begin) {
		archive_set_error(a, EINVAL, "it refers to a place beyond all "
		    "files");
		return ARCHIVE_FATAL;
	}
	at = lseek(r->fd, whence == SEEK_SET ? r->begin + offset : offset,
	    whence);
	if (at >= r->begin)
		return at - r->begin;
	archive_set_error(a, errno, "%s", at == -1 ? strerror(errno) :
	    "it refers to a place before its begin");
	return ARCHIVE_FATAL;
}

/* Does a 7-zip archive begin where the descriptor is? */
static bool
is_seven(struct reader *r)
{
	uint8_t	 begin[sizeof(seven_magic)] = { 0 };

	if (r->total == 0 || (r->begin = lseek(r->fd, 0, SEEK_CUR)) == -1 ||
	    fdio_pread(r->fd, begin, sizeof(begin), (uint64_t)r->begin) == -1)
		return false;
	return memcmp(begin, seven_magic, sizeof(begin)) == 0;
}

static int
seven_open(struct reader *r)
{
	struct archive	*a = r->inner;

	r->seven = true;
	if (archive_read_support_format_7zip(a) == ARCHIVE_OK &&
	    archive_read_set_read_callback(a, seven_read) == ARCHIVE_OK &&
	    archive_read_set_seek_callback(a, seven_seek) == ARCHIVE_OK &&
	    archive_read_set_callback_data(a, r) == ARCHIVE_OK &&
	    archive_read_open1(a) == ARCHIVE_OK)
		return 0;
	reader_archive_error(r, a);
	return -1;
}

static uint64_t
get_le64(const uint8_t *p)
{
	uint64_t	 v = 0;
	int		 i;

	for (i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

/* The header is the end of the archive, and of the file. */
static int
seven_finish(struct reader *r)
{
	uint8_t		 start[SEVEN_START] = { 0 };
	uint64_t	 offset, size, end = r->total - SEVEN_START;

	if (r->total < SEVEN_START || fdio_pread(r->fd, start, sizeof(start),
	    (uint64_t)r->begin) == -1) {
		reader_set_error(r, "it is cut off");
		return -1;
	}
	r->stored.total = r->total;
	offset = get_le64(start + SEVEN_OFFSET);
	size = get_le64(start + SEVEN_SIZE);
	if (offset <= end && size == end - offset)
		return 0;
	if (offset <= end && size < end - offset)
		(void)snprintf(r->why, sizeof(r->why), "something follows its "
		    "end, at byte %" PRIu64, SEVEN_START + offset + size);
	else
		reader_set_error(r, "it is cut off");
	return -1;
}

static int
reader_open(struct reader *r)
{
	struct archive	*a = r->inner;

	r->opened = true;
	if (is_seven(r))
		return seven_open(r);
	if (outer_open(r) == -1) {
		reader_archive_error(r, r->outer);
		return -1;
	}
	/* They need to go through an archive only once. */
	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_support_format_cpio(a) != ARCHIVE_OK ||
	    archive_read_support_format_zip_streamable(a) < ARCHIVE_WARN ||
	    archive_read_open(a, r, NULL, inner_read, NULL) != ARCHIVE_OK) {
		reader_archive_error(r, a);
		return -1;
	}
	return 0;
}

static int
reader_no_memory(struct reader *r)
{
	reader_set_error(r, strerror(ENOMEM));
	r->no_memory = true;
	return -1;
}

/*
 * libarchive goes on after a header that it cannot use.  It calls bytes that it
 * has left out a warning, and metadata and formats that it does not understand.
 * It warns of names that are not UTF-8, too, which do not matter: it keeps
 * them.
 */
static bool
left_something_out(struct archive *a, int n)
{
	const char	*why = archive_error_string(a);

	return n == ARCHIVE_RETRY || (n == ARCHIVE_WARN && why != NULL &&
	    strstr(why, " be converted from ") == NULL);
}

/*
 * Names in 7-zip archives are UTF-16.  libarchive converts them to the
 * characters of the locale; elsewhere, we let it leave names as they are.
 */
static int
read_header(struct reader *r, struct archive_entry **ae)
{
	locale_t	 before = (locale_t)0;
	int		 n;

	if (r->seven && utf8 != (locale_t)0)
		before = uselocale(utf8);
	n = archive_read_next_header(r->inner, ae);
	if (before != (locale_t)0)
		(void)uselocale(before);
	return n;
}

static int
next_header(struct reader *r, struct archive_entry **ae)
{
	int	 n;

	do {
		n = read_header(r, ae);
		if (left_something_out(r->inner, n)) {
			reader_archive_error(r, r->inner);
			r->damaged = true;
		}
	} while (n == ARCHIVE_RETRY);
	return n;
}

int
reader_next(struct reader *r, struct entry *e)
{
	struct archive_entry	*ae;
	int			 n;

	if (!r->opened && reader_open(r) == -1)
		return -1;
	if ((n = next_header(r, &ae)) == ARCHIVE_EOF)
		return 0;
	if (n < ARCHIVE_WARN) {
		reader_archive_error(r, r->inner);
		return -1;
	}
	r->members++;
	r->pos = 0;
	free(r->name);
	if (entry_from_archive(e, ae, &r->name) == -1 ||
	    attributes_from_archive(&r->attributes, ae, r->ids) == -1)
		return reader_no_memory(r);
	r->linked = S_ISREG(e->mode) && archive_entry_nlink(ae) > 1 &&
	    (archive_format(r->inner) & ARCHIVE_FORMAT_BASE_MASK) ==
	    ARCHIVE_FORMAT_CPIO;
	e->attributes = r->attributes.data;
	e->attributes_len = r->attributes.len;
	return 1;
}

bool
reader_is_linked(const struct reader *r)
{
	return r->linked;
}

int
reader_data(struct reader *r, const void **p, size_t *len, uint64_t *offset)
{
	la_int64_t	 at;
	int		 n;

	do
		n = archive_read_data_block(r->inner, p, len, &at);
	while (n == ARCHIVE_RETRY || (n == ARCHIVE_OK && *len == 0));
	*offset = (uint64_t)at;
	if (n == ARCHIVE_EOF)
		return 0;
	/* A wrong checksum or length is a warning. */
	if (n != ARCHIVE_OK) {
		reader_archive_error(r, r->inner);
		return -1;
	}
	if (at < 0 || *offset < r->pos || *len > INT64_MAX - *offset) {
		reader_set_error(r, "the pieces of a sparse file are out "
		    "of order");
		return -1;
	}
	r->pos = *offset + *len;
	return 1;
}

/* A tail is not as it should be. */
static void
tail_error(struct reader *r, const struct tail *t, const char *where)
{
	if (errno == ENOMEM)
		(void)reader_no_memory(r);
	else
		(void)snprintf(r->why, sizeof(r->why), "%s%s", t->why, where);
}

/* Begin with what a window has of a tail.  0, or -1 with errno. */
static int
tail_begin(struct tail *t, const struct window *w)
{
	const uint8_t	*history, *block;
	size_t		 history_len, block_len;

	if (!window_from(w, t->start, &history, &history_len, &block,
	    &block_len)) {
		(void)snprintf(t->why, sizeof(t->why),
		    "it has no proper end, at byte %" PRIu64, t->start);
		errno = EPROTO;
		return -1;
	}
	return tail_add(t, history, history_len) == -1 ||
	    tail_add(t, block, block_len) == -1 ? -1 : 0;
}

/*
 * Where the end of the archive begins.  At the end of a tar archive libarchive
 * has gone one or two records further than the last header that it looked for;
 * it has not if there is no end.
 */
static void
find_tail(struct reader *r, struct tail *t)
{
	uint64_t	 end = (uint64_t)archive_filter_bytes(r->inner, 0);
	uint64_t	 start;

	switch (archive_format(r->inner) & ARCHIVE_FORMAT_BASE_MASK) {
	case ARCHIVE_FORMAT_TAR:
		start = (uint64_t)archive_read_header_position(r->inner);
		/* A header of pax without a member may precede the end. */
		if (end - start > TAR_END)
			start = end - TAR_END;
		tail_init(t, TAIL_TAR, start, r->members);
		break;
	case ARCHIVE_FORMAT_ZIP:
		tail_init(t, TAIL_ZIP, end, r->members);
		break;
	default:
		tail_init(t, TAIL_ZEROS, end, r->members);
		break;
	}
}

/* Read the archive to its end.  0, or -1 and there is a reason. */
static int
finish_unpacked(struct reader *r)
{
	struct tail	 t;
	const void	*p;
	la_ssize_t	 n = 0;
	int		 ret;

	find_tail(r, &t);
	ret = tail_begin(&t, &r->unpacked);
	while (ret == 0 && (n = inner_read(r->inner, r, &p)) > 0)
		ret = tail_add(&t, p, (size_t)n);
	if (ret == 0 && n == 0)
		ret = tail_finish(&t);
	if (ret == -1)
		tail_error(r, &t, is_compressed(r) ?
		    " after decompression" : "");
	tail_clear(&t);
	return ret == 0 && n == 0 ? 0 : -1;
}

/* The compressed stream has ended: the descriptor must have, too. */
static int
finish_stored(struct reader *r)
{
	uint64_t	 end = (uint64_t)archive_filter_bytes(r->outer, -1);
	struct tail	 t;
	ssize_t		 n = 0;
	int		 ret;

	if (r->is_lz4 && end >= sizeof(lz4_end))
		end -= sizeof(lz4_end);
	tail_init(&t, TAIL_ZEROS, end, 0);
	if (is_compressed(r))
		t.end = "the end of its compressed data";
	ret = tail_begin(&t, &r->stored);
	while (ret == 0 && (n = read_block(r)) > 0)
		ret = tail_add(&t, r->block, (size_t)n);
	if (ret == -1)
		tail_error(r, &t, "");
	else if (n == -1)
		reader_set_error(r, strerror(errno));
	return ret == 0 && n == 0 ? 0 : -1;
}

int
reader_finish(struct reader *r)
{
	if (r->seven)
		return r->damaged ? -1 : seven_finish(r);
	if (r->damaged || finish_unpacked(r) == -1)
		return -1;
	return finish_stored(r);
}
