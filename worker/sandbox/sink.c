/*
 * sink.c: gather, compress and write the bytes of an archive; see
 * sandbox/sink.h.
 *
 * Runs in the worker, in the thread that writes.  Touches the descriptor of
 * the archive.
 *
 * libzstd compresses with zstd, in threads that are there before the process is
 * confined.  For the other formats libarchive has filters, which work in ours.
 *
 * Contents of files are written from where they were read to; only headers are
 * copied.
 */

#include "config.h"

#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "sandbox/fdio.h"
#include "sandbox/sink.h"

#define SINK_PIECES	512		/* gathered, at most */
#define SINK_COPIES	(512 * 1024)	/* bytes of copies among them */
#define SINK_JOB	(2 * 1024 * 1024)	/* that a thread compresses */
#define SINK_PIPE	(1024 * 1024)	/* bytes that a pipe holds */
#define SINK_MOVE	(8 * 1024 * 1024)	/* bytes of a call */
#define SINK_ZSTD_LEVEL	3
#define SINK_FRAME	(512 * 1024)	/* compressed bytes of a write */

/* How bytes of a file come to the archive without being looked at. */
enum sink_way { SINK_RANGE, SINK_SPLICE, SINK_READ };

struct sink {
	enum sink_way	 way;		/* the best one that works */
	int		 fd;
	ZSTD_CCtx	*zstd;		/* or NULL */
	struct archive	*filter;	/* or NULL */
	struct iovec	 pieces[SINK_PIECES];
	size_t		 n;
	size_t		 copied;	/* bytes of copies */
	size_t		 packed;	/* bytes of frame */
	uint8_t		*copies;	/* SINK_COPIES bytes */
	uint8_t		*frame;		/* SINK_FRAME bytes, with zstd */
};

/* True if libzstd reported an error. */
static bool
sink_failed(size_t ret)
{
	if (!ZSTD_isError(ret))
		return false;
	errno = ZSTD_getErrorCode(ret) == ZSTD_error_memory_allocation ?
	    ENOMEM : EIO;
	return true;
}

static int
sink_set(struct sink *s, ZSTD_cParameter what, int value)
{
	return ZSTD_isError(ZSTD_CCtx_setParameter(s->zstd, what, value)) ?
	    -1 : 0;
}

