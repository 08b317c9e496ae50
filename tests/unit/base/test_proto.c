/*
 * test_proto.c: the table of clients' messages, the header of all messages,
 * and the records that several of them share.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "tests/unit/prototable.h"
#include "tests/unit/util.h"

#define MUTATIONS	100000

/* What fdbroker-protocol(7) says of each message. */
static const struct prototable_row rows[] = {
	{ 1,	"HELLO",	1, 1,		0, 0,	0, false },
	{ 2,	"WELCOME",	1, 1,		1, 1,	0, false },
	{ 3,	"REFUSED",	1, 1,		0, 0,	0, false },
	{ 5,	"ENDED",	1, 1,		0, 0,	0, false },
	{ 16,	"OPEN",		1, 253,		0, 0,	0, false },
	{ 17,	"STAT",		1, 253,		0, 0,	0, false },
	{ 18,	"LIST",		1, 1,		0, 0,	0, false },
	{ 19,	"FORGET",	1, 253,		0, 0,	0, false },
	{ 24,	"WALK",		1, 65535,	0, 0,	PROTO_MORE, false },
	{ 25,	"CREDIT",	1, 1,		0, 0,	0, false },
	{ 26,	"CANCEL",	0, 0,		0, 0,	0, false },
	{ 27,	"CHANGE",	1, 253,		0, 0,	0, false },
	{ 28,	"WATCH",	1, 1,		0, 0,	0, false },
	{ 29,	"LIMIT",	1, 1,		0, 0,	0, false },
	{ 32,	"OPEN_REPLY",	1, 253,		0, 253,	PROTO_MORE, true },
	{ 33,	"STAT_REPLY",	1, 253,		0, 0,	PROTO_MORE, true },
	{ 34,	"LIST_REPLY",	0, 65535,	0, 0,	0, true },
	{ 40,	"WALK_REPLY",	1, 65535,	0, 253,	PROTO_MORE, true },
	{ 43,	"CHANGED",	1, 253,		0, 253,	PROTO_MORE, true },
	{ 44,	"WATCHED",	1, 1,		0, 1,	PROTO_MORE, true },
	{ 45,	"LIMITED",	1, 1,		0, 0,	0, true },
	{ 48,	"HANDOFF",	0, 0,		1, 1,	0, false },
};

static const struct prototable	 table = {
	rows, sizeof(rows) / sizeof(rows[0]), proto_parse, proto_name
};

static uint8_t	buf[PROTO_MAX + 64];

static void
test_items(void **state)
{
	(void)state;
	prototable_check_items(&table);
}

static void
test_descriptors(void **state)
{
	(void)state;
	prototable_check_descriptors(&table);
}

static void
test_flags(void **state)
{
	(void)state;
	prototable_check_flags(&table);
}

static void
test_generation(void **state)
{
	(void)state;
	prototable_check_generation(&table);
}

static void
test_types(void **state)
{
	(void)state;
	prototable_check_types(&table);
}

/* Overwrite a field of a good header and parse it. */
static const char *
fault_at(size_t at, const void *field, size_t size, size_t len)
{
	struct util_header	 uh = { .type = PROTO_HELLO, .items = 1 };
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what = NULL;
	int			 ret;

	(void)util_message(buf, sizeof(buf), &uh, NULL, 0);
	if (size > 0)
		memcpy(buf + at, field, size);
	ret = proto_parse(buf, len, 0, &h, &in, &what);
	assert_int_equal(ret, what == NULL ? 0 : -1);
	return what;
}

static void
test_header(void **state)
{
	uint32_t	 v32;
	uint16_t	 v16;
	size_t		 len;

	(void)state;
	assert_null(fault_at(0, NULL, 0, PROTO_HEADER));
	for (len = 0; len < PROTO_HEADER; len++)
		assert_string_equal(fault_at(0, NULL, 0, len),
		    "shorter than a header");
	v32 = PROTO_MAGIC + 1;
	assert_string_equal(fault_at(0, &v32, 4, PROTO_HEADER), "wrong magic");
	v32 = 0x31424446;	/* the other byte order */
	assert_string_equal(fault_at(0, &v32, 4, PROTO_HEADER), "wrong magic");
	for (v16 = 0; v16 < 3; v16++)
		if (v16 != PROTO_VERSION)
			assert_string_equal(fault_at(4, &v16, 2,
			    PROTO_HEADER), "unknown version");
	/* The length in the header and the length of the message differ. */
	assert_string_equal(fault_at(0, NULL, 0, PROTO_HEADER + 1),
	    "wrong length");
	for (v32 = 0; v32 < PROTO_HEADER * 2; v32++)
		if (v32 != PROTO_HEADER)
			assert_string_equal(fault_at(16, &v32, 4,
			    PROTO_HEADER), "wrong length");
	v32 = UINT32_MAX;
	assert_string_equal(fault_at(16, &v32, 4, PROTO_HEADER),
	    "wrong length");
}

