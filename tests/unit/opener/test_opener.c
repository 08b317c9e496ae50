/*
 * test_opener.c: the program fdbroker-opener: what it says if it cannot open
 * its roots, and what it does with orders during the session.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "client/fdbroker.h"
#include "ipc/event.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "opener/private.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define USER	64190

static struct spawned		 opener;
static struct spawn_news	 news;
static struct fdb_session	*session;
static char			 why[FDB_WHY_MAX];

static const char *
program(void)
{
	static char	 path[PROTO_PATH_MAX];
	const char	*dir = getenv("FDB_BUILDDIR");

	(void)snprintf(path, sizeof(path), "%s/fdbroker-opener",
	    dir != NULL ? dir : ".");
	if (access(path, X_OK) == -1)
		util_skip("needs fdbroker-opener, which is not built");
	return path;
}

/*
 * Start a private opener for a directory of the test.  The result of
 * fdb_attach().
 */
static int
start(const char *name)
{
	struct private_opener	 po;
	char			*roots[1];
	int			 type;
	socklen_t		 len = sizeof(type);

	assert_non_null(roots[0] = strdup(util_path(name)));
	if (private_prepare(&po) == -1 ||
	    private_start(program(), roots, 1, &po) == -1)
		fail_msg("%s: %s", program(), strerror(errno));
	free(roots[0]);
	opener.pid = po.pid;
	opener.channel = po.channel;
	/* Such a socket cannot send to any address but its peer. */
	assert_int_equal(getsockopt(po.sock, SOL_SOCKET, SO_TYPE, &type,
	    &len), 0);
	assert_int_equal(type, SOCK_SEQPACKET);
	return fdb_attach(&session, po.sock, 20000, why);
}

/* The type of its next message that is no line for the log. */
static int
hear(void)
{
	int	 type;

	do {
		if (!util_readable(opener.channel)) {
			(void)kill(opener.pid, SIGKILL);
			(void)util_wait(opener.pid);
			fail_msg("it neither says anything nor ends");
		}
		type = spawn_read_channel(opener.channel, &news);
	} while (type == IPC_LOG);
	return type;
}

static void
start_good(void)
{
	assert_int_equal(mkdir(util_path("dir"), 0755), 0);
	util_write_file(util_path("dir/file"), "text");
	if (start("dir") == -1)
		fail_msg("%s", why);
	assert_int_equal(hear(), IPC_STARTED);
	assert_true(news.confined & FDB_CONFINED_NNP);
}

/* Start it as the daemon does: as another user, in an empty directory. */
static void
start_daemons(void)
{
	const char	*rules[] = { "+dir", NULL };
	struct setup	 su;
	int		 p[2], conn[2];

	assert_int_equal(mkdir(util_path("empty"), 0755), 0);
	assert_int_equal(mkdir(util_path("dir"), 0755), 0);
	util_write_file(util_path("dir/file"), "text");
	assert_return_code(dgram_pair(p), errno);
	setup_init(&su);
	assert_return_code(dgram_pair_seq(conn), errno);
	su.sock = p[1];
	su.client = p[0];
	su.conn = conn[1];
	su.role = client_role(rules);
	su.uid = su.gid = su.peer_uid = su.peer_gid = UTIL_NOBODY;
	su.empty_dir = open(util_path("empty"), O_PATH | O_CLOEXEC);
	su.audit = AUDITMODE_NONE;
	su.info.id = 3;
	su.info.generation = 4;
	su.info.window = su.info.batch = 8;
	su.info.bytes = PROTO_MAX;
	su.info.tokens = 16;
	(void)strlcpy(su.info.role, "test", sizeof(su.info.role));
	if (spawn_opener(program(), &su, &opener) == -1)
		fail_msg("%s: %s", program(), strerror(errno));
	setup_clear(&su);
	if (fdb_attach(&session, conn[0], 20000, why) == -1)
		fail_msg("%s", why);
	assert_int_equal(hear(), IPC_STARTED);
	assert_true(news.confined & FDB_CONFINED_CLONE);
	assert_true(fdb_session_info(session)->generation == 4);
}

/* It exits without help, with this status. */
static void
expect_end(int status)
{
	struct pollfd	 pfd = { .fd = opener.channel };

	if (poll(&pfd, 1, 20000) != 1) {
		(void)kill(opener.pid, SIGKILL);
		(void)util_wait(opener.pid);
		fail_msg("it did not end");
	}
	close(opener.channel);
	assert_int_equal(util_wait(opener.pid), status << 8);
}

/* Open a file.  0 or the errno. */
static int
try_open(void)
{
	int	 fd;

	if ((fd = fdb_open(session, util_path("dir/file"), O_RDONLY)) == -1)
		return errno;
	close(fd);
	return 0;
}

