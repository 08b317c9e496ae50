/*
 * test_list.c: directories: what of them is shown, in how many parts, and
 * what a strange file system may say of them.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "util.h"

#define MANY	3000

ssize_t		 getdents64(int, void *, size_t);

static struct client	 c;
static struct answer	 a;

/*
 * In the place of the C library's: a file system that fails, or that has
 * entries of its own.
 */
static struct {
	int		 fail_at;	/* the call that fails, from 1 */
	const char	*name;		/* an entry instead of all that are */
	unsigned char	 type;
	bool		 no_types;	/* every type is DT_UNKNOWN */
	int		 calls;
} fs;

static ssize_t
one_entry(void *buf)
{
	struct dirent64	*de = buf;
	size_t		 len = strlen(fs.name) + 1;

	memset(buf, 0, sizeof(*de) + len);
	de->d_ino = 1;
	de->d_reclen = (unsigned short)
	    ((offsetof(struct dirent64, d_name) + len + 7) & ~7U);
	de->d_type = fs.type;
	memcpy((char *)buf + offsetof(struct dirent64, d_name), fs.name, len);
	return de->d_reclen;
}

ssize_t
getdents64(int fd, void *buf, size_t size)
{
	struct dirent64	*de;
	ssize_t		 n, at;

	fs.calls++;
	if (fs.calls == fs.fail_at) {
		errno = EIO;
		return -1;
	}
	if (fs.name != NULL)
		return fs.calls == 1 ? one_entry(buf) : 0;
	n = syscall(SYS_getdents64, fd, buf, size);
	for (at = 0; fs.no_types && at < n; at += de->d_reclen) {
		de = (void *)((char *)buf + at);
		de->d_type = DT_UNKNOWN;
	}
	return n;
}

static int
setup(void **state)
{
	memset(&fs, 0, sizeof(fs));
	return util_setup(state);
}

#define LIST_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, \
			    util_teardown)

/* List all of it; the names, sorted, each with a space after it. */
static const char *
all_names(uint32_t base, const char *name)
{
	static char	 text[4096];
	char		*names[64];
	size_t		 i, k, n = 0;
	char		*swap;

	assert_int_equal(client_list(&c, base, name), 0);
	for (;;) {
		while (client_next(&c, &a)) {
			assert_int_equal(a.status.error, 0);
			assert_true(n < 64);
			assert_non_null(names[n++] = strdup(a.name));
		}
		if (c.eof)
			break;
		assert_int_equal(client_list(&c, c.token, ""), 0);
	}
	for (i = 0; i < n; i++)
		for (k = i + 1; k < n; k++)
			if (strcmp(names[i], names[k]) > 0) {
				swap = names[i];
				names[i] = names[k];
				names[k] = swap;
			}
	text[0] = '\0';
	for (i = 0; i < n; i++) {
		(void)strlcat(text, names[i], sizeof(text));
		(void)strlcat(text, " ", sizeof(text));
		free(names[i]);
	}
	return text;
}

/*
 *	tree/pub/file	tree/pub/deny	tree/pub/link
 *	tree/way/open/file
 *	tree/other/file
 */
static void
make_tree(void)
{
	static const char *const dirs[] = {
		"tree", "tree/pub", "tree/way", "tree/way/open", "tree/other"
	}, *const files[] = {
		"tree/pub/file", "tree/pub/deny", "tree/way/open/file",
		"tree/way/hidden", "tree/other/file", "tree/plain"
	};
	size_t	 i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(util_path(dirs[i]), 0755), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		util_write_file(util_path(files[i]), "text");
	assert_int_equal(symlink("file", util_path("tree/pub/link")), 0);
	assert_int_equal(symlink("pub", util_path("tree/dirlink")), 0);
}

static const char *const	rules[] = {
	"+tree/pub", "-tree/pub/deny", "+tree/way/open", "-tree/none",
	"+tree/*/absent", NULL
};

/* What is denied is not there; the way to what is permitted is. */
static void
filtered(void)
{
	assert_string_equal(all_names(0, client_path("tree")),
	    "other pub way ");
	assert_string_equal(all_names(c.token, "pub"), "file link ");
	assert_string_equal(all_names(0, client_path("tree/way")), "open ");
	assert_string_equal(all_names(0, client_path("tree/way/open")),
	    "file ");
	assert_string_equal(all_names(0, client_path("tree/other")), "");
	assert_int_equal(client_list(&c, 0, client_path("tree/none")),
	    EACCES);
	assert_string_equal(c.list.where, "test.conf:4 \"label\"");
	assert_int_equal(client_list(&c, 0, client_path("tree/plain")),
	    EACCES);
	assert_int_equal(client_list(&c, 0, client_path("tree/pub/file")),
	    ENOTDIR);
	assert_int_equal(client_list(&c, 0, client_path("tree/pub/deny")),
	    EACCES);
}

