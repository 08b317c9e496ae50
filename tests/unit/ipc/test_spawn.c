/*
 * test_spawn.c: the start of an opener, and the messages that it sends.
 *
 * This program is also the opener: under that name it reports on its channel
 * what it was started with.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/log.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "policy/role.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

extern char	**environ;

static struct setup	 setup;
static struct spawned	 spawned;
static struct spawn_news news;

/* Its descriptors, such as "0n 1n 2o 3s": null, other, socket. */
static void
opener_describe_fds(char *text, size_t size)
{
	struct stat	 st, null;
	size_t		 len = 0;
	int		 fd;

	text[0] = '\0';
	if (stat("/dev/null", &null) == -1)
		return;
	for (fd = 0; fd < 1024 && len < size; fd++) {
		if (fstat(fd, &st) == -1)
			continue;
		len += (size_t)snprintf(text + len, size - len, "%d%c ", fd,
		    st.st_rdev == null.st_rdev && S_ISCHR(st.st_mode) ? 'n' :
		    S_ISSOCK(st.st_mode) ? 's' : 'o');
	}
}

/* How many signals are blocked or ignored. */
static int
opener_odd_signals(void)
{
	struct sigaction	 sa;
	sigset_t		 set;
	int			 sig, n = 0;

	(void)sigprocmask(SIG_BLOCK, NULL, &set);
	for (sig = 1; sig < NSIG; sig++) {
		n += sigismember(&set, sig) == 1;
		if (sigaction(sig, NULL, &sa) == 0)
			n += sa.sa_handler == SIG_IGN;
	}
	return n;
}

/* Send a message of this type, with a number if it has items. */
static int
opener_say(int channel, uint16_t type, uint16_t nfds)
{
	uint8_t			 buf[PROTO_HEADER + sizeof(uint32_t)];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.items = type != PROTO_HANDOFF;
	h.fds = nfds;
	proto_begin(&w, buf, sizeof(buf));
	if (h.items > 0)
		wire_put_u32(&w, FDB_CONFINED_NNP);
	len = proto_finish(&w, &h);
	return fdmsg_send(channel, buf, len, &channel, nfds);
}

static int
opener_main(int argc)
{
	char	 fds[256], text[512];
	int	 channel = SETUP_CHANNEL_FD;
	size_t	 nenv = 0;
#ifdef FDB_SANITIZED
	const size_t	 expected = 1;
#else
	const size_t	 expected = 0;
#endif

	opener_describe_fds(fds, sizeof(fds));
	while (environ[nenv] != NULL)
		nenv++;
	if (setup_recv(channel, &setup) == -1)
		return 3;
	if (strcmp(setup.info.role, "garbage") == 0)
		return write(channel, "garbage", 7) == 7 ? 0 : 4;
	if (strcmp(setup.info.role, "descriptor") == 0)
		return fdmsg_send(channel, "x", 1, &channel, 1);
	if (strcmp(setup.info.role, "request") == 0)
		return opener_say(channel, PROTO_FORGET, 0);
	if (strcmp(setup.info.role, "start") == 0)
		return opener_say(channel, PROTO_HANDOFF, 1);
	if (strcmp(setup.info.role, "audit") == 0)
		return opener_say(channel, IPC_AUDIT, 0);
	if (strcmp(setup.info.role, "end") == 0)
		return opener_say(channel, IPC_END, 0);
	(void)snprintf(text, sizeof(text), "fds %ssignals %d environment %d "
	    "arguments %d role %s", fds, opener_odd_signals(),
	    nenv != expected, argc, setup.role->name);
	ipc_sink(&channel, LOG_INFO, text);
	return opener_say(channel, IPC_STARTED, 0) == 0 ? 0 : 5;
}

static void
make(const char *behaviour)
{
	setup_init(&setup);
	setup.role = client_role((const char *const[]){ "+", NULL });
	setup.sock = open("/dev/null", O_RDONLY | O_CLOEXEC);
	setup.client = open("/dev/null", O_RDONLY | O_CLOEXEC);
	setup.conn = open("/dev/null", O_RDONLY | O_CLOEXEC);
	setup.info.window = setup.info.batch = setup.info.tokens = 1;
	setup.info.bytes = PROTO_MAX;
	(void)strlcpy(setup.info.role, behaviour, sizeof(setup.info.role));
}

static void
start(const char *behaviour)
{
	make(behaviour);
	if (spawn_opener("/proc/self/exe", &setup, &spawned) == -1)
		fail_msg("%s", strerror(errno));
	setup_clear(&setup);
	assert_true(util_is_cloexec(spawned.channel));
}

/* Wait for a message, or for the end of the channel. */
static int
hear(void)
{
	assert_true(util_readable(spawned.channel));
	return spawn_read_channel(spawned.channel, &news);
}

static void
finish(int status)
{
	close(spawned.channel);
	assert_int_equal(util_wait(spawned.pid), status << 8);
}

