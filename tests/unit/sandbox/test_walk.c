/*
 * test_walk.c: the walk with a fake session and fake trees: order, limits, and
 * failures on the way.
 *
 * The functions below replace those of the library and of create.h that the
 * walk calls.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"
#include "sandbox/walk.h"
#include "tests/unit/util.h"

#define CHILDREN_MAX	12
#define QUEUE_MAX	512
#define TOKENS_MAX	64
#define NODES_MAX	4000

/* A file of the tree. */
struct file {
	char		 name[16];
	uint32_t	 mode;
	int		 error;		/* of OPEN or LIST */
	enum fdb_reason	 reason;
	struct file	*child[CHILDREN_MAX];
	size_t		 nchildren;
};

struct queued {
	enum fdb_kind	 kind;
	uint64_t	 cookie;
	uint32_t	 base;
	char		*name;
};

/* The session. */
static struct {
	struct fdb_session_info	 info;
	struct file		*root;
	struct queued		 queue[QUEUE_MAX];	/* in a ring */
	size_t			 first, queued;		/* with FORGETs */
	size_t			 outstanding;		/* without */
	struct file		*tokens[TOKENS_MAX];
	size_t			 ntokens, most_tokens;
	uint32_t		 forget[NODES_MAX];	/* not sent yet */
	size_t			 nforget;
	size_t			 entry;		/* next, of the first LIST */
	bool			 listing;
	bool			 dies;
	const char		*target;	/* of all links, if any */
	struct file		*becomes_file;	/* a link, for STAT */
} fake;

/* What was stored and reported. */
static struct buf	 stored, reported;
static struct file	 pool[NODES_MAX];
static size_t		 used;

/*
 * The tree.
 */

static struct file *
file_new(struct file *parent, const char *name, uint32_t mode)
{
	struct file	*f;

	assert_true(used < NODES_MAX);
	f = &pool[used++];
	memset(f, 0, sizeof(*f));
	assert_true(strlcpy(f->name, name, sizeof(f->name)) <
	    sizeof(f->name));
	f->mode = mode;
	if (parent != NULL) {
		assert_true(parent->nchildren < CHILDREN_MAX);
		parent->child[parent->nchildren++] = f;
	}
	return f;
}

static void
grow(struct file *dir, int depth)
{
	static const uint32_t	 modes[] = {
		S_IFREG, S_IFREG, S_IFREG, S_IFLNK, S_IFIFO, S_IFDIR, S_IFDIR
	};
	char			 name[16];
	uint32_t		 i, n = util_random(CHILDREN_MAX);

	for (i = 0; i < n && used < NODES_MAX; i++) {
		struct file	*f;

		(void)snprintf(name, sizeof(name), "%u", i);
		f = file_new(dir, name, modes[util_random(7)]);
		if (S_ISDIR(f->mode) && depth > 0)
			grow(f, depth - 1);
	}
}

/* The file with a clean path relative to a directory, or NULL. */
static struct file *
file_find(struct file *dir, const char *path)
{
	size_t	 i, len;

	while (*path != '\0') {
		len = strcspn(path, "/");
		for (i = 0; i < dir->nchildren; i++) {
			if (strlen(dir->child[i]->name) == len &&
			    memcmp(dir->child[i]->name, path, len) == 0)
				break;
		}
		if (i == dir->nchildren)
			return NULL;
		dir = dir->child[i];
		path += len;
		if (*path == '/')
			path++;
	}
	return dir;
}

/*
 * The session.
 */

const struct fdb_session_info *
fdb_session_info(const struct fdb_session *s)
{
	(void)s;
	return &fake.info;
}

const char *
fdb_session_error(const struct fdb_session *s)
{
	(void)s;
	return "it died";
}

