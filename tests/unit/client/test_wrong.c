/*
 * test_wrong.c: what the library takes from an opener that answers wrongly,
 * says that it ends, or is dead.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "client/session.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static struct fake	 f;
static struct fdb_result r;

/*
 * Wrong answers to a request of two OPEN, two STAT, or one LIST.  Each says
 * what is sent; none may hand out anything, or leave a descriptor open.
 */
static void
wrong_id(void)
{
	fake_reply_open(&f, 2, 2);
	f.reply.id++;
	fake_send(&f, 0);
}

static void
wrong_type(void)
{
	fake_reply(&f, PROTO_STAT_REPLY);
	fake_put_stat(&f, 1, "");
	fake_put_stat(&f, 1, "");
	fake_send(&f, 0);
}

static void
too_few_items(void)
{
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
}

static void
too_many_items(void)
{
	fake_reply_open(&f, 3, 3);
	fake_send(&f, 0);
}

static void
more_after_all(void)
{
	fake_reply_open(&f, 2, 2);
	fake_send(&f, PROTO_MORE);
}

static void
too_few_fds(void)
{
	fake_reply_open(&f, 2, 1);
	fake_send(&f, 0);
}

static void
too_many_fds(void)
{
	fake_reply_open(&f, 2, 3);
	fake_send(&f, 0);
}

static void
trailing_byte(void)
{
	fake_reply_open(&f, 2, 2);
	wire_put_u8(&f.out, 0);
	fake_send(&f, 0);
}

static void
item_cut(void)
{
	fake_reply_open(&f, 2, 2);
	f.out.len--;
	fake_send(&f, 0);
}

static void
item_missing(void)
{
	fake_reply_open(&f, 1, 2);
	f.reply.items = 2;
	fake_send(&f, 0);
}

static void
reason_without_error(void)
{
	fake_reply(&f, PROTO_OPEN_REPLY);
	fake_put_error(&f, 0, FDB_REASON_POLICY, "");
	fake_put_error(&f, EIO, FDB_REASON_KERNEL, "");
	fake_send(&f, 0);
}

static void
reserved_flag(void)
{
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 2);
}

static void
not_a_message(void)
{
	assert_int_equal(fdmsg_send(f.sock, "garbage", 7, NULL, 0), 0);
}

static void
empty_message(void)
{
	assert_int_equal(write(f.sock, "", 0), 0);
}

static void
a_request(void)
{
	fake_reply(&f, PROTO_START);
	f.fds[f.reply.fds++] = fake_null();
	fake_send(&f, 0);
}

static void
fds_of_stat(void)
{
	fake_reply(&f, PROTO_STAT_REPLY);
	fake_put_stat(&f, 1, "");
	fake_put_stat(&f, 1, "");
	f.fds[f.reply.fds++] = fake_null();
	fake_send(&f, 0);
}

static void
link_too_long(void)
{
	static char	 link[PROTO_PATH_MAX + 1];

	memset(link, 'l', PROTO_PATH_MAX);
	fake_reply(&f, PROTO_STAT_REPLY);
	fake_put_stat(&f, 1, "");
	fake_put_stat(&f, 1, link);
	fake_send(&f, 0);
}

static void
list_of(uint32_t error, uint32_t token, int eof)
{
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, error, token, eof);
	fake_send(&f, 0);
}

static void
list_without_token(void)
{
	list_of(0, 0, 1);
}

static void
list_error_with_token(void)
{
	list_of(EIO, 1, 1);
}

static void
list_error_goes_on(void)
{
	list_of(EIO, 0, 0);
}

static void
list_eof_of_two(void)
{
	list_of(0, 1, 2);
}

static void
list_more(void)
{
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 1, 1);
	fake_send(&f, PROTO_MORE);
}

static void
list_name(const char *name)
{
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 1, 1);
	fake_put_entry(&f, "good");
	fake_put_entry(&f, name);
	fake_send(&f, 0);
}

static void
list_name_empty(void)
{
	list_name("");
}

static void
list_name_dot(void)
{
	list_name(".");
}

static void
list_name_dotdot(void)
{
	list_name("..");
}

