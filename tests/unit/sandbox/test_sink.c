/*
 * test_sink.c: the bytes of an archive arrive as they were put, compressed or
 * not, in a file and in a pipe that takes few at a time; and errors.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <zstd.h>

#include "sandbox/sink.h"
#include "tests/unit/util.h"

#define SIZE_MAX_PUT	(3 * 1024 * 1024)
#define TOTAL		(12 * 1024 * 1024)

/* Bytes, with room for as many as a test needs. */
struct bytes {
	uint8_t	*data;
	size_t	 len, size;
};

static struct bytes	 want, got, plain;
static uint8_t		*slab, *scratch;

static void
bytes_add(struct bytes *b, const void *p, size_t len)
{
	if (b->len + len > b->size) {
		b->size = 2 * (b->len + len);
		b->data = realloc(b->data, b->size);
		if (b->data == NULL)
			abort();
	}
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
}

static void
bytes_free(struct bytes *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

/* Half of the bytes can be compressed. */
static void
make_bytes(uint8_t *p, size_t len)
{
	size_t	 i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)((i >> 12) & 1 ? util_random(256) : i >> 6);
}

static int
setup(void **state)
{
	slab = malloc(SIZE_MAX_PUT);
	scratch = malloc(SIZE_MAX_PUT);
	(void)signal(SIGPIPE, SIG_IGN);
	return slab == NULL || scratch == NULL ? -1 : util_setup(state);
}

static int
teardown(void **state)
{
	free(slab);
	free(scratch);
	bytes_free(&want);
	bytes_free(&got);
	bytes_free(&plain);
	(void)signal(SIGPIPE, SIG_DFL);
	return util_teardown(state);
}

/* Bytes that stay come from the slab, which changes after a flush. */
static void
put_random(struct sink *s)
{
	size_t	 at = 0, len;
	bool	 stays;

	want.len = 0;
	make_bytes(slab, SIZE_MAX_PUT);
	while (want.len < TOTAL) {
		len = util_random(1000);
		if (util_random(8) == 0)
			len = util_random(300000);
		if (util_random(100) == 0)
			len = util_random(SIZE_MAX_PUT);
		stays = util_random(2) == 0;
		if (stays && at + len > SIZE_MAX_PUT) {
			assert_int_equal(sink_flush(s), 0);
			make_bytes(slab, SIZE_MAX_PUT);
			at = 0;
		}
		/* Sometimes a piece continues the last one. */
		if (stays && at > 0 && util_random(2) == 0)
			at += util_random(2);
		if (stays && at + len > SIZE_MAX_PUT)
			len = SIZE_MAX_PUT - at;
		if (stays) {
			bytes_add(&want, slab + at, len);
			assert_int_equal(sink_put(s, slab + at, len, true), 0);
			at += len;
			continue;
		}
		make_bytes(scratch, len);
		bytes_add(&want, scratch, len);
		assert_int_equal(sink_put(s, scratch, len, false), 0);
		memset(scratch, 0x55, len);
	}
	assert_int_equal(sink_finish(s), 0);
}

/* One frame of zstd, whole, and nothing after it. */
static void
decompress(void)
{
	static uint8_t	 buf[65536];
	ZSTD_DCtx	*z;
	ZSTD_inBuffer	 in = { got.data, got.len, 0 };
	ZSTD_outBuffer	 out;
	size_t		 left;

	plain.len = 0;
	assert_non_null(z = ZSTD_createDCtx());
	do {
		out = (ZSTD_outBuffer){ buf, sizeof(buf), 0 };
		left = ZSTD_decompressStream(z, &out, &in);
		assert_false(ZSTD_isError(left));
		bytes_add(&plain, buf, out.pos);
		if (left != 0 && in.pos == in.size && out.pos < sizeof(buf))
			fail_msg("the frame has no end");
	} while (left != 0);
	assert_int_equal(in.pos, in.size);
	ZSTD_freeDCtx(z);
}

static void
assert_arrived(int level)
{
	const struct bytes	*b = &got;

	if (level != 0) {
		decompress();
		b = &plain;
	}
	assert_int_equal(b->len, want.len);
	if (want.len > 0)
		assert_memory_equal(b->data, want.data, want.len);
}

static void
read_all(int fd, size_t most)
{
	uint8_t	 buf[65536];
	ssize_t	 n;

	while ((n = read(fd, buf, most)) > 0)
		bytes_add(&got, buf, (size_t)n);
}

static enum compression
how_of(int level)
{
	return level == 0 ? COMPRESSION_NONE : COMPRESSION_ZSTD;
}

static struct sink *
sink_begin(int fd, int level, unsigned int threads)
{
	struct sink	*s = sink_new(fd, how_of(level), level, threads);

	assert_non_null(s);
	assert_int_equal(sink_start(s), 0);
	return s;
}