static int
enqueue(enum fdb_kind kind, uint32_t base, const char *name, uint64_t cookie)
{
	struct queued	*q;

	if (strlen(name) > 4000) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (fake.outstanding >= fake.info.window) {
		errno = EAGAIN;
		return -1;
	}
	fake.outstanding++;
	assert_true(fake.queued < QUEUE_MAX);
	q = &fake.queue[(fake.first + fake.queued++) % QUEUE_MAX];
	q->kind = kind;
	q->base = base;
	q->cookie = cookie;
	assert_non_null(q->name = strdup(name));
	return 0;
}

int
fdb_stat_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	(void)s;
	return enqueue(FDB_RESULT_STAT, base, name, cookie);
}

int
fdb_list_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	(void)s;
	return enqueue(FDB_RESULT_LIST, base, name, cookie);
}

int
fdb_open_at(struct fdb_session *s, uint32_t base, const char *name,
    unsigned int access, uint64_t cookie)
{
	(void)s;
	assert_int_equal(access, FDB_READ);
	return enqueue(FDB_RESULT_OPEN, base, name, cookie);
}

int
fdb_forget(struct fdb_session *s, uint32_t token)
{
	(void)s;
	assert_true(token > 0 && token <= TOKENS_MAX);
	if (fake.nforget == 3) {
		errno = EAGAIN;
		return -1;
	}
	fake.forget[fake.nforget++] = token;
	return 0;
}

/* FORGET is queued behind all requests. */
int
fdb_flush(struct fdb_session *s)
{
	struct queued	*q;

	(void)s;
	while (fake.nforget > 0) {
		assert_true(fake.queued < QUEUE_MAX);
		q = &fake.queue[(fake.first + fake.queued++) % QUEUE_MAX];
		memset(q, 0, sizeof(*q));
		q->base = fake.forget[--fake.nforget];
	}
	return 0;
}

/* Remove the first request, which was answered. */
static void
dequeue(void)
{
	if (fake.queue[fake.first].kind != 0)
		fake.outstanding--;
	free(fake.queue[fake.first].name);
	fake.first = (fake.first + 1) % QUEUE_MAX;
	fake.queued--;
}

/* Do the FORGETs that are queued before the first request. */
static void
run_forget(void)
{
	struct queued	*q;

	for (; fake.queued > 0; dequeue()) {
		q = &fake.queue[fake.first];
		if (q->kind != 0)
			break;
		assert_non_null(fake.tokens[q->base - 1]);
		fake.tokens[q->base - 1] = NULL;
		fake.ntokens--;
	}
}

static uint32_t
token_new(struct file *f)
{
	uint32_t	 i;

	for (i = 0; fake.tokens[i] != NULL; i++)
		assert_true(i < TOKENS_MAX);
	fake.tokens[i] = f;
	/* The walk promises not to exceed the limit. */
	if (++fake.ntokens > fake.most_tokens)
		fake.most_tokens = fake.ntokens;
	return i + 1;
}

/* The next result of the first LIST. */
static void
list_result(struct fdb_result *r, struct file *f)
{
	struct file	*c;

	if (fake.entry < f->nchildren) {
		c = f->child[fake.entry++];
		r->kind = FDB_RESULT_ENTRY;
		r->name = c->name;
		r->st.mode = c->mode;
		if (S_ISLNK(c->mode) && fake.target != NULL)
			r->link = fake.target;
		fake.listing = true;
		return;
	}
	fake.listing = false;
	fake.entry = 0;
	r->error = f->error;
	r->reason = f->reason;
	if (f->error == 0)
		r->token = token_new(f);
}

