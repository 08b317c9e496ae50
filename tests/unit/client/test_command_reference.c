/*
 * test_command_reference.c: references to commands: a text that only the
 * process which made it can turn back into the command.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "client/fdbroker.h"
#include "tests/unit/util.h"

/* Descriptors that the commands took. */
static int	 calls;

static int
take_and_count(void *arg, int fd)
{
	(void)arg;
	calls++;
	close(fd);
	return 0;
}

static int
decode_elsewhere(void *arg)
{
	struct fdb_command	*c;

	if (fdb_command_decode(&c, arg) == 0 || c != NULL)
		return 1;
	return errno == EXDEV ? 0 : 2;
}

static int
decode_as_other(void *arg)
{
	struct fdb_command	*c;

	if (util_become(UTIL_NOBODY) == -1)
		return 1;
	return fdb_command_decode(&c, arg) == -1 && errno == EPERM ? 0 : 2;
}

static void
expect_no_reference(const char *text, int error)
{
	struct fdb_command	*c = (struct fdb_command *)&error;

	errno = 0;
	assert_int_equal(fdb_command_decode(&c, text), -1);
	assert_int_equal(errno, error);
	assert_null(c);
}

/* A child sends the text on a journey and back. */
static int
return_text(void *arg)
{
	int	*fds = arg;
	char	 text[FDB_REFERENCE_MAX];

	return read(fds[0], text, sizeof(text)) == sizeof(text) &&
	    write(fds[0], text, sizeof(text)) == sizeof(text) ? 0 : 1;
}

static void
test_reference(void **state)
{
	struct fdb_command	*c, *same, *other;
	char			 text[FDB_REFERENCE_MAX];
	char			 more[2 * FDB_REFERENCE_MAX], *p;
	pid_t			 pid;
	int			 fds[2];
	size_t			 i, len;

	(void)state;
	assert_int_equal(fdb_command_object(&c, take_and_count, NULL), 0);
	assert_int_equal(fdb_command_object(&other, take_and_count, NULL), 0);
	assert_int_equal(fdb_command_encode(c, text), 0);
	assert_int_equal(fdb_command_encode(other, more), 0);
	assert_string_not_equal(text, more);
	assert_int_equal(fdb_command_encode(c, more), 0);
	assert_string_equal(text, more);
	/* To another process and back. */
	assert_int_equal(dgram_pair_stream(fds), 0);
	pid = util_start(return_text, &fds[1]);
	assert_int_equal(write(fds[0], text, sizeof(text)), sizeof(text));
	memset(more, 0, sizeof(more));
	assert_int_equal(read(fds[0], more, sizeof(text)), sizeof(text));
	assert_int_equal(util_wait(pid), 0);
	fd_close_all(fds, 2);
	assert_int_equal(fdb_command_decode(&same, more), 0);
	assert_ptr_equal(same, c);
	calls = 0;
	assert_int_equal(fdb_command_send(same, 0, FDB_READ, -1), 0);
	assert_int_equal(calls, 1);
	fdb_command_free(c);
	assert_int_equal(fdb_command_send(same, 0, FDB_READ, -1), 0);

	/* Elsewhere. */
	assert_int_equal(util_run(decode_elsewhere, text), 0);
	if (geteuid() == 0)
		assert_int_equal(util_run(decode_as_other, text), 0);
	/* Changed, byte by byte. */
	len = strlen(text);
	for (i = 0; i < len; i++) {
		(void)strlcpy(more, text, sizeof(more));
		more[i] = more[i] == '0' ? '1' : '0';
		assert_int_equal(fdb_command_decode(&c, more), -1);
		assert_null(c);
		(void)strlcpy(more, text, i + 1);
		assert_int_equal(fdb_command_decode(&c, more), -1);
		assert_int_equal(errno, EINVAL);
	}
	(void)strlcpy(more, text, sizeof(more));
	more[len - 1] = more[len - 1] == '0' ? '1' : '0';
	expect_no_reference(more, ESTALE);
	(void)strlcpy(more, text, sizeof(more));
	p = more + strlen("fdb-command:1:");
	*p = *p == '0' ? '1' : '0';
	expect_no_reference(more, EREMOTE);
	expect_no_reference("", EINVAL);
	expect_no_reference("fdb-command:1:", EINVAL);
	expect_no_reference("fdb-command:1::::", EINVAL);
	memset(more, 'f', sizeof(more));
	more[sizeof(more) - 1] = '\0';
	expect_no_reference(more, EINVAL);
	/* Its last user has gone. */
	fdb_command_free(same);
	expect_no_reference(text, ESTALE);
	fdb_command_free(other);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_reference)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
