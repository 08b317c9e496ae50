/*
 * test_names.c: the names process and its lookup processes, with lookups of
 * the test in place of the name service, and the test as the supervisor.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "ipc/msg.h"
#include "ipc/nameask.h"
#include "ipc/types.h"
#include "names/answerer.h"
#include "names/names.h"
#include "tests/unit/util.h"

/* What the lookup of a user with this name does. */
#define HANG	"hang"
#define CRASH	"crash"
#define LEAVE	"leave"
#define GARBAGE	"garbage"
#define FORGE	"forge"
#define DOUBLE	"double"

#define NAMES_TEST(f) \
	cmocka_unit_test_setup_teardown(f, util_setup, teardown)

static int	 channel[2] = { -1, -1 };	/* the test's is 0 */
static pid_t	 names;
static char	 line[IPC_TEXT_MAX];	/* the last that was logged */
static bool	 logged_kill;

static void
hang(void)
{
	const struct timespec	 long_time = { .tv_sec = 3600 };

	for (;;)
		(void)nanosleep(&long_time, NULL);
}

/* Answer in place of the names process. */
static void
forge(uint32_t id)
{
	struct nameanswer	 a;

	memset(&a, 0, sizeof(a));
	a.id = id;
	(void)nameask_send_part(ANSWERER_CHANNEL_FD, &a);
}

static void *
thread_main(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

/*
 * A module waits, has threads, maps code from a file, and asks elsewhere.  The
 * number of the first attempt that fails, or 0.
 */
static uint32_t
module_needs(void)
{
	static const int	 families[] = { AF_UNIX, AF_INET, AF_INET6 };
	const struct timespec	 blink = { .tv_nsec = 1 };
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	pthread_t		 thread;
	size_t			 i;
	int			 fd, ran = 0;

	if (nanosleep(&blink, NULL) == -1)
		return 1;
	if (pthread_create(&thread, NULL, thread_main, &ran) != 0 ||
	    pthread_join(thread, NULL) != 0 || ran != 1)
		return 2;
	if ((fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) == -1 ||
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) ==
	    MAP_FAILED)
		return 3;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		fd = socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd == -1 && errno != EAFNOSUPPORT)
			return 4;
		fd_close(&fd);
	}
	if ((fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC)) == -1)
		return 5;
	fd_close(&fd);
	/* Nobody listens there; but it may ask. */
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons(1);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && connect(fd, (struct sockaddr *)&sin,
	    sizeof(sin)) == -1 && errno == EACCES)
		return 6;
	fd_close(&fd);
	return 0;
}

static bool
has_limit(int resource, rlim_t value)
{
	struct rlimit	 rl;

	return getrlimit(resource, &rl) == 0 && rl.rlim_max == value;
}

/* What it may not do.  The number of the first attempt that succeeds, or 0. */
static uint32_t
module_may_not(void)
{
	static char		 name[] = "true";
	char			*argv[] = { name, NULL };
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	int			 fd;

	if (open(util_path("writable"), O_WRONLY) != -1)
		return 11;
	if (open(util_path("open/new"), O_WRONLY | O_CREAT, 0600) != -1)
		return 12;
	if (mkdir(util_path("open/dir"), 0700) != -1)
		return 13;
	if (unlink(util_path("open/there")) != -1)
		return 14;
	(void)execv("/bin/true", argv);
	if (fork() != -1)
		return 15;
	if (kill(getppid(), SIGKILL) != -1)
		return 16;
	if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) != -1)
		return 17;
	if (mmap(NULL, 4096, PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 18;
	if (setuid(0) != -1 || geteuid() != UTIL_NOBODY ||
	    getegid() != UTIL_NOBODY)
		return 19;
	if (socket(AF_PACKET, SOCK_RAW, 0) != -1 ||
	    socket(AF_NETLINK, SOCK_RAW, 12) != -1)
		return 20;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd != -1 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != -1 &&
	    listen(fd, 1) != -1)
		return 21;
	if (!has_limit(RLIMIT_CORE, 0) || !has_limit(RLIMIT_FSIZE, 0) ||
	    !has_limit(RLIMIT_NOFILE, 256))
		return 22;
#ifndef FDB_SANITIZED
	if (!has_limit(RLIMIT_AS, 1 << 30))
		return 23;
#endif
	/* It has its channel and nothing else. */
	if (fcntl(ANSWERER_CHANNEL_FD, F_GETFD) == -1)
		return 24;
	return 0;
}