static void
test_filtered(void **state)
{
	(void)state;
	make_tree();
	client_start(&c, client_role(rules), false);
	filtered();
	client_end(&c);
	/* The same where a directory does not say what its entries are. */
	fs.no_types = true;
	client_start(&c, client_role(rules), false);
	filtered();
	client_end(&c);
}

static void
test_filtered_clone(void **state)
{
	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	make_tree();
	client_start(&c, client_role(rules), true);
	filtered();
	client_end(&c);
}

/* An entry has all that STAT tells. */
static void
test_entries(void **state)
{
	struct answer	 other;
	int		 n = 0;

	(void)state;
	make_tree();
	client_start(&c, client_role(rules), false);
	assert_int_equal(client_list(&c, 0, client_path("tree/pub")), 0);
	while (client_next(&c, &a)) {
		if (strcmp(a.name, "link") == 0) {
			assert_true(S_ISLNK(a.st.mode));
			assert_string_equal(a.link, "file");
			other = a;
		} else {
			assert_true(S_ISREG(a.st.mode));
			assert_string_equal(a.link, "");
			assert_int_equal(a.st.size, 4);
		}
		n++;
	}
	assert_int_equal(n, 2);
	assert_true(c.eof);
	assert_int_equal(client_stat(&c, c.token, "link", &a), 0);
	/* To read a link is to use it. */
	other.st.atime = a.st.atime;
	other.st.atime_nsec = a.st.atime_nsec;
	assert_memory_equal(&a.st, &other.st, sizeof(a.st));
	client_end(&c);
}

/* Count the entries of "many", part by part. */
static void
expect_many(uint32_t bytes)
{
	static bool	 seen[MANY];
	unsigned int	 i, n = 0, parts = 1;
	char		*end;

	client_make(&c, client_role((const char *const[]){ "+many", NULL }),
	    false);
	c.su.info.bytes = bytes;
	client_attach(&c);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(client_list(&c, 0, client_path("many")), 0);
	for (;;) {
		while (client_next(&c, &a)) {
			i = (unsigned int)strtoul(a.name, &end, 10);
			assert_true(*end == '\0' && i < MANY && !seen[i]);
			seen[i] = true;
			n++;
		}
		if (c.eof)
			break;
		parts++;
		assert_int_equal(client_list(&c, c.token, ""), 0);
	}
	assert_int_equal(n, MANY);
	assert_true(parts > MANY * 125 / bytes);
	/* There is no next part. */
	client_begin(&c, PROTO_LIST);
	client_item(&c, c.token, "");
	assert_int_equal(client_call(&c), -1);
	client_expect_ended(&c, "cannot be decoded");
	client_end(&c);
}

static void
test_many(void **state)
{
	char	 name[32];
	int	 i, fd, dir;

	(void)state;
	assert_int_equal(mkdir(util_path("many"), 0755), 0);
	assert_return_code(dir = open(util_path("many"), O_PATH | O_CLOEXEC),
	    errno);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		fd = openat(dir, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_return_code(fd, errno);
		close(fd);
	}
	close(dir);
	expect_many(PROTO_MAX);
	expect_many(8192);
}

/* Two directories in turn, of which each goes on where it was. */
static void
test_interleaved(void **state)
{
	uint32_t	 tokens[2];
	bool		 eof[2] = { false, false };
	char		 name[NAME_MAX + 1];
	int		 i, k, n[2] = { 0, 0 };

	(void)state;
	assert_int_equal(mkdir(util_path("many"), 0755), 0);
	for (i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "many/%0200d", i);
		util_write_file(util_path(name), "");
	}
	client_make(&c, client_role((const char *const[]){ "+many", NULL }),
	    false);
	c.su.info.bytes = 8192;
	client_attach(&c);
	for (k = 0; k < 2; k++) {
		assert_int_equal(client_list(&c, 0, client_path("many")), 0);
		while (client_next(&c, &a))
			n[k]++;
		tokens[k] = c.token;
	}
	while (!eof[0] || !eof[1]) {
		for (k = 0; k < 2; k++) {
			if (eof[k])
				continue;
			assert_int_equal(client_list(&c, tokens[k], ""), 0);
			assert_int_equal(c.token, tokens[k]);
			while (client_next(&c, &a))
				n[k]++;
			eof[k] = c.eof;
		}
	}
	assert_int_equal(n[0], 100);
	assert_int_equal(n[1], 100);
	client_end(&c);
}

