/*
 * test_command_lies.c: helpers of commands, and senders, that do not keep to
 * the protocol: each gives a documented error, and nothing is left.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "client/fdbroker.h"
#include "tests/unit/util.h"

#define WAIT_MS		60000	/* far more than any event of a test needs */

enum arrangement { PROCESS, REMOTE };

static const char *const	 names[] = { "process", "remote" };

static void
pair(int fds[2])
{
	assert_int_equal(dgram_pair_stream(fds), 0);
}

static size_t
count_sockets(void)
{
	struct dirent	*de;
	size_t		 n = 0;
	DIR		*dir;

	assert_non_null(dir = opendir(util_dir()));
	while ((de = readdir(dir)) != NULL)
		n += strncmp(de->d_name, "fdb-", 4) == 0;
	closedir(dir);
	return n;
}

/* What a peer says first; version 1. */
#define HELLO	"\1\0\0\0\0\0\0\10FDBCMD\0\1"
#define L(s)	s, sizeof(s) - 1

/* Helpers that lie: what they send, and the error. */
static const struct lie {
	const char	*what;
	const char	*bytes;
	size_t		 len;
	int		 error;
} lies[] = {
	{ "nothing", "", 0, EPIPE },
	{ "half a header", L("\1\0\0\0"), EPIPE },
	{ "no greeting", L("\4\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "a banner", L("Welcome to this machine.\n"), EPROTO },
	{ "another magic", L("\1\0\0\0\0\0\0\10FDBCMX\0\1"), EPROTO },
	{ "another version", L("\1\0\0\0\0\0\0\10FDBCMD\0\2"),
	    EPROTONOSUPPORT },
	{ "two greetings", L(HELLO HELLO), EPROTO },
	{ "type 0", L(HELLO "\0\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "type 9", L(HELLO "\11\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "an OPEN", L(HELLO "\2\0\0\0\0\0\0\1\1"), EPROTO },
	{ "stream 8", L(HELLO "\4\10\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "stream 1", L(HELLO "\4\1\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "reserved bits", L(HELLO "\4\0\0\1\0\0\0\4\0\0\0\0"), EPROTO },
	{ "a RESULT of 4 GB", L(HELLO "\4\0\0\0\377\377\377\377"), EPROTO },
	{ "a RESULT of 0 bytes", L(HELLO "\4\0\0\0\0\0\0\0"), EPROTO },
	{ "DATA of 0 bytes", L(HELLO "\5\0\0\0\0\0\0\0"), EPROTO },
	{ "DATA of 16385 bytes", L(HELLO "\5\0\0\0\0\0\100\1"), EPROTO },
	{ "DATA before RESULT", L(HELLO "\5\0\0\0\0\0\0\1x"), EPROTO },
	{ "an empty ADDRESS", L(HELLO "\3\0\0\0\0\0\0\0"), EPROTO },
	{ "ADDRESS with NUL", L(HELLO "\3\0\0\0\0\0\0\3/\0x"), EPROTO },
	{ "half an ADDRESS", L(HELLO "\3\0\0\0\0\0\0\5/x"), EPIPE }
};

/* Lies about a hand-off, and about a stream that runs. */
static const struct lie process_lies[] = {
	{ "no such socket", L(HELLO "\3\0\0\0\0\0\0\6/no/no"), ENOENT },
	{ "no socket", L(HELLO "\3\0\0\0\0\0\0\14/etc/passwd"), 0 },
	{ "two addresses", L(HELLO "\3\0\0\0\0\0\0\6/no/no\3\0\0\0\0\0\0\6"
	    "/no/no"), EPROTO },
	{ "a RESULT before the hand-off", L(HELLO
	    "\4\0\0\0\0\0\0\4\0\0\0\2"), EACCES },
	{ "an error without a number here", L(HELLO
	    "\4\0\0\0\0\0\0\4\377\377\377\377"), EIO }
};
static const struct lie remote_lies[] = {
	{ "an ADDRESS", L(HELLO "\3\0\0\0\0\0\0\6/no/no"), EPROTO },
	{ "an ACK of nothing", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\6\0\0\0\0\0\0\4\0\0\0\1"), EPROTO },
	{ "an ACK of 0", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\6\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "two RESULTs", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\4\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "DATA for who only reads", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\5\0\0\0\0\0\0\1x"), EPROTO },
	{ "END of that", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\7\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "STOP before END", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\10\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "two STOPs", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"
	    "\10\0\0\0\0\0\0\4\0\0\0\13\10\0\0\0\0\0\0\4\0\0\0\13"), EPROTO }
};

/* Hand a descriptor to a helper that says this, and then is gone. */
static void
expect_lie(enum arrangement how, const struct lie *l)
{
	struct fdb_command	*c;
	size_t			 fds = util_count_fds();
	int			 sv[2], p[2], ret, error;

	pair(sv);
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	if (l->len > 0)
		assert_int_equal(write(sv[1], l->bytes, l->len), l->len);
	assert_int_equal(shutdown(sv[1], SHUT_WR), 0);
	assert_int_equal(how == PROCESS ? fdb_command_process(&c, sv[0]) :
	    fdb_command_remote(&c, sv[0], sv[0]), 0);
	ret = fdb_command_send(c, p[0], FDB_READ, WAIT_MS);
	error = errno;
	/* After a good RESULT, it is told later. */
	if (ret == 0) {
		ret = fdb_command_finish(c, WAIT_MS);
		error = errno;
	}
	fdb_command_free(c);
	close(sv[1]);
	fd_close_all(p, 2);
	if (ret != -1 || (l->error != 0 && error != l->error))
		fail_msg("%s: %s: %d, %s", names[how], l->what, ret,
		    strerror(error));
	assert_int_equal(util_count_fds(), fds);
	assert_int_equal(count_sockets(), 0);
}

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_lies(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < N(lies); i++) {
		expect_lie(PROCESS, &lies[i]);
		expect_lie(REMOTE, &lies[i]);
	}
	for (i = 0; i < N(process_lies); i++)
		expect_lie(PROCESS, &process_lies[i]);
	for (i = 0; i < N(remote_lies); i++)
		expect_lie(REMOTE, &remote_lies[i]);
}

/* The helper's side against senders that lie. */
static int
take_nothing(void *arg, int fd)
{
	(void)arg;
	close(fd);
	return 0;
}

static const struct lie sender_lies[] = {
	{ "nothing", "", 0, 0 },
	{ "a greeting", L(HELLO), 0 },
	{ "half a header", L(HELLO "\2\0"), 0 },
	{ "no greeting", L("\2\0\0\0\0\0\0\1\1"), EPROTO },
	{ "another version", L("\1\0\0\0\0\0\0\10FDBCMD\1\1"),
	    EPROTONOSUPPORT },
	{ "access 0", L(HELLO "\2\0\0\0\0\0\0\1\0"), EPROTO },
	{ "access 5", L(HELLO "\2\0\0\0\0\0\0\1\5"), EPROTO },
	{ "access 8", L(HELLO "\2\0\0\0\0\0\0\1\10"), EPROTO },
	{ "OPEN of 2 bytes", L(HELLO "\2\0\0\0\0\0\0\2\1\1"), EPROTO },
	{ "a RESULT", L(HELLO "\4\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "an ADDRESS", L(HELLO "\3\0\0\0\0\0\0\1x"), EPROTO },
	{ "two OPENs", L(HELLO "\2\0\0\0\0\0\0\1\4\2\0\0\0\0\0\0\1\4"),
	    EPROTO },
	{ "DATA of nobody", L(HELLO "\5\0\0\0\0\0\0\1x"), EPROTO },
	{ "two ENDs", L(HELLO "\2\0\0\0\0\0\0\1\1\7\0\0\0\0\0\0\4\0\0\0\0"
	    "\7\0\0\0\0\0\0\4\0\0\0\0"), EPROTO },
	{ "DATA after END", L(HELLO "\2\0\0\0\0\0\0\1\1"
	    "\7\0\0\0\0\0\0\4\0\0\0\0\5\0\0\0\0\0\0\1x"), EPROTO },
	{ "STOP of nothing", L(HELLO "\2\0\0\0\0\0\0\1\1"
	    "\10\0\0\0\0\0\0\4\0\0\0\2"), EPROTO },
	{ "an unwanted hand-off", L(HELLO "\2\0\0\0\0\0\0\1\4"
	    "\10\0\0\0\0\0\0\4\0\0\0\6"), 0 },
	{ "a sender that dies before step 3", L(HELLO "\2\0\0\0\0\0\0\1\4"),
	    0 }
};

static void
test_sender_lies(void **state)
{
	const char	*old = getenv("TMPDIR");
	char		*tmpdir = old != NULL ? strdup(old) : NULL;
	size_t		 i, fds;
	int		 sv[2], ret;

	(void)state;
	assert_int_equal(setenv("TMPDIR", util_dir(), 1), 0);
	for (i = 0; i < N(sender_lies); i++) {
		fds = util_count_fds();
		pair(sv);
		if (sender_lies[i].len > 0)
			assert_int_equal(write(sv[1], sender_lies[i].bytes,
			    sender_lies[i].len), sender_lies[i].len);
		assert_int_equal(shutdown(sv[1], SHUT_WR), 0);
		errno = 0;
		ret = fdb_command_serve(sv[0], sv[0], take_nothing, NULL);
		if ((ret == -1 ? errno : 0) != sender_lies[i].error)
			fail_msg("%s: %d, %s", sender_lies[i].what, ret,
			    strerror(errno));
		close(sv[1]);
		assert_int_equal(util_count_fds(), fds);
		assert_int_equal(count_sockets(), 0);
	}
	if (tmpdir != NULL)
		assert_int_equal(setenv("TMPDIR", tmpdir, 1), 0);
	free(tmpdir);
}

/* The channel is checked, and closed if it is of no use. */
static void
test_channels(void **state)
{
	struct fdb_command	*c;
	size_t			 fds = util_count_fds();
	int			 p[2];

	(void)state;
	assert_return_code(pipe2(p, O_CLOEXEC), errno);
	assert_int_equal(fdb_command_process(&c, p[0]), -1);
	assert_int_equal(errno, ENOTSOCK);
	assert_null(c);
	close(p[1]);
	assert_int_equal(dgram_pair(p), 0);
	assert_int_equal(fdb_command_process(&c, p[0]), -1);
	assert_int_equal(errno, EPROTOTYPE);
	close(p[1]);
	assert_int_equal(fdb_command_remote(&c, -1, -1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(util_count_fds(), fds);
}

static int
serve_unread(void *arg)
{
	int	*in = arg, out[2];

	(void)signal(SIGPIPE, SIG_DFL);
	if (pipe2(out, O_CLOEXEC) == -1)
		return 1;
	close(out[0]);
	return fdb_command_serve(in[0], out[1], take_nothing, NULL) == 0 ?
	    0 : 1;
}

/* A sender that reads nothing raises no signal in the helper. */
static void
test_unread(void **state)
{
	int	 in[2];

	(void)state;
	assert_return_code(pipe2(in, O_CLOEXEC), errno);
	assert_int_equal(util_run(serve_unread, in), 0);
	fd_close_all(in, 2);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_lies),
		UTIL_TEST(test_sender_lies),
		UTIL_TEST(test_channels),
		UTIL_TEST(test_unread)
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