static int
fake_user(const char *name, uint32_t *uid, uint32_t *gid)
{
	if (strcmp(name, HANG) == 0)
		hang();
	if (strcmp(name, CRASH) == 0)
		(void)raise(SIGSEGV), _exit(1);
	if (strcmp(name, LEAVE) == 0)
		_exit(0);
	if (strcmp(name, GARBAGE) == 0)
		(void)fdmsg_send(ANSWERER_CHANNEL_FD, "junk", 4, NULL, 0);
	if (strcmp(name, FORGE) == 0)
		forge(4711);
	if (strcmp(name, DOUBLE) == 0)
		forge(9);
	*gid = 0;
	if (strcmp(name, "needs") == 0)
		*uid = module_needs();
	else if (strcmp(name, "may not") == 0)
		*uid = module_may_not();
	else if (strcmp(name, "pid") == 0)
		*uid = (uint32_t)getpid();
	else if (strcmp(name, "ann") == 0) {
		*uid = 1001;
		*gid = 1002;
	} else {
		errno = strcmp(name, "broken") == 0 ? ECONNREFUSED :
		    strcmp(name, "full") == 0 ? EMFILE : ENOENT;
		return -1;
	}
	return 0;
}

static int
fake_group(const char *name, uint32_t *gid)
{
	*gid = 1003;
	errno = ENOENT;
	return strcmp(name, "staff") == 0 ? 0 : -1;
}

/* The user is in as many groups as its number says. */
static int
fake_groups(uint32_t uid, uint32_t *gid, uint32_t **gids, size_t *ngids)
{
	size_t	 i;

	*gid = 1002;
	*ngids = uid;
	if ((*gids = calloc(uid + 1, sizeof(**gids))) == NULL)
		return -1;
	for (i = 0; i < uid; i++)
		(*gids)[i] = (uint32_t)(i + 5);
	return 0;
}

static int
fake_person(uint32_t uid, char name[LOOKUP_NAME_MAX],
    char home[LOOKUP_HOME_MAX])
{
	(void)strlcpy(name, "ann", LOOKUP_NAME_MAX);
	(void)strlcpy(home, "/home/ann", LOOKUP_HOME_MAX);
	errno = ENOENT;
	return uid == 1000 ? 0 : -1;
}

static int
fake_numbers(bool all_groups, struct idset *set)
{
	uint32_t	 ids[] = { 0, 1, 2, 1000 };

	errno = ECONNREFUSED;
	return all_groups ? -1 : idset_make(set, ids, 4);
}

static const struct lookups	 fakes = {
	.user = fake_user, .group = fake_group, .groups = fake_groups,
	.person = fake_person, .numbers = fake_numbers
};

static int
be_names(void *arg)
{
	fd_close(&channel[0]);
	names_run(channel[1], arg, &fakes);
}

/* Receive a message; log lines are kept and passed over.  Its type. */
static unsigned int
hear(struct wire_in *in)
{
	static uint8_t		 buf[PROTO_HEADER + NAMEASK_ANSWER_BYTES];
	struct pollfd		 pfd = { .fd = channel[0], .events = POLLIN };
	struct proto_header	 h;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	for (;;) {
		assert_int_equal(poll(&pfd, 1, 60000), 1);
		n = fdmsg_recv(channel[0], buf, sizeof(buf), 0, &m);
		assert_true(n > 0);
		assert_int_equal(ipc_check(buf, (size_t)n, m.nfds, &h, in,
		    &why), 0);
		if (h.type != IPC_LOG)
			return h.type;
		(void)wire_get_u8(in);
		wire_get_str(in, line, sizeof(line));
		if (strcmp(line, "name service: user \"hang\": no answer in "
		    "time; the lookup process is killed") == 0)
			logged_kill = true;
	}
}

