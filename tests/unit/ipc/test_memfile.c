/*
 * test_memfile.c: a file in memory keeps its contents, and nobody changes it.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/memfile.h"
#include "tests/unit/util.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC	0x0020		/* Linux 6.3 */
#endif

#define BIG	(3 << 20)

/* Bytes that do not repeat within a few hundred. */
static char *
bytes(size_t len)
{
	char	*p;
	size_t	 i;

	assert_non_null(p = malloc(len + 1));
	for (i = 0; i < len; i++)
		p[i] = (char)(i * 7 + i / 251);
	return p;
}

static void
test_contents(void **state)
{
	static const size_t	 lens[] = { 1, 2, 4095, 4096, 4097, BIG };
	struct stat		 st;
	char			*p, *map;
	size_t			 i;
	int			 fd;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		p = bytes(lens[i]);
		assert_return_code(fd = memfile_create("name", p, lens[i]),
		    errno);
		assert_true(util_is_cloexec(fd));
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(st.st_size == (off_t)lens[i]);
		assert_non_null(map = memfile_map(fd, lens[i]));
		assert_memory_equal(map, p, lens[i]);
		/* Its offset does not matter, and it can be mapped again. */
		assert_int_equal(munmap(map, lens[i]), 0);
		assert_non_null(map = memfile_map(fd, lens[i]));
		close(fd);
		/* It lives as long as it is mapped. */
		assert_memory_equal(map, p, lens[i]);
		assert_int_equal(munmap(map, lens[i]), 0);
		free(p);
	}
}

static void
expect_refused(long ret)
{
	assert_int_equal(ret, -1);
	assert_int_equal(errno, EPERM);
}

/* Not even the process that made it can change it. */
static void
test_sealed(void **state)
{
	char	*map, again[64];
	int	 fd, other;

	(void)state;
	assert_return_code(fd = memfile_create("name", "contents", 8), errno);
	expect_refused(write(fd, "x", 1));
	expect_refused(pwrite(fd, "x", 1, 0));
	expect_refused(pwrite(fd, "x", 1, 100));
	expect_refused(ftruncate(fd, 0));
	expect_refused(ftruncate(fd, 7));
	expect_refused(ftruncate(fd, 9));
	expect_refused(fallocate(fd, 0, 0, 4096));
	expect_refused(fallocate(fd, FALLOC_FL_PUNCH_HOLE |
	    FALLOC_FL_KEEP_SIZE, 0, 4));
	map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_equal(map, MAP_FAILED);
	assert_int_equal(errno, EPERM);
	/* A map for reading cannot be made writable. */
	assert_non_null(map = memfile_map(fd, 8));
	assert_int_equal(mprotect(map, 8, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
	/* Opened anew it is the same file, with the same seals. */
	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	assert_return_code(other = open(again, O_RDWR | O_CLOEXEC), errno);
	expect_refused(write(other, "x", 1));
	close(other);
	other = open(again, O_RDWR | O_TRUNC | O_CLOEXEC);
	expect_refused(other);
	assert_memory_equal(map, "contents", 8);
	assert_int_equal(munmap(map, 8), 0);
	/* No seal can be added, and none is missing. */
	expect_refused(fcntl(fd, F_ADD_SEALS, 0));
	/* With vm.memfd_noexec the kernel adds one. */
	assert_int_equal(fcntl(fd, F_GET_SEALS) & ~F_SEAL_EXEC, F_SEAL_SEAL |
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	close(fd);
}

static void
test_faults(void **state)
{
	size_t	 fds = util_count_fds();
	char	 name[300];
	int	 fd, error;

	(void)state;
	util_limit_fds(0);
	fd = memfile_create("name", "x", 1);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(fd, -1);
	assert_int_equal(error, EMFILE);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(memfile_create(name, "x", 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(util_count_fds(), fds);

	assert_null(memfile_map(-1, 1));
	assert_int_equal(errno, EBADF);
	assert_return_code(fd = memfile_create("name", "x", 1), errno);
	assert_null(memfile_map(fd, 0));
	assert_int_equal(errno, EPROTO);
	assert_null(memfile_map(fd, 2));
	assert_int_equal(errno, EPROTO);
	close(fd);
	/* Only a regular file can be mapped. */
	assert_return_code(fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    errno);
	assert_null(memfile_map(fd, 1));
	close(fd);
	assert_return_code(fd = open(util_dir(), O_RDONLY | O_CLOEXEC),
	    errno);
	assert_null(memfile_map(fd, 1));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_contents),
		UTIL_TEST(test_sealed),
		UTIL_TEST(test_faults)
	};

	util_program_needs(FEATURE_MEMFD);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
