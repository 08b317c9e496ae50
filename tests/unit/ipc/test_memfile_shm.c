/*
 * test_memfile_shm.c: a file of broker/ipc/memfile_shm.c can be read, and
 * changed by nobody.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/memfile.h"
#include "tests/unit/util.h"

static void
test_contents(void **state)
{
	static const char	 text[] = "contents";
	static char		 big[100000];
	char			*map;
	int			 fd;

	(void)state;
	assert_true((fd = memfile_create("name", text, 8)) != -1);
	assert_true(util_is_cloexec(fd));
	assert_non_null(map = memfile_map(fd, 8));
	assert_memory_equal(map, text, 8);
	assert_null(memfile_map(fd, 9));
	assert_int_equal(errno, EPROTO);
	close(fd);
	assert_memory_equal(map, text, 8);
	assert_int_equal(munmap(map, 8), 0);

	memset(big, 'b', sizeof(big));
	assert_true((fd = memfile_create("name", big, sizeof(big))) != -1);
	assert_non_null(map = memfile_map(fd, sizeof(big)));
	assert_memory_equal(map, big, sizeof(big));
	assert_int_equal(munmap(map, sizeof(big)), 0);
	close(fd);
}

static void
test_read_only(void **state)
{
	void	*map;
	int	 fd;

	(void)state;
	assert_true((fd = memfile_create("name", "contents", 8)) != -1);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(ftruncate(fd, 0), -1);
	map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_equal(map, MAP_FAILED);
	assert_int_equal(errno, EACCES);
	close(fd);
}

/* Neither of the two descriptors that it takes is left. */
static void
test_faults(void **state)
{
	size_t	 fds = util_count_fds();
	int	 fd, more, error;

	(void)state;
	for (more = 0; more < 2; more++) {
		util_limit_fds(more);
		fd = memfile_create("name", "x", 1);
		error = errno;
		util_unlimit_fds();
		assert_int_equal(fd, -1);
		assert_int_equal(error, EMFILE);
		assert_int_equal(util_count_fds(), fds);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_contents),
		UTIL_TEST(test_read_only),
		UTIL_TEST(test_faults)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
