/*
 * test_create.c: how files are read: files that change meanwhile, whose size
 * lies, or that cannot be read.
 *
 * Files are fakes: fdio_pread() and fdstat() are those below; see Makefile.am.
 * So is the last stage, which keeps the members that come to it.
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
#include "sandbox/archiver.h"
#include "sandbox/create.h"
#include "sandbox/hashing.h"
#include "sandbox/owners.h"
#include "sandbox/pipeline.h"
#include "tests/unit/util.h"

#define SMALL	(SLAB_SIZE / 2)		/* the largest small file */
#define ROOM	(SLAB_SIZE / 4 * 3)	/* what is read of it, if it lies */
#define OWNERS	(2 * CHANNEL_OWNER_MAX)	/* bytes kept for their names */
#define NEVER	UINT64_MAX
#define STEPS	4

ssize_t	 __wrap_fdio_pread(int, void *, size_t, uint64_t);
int	 __wrap_fdstat(int, struct stat *);

/* A version of a file: what it says, and what it holds. */
struct fake_version {
	uint64_t	 size;
	uint64_t	 holds;
	int64_t		 mtime, ctime;
};

/* The file that is read. */
static struct {
	struct fake_version	 versions[STEPS];
	size_t		 nversions;
	size_t		 now;		/* the version that is there */
	bool		 changes_late;	/* when it was read to its end */
	uint64_t	 error_at;	/* byte that cannot be read */
	int		 stat_errno;
	size_t		 opened;	/* times that it was read from byte 0 */
	bool		 short_reads;
	bool		 no_disk;	/* has the file system */
	size_t		 chunk;		/* that read(2) gives, or 0 */
} file;

/* A member as the last stage gets it. */
struct kept {
	struct buf	 name, link, hardlink;
	struct buf	 contents;
	struct entry	 e;
	bool		 complete;
};

static struct kept	*kept;
static size_t		 nkept, kept_size;
static bool		 kept_end;
static bool		 stage_fails;
static struct buf	 reported;

static const struct command	 command = { .stores = true };
static struct options	 options = { .command = &command };
static struct job	 job = { .options = &options };
static struct create	*create;
static struct archiver	*const an_archiver = (struct archiver *)&kept;
static struct hashing	*const a_hashing = (struct hashing *)&kept;
static struct owners	*const the_owners = (struct owners *)&kept;

/*
 * Files.
 */

/* The bytes of a version. */
static uint8_t
byte_at(uint64_t seed, uint64_t offset)
{
	return (uint8_t)((offset * 131 + (offset >> 8) * 7 + seed * 17) & 0xff);
}

static void
file_change(void)
{
	if (file.now + 1 < file.nversions)
		file.now++;
}

ssize_t
__wrap_fdio_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	const struct fake_version	*v = &file.versions[file.now];
	uint8_t			*p = buf;
	size_t			 i;

	assert_true(fcntl(fd, F_GETFD) != -1);
	if (offset == 0)
		file.opened++;
	if (offset >= file.error_at) {
		errno = EIO;
		return -1;
	}
	if (size > file.error_at - offset)
		size = (size_t)(file.error_at - offset);
	if (file.short_reads && size > 1)
		size = 1 + util_random((uint32_t)size);
	if (file.chunk > 0 && size > file.chunk)
		size = file.chunk;
	if (offset >= v->holds)
		size = 0;
	else if (size > v->holds - offset)
		size = (size_t)(v->holds - offset);
	for (i = 0; i < size; i++)
		p[i] = byte_at(file.now, offset + i);
	if (!file.changes_late || offset + size == v->holds)
		file_change();
	return (ssize_t)size;
}

int
__wrap_fdstat(int fd, struct stat *st)
{
	const struct fake_version	*v = &file.versions[file.now];

	assert_true(fcntl(fd, F_GETFD) != -1);
	if (file.stat_errno != 0) {
		errno = file.stat_errno;
		return -1;
	}
	memset(st, 0, sizeof(*st));
	st->st_size = (off_t)v->size;
	st->st_mtim.tv_sec = v->mtime;
	st->st_ctim.tv_sec = v->ctime;
	return 0;
}

/*
 * What create.c uses beside them.
 */

int
reporter_report(struct reporter *t, enum report_kind kind, const char *name,
    const char *text)
{
	(void)t;
	return buf_printf(&reported, "%d %.16s: %s\n", (int)kind, name, text);
}