int
fdb_wait(struct fdb_session *s, struct fdb_result *r, int timeout_ms)
{
	struct queued	*q;
	struct file	*f, *base;

	(void)timeout_ms;
	if (fake.dies) {
		errno = EPIPE;
		return -1;
	}
	if (!fake.listing) {
		(void)fdb_flush(s);
		run_forget();
	}
	if (fake.queued == 0)
		return 0;
	q = &fake.queue[fake.first];
	memset(r, 0, sizeof(*r));
	r->kind = q->kind;
	r->cookie = q->cookie;
	r->fd = -1;
	r->name = r->link = r->where = "";
	base = q->base == 0 ? fake.root : fake.tokens[q->base - 1];
	assert_non_null(base);
	f = file_find(base, q->name + (q->name[0] == '/' ? 1 : 0));
	if (f == NULL) {
		r->error = ENOENT;
		r->reason = FDB_REASON_KERNEL;
	} else {
		r->st.mode = f->mode;
		if (q->kind == FDB_RESULT_LIST)
			list_result(r, f);
		else if (q->kind == FDB_RESULT_OPEN) {
			r->error = f->error;
			r->reason = f->reason;
		} else if (f == fake.becomes_file)
			r->st.mode = S_IFREG;
	}
	if (!fake.listing)
		dequeue();
	return 1;
}

/*
 * The archive.
 */

int
create_directory(struct create *c, const char *name,
    const struct fdb_stat *st)
{
	(void)c;
	assert_true(S_ISDIR(st->mode));
	return buf_printf(&stored, "%s/\n", name);
}

int
create_special(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target)
{
	(void)c;
	(void)st;
	(void)target;
	return buf_printf(&stored, "%s@\n", name);
}

int
create_file(struct create *c, const char *name, const struct fdb_stat *st,
    int fd)
{
	(void)c;
	assert_true(S_ISREG(st->mode));
	assert_int_equal(fd, -1);
	return buf_printf(&stored, "%s\n", name);
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *text)
{
	(void)c;
	return buf_printf(&reported, "%d %s: %s\n", (int)kind, name, text);
}

int
create_no_memory(struct create *c)
{
	(void)c;
	return -1;
}

/*
 * Tests.
 */

static void
reset(uint32_t window, uint32_t tokens)
{
	memset(&fake, 0, sizeof(fake));
	fake.info.window = window;
	fake.info.batch = 1;
	fake.info.tokens = tokens;
	buf_cut(&stored, 0);
	buf_cut(&reported, 0);
}

/* Walk a list of paths, which ends with NULL. */
static int
walk(const char *const *names)
{
	char		 why[PATHS_WHY_MAX];
	struct paths	 ps = { NULL, 0, NULL };
	int		 ret;

	for (; *names != NULL; names++)
		assert_int_equal(paths_add(&ps, "/", *names, why), 0);
	assert_int_equal(paths_check(&ps, why), 0);
	ret = walk_run(NULL, NULL, &ps);
	paths_free(&ps);
	while (fake.queued > 0)
		dequeue();
	return ret;
}

/* The order that walk.h promises. */
static void
expect_dir(struct buf *b, const struct file *dir, const char *name)
{
	char	 path[512];
	size_t	 i;

	assert_int_equal(buf_printf(b, "%s/\n", name), 0);
	if (strcmp(name, ".") == 0)
		name = "";
	for (i = 0; i < dir->nchildren; i++) {
		if (!S_ISREG(dir->child[i]->mode) &&
		    !S_ISDIR(dir->child[i]->mode))
			assert_int_equal(buf_printf(b, "%s%s%s@\n", name,
			    name[0] != '\0' ? "/" : "",
			    dir->child[i]->name), 0);
	}
	for (i = 0; i < dir->nchildren; i++) {
		if (S_ISREG(dir->child[i]->mode))
			assert_int_equal(buf_printf(b, "%s%s%s\n", name,
			    name[0] != '\0' ? "/" : "",
			    dir->child[i]->name), 0);
	}
	for (i = 0; i < dir->nchildren; i++) {
		if (!S_ISDIR(dir->child[i]->mode))
			continue;
		(void)snprintf(path, sizeof(path), "%s%s%s", name,
		    name[0] != '\0' ? "/" : "", dir->child[i]->name);
		expect_dir(b, dir->child[i], path);
	}
}