/* A root that cannot be opened: the worker is told which, and why. */
static void
test_no_root(void **state)
{
	(void)state;
	assert_int_equal(start("none/none"), -1);
	if (strstr(why, "none") == NULL ||
	    strstr(why, strerror(ENOENT)) == NULL)
		fail_msg("\"%s\"", why);
	assert_int_equal(hear(), -1);
	expect_end(1);

	assert_int_equal(symlink("/", util_path("link")), 0);
	assert_int_equal(start("link"), -1);
	if (strstr(why, "link") == NULL ||
	    strstr(why, strerror(ELOOP)) == NULL)
		fail_msg("\"%s\"", why);
	assert_int_equal(hear(), -1);
	expect_end(1);
}

/* A name that is too long for the message to the worker is cut. */
static void
test_long_root(void **state)
{
	char	 name[401];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	memcpy(name + 200, "/", 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(start(name), -1);
	if (strstr(why, "nnn") == NULL ||
	    strstr(why, strerror(ENOENT)) == NULL)
		fail_msg("\"%s\"", why);
	assert_int_equal(hear(), -1);
	expect_end(1);
}

static struct role *
role_for(const char *rule)
{
	const char	*rules[2] = { rule, NULL };

	return client_role(rules);
}

static void
send_policy(const char *rule, uint64_t generation, uint8_t audit)
{
	struct role	*role = role_for(rule);

	assert_int_equal(setup_send_policy(opener.channel, role, generation,
	    audit), 0);
	role_free(role);
}

/* It takes a new policy although it is confined, and judges by it. */
static void
test_policy(void **state)
{
	(void)state;
	util_need_root();
	start_daemons();
	assert_int_equal(try_open(), 0);
	send_policy("-dir", 5, AUDITMODE_NONE);
	/* It reads its channel before the next request or just after it. */
	assert_in_range(try_open(), 0, EACCES);
	assert_int_equal(try_open(), EACCES);
	assert_true(fdb_session_info(session)->generation == 5);
	assert_int_equal(hear(), IPC_AUDIT);
	assert_int_equal(news.event.reason, FDB_REASON_POLICY);
	assert_int_equal(news.event.generation, 5);
	assert_int_equal(news.event.op, POLICY_OP_READ);
	assert_string_equal(news.event.path, util_path("dir/file"));
	/* The first or the second refusal of session 3. */
	assert_in_range(news.event.id, 0x3001, 0x3002);
	send_policy("+dir", 6, AUDITMODE_NONE);
	send_policy("+dir", 7, AUDITMODE_NONE);
	(void)try_open();
	assert_int_equal(try_open(), 0);
	assert_true(fdb_session_info(session)->generation == 7);
	fdb_disconnect(session);
	while (hear() > 0)
		;
	expect_end(0);
}

/* A policy that does not decode ends the session, and the worker is told. */
static void
test_bad_policy(void **state)
{
	uint8_t			 buf[PROTO_HEADER + 17], role[8] = "garbage";
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;
	int			 fd;

	(void)state;
	util_need_root();
	start_daemons();
	assert_return_code(fd = memfd_create("role", MFD_CLOEXEC), errno);
	assert_int_equal(write(fd, role, sizeof(role)), sizeof(role));
	memset(&h, 0, sizeof(h));
	h.type = IPC_POLICY;
	h.items = h.fds = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u64(&w, 2);
	wire_put_u64(&w, sizeof(role));
	wire_put_u8(&w, 0);
	assert_true((len = proto_finish(&w, &h)) > 0);
	assert_int_equal(fdmsg_send(opener.channel, buf, len, &fd, 1), 0);
	close(fd);
	assert_int_equal(hear(), -1);
	assert_int_not_equal(try_open(), 0);
	assert_non_null(strstr(fdb_session_error(session), "policy changed"));
	fdb_disconnect(session);
	expect_end(0);
}

/* It takes a new share of the opens; one that does not decode ends it. */
static void
test_share(void **state)
{
	struct util_header	 uh = { .type = IPC_SHARE, .items = 1 };
	uint8_t			 buf[PROTO_HEADER + 3];
	size_t			 len;

	(void)state;
	start_good();
	assert_int_equal(ipc_send_share(opener.channel, 1000), 0);
	assert_int_equal(try_open(), 0);
	assert_int_equal(try_open(), 0);
	assert_int_equal(ipc_send_share(opener.channel, 0), 0);
	assert_int_equal(try_open(), 0);
	assert_int_equal(try_open(), 0);
	len = util_message(buf, sizeof(buf), &uh, "abc", 3);
	assert_int_equal(fdmsg_send(opener.channel, buf, len, NULL, 0), 0);
	assert_int_equal(hear(), -1);
	fdb_disconnect(session);
	expect_end(0);
}

static void
expect_told(const char *text)
{
	int	 type;

	while ((type = hear()) > 0)
		;
	assert_int_equal(type, -1);
	assert_int_not_equal(try_open(), 0);
	if (strstr(fdb_session_error(session), text) == NULL)
		fail_msg("\"%s\"", fdb_session_error(session));
	fdb_disconnect(session);
	expect_end(0);
}

/* END ends the session, and the worker is told why. */
static void
test_end(void **state)
{
	(void)state;
	start_good();
	assert_int_equal(ipc_send_end(opener.channel, EACCES, "told to end"),
	    0);
	expect_told("told to end");
}

/* The same after a new policy: both wait in the channel. */
static void
test_policy_and_end(void **state)
{
	(void)state;
	util_need_root();
	start_daemons();
	assert_int_equal(kill(opener.pid, SIGSTOP), 0);
	send_policy("+dir", 9, AUDITMODE_NONE);
	assert_int_equal(ipc_send_end(opener.channel, EACCES, "told to end"),
	    0);
	assert_int_equal(kill(opener.pid, SIGCONT), 0);
	expect_told("told to end");
}

/* A private opener accepts no new policy. */
static void
test_private_policy(void **state)
{
	(void)state;
	start_good();
	send_policy("+dir", 9, AUDITMODE_NONE);
	assert_int_equal(hear(), -1);
	fdb_disconnect(session);
	expect_end(0);
}

/* A message that no supervisor sends, alone and after another. */
static void
test_strange_message(void **state)
{
	struct util_header	 uh = { .type = PROTO_FORGET, .items = 1 };
	uint8_t			 buf[PROTO_HEADER + 4];
	size_t			 len;

	(void)state;
	len = util_message(buf, sizeof(buf), &uh, "abcd", 4);
	start_good();
	assert_int_equal(fdmsg_send(opener.channel, buf, len, NULL, 0), 0);
	assert_int_equal(hear(), -1);
	fdb_disconnect(session);
	expect_end(0);
	assert_int_equal(unlink(util_path("dir/file")), 0);
	assert_int_equal(rmdir(util_path("dir")), 0);
	start_good();
	assert_int_equal(kill(opener.pid, SIGSTOP), 0);
	send_policy("+dir", 9, AUDITMODE_NONE);
	assert_int_equal(fdmsg_send(opener.channel, buf, len, NULL, 0), 0);
	assert_int_equal(kill(opener.pid, SIGCONT), 0);
	assert_int_equal(hear(), -1);
	fdb_disconnect(session);
	expect_end(0);
}

static void
hide_proc(void)
{
	assert_int_equal(mount("none", "/proc", "tmpfs", 0, NULL), 0);
}

/*
 * In mounts of its own, without the capability that clones need, and in a root
 * directory where nobody may have user namespaces: such an opener opens files
 * by /proc.
 */
static int
without_proc(void *arg)
{
	struct private_opener	 po;
	struct fdb_result	 r;
	char			 cwd[PROTO_PATH_MAX];
	int			 fd;

	(void)arg;
	if (getcwd(cwd, sizeof(cwd)) == NULL || unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mkdir(util_path("root"), 0755) == -1 ||
	    mount("/", util_path("root"), NULL, MS_BIND | MS_REC, NULL) == -1 ||
	    chroot(util_path("root")) == -1 || chdir(cwd) == -1 ||
	    prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) == -1)
		return 1;
	start_good();
	assert_false(news.confined & FDB_CONFINED_CLONE);
	assert_int_equal(try_open(), 0);
	hide_proc();
	fd = fdb_open(session, util_path("dir/file"), O_RDONLY);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_int_equal(fdb_open_at(session, FDB_TOKEN_ROOT,
	    client_path("dir/file"), FDB_READ, 0), 0);
	assert_int_equal(fdb_wait(session, &r, 20000), 1);
	assert_int_equal(r.error, EOPNOTSUPP);
	assert_string_equal(r.where,
	    "/proc is gone; mount it: mount -t proc proc /proc");
	fdb_disconnect(session);
	expect_end(0);
	/* Another one is not even started, and nothing is left of it. */
	assert_int_equal(private_prepare(&po), 0);
	errno = 0;
	assert_int_equal(private_start(program(), NULL, 0, &po), -1);
	assert_int_equal(errno, ENOTSUP);
	assert_int_equal(po.sock, -1);
	return 0;
}

