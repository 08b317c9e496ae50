/*
 * test_watch.c: WATCH in the opener: what is sent when, what is not, and what
 * breaks the protocol.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "opener/watch.h"
#include "opener/watch_look.h"
#include "policy/role.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

static struct client	 client;
static uint32_t		 ids;

/*
 * An absolute path in the test's directory: the opener, which runs in this
 * process, changes its current one.
 */
static const char *
at(const char *name)
{
	static char	 paths[2][PROTO_PATH_MAX];
	static int	 i;

	i = !i;
	(void)snprintf(paths[i], sizeof(paths[i]), "/%s", client_path(name));
	return paths[i];
}

static void
start(void)
{
	client_start(&client, client_small_role(), false);
}

/* Ask to watch a name.  Its number. */
static uint32_t
ask_for(const char *name, unsigned int access, unsigned int flags)
{
	client_begin(&client, PROTO_WATCH);
	client.h.id = ++ids;
	client.h.items = 1;
	wire_put_u8(&client.out, (uint8_t)access);
	wire_put_u8(&client.out, (uint8_t)flags);
	wire_put_str(&client.out, name);
	assert_int_equal(client_call(&client), 1);
	return ids;
}

static uint32_t
ask(const char *name)
{
	return ask_for(client_path(name), FDB_READ, 0);
}

/* What a CREDIT or CANCEL gives. */
static int
say(unsigned int type, uint32_t id, uint32_t bytes, uint32_t fds)
{
	client_begin(&client, type);
	client.h.id = id;
	if (type == PROTO_CREDIT) {
		client.h.items = 1;
		wire_put_u32(&client.out, bytes);
		wire_put_u32(&client.out, fds);
	}
	return client_call(&client);
}

static void
grant(uint32_t id)
{
	assert_int_equal(say(PROTO_CREDIT, id, 0, 1), 1);
}

/* Is a message there?  Then it is received. */
static bool
receive(void)
{
	const char	*what;
	ssize_t		 len;

	len = fdmsg_recv(client.sock, client.inbuf, sizeof(client.inbuf),
	    FDMSG_MAXFD, &client.msg);
	if (len == -1)
		return false;
	if (proto_parse(client.inbuf, (size_t)len, client.msg.nfds,
	    &client.reply, &client.in, &what) == -1)
		fail_msg("%s", what);
	assert_int_equal(client.reply.type, PROTO_WATCHED);
	return true;
}

/* One time around the opener's loop: it waits as the loop does. */
static void
turn(void)
{
	struct pollfd	 pfd[2] = { { .events = POLLIN } };
	int		 ms;

	ms = watch_poll(&client.state, &pfd[1].events, &pfd[0].fd);
	pfd[1].fd = pfd[1].events != 0 ? client.state.sock : -1;
	assert_true(poll(pfd, 2, ms) >= 0);
	assert_int_equal(watch_slice(&client.state), 0);
}

/*
 * The next message is of this watch, and has this error, or a file that reads
 * as the text.
 */
static void
expect(uint32_t id, int error, const char *text)
{
	struct proto_status	 st;
	struct fdb_stat		 fst;
	int			 fd;

	while (!receive())
		turn();
	assert_int_equal(client.reply.id, id);
	proto_get_status(&client.in, &st);
	assert_int_equal(st.error, error);
	if (error == 0) {
		proto_get_stat(&client.in, &fst);
		fd = fdmsg_take(&client.msg, 0);
		assert_true(util_fd_reads(fd, text));
		assert_int_equal(fst.size, strlen(text));
		assert_true(util_is_cloexec(fd));
		close(fd);
	}
	assert_int_equal(wire_get_end(&client.in), 0);
	assert_int_equal((client.reply.flags & PROTO_MORE) == 0,
	    error == ECANCELED || error == EINVAL || error == EMFILE);
}

/* Another file comes to stand at tree/file. */
static void
replace(const char *text)
{
	util_write_file(at("tree/new"), text);
	assert_int_equal(rename(at("tree/new"), at("tree/file")), 0);
}

/* There is nothing to do now. */
static void
expect_idle(void)
{
	short	 events = 0;
	int	 fd;

	assert_true(watch_poll(&client.state, &events, &fd) > 300);
	assert_int_equal(events, 0);
	assert_false(receive());
}