static void
test_order(void **state)
{
	static const char *const names[] = { "/", NULL };
	static const uint32_t	 limits[][2] = {
		{ 1, 1 }, { 1, 64 }, { 2, 1 }, { 3, 2 }, { 8, 3 }, { 64, 16 },
		{ 500, 64 }
	};
	struct buf		 want = { NULL, 0, 0 };
	struct file		*root;
	size_t			 i, tree;

	(void)state;
	for (tree = 0; tree < 20; tree++) {
		used = 0;
		root = file_new(NULL, "", S_IFDIR);
		grow(root, 6);
		buf_cut(&want, 0);
		expect_dir(&want, root, ".");
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			reset(limits[i][0], limits[i][1]);
			fake.root = root;
			assert_int_equal(walk(names), 0);
			assert_string_equal(buf_str(&reported), "");
			assert_string_equal(buf_str(&stored),
			    buf_str(&want));
			if (fake.most_tokens > limits[i][1])
				fail_msg("%zu tokens were held, limit %u",
				    fake.most_tokens, limits[i][1]);
		}
	}
	buf_free(&want);
	buf_free(&stored);
	buf_free(&reported);
}

/* /d/{f,s/{g,l@}}, /e/h, /k */
static void
plant(void)
{
	struct file	*d, *e, *s;

	used = 0;
	fake.root = file_new(NULL, "", S_IFDIR);
	d = file_new(fake.root, "d", S_IFDIR);
	(void)file_new(d, "f", S_IFREG);
	s = file_new(d, "s", S_IFDIR);
	(void)file_new(s, "g", S_IFREG);
	(void)file_new(s, "l", S_IFLNK);
	e = file_new(fake.root, "e", S_IFDIR);
	(void)file_new(e, "h", S_IFREG);
	(void)file_new(fake.root, "k", S_IFREG);
}

static struct file *
at(const char *path)
{
	struct file	*f = file_find(fake.root, path);

	assert_non_null(f);
	return f;
}

/* Walk the planted tree, and compare what is stored and reported. */
static void
assert_walk(const char *const *names, const char *want_stored,
    const char *want_told)
{
	assert_int_equal(walk(names), 0);
	assert_string_equal(buf_str(&stored), want_stored);
	assert_string_equal(buf_str(&reported), want_told);
	buf_free(&stored);
	buf_free(&reported);
}

static void
test_paths(void **state)
{
	static const char *const some[] = { "k", "d/s", "d/f", "e", NULL };
	static const char *const inner[] = { "d", "k", "d/s/g", NULL };
	static const char *const first[] = { "d/s/g", "d", NULL };

	(void)state;
	reset(4, 8);
	plant();
	assert_walk(some, "k\nd/s/\nd/s/l@\nd/s/g\nd/f\ne/\ne/h\n", "");
	/* A path that is beneath another is stored once. */
	reset(4, 8);
	plant();
	assert_walk(inner, "d/\nd/f\nd/s/\nd/s/l@\nk\nd/s/g\n", "");
	reset(4, 8);
	plant();
	assert_walk(first, "d/s/g\nd/\nd/f\nd/s/\nd/s/l@\n", "");
}