static void
test_without_proc(void **state)
{
	(void)state;
	util_need_root();
	util_need(FEATURE_MNTNS);
	assert_int_equal(util_run(without_proc, NULL), 0);
}

/*
 * A user's opener has clones as well, if the user may have namespaces.  So what
 * it hands out for reading cannot be changed, even by its owner.
 */
static int
as_user(void *arg)
{
	const char	*path = arg;
	char		 proc[FD_PATH_MAX];
	int		 fd;

	if (util_become(USER) == -1 || access(path, X_OK) == -1)
		return 2;
	if (start("dir") == -1)
		fail_msg("%s", why);
	assert_int_equal(hear(), IPC_STARTED);
	assert_true(news.confined & FDB_CONFINED_CLONE);
	fd = fdb_open(session, util_path("dir/file"), O_RDONLY);
	assert_return_code(fd, errno);
	assert_true(util_fd_reads(fd, "text"));
	assert_int_equal(fchmod(fd, 0600), -1);
	assert_int_equal(errno, EROFS);
	fd_path(proc, fd);
	assert_int_equal(open(proc, O_WRONLY | O_CLOEXEC), -1);
	assert_int_equal(errno, EROFS);
	close(fd);
	fdb_disconnect(session);
	while (hear() > 0)
		;
	expect_end(0);
	return 0;
}