static void
test_replaced(void **state)
{
	uint32_t	 id, other;

	(void)state;
	start();
	id = ask("tree/file");
	expect(id, 0, "text");
	grant(id);
	expect_idle();
	replace("two");
	expect(id, 0, "two");
	/* Without credit nothing is sent, and what happens is one change. */
	replace("three");
	replace("four");
	turn();
	turn();
	expect_idle();
	grant(id);
	expect(id, 0, "four");
	grant(id);
	/* Nothing, once; then something. */
	assert_int_equal(unlink(at("tree/file")), 0);
	expect(id, ENOENT, "");
	grant(id);
	util_write_file(at("tree/else"), "x");
	turn();
	turn();
	expect_idle();
	other = ask("tree/none/x");
	expect(other, ENOENT, "");
	grant(other);
	assert_int_equal(mkdir(at("tree/none"), 0700), 0);
	util_write_file(at("tree/none/x"), "there");
	expect(other, 0, "there");
	replace("text");
	expect(id, 0, "text");
	/* One that is written is the same file. */
	grant(id);
	util_write_file(at("tree/file"), "text");
	turn();
	turn();
	expect_idle();
	assert_int_equal(say(PROTO_CANCEL, id, 0, 0), 1);
	expect(id, ECANCELED, "");
	/* What is said of one that is over is ignored. */
	assert_int_equal(say(PROTO_CANCEL, id, 0, 0), 1);
	grant(id);
	client_end(&client);
	assert_int_equal(unlink(at("tree/none/x")), 0);
	assert_int_equal(rmdir(at("tree/none")), 0);
	assert_int_equal(unlink(at("tree/else")), 0);
}

static void
test_written(void **state)
{
	uint32_t	 id;

	(void)state;
	start();
	id = ask_for(client_path("tree/file"), FDB_READ, FDB_WATCH_WRITTEN);
	expect(id, 0, "text");
	grant(id);
	util_write_file(at("tree/file"), "more text");
	expect(id, 0, "more text");
	replace("text");
	client_end(&client);
}

/*
 * Another watch, for which what is written is no change, does not keep the
 * broker from hearing of it.
 */
static void
test_written_beside(void **state)
{
	struct pollfd	 pfd = { .events = POLLIN };
	uint32_t	 id, other;
	short		 events = 0;

	(void)state;
	start();
	id = ask_for(client_path("tree/file"), FDB_READ, FDB_WATCH_WRITTEN);
	other = ask("tree/file");
	expect(id, 0, "text");
	expect(other, 0, "text");
	grant(id);
	grant(other);
	util_write_file(at("tree/file"), "more text");
	(void)watch_poll(&client.state, &events, &pfd.fd);
	assert_int_equal(poll(&pfd, 1, 0), 1);
	expect(id, 0, "more text");
	replace("text");
	client_end(&client);
}

/* The policy decides: at first, and after a reload. */
static void
test_policy(void **state)
{
	static const char *const	 none[] = { "-tree", NULL };
	struct role			*role;
	uint32_t			 id, secret;
	unsigned int			 told;

	(void)state;
	start();
	secret = ask("tree/secret");
	expect(secret, EACCES, "");
	grant(secret);
	id = ask("tree/file");
	expect(id, 0, "text");
	grant(id);
	told = client.ntold;
	role = client_role(none);
	state_set_role(&client.state, role, 2, AUDITMODE_DENIED);
	expect(id, EACCES, "");
	assert_int_equal(client.reply.generation, 2);
	/* The other one is denied as before, which is no news. */
	assert_int_equal(client.ntold, told + 1);
	grant(id);
	state_set_role(&client.state, client_small_role(), 3,
	    AUDITMODE_DENIED);
	expect(id, 0, "text");
	client_end(&client);
}

static void
test_refused(void **state)
{
	static const uint8_t	 accesses[] = {
		0, 0xff, FDB_WRITE | FDB_CREATE, FDB_WRITE | FDB_TRUNCATE,
		FDB_WRITE | FDB_CREATE | FDB_EXCLUSIVE
	};
	uint32_t		 id;
	size_t			 i, n, places;

	(void)state;
	start();
	for (i = 0; i < sizeof(accesses); i++)
		expect(ask_for("a", accesses[i], 0), EINVAL, "");
	expect(ask_for("a", FDB_READ, 2), EINVAL, "");
	expect(ask_for("../a", FDB_READ, 0), EINVAL, "");
	expect(ask_for("", FDB_READ, 0), EINVAL, "");
	places = tokens_free_places(&client.state.tokens);
	n = places < FDB_WATCH_MAX - 1 ? places : FDB_WATCH_MAX - 1;
	for (i = 0; i < n; i++)
		(void)ask("tree/file");
	assert_int_equal(tokens_free_places(&client.state.tokens),
	    places - n);
	client.state.tokens.reserved += places - n;
	id = ask("tree/file");
	while (client.reply.id != id - 1) {
		while (!receive())
			turn();
		fdmsg_close(&client.msg);
	}
	expect(id, EMFILE, "");
	client_end(&client);
}