static int
file_new(void)
{
	int	 fd;

	fd = open(util_path("out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	assert_true(fd >= 0);
	return fd;
}

static void
test_file(void **state)
{
	struct sink	*s;
	unsigned int	 threads;
	int		 fd, level;

	(void)state;
	for (threads = 1; threads <= 4; threads++) {
		for (level = 0; level <= 3; level += 3) {
			fd = file_new();
			s = sink_begin(fd, level, threads);
			put_random(s);
			sink_free(s);
			assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
			got.len = 0;
			read_all(fd, 65536);
			close(fd);
			assert_arrived(level);
		}
	}
}

struct reader {
	int	 fd;
	size_t	 most;		/* bytes of a read(2) */
};

static void *
reader_main(void *arg)
{
	struct reader	*r = arg;

	read_all(r->fd, r->most);
	return NULL;
}

/* Short writes: the pipe is small and does not block. */
static void
test_pipe(void **state)
{
	static const size_t	 most[] = { 65536, 4096, 1777 };
	struct sink		*s;
	struct reader		 r;
	pthread_t		 thread;
	unsigned int		 threads;
	int			 fds[2], level;

	(void)state;
	for (threads = 1; threads <= 3; threads++) {
		for (level = 0; level <= 3; level += 3) {
			assert_int_equal(pipe(fds), 0);
#ifdef F_SETPIPE_SZ
			assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) > 0);
#endif
			assert_int_equal(fcntl(fds[1], F_SETFL, threads == 3 ?
			    0 : O_NONBLOCK), 0);
			got.len = 0;
			r = (struct reader){ fds[0], most[threads - 1] };
			assert_int_equal(pthread_create(&thread, NULL,
			    reader_main, &r), 0);
			s = sink_begin(fds[1], level, threads);
			put_random(s);
			sink_free(s);
			close(fds[1]);
			assert_int_equal(pthread_join(thread, NULL), 0);
			close(fds[0]);
			assert_arrived(level);
		}
	}
}

/* Nothing is put: a frame without contents, or no byte. */
static void
test_empty(void **state)
{
	static const uint8_t	 nothing[1];
	struct sink		*s;
	unsigned int		 threads;
	int			 fd, level, i;

	(void)state;
	want.len = 0;
	for (i = 0; i < 16; i++) {
		threads = 1 + (unsigned int)i % 4;
		level = i & 4 ? 3 : 0;
		fd = file_new();
		s = sink_new(fd, how_of(level), level, threads);
		assert_non_null(s);
		if (i & 8) {
			assert_int_equal(sink_start(s), 0);
			assert_int_equal(sink_put(s, nothing, 0, true), 0);
			assert_int_equal(sink_put(s, nothing, 0, false), 0);
			assert_int_equal(sink_flush(s), 0);
		}
		/* The start has written nothing. */
		assert_int_equal(lseek(fd, 0, SEEK_END), 0);
		assert_int_equal(sink_finish(s), 0);
		sink_free(s);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		got.len = 0;
		read_all(fd, 65536);
		close(fd);
		assert_int_equal(got.len > 0, level != 0);
		assert_arrived(level);
	}
}

/* More pieces than are gathered, and copies that fill their room exactly. */
static void
test_pieces(void **state)
{
	static const size_t	 sizes[] = { 1, 2, 3, 512, 1024, 4096, 65536,
		512 * 1024, 512 * 1024 + 1, SIZE_MAX_PUT };
	struct sink		*s;
	size_t			 i, k, n;
	int			 fd, level, stays;

	(void)state;
	make_bytes(slab, SIZE_MAX_PUT);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sizes[i] < 4096 ? 1600 : 4 * 1024 * 1024 / sizes[i];
		for (level = 0; level <= 3; level += 3) {
			fd = file_new();
			s = sink_begin(fd, level, 2);
			want.len = 0;
			for (k = 0; k < n; k++) {
				/* From the end on: none continues the last. */
				size_t	 at = SIZE_MAX_PUT - sizes[i] -
				    (k % 3) * (sizes[i] < SIZE_MAX_PUT);

				stays = sizes[i] % 2 == 0 && k % 5 != 0;
				bytes_add(&want, slab + at, sizes[i]);
				assert_int_equal(sink_put(s, slab + at,
				    sizes[i], stays), 0);
			}
			assert_int_equal(sink_finish(s), 0);
			sink_free(s);
			assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
			got.len = 0;
			read_all(fd, 65536);
			close(fd);
			assert_arrived(level);
		}
	}
}

