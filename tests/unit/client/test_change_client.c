/*
 * test_change_client.c: changes as the library asks for them, and what it hands
 * out as their results.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/changewire.h"
#include "tests/unit/fake.h"
#include "tests/unit/util.h"

static struct fake	 fake;
static struct fdb_result got;

static void
put(enum changewire_kind kind, uint32_t error, uint8_t refused,
    uint32_t number, int fd)
{
	struct changewire_result	 r;

	memset(&r, 0, sizeof(r));
	r.kind = kind;
	r.status.error = error;
	r.status.reason = error != 0 ? FDB_REASON_POLICY : FDB_REASON_NONE;
	r.refused = refused;
	r.number = number;
	r.st.mode = S_IFREG | 0600;
	changewire_put_result(&fake.out, &r);
	fake.reply.items++;
	if (fd != -1)
		fake.fds[fake.reply.fds++] = fd;
}

/* All kinds, in one batch, in their order. */
static void
ask_all(void)
{
	struct fdb_meta	 m = { .set = FDB_META_MTIME, .mtime = 1 };

	assert_int_equal(fdb_create_at(fake.s, 0, "/d/f", 0600, 0), 0);
	assert_int_equal(fdb_commit_at(fake.s, 1, 0, "/d/f", FDB_OVER_NEWER,
	    &m, 1), 0);
	assert_int_equal(fdb_abandon(fake.s, 2, 2), 0);
	assert_int_equal(fdb_mkdir_at(fake.s, 0, "/d", FDB_MKDIR_TOKEN,
	    FDB_OVER_REFUSE, 3), 0);
	assert_int_equal(fdb_symlink_at(fake.s, 0, "/d/l", "..",
	    FDB_OVER_REPLACE, NULL, 4), 0);
	assert_int_equal(fdb_link_at(fake.s, 0, "/d/h", 0, "/d/f",
	    FDB_OVER_REFUSE, 5), 0);
	assert_int_equal(fdb_mknod_at(fake.s, 0, "/d/p", S_IFIFO | 0600, 0, 0,
	    FDB_OVER_REFUSE, &m, 6), 0);
	assert_int_equal(fdb_setmeta_at(fake.s, 9, "", &m, 7), 0);
	assert_int_equal(fdb_remove_at(fake.s, 0, "/d/x", FDB_REMOVE_DIR, 8),
	    0);
	m.set = FDB_META_XATTR;
	assert_int_equal(fdb_preset_at(fake.s, 1, 0, "/d/f", &m, 9), 0);
	assert_int_equal(fdb_outstanding(fake.s), 10);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_CHANGE);
	assert_int_equal(fake.h.items, 10);
}

static void
test_all(void **state)
{
	static char		 names[CHANGEWIRE_NAMES];
	struct changewire_item	 it;
	char			*p = names;
	unsigned int		 kind;

	(void)state;
	fake_attach(&fake, NULL);
	ask_all();
	for (kind = 1; kind < CHANGEWIRE_KINDS; kind++) {
		changewire_get_item(&fake.in, &it, &p);
		assert_int_equal(it.kind, kind);
	}
	assert_int_equal(wire_get_end(&fake.in), 0);
	fake_reply(&fake, PROTO_CHANGED);
	put(CHANGEWIRE_CREATE, 0, 0, 1, fake_null());
	put(CHANGEWIRE_COMMIT, EACCES, FDB_META_OWNER, 0, -1);
	put(CHANGEWIRE_ABANDON, 0, 0, 0, -1);
	put(CHANGEWIRE_MKDIR, 0, 0, 9, -1);
	fake_send(&fake, PROTO_MORE);
	fake_reply(&fake, PROTO_CHANGED);
	for (kind = CHANGEWIRE_SYMLINK; kind < CHANGEWIRE_KINDS; kind++)
		put((enum changewire_kind)kind, 0, 0, 0, -1);
	fake_send(&fake, 0);
	assert_int_equal(fdb_next(fake.s, &got), 1);
	assert_int_equal(got.kind, FDB_RESULT_CREATE);
	assert_int_equal(got.pending, 1);
	assert_int_equal(got.token, 0);
	assert_true(got.fd != -1);
	close(got.fd);
	fake_next(&fake, &got, FDB_RESULT_COMMIT, 1, EACCES);
	assert_int_equal(got.refused, FDB_META_OWNER);
	fake_next(&fake, &got, FDB_RESULT_ABANDON, 2, 0);
	fake_next(&fake, &got, FDB_RESULT_MKDIR, 3, 0);
	assert_int_equal(got.token, 9);
	assert_int_equal(got.pending, 0);
	fake_next(&fake, &got, FDB_RESULT_SYMLINK, 4, 0);
	fake_next(&fake, &got, FDB_RESULT_LINK, 5, 0);
	fake_next(&fake, &got, FDB_RESULT_MKNOD, 6, 0);
	fake_next(&fake, &got, FDB_RESULT_SETMETA, 7, 0);
	fake_next(&fake, &got, FDB_RESULT_REMOVE, 8, 0);
	fake_next(&fake, &got, FDB_RESULT_PRESET, 9, 0);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	fake_end(&fake);
}

