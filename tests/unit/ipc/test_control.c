/*
 * test_control.c: requests, replies and states, whole and damaged.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/control.h"
#include "ipc/event.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

/* At least as many as the supervisor remembers. */
#define DENIALS		512
#define MUTATIONS	20000

/* Offset of the number of sessions in a state with three empty strings. */
#define COUNTS_AT	(8 + 8 + 8 + 4 * 4 + 8 * POLICY_LIMITS + 11 * 8 + 2 + \
			    3 * 8 + 3 * 2)

static bool
request_decodes(const void *p, size_t len, struct control_request *r)
{
	struct wire_in	 in;

	memset(r, 0x5a, sizeof(*r));
	wire_in_init(&in, p, len);
	control_get_request(&in, r);
	return wire_get_end(&in) == 0;
}

/* Is it a request? */
static bool
request_is_good(unsigned int command, uint32_t number, const char *role)
{
	struct control_request	 r, got;
	uint8_t			 p[256];
	struct wire_out		 w;

	memset(&r, 0, sizeof(r));
	r.command = (uint8_t)command;
	r.number = number;
	(void)strlcpy(r.role, role, sizeof(r.role));
	wire_out_init(&w, p, sizeof(p));
	control_put_request(&w, &r);
	assert_int_equal(wire_put_end(&w), 0);
	if (!request_decodes(p, w.len, &got))
		return false;
	assert_int_equal(got.command, command);
	assert_int_equal(got.number, number);
	assert_string_equal(got.role, r.role);
	return true;
}

/* Every number of a command, with a role and without. */
static void
test_requests(void **state)
{
	unsigned int	 c;

	(void)state;
	for (c = 0; c < 256; c++) {
		assert_int_equal(request_is_good(c, 0, ""),
		    c >= CONTROL_STATE && c <= CONTROL_LAST &&
		    c != CONTROL_ROLE);
		assert_int_equal(request_is_good(c, UINT32_MAX, "nightly"),
		    c == CONTROL_ROLE);
	}
}