static int
sink_use_zstd(struct sink *s, int level, unsigned int threads)
{
	if ((s->frame = malloc(SINK_FRAME)) == NULL ||
	    (s->zstd = ZSTD_createCCtx()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (level == 0)
		level = SINK_ZSTD_LEVEL;
	if (sink_set(s, ZSTD_c_compressionLevel, level) == -1 ||
	    sink_set(s, ZSTD_c_checksumFlag, 1) == -1) {
		errno = EINVAL;
		return -1;
	}
	/* A libzstd without threads compresses in ours. */
	if (threads > 1 &&
	    sink_set(s, ZSTD_c_nbWorkers, (int)threads) == 0)
		(void)sink_set(s, ZSTD_c_jobSize, SINK_JOB);
	return 0;
}

/* Set errno for a call of libarchive that failed.  Always -1. */
static int
filter_failed(struct sink *s)
{
	int	 error = archive_errno(s->filter);

	errno = error > 0 ? error : EIO;
	return -1;
}

static la_ssize_t
filter_put(struct archive *archive, void *arg, const void *p, size_t len)
{
	struct sink	*s = arg;

	if (fdio_write(s->fd, p, len) == 0)
		return (la_ssize_t)len;
	archive_set_error(archive, errno, "%s", strerror(errno));
	return -1;
}

/*
 * Add the filter.  ARCHIVE_WARN: it would be another program, which cannot be
 * started from here.
 */
static int
filter_add(struct archive *a, enum compression how, int level)
{
	char	 text[16];
	int	 ret;

	switch (how) {
	case COMPRESSION_BZIP2:
		ret = archive_write_add_filter_bzip2(a);
		break;
	case COMPRESSION_GZIP:
		ret = archive_write_add_filter_gzip(a);
		break;
	case COMPRESSION_LZ4:
		ret = archive_write_add_filter_lz4(a);
		break;
	case COMPRESSION_XZ:
		ret = archive_write_add_filter_xz(a);
		break;
	default:
		return ARCHIVE_FATAL;
	}
	/* The same files make the same bytes. */
	if (ret == ARCHIVE_OK && how == COMPRESSION_GZIP)
		ret = archive_write_set_filter_option(a, "gzip", "timestamp",
		    NULL);
	if (ret != ARCHIVE_OK || level == 0)
		return ret;
	(void)snprintf(text, sizeof(text), "%d", level);
	return archive_write_set_filter_option(a, NULL, "compression-level",
	    text);
}

/* Open the filter: what it writes has one member, without any header. */
static int
filter_open(struct sink *s)
{
	struct archive_entry	*ae;
	int			 ret;

	if (archive_write_set_format_raw(s->filter) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(s->filter, SINK_FRAME) !=
	    ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(s->filter, 1) !=
	    ARCHIVE_OK ||
	    archive_write_open(s->filter, s, NULL, filter_put, NULL) !=
	    ARCHIVE_OK)
		return filter_failed(s);
	if ((ae = archive_entry_new()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	archive_entry_set_filetype(ae, AE_IFREG);
	ret = archive_write_header(s->filter, ae);
	archive_entry_free(ae);
	return ret == ARCHIVE_OK ? 0 : filter_failed(s);
}

static int
sink_use_filter(struct sink *s, enum compression how, int level)
{
	if ((s->filter = archive_write_new()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (filter_add(s->filter, how, level) == ARCHIVE_OK)
		return filter_open(s);
	errno = EINVAL;
	return -1;
}

static int
sink_compress(struct sink *s, enum compression how, int level,
    unsigned int threads)
{
	if (how == COMPRESSION_NONE)
		return 0;
	return how == COMPRESSION_ZSTD ? sink_use_zstd(s, level, threads) :
	    sink_use_filter(s, how, level);
}

struct sink *
sink_new(int fd, enum compression how, int level, unsigned int threads)
{
	struct sink	*s;
	int		 saved;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return NULL;
	s->fd = fd;
#ifdef F_SETPIPE_SZ
	/* A pipe holds 64 KiB otherwise; users may have up to 1 MiB. */
	(void)fcntl(fd, F_SETPIPE_SZ, SINK_PIPE);
#endif
	if ((s->copies = malloc(SINK_COPIES)) == NULL ||
	    sink_compress(s, how, level, threads) == -1) {
		saved = errno;
		sink_free(s);
		errno = saved;
		return NULL;
	}
	return s;
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	ZSTD_freeCCtx(s->zstd);
	if (s->filter != NULL) {
		/* After sink_finish() this does nothing: the end is written. */
		(void)archive_write_fail(s->filter);
		archive_write_free(s->filter);
	}
	free(s->frame);
	free(s->copies);
	free(s);
}

int
sink_start(struct sink *s)
{
	ZSTD_EndDirective	 how = ZSTD_e_flush;
	ZSTD_inBuffer		 in = { "", 1, 0 };
	ZSTD_outBuffer		 out = { s->frame, SINK_FRAME, 0 };
	size_t			 left;

	if (s->zstd == NULL)
		return 0;
	/*
	 * Libzstd starts its threads for the first frame that is not known to
	 * be short, and keeps them.
	 */
	do {
		left = ZSTD_compressStream2(s->zstd, &out, &in, how);
		if (sink_failed(left))
			return -1;
		if (left == 0 && how == ZSTD_e_flush) {
			how = ZSTD_e_end;
			left = 1;
		}
	} while (left != 0);
	if (sink_failed(ZSTD_CCtx_reset(s->zstd, ZSTD_reset_session_only)))
		return -1;
	return 0;
}

static int
sink_write_frame(struct sink *s)
{
	size_t	 len = s->packed;

	s->packed = 0;
	return fdio_write(s->fd, s->frame, len);
}

/* Compress a piece with the filter.  0 or -1. */
static int
sink_filter(struct sink *s, const uint8_t *p, size_t len)
{
	la_ssize_t	 n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = archive_write_data(s->filter, p, len)) <= 0)
			return filter_failed(s);
	return 0;
}

/* Compress a piece with zstd, or end the frame.  0 or -1. */
static int
sink_pack(struct sink *s, const void *p, size_t len, ZSTD_EndDirective how)
{
	ZSTD_inBuffer	 in = { p, len, 0 };
	ZSTD_outBuffer	 out;
	size_t		 left;

	do {
		out.dst = s->frame;
		out.size = SINK_FRAME;
		out.pos = s->packed;
		left = ZSTD_compressStream2(s->zstd, &out, &in, how);
		if (sink_failed(left))
			return -1;
		s->packed = out.pos;
		if ((s->packed == SINK_FRAME || (how == ZSTD_e_end &&
		    left == 0)) && sink_write_frame(s) == -1)
			return -1;
	} while (how == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return 0;
}

int
sink_flush(struct sink *s)
{
	const struct iovec	*p;
	size_t			 i, n = s->n;

	s->n = s->copied = 0;
	if (s->zstd == NULL && s->filter == NULL)
		return n > 0 ? fdio_writev(s->fd, s->pieces, n) : 0;
	for (i = 0; i < n; i++) {
		p = &s->pieces[i];
		if ((s->filter != NULL ? sink_filter(s, p->iov_base,
		    p->iov_len) : sink_pack(s, p->iov_base, p->iov_len,
		    ZSTD_e_continue)) == -1)
			return -1;
	}
	return 0;
}

/* Remember a piece, which may continue the last one. */
static void
sink_gather(struct sink *s, const uint8_t *p, size_t len)
{
	struct iovec	*last;

	if (s->n > 0) {
		last = &s->pieces[s->n - 1];
		if ((const uint8_t *)last->iov_base + last->iov_len == p) {
			last->iov_len += len;
			return;
		}
	}
	s->pieces[s->n].iov_base = (void *)(uintptr_t)p;
	s->pieces[s->n++].iov_len = len;
}

int
sink_put(struct sink *s, const void *buf, size_t len, bool stays)
{
	const uint8_t	*p = buf;
	size_t		 room;

	while (len > 0) {
		room = stays ? len : SINK_COPIES - s->copied;
		if ((s->n == SINK_PIECES || room == 0) &&
		    sink_flush(s) == -1)
			return -1;
		if (room == 0)
			continue;
		if (room > len)
			room = len;
		if (stays)
			sink_gather(s, p, room);
		else {
			memcpy(s->copies + s->copied, p, room);
			sink_gather(s, s->copies + s->copied, room);
			s->copied += room;
		}
		p += room;
		len -= room;
	}
	return 0;
}

#ifdef __linux__
/*
 * Let the kernel move bytes from a file.  Their number, 0: no more, or not in
 * this way, -1 with errno.  An error of reading looks like one of writing, so
 * it is left to sink_read(), which can tell.
 */
static ssize_t
sink_move(struct sink *s, int fd, uint64_t offset, size_t len)
{
	loff_t	 from = (loff_t)offset;
	ssize_t	 n = 0;

	if (s->way == SINK_RANGE) {
		n = copy_file_range(fd, &from, s->fd, NULL, len, 0);
		if (n <= 0)
			s->way = SINK_SPLICE;
	}
	if (s->way == SINK_SPLICE && n <= 0) {
		n = splice(fd, &from, s->fd, NULL, len, SPLICE_F_MORE);
		if (n == -1 && errno == EINVAL)
			s->way = SINK_READ;
	}
	return n > 0 ? n : 0;
}
#else
static ssize_t
sink_move(struct sink *s, int fd, uint64_t offset, size_t len)
{
	(void)fd;
	(void)offset;
	(void)len;
	s->way = SINK_READ;
	return 0;
}
#endif

/* Read bytes of a file and write them.  Their number, 0, or -1; as above. */
static ssize_t
sink_read(struct sink *s, int fd, uint64_t offset, size_t len, int *error)
{
	ssize_t	 n;

	if (len > SINK_COPIES)
		len = SINK_COPIES;
	if ((n = fdio_pread(fd, s->copies, len, offset)) == -1) {
		*error = errno;
		return 0;
	}
	return n > 0 && fdio_write(s->fd, s->copies, (size_t)n) == -1 ? -1 : n;
}

static int
sink_zeros(struct sink *s, uint64_t len)
{
	size_t	 n;

	memset(s->copies, 0, SINK_COPIES);
	for (; len > 0; len -= n) {
		n = len < SINK_COPIES ? (size_t)len : SINK_COPIES;
		if (fdio_write(s->fd, s->copies, n) == -1)
			return -1;
	}
	return 0;
}

int
sink_copy(struct sink *s, int fd, uint64_t offset, uint64_t len,
    uint64_t *got, int *error)
{
	ssize_t	 n;
	size_t	 want;

	*got = 0;
	*error = 0;
	if (sink_flush(s) == -1)
		return -1;
	while (*got < len) {
		want = len - *got < SINK_MOVE ? (size_t)(len - *got) :
		    SINK_MOVE;
		if ((n = sink_move(s, fd, offset + *got, want)) == 0)
			n = sink_read(s, fd, offset + *got, want, error);
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		*got += (uint64_t)n;
	}
	return sink_zeros(s, len - *got);
}

int
sink_finish(struct sink *s)
{
	if (sink_flush(s) == -1)
		return -1;
	if (s->filter != NULL)
		return archive_write_close(s->filter) == ARCHIVE_OK ? 0 :
		    filter_failed(s);
	return s->zstd != NULL ? sink_pack(s, "", 0, ZSTD_e_end) : 0;
}
