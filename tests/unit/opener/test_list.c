/*
 * test_list.c: LIST: which entries are shown, in how many parts, and what
 * happens with a file system that fails or has strange entries.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
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

#include "daemon/quota.h"
#include "tests/unit/client.h"
#include "tests/unit/util.h"

#define MANY	3000

ssize_t		 getdents64(int, void *, size_t);

static struct client	 client;
static struct answer	 got;

/*
 * Replaces the call of the C library: a file system that fails, or that has
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

/* List a directory to its end: the sorted names, a space after each. */
static const char *
all_names(uint32_t base, const char *name)
{
	static char	 text[4096];
	char		*names[64];
	size_t		 i, k, n = 0;
	char		*swap;

	assert_int_equal(client_list(&client, base, name), 0);
	for (;;) {
		while (client_next(&client, &got)) {
			assert_int_equal(got.status.error, 0);
			assert_true(n < 64);
			assert_non_null(names[n++] = strdup(got.name));
		}
		if (client.eof)
			break;
		assert_int_equal(client_list(&client, client.token, ""), 0);
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

/*
 * Denied entries are not shown, but for directories on the way to permitted
 * ones.
 */
static void
filtered(void)
{
	assert_string_equal(all_names(0, client_path("tree")),
	    "other pub way ");
	assert_string_equal(all_names(client.token, "pub"), "file link ");
	assert_string_equal(all_names(0, client_path("tree/way")), "open ");
	assert_string_equal(all_names(0, client_path("tree/way/open")),
	    "file ");
	assert_string_equal(all_names(0, client_path("tree/other")), "");
	assert_int_equal(client_list(&client, 0, client_path("tree/none")),
	    EACCES);
	assert_string_equal(client.list.where, "test.conf:4 \"label\"");
	assert_int_equal(client_list(&client, 0, client_path("tree/plain")),
	    EACCES);
	assert_int_equal(client_list(&client, 0, client_path("tree/pub/file")),
	    ENOTDIR);
	assert_int_equal(client_list(&client, 0, client_path("tree/pub/deny")),
	    EACCES);
}

static void
test_filtered(void **state)
{
	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	filtered();
	client_end(&client);
	/* The same if the file system does not tell the types of entries. */
	fs.no_types = true;
	client_start(&client, client_role(rules), false);
	filtered();
	client_end(&client);
}

static void
test_filtered_clone(void **state)
{
	(void)state;
	util_need_root();
	util_need(FEATURE_CLONES);
	make_tree();
	client_start(&client, client_role(rules), true);
	filtered();
	client_end(&client);
}

/* An entry tells as much as STAT. */
static void
test_entries(void **state)
{
	struct answer	 other;
	int		 n = 0;

	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	assert_int_equal(client_list(&client, 0, client_path("tree/pub")), 0);
	while (client_next(&client, &got)) {
		if (strcmp(got.name, "link") == 0) {
			assert_true(S_ISLNK(got.st.mode));
			assert_string_equal(got.link, "file");
			other = got;
		} else {
			assert_true(S_ISREG(got.st.mode));
			assert_string_equal(got.link, "");
			assert_int_equal(got.st.size, 4);
		}
		n++;
	}
	assert_int_equal(n, 2);
	assert_true(client.eof);
	assert_int_equal(client_stat(&client, client.token, "link", &got), 0);
	/* Reading a link changes its access time. */
	other.st.atime = got.st.atime;
	other.st.atime_nsec = got.st.atime_nsec;
	assert_memory_equal(&got.st, &other.st, sizeof(got.st));
	client_end(&client);
}

/* Count the entries of "many", part by part. */
static void
expect_many(uint32_t bytes)
{
	static bool	 seen[MANY];
	const int	 sndbuf = QUOTA_BYTES_MIN / 2;
	unsigned int	 i, n = 0, parts = 1;
	char		*end;

	client_make(&client, client_role((const char *const[]){ "+many",
	    NULL }), false);
	/* Each message fits the smallest buffer that the daemon gives. */
	assert_int_equal(setsockopt(client.state.sock, SOL_SOCKET, SO_SNDBUF,
	    &sndbuf, sizeof(sndbuf)), 0);
	client.state.info.bytes = bytes;
	client_attach(&client);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(client_list(&client, 0, client_path("many")), 0);
	for (;;) {
		while (client_next(&client, &got)) {
			i = (unsigned int)strtoul(got.name, &end, 10);
			assert_true(*end == '\0' && i < MANY && !seen[i]);
			seen[i] = true;
			n++;
		}
		if (client.eof)
			break;
		parts++;
		assert_int_equal(client_list(&client, client.token, ""), 0);
	}
	assert_int_equal(n, MANY);
	assert_true(parts > MANY * 125 / bytes);
	/* After the end, asking for more breaks the protocol. */
	client_begin(&client, PROTO_LIST);
	client_item(&client, client.token, "");
	assert_int_equal(client_call(&client), -1);
	client_expect_ended(&client, "cannot be decoded");
	client_end(&client);
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

/* Two directories are listed in turns; each goes on where it was. */
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
	client_make(&client, client_role((const char *const[]){ "+many",
	    NULL }), false);
	client.state.info.bytes = 8192;
	client_attach(&client);
	for (k = 0; k < 2; k++) {
		assert_int_equal(client_list(&client, 0, client_path("many")),
		    0);
		while (client_next(&client, &got))
			n[k]++;
		tokens[k] = client.token;
	}
	while (!eof[0] || !eof[1]) {
		for (k = 0; k < 2; k++) {
			if (eof[k])
				continue;
			assert_int_equal(client_list(&client, tokens[k], ""),
			    0);
			assert_int_equal(client.token, tokens[k]);
			while (client_next(&client, &got))
				n[k]++;
			eof[k] = client.eof;
		}
	}
	assert_int_equal(n[0], 100);
	assert_int_equal(n[1], 100);
	client_end(&client);
}

/* Asking for more of a token that is not held, or no longer held. */
static void
test_next_part_of_nothing(void **state)
{
	uint32_t	 token;
	int		 i;

	(void)state;
	make_tree();
	for (i = 0; i < 3; i++) {
		client_start(&client, client_role(rules), false);
		assert_int_equal(client_list(&client, 0,
		    client_path("tree/pub")), 0);
		fdmsg_close(&client.msg);
		token = i == 0 ? 2 : i == 1 ? UINT32_MAX : client.token;
		if (i == 2) {
			client_begin(&client, PROTO_FORGET);
			client_token(&client, token);
			assert_int_equal(client_call(&client), 1);
		}
		client_begin(&client, PROTO_LIST);
		client_item(&client, token, "");
		assert_int_equal(client_call(&client), -1);
		client_expect_ended(&client, "cannot be decoded");
		client_end(&client);
	}
}

/* Reading the directory fails at once, or after a part of it. */
static void
test_read_fails(void **state)
{
	size_t	 fds;

	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	fds = util_count_fds();
	fs.fail_at = 1;
	assert_int_equal(client_list(&client, 0, client_path("tree/pub")), EIO);
	assert_int_equal(client.list.reason, FDB_REASON_KERNEL);
	assert_true(client.eof);
	assert_false(client_next(&client, &got));
	fs.calls = 0;
	fs.fail_at = 2;
	assert_int_equal(client_list(&client, 0, client_path("tree/pub")), EIO);
	assert_true(client.eof);
	assert_true(client_next(&client, &got));
	assert_true(client_next(&client, &got));
	assert_false(client_next(&client, &got));
	/* No token is left over. */
	assert_int_equal(client.state.tokens.used, 0);
	assert_int_equal(util_count_fds(), fds);
	client_end(&client);
}

/* A name longer than NAME_MAX is shown as an error, not left out. */
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
	client_start(&client, client_role(rules), false);
	assert_int_equal(client_list(&client, 0, client_path("tree/pub")), 0);
	assert_true(client_next(&client, &got));
	assert_int_equal(got.status.error, ENAMETOOLONG);
	assert_int_equal(got.status.reason, FDB_REASON_NAME);
	assert_int_equal(strlen(got.name), NAME_MAX);
	assert_false(client_next(&client, &got));
	/* In a directory that is only a way, it is left out. */
	fs.calls = 0;
	assert_int_equal(client_list(&client, 0, client_path("tree/way")), 0);
	assert_false(client_next(&client, &got));
	client_end(&client);
}

/*
 * A removed entry is not shown, nor a file that has replaced a directory on
 * the way.
 */
static void
test_changed_entry(void **state)
{
	(void)state;
	make_tree();
	client_start(&client, client_role(rules), false);
	fs.name = "gone";
	fs.type = DT_REG;
	assert_int_equal(client_list(&client, 0, client_path("tree/pub")), 0);
	assert_false(client_next(&client, &got));
	fs.calls = 0;
	fs.name = "plain";
	fs.type = DT_DIR;
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	assert_false(client_next(&client, &got));
	fs.calls = 0;
	fs.name = "dirlink";
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	assert_false(client_next(&client, &got));
	fs.calls = 0;
	fs.name = "other";
	assert_int_equal(client_list(&client, 0, client_path("tree")), 0);
	assert_true(client_next(&client, &got));
	assert_false(client_next(&client, &got));
	client_end(&client);
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