static void
list_name_slash(void)
{
	list_name("a/b");
}

static void
list_name_too_long(void)
{
	char	 name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	list_name(name);
}

static void
list_entries_missing(void)
{
	fake_reply(&f, PROTO_LIST_REPLY);
	fake_put_list(&f, 0, 1, 1);
	fake_put_entry(&f, "good");
	f.reply.items = 2;
	fake_send(&f, 0);
}

#define P	"broke the protocol: "

static const struct wrong {
	unsigned int	 request;
	void		(*send)(void);
	int		 error;
	const char	*text;
} wrongs[] = {
	{ PROTO_OPEN, wrong_id, EPROTO, P "a reply to another request" },
	{ PROTO_OPEN, wrong_type, EPROTO, P "a reply to another request" },
	{ PROTO_STAT, too_few_items, EPROTO, P "a reply to another request" },
	{ PROTO_LIST, wrong_type, EPROTO, P "a reply to another request" },
	{ PROTO_OPEN, too_few_items, EPROTO, P "a reply with the wrong" },
	{ PROTO_OPEN, too_many_items, EPROTO, P "a reply with the wrong" },
	{ PROTO_OPEN, more_after_all, EPROTO, P "a reply with the wrong" },
	{ PROTO_OPEN, too_few_fds, EPROTO, "number of descriptors" },
	{ PROTO_OPEN, too_many_fds, EPROTO, "number of descriptors" },
	{ PROTO_OPEN, trailing_byte, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, item_cut, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, item_missing, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, reason_without_error, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, reserved_flag, EPROTO, P "reserved bits" },
	{ PROTO_OPEN, not_a_message, EPROTO, P "shorter than a header" },
	{ PROTO_OPEN, empty_message, EPIPE, "cannot receive" },
	{ PROTO_OPEN, a_request, EPROTO, P "a reply to another request" },
	{ PROTO_STAT, fds_of_stat, EPROTO, P "wrong number of descriptors" },
	{ PROTO_STAT, link_too_long, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_without_token, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_error_with_token, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_error_goes_on, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_eof_of_two, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_more, EPROTO, P "reserved bits" },
	{ PROTO_LIST, list_name_empty, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_name_dot, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_name_dotdot, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_name_slash, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_name_too_long, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_entries_missing, EPROTO, "cannot be decoded" },
};

static void
test_wrong(void **state)
{
	const struct wrong	*w;
	size_t			 i, fds;

	(void)state;
	for (i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		w = &wrongs[i];
		fake_attach(&f, NULL);
		fds = util_count_fds();
		fake_ask(&f, w->request, w->request == PROTO_LIST ? 1 : 2);
		w->send();
		fake_over(&f, w->error, w->text);
		assert_int_equal(util_count_fds(), fds);
		fake_end(&f);
	}
}

/* An answer that nobody asked for, before and after those that were. */
static void
test_unasked(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_over(&f, EPROTO, "not asked for");
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 1);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_reply_open(&f, 1, 1);
	fake_send(&f, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_over(&f, EPROTO, "not asked for");
	fake_end(&f);
}

/* The next part of a directory, before the library asked for it. */
static void
test_unasked_part(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_LIST, 1);
	list_of(0, 1, 0);
	f.h.id++;
	list_of(0, 1, 1);
	fake_next(&f, &r, FDB_RESULT_LIST, 0, 0);
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_LIST, 1);
	list_of(0, 1, 0);
	f.h.id = 0;
	list_of(0, 1, 1);
	fake_over(&f, EPROTO, P "a reply to another request");
	fake_end(&f);
}

/*
 * A request of a type that the library has no reply for is answered by
 * nothing: not by the reply to a LIST, and not by descriptors that are lost.
 */
static void
test_unknown_request(void **state)
{
	int	 ret, error;

	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_LIST, 1);
	ring_oldest(&f.s->ring)->type = PROTO_FORGET;
	list_of(0, 1, 1);
	fake_over(&f, EPROTO, P "a reply to another request");
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 1);
	ring_oldest(&f.s->ring)->type = PROTO_FORGET;
	fake_reply(&f, PROTO_LIST_REPLY);
	f.fds[f.reply.fds++] = fake_null();
	fake_send(&f, 0);
	util_limit_fds(0);
	ret = fdb_next(f.s, &r);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EPROTO);
	fake_end(&f);
}