int
reporter_reportf(struct reporter *t, enum report_kind kind, const char *name,
    const char *fmt, ...)
{
	char	 text[256];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return reporter_report(t, kind, name, text);
}

int
reporter_hidden(struct reporter *t, const char *name, uint64_t n)
{
	(void)n;
	return reporter_report(t, REPORT_HIDDEN, name, "hidden");
}

int
reporter_no_memory(struct reporter *t)
{
	(void)reporter_report(t, REPORT_FATAL, "", "out of memory");
	return -1;
}

int
reporter_entry(struct reporter *t, const struct entry *e)
{
	(void)t;
	return buf_printf(&reported, "%.16s %llu\n", e->name,
	    (unsigned long long)e->size);
}

int
reporter_subtotal(struct reporter *t, const char *name, uint64_t members,
    uint64_t bytes)
{
	(void)t;
	return buf_printf(&reported, "%.16s %llu %llu\n", name,
	    (unsigned long long)members, (unsigned long long)bytes);
}

int
reporter_count(struct reporter *t, const char *name, uint64_t bytes)
{
	(void)t;
	(void)name;
	(void)bytes;
	return 0;
}

struct owners *
owners_new(struct reporter *rep)
{
	(void)rep;
	return the_owners;
}

void
owners_free(struct owners *o)
{
	(void)o;
}

const char *
owners_name(struct owners *o, enum channel_owner kind, uint32_t id)
{
	(void)o;
	(void)kind;
	(void)id;
	return "nobody";
}

struct hashing *
hashing_new(struct reporter *rep)
{
	(void)rep;
	return a_hashing;
}

void
hashing_free(struct hashing *h)
{
	(void)h;
}

int
hashing_stage(void *arg, struct slab *s, size_t thread)
{
	(void)arg;
	(void)s;
	(void)thread;
	return 0;
}

struct archiver *
archiver_new(const struct job *j, int archive, unsigned int threads,
    struct reporter *rep)
{
	(void)j;
	(void)archive;
	(void)threads;
	(void)rep;
	return an_archiver;
}

void
archiver_free(struct archiver *a)
{
	(void)a;
}

/* Nothing is compared here, and no archive is read. */
int
reporter_member(struct reporter *rep, const char *name, uint64_t bytes)
{
	(void)rep;
	(void)name;
	(void)bytes;
	return -1;
}

bool
reporter_is_memory(int error, const char *why)
{
	(void)error;
	(void)why;
	return false;
}

int
archiver_begin(struct archiver *a, const struct manifest_head *head)
{
	(void)a;
	(void)head;
	return 0;
}

int
archiver_start(struct archiver *a)
{
	(void)a;
	return 0;
}

static int
keep_header(const struct member *m)
{
	struct kept	*k;

	if (nkept == kept_size) {
		kept_size = kept_size * 2 + 16;
		k = reallocarray(kept, kept_size, sizeof(*k));
		if (k == NULL)
			return -1;
		kept = k;
	}
	k = &kept[nkept++];
	memset(k, 0, sizeof(*k));
	k->e = m->e;
	return buf_puts(&k->name, m->e.name) == -1 ||
	    buf_puts(&k->link, m->e.link) == -1 ||
	    buf_puts(&k->hardlink, m->e.hardlink) == -1 ||
	    strcmp(m->e.uname, "nobody") != 0 ||
	    strcmp(m->e.gname, "nobody") != 0 ? -1 : 0;
}

/* In a thread: a fault is one of the stage. */
int
archiver_stage(void *arg, struct slab *s)
{
	struct member	*m;
	struct kept	*k;

	(void)arg;
	if (stage_fails || kept_end || s->used + s->strings > SLAB_SIZE)
		return -1;
	for (m = s->members; m < s->members + s->n; m++) {
		if (m->header && keep_header(m) == -1)
			return -1;
		if (nkept == 0 || kept[nkept - 1].complete)
			return -1;
		k = &kept[nkept - 1];
		if (buf_add(&k->contents, m->data, m->len) == -1)
			return -1;
		k->complete = m->last;
	}
	kept_end = s->end;
	return 0;
}

/*
 * Helpers.
 */

static void
forget(void)
{
	create_free(create);
	create = NULL;
	for (; nkept > 0; nkept--) {
		buf_free(&kept[nkept - 1].name);
		buf_free(&kept[nkept - 1].link);
		buf_free(&kept[nkept - 1].hardlink);
		buf_free(&kept[nkept - 1].contents);
	}
	free(kept);
	kept = NULL;
	kept_size = 0;
	buf_free(&reported);
}

