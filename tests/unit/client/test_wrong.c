/*
 * test_wrong.c: what the library does when an opener breaks the protocol, ends
 * the session, or dies.
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

static struct fake	 fake;
static struct fdb_result got;

/*
 * Wrong replies to a request of two OPEN, two STAT, or one LIST.  None may hand
 * out a result or leave a descriptor open.
 */
static void
wrong_id(void)
{
	fake_reply_open(&fake, 2, 2);
	fake.reply.id++;
	fake_send(&fake, 0);
}

static void
wrong_type(void)
{
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 1, "");
	fake_put_stat(&fake, 1, "");
	fake_send(&fake, 0);
}

static void
too_few_items(void)
{
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
}

static void
too_many_items(void)
{
	fake_reply_open(&fake, 3, 3);
	fake_send(&fake, 0);
}

static void
too_many_with_more(void)
{
	fake_reply_open(&fake, 3, 3);
	fake_send(&fake, PROTO_MORE);
}

static void
more_after_all(void)
{
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, PROTO_MORE);
}

static void
too_few_fds(void)
{
	fake_reply_open(&fake, 2, 1);
	fake_send(&fake, 0);
}

static void
too_many_fds(void)
{
	fake_reply_open(&fake, 2, 3);
	fake_send(&fake, 0);
}

static void
trailing_byte(void)
{
	fake_reply_open(&fake, 2, 2);
	wire_put_u8(&fake.out, 0);
	fake_send(&fake, 0);
}

static void
item_cut(void)
{
	fake_reply_open(&fake, 2, 2);
	fake.out.len--;
	fake_send(&fake, 0);
}

static void
item_missing(void)
{
	fake_reply_open(&fake, 1, 2);
	fake.reply.items = 2;
	fake_send(&fake, 0);
}

static void
reason_without_error(void)
{
	fake_reply(&fake, PROTO_OPEN_REPLY);
	fake_put_error(&fake, 0, FDB_REASON_POLICY, "");
	fake_put_error(&fake, EIO, FDB_REASON_KERNEL, "");
	fake_send(&fake, 0);
}

static void
reserved_flag(void)
{
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 2);
}

static void
not_a_message(void)
{
	assert_int_equal(fdmsg_send(fake.sock, "garbage", 7, NULL, 0), 0);
}

static void
empty_message(void)
{
	assert_int_equal(write(fake.sock, "", 0), 0);
}

static void
a_request(void)
{
	fake_reply(&fake, PROTO_HANDOFF);
	fake.fds[fake.reply.fds++] = fake_null();
	fake_send(&fake, 0);
}

static void
fds_of_stat(void)
{
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 1, "");
	fake_put_stat(&fake, 1, "");
	fake.fds[fake.reply.fds++] = fake_null();
	fake_send(&fake, 0);
}

static void
link_too_long(void)
{
	static char	 link[PROTO_PATH_MAX + 1];

	memset(link, 'l', PROTO_PATH_MAX);
	fake_reply(&fake, PROTO_STAT_REPLY);
	fake_put_stat(&fake, 1, "");
	fake_put_stat(&fake, 1, link);
	fake_send(&fake, 0);
}

static void
list_of(uint32_t error, uint32_t token, int eof)
{
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, error, token, eof);
	fake_send(&fake, 0);
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
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 1, 1);
	fake_send(&fake, PROTO_MORE);
}

static void
list_name(const char *name)
{
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 1, 1);
	fake_put_entry(&fake, "good");
	fake_put_entry(&fake, name);
	fake_send(&fake, 0);
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
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 1, 1);
	fake_put_entry(&fake, "good");
	fake.reply.items = 2;
	fake_send(&fake, 0);
}

#define BROKE	"broke the protocol: "

