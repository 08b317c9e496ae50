/*
 * test_walk.c: the walk of the worker with a fake session that walks fake
 * trees: order, paths within each other, and failures on the way.
 *
 * The functions below replace those of the library and of create.h that the
 * walk calls.  Each result of a regular file has a descriptor of its own, so
 * that one that is not closed is found.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "sandbox/walk.h"
#include "tests/unit/util.h"

#define FILES_MAX	6000
#define QUEUE_MAX	512
#define NAME_LIMIT	4000	/* bytes of a name that the library takes */
#define NEVER		SIZE_MAX

/* A file of a tree. */
struct file {
	char		 name[32];
	uint32_t	 mode;
	int		 error;		/* of its entry */
	enum fdb_reason	 reason;
	int		 leave_error;	/* of its end, if it is a directory */
	enum fdb_reason	 leave_reason;
	uint64_t	 hidden;	/* names in it, by policy */
	bool		 changes;	/* while it is read */
	bool		 hides;		/* the same, but puts its time back */
	enum fdb_skip	 skip;		/* it is left out */
	const char	*target;	/* of a link */
	struct file	*child, *last, *next;	/* in the order of results */
};

/* Where the fake walk is: a directory that was entered. */
struct place {
	const struct file	*dir;
	const struct file	*next;
	bool			 subs;	/* now the directories in it */
};

/* The session. */
static struct {
	struct file	*root;
	struct {
		uint64_t	 cookie;
		char		*name;
	}		 queue[QUEUE_MAX];
	size_t		 queued, window;
	struct place	 places[FILES_MAX];
	size_t		 depth;
	bool		 walking;

	const struct fdb_result *script;	/* sent in place of trees */
	size_t		 nscript;
	bool		 fd_always;	/* with each result */
	size_t		 results;	/* that were sent */
	size_t		 dies_after;	/* so many of them */
	int		 walk_errno;	/* of fdb_walk() */
	const char	*why;		/* of fdb_session_error() */
} fake;

/* The archive. */
static struct {
	struct buf	 log;		/* what was stored and reported */
	size_t		 calls;		/* of create.h */
	size_t		 fails_after;	/* this many calls */
	size_t		 longest;	/* name */
	bool		 quiet;		/* count only */
	const uint64_t	*left;		/* directories to look at again */
	const struct buf *attributes;	/* of the next members */
} archive;

static struct file	 pool[FILES_MAX];
static size_t		 used;

/*
 * The tree.
 */

static struct file *
file_new(struct file *parent, const char *name, uint32_t mode)
{
	struct file	*f;

	assert_true(used < FILES_MAX);
	f = &pool[used++];
	memset(f, 0, sizeof(*f));
	assert_true(strlcpy(f->name, name, sizeof(f->name)) <
	    sizeof(f->name));
	f->mode = mode;
	f->target = "";
	if (parent == NULL)
		return f;
	if (parent->child == NULL)
		parent->child = f;
	else
		parent->last->next = f;
	parent->last = f;
	return f;
}

static void
grow(struct file *dir, int depth)
{
	static const uint32_t	 modes[] = {
		S_IFREG, S_IFREG, S_IFREG, S_IFLNK, S_IFIFO, S_IFDIR, S_IFDIR
	};
	struct file		*f;
	char			 name[16];
	uint32_t		 i, n = util_random(12);

	for (i = 0; i < n && used < FILES_MAX; i++) {
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
	struct file	*f = dir;
	size_t		 len;

	while (f != NULL && *path != '\0') {
		len = strcspn(path, "/");
		for (f = f->child; f != NULL; f = f->next)
			if (strlen(f->name) == len &&
			    memcmp(f->name, path, len) == 0)
				break;
		path += len;
		if (*path == '/')
			path++;
	}
	return f;
}

static struct file *
at(const char *path)
{
	struct file	*f = file_find(fake.root, path);

	assert_non_null(f);
	return f;
}

/*
 * The session.
 */

const char *
fdb_session_error(const struct fdb_session *s)
{
	(void)s;
	return fake.why;
}

int
fdb_walk(struct fdb_session *s, const struct fdb_walk *o, uint64_t cookie)
{
	(void)s;
	assert_int_equal(o->base, FDB_TOKEN_ROOT);
	assert_int_equal(o->flags, FDB_WALK_XATTR |
	    FDB_WALK_READAHEAD);
	errno = 0;
	if (fake.walk_errno != 0)
		errno = fake.walk_errno;
	else if (strlen(o->name) > NAME_LIMIT)
		errno = ENAMETOOLONG;
	else if (strstr(o->name, "invalid") != NULL)
		errno = EINVAL;
	else if (fake.queued == fake.window)
		errno = EAGAIN;
	if (errno != 0)
		return -1;
	assert_true(fake.queued < QUEUE_MAX);
	fake.queue[fake.queued].cookie = cookie;
	assert_non_null(fake.queue[fake.queued++].name = strdup(o->name));
	return 0;
}

/* The walk does not look at directories again, but revisit.c does. */
int
fdb_stat_at(struct fdb_session *s, uint32_t base, const char *name,
    uint64_t cookie)
{
	(void)s;
	(void)base;
	(void)cookie;
	fail_msg("the walk asks for %s", name);
	return -1;
}

/* The first walk is over. */
static void
dequeue(void)
{
	fake.walking = false;
	fake.depth = 0;
	free(fake.queue[0].name);
	memmove(fake.queue, fake.queue + 1,
	    --fake.queued * sizeof(fake.queue[0]));
}

static void
result_init(struct fdb_result *r, enum fdb_kind kind)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->cookie = fake.queue[0].cookie;
	r->fd = -1;
	r->name = r->link = r->where = "";
}