/* A message of the largest size, and of one byte more. */
static void
test_largest(void **state)
{
	static uint8_t		 body[PROTO_MAX];
	struct util_header	 uh = { .type = PROTO_HELLO, .items = 1 };
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*what;
	size_t			 len;

	(void)state;
	len = util_message(buf, sizeof(buf), &uh, body,
	    PROTO_MAX - PROTO_HEADER);
	assert_int_equal(len, PROTO_MAX);
	assert_int_equal(proto_parse(buf, len, 0, &h, &in, &what), 0);
	assert_int_equal(in.left, PROTO_MAX - PROTO_HEADER);
	len = util_message(buf, sizeof(buf), &uh, body,
	    PROTO_MAX - PROTO_HEADER + 1);
	assert_int_equal(proto_parse(buf, len, 0, &h, &in, &what), -1);
	assert_string_equal(what, "wrong length");
}

static void
test_begin_finish(void **state)
{
	struct util_header	 uh = { .type = PROTO_OPEN_REPLY, .id = 7,
				    .items = 3, .fds = 2,
				    .flags = PROTO_MORE,
				    .generation = 0x01020304 };
	struct proto_header	 h = { .type = PROTO_OPEN_REPLY, .id = 7,
				    .items = 3, .fds = 2,
				    .flags = PROTO_MORE,
				    .generation = 0x01020304 };
	static const uint8_t	 body[PROTO_MAX];
	uint8_t			 other[PROTO_HEADER + 4];
	struct wire_out		 w;
	size_t			 len;

	(void)state;
	len = util_message(other, sizeof(other), &uh, "body", 4);
	proto_begin(&w, buf, sizeof(buf));
	wire_put_bytes(&w, "body", 4);
	assert_int_equal(proto_finish(&w, &h), len);
	assert_memory_equal(buf, other, len);

	/* No message is longer than PROTO_MAX, whatever the buffer. */
	proto_begin(&w, buf, sizeof(buf));
	assert_int_equal(w.size, PROTO_MAX);
	wire_put_bytes(&w, body, PROTO_MAX - PROTO_HEADER);
	assert_int_equal(proto_finish(&w, &h), PROTO_MAX);
	wire_put_u8(&w, 0);
	errno = 0;
	assert_int_equal(proto_finish(&w, &h), 0);
	assert_int_equal(errno, EMSGSIZE);

	/* The header alone, of a message that was cut off. */
	(void)util_message(other, sizeof(other), &uh, "body", 4);
	memset(&h, 0, sizeof(h));
	proto_peek(other, &h);
	assert_int_equal(h.type, uh.type);
	assert_int_equal(h.id, uh.id);
	assert_int_equal(h.items, uh.items);
	assert_int_equal(h.fds, uh.fds);
	assert_int_equal(h.flags, uh.flags);

	/* A buffer that is too small for a header. */
	proto_begin(&w, other, PROTO_HEADER - 1);
	assert_int_equal(proto_finish(&w, &h), 0);
}

/*
 * One kind of record.  sample() fills `decoded', get() decodes into it and
 * put() encodes it again.
 */
struct record {
	const char	*name;
	void		(*sample)(void);
	void		(*get)(struct wire_in *);
	void		(*put)(struct wire_out *);
};

static union {
	struct fdb_stat		 st;
	struct proto_status	 status;
	struct fdb_session_info	 info;
} decoded;

static void
sample_stat(void)
{
	memset(&decoded.st, 0x5a, sizeof(decoded.st));
	decoded.st.mtime = INT64_MIN;
	decoded.st.btime_nsec = UINT32_MAX;
}

static void
get_stat(struct wire_in *w)
{
	proto_get_stat(w, &decoded.st);
}

static void
put_stat(struct wire_out *w)
{
	proto_put_stat(w, &decoded.st);
}

static void
sample_status(void)
{
	decoded.status.error = EACCES;
	decoded.status.reason = FDB_REASON_POLICY;
	decoded.status.id = 0xfedcba98;
	(void)strlcpy(decoded.status.where, "fdbroker.conf:7 \"keys\"",
	    sizeof(decoded.status.where));
}

