/*
 * test_workerlog.c: which records the controller accepts from a worker that it
 * does not trust, and when.
 */

#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "controller/workerlog.h"
#include "sandbox/commands.h"
#include "tests/unit/util.h"

static struct channel		 worker;
static uint8_t			 buf[CHANNEL_MAX];
static int			 fds[2];
static struct workerlog		 workerlog;
static struct workerlog_request	 request;
static struct options		 options;
static int			 saved_stderr;

static void
workerlog_begin(const char *command)
{
	int	 null;

	assert_int_equal(dgram_pair_seq(fds), 0);
	channel_init(&worker, fds[1]);
	memset(&options, 0, sizeof(options));
	options.command = commands_find(command);
	assert_non_null(options.command);
	/* Keep its messages off the terminal. */
	saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_true((null = open("/dev/null", O_WRONLY)) >= 0);
	assert_true(dup2(null, STDERR_FILENO) >= 0);
	close(null);
	workerlog_init(&workerlog, &options);
}

static void
workerlog_finish(void)
{
	workerlog_end(&workerlog, STATUS_FATAL, 0);
	assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
	close(saved_stderr);
	close(fds[0]);
	close(fds[1]);
}

/* Let the workerlog take the next message of the worker. */
static int
take(void)
{
	struct fdmsg	 m;
	ssize_t		 n;

	n = fdmsg_recv(fds[0], buf, sizeof(buf), 0, &m);
	assert_true(n > 0);
	return workerlog_take(&workerlog, buf, (size_t)n, &request);
}

static void
test_hand_off(void **state)
{
	(void)state;
	workerlog_begin("create");
	assert_int_equal(channel_put_address(&worker, CHANNEL_ARCHIVE, "/a"),
	    0);
	assert_int_equal(take(), 0);
	assert_int_equal(request.what, CHANNEL_ARCHIVE);
	assert_string_equal(request.address, "/a");
	/* It may come once, and not for a log that does not exist. */
	assert_int_equal(channel_put_address(&worker, CHANNEL_ARCHIVE, "/a"),
	    0);
	assert_int_equal(take(), -1);
	assert_int_equal(channel_put_address(&worker, CHANNEL_LOG, "/a"), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
	/* It may not come after confinement. */
	workerlog_begin("create");
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_address(&worker, CHANNEL_ARCHIVE, "/a"),
	    0);
	assert_int_equal(take(), -1);
	workerlog_finish();
}

/* Standard output is handed over only to who was told to write there. */
static void
test_output(void **state)
{
	bool	 wanted[] = { false, true };
	size_t	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		workerlog_begin("extract");
		options.to_stdout = wanted[i];
		assert_int_equal(channel_put_address(&worker, CHANNEL_OUTPUT,
		    "/a"), 0);
		assert_int_equal(take(), wanted[i] ? 0 : -1);
		if (wanted[i])
			assert_int_equal(request.what, CHANNEL_OUTPUT);
		workerlog_finish();
	}
}

/* Let the worker ask for a number.  What the workerlog says. */
static int
ask_id(const char *command, const char *name, bool confined)
{
	struct wire_out	 out;
	uint8_t		 msg[1024];
	int		 ret;

	workerlog_begin(command);
	if (confined) {
		assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
		assert_int_equal(take(), 0);
	}
	wire_out_init(&out, msg, sizeof(msg));
	wire_put_u8(&out, CHANNEL_ID);
	wire_put_u8(&out, CHANNEL_USER);
	wire_put_str(&out, name);
	assert_int_equal(wire_put_end(&out), 0);
	ret = workerlog_take(&workerlog, msg, out.len, &request);
	workerlog_finish();
	return ret;
}

/* Only who restores owners may ask, confined, and for a possible name. */
static void
test_id(void **state)
{
	char	 name[CHANNEL_OWNER_MAX + 1];

	(void)state;
	assert_int_equal(ask_id("extract", "root", true), 0);
	assert_true(request.number);
	assert_true(request.known);
	assert_int_equal(request.id, 0);
	assert_int_equal(ask_id("extract", "no such user", true), 0);
	assert_true(request.number);
	assert_false(request.known);
	assert_int_equal(ask_id("extract", "root", false), -1);
	assert_int_equal(ask_id("create", "root", true), -1);
	assert_int_equal(ask_id("verify", "root", true), -1);
	memset(name, 'a', sizeof(name));
	name[CHANNEL_OWNER_MAX] = '\0';
	assert_int_equal(ask_id("extract", name, true), -1);
}