static int
fd_new(void)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
send_end(struct fdb_result *r, int error)
{
	result_init(r, FDB_RESULT_WALK);
	r->error = error;
	if (error != 0)
		r->reason = FDB_REASON_KERNEL;
	dequeue();
}

static void
send_entry(struct fdb_result *r, const struct file *f, const char *name)
{
	result_init(r, f->skip != FDB_SKIP_NONE ? FDB_RESULT_WALK_SKIPPED :
	    FDB_RESULT_WALK_ENTRY);
	r->name = name;
	r->st.mode = f->mode;
	r->link = f->target;
	r->error = f->error;
	r->reason = f->reason;
	r->skip = f->skip;
	if (r->error != 0 || r->skip != FDB_SKIP_NONE)
		return;
	if (S_ISREG(f->mode)) {
		r->flags = FDB_ENTRY_FD;
		r->fd = fd_new();
	}
	if (S_ISDIR(f->mode)) {
		r->flags = FDB_ENTRY_ENTERED;
		fake.places[fake.depth].dir = f;
		fake.places[fake.depth].next = f->child;
		fake.places[fake.depth++].subs = false;
	}
}

static void
send_leave(struct fdb_result *r, const struct file *f)
{
	result_init(r, FDB_RESULT_WALK_LEAVE);
	r->error = f->leave_error;
	r->reason = f->leave_reason;
	r->hidden = f->hidden;
	if (r->error == 0)
		r->st.mode = f->mode;
	if (f->changes)
		r->st.mtime_nsec = r->st.ctime_nsec = 1;
	if (f->hides)
		r->st.ctime = 1;
	fake.depth--;
}

/* The next result of the first walk: as in fdbroker.h. */
static void
send_next(struct fdb_result *r)
{
	const char		*name = fake.queue[0].name;
	const struct file	*f;
	struct place		*p;

	if (!fake.walking) {
		if ((f = file_find(fake.root, name + 1)) == NULL) {
			send_end(r, ENOENT);
			return;
		}
		fake.walking = true;
		send_entry(r, f, "");
		return;
	}
	if (fake.depth == 0) {
		send_end(r, 0);
		return;
	}
	p = &fake.places[fake.depth - 1];
	for (;;) {
		f = p->next;
		if (f == NULL && p->subs) {
			send_leave(r, p->dir);
			return;
		}
		if (f == NULL) {
			p->subs = true;
			p->next = p->dir->child;
			continue;
		}
		p->next = f->next;
		if (S_ISDIR(f->mode) == p->subs) {
			send_entry(r, f, f->name);
			return;
		}
	}
}

int
fdb_wait(struct fdb_session *s, struct fdb_result *r, int timeout_ms)
{
	(void)s;
	assert_int_equal(timeout_ms, -1);
	if (fake.results == fake.dies_after) {
		errno = EPIPE;
		return -1;
	}
	if (fake.script != NULL) {
		if (fake.results == fake.nscript)
			return 0;
		*r = fake.script[fake.results];
		r->fd = -1;
		if (r->name == NULL)
			r->name = "";
		r->link = r->where = "";
	} else {
		if (fake.queued == 0)
			return 0;
		send_next(r);
	}
	if (r->fd == -1 && fake.fd_always)
		r->fd = fd_new();
	fake.results++;
	return 1;
}

/*
 * The archive.
 */

static int
archive_add(const char *name, const char *suffix)
{
	if (strlen(name) > archive.longest)
		archive.longest = strlen(name);
	if (archive.calls++ == archive.fails_after)
		return -1;
	if (archive.quiet)
		return 0;
	return buf_printf(&archive.log, "%s%s%s\n", name, suffix,
	    archive.attributes != NULL ? " with attributes" : "");
}

