/*
 * util.h: what the unit tests share.
 *
 * Every test runs between util_setup() and util_teardown(): whatever it leaves
 * behind, descriptors, children or files outside its directory, fails it.
 */

#ifndef UTIL_H
#define UTIL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/confine/feature.h"

#define UTIL_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, util_teardown)

/* An unprivileged user that exists everywhere and owns nothing. */
#define UTIL_NOBODY	65534

/*
 * Note what is open, and make a temporary directory of mode 0711.  The umask
 * is 022, the limit on descriptors the soft one, and what is logged is kept.
 */
int		 util_setup(void **state);
/* Remove the directory, restore all; fail if anything is left over. */
int		 util_teardown(void **state);

/* The test's directory, and a path in it; the string is of static storage. */
const char	*util_dir(void);
const char	*util_path(const char *name);

/* Skip the test and say why: "needs ...".  cmocka's skip() says nothing. */
void		 util_skip(const char *why);
/* Skip the test unless it runs as root. */
void		 util_need_root(void);
/* Skip the test unless the kernel has it for the user that runs the test. */
void		 util_need(enum feature);
/* The same for all tests of a program, at the start of main(). */
void		 util_program_needs(enum feature);

/* The last text that was logged, or "". */
const char	*util_logged(void);

/* Make a file with a text in it. */
void		 util_write_file(const char *path, const char *text);
/* True if a descriptor reads as the text, from its offset to its end. */
bool		 util_fd_reads(int fd, const char *text);
bool		 util_is_cloexec(int fd);
bool		 util_exists(const char *path);
/* True if both are the same file. */
bool		 util_same_file(int fd, int other);
/* Wait for it; milliseconds that no event of a test needs. */
bool		 util_readable(int fd);

/* Count the open descriptors. */
size_t		 util_count_fds(void);
/* Let `more' descriptors be opened and no further one; and undo it. */
void		 util_limit_fds(int more);
void		 util_unlimit_fds(void);

/*
 * Run f in a child process, which ends with what f returns, or by SIGABRT if
 * an assertion fails.  The status as of waitpid(2).
 */
int		 util_run(int (*f)(void *), void *arg);
/* The same in pieces; a child that was started must be waited for. */
pid_t		 util_start(int (*f)(void *), void *arg);
int		 util_wait(pid_t);
/* The value of a line of /proc/PID/status, "" if there is none. */
void		 util_status(pid_t, const char *key, char *value,
		    size_t size);
/* Become an unprivileged user for good.  0, or -1. */
int		 util_become(uid_t);

/*
 * A message with its header as given, right or wrong; the length is that of
 * the whole.  Returns that length.
 */
struct util_header {
	uint16_t	 type;
	uint32_t	 id;
	uint16_t	 items;
	uint16_t	 fds;
	uint32_t	 flags;
	uint32_t	 generation;
};
size_t		 util_message(void *buf, size_t size,
		    const struct util_header *, const void *body, size_t len);

/* A random number below n, from a sequence that is the same in every run. */
uint32_t	 util_random(uint32_t n);

#endif /* UTIL_H */
