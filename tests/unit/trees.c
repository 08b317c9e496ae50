/*
 * trees.c: let the walk of the worker run over fake trees; see trees.h.
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

#include "sandbox/readers.h"
#include "sandbox/walk.h"
#ifdef READING_WAITS
#include "tests/unit/sleeps.h"
#endif
#include "tests/unit/trees.h"
#include "tests/unit/util.h"

#define FILES_MAX	6000
#define NAME_LIMIT	4000	/* bytes of a name that the library takes */

/* Where the fake walk is: a directory that was entered. */
struct place {
	const struct tree_file *dir;
	const struct tree_file *next;
	bool			 subs;	/* now the directories in it */
};

struct trees_session	 fake;
struct trees_archive	 archive;

/* The walks that were asked for, and where the first one is. */
static struct {
	struct {
		uint64_t	 cookie;
		char		*name;
	}		 queue[TREES_QUEUE_MAX];
	size_t		 n;
	struct place	 places[FILES_MAX];
	size_t		 depth;
	bool		 walking;
} going;

static struct tree_file	 pool[FILES_MAX];
static size_t		 used;

/*
 * The tree.
 */

struct tree_file *
trees_file(struct tree_file *parent, const char *name, uint32_t mode)
{
	struct tree_file *f;

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

void
trees_grow(struct tree_file *dir, int depth)
{
	static const uint32_t	 modes[] = {
		S_IFREG, S_IFREG, S_IFREG, S_IFLNK, S_IFIFO, S_IFDIR, S_IFDIR
	};
	struct tree_file 	*f;
	char			 name[16];
	uint32_t		 i, n = util_random(12);

	for (i = 0; i < n && used < FILES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		f = trees_file(dir, name, modes[util_random(7)]);
		if (S_ISLNK(f->mode))
			f->target = "to";
		if (S_ISDIR(f->mode) && depth > 0)
			trees_grow(f, depth - 1);
	}
}

struct tree_file *
trees_find(struct tree_file *dir, const char *path)
{
	struct tree_file *f = dir;
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

struct tree_file *
trees_at(const char *path)
{
	struct tree_file *f = trees_find(fake.root, path);

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
	else if (going.n == fake.window)
		errno = EAGAIN;
	if (errno != 0)
		return -1;
	assert_true(going.n < TREES_QUEUE_MAX);
	going.queue[going.n].cookie = cookie;
	assert_non_null(going.queue[going.n++].name = strdup(o->name));
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
	going.walking = false;
	going.depth = 0;
	free(going.queue[0].name);
	memmove(going.queue, going.queue + 1,
	    --going.n * sizeof(going.queue[0]));
}

static void
result_init(struct fdb_result *r, enum fdb_kind kind)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->cookie = going.queue[0].cookie;
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
send_entry(struct fdb_result *r, const struct tree_file *f, const char *name)
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
		going.places[going.depth].dir = f;
		going.places[going.depth].next = f->child;
		going.places[going.depth++].subs = false;
	}
}

static void
send_leave(struct fdb_result *r, const struct tree_file *f)
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
	going.depth--;
}

/* The next result of the first walk: as in fdbroker.h. */
static void
send_next(struct fdb_result *r)
{
	const char		*name = going.queue[0].name;
	const struct tree_file *f;
	struct place		*p;

	if (!going.walking) {
		if ((f = trees_find(fake.root, name + 1)) == NULL) {
			send_end(r, ENOENT);
			return;
		}
		going.walking = true;
		send_entry(r, f, "");
		return;
	}
	if (going.depth == 0) {
		send_end(r, 0);
		return;
	}
	p = &going.places[going.depth - 1];
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
		if (going.n == 0)
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

struct readers *
create_readers(struct create *c)
{
	(void)c;
	return archive.readers;
}

/* Not each file. */
bool
create_may_read(struct create *c, const struct fdb_stat *st, int fd,
    struct contents_small *how)
{
	(void)c;
	(void)st;
	*how = (struct contents_small){ .fd = fd };
	return archive.calls % 8 != 7;
}

void
create_was_read(struct create *c, const struct readers_file *f)
{
	(void)c;
	if (f != NULL && (f->contents.error != 0 || f->contents.got != 0))
		fail_msg("/dev/null cannot be read");
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
 * Runs.
 */

void
trees_reset(size_t window)
{
	memset(&fake, 0, sizeof(fake));
	memset(&going, 0, sizeof(going));
	used = 0;
	fake.window = window;
	fake.dies_after = NEVER;
	fake.why = "it died";
	buf_free(&archive.log);
	memset(&archive, 0, sizeof(archive));
	archive.fails_after = NEVER;
}

void
trees_plant(size_t window)
{
	struct tree_file *d, *e, *s;

	trees_reset(window);
	fake.root = trees_file(NULL, "", S_IFDIR);
	d = trees_file(fake.root, "d", S_IFDIR);
	(void)trees_file(d, "f", S_IFREG);
	s = trees_file(d, "s", S_IFDIR);
	(void)trees_file(s, "g", S_IFREG);
	trees_file(s, "l", S_IFLNK)->target = "to";
	e = trees_file(fake.root, "e", S_IFDIR);
	(void)trees_file(e, "h", S_IFREG);
	(void)trees_file(fake.root, "k", S_IFREG);
}

void
trees_refuse(const char *path, int error, enum fdb_reason reason)
{
	trees_at(path)->error = error;
	trees_at(path)->reason = reason;
}

void
trees_refuse_rest(const char *path, int error, enum fdb_reason reason)
{
	trees_at(path)->leave_error = error;
	trees_at(path)->leave_reason = reason;
}

/* Threads that read what there is to read, or none. */
static struct readers *
readers_make(void)
{
	struct readers	*r = NULL;
#ifdef READING_WAITS
	int		 fd = fd_new();

	assert_non_null(r = readers_new());
	assert_int_equal(readers_start(r), 0);
	sleeps_until_wanted(r, fd);
	close(fd);
#endif
	return r;
}

int
trees_run_paths(const char *const *names, size_t n)
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
	archive.readers = readers_make();
	ret = walk_run(NULL, NULL, &ps, &choice, 1, &again);
	/* Each directory that was left, unless it is reported. */
	if (archive.left != NULL)
		assert_int_equal(again.n, *archive.left);
	readers_free(archive.readers);
	archive.readers = NULL;
	revisit_free(&again);
	paths_free(&ps);
	while (going.n > 0)
		dequeue();
	assert_int_equal(util_count_fds(), fds);
	return ret;
}

int
trees_run(const char *const *names)
{
	size_t	 n = 0;

	while (names[n] != NULL)
		n++;
	return trees_run_paths(names, n);
}

void
trees_log(const char *want)
{
	assert_string_equal(buf_str(&archive.log), want);
	buf_free(&archive.log);
}

void
trees_walk(const char *const *names, const char *want)
{
	assert_int_equal(trees_run(names), 0);
	trees_log(want);
}

void
trees_script(const struct fdb_result *script, size_t n, const char *want)
{
	static const char *const d[] = { "d", NULL };
	int			 i;

	for (i = 0; i < 2; i++) {
		trees_plant(4);
		fake.script = script;
		fake.nscript = n;
		fake.fd_always = i == 1;
		assert_int_equal(trees_run(d), -1);
		trees_log(want);
	}
}