void
create_attributes(struct create *c, const struct buf *attributes)
{
	(void)c;
	archive.attributes = attributes;
}

int
create_directory(struct create *c, const char *name,
    const struct fdb_stat *st)
{
	(void)c;
	assert_true(S_ISDIR(st->mode));
	return archive_add(name, "/");
}

int
create_special(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target)
{
	(void)c;
	assert_false(S_ISDIR(st->mode) || S_ISREG(st->mode));
	assert_string_equal(target, S_ISLNK(st->mode) ? "to" : "");
	return archive_add(name, "@");
}

int
create_file(struct create *c, const char *name, const struct fdb_stat *st,
    int fd)
{
	(void)c;
	assert_true(S_ISREG(st->mode));
	if (close(fd) == -1)
		fail_msg("%s comes without its descriptor", name);
	return archive_add(name, "");
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *why)
{
	(void)c;
	if (archive.calls++ == archive.fails_after)
		return -1;
	return buf_printf(&archive.log, "! %d %.32s: %s\n", (int)kind, name,
	    why);
}

/* An earlier archive is for test_since.c. */
struct since *
create_since(struct create *c)
{
	(void)c;
	return NULL;
}

bool
create_is_diff(const struct create *c)
{
	(void)c;
	return false;
}

int
create_kept(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target, const char *line)
{
	(void)c;
	(void)name;
	(void)st;
	(void)target;
	(void)line;
	return -1;
}

void
create_late(struct create *c)
{
	(void)c;
}

int
create_purge(struct create *c, const char *name)
{
	(void)c;
	(void)name;
	return -1;
}

void
create_mark(struct create *c)
{
	(void)c;
}

int
create_subtotal(struct create *c, const char *name)
{
	(void)c;
	(void)name;
	return 0;
}

int
create_total(struct create *c, const char *name)
{
	(void)c;
	(void)name;
	return 0;
}

int
create_hidden(struct create *c, const char *name, uint64_t n)
{
	char	 text[32];

	(void)snprintf(text, sizeof(text), "%d", (int)n);
	return create_report(c, REPORT_HIDDEN, name, text);
}

int
create_no_memory(struct create *c)
{
	(void)c;
	fail_msg("out of memory");
	return -1;
}

/*
 * Tests.
 */

static void
reset(size_t window)
{
	memset(&fake, 0, sizeof(fake));
	fake.window = window;
	fake.dies_after = NEVER;
	fake.why = "it died";
	buf_free(&archive.log);
	memset(&archive, 0, sizeof(archive));
	archive.fails_after = NEVER;
}

/* /d/{f,s/{g,l@}}, /e/h, /k */
static void
plant(size_t window)
{
	struct file	*d, *e, *s;

	reset(window);
	used = 0;
	fake.root = file_new(NULL, "", S_IFDIR);
	d = file_new(fake.root, "d", S_IFDIR);
	(void)file_new(d, "f", S_IFREG);
	s = file_new(d, "s", S_IFDIR);
	(void)file_new(s, "g", S_IFREG);
	file_new(s, "l", S_IFLNK)->target = "to";
	e = file_new(fake.root, "e", S_IFDIR);
	(void)file_new(e, "h", S_IFREG);
	(void)file_new(fake.root, "k", S_IFREG);
}

static void
refuse(const char *path, int error, enum fdb_reason reason)
{
	at(path)->error = error;
	at(path)->reason = reason;
}

static void
refuse_rest(const char *path, int error, enum fdb_reason reason)
{
	at(path)->leave_error = error;
	at(path)->leave_reason = reason;
}

/* Walk n paths; no descriptor is left. */
static int
walk_paths(const char *const *names, size_t n)
{
	char		 why[PATHS_WHY_MAX];
	struct paths	 ps = { NULL, 0, 0, NULL };
	struct revisit	 again;
	struct choice	 choice = { .walk = FDB_WALK_XATTR |
	    FDB_WALK_READAHEAD };
	size_t		 i, fds = util_count_fds();
	int		 ret;

	for (i = 0; i < n; i++)
		assert_int_equal(paths_add(&ps, "/", names[i], why), 0);
	assert_int_equal(paths_check(&ps, why), 0);
	revisit_init(&again);
	ret = walk_run(NULL, NULL, &ps, &choice, 1,
	    &again);
	/* Each directory that was left, unless it is reported. */
	if (archive.left != NULL)
		assert_int_equal(again.n, *archive.left);
	revisit_free(&again);
	paths_free(&ps);
	while (fake.queued > 0)
		dequeue();
	assert_int_equal(util_count_fds(), fds);
	return ret;
}

/* Walk a list of paths, which ends with NULL. */
static int
walk(const char *const *names)
{
	size_t	 n = 0;

	while (names[n] != NULL)
		n++;
	return walk_paths(names, n);
}