static const struct wrong {
	unsigned int	 request;
	void		(*send)(void);
	int		 error;
	const char	*text;
} wrongs[] = {
	{ PROTO_OPEN, wrong_id, EPROTO, BROKE "a reply to another request" },
	{ PROTO_OPEN, wrong_type, EPROTO, BROKE "a reply to another request" },
	{ PROTO_STAT, too_few_items, EPROTO,
	    BROKE "a reply to another request" },
	{ PROTO_LIST, wrong_type, EPROTO, BROKE "a reply to another request" },
	{ PROTO_OPEN, too_few_items, EPROTO, BROKE "a reply with the wrong" },
	{ PROTO_OPEN, too_many_items, EPROTO, BROKE "a reply with the wrong" },
	{ PROTO_OPEN, too_many_with_more, EPROTO,
	    BROKE "a reply with the wrong" },
	{ PROTO_OPEN, more_after_all, EPROTO, BROKE "a reply with the wrong" },
	{ PROTO_OPEN, too_few_fds, EPROTO, "number of descriptors" },
	{ PROTO_OPEN, too_many_fds, EPROTO, "number of descriptors" },
	{ PROTO_OPEN, trailing_byte, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, item_cut, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, item_missing, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, reason_without_error, EPROTO, "cannot be decoded" },
	{ PROTO_OPEN, reserved_flag, EPROTO, BROKE "reserved bits" },
	{ PROTO_OPEN, not_a_message, EPROTO, BROKE "shorter than a header" },
	{ PROTO_OPEN, empty_message, EPIPE, "cannot receive" },
	{ PROTO_OPEN, a_request, EPROTO, BROKE "a reply to another request" },
	{ PROTO_STAT, fds_of_stat, EPROTO,
	    BROKE "wrong number of descriptors" },
	{ PROTO_STAT, link_too_long, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_without_token, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_error_with_token, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_error_goes_on, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_eof_of_two, EPROTO, "cannot be decoded" },
	{ PROTO_LIST, list_more, EPROTO, BROKE "reserved bits" },
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
		fake_attach(&fake, NULL);
		fds = util_count_fds();
		fake_ask(&fake, w->request, w->request == PROTO_LIST ? 1 : 2);
		w->send();
		fake_over(&fake, w->error, w->text);
		assert_int_equal(util_count_fds(), fds);
		fake_end(&fake);
	}
}

/* An answer that nobody asked for, before and after those that were. */
static void
test_unasked(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_over(&fake, EPROTO, "not asked for");
	fake_end(&fake);

	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 1);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_reply_open(&fake, 1, 1);
	fake_send(&fake, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_over(&fake, EPROTO, "not asked for");
	fake_end(&fake);
}

/* The next part of a directory, before the library asked for it. */
static void
test_unasked_part(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	list_of(0, 1, 0);
	fake.h.id++;
	list_of(0, 1, 1);
	fake_next(&fake, &got, FDB_RESULT_LIST, 0, 0);
	fake_end(&fake);

	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	list_of(0, 1, 0);
	fake.h.id = 0;
	list_of(0, 1, 1);
	fake_over(&fake, EPROTO, BROKE "a reply to another request");
	fake_end(&fake);
}

/* Let the library want the next part of a directory, and be unable to ask. */
static void
want_part(void)
{
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	list_of(0, 1, 0);
	/* The opener does not read, and its queue is full. */
	while (write(fake.s->sock, "x", 1) == 1)
		;
	assert_int_equal(fdb_next(fake.s, &got), 0);
	assert_int_equal(fdb_outstanding(fake.s), 1);
	fake.h.id = ring_oldest(&fake.s->ring)->id;
}

/* The same while the library could not ask yet. */
static void
test_unasked_part_early(void **state)
{
	int	 ret, error;

	(void)state;
	want_part();
	list_of(0, 1, 1);
	fake_over(&fake, EPROTO, BROKE "a reply that was not asked for");
	fake_end(&fake);

	/* One whose descriptor is lost. */
	want_part();
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake_put_list(&fake, 0, 1, 1);
	fake.fds[fake.reply.fds++] = fake_null();
	fake_send(&fake, 0);
	util_limit_fds(0);
	ret = fdb_next(fake.s, &got);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EPROTO);
	fake_end(&fake);
}

/*
 * If the library knows no reply to a request's type, no message answers it:
 * neither the reply to a LIST, nor one whose descriptors were lost.
 */
static void
test_unknown_request(void **state)
{
	int	 ret, error;

	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_LIST, 1);
	ring_oldest(&fake.s->ring)->type = PROTO_FORGET;
	list_of(0, 1, 1);
	fake_over(&fake, EPROTO, BROKE "a reply to another request");
	fake_end(&fake);

	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 1);
	ring_oldest(&fake.s->ring)->type = PROTO_FORGET;
	fake_reply(&fake, PROTO_LIST_REPLY);
	fake.fds[fake.reply.fds++] = fake_null();
	fake_send(&fake, 0);
	util_limit_fds(0);
	ret = fdb_next(fake.s, &got);
	error = errno;
	util_unlimit_fds();
	assert_int_equal(ret, -1);
	assert_int_equal(error, EPROTO);
	fake_end(&fake);
}

static void
send_ended(uint32_t error, const char *text)
{
	fake_reply(&fake, PROTO_ENDED);
	fake.reply.items = 1;
	wire_put_u32(&fake.out, error);
	wire_put_str(&fake.out, text);
	fake_send(&fake, 0);
}