static void
begin(void)
{
	static struct namesetup	 ns = { .uid = UTIL_NOBODY,
				    .gid = UTIL_NOBODY };
	struct wire_in		 in;

	util_need_root();
	util_need(FEATURE_SECCOMP);
	util_need(FEATURE_LANDLOCK);
	line[0] = '\0';
	assert_return_code(dgram_pair_seq(channel), errno);
	names = util_start(be_names, &ns);
	fd_close(&channel[1]);
	assert_int_equal(hear(&in), IPC_STARTED);
}

static int
wait_names(void)
{
	pid_t	 pid = names;

	names = 0;
	return util_wait(pid);
}

static void
end(void)
{
	fd_close(&channel[0]);
	assert_int_equal(wait_names(), 0);
}

/* After an assertion that failed, too. */
static int
teardown(void **state)
{
	fd_close(&channel[0]);
	if (names > 0)
		(void)wait_names();
	return util_teardown(state);
}

static void
ask(uint32_t id, enum nameask_kind kind, uint32_t uid, const char *name)
{
	struct nameask	 q = { .id = id, .kind = (uint8_t)kind, .uid = uid };

	(void)strlcpy(q.name, name, sizeof(q.name));
	assert_return_code(nameask_send(channel[0], &q), errno);
}

static void
hear_answer(struct nameanswer *a)
{
	struct wire_in	 in;

	assert_int_equal(hear(&in), IPC_NAME_ANSWER);
	nameask_get_answer(&in, a);
	assert_int_equal(wire_get_end(&in), 0);
}

static void
expect(uint32_t id, uint32_t error, uint32_t uid, uint32_t gid)
{
	static struct nameanswer	 a;

	hear_answer(&a);
	assert_int_equal(a.id, id);
	assert_int_equal(a.error, error);
	assert_int_equal(a.uid, uid);
	assert_int_equal(a.gid, gid);
	assert_false(a.more);
	assert_int_equal(a.ngids, 0);
}

/* The groups of one user, in as many messages as they take. */
static void
expect_groups(uint32_t id, size_t n, size_t messages)
{
	static struct nameanswer	 a;
	size_t				 i, got = 0;

	while (messages-- > 0) {
		hear_answer(&a);
		assert_int_equal(a.id, id);
		assert_int_equal(a.error, 0);
		assert_int_equal(a.gid, 1002);
		assert_int_equal(a.more, messages > 0);
		for (i = 0; i < a.ngids; i++)
			assert_int_equal(a.gids[i], got++ + 5);
	}
	assert_int_equal(got, n);
}

static void
test_answers(void **state)
{
	static struct nameanswer	 a;

	(void)state;
	begin();
	ask(1, NAMEASK_USER, 0, "ann");
	expect(1, 0, 1001, 1002);
	ask(2, NAMEASK_USER, 0, "bob");
	expect(2, ENOENT, 0, 0);
	ask(3, NAMEASK_USER, 0, "broken");
	expect(3, ECONNREFUSED, 0, 0);
	assert_string_equal(line, "name service: user \"broken\": Connection "
	    "refused");
	ask(4, NAMEASK_GROUP, 0, "staff");
	expect(4, 0, 0, 1003);
	ask(5, NAMEASK_GROUP, 0, "none");
	expect(5, ENOENT, 0, 1003);
	ask(4, NAMEASK_PERSON, 1000, "");
	hear_answer(&a);
	assert_int_equal(a.id, 4);
	assert_int_equal(a.uid, 1000);
	assert_string_equal(a.name, "ann");
	assert_string_equal(a.home, "/home/ann");
	ask(5, NAMEASK_PERSON, 1001, "");
	expect(5, ENOENT, 1001, 0);
	ask(6, NAMEASK_UIDS, 0, "");
	hear_answer(&a);
	assert_int_equal(a.id, 6);
	assert_int_equal(a.ngids, 4);
	assert_int_equal(a.gids[0], 0);
	assert_int_equal(a.gids[1], 2);
	assert_int_equal(a.gids[2], 1000);
	assert_int_equal(a.gids[3], 1000);
	ask(6, NAMEASK_GIDS, 0, "");
	expect(6, ECONNREFUSED, 0, 0);
	assert_string_equal(line, "name service: list of all groups: "
	    "Connection refused");
	ask(6, NAMEASK_GROUPS, 0, "");
	expect_groups(6, 0, 1);
	ask(7, NAMEASK_GROUPS, 65, "");
	expect_groups(7, 65, 1);
	ask(8, NAMEASK_GROUPS, NAMEASK_GIDS_MAX, "");
	expect_groups(8, NAMEASK_GIDS_MAX, 1);
	ask(9, NAMEASK_GROUPS, NAMEASK_GROUPS_MAX, "");
	expect_groups(9, NAMEASK_GROUPS_MAX, 8);
	end();
}