/* Compare what was stored and reported. */
static void
assert_log(const char *want)
{
	assert_string_equal(buf_str(&archive.log), want);
	buf_free(&archive.log);
}

static void
assert_walk(const char *const *names, const char *want)
{
	assert_int_equal(walk(names), 0);
	assert_log(want);
}

/* The results of a broker that is hostile end the run with a reason. */
static void
assert_script(const struct fdb_result *script, size_t n, const char *want)
{
	static const char *const d[] = { "d", NULL };
	int			 i;

	for (i = 0; i < 2; i++) {
		plant(4);
		fake.script = script;
		fake.nscript = n;
		fake.fd_always = i == 1;
		assert_int_equal(walk(d), -1);
		assert_log(want);
	}
}

static void
expect(struct buf *b, const char *dir, const struct file *f,
    const char *suffix)
{
	assert_int_equal(buf_printf(b, "%s%s%s%s\n", dir,
	    dir[0] != '\0' ? "/" : "", f->name, suffix), 0);
}

/* The order that walk.h promises. */
static void
expect_dir(struct buf *b, const struct file *dir, const char *name)
{
	const struct file	*f;
	char			 path[512];

	assert_int_equal(buf_printf(b, "%s/\n", name), 0);
	if (strcmp(name, ".") == 0)
		name = "";
	for (f = dir->child; f != NULL; f = f->next) {
		if (!S_ISDIR(f->mode))
			expect(b, name, f, S_ISREG(f->mode) ? "" : "@");
	}
	for (f = dir->child; f != NULL; f = f->next) {
		if (!S_ISDIR(f->mode))
			continue;
		(void)snprintf(path, sizeof(path), "%s%s%s", name,
		    name[0] != '\0' ? "/" : "", f->name);
		expect_dir(b, f, path);
	}
}

static void
test_order(void **state)
{
	static const char *const names[] = { "/", NULL };
	struct buf		 want = { NULL, 0, 0 };
	struct file		*root;
	size_t			 i, tree;

	(void)state;
	for (tree = 0; tree < 20; tree++) {
		used = 0;
		root = file_new(NULL, "", S_IFDIR);
		grow(root, 6);
		for (i = 0; i < used; i++)
			if (S_ISLNK(pool[i].mode))
				pool[i].target = "to";
		buf_cut(&want, 0);
		expect_dir(&want, root, ".");
		reset(4);
		fake.root = root;
		assert_walk(names, buf_str(&want));
	}
	buf_free(&want);
}

static void
test_paths(void **state)
{
	static const char *const some[] = { "k", "d/s", "d/f", "e", NULL };
	static const char *const inner[] = { "d", "k", "d/s/g", NULL };
	static const char *const first[] = { "d/s/g", "d", NULL };
	static const char *const dirs[] = { "/", "d", "d/s", NULL };
	static const char *const twice[] = { "e", "k", "e", NULL };
	size_t			 window;

	(void)state;
	for (window = 1; window < 5; window++) {
		plant(window);
		assert_walk(some,
		    "k\nd/s/\nd/s/g\nd/s/l@\nd/f\ne/\ne/h\n");
		/* A path that is beneath another is stored once. */
		plant(window);
		assert_walk(inner, "d/\nd/f\nd/s/\nd/s/l@\nk\nd/s/g\n");
		plant(window);
		assert_walk(first, "d/s/g\nd/\nd/f\nd/s/\nd/s/l@\n");
		plant(window);
		assert_walk(dirs, "./\nk\ne/\ne/h\nd/\nd/f\n"
		    "d/s/\nd/s/g\nd/s/l@\n");
		plant(window);
		assert_walk(twice, "e/\ne/h\nk\n");
	}
}

