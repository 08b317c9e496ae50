/*
 * test_object.c: metadata that is restored, what becomes of it when some is
 * refused, and directories whose metadata waits.
 */

#include "config.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/attributes.h"
#include "sandbox/dirs.h"
#include "sandbox/object.h"
#include "tests/unit/util.h"

#define SET	(FDB_META_MODE | FDB_META_OWNER | FDB_META_MTIME)

static struct buf	 set;

/* An object with these attributes, of which the last is NULL. */
static void
make(struct object *o, uint32_t mode, const char *const *names)
{
	struct entry	 e;

	entry_init(&e, "member");
	e.mode = mode;
	e.uid = 7;
	e.gid = 8;
	e.mtime = -1;
	e.mtime_nsec = 999999999;
	buf_cut(&set, 0);
	for (; names != NULL && *names != NULL; names++)
		assert_int_equal(attributes_add(&set, *names, *names,
		    strlen(*names)), 0);
	e.attributes = set.data;
	e.attributes_len = set.len;
	assert_int_equal(object_make(o, &e, "a/b", "target", SET), 0);
	/* The object does not need the member any more. */
	if (set.len > 0)
		memset(set.data, 'x', set.len);
}

static void
test_copy(void **state)
{
	static const char *const names[] = { "user.a", "user.b", NULL };
	struct object		 o;
	struct fdb_meta		 m;

	(void)state;
	make(&o, S_IFREG | 0640, names);
	assert_string_equal(o.name, "a/b");
	assert_string_equal(o.link, "target");
	object_meta(&o, &m);
	assert_int_equal(m.set, SET | FDB_META_XATTR);
	assert_int_equal(m.mode, 0640);
	assert_int_equal(m.uid, 7);
	assert_int_equal(m.gid, 8);
	assert_int_equal(m.mtime, -1);
	assert_int_equal(m.mtime_nsec, 999999999);
	assert_int_equal(m.nxattrs, 2);
	assert_string_equal(m.xattrs[0].name, "user.a");
	assert_memory_equal(m.xattrs[1].value, "user.b", 6);
	assert_int_equal(o.lost, 0);
	object_clear(&o);
	make(&o, S_IFREG | 0640, NULL);
	object_meta(&o, &m);
	assert_int_equal(m.set, SET);
	assert_int_equal(m.nxattrs, 0);
	object_clear(&o);
}

/* What needs most rights goes first, and each step leaves something out. */
static void
test_attributes(void **state)
{
	static const char *const names[] = {
		"security.capability", "trusted.x", "user.a", NULL
	};
	static const char *const foreign[] = { "com.apple.x", "user.a", NULL };
	struct object		 o;

	(void)state;
	make(&o, S_IFREG | 0640, names);
	assert_int_equal(o.nxattrs, 3);
	assert_true(object_reduce(&o, FDB_META_XATTR));
	assert_int_equal(o.lost, OBJECT_LOST_OTHER);
	assert_int_equal(o.nxattrs, 2);
	assert_true(object_reduce(&o, FDB_META_XATTR));
	assert_int_equal(o.lost, OBJECT_LOST_OTHER | OBJECT_LOST_CAPABILITY);
	assert_string_equal(o.xattrs[0].name, "user.a");
	assert_true(object_reduce(&o, FDB_META_XATTR));
	assert_int_equal(o.nxattrs, 0);
	assert_false(o.set & FDB_META_XATTR);
	/* Asking again would change nothing. */
	assert_false(object_reduce(&o, FDB_META_XATTR));
	object_clear(&o);
	/* No request has an attribute without a namespace of Linux. */
	make(&o, S_IFREG | 0640, foreign);
	assert_int_equal(o.nxattrs, 1);
	assert_int_equal(o.lost, OBJECT_LOST_OTHER);
	object_clear(&o);
}

/* No bit gives rights of an owner that the file does not get. */
static void
test_owner(void **state)
{
	struct object	 o;

	(void)state;
	make(&o, S_IFREG | 06755, NULL);
	assert_true(object_reduce(&o, FDB_META_OWNER));
	assert_int_equal(o.mode & 07777, 0755);
	assert_int_equal(o.lost, OBJECT_LOST_OWNER | OBJECT_LOST_SETID);
	assert_int_equal(o.set, SET & ~FDB_META_OWNER);
	assert_false(object_reduce(&o, FDB_META_OWNER));
	object_clear(&o);
	make(&o, S_IFREG | 06755, NULL);
	object_disown(&o, 7, 9);
	assert_int_equal(o.mode & 07777, 04755);
	object_disown(&o, 7, 9);
	assert_int_equal(o.mode & 07777, 04755);
	object_clear(&o);
	/* A directory's bit hands on its group, and gives no rights. */
	make(&o, S_IFDIR | 02755, NULL);
	object_disown(&o, 0, 0);
	assert_int_equal(o.mode & 07777, 02755);
	assert_int_equal(o.lost, 0);
	object_clear(&o);
	make(&o, S_IFREG | 04755, NULL);
	assert_true(object_reduce(&o, FDB_META_SETID));
	assert_int_equal(o.mode & 07777, 0755);
	assert_true(o.set & FDB_META_MODE);
	assert_false(object_reduce(&o, FDB_META_SETID));
	object_clear(&o);
}