static void
begin(void)
{
	/* A test that failed has left something. */
	forget();
	memset(&file, 0, sizeof(file));
	file.error_at = NEVER;
	options.retries = OPTIONS_RETRIES;
	kept_end = stage_fails = false;
	create = create_new(&job, -1, 1, NULL);
	assert_non_null(create);
	assert_int_equal(create_start(create), 0);
}

/* All is stored; this was reported. */
static void
finish(const char *want)
{
	assert_int_equal(create_finish(create), 0);
	assert_true(kept_end);
	assert_string_equal(buf_str(&reported), want);
}

/* Add a version of the file: the first one is what the walk has found. */
static void
version(uint64_t size, uint64_t holds)
{
	struct fake_version	*v = &file.versions[file.nversions++];

	assert_true(file.nversions <= STEPS);
	v->size = size;
	v->holds = holds;
	v->mtime = v->ctime = (int64_t)(1000 * file.nversions);
}

static struct fdb_stat
found(void)
{
	const struct fake_version	*v = &file.versions[0];

	return (struct fdb_stat){ .mode = S_IFREG | 0644, .nlink = 1,
	    .ino = 77, .dev_major = file.no_disk ? 0 : 8,
	    .size = v->size, .mtime = v->mtime,
	    .ctime = v->ctime };
}

static int
store_stat(const char *name, const struct fdb_stat *st)
{
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return create_file(create, name, st, fd);
}

static void
store(const char *name)
{
	struct fdb_stat	 st = found();

	assert_int_equal(store_stat(name, &st), 0);
}

/* Fill the slab up to this many bytes of room, with a file. */
static void
leave_room(size_t room)
{
	size_t	 taken = strlen("filler") + 1 + 2 * strlen("nobody") + 2;

	version(SLAB_SIZE - room - taken, SLAB_SIZE - room - taken);
	store("filler");
	memset(&file, 0, sizeof(file));
	file.error_at = NEVER;
}

/* The last member: these bytes of a version, and zeros from there on. */
static void
assert_contents(uint64_t size, size_t seed, uint64_t zeros)
{
	const struct kept	*k = &kept[nkept - 1];
	uint64_t		 i;
	uint8_t			 want;

	assert_true(nkept > 0 && k->complete);
	assert_int_equal(k->e.size, size);
	assert_int_equal(k->contents.len, size);
	for (i = 0; i < size; i++) {
		want = i < zeros ? byte_at(seed, i) : 0;
		if ((uint8_t)k->contents.data[i] != want)
			fail_msg("byte %llu differs", (unsigned long long)i);
	}
}

/*
 * Tests.
 */

static void
test_unchanged(void **state)
{
	static const uint64_t	 sizes[] = {
		0, 1, 4095, SMALL - 1, SMALL, SMALL + 1, SLAB_SIZE - 16,
		SLAB_SIZE - 15, SLAB_SIZE, 3 * SLAB_SIZE, 3 * SLAB_SIZE + 1
	};
	size_t			 i, j;

	(void)state;
	for (i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin();
		version(sizes[i / 2], sizes[i / 2]);
		file.short_reads = i % 2 == 1;
		store("f");
		finish("");
		assert_int_equal(nkept, 1);
		assert_contents(sizes[i / 2], 0, NEVER);
		assert_int_equal(kept[0].e.mtime, 1000);
		assert_true(kept[0].e.has_digest);
		forget();
	}
	/* After what leaves little room, or none. */
	for (j = OWNERS; j < OWNERS + 10; j++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			begin();
			leave_room(j);
			version(sizes[i], sizes[i]);
			store("f");
			finish("");
			assert_int_equal(nkept, 2);
			assert_contents(sizes[i], 0, NEVER);
			forget();
		}
	}
}

/* A small file that changes once: the new one is stored, with its time. */
static void
test_small_again(void **state)
{
	static const uint64_t	 sizes[][2] = {
		{ 1000, 1000 }, { 1000, 2000 }, { 2000, 1000 }, { 1000, 0 },
		{ 0, 1000 }, { 10, SMALL }, { SMALL, 10 }, { SMALL, SMALL },
		{ 10, SMALL + 1 }, { 10, ROOM - 1 }
	};
	size_t			 i;

	(void)state;
	for (i = 0; i < 4 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin();
		if (i & 1)
			leave_room((size_t)sizes[i / 4][0] + OWNERS + 20);
		version(sizes[i / 4][0], sizes[i / 4][0]);
		version(sizes[i / 4][1], sizes[i / 4][1]);
		file.changes_late = (i & 2) != 0;
		store("f");
		finish("");
		assert_contents(sizes[i / 4][1], 1, NEVER);
		assert_int_equal(kept[nkept - 1].e.mtime, 2000);
		forget();
	}
}

