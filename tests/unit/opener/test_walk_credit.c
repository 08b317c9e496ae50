/*
 * test_walk_credit.c: the messages of WALK in the opener: what is sent with how
 * much credit, requests in many messages, and what breaks the protocol.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fd.h"
#include "opener/walk.h"
#include "tests/unit/util.h"
#include "tests/unit/walking.h"

/* Without credit nothing is sent, and other requests are answered. */
static void
test_credit(void **state)
{
	struct how	 h = { .bytes = 1, .fds = 1 };
	struct answer	 a;
	uint32_t	 id;
	short		 events = 0;
	int		 error = 0;

	(void)state;
	walking_plant();
	client_start(&client, client_role(walking_all), false);
	lines_free(&got);
	h.name = strdup(client_path("tree"));
	walking_ask(&h);
	id = client.h.id;
	walking_slice();
	assert_int_equal(walk_poll(&client.state, &events), -1);
	assert_int_equal(events, 0);
	assert_int_equal(walking_receive(id), 0);
	client.reply.id = id;
	assert_int_equal(client_open(&client, 0,
	    client_path("tree/src/main.c"), &a), 0);
	fd_close(&a.fd);
	/* Bytes, and one descriptor: it stops before the second file. */
	walking_grant(id, 1 << 20, 0);
	while (walk_poll(&client.state, &events) == 0)
		walking_slice();
	assert_true(walking_receive(id) > 0);
	assert_int_equal(client.msg.nfds, 1);
	fdmsg_close(&client.msg);
	assert_int_equal(walking_receive(id), 0);
	/* It ends at once when it is cancelled, whatever the credit. */
	client_begin(&client, PROTO_CANCEL);
	client.h.id = id;
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(walk_poll(&client.state, &events), 0);
	walking_slice();
	assert_true(walking_receive(id) > 0);
	memset(&place, 0, sizeof(place));
	assert_true(walking_take(&place, &got, &error));
	assert_int_equal(error, ECANCELED);
	/* What is said about a walk that is over is ignored. */
	walking_grant(id, 1, 1);
	client_begin(&client, PROTO_CANCEL);
	client.h.id = id;
	assert_int_equal(client_call(&client), 1);
	assert_int_equal(walk_poll(&client.state, &events), -1);
	client_end(&client);
	free((char *)(uintptr_t)h.name);
	lines_free(&got);
}

/* What breaks the protocol ends the session. */
static void
test_misuse(void **state)
{
	struct how	 h = { .bytes = 1 };
	int		 i, k;

	(void)state;
	walking_plant();
	for (i = 0; i < 6; i++) {
		client_start(&client, client_role(walking_all), false);
		h.name = "x";
		if (i != 3 && i != 5)
			walking_ask(&h);
		switch (i) {
		case 0:		/* more credit than 32 bits hold */
			client_begin(&client, PROTO_CREDIT);
			client.h.id = 1;
			client.h.items = 1;
			wire_put_u32(&client.out, UINT32_MAX);
			wire_put_u32(&client.out, 0);
			break;
		case 1:		/* the id of a walk that is running */
			client_begin(&client, PROTO_WALK);
			client.h.id = 1;
			client.h.items = 1;
			walkwire_put_text(&client.out, WALKWIRE_EXCLUDE, "a");
			break;
		case 2:		/* more walks than the window has */
			for (k = 1; k < 8; k++) {
				client.reply.id = (uint32_t)k;
				walking_ask(&h);
			}
			client.reply.id = 9;
			client_begin(&client, PROTO_WALK);
			client.h.items = 1;
			wire_put_bytes(&client.out, "\0\0\0\0\0\0\0\0\0\0\0"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 30);
			break;
		case 3:		/* unknown flags */
			client_begin(&client, PROTO_WALK);
			client.h.items = 1;
			wire_put_bytes(&client.out, "\0\0\0\0\377\377\377\377"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			    30);
			break;
		case 4:		/* a CREDIT that is cut off */
			client_begin(&client, PROTO_CREDIT);
			client.h.items = 1;
			wire_put_u32(&client.out, 1);
			break;
		case 5:		/* an unknown kind of text */
			client_begin(&client, PROTO_WALK);
			client.h.items = 2;
			wire_put_bytes(&client.out, "\0\0\0\0\0\0\0\0"
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			    "\3\0\0", 33);
			break;
		}
		assert_int_equal(client_call(&client), -1);
		client_expect_ended(&client, "cannot be decoded");
		client_end(&client);
	}
}

/* A request in many messages. */
static void
test_many_patterns(void **state)
{
	struct walkwire_start	 st;
	char			 text[4000];
	size_t			 total = 0;
	int			 error = 0, i;
	bool			 last = false;

	(void)state;
	walking_plant();
	lines_free(&got);
	for (i = 0; i < 2; i++, total = 0, last = false) {
		client_start(&client, client_role(walking_all), false);
		memset(&st, 0, sizeof(st));
		st.bytes = 1 << 20;
		st.fds = 100;
		(void)strlcpy(st.name, client_path("tree"), sizeof(st.name));
		memset(text, 'x', sizeof(text) - 1);
		text[250] = '/';	/* a component has 255 bytes */
		text[251] = '*';
		text[sizeof(text) - 1] = '\0';
		client_begin(&client, PROTO_WALK);
		walkwire_put_start(&client.out, &st);
		client.h.items = 1;
		while (!last) {
			/* A megabyte, or one pattern more. */
			last = total + 2 * sizeof(text) > FDB_WALK_PATTERNS_MAX;
			if (i == 1 && last)
				walkwire_put_text(&client.out,
				    WALKWIRE_EXCLUDE, text);
			walkwire_put_text(&client.out, WALKWIRE_EXCLUDE, last &&
			    i == 0 ? "*.o" : text);
			client.h.items = (uint16_t)(client.h.items + 1 +
			    (i == 1 && last));
			total += sizeof(text) - 1;
			client.h.flags = last ? 0 : PROTO_MORE;
			assert_int_equal(client_call(&client), 1);
			client_begin(&client, PROTO_WALK);
		}
		while (walking_receive(1) == 0)
			walking_slice();
		memset(&place, 0, sizeof(place));
		assert_true(walking_take(&place, &got, &error));
		assert_int_equal(error, i == 0 ? 0 : E2BIG);
		client_end(&client);
	}
	lines_expect(&got, "skip /src/main.o excluded");
	lines_free(&got);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_credit),
		UTIL_TEST(test_misuse),
		UTIL_TEST(test_many_patterns)
	};

	walking_waits = WALKING_WAITS;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