/* The next part of what is not held, or not held any more. */
static void
test_next_part_of_nothing(void **state)
{
	uint32_t	 token;
	int		 i;

	(void)state;
	make_tree();
	for (i = 0; i < 3; i++) {
		client_start(&c, client_role(rules), false);
		assert_int_equal(client_list(&c, 0, client_path("tree/pub")),
		    0);
		fdmsg_close(&c.msg);
		token = i == 0 ? 2 : i == 1 ? UINT32_MAX : c.token;
		if (i == 2) {
			client_begin(&c, PROTO_FORGET);
			client_token(&c, token);
			assert_int_equal(client_call(&c), 1);
		}
		client_begin(&c, PROTO_LIST);
		client_item(&c, token, "");
		assert_int_equal(client_call(&c), -1);
		client_expect_ended(&c, "cannot be decoded");
		client_end(&c);
	}
}

/* The directory cannot be read: at once, and after a part of it. */
static void
test_read_fails(void **state)
{
	size_t	 fds;

	(void)state;
	make_tree();
	client_start(&c, client_role(rules), false);
	fds = util_count_fds();
	fs.fail_at = 1;
	assert_int_equal(client_list(&c, 0, client_path("tree/pub")), EIO);
	assert_int_equal(c.list.reason, FDB_REASON_KERNEL);
	assert_true(c.eof);
	assert_false(client_next(&c, &a));
	fs.calls = 0;
	fs.fail_at = 2;
	assert_int_equal(client_list(&c, 0, client_path("tree/pub")), EIO);
	assert_true(c.eof);
	assert_true(client_next(&c, &a));
	assert_true(client_next(&c, &a));
	assert_false(client_next(&c, &a));
	/* No token is left of it. */
	assert_int_equal(c.sv.tokens.used, 0);
	assert_int_equal(util_count_fds(), fds);
	client_end(&c);
}

/* A name that is longer than any may be is not passed over in silence. */
static void
test_long_entry(void **state)
{
	char	 name[1025];

	(void)state;
	make_tree();
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	fs.name = name;
	fs.type = DT_REG;
	client_start(&c, client_role(rules), false);
	assert_int_equal(client_list(&c, 0, client_path("tree/pub")), 0);
	assert_true(client_next(&c, &a));
	assert_int_equal(a.status.error, ENAMETOOLONG);
	assert_int_equal(a.status.reason, FDB_REASON_NAME);
	assert_int_equal(strlen(a.name), NAME_MAX);
	assert_false(client_next(&c, &a));
	/* Where nothing but a way is shown, it is not. */
	fs.calls = 0;
	assert_int_equal(client_list(&c, 0, client_path("tree/way")), 0);
	assert_false(client_next(&c, &a));
	client_end(&c);
}

/* What is gone is not shown; what was a directory is not shown as a file. */
static void
test_changed_entry(void **state)
{
	(void)state;
	make_tree();
	client_start(&c, client_role(rules), false);
	fs.name = "gone";
	fs.type = DT_REG;
	assert_int_equal(client_list(&c, 0, client_path("tree/pub")), 0);
	assert_false(client_next(&c, &a));
	fs.calls = 0;
	fs.name = "plain";
	fs.type = DT_DIR;
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	assert_false(client_next(&c, &a));
	fs.calls = 0;
	fs.name = "dirlink";
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	assert_false(client_next(&c, &a));
	fs.calls = 0;
	fs.name = "other";
	assert_int_equal(client_list(&c, 0, client_path("tree")), 0);
	assert_true(client_next(&c, &a));
	assert_false(client_next(&c, &a));
	client_end(&c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		LIST_TEST(test_filtered),
		LIST_TEST(test_filtered_clone),
		LIST_TEST(test_entries),
		LIST_TEST(test_many),
		LIST_TEST(test_interleaved),
		LIST_TEST(test_next_part_of_nothing),
		LIST_TEST(test_read_fails),
		LIST_TEST(test_long_entry),
		LIST_TEST(test_changed_entry)
	};

	util_program_needs(FEATURE_OPENAT2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