static void
test_words(void **state)
{
	struct buf	 b = { NULL, 0, 0 };

	(void)state;
	assert_int_equal(object_describe_lost(&b, OBJECT_LOST_OWNER |
	    OBJECT_LOST_ACL), 0);
	assert_string_equal(buf_str(&b),
	    "its owner, its access control lists");
	buf_free(&b);
}

static void
add(struct dirs *ds, const char *name, uint32_t uid)
{
	struct object	 o;
	struct entry	 e;

	entry_init(&e, name);
	e.mode = S_IFDIR | 0755;
	e.uid = uid;
	assert_int_equal(object_make(&o, &e, name, "", SET), 0);
	assert_int_equal(dirs_add(ds, &o), 0);
}

/* What is beneath a directory comes before it; the last metadata counts. */
static void
test_dirs(void **state)
{
	static const char *const order[] = {
		"a-b", "a/b/c", "a/b", "a", "."
	};
	struct object	 o;
	struct dirs	*ds;
	size_t		 i;

	(void)state;
	assert_non_null(ds = dirs_new(1 << 20));
	add(ds, "a/b", 1);
	add(ds, "a", 1);
	add(ds, ".", 1);
	add(ds, "a/b/c", 1);
	add(ds, "a-b", 1);
	add(ds, "a", 2);
	assert_true(dirs_has(ds, "a"));
	assert_false(dirs_has(ds, "b"));
	assert_false(dirs_excess(ds, "a", &o));
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		assert_true(dirs_next(ds, &o));
		assert_string_equal(o.name, order[i]);
		assert_int_equal(o.uid, strcmp(o.name, "a") == 0 ? 2 : 1);
		object_clear(&o);
	}
	assert_false(dirs_next(ds, &o));
	dirs_free(ds);
	dirs_free(NULL);
}

/* Beyond the limit, those go that nothing more is expected in. */
static void
test_excess(void **state)
{
	struct object	 o;
	struct dirs	*ds;

	(void)state;
	assert_non_null(ds = dirs_new(1));
	add(ds, "a", 1);
	add(ds, "a/b", 1);
	add(ds, "c", 1);
	assert_true(dirs_excess(ds, "a/b/file", &o));
	assert_string_equal(o.name, "c");
	object_clear(&o);
	assert_false(dirs_excess(ds, "a/b/file", &o));
	assert_true(dirs_excess(ds, "a/file", &o));
	assert_string_equal(o.name, "a/b");
	object_clear(&o);
	dirs_free(ds);
}

/* Beyond the limit, many go at once, and none loses attributes for that. */
static void
test_room(void **state)
{
	static const char *const names[] = { "user.a", NULL };
	struct object		 o;
	struct dirs		*ds;
	char			 name[32];
	size_t			 i, n = 0;

	(void)state;
	assert_non_null(ds = dirs_new(65536));
	for (i = 0; !dirs_is_full(ds); i++) {
		(void)snprintf(name, sizeof(name), "d%zu", i);
		add(ds, name, 1);
	}
	for (; dirs_excess(ds, "d0/file", &o) == 1; n++)
		object_clear(&o);
	assert_false(dirs_is_full(ds));
	assert_true(n >= i / 8 && n < i / 4);
	dirs_free(ds);

	/* A single chain that only just fits. */
	for (n = 64; ; n += 8) {
		assert_non_null(ds = dirs_new(n));
		make(&o, S_IFDIR | 0755, names);
		assert_int_equal(dirs_add(ds, &o), 0);
		if (!dirs_is_full(ds))
			break;
		dirs_free(ds);
	}
	assert_int_equal(dirs_excess(ds, "a/b/file", &o), 0);
	assert_int_equal(dirs_next(ds, &o), 1);
	assert_int_equal(o.nxattrs, 1);
	object_clear(&o);
	dirs_free(ds);
}

static int
end(void **state)
{
	(void)state;
	buf_free(&set);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_copy),
		UTIL_TEST(test_attributes),
		UTIL_TEST(test_owner),
		UTIL_TEST(test_words),
		UTIL_TEST(test_dirs),
		UTIL_TEST(test_excess),
		UTIL_TEST(test_room)
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