/* The opener says why it ends; its earlier replies are still handed out. */
static void
test_ended(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 0);
	send_ended(ESHUTDOWN, "the broker ends all sessions");
	fake_die(&fake);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, 0);
	fake_over(&fake, EPIPE,
	    "ended the session: the broker ends all sessions");
	fake_end(&fake);

	fake_attach(&fake, NULL);
	send_ended(0, "text");
	fake_over(&fake, EPIPE, "text");
	fake_end(&fake);

	fake_attach(&fake, NULL);
	fake_reply(&fake, PROTO_ENDED);
	fake.reply.items = 1;
	fake_send(&fake, 0);
	fake_over(&fake, EPIPE, "the broker ended the session");
	fake_end(&fake);

	/* What does not decode is not shown. */
	fake_attach(&fake, NULL);
	fake_reply(&fake, PROTO_ENDED);
	fake.reply.items = 1;
	wire_put_u32(&fake.out, EACCES);
	wire_put_str(&fake.out, "text");
	wire_put_u8(&fake.out, 0);
	fake_send(&fake, 0);
	fake_over(&fake, EPIPE, "the broker ended the session");
	assert_null(strstr(fdb_session_error(fake.s), "text"));
	fake_end(&fake);
}

/* No number of the broker is an errno value that it cannot be. */
static void
test_ended_errors(void **state)
{
	static const uint32_t	 errors[][2] = {
		{ EACCES, EACCES },
		{ 0, EPIPE },
		{ (uint32_t)INT_MAX + 1, EPIPE },
		{ UINT32_MAX, EPIPE }
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake_attach(&fake, NULL);
		send_ended(errors[i][0], "text");
		assert_int_equal(fdb_next(fake.s, &got), -1);
		assert_int_equal(fake.s->dead, (int)errors[i][1]);
		fake_end(&fake);
	}
}

/*
 * An end when there is something to send: sending to a dead peer makes the
 * kernel discard what that peer had sent.
 */
static void
test_ended_while_sending(void **state)
{
	int	 i;

	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 0);
	send_ended(EPROTO, "cannot be decoded");
	fake_die(&fake);
	for (i = 0; i < 300; i++) {
		if (fdb_stat_at(fake.s, 0, "/b", 7) == -1)
			break;
	}
	assert_int_equal(errno, EAGAIN);
	(void)fdb_forget(fake.s, 3);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, 0);
	fake_over(&fake, EPIPE,
	    "the broker ended the session: cannot be decoded");
	fake_end(&fake);
}

static void
test_silent_death(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 0);
	fake_die(&fake);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, 0);
	fake_over(&fake, EPIPE, "without a reason");
	fake_end(&fake);

	/* It died with something outstanding; waiting for it ends. */
	fake_attach(&fake, NULL);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_die(&fake);
	assert_int_equal(fdb_wait(fake.s, &got, -1), -1);
	assert_int_equal(errno, EPIPE);
	fake_end(&fake);

	/* The pipe says that it lives, the socket that it does not. */
	fake_attach(&fake, NULL);
	fd_close(&fake.sock);
	assert_int_equal(fdb_stat_at(fake.s, 0, "/a", 0), 0);
	fake_over(&fake, EPIPE, "cannot send");
	fake_end(&fake);
}

/*
 * The socket of a private opener is one of a pair: it reports the end, and
 * requests that were not read, before what the opener had sent.
 */
static void
test_private_end(void **state)
{
	(void)state;
	fake_attach_private(&fake);
	fake_ask(&fake, PROTO_OPEN, 2);
	fake_reply_open(&fake, 2, 2);
	fake_send(&fake, 0);
	send_ended(EPROTO, "cannot be decoded");
	assert_int_equal(fdb_stat_at(fake.s, 0, "/b", 7), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_die(&fake);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 0, 0);
	fake_next(&fake, &got, FDB_RESULT_OPEN, 1, 0);
	fake_over(&fake, EPIPE,
	    "the broker ended the session: cannot be decoded");
	fake_end(&fake);

	/* The pipe says that it lives, the socket that it does not. */
	fake_attach_private(&fake);
	fd_close(&fake.sock);
	fake_over(&fake, EPIPE, "without a reason");
	fake_end(&fake);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_unasked),
		UTIL_TEST(test_unasked_part),
		UTIL_TEST(test_unasked_part_early),
		UTIL_TEST(test_unknown_request),
		UTIL_TEST(test_ended),
		UTIL_TEST(test_ended_errors),
		UTIL_TEST(test_ended_while_sending),
		UTIL_TEST(test_silent_death),
		UTIL_TEST(test_private_end)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