/* More groups than there can be are a failure, not a part of them. */
static void
test_too_many_groups(void **state)
{
	static struct nameanswer	 a;
	size_t				 i;

	(void)state;
	begin();
	ask(1, NAMEASK_GROUPS, NAMEASK_GROUPS_MAX + 1, "");
	for (i = 0; i < 8; i++)
		hear_answer(&a);
	expect(1, EIO, 0, 0);
	assert_non_null(strstr(line, "groups of uid 65537: the lookup process "
	    "sent a wrong answer"));
	ask(2, NAMEASK_USER, 0, "ann");
	expect(2, 0, 1001, 1002);
	end();
}

static uint32_t
lookup_pid(void)
{
	static struct nameanswer	 a;

	ask(77, NAMEASK_USER, 0, "pid");
	hear_answer(&a);
	assert_int_equal(a.id, 77);
	return a.uid;
}

/*
 * A lookup that never returns delays no other, is answered in the end, and its
 * process is killed.
 */
static void
test_hangs(void **state)
{
	static struct nameanswer	 a;
	bool				 seen[102] = { false };
	uint32_t			 i, n;

	(void)state;
	begin();
	for (i = 1; i < NAMES_LOOKUPS; i++)
		ask(i, NAMEASK_USER, 0, HANG);
	ask(100, NAMEASK_USER, 0, "ann");
	expect(100, 0, 1001, 1002);
	/* Now all processes have one, and the next question waits. */
	ask(i, NAMEASK_USER, 0, HANG);
	ask(101, NAMEASK_USER, 0, "ann");
	for (n = 0; n <= NAMES_LOOKUPS; n++) {
		hear_answer(&a);
		if (a.id == 101)
			assert_true(a.error == ETIMEDOUT || a.uid == 1001);
		else
			assert_int_equal(a.error, ETIMEDOUT);
		assert_true(a.id == 101 || a.id <= NAMES_LOOKUPS);
		assert_false(seen[a.id]);
		seen[a.id] = true;
	}
	assert_true(logged_kill);
	ask(102, NAMEASK_USER, 0, "ann");
	expect(102, 0, 1001, 1002);
	end();
}

/* Whatever a lookup process does, its question is answered, and the next. */
static void
test_misbehaves(void **state)
{
	static const struct {
		const char	*name, *logged;
	} cases[] = {
		{ CRASH, "the lookup process ended" },
		{ LEAVE, "the lookup process ended" },
		{ GARBAGE, "the lookup process sent a bad message" },
		{ FORGE, "the lookup process sent a wrong answer" }
	};
	char		 expected[128];
	uint32_t	 pid;
	size_t		 i;

	(void)state;
	begin();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pid = lookup_pid();
		ask(5, NAMEASK_USER, 0, cases[i].name);
		expect(5, EIO, 0, 0);
		(void)snprintf(expected, sizeof(expected),
		    "name service: user \"%s\": %s", cases[i].name,
		    cases[i].logged);
		assert_string_equal(line, expected);
		assert_int_not_equal(lookup_pid(), pid);
	}
	/* A second answer counts for no other question. */
	pid = lookup_pid();
	ask(9, NAMEASK_USER, 0, DOUBLE);
	expect(9, 0, 0, 0);
	assert_int_not_equal(lookup_pid(), pid);
	end();
}