/* The worker may continue as another process once, before confinement. */
static void
test_process(void **state)
{
	(void)state;
	workerlog_begin("verify");
	assert_int_equal(channel_put_process(&worker, 4711), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(request.process, 4711);
	assert_int_equal(request.what, 0);
	assert_int_equal(channel_put_process(&worker, 4712), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
	workerlog_begin("verify");
	assert_int_equal(channel_put_process(&worker, 1), 0);
	assert_int_equal(take(), -1);
	assert_int_equal(channel_put_process(&worker, -1), 0);
	assert_int_equal(take(), -1);
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_process(&worker, 4711), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
}

static void
test_end(void **state)
{
	struct tally	 t;

	(void)state;
	memset(&t, 0, sizeof(t));
	/* It may not come before confinement, after a failure, or twice. */
	workerlog_begin("create");
	assert_int_equal(channel_put_tally(&worker, CHANNEL_DONE, &t), 0);
	assert_int_equal(take(), -1);
	assert_false(workerlog.done);
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), -1);
	t.files = 5;
	assert_int_equal(channel_put_tally(&worker, CHANNEL_DONE, &t), 0);
	assert_int_equal(take(), 0);
	assert_true(workerlog.done);
	assert_int_equal(workerlog.tally.files, 5);
	assert_int_equal(channel_put_tally(&worker, CHANNEL_DONE, &t), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
	workerlog_begin("create");
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_report(&worker, REPORT_FATAL, "", "x"), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_tally(&worker, CHANNEL_DONE, &t), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
}

/* What a worker says of where it is counts once it is confined. */
static void
test_where(void **state)
{
	const struct channel_where	 where = { false, 1, 2, 3, 4 };

	(void)state;
	workerlog_begin("create");
	assert_int_equal(channel_put_where(&worker, &where, "x"), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(take(), -1);
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_where(&worker, &where, "x"), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(take(), 0);
	assert_string_equal(buf_str(&workerlog.progress.name), "x");
	assert_int_equal(workerlog.progress.where.total, 4);
	workerlog_finish();
}

static void
test_command(void **state)
{
	struct entry	 e;

	(void)state;
	entry_init(&e, "a");
	workerlog_begin("create");
	assert_int_equal(channel_put_entry(&worker, &e), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
	/* Only a dry run counts directories, once the worker is confined. */
	workerlog_begin("create");
	assert_int_equal(channel_put_confined(&worker, 0, 0), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(channel_put_subtotal(&worker, "d", 1, 1), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(take(), -1);
	workerlog_finish();
	workerlog_begin("list");
	assert_int_equal(channel_put_entry(&worker, &e), 0);
	assert_int_equal(channel_flush(&worker), 0);
	assert_int_equal(take(), 0);
	/* OWNER, user 0: list needs no names. */
	memset(buf, 0, 6);
	buf[0] = CHANNEL_OWNER;
	buf[1] = CHANNEL_USER;
	assert_int_equal(workerlog_take(&workerlog, buf, 6, &request), -1);
	workerlog_finish();
	workerlog_begin("create");
	memset(buf, 0, 12);
	buf[0] = buf[6] = CHANNEL_OWNER;
	buf[1] = buf[7] = CHANNEL_USER;
	assert_int_equal(workerlog_take(&workerlog, buf, 6, &request), 0);
	assert_string_equal(request.name, "root");
	/* A message may have one question. */
	assert_int_equal(workerlog_take(&workerlog, buf, 12, &request), -1);
	workerlog_finish();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_hand_off),
		UTIL_TEST(test_output),
		UTIL_TEST(test_id),
		UTIL_TEST(test_process),
		UTIL_TEST(test_end),
		UTIL_TEST(test_where),
		UTIL_TEST(test_command)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
