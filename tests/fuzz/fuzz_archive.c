/*
 * fuzz_archive.c: libFuzzer on what list and verify make of an archive.
 *
 * The first byte of the input says how the rest becomes an archive and what is
 * done with it: see the bits below.  Checksums of tar headers can be made right
 * and the result can be compressed, since a mutation would hardly get past
 * either.  The worker's functions run here, and the channel to the controller
 * is replaced: what they report goes through what the controller would print.
 */

#include "config.h"

#include <sys/mman.h>

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archives.h"
#include "controller/jsonline.h"
#include "controller/listing.h"
#include "sandbox/list.h"
#include "sandbox/verify.h"
#include "sandbox/work.h"

#define FILTER		0x07	/* an index of filters[] */
#define CHECKSUMS	0x08	/* make those of tar right */
#define LIST		0x10	/* else verify */
#define JSON		0x20
#define VERBOSE		0x40

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int	(*const filters[])(struct archive *) = {
	NULL,
	NULL,
	NULL,
	archive_write_add_filter_bzip2,
	archive_write_add_filter_gzip,
	archive_write_add_filter_lz4,
	archive_write_add_filter_xz,
	archive_write_add_filter_zstd
};

static unsigned int	fatals, flags;
static struct buf	line;

/* All that is printed is ASCII, and no controls but the newline at its end. */
static void
check_line(void)
{
	const char	*s = buf_str(&line);
	size_t		 i;

	for (i = 0; i < line.len; i++)
		if ((s[i] < ' ' || s[i] > '~') && s[i] != '\n')
			abort();
	if (line.len > 0 && strchr(s, '\n') != s + line.len - 1)
		abort();
}

/* In place of common/channel.c; archives.c has the rest. */

int
channel_put_report(struct channel *p, enum report_kind kind, const char *name,
    const char *text)
{
	(void)p;
	if (kind == REPORT_FATAL)
		fatals++;
	buf_cut(&line, 0);
	if (report_format(&line, name, text) == -1 ||
	    buf_putc(&line, '\n') == -1)
		abort();
	check_line();
	buf_cut(&line, 0);
	if (jsonline_report(&line, kind, name, text) == -1)
		abort();
	check_line();
	return 0;
}

int
channel_put_entry(struct channel *p, const struct entry *e)
{
	(void)p;
	buf_cut(&line, 0);
	if (listing_format(&line, e, (flags & VERBOSE) != 0) == -1)
		abort();
	check_line();
	buf_cut(&line, 0);
	if (jsonline_member(&line, e) == -1)
		abort();
	check_line();
	return 0;
}

/* A file with the archive, or -1. */
static int
make_file(const uint8_t *data, size_t len)
{
	struct archive_entry	*ae;
	struct archive		*a;
	int			 fd;

	if ((fd = memfd_create("archive", MFD_CLOEXEC)) == -1)
		return -1;
	/* libarchive 3.6.2 crashes when it ends lz4 of nothing. */
	if (filters[flags & FILTER] == NULL || len == 0) {
		if (write(fd, data, len) != (ssize_t)len)
			abort();
	} else {
		if ((a = archive_write_new()) == NULL ||
		    (ae = archive_entry_new()) == NULL)
			abort();
		(void)archive_write_set_format_raw(a);
		(void)filters[flags & FILTER](a);
		/* More would take more memory and time. */
		(void)archive_write_set_options(a, "compression-level=1");
		(void)archive_write_set_bytes_per_block(a, 0);
		archive_entry_set_filetype(ae, AE_IFREG);
		if (archive_write_open_fd(a, fd) != ARCHIVE_OK ||
		    archive_write_header(a, ae) != ARCHIVE_OK ||
		    archive_write_data(a, data, len) < 0 ||
		    archive_write_close(a) != ARCHIVE_OK)
			abort();
		archive_entry_free(ae);
		archive_write_free(a);
	}
	if (lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static void
run(int fd)
{
	static struct work	 w;
	struct options		 o;
	struct job		 job;
	int			 ret;

	memset(&w, 0, sizeof(w));
	memset(&o, 0, sizeof(o));
	memset(&job, 0, sizeof(job));
	o.archive = "a";
	o.json = (flags & JSON) != 0;
	o.verbose = (flags & VERBOSE) != 0;
	job.options = &o;
	job.spools[0] = memfd_create("a", MFD_CLOEXEC);
	job.spools[1] = memfd_create("b", MFD_CLOEXEC);
	w.job = &job;
	w.archive = fd;
	reporter_init(&w.rep, -1, &o);
	fatals = 0;
	if (flags & LIST) {
		if (list_prepare(&w) == -1)
			abort();
		ret = list_run(&w);
		list_release(&w);
	} else {
		if (verify_prepare(&w) == -1)
			abort();
		ret = verify_run(&w);
		verify_release(&w);
	}
	/* A failure is told, and what is told fails. */
	if ((ret == -1) != (fatals > 0))
		abort();
	reporter_clear(&w.rep);
	close(job.spools[0]);
	close(job.spools[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t	*copy;
	int	 fd;

	if (size < 1)
		return 0;
	(void)setlocale(LC_ALL, "C");
	flags = data[0];
	/* The very size, so that nothing can be read beyond it. */
	if ((copy = malloc(size)) == NULL)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (flags & CHECKSUMS)
		archives_repair(copy, size - 1);
	if ((fd = make_file(copy, size - 1)) != -1) {
		run(fd);
		close(fd);
	}
	free(copy);
	return 0;
}