static void
send_ended(uint32_t error, const char *text)
{
	fake_reply(&f, PROTO_ENDED);
	f.reply.items = 1;
	wire_put_u32(&f.out, error);
	wire_put_str(&f.out, text);
	fake_send(&f, 0);
}

/* The opener says why; what it had answered before is still handed out. */
static void
test_ended(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 0);
	send_ended(ESHUTDOWN, "the broker ends all sessions");
	fake_die(&f);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, 0);
	fake_over(&f, EPIPE, "ended the session: the broker ends all sessions");
	fake_end(&f);

	fake_attach(&f, NULL);
	send_ended(0, "text");
	fake_over(&f, EPIPE, "text");
	fake_end(&f);

	fake_attach(&f, NULL);
	fake_reply(&f, PROTO_ENDED);
	f.reply.items = 1;
	fake_send(&f, 0);
	fake_over(&f, EPIPE, "the broker ended the session");
	fake_end(&f);
}

/*
 * The same when there is something to send: a message to a dead peer makes
 * the kernel throw away what the peer had sent.
 */
static void
test_ended_while_sending(void **state)
{
	int	 i;

	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 0);
	send_ended(EPROTO, "cannot be decoded");
	fake_die(&f);
	for (i = 0; i < 300; i++) {
		if (fdb_stat_at(f.s, 0, "/b", 7) == -1)
			break;
	}
	assert_int_equal(errno, EAGAIN);
	(void)fdb_forget(f.s, 3);
	assert_int_equal(fdb_flush(f.s), 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, 0);
	fake_over(&f, EPIPE, "the broker ended the session: cannot be decoded");
	fake_end(&f);
}

static void
test_silent_death(void **state)
{
	(void)state;
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 0);
	fake_die(&f);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, 0);
	fake_over(&f, EPIPE, "without a reason");
	fake_end(&f);

	/* It died with something outstanding; waiting for it ends. */
	fake_attach(&f, NULL);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_die(&f);
	assert_int_equal(fdb_wait(f.s, &r, -1), -1);
	assert_int_equal(errno, EPIPE);
	fake_end(&f);

	/* Its pipe says that it lives, its socket that it does not. */
	fake_attach(&f, NULL);
	fd_close(&f.sock);
	assert_int_equal(fdb_stat_at(f.s, 0, "/a", 0), 0);
	fake_over(&f, EPIPE, "cannot send");
	fake_end(&f);
}

/*
 * The socket of a private opener is one of a pair: it tells of the end, and of
 * requests that were not read, before what is still to be heard.
 */
static void
test_private_end(void **state)
{
	(void)state;
	fake_attach_private(&f);
	fake_ask(&f, PROTO_OPEN, 2);
	fake_reply_open(&f, 2, 2);
	fake_send(&f, 0);
	send_ended(EPROTO, "cannot be decoded");
	assert_int_equal(fdb_stat_at(f.s, 0, "/b", 7), 0);
	assert_int_equal(fdb_flush(f.s), 0);
	fake_die(&f);
	fake_next(&f, &r, FDB_RESULT_OPEN, 0, 0);
	fake_next(&f, &r, FDB_RESULT_OPEN, 1, 0);
	fake_over(&f, EPIPE, "the broker ended the session: cannot be decoded");
	fake_end(&f);

	/* Its pipe says that it lives, its socket that it does not. */
	fake_attach_private(&f);
	fd_close(&f.sock);
	fake_over(&f, EPIPE, "without a reason");
	fake_end(&f);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_unasked),
		UTIL_TEST(test_unasked_part),
		UTIL_TEST(test_unknown_request),
		UTIL_TEST(test_ended),
		UTIL_TEST(test_ended_while_sending),
		UTIL_TEST(test_silent_death),
		UTIL_TEST(test_private_end)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
