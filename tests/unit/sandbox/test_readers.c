/*
 * test_readers.c: threads that read small files ahead: when they are wanted,
 * the order, files that change, grow or cannot be read, and an end meanwhile.
 *
 * Threads read in the functions below, in which cmocka cannot fail a test.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/readers.h"
#include "tests/unit/sleeps.h"
#include "tests/unit/util.h"

#define NFILES	500

ssize_t	 __real_fdio_pread(int, void *, size_t, uint64_t);
ssize_t	 __wrap_fdio_pread(int, void *, size_t, uint64_t);

static struct readers	*readers;

/* What happens to reads, and how many there were. */
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	 moved = PTHREAD_COND_INITIALIZER;
static bool		 gated, gate_open;
static size_t		 inside, begun, ended;
static int		 fails_fd = -1;	/* reading it fails */
static int		 grows_fd = -1;	/* it grows when it is read, */
static off_t		 grows_to;	/* to this size */
static int		 growths;	/* this many times */

static void
gate_pass(void)
{
	pthread_mutex_lock(&lock);
	begun++;
	if (gated) {
		inside++;
		pthread_cond_broadcast(&moved);
		while (!gate_open)
			pthread_cond_wait(&moved, &lock);
	}
	pthread_mutex_unlock(&lock);
}

/* Once all threads are in the gate, open it. */
static void *
gate_keep(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	while (inside < READERS_THREADS)
		pthread_cond_wait(&moved, &lock);
	gate_open = true;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
	return NULL;
}

ssize_t
__wrap_fdio_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	ssize_t	 n;
	int	 grows = 0;

	if (offset == 0)
		gate_pass();
	if (fd == fails_fd) {
		errno = EIO;
		return -1;
	}
	n = __real_fdio_pread(fd, buf, size, offset);
	pthread_mutex_lock(&lock);
	ended++;
	if (fd == grows_fd && growths > 0)
		grows = growths--;
	pthread_mutex_unlock(&lock);
	if (grows > 0 && ftruncate(fd, grows_to + grows) == -1)
		return -1;
	return n;
}

static void
begin(void)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	gated = gate_open = false;
	inside = 0;
	fails_fd = grows_fd = -1;
	growths = 0;
	assert_non_null(readers = readers_new());
	assert_int_equal(readers_start(readers), 0);
	assert_false(readers_wanted(readers));
	sleeps_until_wanted(readers, fd);
	close(fd);
	begun = ended = 0;
}

static uint8_t
byte_at(size_t file, size_t offset)
{
	return (uint8_t)(file * 7 + offset * 31 + 1);
}

/* A file of this size with bytes of its own. */
static int
make(size_t number, size_t size)
{
	static uint8_t	 buf[READERS_SIZE];
	const char	*path = util_path("file");
	size_t		 i;
	int		 fd;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	for (i = 0; i < size; i++)
		buf[i] = byte_at(number, i);
	assert_int_equal(pwrite(fd, buf, size, 0), size);
	return fd;
}

static void
add(int fd, unsigned int retries)
{
	struct readers_file	 f = {
		.small = { .fd = fd, .retries = retries, .on_disk = true }
	};

	assert_int_equal(contents_version_now(fd, &f.version), 0);
	f.holes = true;
	readers_add(readers, &f);
}

static void
assert_file(const struct readers_file *f, size_t number, size_t size)
{
	size_t	 i;

	assert_true(f->settled);
	assert_int_equal(f->contents.error, 0);
	assert_int_equal(f->contents.size, size);
	for (i = 0; i < size; i++)
		assert_int_equal(f->data[i], byte_at(number, i));
}

/* Only some reads are looked at, and most must sleep. */
static void
test_wanted(void **state)
{
	const struct contents_small	 f = {
		.fd = open("/dev/null", O_RDONLY | O_CLOEXEC)
	};
	struct contents			 how;
	struct version			 v;
	uint8_t				 buf[16];
	int				 i;

	(void)state;
	assert_true(f.fd >= 0);
	assert_non_null(readers = readers_new());
	assert_int_equal(readers_start(readers), 0);
	sleeps_set(false);
	(void)sleeps_asked();
	for (i = 0; i < 1600; i++) {
		memset(&v, 0, sizeof(v));
		readers_read(readers, &f, buf, sizeof(buf), &v, &how);
		assert_int_equal(how.got, 0);
		assert_false(readers_wanted(readers));
	}
	/* The first ones, and then one of 128. */
	assert_in_range(sleeps_asked(), 2 * 10, 2 * 20);
	/* A few that sleep are not enough. */
	for (i = 0; i < 1600; i++) {
		sleeps_set(i % 3 == 0);
		readers_read(readers, &f, buf, sizeof(buf), &v, &how);
		assert_false(readers_wanted(readers));
	}
	sleeps_until_wanted(readers, f.fd);
	/* Threads that do not sleep are wanted no more. */
	sleeps_set(false);
	for (i = 0; i < 100 && readers_wanted(readers); i++) {
		add(f.fd, 0);
		assert_non_null(readers_first(readers, true));
		readers_remove(readers);
	}
	assert_false(readers_wanted(readers));
	readers_free(readers);
	close(f.fd);
}

/* Without threads, nothing is read by them. */
static void
test_not_started(void **state)
{
	const struct contents_small	 f = {
		.fd = open("/dev/null", O_RDONLY | O_CLOEXEC)
	};
	struct contents			 how;
	struct version			 v;
	uint8_t				 buf[16];
	int				 i;

	(void)state;
	assert_non_null(readers = readers_new());
	sleeps_set(true);
	for (i = 0; i < 100; i++) {
		memset(&v, 0, sizeof(v));
		readers_read(readers, &f, buf, sizeof(buf), &v, &how);
	}
	assert_false(readers_wanted(readers));
	readers_free(readers);
	close(f.fd);
}