/* What is within a path that comes later is reported with it, not twice. */
static void
test_inner_reports(void **state)
{
	static const char *const dirs[] = { "d", "d/s", NULL };

	(void)state;
	plant(4);
	refuse("d/s/g", EACCES, FDB_REASON_KERNEL);
	at("d/s/l")->skip = FDB_SKIP_EXCLUDED;
	at("d/s")->changes = true;
	assert_walk(dirs, "d/\nd/f\nd/s/\n! 1 d/s/g: Permission denied\n"
	    "! 16 d/s/l: excluded\n! 2 d/s: names in it were added or removed "
	    "while it was read\n");
	plant(4);
	refuse("d/s", EACCES, FDB_REASON_POLICY);
	assert_walk(dirs,
	    "d/\nd/f\n! 4 d/s: denied by policy\nd/s/\n");
	plant(4);
	refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	assert_walk(dirs, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\n");
}

static void
test_errors(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const two[] = { "nope", "e/h", NULL };
	static const char *const none[] = { "nope", NULL };
	static const char *const f[] = { "d/f", "k", NULL };

	(void)state;
	plant(4);
	assert_walk(two, "! 1 nope: No such file or directory\ne/h\n");
	plant(4);
	assert_walk(none, "! 1 nope: No such file or directory\n");
	/* One file cannot be read, another is gone. */
	plant(4);
	refuse("d/f", EACCES, FDB_REASON_KERNEL);
	refuse("d/s/g", ENOENT, FDB_REASON_KERNEL);
	assert_walk(d, "d/\n! 1 d/f: Permission denied\nd/s/\n"
	    "! 15 d/s/g: No such file or directory\nd/s/l@\n");
	/* Not even its type is known. */
	plant(4);
	refuse("d/s", EIO, FDB_REASON_KERNEL);
	at("d/s")->mode = 0;
	assert_walk(d, "d/\nd/f\n! 1 d/s: Input/output error\n");
	/* An unreadable directory is stored; one that is gone is not. */
	plant(4);
	refuse("d/s", EACCES, FDB_REASON_KERNEL);
	assert_walk(d, "d/\nd/f\n! 1 d/s: Permission denied\nd/s/\n");
	plant(4);
	refuse("d/s", ENOENT, FDB_REASON_KERNEL);
	assert_walk(d, "d/\nd/f\n! 15 d/s: No such file or directory\n");
	/* The start itself. */
	plant(4);
	refuse("d", EACCES, FDB_REASON_KERNEL);
	assert_walk(d, "! 1 d: Permission denied\nd/\n");
	plant(4);
	refuse("d/f", EMFILE, FDB_REASON_LIMIT);
	assert_walk(f, "! 1 d/f: a limit of the session is reached: "
	    "Too many open files\nk\n");
}

/* A directory that is not read to its end: what came before is stored. */
static void
test_leave(void **state)
{
	static const char *const names[] = { "d", "e", NULL };
	static const char *const root[] = { "/", NULL };
	static const uint64_t	 one = 1, four = 4;

	(void)state;
	plant(4);
	archive.left = &four;
	assert_walk(root, "./\nk\nd/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "e/\ne/h\n");
	plant(4);
	archive.left = &one;
	refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	refuse_rest("e", ENOENT, FDB_REASON_KERNEL);
	assert_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\ne/\ne/h\n"
	    "! 15 e: No such file or directory\n");
	/* The policy changed. */
	plant(4);
	refuse_rest("d/s", EACCES, FDB_REASON_POLICY);
	refuse_rest("d", EACCES, FDB_REASON_POLICY);
	assert_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 3 d/s: denied by policy\n! 3 d: denied by policy\n"
	    "e/\ne/h\n");
	/* Names came or went. */
	plant(4);
	at("d/s")->changes = at("e")->changes = true;
	assert_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 2 d/s: names in it were added or removed while it was read\n"
	    "e/\ne/h\n"
	    "! 2 e: names in it were added or removed while it was read\n");
	plant(4);
	at("e")->hides = true;
	assert_walk(names, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "e/\ne/h\n! 2 e: it changed while it was read\n");
	plant(4);
	at("")->changes = true;
	assert_walk(root, "./\nk\nd/\nd/f\nd/s/\nd/s/g\nd/s/l@\ne/\ne/h\n"
	    "! 2 .: names in it were added or removed while it was read\n");
}

static void
test_denied(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const f[] = { "d/f", NULL };

	(void)state;
	plant(4);
	refuse("d/f", EACCES, FDB_REASON_POLICY);
	assert_walk(d, "d/\n! 3 d/f: denied by policy\n"
	    "d/s/\nd/s/g\nd/s/l@\n");
	plant(4);
	refuse("d/f", EACCES, FDB_REASON_POLICY);
	assert_walk(f, "! 4 d/f: denied by policy\n");
}

/* Hidden names are told with the directory, where it is stored. */
static void
test_hidden(void **state)
{
	static const char *const dirs[] = { "d", "d/s", NULL };

	(void)state;
	plant(4);
	at("d")->hidden = 3;
	at("d/s")->hidden = 1;
	at("d/s")->changes = true;
	assert_walk(dirs, "d/\nd/f\n! 14 d: 3\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 2 d/s: names in it were added or removed while it was read\n"
	    "! 14 d/s: 1\n");
	/* Also if the rest could not be read. */
	plant(4);
	at("d/s")->hidden = 2;
	refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
	assert_walk(dirs, "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 d/s: Input/output error\n! 14 d/s: 2\n");
}