/* A process that may have lost descriptors is not asked again. */
static void
test_exhausted(void **state)
{
	uint32_t	 pid;

	(void)state;
	begin();
	pid = lookup_pid();
	assert_int_equal(lookup_pid(), pid);
	ask(1, NAMEASK_USER, 0, "full");
	expect(1, EMFILE, 0, 0);
	assert_int_not_equal(lookup_pid(), pid);
	end();
}

/* Processes that keep crashing are not started without end. */
static void
test_restarts(void **state)
{
	struct timespec	 from, to;
	uint32_t	 i;

	(void)state;
	begin();
	assert_return_code(clock_gettime(CLOCK_MONOTONIC, &from), errno);
	for (i = 0; i < 2 * NAMES_LOOKUPS + 4; i++) {
		ask(i, NAMEASK_USER, 0, CRASH);
		expect(i, EIO, 0, 0);
	}
	assert_return_code(clock_gettime(CLOCK_MONOTONIC, &to), errno);
	/* 16 at once, then 4 a second; it may have been slower. */
	assert_true((to.tv_sec - from.tv_sec) * 1000 +
	    (to.tv_nsec - from.tv_nsec) / 1000000 >= 500);
	end();
}

static void
test_confined(void **state)
{
	(void)state;
	util_write_file(util_path("writable"), "");
	assert_return_code(chmod(util_path("writable"), 0666), errno);
	assert_return_code(mkdir(util_path("open"), 0777), errno);
	assert_return_code(chmod(util_path("open"), 0777), errno);
	util_write_file(util_path("open/there"), "");
	begin();
	ask(1, NAMEASK_USER, 0, "needs");
	expect(1, 0, 0, 0);
	ask(2, NAMEASK_USER, 0, "may not");
	expect(2, 0, 0, 0);
	end();
}

/* The names process dies: so do lookups that hang. */
static void
test_dies(void **state)
{
#ifdef SYS_pidfd_open
	int	 fd;

	(void)state;
	begin();
	fd = (int)syscall(SYS_pidfd_open, (pid_t)lookup_pid(), 0);
	assert_return_code(fd, errno);
	ask(1, NAMEASK_USER, 0, HANG);
	assert_return_code(kill(names, SIGKILL), errno);
	(void)wait_names();
	assert_true(util_readable(fd));
	close(fd);
#else
	(void)state;
	util_skip("needs pidfd_open(2)");
#endif
}

/* What the supervisor never sends ends it. */
static void
test_refuses(void **state)
{
	static const uint16_t	 types[] = { IPC_SHARE, IPC_NAME_ANSWER,
				    IPC_NAMES, PROTO_HELLO };
	struct util_header	 uh = { .items = 1 };
	uint8_t			 buf[PROTO_HEADER + 4], body[4] = { 0 };
	size_t			 i, len;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		begin();
		uh.type = types[i];
		len = util_message(buf, sizeof(buf), &uh, body, sizeof(body));
		assert_return_code(fdmsg_send(channel[0], buf, len, NULL, 0),
		    errno);
		assert_int_equal(wait_names(), 0);
		fd_close(&channel[0]);
	}
	begin();
	uh.type = IPC_NAME_ASK;
	len = util_message(buf, sizeof(buf), &uh, body, sizeof(body));
	assert_return_code(fdmsg_send(channel[0], buf, len, NULL, 0), errno);
	assert_int_equal(wait_names(), 0);
	fd_close(&channel[0]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		NAMES_TEST(test_answers),
		NAMES_TEST(test_too_many_groups),
		NAMES_TEST(test_hangs),
		NAMES_TEST(test_misbehaves),
		NAMES_TEST(test_exhausted),
		NAMES_TEST(test_restarts),
		NAMES_TEST(test_confined),
		NAMES_TEST(test_dies),
		NAMES_TEST(test_refuses)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