/* How often a file that changes each time is read: --retries. */
static void
test_retries(void **state)
{
	unsigned int	 i;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		begin();
		version(1000, 1000);
		version(1200, 1200);
		version(1100, 1100);
		version(1150, 1150);
		options.retries = i;
		file.changes_late = true;
		store("f");
		/* The last version stays. */
		finish(i + 1 < STEPS ?
		    "2 f: it changed while it was read\n" : "");
		assert_int_equal(file.opened, i + 1);
		forget();
	}
}

/* A file system in memory, or of another program: its reads may be short. */
static void
test_short_size(void **state)
{
	size_t	 chunk;

	(void)state;
	for (chunk = 1; chunk < 20; chunk++) {
		begin();
		version(5, 17);
		file.chunk = chunk;
		file.no_disk = true;
		store("f");
		finish("");
		assert_contents(17, 0, NEVER);
		forget();
	}
}

static void
test_small_changes(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	/* Each time it is read: the last version is stored and reported. */
	begin();
	version(1000, 1000);
	version(1200, 1200);
	version(1100, 1100);
	version(1150, 1150);
	file.changes_late = true;
	store("f");
	finish("2 f: it changed while it was read\n");
	assert_int_equal(file.opened, 3);
	assert_contents(1100, 2, NEVER);
	assert_int_equal(kept[0].e.mtime, 3000);
	forget();
	/* It becomes shorter each time, before it is read. */
	begin();
	version(1000, 900);
	version(900, 800);
	version(800, 700);
	version(700, 600);
	file.changes_late = true;
	store("f");
	finish("2 f: it became shorter while it was read; "
	    "stored with zeros from byte 700 on\n");
	assert_contents(800, 2, 700);
	forget();
	/* Nothing but the ctime, which cannot be put back. */
	begin();
	version(1000, 1000);
	version(1000, 1000);
	file.versions[1].mtime = file.versions[0].mtime;
	file.changes_late = true;
	store("f");
	finish("");
	assert_int_equal(file.opened, 2);
	assert_contents(1000, 1, NEVER);
	forget();
	/* More than there is room for: what the first size says. */
	begin();
	version(1000, 1000);
	version(ROOM, ROOM);
	file.changes_late = true;
	store("f");
	finish("2 f: it changed while it was read\n");
	assert_contents(1000, 0, NEVER);
	forget();
	/* Our own log may change. */
	begin();
	version(1000, 1000);
	version(1001, 1001);
	version(1002, 1002);
	version(1003, 1003);
	file.changes_late = true;
	st = found();
	job.log = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	assert_int_equal(store_stat("log", &st), 0);
	job.log.known = false;
	finish("");
	assert_contents(1002, 2, NEVER);
	forget();
}

/* A size that lies is the same before and after. */
static void
test_small_lies(void **state)
{
	char	 want[128];
	int	 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin();
		if (i == 1)
			leave_room(OWNERS + 40);
		version(0, 1000);
		store("f");
		finish("");
		assert_contents(1000, 0, NEVER);
		forget();
		begin();
		if (i == 1)
			leave_room(OWNERS + 40);
		version(10, ROOM - 1);
		store("f");
		finish("");
		assert_contents(ROOM - 1, 0, NEVER);
		forget();
		/* The limit is always the same. */
		begin();
		if (i == 1)
			leave_room(OWNERS + 40);
		version(10, 10 * SLAB_SIZE);
		store("f");
		(void)snprintf(want, sizeof(want), "2 f: it holds more than "
		    "its size says; stored to byte %d\n", ROOM);
		finish(want);
		assert_contents(ROOM, 0, NEVER);
		forget();
		begin();
		if (i == 1)
			leave_room(OWNERS + 1020);
		version(1000, 10);
		store("f");
		finish("2 f: it holds less than its size says; stored with "
		    "zeros from byte 10 on\n");
		assert_contents(1000, 0, 10);
		forget();
	}
}