/* A socket that is asked for by its name is missing. */
static void
test_socket(void **state)
{
	static const char *const k[] = { "k", NULL };
	static const char *const root[] = { "e", NULL };

	(void)state;
	plant(4);
	at("k")->mode = at("e/h")->mode = S_IFSOCK;
	assert_walk(k, "! 1 k: sockets cannot be stored\n");
	plant(4);
	at("e/h")->mode = S_IFSOCK;
	assert_walk(root, "e/\ne/h@\n");
}

static void
test_skipped(void **state)
{
	static const char *const d[] = { "d", NULL };
	static const char *const both[] = { "d", "d/s", NULL };

	(void)state;
	plant(4);
	at("d/f")->skip = at("d/s")->skip = FDB_SKIP_EXCLUDED;
	at("d/s")->mode = at("d/f")->mode = 0;
	assert_walk(d, "d/\n! 16 d/f: excluded\n! 16 d/s: excluded\n");
	/* A mount point is a directory, or a file. */
	plant(4);
	at("d/f")->skip = at("d/s")->skip = FDB_SKIP_ONE_FS;
	assert_walk(d, "d/\n! 5 d/f: it is on another file system\n"
	    "d/s/\n! 5 d/s: it is on another file system\n");
	plant(4);
	at("d/s")->skip = FDB_SKIP_PSEUDO;
	assert_walk(d, "d/\nd/f\nd/s/\n! 5 d/s: it is a file system of the "
	    "kernel's, not of files; name it to store it\n");
	plant(4);
	at("d/f")->skip = FDB_SKIP_PSEUDO + 1;
	assert_walk(both, "d/\n! 5 d/f: skipped\nd/s/\nd/s/g\nd/s/l@\n");
	/* The rest of a directory, also of one that is a path itself. */
	plant(4);
	(void)strlcpy(at("d/s/l")->name, "", sizeof(at("d/s/l")->name));
	file_find(fake.root, "d/s")->last->skip = FDB_SKIP_TAGGED;
	file_find(fake.root, "d/s")->last->mode = 0;
	assert_walk(both, "d/\nd/f\nd/s/\nd/s/g\n"
	    "! 16 d/s: its contents are left out: it has a tag\n");
	plant(4);
	(void)strlcpy(at("d/f")->name, "", sizeof(at("d/f")->name));
	file_find(fake.root, "d")->child->skip = FDB_SKIP_TAGGED;
	file_find(fake.root, "d")->child->mode = 0;
	assert_walk(both, "d/\n"
	    "! 16 d: its contents are left out: it has a tag\n"
	    "d/s/\nd/s/g\nd/s/l@\n");
}

/* A mount point that is a path itself is not reported: it is stored later. */
static void
test_skipped_path(void **state)
{
	static const char *const names[] = { "d", "d/s", NULL };
	static const struct fdb_result script[] = {
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED },
		{ .kind = FDB_RESULT_WALK_SKIPPED, .name = "s",
		    .st.mode = S_IFDIR, .skip = FDB_SKIP_PSEUDO },
		{ .kind = FDB_RESULT_WALK_LEAVE },
		{ .kind = FDB_RESULT_WALK },
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK, .cookie = 1 }
	};

	(void)state;
	plant(4);
	fake.script = script;
	fake.nscript = sizeof(script) / sizeof(script[0]);
	assert_walk(names, "d/\nd/s/\n");
}

#define DEPTH	5000

/* Names may be longer than PATH_MAX. */
static void
test_deep(void **state)
{
	static const char *const names[] = { "x", "y", NULL };
	struct file		*f;
	size_t			 i;

	(void)state;
	reset(4);
	used = 0;
	fake.root = file_new(NULL, "", S_IFDIR);
	f = file_new(fake.root, "x", S_IFDIR);
	for (i = 1; i < DEPTH; i++)
		f = file_new(f, "x", S_IFDIR);
	(void)file_new(f, "end", S_IFREG);
	(void)file_new(at("x/x"), "last", S_IFDIR);
	(void)file_new(fake.root, "y", S_IFREG);
	refuse("x/x/last", EACCES, FDB_REASON_KERNEL);
	archive.quiet = true;
	assert_walk(names, "! 1 x/x/last: Permission denied\n");
	assert_int_equal(archive.longest, 2 * DEPTH + strlen("end"));
	/* All directories, two files, the last one, and its report. */
	assert_int_equal(archive.calls, DEPTH + 4);
}