static void
get_status(struct wire_in *w)
{
	proto_get_status(w, &decoded.status);
}

static void
put_status(struct wire_out *w)
{
	proto_put_status(w, &decoded.status);
}

static void
sample_info(void)
{
	decoded.info.id = 3;
	decoded.info.generation = UINT64_MAX;
	decoded.info.window = 8;
	decoded.info.batch = FDB_BATCH_MAX;
	decoded.info.bytes = PROTO_MAX;
	decoded.info.tokens = 256;
	decoded.info.confined = 0x3f;
	decoded.info.worker_uid = 1001;
	decoded.info.worker_gid = 1002;
	(void)strlcpy(decoded.info.role, "nightly", sizeof(decoded.info.role));
}

static void
get_info(struct wire_in *w)
{
	proto_get_info(w, &decoded.info);
}

static void
put_info(struct wire_out *w)
{
	proto_put_info(w, &decoded.info);
}

static const struct record records[] = {
	{ "stat",	sample_stat,	get_stat,	put_stat },
	{ "status",	sample_status,	get_status,	put_status },
	{ "info",	sample_info,	get_info,	put_info },
};

#define NRECORDS	(sizeof(records) / sizeof(records[0]))

/* Encode a sample; its length. */
static size_t
encode_sample(const struct record *r, uint8_t *p, size_t size)
{
	struct wire_out	 w;

	memset(&decoded, 0, sizeof(decoded));
	r->sample();
	wire_out_init(&w, p, size);
	r->put(&w);
	assert_int_equal(wire_put_end(&w), 0);
	return w.len;
}

/*
 * Decode a record.  False if it is refused; an accepted one must give the same
 * bytes when it is encoded again.
 */
static bool
decode(const struct record *r, const uint8_t *p, size_t len)
{
	uint8_t		 again[1024];
	struct wire_out	 out;
	struct wire_in	 in;

	memset(&decoded, 0, sizeof(decoded));
	wire_in_init(&in, p, len);
	r->get(&in);
	if (wire_get_end(&in) == -1)
		return false;
	wire_out_init(&out, again, sizeof(again));
	r->put(&out);
	if (wire_put_end(&out) == -1 || out.len != len ||
	    memcmp(again, p, len) != 0)
		fail_msg("%s: accepted, but not whole", r->name);
	return true;
}

static void
test_record_cut(void **state)
{
	uint8_t	 whole[512], *cut;
	size_t	 i, len, n;

	(void)state;
	for (i = 0; i < NRECORDS; i++) {
		len = encode_sample(&records[i], whole, sizeof(whole) - 1);
		whole[len] = 0;
		for (n = 0; n <= len + 1; n++) {
			assert_true((cut = malloc(n)) != NULL || n == 0);
			if (n > 0)
				memcpy(cut, whole, n);
			assert_int_equal(decode(&records[i], cut, n),
			    n == len);
			free(cut);
		}
	}
	assert_int_equal(encode_sample(&records[0], whole, sizeof(whole)),
	    PROTO_STAT_LEN);
}

static void
test_record_mutations(void **state)
{
	uint8_t	 whole[512], bad[512];
	size_t	 i, k, len, accepted;
	int	 round;

	(void)state;
	for (i = 0; i < NRECORDS; i++) {
		len = encode_sample(&records[i], whole, sizeof(whole));
		accepted = 0;
		for (round = 0; round < MUTATIONS; round++) {
			memcpy(bad, whole, len);
			for (k = util_random(4); k < 4; k++)
				bad[util_random((uint32_t)len)] =
				    (uint8_t)util_random(256);
			accepted += decode(&records[i], bad, len);
		}
		/* All bytes make a stat; some do not make the others. */
		if (i == 0)
			assert_int_equal(accepted, MUTATIONS);
		else
			assert_in_range(accepted, 1, MUTATIONS - 1);
	}
}

/* An error has a reason, and only an error has. */
static void
test_status(void **state)
{
	static const struct {
		uint32_t	 error;
		uint8_t		 reason;
		bool		 good;
	} cases[] = {
		{ 0, FDB_REASON_NONE, true },
		{ 0, FDB_REASON_POLICY, false },
		{ 0, FDB_REASON_NAME, false },
		{ EACCES, FDB_REASON_NONE, false },
		{ EACCES, FDB_REASON_POLICY, true },
		{ ENOENT, FDB_REASON_NAME, true },
		{ ENOENT, FDB_REASON_NAME + 1, false },
		{ ENOENT, UINT8_MAX, false },
		{ INT32_MAX, FDB_REASON_KERNEL, true },
		{ 0x80000000U, FDB_REASON_KERNEL, false },
		{ UINT32_MAX, FDB_REASON_KERNEL, false },
	};
	uint8_t	 p[64];
	size_t	 i, len;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		len = encode_sample(&records[1], p, sizeof(p));
		memcpy(p, &cases[i].error, 4);
		p[4] = cases[i].reason;
		assert_int_equal(decode(&records[1], p, len), cases[i].good);
	}
}