/* Files come out as they were added, with their own contents. */
static void
test_order(void **state)
{
	int	 fds[READERS_FILES];
	size_t	 sizes[READERS_FILES], i, j, out = 0;

	(void)state;
	begin();
	for (i = 0; i < NFILES + READERS_FILES; i++) {
		if (i >= READERS_FILES) {
			j = out % READERS_FILES;
			assert_file(readers_first(readers, true), out,
			    sizes[j]);
			readers_remove(readers);
			close(fds[j]);
			out++;
		}
		if (i >= NFILES)
			continue;
		j = i % READERS_FILES;
		sizes[j] = i % 3 == 0 ? i % 2 * (READERS_SIZE - 1) :
		    util_random(5000);
		fds[j] = make(i, sizes[j]);
		add(fds[j], 0);
	}
	assert_int_equal(out, NFILES);
	assert_int_equal(begun, NFILES);
	readers_free(readers);
}

/* The first may be waited for, or not. */
static void
test_first(void **state)
{
	int	 fd;

	(void)state;
	begin();
	gated = true;
	fd = make(1, 10);
	add(fd, 0);
	assert_null(readers_first(readers, false));
	pthread_mutex_lock(&lock);
	gate_open = true;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
	assert_file(readers_first(readers, true), 1, 10);
	assert_non_null(readers_first(readers, false));
	readers_remove(readers);
	readers_free(readers);
	close(fd);
}

static void
test_errors(void **state)
{
	const struct readers_file	*f;
	int				 bad, good, closed;

	(void)state;
	begin();
	bad = make(1, 100);
	good = make(2, 100);
	closed = make(3, 100);
	fails_fd = bad;
	add(bad, 2);
	add(good, 2);
	add(closed, 2);
	f = readers_first(readers, true);
	assert_true(f->settled);
	assert_int_equal(f->contents.error, EIO);
	assert_int_equal(f->contents.got, 0);
	/* The zeros that are stored in its place. */
	assert_int_equal(f->contents.size, 100);
	assert_int_equal(f->data[0] | f->data[99], 0);
	readers_remove(readers);
	assert_file(readers_first(readers, true), 2, 100);
	readers_remove(readers);
	assert_file(readers_first(readers, true), 3, 100);
	readers_remove(readers);
	readers_free(readers);
	close(bad);
	close(good);
	close(closed);
}

/* A file that changes: it is read again, as often as the caller says. */
static void
test_changes(void **state)
{
	const struct readers_file	*f;
	int				 fd = -1, i;

	(void)state;
	for (i = 0; i < 4; i++) {
		begin();
		fd = make(1, 100);
		grows_fd = fd;
		grows_to = 200;
		growths = 2;
		add(fd, (unsigned int)i);
		f = readers_first(readers, true);
		assert_true(f->settled);
		assert_int_equal(f->contents.changed, i < 2);
		assert_int_equal(f->contents.size,
		    i == 0 ? 100 : i == 1 ? 202 : 201);
		assert_int_equal(begun, i < 2 ? i + 1 : 3);
		readers_remove(readers);
		readers_free(readers);
		close(fd);
	}
}

/* What threads cannot settle is left to the caller. */
static void
test_unsettled(void **state)
{
	int	 grown, sparse;

	(void)state;
	begin();
	grown = make(1, 100);
	grows_fd = grown;
	grows_to = READERS_SIZE;
	growths = 1;
	add(grown, 2);
	sparse = make(2, 10);
	assert_int_equal(ftruncate(sparse, READERS_SIZE - 1), 0);
	assert_int_equal(pwrite(sparse, "x", 1, READERS_SIZE - 2), 1);
	add(sparse, 2);
	assert_false(readers_first(readers, true)->settled);
	readers_remove(readers);
	if (lseek(sparse, 0, SEEK_HOLE) < READERS_SIZE - 1)
		assert_false(readers_first(readers, true)->settled);
	readers_drop(readers);
	readers_free(readers);
	close(grown);
	close(sparse);
}

/* An end while files are being read, and others wait. */
static void
test_stop(void **state)
{
	pthread_t	 keeper;
	int		 fds[READERS_FILES], i, drop;

	(void)state;
	for (drop = 0; drop < 2; drop++) {
		begin();
		gated = true;
		for (i = 0; i < READERS_FILES; i++) {
			fds[i] = make((size_t)i, 10);
			add(fds[i], 0);
		}
		pthread_mutex_lock(&lock);
		while (inside < READERS_THREADS)
			pthread_cond_wait(&moved, &lock);
		pthread_mutex_unlock(&lock);
		assert_int_equal(pthread_create(&keeper, NULL, gate_keep,
		    NULL), 0);
		if (drop == 1) {
			readers_drop(readers);
			pthread_mutex_lock(&lock);
			assert_true(ended >= begun);
			pthread_mutex_unlock(&lock);
			/* Nobody has their descriptors any more. */
			for (i = 0; i < READERS_FILES; i++)
				close(fds[i]);
			fds[0] = make(1, 10);
			add(fds[0], 0);
			assert_file(readers_first(readers, true), 1, 10);
			readers_remove(readers);
			close(fds[0]);
		}
		readers_free(readers);
		for (i = 0; drop == 0 && i < READERS_FILES; i++)
			close(fds[i]);
		assert_int_equal(pthread_join(keeper, NULL), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_wanted),
		UTIL_TEST(test_not_started),
		UTIL_TEST(test_order),
		UTIL_TEST(test_first),
		UTIL_TEST(test_errors),
		UTIL_TEST(test_changes),
		UTIL_TEST(test_unsettled),
		UTIL_TEST(test_stop)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