static void
test_user(void **state)
{
	char	 reason[FEATURE_WHY];
	char	*path = strdup(program());
	int	 status;

	(void)state;
	util_need_root();
	if (!feature_has(FEATURE_MNTNS, USER, reason))
		util_skip(reason);
	assert_non_null(path);
	assert_int_equal(mkdir(util_path("dir"), 0755), 0);
	util_write_file(util_path("dir/file"), "text");
	assert_int_equal(chmod(util_path("dir/file"), 0644), 0);
	assert_int_equal(chown(util_path("dir/file"), USER, USER), 0);
	status = util_run(as_user, path);
	free(path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		util_skip("needs a program that others may execute");
	assert_int_equal(status, 0);
}

/* The supervisor is gone: so is the session. */
static void
test_no_supervisor(void **state)
{
	(void)state;
	start_good();
	assert_int_equal(try_open(), 0);
	close(opener.channel);
	assert_int_equal(util_wait(opener.pid), 0);
	assert_int_not_equal(try_open(), 0);
	assert_non_null(strstr(fdb_session_error(session),
	    "ends all sessions"));
	fdb_disconnect(session);
}

/* The worker is gone: so is the opener. */
static void
test_no_worker(void **state)
{
	(void)state;
	start_good();
	fdb_disconnect(session);
	assert_int_equal(hear(), -1);
	expect_end(0);
}

/* A private opener takes a name as it is, whatever characters it has. */
static void
test_private(void **state)
{
	int	 fd;

	(void)state;
	assert_int_equal(mkdir(util_path("a*[b]?\\"), 0755), 0);
	assert_int_equal(mkdir(util_path("axxbx"), 0755), 0);
	util_write_file(util_path("a*[b]?\\/file"), "text");
	util_write_file(util_path("axxbx/file"), "text");
	if (start("a*[b]?\\") == -1)
		fail_msg("%s", why);
	assert_int_equal(hear(), IPC_STARTED);
	assert_string_equal(fdb_session_info(session)->role, "private");
	fd = fdb_open(session, util_path("a*[b]?\\/file"), O_RDONLY);
	assert_return_code(fd, errno);
	assert_true(util_fd_reads(fd, "text"));
	close(fd);
	assert_int_equal(fdb_open(session, util_path("axxbx/file"),
	    O_RDONLY), -1);
	assert_int_equal(errno, EACCES);
	fdb_disconnect(session);
	assert_int_equal(hear(), -1);
	expect_end(0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_private),
		UTIL_TEST(test_no_root),
		UTIL_TEST(test_long_root),
		UTIL_TEST(test_policy),
		UTIL_TEST(test_bad_policy),
		UTIL_TEST(test_share),
		UTIL_TEST(test_end),
		UTIL_TEST(test_policy_and_end),
		UTIL_TEST(test_private_policy),
		UTIL_TEST(test_strange_message),
		UTIL_TEST(test_without_proc),
		UTIL_TEST(test_user),
		UTIL_TEST(test_no_supervisor),
		UTIL_TEST(test_no_worker)
	};

	util_program_needs(FEATURE_SECCOMP);
	util_program_needs(FEATURE_LANDLOCK);
	util_program_needs(FEATURE_OPENAT2);
	util_program_needs(FEATURE_MEMFD);
	if (geteuid() == 0)
		util_program_needs(FEATURE_CLONES);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