/* Put random bytes until that fails: the errno. */
static int
put_until_failure(struct sink *s)
{
	size_t	 i;

	for (i = 0; i < SIZE_MAX_PUT; i++)
		scratch[i] = (uint8_t)util_random(256);
	for (i = 0; i < 100; i++) {
		errno = 0;
		if (sink_put(s, scratch, SIZE_MAX_PUT, i % 2 == 0) == -1 ||
		    sink_flush(s) == -1)
			return errno;
	}
	errno = 0;
	return sink_finish(s) == -1 ? errno : 0;
}

static void
test_full_disk(void **state)
{
	struct sink	*s;
	unsigned int	 threads;
	int		 fd, level;

	(void)state;
	if ((fd = open("/dev/full", O_WRONLY | O_CLOEXEC)) == -1)
		util_skip("needs /dev/full");
	for (threads = 1; threads <= 4; threads++) {
		for (level = 0; level <= 3; level += 3) {
			s = sink_begin(fd, level, threads);
			assert_int_equal(put_until_failure(s), ENOSPC);
			sink_free(s);
			/* So few bytes that only the end writes them. */
			s = sink_begin(fd, level, threads);
			assert_int_equal(sink_put(s, "x", 1, false), 0);
			errno = 0;
			assert_int_equal(sink_finish(s), -1);
			assert_int_equal(errno, ENOSPC);
			sink_free(s);
		}
	}
	close(fd);
}

static void
test_no_reader(void **state)
{
	struct sink	*s;
	unsigned int	 threads;
	int		 fds[2], level;

	(void)state;
	for (threads = 1; threads <= 4; threads++) {
		for (level = 0; level <= 3; level += 3) {
			assert_int_equal(pipe(fds), 0);
			close(fds[0]);
			s = sink_begin(fds[1], level, threads);
			assert_int_equal(put_until_failure(s), EPIPE);
			sink_free(s);
			close(fds[1]);
		}
	}
}

/* One that is given up after some bytes leaves no thread and no memory. */
static void
test_given_up(void **state)
{
	struct sink	*s;
	unsigned int	 threads;
	int		 fd;

	(void)state;
	sink_free(NULL);
	fd = file_new();
	make_bytes(slab, SIZE_MAX_PUT);
	for (threads = 1; threads <= 4; threads++) {
		s = sink_begin(fd, 3, threads);
		sink_free(s);
		s = sink_begin(fd, 3, threads);
		assert_int_equal(sink_put(s, slab, SIZE_MAX_PUT, true), 0);
		assert_int_equal(sink_flush(s), 0);
		sink_free(s);
	}
	close(fd);
}

/* The other formats, which libarchive reads as well as it writes. */
static void
test_filters(void **state)
{
	static const enum compression	 all[] = {
		COMPRESSION_BZIP2, COMPRESSION_GZIP, COMPRESSION_LZ4,
		COMPRESSION_XZ
	};
	struct archive_entry		*ae;
	struct archive			*a;
	struct sink			*s;
	size_t				 i;
	la_ssize_t			 n;
	int				 fd;

	(void)state;
	for (i = 0; i < 2 * sizeof(all) / sizeof(all[0]); i++) {
		fd = file_new();
		s = sink_new(fd, all[i / 2], i % 2 == 0 ? 0 : 1, 2);
		assert_non_null(s);
		assert_int_equal(sink_start(s), 0);
		want.len = got.len = 0;
		put_random(s);
		assert_int_equal(sink_finish(s), 0);
		sink_free(s);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_non_null(a = archive_read_new());
		assert_int_equal(archive_read_support_filter_all(a), 0);
		assert_int_equal(archive_read_support_format_raw(a), 0);
		assert_int_equal(archive_read_open_fd(a, fd, 65536), 0);
		assert_int_equal(archive_read_next_header(a, &ae), 0);
		while ((n = archive_read_data(a, scratch, SIZE_MAX_PUT)) > 0)
			bytes_add(&got, scratch, (size_t)n);
		assert_int_equal(n, 0);
		assert_int_equal(archive_read_free(a), 0);
		close(fd);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
	}
}

/* One that is given up writes no end, and a full disk is an error. */
static void
test_filters_fail(void **state)
{
	struct sink	*s;
	int		 fds[2];

	(void)state;
	make_bytes(slab, SIZE_MAX_PUT);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_non_null(s = sink_new(fds[1], COMPRESSION_GZIP, 0, 1));
	sink_free(s);
	assert_non_null(s = sink_new(fds[1], COMPRESSION_GZIP, 0, 1));
	assert_int_equal(put_until_failure(s), EPIPE);
	sink_free(s);
	close(fds[1]);
}

#define SINK_TEST(f) \
	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		SINK_TEST(test_filters),
		SINK_TEST(test_filters_fail),
		SINK_TEST(test_file),
		SINK_TEST(test_pipe),
		SINK_TEST(test_empty),
		SINK_TEST(test_pieces),
		SINK_TEST(test_full_disk),
		SINK_TEST(test_no_reader),
		SINK_TEST(test_given_up)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
