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
#define READER_WHY_MAX	512

/* The records of zeros at which libarchive ends a tar archive. */
#define TAR_END		1024

/* One that decompresses, and one that reads. */
#define FILTERS_MAX	2

struct reader {
	int			 fd;
	uint64_t		 total;		/* bytes of it; 0: unknown */
	struct archive		*outer, *inner;
	bool			 opened;
	struct window		 stored;	/* bytes of the descriptor */
	struct window		 unpacked;	/* bytes of the archive */
	uint64_t		 members;
	bool			 damaged;	/* why says how */
	bool			 is_lz4;	/* the descriptor's bytes */
	bool			 at_end;	/* lz4_end was given */
	uint8_t			*block;
	char			*name;		/* of the member */
	struct buf		 attributes;	/* as well */
	bool			 no_memory;
	char			 why[READER_WHY_MAX];
};

static void
reader_set_error(struct reader *r, const char *why)
{
	/* A message that does not fit is cut. */
	(void)snprintf(r->why, sizeof(r->why), "%s", why);
}

static bool
is_compressed(const struct reader *r)
{
	return archive_filter_code(r->outer, 0) != ARCHIVE_FILTER_NONE;
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
		why = "its format is none of tar, cpio and zip";
	/* A message that does not fit is cut. */
	if (a == r->outer && at < r->stored.total)
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

	*p = r->block;
	if ((n = read_block(r)) == -1)
		archive_set_error(a, errno, "%s", strerror(errno));
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

/* What there is to read from here on. */
static uint64_t
measure(int fd)
{
	struct stat	 st;
	off_t		 at;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (at = lseek(fd, 0, SEEK_CUR)) == -1 || at > st.st_size)
		return 0;
	return (uint64_t)(st.st_size - at);
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

static int
reader_open(struct reader *r)
{
	struct archive	*a = r->inner;

	r->opened = true;
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
 * libarchive goes on after a header that it cannot use, and calls bytes that it
 * has left out a warning.  It warns of names that are not UTF-8, too, which do
 * not matter: it keeps them.
 */
static bool
left_something_out(struct archive *a, int n)
{
	const char	*why = archive_error_string(a);

	return n == ARCHIVE_RETRY || (n == ARCHIVE_WARN && why != NULL &&
	    strncmp(why, "Skipped ", strlen("Skipped ")) == 0);
}

static int
next_header(struct reader *r, struct archive_entry **ae)
{
	int	 n;

	do {
		n = archive_read_next_header(r->inner, ae);
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
	free(r->name);
	if (entry_from_archive(e, ae, &r->name) == -1 ||
	    attributes_from_archive(&r->attributes, ae) == -1)
		return reader_no_memory(r);
	e->attributes = r->attributes.data;
	e->attributes_len = r->attributes.len;
	return 1;
}

int
reader_data(struct reader *r, const void **p, size_t *len, uint64_t *offset)
{
	la_int64_t	 at;
	int		 n;

	do
		n = archive_read_data_block(r->inner, p, len, &at);
	while (n == ARCHIVE_RETRY);
	*offset = (uint64_t)at;
	if (n == ARCHIVE_EOF)
		return 0;
	if (n < ARCHIVE_WARN) {
		reader_archive_error(r, r->inner);
		return -1;
	}
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
	if (r->damaged || finish_unpacked(r) == -1)
		return -1;
	return finish_stored(r);
}