/* What breaks the protocol ends the session. */
static void
test_misuse(void **state)
{
	uint32_t	 id;
	int		 i, k;

	(void)state;
	for (i = 0; i < 6; i++) {
		start();
		id = ask("tree/file");
		expect(id, 0, "text");
		if (i == 0) {		/* twice */
			grant(id);
			assert_int_equal(say(PROTO_CREDIT, id, 0, 1), -1);
		} else if (i < 4) {	/* too much */
			assert_int_equal(say(PROTO_CREDIT, id, i == 1,
			    i == 1 ? 1 : i == 2 ? 0 : 2), -1);
		} else {
			for (k = 1; i == 5 && k < FDB_WATCH_MAX; k++)
				(void)ask("tree/none");
			client_begin(&client, PROTO_WATCH);
			/* Its number is used; or there are too many. */
			client.h.id = i == 4 ? id : ids + 1;
			client.h.items = 1;
			wire_put_u8(&client.out, FDB_READ);
			wire_put_u8(&client.out, 0);
			wire_put_str(&client.out, "a");
			assert_int_equal(client_call(&client), -1);
			while (i == 5 && watch_slice(&client.state) == 0 &&
			    fdmsg_recv(client.sock, client.inbuf,
			    sizeof(client.inbuf), 0, &client.msg) > 0)
				;
		}
		if (i < 5)
			client_expect_ended(&client, "cannot be decoded");
		client_end(&client);
	}
}

/* A worker that reads nothing: its watches wait, and nothing is lost. */
static void
test_full(void **state)
{
	struct pollfd	 pfd;
	uint32_t	 id;
	short		 events = 0;
	int		 n;

	(void)state;
	start();
	while (send(client.state.sock, "x", 1, MSG_DONTWAIT) == 1)
		;
	id = ask("tree/file");
	assert_int_equal(watch_slice(&client.state), 0);
	assert_true(watch_poll(&client.state, &events, &pfd.fd) != 0);
	assert_int_equal(events, POLLOUT);
	while ((n = (int)recv(client.sock, client.inbuf, 1,
	    MSG_DONTWAIT)) == 1)
		;
	pfd.fd = client.state.sock;
	pfd.events = POLLOUT;
	assert_int_equal(poll(&pfd, 1, -1), 1);
	expect(id, 0, "text");
	client_end(&client);
}

/* How many instances of inotify there may be.  False if that fails. */
static bool
set_instances(const char *n)
{
	int	 fd = open("/proc/sys/user/max_inotify_instances",
		    O_WRONLY | O_CLOEXEC);
	bool	 set = fd != -1 && write(fd, n, 1) == 1;

	fd_close(&fd);
	return set;
}

/* In a namespace of one's own, which has limits of its own. */
static int
watch_blindly(void *arg)
{
	uint32_t	 id;
	short		 events = 0;
	int		 fd;

	(void)arg;
	if (unshare(CLONE_NEWUSER) == -1 || !set_instances("0"))
		return 1;
	start();
	id = ask("tree/file");
	expect(id, 0, "text");
	grant(id);
	assert_int_equal(client.state.watches->dirs.fd, -1);
	assert_in_range(watch_poll(&client.state, &events, &fd), 0, 1000);
	replace("two");
	expect(id, 0, "two");
	grant(id);
	if (!set_instances("1"))
		return 1;
	while (client.state.watches->dirs.fd == -1)
		turn();
	expect_idle();
	replace("text");
	expect(id, 0, "text");
	client_end(&client);
	return 0;
}

/* Without inotify it looks now and then, and takes it when it may. */
static void
test_no_instances(void **state)
{
	(void)state;
	util_need(FEATURE_USERNS);
	assert_int_equal(util_run(watch_blindly, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_replaced),
		UTIL_TEST(test_written),
		UTIL_TEST(test_written_beside),
		UTIL_TEST(test_policy),
		UTIL_TEST(test_refused),
		UTIL_TEST(test_misuse),
		UTIL_TEST(test_full),
		UTIL_TEST(test_no_instances)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