static void
test_small_errors(void **state)
{
	(void)state;
	begin();
	version(1000, 1000);
	file.error_at = 5;
	store("f");
	finish("1 f: Input/output error; stored as zeros from byte 5 on\n");
	assert_contents(1000, 0, 5);
	forget();
	begin();
	version(1000, 1000);
	file.error_at = 0;
	store("f");
	finish("1 f: Input/output error; stored as zeros from byte 0 on\n");
	assert_contents(1000, 0, 0);
	forget();
	/* When it is read again. */
	begin();
	version(1000, 1000);
	version(2000, 2000);
	file.error_at = 1500;
	file.changes_late = true;
	store("f");
	finish("1 f: Input/output error; stored as zeros from byte 1500 on\n");
	assert_contents(2000, 1, 1500);
	forget();
	begin();
	version(1000, 1000);
	file.stat_errno = EIO;
	store("f");
	finish("1 f: cannot tell whether it changed: Input/output error\n");
	assert_contents(1000, 0, NEVER);
	forget();
}

#define BIG	(5 * SLAB_SIZE / 2)

static void
test_large(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	/* It grows. */
	begin();
	version(BIG, BIG);
	version(BIG + 10, BIG + 10);
	file.changes_late = true;
	store("f");
	finish("2 f: it changed while it was read\n");
	assert_contents(BIG, 0, NEVER);
	assert_int_equal(kept[0].e.mtime, 1000);
	forget();
	/* It becomes shorter. */
	begin();
	version(BIG, BIG - 10);
	version(BIG - 10, BIG - 10);
	file.changes_late = true;
	store("f");
	finish("2 f: it became shorter while it was read; stored with zeros "
	    "from byte 2621430 on\n");
	assert_contents(BIG, 0, BIG - 10);
	forget();
	/* It is rewritten with the same size and time. */
	begin();
	version(BIG, BIG);
	version(BIG, BIG);
	file.versions[1].mtime = file.versions[0].mtime;
	file.changes_late = true;
	store("f");
	finish("2 f: it changed while it was read\n");
	assert_contents(BIG, 0, NEVER);
	forget();
	/* Its size lies. */
	begin();
	version(BIG, 10);
	store("f");
	finish("2 f: it holds less than its size says; stored with zeros "
	    "from byte 10 on\n");
	assert_contents(BIG, 0, 10);
	forget();
	begin();
	version(BIG, BIG + 1);
	store("f");
	finish("2 f: it holds more than its size says; stored to byte "
	    "2621440\n");
	assert_contents(BIG, 0, NEVER);
	forget();
	/* It cannot be read. */
	begin();
	version(BIG, BIG);
	file.error_at = SLAB_SIZE + 7;
	file.short_reads = true;
	store("f");
	finish("1 f: Input/output error; stored as zeros from byte "
	    "1048583 on\n");
	assert_contents(BIG, 0, SLAB_SIZE + 7);
	forget();
	begin();
	version(BIG, BIG);
	file.stat_errno = EIO;
	store("f");
	finish("1 f: cannot tell whether it changed: Input/output error\n");
	forget();
	/* It is our own log. */
	begin();
	version(BIG, BIG);
	version(BIG + 10, BIG + 10);
	file.changes_late = true;
	st = found();
	job.log = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	assert_int_equal(store_stat("log", &st), 0);
	job.log.known = false;
	finish("");
	forget();
}

/* Members, strings and contents fill slabs in all ways. */
static void
test_many(void **state)
{
	struct fdb_stat	 st;
	char		 name[64];
	uint32_t	 i, n = 5000, size;

	(void)state;
	begin();
	for (i = 0; i < n; i++) {
		size = util_random(10) == 0 ? util_random(SMALL / 4) :
		    util_random(1000);
		file.nversions = 0;
		version(size, size);
		(void)snprintf(name, sizeof(name), "%u %.*s", i,
		    (int)util_random(20), "abcdefghijklmnopqrst");
		st = found();
		if (i % 7 == 0)
			st.mode = S_IFDIR | 0755;
		if (i % 7 == 1)
			st.mode = S_IFLNK | 0777;
		if (i % 7 == 0)
			assert_int_equal(create_directory(create, name, &st),
			    0);
		else if (i % 7 == 1)
			assert_int_equal(create_special(create, name, &st,
			    "to"), 0);
		else
			assert_int_equal(store_stat(name, &st), 0);
	}
	finish("");
	assert_int_equal(nkept, n);
	for (i = 0; i < n; i++) {
		assert_true(kept[i].complete);
		assert_int_equal(atoi(buf_str(&kept[i].name)), i);
		assert_string_equal(buf_str(&kept[i].link),
		    i % 7 == 1 ? "to" : "");
		assert_int_equal(kept[i].contents.len, kept[i].e.size);
	}
	forget();
}