/* The opener inherits no descriptor, signal or environment. */
static void
test_start(void **state)
{
	sigset_t	 set, old;
	int		 many[50], i;

	(void)state;
	for (i = 0; i < 50; i++)
		many[i] = open("/dev/zero", O_RDONLY);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	sigfillset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, &old);
	start("usual");
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGUSR1, SIG_DFL);
	fd_close_all(many, 50);
	assert_int_equal(hear(), IPC_LOG);
	assert_memory_equal(util_logged(), "fds 0n 1n 2", 11);
	assert_non_null(strstr(util_logged(), " 3s signals 0 environment 0 "
	    "arguments 1 role test"));
	assert_int_equal(hear(), IPC_STARTED);
	assert_int_equal(hear(), -1);
	assert_int_equal(errno, EPIPE);
	finish(0);
}

/* In a child: start it without some of the standard descriptors. */
static int
start_without(void *arg)
{
	const int	*mask = arg;
	int		 fd;

	for (fd = 0; fd < 3; fd++)
		if (*mask & (1 << fd))
			close(fd);
	start("usual");
	if (hear() != IPC_LOG)
		return 1;
	if (strstr(util_logged(), "fds 0n 1n 2") == NULL ||
	    strstr(util_logged(), " 3s signals") == NULL)
		return 2;
	/* Descriptor 2 is open, and is no channel. */
	if (strstr(util_logged(), " 2s ") != NULL)
		return 3;
	if (hear() != IPC_STARTED)
		return 4;
	finish(0);
	return 0;
}

static void
test_start_without(void **state)
{
	int	 mask;

	(void)state;
	for (mask = 0; mask < 8; mask++)
		if (util_run(start_without, &mask) != 0)
			fail_msg("without %#x", mask);
}

/* Messages that an opener may not send: one that was taken over. */
static void
test_wrong_words(void **state)
{
	static const char *const	 others[] = {
		"request", "audit", "end"
	};
	size_t				 i;

	(void)state;
	start("garbage");
	assert_int_equal(hear(), -1);
	assert_int_equal(errno, EPROTO);
	assert_non_null(strstr(util_logged(), "between our own processes"));
	finish(0);
	start("descriptor");
	assert_int_equal(hear(), -1);
	assert_int_equal(errno, EBADMSG);
	finish(0);
	start("start");
	assert_int_equal(hear(), -1);
	assert_int_equal(errno, EBADMSG);
	finish(0);
	/* Types that are not for a supervisor; a record that is too short. */
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		start(others[i]);
		assert_int_equal(hear(), -1);
		assert_int_equal(errno, EPROTO);
		finish(0);
	}
}

static void
test_no_program(void **state)
{
	(void)state;
	make("usual");
	assert_int_equal(spawn_opener(util_path("no"), &setup, &spawned), -1);
	assert_int_equal(errno, ENOENT);
	util_write_file(util_path("file"), "text");
	assert_int_equal(spawn_opener(util_path("file"), &setup, &spawned), -1);
	assert_int_equal(errno, EACCES);
	/* It looks executable, and is not. */
	assert_int_equal(chmod(util_path("file"), 0755), 0);
	if (spawn_opener(util_path("file"), &setup, &spawned) == 0) {
		assert_int_equal(hear(), -1);
		finish(127);
	}
	setup_clear(&setup);
}

/* SETUP cannot be sent: no process is left. */
static void
test_no_setup(void **state)
{
	size_t	 fds;

	(void)state;
	make("usual");
	fds = util_count_fds();
	setup.ngids = SETUP_GROUPS_MAX + 1;
	assert_int_equal(spawn_opener("/proc/self/exe", &setup, &spawned), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(spawned.pid, -1);
	assert_int_equal(spawned.channel, -1);
	assert_int_equal(util_count_fds(), fds);
	setup_clear(&setup);
}

/* Lines for the log, of several lengths and priorities. */
static void
test_lines(void **state)
{
	char	 text[2 * IPC_TEXT_MAX];
	size_t	 len;
	int	 p[2];

	(void)state;
	assert_return_code(dgram_pair_seq(p), errno);
	memset(text, 't', sizeof(text));
	for (len = IPC_TEXT_MAX - 2; len < sizeof(text); len += 300) {
		text[len] = '\0';
		ipc_sink(&p[0], LOG_ERR, text);
		text[len] = 't';
		assert_int_equal(spawn_read_channel(p[1], &news), IPC_LOG);
		assert_int_equal(strlen(util_logged()),
		    len < IPC_TEXT_MAX ? len : IPC_TEXT_MAX - 1);
	}
	ipc_sink(&p[0], 200, "priority");
	log_set_verbose(1);
	assert_int_equal(spawn_read_channel(p[1], &news), IPC_LOG);
	log_set_verbose(0);
	assert_string_equal(util_logged(), "priority");
	ipc_sink(&p[0], LOG_INFO, "100%s %n");
	assert_int_equal(spawn_read_channel(p[1], &news), IPC_LOG);
	assert_string_equal(util_logged(), "100%s %n");
	assert_int_equal(spawn_read_channel(p[1], &news), 0);
	/* A line is lost if nobody listens; that is no error. */
	close(p[1]);
	ipc_sink(&p[0], LOG_INFO, "lost");
	close(p[0]);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_start),
		UTIL_TEST(test_start_without),
		UTIL_TEST(test_wrong_words),
		UTIL_TEST(test_no_program),
		UTIL_TEST(test_no_setup),
		UTIL_TEST(test_lines)
	};

	if (strcmp(argv[0], "fdbroker-opener") == 0)
		return opener_main(argc);
	util_program_needs(FEATURE_MEMFD);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