static void
test_errors(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const two[] = { "nope", "e/h", NULL };
	static const char *const none[] = { "nope", NULL };

	(void)state;
	reset(4, 8);
	plant();
	assert_walk(two, "e/h\n", "1 nope: No such file or directory\n");
	reset(4, 8);
	plant();
	assert_walk(none, "", "1 nope: No such file or directory\n");
	/* One file cannot be read, another is gone. */
	reset(4, 8);
	plant();
	at("d/f")->error = EACCES;
	at("d/f")->reason = FDB_REASON_KERNEL;
	at("d/s/g")->error = ENOENT;
	at("d/s/g")->reason = FDB_REASON_KERNEL;
	assert_walk(d, "d/\nd/s/\nd/s/l@\n", "1 d/f: Permission denied\n"
	    "2 d/s/g: No such file or directory\n");
	/* An unreadable directory is stored; one that is gone is not. */
	reset(4, 8);
	plant();
	at("d/s")->error = EACCES;
	at("d/s")->reason = FDB_REASON_KERNEL;
	at("d/s")->nchildren = 0;
	assert_walk(d, "d/\nd/f\nd/s/\n", "1 d/s: Permission denied\n");
	reset(4, 8);
	plant();
	at("d/s")->error = ENOENT;
	at("d/s")->reason = FDB_REASON_KERNEL;
	at("d/s")->nchildren = 0;
	assert_walk(d, "d/\nd/f\n", "2 d/s: No such file or directory\n");
	/* Entries that were listed before a failure are stored. */
	reset(4, 8);
	plant();
	at("d/s")->error = EIO;
	at("d/s")->reason = FDB_REASON_KERNEL;
	assert_walk(d, "d/\nd/f\nd/s/\nd/s/l@\nd/s/g\n",
	    "1 d/s: Input/output error\n");
}

static void
test_denied(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const f[] = { "d/f", NULL };

	(void)state;
	reset(4, 8);
	plant();
	at("d/f")->error = EACCES;
	at("d/f")->reason = FDB_REASON_POLICY;
	assert_walk(d, "d/\nd/s/\nd/s/l@\nd/s/g\n",
	    "3 d/f: denied by policy\n");
	reset(4, 8);
	plant();
	at("d/f")->error = EACCES;
	at("d/f")->reason = FDB_REASON_POLICY;
	assert_walk(f, "", "4 d/f: denied by policy\n");
}

/* Links that would take too much memory are looked at again. */
static void
test_many_links(void **state)
{
	static const char *const	 names[] = { "d", "e", NULL };
	static char			 target[1024 * 1024];
	struct file			*d, *e;
	char				 name[16];
	int				 i;

	(void)state;
	memset(target, 'x', sizeof(target) - 1);
	reset(4, 8);
	used = 0;
	fake.root = file_new(NULL, "", S_IFDIR);
	d = file_new(fake.root, "d", S_IFDIR);
	e = file_new(fake.root, "e", S_IFDIR);
	fake.target = target;
	for (i = 0; i < 8; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		file_new(d, name, i == 6 ? S_IFREG : S_IFLNK);
		file_new(e, name, S_IFLNK);
	}
	fake.becomes_file = d->child[5];
	assert_int_equal(walk(names), 0);
	assert_string_equal(buf_str(&stored), "d/\nd/0@\nd/1@\nd/2@\nd/3@\n"
	    "d/4@\nd/6\nd/7@\n"
	    "e/\ne/0@\ne/1@\ne/2@\ne/3@\ne/4@\ne/5@\ne/6@\ne/7@\n");
	assert_string_equal(buf_str(&reported),
	    "2 d/5: it has become another type of file\n");
	buf_free(&stored);
	buf_free(&reported);
}

static void
test_long_name(void **state)
{
	static char		 name[5001];
	const char *const	 names[] = { name, "k", NULL };

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	reset(4, 8);
	plant();
	assert_int_equal(walk(names), 0);
	assert_string_equal(buf_str(&stored), "k\n");
	assert_non_null(strstr(buf_str(&reported), "File name too long"));
	buf_free(&stored);
	buf_free(&reported);
}

static void
test_death(void **state)
{
	static const char *const d[] = { "d", NULL };

	(void)state;
	reset(4, 8);
	plant();
	fake.dies = true;
	assert_int_equal(walk(d), -1);
	assert_non_null(strstr(buf_str(&reported), "it died"));
	buf_free(&stored);
	buf_free(&reported);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_paths),
		UTIL_TEST(test_errors),
		UTIL_TEST(test_denied),
		UTIL_TEST(test_many_links),
		UTIL_TEST(test_long_name),
		UTIL_TEST(test_death)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