/* A broker that answers something else breaks the protocol. */
static void
test_wrong(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_abandon(fake.s, 1, 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_CHANGE);
	fake_reply(&fake, PROTO_CHANGED);
	put(CHANGEWIRE_COMMIT, 0, 0, 0, -1);
	fake_send(&fake, 0);
	fake_over(&fake, EPROTO, "the broker broke the protocol: "
	    "a reply to another change");
	fake_end(&fake);

	/* A descriptor of what is no CREATE. */
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_abandon(fake.s, 1, 0), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_CHANGE);
	fake_reply(&fake, PROTO_CHANGED);
	put(CHANGEWIRE_ABANDON, 0, 0, 0, fake_null());
	fake_send(&fake, 0);
	fake_over(&fake, EPROTO, "the broker broke the protocol: "
	    "a reply with the wrong number of descriptors");
	fake_end(&fake);
}

/* Descriptors that are lost: what was done is told all the same. */
static void
test_lost(void **state)
{
	(void)state;
	fake_attach(&fake, NULL);
	assert_int_equal(fdb_mkdir_at(fake.s, 0, "/d", 0, FDB_OVER_REFUSE, 0),
	    0);
	assert_int_equal(fdb_create_at(fake.s, 0, "/d/f", 0600, 1), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	fake_expect(&fake, PROTO_CHANGE);
	fake_reply(&fake, PROTO_CHANGED);
	put(CHANGEWIRE_MKDIR, 0, 0, 0, -1);
	put(CHANGEWIRE_CREATE, 0, 0, 4, fake_null());
	fake_send(&fake, 0);
	util_limit_fds(0);
	fake_next(&fake, &got, FDB_RESULT_MKDIR, 0, 0);
	assert_int_equal(fdb_next(fake.s, &got), 1);
	util_unlimit_fds();
	assert_int_equal(got.kind, FDB_RESULT_CREATE);
	assert_int_equal(got.error, EMFILE);
	assert_int_equal(got.pending, 4);
	assert_int_equal(got.fd, -1);
	fake_end(&fake);
}

#define REFUSED(call, error) do { \
	errno = 0; \
	assert_int_equal(call, -1); \
	assert_int_equal(errno, error); \
} while (0)

static void
test_arguments(void **state)
{
	static char	 big[FDB_XATTR_VALUE_MAX + 1], text[PROTO_PATH_MAX + 1];
	struct fdb_xattr xattrs[2] = {
		{ "user.x", big, FDB_XATTR_VALUE_MAX },
		{ "user.y", big, 8192 }
	}, *x = &xattrs[0];
	struct fdb_meta	 m = { .set = FDB_META_XATTR, .xattrs = xattrs,
	    .nxattrs = 2 };

	(void)state;
	fake_attach(&fake, NULL);
	REFUSED(fdb_create_at(fake.s, 0, "/", 0600, 0), EINVAL);
	REFUSED(fdb_create_at(fake.s, 0, "a/../b", 0600, 0), EINVAL);
	REFUSED(fdb_create_at(fake.s, 0, "a", 04755, 0), EINVAL);
	/* Together they do not fit one message. */
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG);
	m.nxattrs = 1;
	x->length++;
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG);
	x->length = 1;
	x->name = "";
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), EINVAL);
	m.nxattrs = FDB_XATTRS_MAX + 1;
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), E2BIG);
	m.set = 0x20;
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), EINVAL);
	m.set = FDB_META_OWNER;
	m.uid = UINT32_MAX;
	REFUSED(fdb_setmeta_at(fake.s, 0, "a", &m, 0), EINVAL);
	REFUSED(fdb_mkdir_at(fake.s, 0, "a", 0x101, FDB_OVER_REFUSE, 0),
	    EINVAL);
	REFUSED(fdb_mkdir_at(fake.s, 0, "a", 0, (enum fdb_over)3, 0), EINVAL);
	REFUSED(fdb_remove_at(fake.s, 0, "a", 0x100, 0), EINVAL);
	REFUSED(fdb_symlink_at(fake.s, 0, "a", "", FDB_OVER_REFUSE, NULL, 0),
	    EINVAL);
	memset(text, 'a', PROTO_PATH_MAX);
	REFUSED(fdb_symlink_at(fake.s, 0, "a", text, FDB_OVER_REFUSE, NULL,
	    0), ENAMETOOLONG);
	REFUSED(fdb_link_at(fake.s, 0, "a", 0, "..", FDB_OVER_REFUSE, 0),
	    EINVAL);
	REFUSED(fdb_mknod_at(fake.s, 0, "a", S_IFREG | 0600, 0, 0,
	    FDB_OVER_REFUSE, NULL, 0), EINVAL);
	assert_int_equal(fdb_outstanding(fake.s), 0);
	assert_int_equal(fdb_flush(fake.s), 0);
	assert_int_equal(fake_request(&fake), 0);
	fake_end(&fake);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_all),
		UTIL_TEST(test_wrong),
		UTIL_TEST(test_lost),
		UTIL_TEST(test_arguments)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