/* A text of the longest length, and one byte longer. */
static void
test_status_text(void **state)
{
	char		 text[PROTO_TEXT_MAX + 1];
	uint8_t		 p[PROTO_TEXT_MAX + 16];
	struct wire_out	 w;
	size_t		 len;

	(void)state;
	for (len = PROTO_TEXT_MAX - 1; len <= PROTO_TEXT_MAX; len++) {
		memset(text, 't', len);
		text[len] = '\0';
		wire_out_init(&w, p, sizeof(p));
		wire_put_u32(&w, EIO);
		wire_put_u8(&w, FDB_REASON_KERNEL);
		wire_put_u32(&w, 7);
		wire_put_str(&w, text);
		assert_int_equal(wire_put_end(&w), 0);
		assert_int_equal(decode(&records[1], p, w.len),
		    len < PROTO_TEXT_MAX);
	}
}

static bool
info_is_good(void)
{
	uint8_t		 p[256];
	struct wire_out	 w;

	wire_out_init(&w, p, sizeof(p));
	put_info(&w);
	assert_int_equal(wire_put_end(&w), 0);
	return decode(&records[2], p, w.len);
}

/* Is an info still accepted with this value in one field? */
#define INFO(field, value)	(memset(&decoded, 0, sizeof(decoded)), \
				    sample_info(), \
				    decoded.info.field = (value), \
				    info_is_good())

static void
test_info(void **state)
{
	(void)state;
	assert_true(INFO(id, 0));
	assert_true(INFO(window, 1));
	assert_true(INFO(window, 64));
	assert_false(INFO(window, 0));
	assert_false(INFO(window, 65));
	assert_false(INFO(window, UINT32_MAX));
	assert_true(INFO(batch, 1));
	assert_false(INFO(batch, 0));
	assert_false(INFO(batch, FDB_BATCH_MAX + 1));
	assert_true(INFO(bytes, 8192));
	assert_false(INFO(bytes, 8191));
	assert_false(INFO(bytes, PROTO_MAX + 1));
	assert_false(INFO(bytes, UINT32_MAX));
	assert_true(INFO(tokens, 1));
	assert_false(INFO(tokens, 0));
}

/* In the order of fdbroker-protocol(7), one field after the other. */
static void
test_stat_fields(void **state)
{
	const struct fdb_stat	 st = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
		12, 13, 14, 15, 16, 17, 18, 19, 20 };
	struct wire_out		 out;
	struct wire_in		 in;
	uint64_t		 i;

	(void)state;
	wire_out_init(&out, buf, sizeof(buf));
	proto_put_stat(&out, &st);
	wire_in_init(&in, buf, out.len);
	for (i = 1; i <= 8; i++)
		assert_int_equal(wire_get_u32(&in), i);
	for (; i <= 11; i++)
		assert_int_equal(wire_get_u64(&in), i);
	for (; i <= 15; i++)
		assert_int_equal(wire_get_i64(&in), i);
	for (; i <= 19; i++)
		assert_int_equal(wire_get_u32(&in), i);
	assert_int_equal(wire_get_end(&in), 0);
	wire_in_init(&in, buf, out.len);
	proto_get_stat(&in, &decoded.st);
	assert_int_equal(decoded.st.mode, 1);
	assert_int_equal(decoded.st.btime_nsec, 19);
	assert_int_equal(decoded.st.attributes, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_items),
		UTIL_TEST(test_descriptors),
		UTIL_TEST(test_flags),
		UTIL_TEST(test_generation),
		UTIL_TEST(test_types),
		UTIL_TEST(test_header),
		UTIL_TEST(test_largest),
		UTIL_TEST(test_begin_finish),
		UTIL_TEST(test_record_cut),
		UTIL_TEST(test_record_mutations),
		UTIL_TEST(test_status),
		UTIL_TEST(test_status_text),
		UTIL_TEST(test_info),
		UTIL_TEST(test_stat_fields)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