static void
test_many_paths(void **state)
{
	static char	 text[1000][16];
	const char	*names[1000];
	struct buf	 want = { NULL, 0, 0 };
	size_t		 i, window;

	(void)state;
	for (window = 1; window <= QUEUE_MAX; window = window * 2 + 1) {
		reset(window);
		used = 0;
		buf_cut(&want, 0);
		fake.root = file_new(NULL, "", S_IFDIR);
		for (i = 0; i < 1000; i++) {
			(void)snprintf(text[i], sizeof(text[i]), "%zu",
			    (i * 617) % 1000);
			names[i] = text[i];
			if (i % 10 == 3) {
				assert_int_equal(buf_printf(&want, "! 1 %s: "
				    "No such file or directory\n", names[i]),
				    0);
				continue;
			}
			(void)file_new(fake.root, names[i], S_IFREG);
			assert_int_equal(buf_printf(&want, "%s\n", names[i]),
			    0);
		}
		assert_int_equal(walk_paths(names, 1000), 0);
		assert_log(buf_str(&want));
	}
	buf_free(&want);
}

/* Paths that the library refuses are reported in their turn. */
static void
test_refused_paths(void **state)
{
	static char		 a[5001], b[5001];
	static const char *const want =
	    "! 1 invalid-1: Invalid argument\nk\n"
	    "! 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: File name too long\n"
	    "! 1 invalid-2: Invalid argument\n"
	    "d/\nd/f\nd/s/\nd/s/g\nd/s/l@\n"
	    "! 1 nope: No such file or directory\n"
	    "! 1 invalid-3: Invalid argument\ne/h\n"
	    "! 1 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: File name too long\n";
	const char *const	 names[] = { "invalid-1", "k", a, "invalid-2",
		"d", "nope", "invalid-3", "e/h", b, NULL };
	const char *const	 only[] = { "invalid-1", "invalid-2", NULL };
	size_t			 window;

	(void)state;
	memset(a, 'a', sizeof(a) - 1);
	memset(b, 'b', sizeof(b) - 1);
	for (window = 1; window < 9; window++) {
		plant(window);
		assert_walk(names, want);
	}
	plant(4);
	assert_walk(only, "! 1 invalid-1: Invalid argument\n"
	    "! 1 invalid-2: Invalid argument\n");
}

/* The session ends after each of its results. */
static void
test_death(void **state)
{
	static const char *const names[] = { "d", "k", "d/s/g", NULL };
	size_t			 i, total;

	(void)state;
	plant(2);
	assert_int_equal(walk(names), 0);
	total = fake.results;
	for (i = 0; i <= total; i++) {
		plant(2);
		fake.dies_after = i;
		assert_int_equal(walk(names), -1);
		assert_non_null(strstr(buf_str(&archive.log),
		    "! 10 : the session is over: it died\n"));
	}
	plant(2);
	fake.walk_errno = EPIPE;
	fake.why = "";
	assert_int_equal(walk(names), -1);
	assert_log("! 10 : the session is over: Broken pipe\n");
}

/* What cannot be stored or reported ends the run at once. */
static void
test_archive_fails(void **state)
{
	static const char *const names[] = { "d", "invalid", "nope", "k",
		"d/s/g", NULL };
	size_t			 i, total;

	(void)state;
	for (i = 0, total = NEVER; i < total; i++) {
		plant(2);
		at("d")->changes = true;
		at("d/s/l")->skip = FDB_SKIP_EXCLUDED;
		refuse_rest("d/s", EIO, FDB_REASON_KERNEL);
		if (total == NEVER) {
			assert_int_equal(walk(names), 0);
			total = archive.calls;
			assert_int_equal(total, 10);
			continue;
		}
		archive.fails_after = i;
		assert_int_equal(walk(names), -1);
		assert_int_equal(archive.calls, i + 1);
	}
	buf_free(&archive.log);
}

#define START	{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR, \
		    .flags = FDB_ENTRY_ENTERED }
#define LEAVE	{ .kind = FDB_RESULT_WALK_LEAVE }
#define END	{ .kind = FDB_RESULT_WALK }
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Extended attributes come after their entry, which waits for them. */
static void
test_attributes(void **state)
{
#define FILE_WITH(n)	{ .kind = FDB_RESULT_WALK_ENTRY, .name = "f", \
			    .xattrs = n, .st = { .mode = S_IFREG | 0644 } }
#define ATTRIBUTE(e)	{ .kind = FDB_RESULT_WALK_XATTR, .name = "user.a", \
			    .value = "v", .length = 1, .error = e }
	static const struct fdb_result	 script[] = { START, FILE_WITH(2),
		ATTRIBUTE(0), ATTRIBUTE(EIO), FILE_WITH(0), LEAVE, END };
	static const struct fdb_result	 unasked[] = { START, ATTRIBUTE(0) };
	static const struct fdb_result	 missing[] = { START, FILE_WITH(2),
		ATTRIBUTE(0), LEAVE };
	static const char *const	 d[] = { "d", NULL };

	(void)state;
	plant(4);
	fake.script = script;
	fake.nscript = COUNT(script);
	fake.fd_always = true;
	assert_walk(d, "d/\n! 1 d/f: its extended attribute user.a is not "
	    "stored: Input/output error\nd/f with attributes\nd/f\n");
	assert_script(unasked, COUNT(unasked),
	    "d/\n! 10 : the broker sent an attribute of nothing\n");
	assert_script(missing, COUNT(missing),
	    "d/\n! 10 : the broker answered out of order\n");
}