static void
test_role_names(void **state)
{
	static const char *const	 bad[] = {
		" ", ".", "..", "/", "a/b", "-a", "_a", "a b", "a\n", "a.b",
		"\xff", "a\"", "a\\", "%s"
	};
	static const char *const	 good[] = {
		"a", "A9", "0", "a-b_c", "nightly"
	};
	struct control_request		 r;
	char				 name[POLICY_NAME_MAX + 3];
	uint8_t				 p[256];
	struct wire_out			 w;
	size_t				 i, len;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(request_is_good(CONTROL_ROLE, 0, good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (request_is_good(CONTROL_ROLE, 0, bad[i]))
			fail_msg("\"%s\" was taken", bad[i]);
	for (len = POLICY_NAME_MAX; len < sizeof(name); len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		wire_out_init(&w, p, sizeof(p));
		wire_put_u8(&w, CONTROL_ROLE);
		wire_put_u32(&w, 0);
		wire_put_str(&w, name);
		assert_int_equal(request_decodes(p, w.len, &r),
		    len <= POLICY_NAME_MAX);
	}
	/* A NUL within. */
	wire_out_init(&w, p, sizeof(p));
	wire_put_u8(&w, CONTROL_ROLE);
	wire_put_u32(&w, 0);
	wire_put_u16(&w, 3);
	wire_put_bytes(&w, "a\0b", 3);
	assert_false(request_decodes(p, w.len, &r));
}

static void
test_request_cut(void **state)
{
	struct control_request	 r, got;
	uint8_t			 p[64], *cut;
	struct wire_out		 w;
	size_t			 n;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.command = CONTROL_ROLE;
	(void)strlcpy(r.role, "nightly", sizeof(r.role));
	wire_out_init(&w, p, sizeof(p));
	control_put_request(&w, &r);
	p[w.len] = 0;
	for (n = 0; n <= w.len + 1; n++) {
		assert_true((cut = malloc(n)) != NULL || n == 0);
		if (n > 0)
			memcpy(cut, p, n);
		assert_int_equal(request_decodes(cut, n, &got), n == w.len);
		free(cut);
	}
}

static void
test_reply(void **state)
{
	struct control_reply	 r, got;
	uint8_t			 p[512], *cut;
	char			 text[PROTO_TEXT_MAX];
	struct wire_out		 w;
	struct wire_in		 in;
	size_t			 n;

	(void)state;
	memset(text, 't', sizeof(text));
	memset(&r, 0, sizeof(r));
	r.error = ENOENT;
	r.len = UINT64_MAX - 5;
	memset(r.text, 't', sizeof(r.text) - 1);
	wire_out_init(&w, p, sizeof(p) - 1);
	control_put_reply(&w, &r);
	assert_int_equal(wire_put_end(&w), 0);
	p[w.len] = 0;
	for (n = 0; n <= w.len + 1; n++) {
		assert_true((cut = malloc(n)) != NULL || n == 0);
		if (n > 0)
			memcpy(cut, p, n);
		memset(&got, 0x5a, sizeof(got));
		wire_in_init(&in, cut, n);
		control_get_reply(&in, &got);
		assert_int_equal(wire_get_end(&in), n == w.len ? 0 : -1);
		if (n == w.len) {
			assert_int_equal(got.error, r.error);
			assert_true(got.len == r.len);
			assert_string_equal(got.text, r.text);
		}
		free(cut);
	}
	/* A text that does not fit. */
	wire_out_init(&w, p, sizeof(p));
	wire_put_u32(&w, 0);
	wire_put_u64(&w, 0);
	wire_put_u16(&w, PROTO_TEXT_MAX);
	wire_put_bytes(&w, text, PROTO_TEXT_MAX);
	wire_in_init(&in, p, w.len);
	control_get_reply(&in, &got);
	assert_int_equal(wire_get_end(&in), -1);
}

static void
make_sessions(struct control_state *st, uint32_t n)
{
	struct control_session	*s;
	uint32_t		 i;

	assert_non_null(st->sessions = calloc(n + 1, sizeof(*s)));
	st->nsessions = n;
	for (i = 0; i < n; i++) {
		s = &st->sessions[i];
		s->id = i + 1;
		s->uid = UINT32_MAX - i;
		s->gid = 7 * i;
		s->pid = (int32_t)i + 1000;
		s->opener = i == 0 ? -1 : INT32_MAX;
		s->since = -1 - (int64_t)i;
		s->started = i % 2;
		s->confined = 0x3f;
		s->refused = UINT64_MAX - i;
		s->tokens = i + 256;
		s->bytes = i + 65536;
		s->opens = i;
		(void)snprintf(s->role, sizeof(s->role), "role%u", i);
	}
}

static void
make_roles(struct control_state *st, uint32_t n, bool big)
{
	struct control_role	*r;
	uint32_t		 i;

	assert_non_null(st->roles = calloc(n + 1, sizeof(*r)));
	st->nroles = n;
	for (i = 0; i < n; i++) {
		r = &st->roles[i];
		(void)snprintf(r->name, sizeof(r->name), "role%u", i);
		(void)strlcpy(r->file, "/etc/fdbroker.conf", sizeof(r->file));
		if (big) {
			memset(r->file, 'f', sizeof(r->file) - 1);
			memset(r->as_user, 'u', sizeof(r->as_user) - 1);
		}
		r->line = i;
		r->rules = i + 1;
		r->peers = i + 2;
		r->sessions = i + 3;
		r->max_sessions = i + 4;
		r->limits[LIMIT_BYTES_PER_UID] = UINT64_MAX - i;
	}
}

static void
make_denials(struct control_state *st, uint32_t n, bool big)
{
	struct audit_entry	*a;
	uint32_t		 i;

	assert_non_null(st->denials = calloc(n + 1, sizeof(*a)));
	st->ndenials = n;
	for (i = 0; i < n; i++) {
		a = &st->denials[i];
		a->when.tv_sec = 1790000000 + (time_t)i;
		a->when.tv_nsec = 999999999;
		a->subject.session = i;
		a->subject.uid = i + 1;
		a->subject.pid = (pid_t)i + 2;
		(void)strlcpy(a->subject.role, "nightly",
		    sizeof(a->subject.role));
		a->event.op = POLICY_OP_READ;
		a->event.error = EACCES;
		a->event.reason = FDB_REASON_POLICY;
		a->event.policy = POLICY_DENIED;
		a->event.id = i + 3;
		a->event.ino = i;
		event_set_path(&a->event, "/a\nb");
		(void)strlcpy(a->event.where, "x:1", sizeof(a->event.where));
		if (big) {
			memset(a->event.path, 'p', EVENT_PATH_MAX - 1);
			memset(a->event.where, 'w', PROTO_TEXT_MAX - 1);
		}
	}
}

/* A state with these numbers of records; big: all texts of full length. */
static void
make(struct control_state *st, uint32_t sessions, uint32_t roles,
    uint32_t denials, bool big)
{
	memset(st, 0, sizeof(*st));
	st->generation = 1;
	st->now = 2;
	st->since = -3;
	st->nofile = 4;
	st->fit = 5;
	st->max_sessions = 6;
	st->max_per_uid = 7;
	st->limits[LIMIT_TOKENS_PER_UID] = 16;
	st->admitted = 8;
	st->refused = 9;
	st->reloads = 10;
	st->failed_reloads = 11;
	st->audit_written = 12;
	st->audit_dropped = 13;
	st->audit_failed = 14;
	st->denied = 15;
	st->audit_mode = AUDITMODE_ALL;
	st->confinement_required = 1;
	st->supervisor.pid = 17;
	st->supervisor.confined = 0x29;
	st->listener.pid = INT32_MAX;
	st->listener.confined = UINT32_MAX;
	st->names.pid = 5;
	st->names.confined = 6;
	st->names_asked = 16;
	st->names_remembered = 17;
	st->names_failed = 18;
	if (big) {
		memset(st->rundir, 'r', sizeof(st->rundir) - 1);
		memset(st->conf_file, 'c', sizeof(st->conf_file) - 1);
		memset(st->audit_path, 'a', sizeof(st->audit_path) - 1);
	}
	make_sessions(st, sessions);
	make_roles(st, roles, big);
	make_denials(st, denials, big);
}

static uint8_t *
encode(const struct control_state *st, size_t *len)
{
	size_t		 size = control_state_size(st);
	struct wire_out	 w;
	uint8_t		*p;

	assert_non_null(p = malloc(size));
	wire_out_init(&w, p, size);
	control_put_state(&w, st);
	assert_int_equal(wire_put_end(&w), 0);
	*len = w.len;
	return p;
}

static int
decode(const void *p, size_t len, struct control_state *st)
{
	struct wire_in	 in;

	wire_in_init(&in, p, len);
	return control_get_state(&in, st);
}

/* A decoded state gives the same bytes when it is encoded again. */
static void
expect_same(struct control_state *got, const uint8_t *p, size_t len)
{
	uint8_t	*again;
	size_t	 n;

	again = encode(got, &n);
	assert_int_equal(n, len);
	assert_memory_equal(again, p, len);
	free(again);
}

static void
expect_fields(const struct control_state *got)
{
	assert_true(got->generation == 1 && got->now == 2);
	assert_true(got->since == -3 && got->nofile == 4 && got->fit == 5);
	assert_true(got->max_sessions == 6 && got->max_per_uid == 7);
	assert_true(got->limits[LIMIT_TOKENS_PER_UID] == 16);
	assert_true(got->admitted == 8 && got->refused == 9);
	assert_true(got->reloads == 10 && got->failed_reloads == 11);
	assert_true(got->audit_written == 12 && got->audit_dropped == 13);
	assert_true(got->audit_failed == 14 && got->denied == 15);
	assert_int_equal(got->audit_mode, AUDITMODE_ALL);
	assert_int_equal(got->confinement_required, 1);
	assert_int_equal(got->supervisor.pid, 17);
	assert_int_equal(got->supervisor.confined, 0x29);
	assert_int_equal(got->listener.pid, INT32_MAX);
	assert_int_equal(got->listener.confined, UINT32_MAX);
	assert_int_equal(got->names.pid, 5);
	assert_int_equal(got->names.confined, 6);
	assert_true(got->names_asked == 16);
	assert_true(got->names_remembered == 17 && got->names_failed == 18);
}

static void
expect_records(const struct control_state *st,
    const struct control_state *got)
{
	uint32_t	 i;

	assert_int_equal(got->nsessions, st->nsessions);
	assert_int_equal(got->nroles, st->nroles);
	assert_int_equal(got->ndenials, st->ndenials);
	for (i = 0; i < st->nsessions; i++)
		assert_memory_equal(&got->sessions[i], &st->sessions[i],
		    sizeof(st->sessions[i]));
	for (i = 0; i < st->nroles; i++)
		assert_memory_equal(&got->roles[i], &st->roles[i],
		    sizeof(st->roles[i]));
	for (i = 0; i < st->ndenials; i++)
		assert_memory_equal(&got->denials[i], &st->denials[i],
		    sizeof(st->denials[i]));
}

static void
round_trip(uint32_t sessions, uint32_t roles, uint32_t denials, bool big)
{
	struct control_state	 st, got;
	uint8_t			*p;
	size_t			 len;

	make(&st, sessions, roles, denials, big);
	p = encode(&st, &len);
	assert_int_equal(decode(p, len, &got), 0);
	expect_fields(&got);
	assert_string_equal(got.rundir, st.rundir);
	assert_string_equal(got.conf_file, st.conf_file);
	assert_string_equal(got.audit_path, st.audit_path);
	expect_records(&st, &got);
	expect_same(&got, p, len);
	control_state_free(&got);
	assert_null(got.sessions);
	assert_int_equal(got.nsessions + got.nroles + got.ndenials, 0);
	/* It can be freed again. */
	control_state_free(&got);
	control_state_free(&st);
	free(p);
}

static void
test_state(void **state)
{
	(void)state;
	round_trip(0, 0, 0, false);
	round_trip(0, 0, 0, true);
	round_trip(1, 1, 1, false);
	round_trip(1, 1, 1, true);
	round_trip(2, 0, 0, false);
	round_trip(0, 3, 0, false);
	round_trip(0, 0, 4, false);
	round_trip(300, 100, DENIALS, false);
	round_trip(300, 100, DENIALS, true);
}

/* The place of a rule reaches fdbrokerctl as the opener encoded it. */
static void
test_state_where(void **state)
{
	struct control_state	 st, got;
	uint8_t			*p;
	size_t			 len;

	(void)state;
	make(&st, 0, 0, 1, false);
	(void)strlcpy(st.denials[0].event.where, "a\\012b\\\\c",
	    sizeof(st.denials[0].event.where));
	p = encode(&st, &len);
	assert_int_equal(decode(p, len, &got), 0);
	assert_string_equal(got.denials[0].event.where, "a\\012b\\\\c");
	control_state_free(&got);
	control_state_free(&st);
	free(p);
}

static void
test_state_cut(void **state)
{
	struct control_state	 st, got;
	uint8_t			*p, *cut;
	size_t			 len, n;

	(void)state;
	make(&st, 3, 2, 3, false);
	p = encode(&st, &len);
	for (n = 0; n < len; n++) {
		assert_true((cut = malloc(n)) != NULL || n == 0);
		if (n > 0)
			memcpy(cut, p, n);
		errno = 0;
		assert_int_equal(decode(cut, n, &got), -1);
		assert_int_equal(errno, EPROTO);
		assert_null(got.sessions);
		assert_null(got.roles);
		assert_null(got.denials);
		free(cut);
	}
	assert_int_equal(decode(p, len, &got), 0);
	control_state_free(&got);
	/* There is room for one byte more. */
	assert_true(len < control_state_size(&st));
	p[len] = 0;
	assert_int_equal(decode(p, len + 1, &got), -1);
	control_state_free(&st);
	free(p);
}

/* A count of records that is not the number of records. */
static void
test_state_counts(void **state)
{
	static const uint32_t	 lies[] = {
		0, 1, 3, 4, 5, 1000, 100000, 100001, 0x7fffffff, 0x80000000,
		UINT32_MAX
	};
	struct control_state	 st, got;
	uint8_t			*p;
	uint32_t		 n;
	size_t			 len, at, i, k;

	(void)state;
	for (k = 0; k < 3; k++) {
		make(&st, k == 0 ? 2 : 0, k == 1 ? 2 : 0, k == 2 ? 2 : 0,
		    false);
		p = encode(&st, &len);
		at = COUNTS_AT + 4 * k;
		memcpy(&n, p + at, sizeof(n));
		assert_int_equal(n, 2);
		for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			memcpy(p + at, &lies[i], sizeof(lies[i]));
			assert_int_equal(decode(p, len, &got), -1);
			assert_int_equal(errno, EPROTO);
			assert_null(got.sessions);
		}
		control_state_free(&st);
		free(p);
	}
}

static void
test_state_mutations(void **state)
{
	struct control_state	 st, got;
	uint8_t			*p, *bad;
	size_t			 len, i, k, good = 0;

	(void)state;
	make(&st, 2, 2, 2, false);
	p = encode(&st, &len);
	assert_non_null(bad = malloc(len));
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(bad, p, len);
		for (k = util_random(4); k < 4; k++)
			bad[util_random((uint32_t)len)] =
			    (uint8_t)util_random(256);
		if (decode(bad, len, &got) == -1)
			continue;
		good++;
		control_state_free(&got);
	}
	assert_in_range(good, 1, MUTATIONS - 1);
	control_state_free(&st);
	free(bad);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_requests),
		UTIL_TEST(test_role_names),
		UTIL_TEST(test_request_cut),
		UTIL_TEST(test_reply),
		UTIL_TEST(test_state),
		UTIL_TEST(test_state_where),
		UTIL_TEST(test_state_cut),
		UTIL_TEST(test_state_counts),
		UTIL_TEST(test_state_mutations)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
