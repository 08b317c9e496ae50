/*
 * reader.c: read an archive; see sandbox/reader.h.
 *
 * Runs in the worker, confined.  Uses two readers of libarchive: the outer one
 * decompresses, the inner one reads tar from it.  That way we can read the
 * compressed stream beyond the end of the tar archive, and notice if the rest
 * was cut off.
 */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/fdio.h"
#include "sandbox/reader.h"

#define READER_BLOCK	(1024 * 1024)
#define READER_WHY_MAX	512

/* A tar archive ends with two records of zeros. */
#define TAR_RECORD	512
#define TAR_END		(2 * TAR_RECORD)

struct reader {
	int			 fd;
	struct archive		*outer, *inner;
	bool			 opened;
	uint64_t		 consumed;	/* bytes of the descriptor */
	uint64_t		 total;		/* bytes of tar so far */
	uint64_t		 zeros;		/* zeros at their end */
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

static void
reader_archive_error(struct reader *r, struct archive *a)
{
	const char	*why = archive_error_string(a);

	if (why == NULL)
		why = "it is damaged";
	if (r->why[0] == '\0')
		reader_set_error(r, why);
	if (reporter_is_memory(archive_errno(a), why))
		r->no_memory = true;
}

const char *
reader_error(const struct reader *r)
{
	return r->why;
}

uint64_t
reader_consumed(const struct reader *r)
{
	return r->consumed;
}

int
reader_report(const struct reader *r, struct reporter *rep)
{
	(void)reporter_reportf(rep, REPORT_FATAL, "",
	    "the archive cannot be read: %s", r->why);
	return r->no_memory ? reporter_no_memory(rep) : -1;
}

static la_ssize_t
outer_read(struct archive *a, void *arg, const void **p)
{
	struct reader	*r = arg;
	ssize_t		 n;

	*p = r->block;
	if ((n = fdio_read(r->fd, r->block, READER_BLOCK)) == -1)
		archive_set_error(a, errno, "%s", strerror(errno));
	else
		r->consumed += (uint64_t)n;
	return n;
}

/* The number of zeros at the end of some bytes. */
static size_t
count_zeros(const uint8_t *p, size_t len)
{
	size_t	 n = 0;

	while (n < len && p[len - 1 - n] == 0)
		n++;
	return n;
}

static la_ssize_t
inner_read(struct archive *a, void *arg, const void **p)
{
	struct reader	*r = arg;
	la_int64_t	 offset;
	size_t		 len, zeros;
	int		 n;

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
	zeros = count_zeros(*p, len);
	r->zeros = zeros < len ? zeros : r->zeros + len;
	r->total += len;
	return (la_ssize_t)len;
}

struct reader *
reader_new(int fd)
{
	struct reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->fd = fd;
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
		return 0;
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
	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_open(a, r, NULL, inner_read, NULL) != ARCHIVE_OK) {
		reader_archive_error(r, a);
		return -1;
	}
	return 0;
}

int
reader_next(struct reader *r, struct entry *e)
{
	struct archive_entry	*ae;
	int			 n;

	if (!r->opened && reader_open(r) == -1)
		return -1;
	do
		n = archive_read_next_header(r->inner, &ae);
	while (n == ARCHIVE_RETRY);
	if (n == ARCHIVE_EOF)
		return 0;
	/* libarchive warns of names that are not UTF-8, and keeps them. */
	if (n < ARCHIVE_WARN) {
		reader_archive_error(r, r->inner);
		return -1;
	}
	free(r->name);
	if (entry_from_archive(e, ae, &r->name) == -1 ||
	    attributes_from_archive(&r->attributes, ae) == -1) {
		reader_set_error(r, strerror(ENOMEM));
		r->no_memory = true;
		return -1;
	}
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

/* True if a byte other than 0 follows the end that the tar reader found. */
static bool
something_follows(const struct reader *r)
{
	int64_t	 end = archive_filter_bytes(r->inner, 0);

	return end < 0 || r->total - r->zeros > (uint64_t)end;
}

int
reader_finish(struct reader *r)
{
	const void	*p;
	la_ssize_t	 n;

	while ((n = inner_read(r->inner, r, &p)) > 0)
		;
	if (n == -1)
		return -1;
	if (r->zeros < TAR_END || r->total % TAR_RECORD != 0 ||
	    something_follows(r)) {
		reader_set_error(r, "it is cut off, or something "
		    "follows its end");
		return -1;
	}
	return 0;
}
