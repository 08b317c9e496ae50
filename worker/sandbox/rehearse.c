/*
 * rehearse.c: make libraries load what they need; see sandbox/rehearse.h.
 *
 * Runs in the worker, before it is confined.  Touches a pipe to itself.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "common/entry.h"
#include "sandbox/fdio.h"
#include "sandbox/reader.h"
#include "sandbox/rehearse.h"
#include "sandbox/reporter.h"

/* More than an archive with all the names has, padded to a block. */
#define WRITING_MAX	32768

/* Any pipe holds this much, so one process can write it and then read it. */
#define READING_MAX	4000

/* Of more items of this size than one, qsort(3) sorts a copy. */
#define SORTED_ITEM	2048

/* Latin small e with acute: as one character, as two, and in Latin-1. */
static const char *const names[] = {
	"plain", "\303\251", "e\314\201", "\351", "a\nb"
};

/*
 * This replaces the function of the C library, also for libarchive.  A name is
 * bytes.  In the locale C, libarchive keeps the bytes of a name that it cannot
 * convert from UTF-8; but the C library of GNU converts names to ASCII by
 * leaving out tag characters (U+E0000 to U+E007F), and says that it succeeded.
 * To UTF-8, for an archive that is written, libarchive needs no help.
 */
iconv_t
iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1;
}

#define NNAMES	(sizeof(names) / sizeof(names[0]))

/* ENOMEM, if an archive lacks memory, or 0. */
static int
memory_error(struct archive *a)
{
	const char	*why = archive_error_string(a);

	return reporter_is_memory(archive_errno(a), why != NULL ? why : "") ?
	    ENOMEM : 0;
}

/* Write an archive with all the names.  Its length, or 0: it failed. */
static size_t
rehearse_write(void *buf, size_t size, bool compressed)
{
	struct archive_entry	*ae = NULL;
	struct archive		*a;
	struct entry		 e;
	size_t			 i, used = 0, len = 0;
	int			 error;

	if ((a = archive_write_new()) == NULL ||
	    (ae = archive_entry_new()) == NULL ||
	    archive_write_set_format_pax(a) != ARCHIVE_OK ||
	    (compressed && archive_write_add_filter_zstd(a) != ARCHIVE_OK) ||
	    archive_write_open_memory(a, buf, size, &used) != ARCHIVE_OK)
		goto out;
	for (i = 0; i < NNAMES; i++) {
		entry_init(&e, names[i]);
		e.uname = e.gname = e.link = names[i];
		e.mode = S_IFLNK | 0777;
		entry_to_archive(&e, ae);
		if (archive_write_header(a, ae) < ARCHIVE_WARN)
			goto out;
	}
	if (archive_write_close(a) == ARCHIVE_OK)
		len = used;
out:
	error = a == NULL || ae == NULL ? ENOMEM : len == 0 ?
	    memory_error(a) : 0;
	archive_entry_free(ae);
	archive_write_free(a);
	errno = error;
	return len;
}

/* Read it: 0 if all names are unchanged, else -1. */
static int
rehearse_read(int fd)
{
	struct reader	*r;
	struct entry	 e;
	size_t		 n = 0;
	int		 error, ret = -1;

	if ((r = reader_new(fd)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	while (n < NNAMES && reader_next(r, &e) == 1 &&
	    strcmp(e.name, names[n]) == 0)
		n++;
	if (n == NNAMES && reader_next(r, &e) == 0 && reader_finish(r) == 0)
		ret = 0;
	error = reader_lacks_memory(r) ? ENOMEM : 0;
	reader_free(r);
	errno = error;
	return ret;
}

void
rehearse_locale(bool writing)
{
	(void)setlocale(LC_ALL, "C");
	if (writing)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

int
rehearse_writing(bool compressed)
{
	static char	 buf[WRITING_MAX];

	rehearse_locale(true);
	return rehearse_write(buf, sizeof(buf), compressed) > 0 ? 0 : -1;
}

int
rehearse_reading(void)
{
	static char	 buf[READING_MAX];
	size_t		 len;
	int		 p[2] = { -1, -1 }, error, ret = -1;

	reader_prepare();
	rehearse_locale(true);
	if ((len = rehearse_write(buf, sizeof(buf), true)) > 0 &&
	    pipe2(p, O_CLOEXEC) == 0 && fdio_write(p[1], buf, len) == 0) {
		fd_close(&p[1]);
		rehearse_locale(false);
		ret = rehearse_read(p[0]);
	}
	error = errno;
	fd_close_all(p, 2);
	errno = error;
	return ret;
}

static int
compare(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

void
rehearse_sorting(void)
{
	char	 items[2][SORTED_ITEM];

	/* What counts is how large they are, not how many. */
	memset(items, 0, sizeof(items));
	qsort(items, 2, sizeof(items[0]), compare);
}