/* A broker that was taken over: an error, no fault, and no descriptor left. */
static void
test_hostile(void **state)
{
	static const struct fdb_result	 leaves[] = { START, LEAVE, LEAVE };
	static const struct fdb_result	 leave[] = { LEAVE };
	static const struct fdb_result	 within[] = { START, END };
	static const struct fdb_result	 order[] = { START,
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 } };
	static const struct fdb_result	 again[] = { START, LEAVE, END, END };
	static const struct fdb_result	 half[] = { START, LEAVE };
	struct fdb_result		 kind[] = { START, LEAVE };
	int				 i;

	(void)state;
	assert_script(leaves, COUNT(leaves),
	    "d/\n! 10 : the broker left a directory too many\n");
	assert_script(leave, COUNT(leave),
	    "! 10 : the broker left a directory too many\n");
	assert_script(within, COUNT(within),
	    "d/\n! 10 : the broker ended a walk within a directory\n");
	assert_script(order, COUNT(order),
	    "d/\n! 10 : the broker answered out of order\n");
	assert_script(again, COUNT(again),
	    "d/\n! 10 : the broker answered out of order\n");
	assert_script(half, COUNT(half),
	    "d/\n! 10 : the broker left requests unanswered\n");
	assert_script(half, 0,
	    "! 10 : the broker left requests unanswered\n");
	for (i = 0; i < 12; i++) {
		if (i == FDB_RESULT_WALK_XATTR)
			continue;	/* test_attributes() */
		kind[1].kind = (enum fdb_kind)i;
		if (i != FDB_RESULT_WALK_ENTRY && i != FDB_RESULT_WALK &&
		    i != FDB_RESULT_WALK_LEAVE &&
		    i != FDB_RESULT_WALK_SKIPPED)
			assert_script(kind, COUNT(kind), "d/\n! 10 : the "
			    "broker sent an unexpected result\n");
	}
}

/* A walk that was broken off says why, and the next one goes on. */
static void
test_broken_off(void **state)
{
	static const char *const names[] = { "d", "e", NULL };
	static const struct fdb_result script[] = { START,
		{ .kind = FDB_RESULT_WALK_ENTRY, .name = "s",
		    .st.mode = S_IFDIR, .flags = FDB_ENTRY_ENTERED },
		{ .kind = FDB_RESULT_WALK, .error = ENOMEM,
		    .reason = FDB_REASON_LIMIT },
		{ .kind = FDB_RESULT_WALK_ENTRY, .st.mode = S_IFDIR,
		    .flags = FDB_ENTRY_ENTERED, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK_LEAVE, .cookie = 1 },
		{ .kind = FDB_RESULT_WALK, .cookie = 1 }
	};

	(void)state;
	plant(4);
	fake.script = script;
	fake.nscript = COUNT(script);
	assert_walk(names, "d/\nd/s/\n! 1 d: a limit of the session is "
	    "reached: Cannot allocate memory\ne/\n");
}

/* Descriptors that nobody asked for are closed. */
static void
test_descriptors(void **state)
{
	static const char *const names[] = { "d", "nope", "d/s", "k", NULL };

	(void)state;
	plant(2);
	fake.fd_always = true;
	refuse("d/f", EACCES, FDB_REASON_KERNEL);
	at("d/s/g")->skip = FDB_SKIP_EXCLUDED;
	assert_walk(names, "d/\n! 1 d/f: Permission denied\n"
	    "! 1 nope: No such file or directory\n"
	    "d/s/\n! 16 d/s/g: excluded\nd/s/l@\nk\n");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_paths),
		UTIL_TEST(test_inner_reports),
		UTIL_TEST(test_errors),
		UTIL_TEST(test_leave),
		UTIL_TEST(test_denied),
		UTIL_TEST(test_hidden),
		UTIL_TEST(test_socket),
		UTIL_TEST(test_skipped),
		UTIL_TEST(test_skipped_path),
		UTIL_TEST(test_deep),
		UTIL_TEST(test_many_paths),
		UTIL_TEST(test_refused_paths),
		UTIL_TEST(test_death),
		UTIL_TEST(test_archive_fails),
		UTIL_TEST(test_attributes),
		UTIL_TEST(test_hostile),
		UTIL_TEST(test_broken_off),
		UTIL_TEST(test_descriptors)
	};
	int	 ret = cmocka_run_group_tests(tests, NULL, NULL);

	buf_free(&archive.log);
	return ret;
}