/* Names take a quarter of a slab at most: with owners and NULs. */
static void
test_names(void **state)
{
	static char	 name[SLAB_SIZE];
	size_t		 most = SLAB_SIZE / 4 - 3 - OWNERS;
	struct fdb_stat	 st = { .mode = S_IFDIR | 0755, .nlink = 2 };

	(void)state;
	begin();
	memset(name, 'n', most);
	leave_room(100);
	version(SMALL, SMALL);
	store(name);
	assert_int_equal(create_directory(create, name, &st), 0);
	name[most] = 'n';
	store(name);
	assert_int_equal(create_directory(create, name, &st), 0);
	finish("1 nnnnnnnnnnnnnnnn: its name is too long to be stored\n"
	    "1 nnnnnnnnnnnnnnnn: its name is too long to be stored\n");
	assert_int_equal(nkept, 3);
	assert_int_equal(kept[1].name.len, most);
	assert_int_equal(kept[1].contents.len, SMALL);
	forget();
}

/* Another name is a link, but a damaged file is read again. */
static void
test_hardlinks(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	begin();
	version(1000, 1000);
	st = found();
	st.nlink = 3;
	assert_int_equal(store_stat("a", &st), 0);
	assert_int_equal(store_stat("b", &st), 0);
	assert_int_equal(store_stat("b", &st), 0);
	st.ino++;
	file.error_at = 10;
	assert_int_equal(store_stat("c", &st), 0);
	file.error_at = NEVER;
	assert_int_equal(store_stat("d", &st), 0);
	assert_int_equal(store_stat("d", &st), 0);
	finish("1 c: Input/output error; stored as zeros from byte 10 on\n"
	    "5 d: it was listed twice; stored once\n");
	assert_int_equal(nkept, 5);
	assert_string_equal(buf_str(&kept[1].hardlink), "a");
	assert_string_equal(buf_str(&kept[2].hardlink), "a");
	assert_string_equal(buf_str(&kept[3].hardlink), "");
	assert_string_equal(buf_str(&kept[4].hardlink), "");
	assert_contents(1000, 0, NEVER);
	forget();
}

/* What is not read is closed, too: util_teardown() counts. */
static void
test_left_out(void **state)
{
	struct fdb_stat	 st;

	(void)state;
	begin();
	version(1000, 1000);
	st = found();
	job.output = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino };
	job.previous = (struct job_file){ .known = true, .dev_major = 8,
	    .ino = st.ino + 1 };
	assert_int_equal(store_stat("out", &st), 0);
	st.ino++;
	assert_int_equal(store_stat("old", &st), 0);
	job.output.known = job.previous.known = false;
	st.mode = S_IFSOCK;
	assert_int_equal(create_special(create, "sock", &st, ""), 0);
	finish("5 out: it is the archive itself\n"
	    "5 old: it is the archive that will be replaced\n"
	    "5 sock: sockets are not stored\n");
	assert_int_equal(nkept, 0);
	forget();
}

/* Writing fails: files end with -1 soon, small and large. */
static void
test_stage_fails(void **state)
{
	struct fdb_stat	 st;
	int		 i, large, ret;

	(void)state;
	for (large = 0; large < 2; large++) {
		begin();
		stage_fails = true;
		version(large ? 100 * SLAB_SIZE : SMALL,
		    large ? 100 * SLAB_SIZE : SMALL);
		st = found();
		for (i = 0, ret = 0; ret == 0 && i < 100; i++)
			ret = store_stat("f", &st);
		assert_int_equal(ret, -1);
		assert_int_equal(create_finish(create), -1);
		forget();
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_unchanged),
		UTIL_TEST(test_small_again),
		UTIL_TEST(test_retries),
		UTIL_TEST(test_short_size),
		UTIL_TEST(test_small_changes),
		UTIL_TEST(test_small_lies),
		UTIL_TEST(test_small_errors),
		UTIL_TEST(test_large),
		UTIL_TEST(test_many),
		UTIL_TEST(test_names),
		UTIL_TEST(test_hardlinks),
		UTIL_TEST(test_left_out),
		UTIL_TEST(test_stage_fails)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
