/*
 * feed.c: feed create.c with files that are fakes; see tests/unit/feed.h.
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

#include "sandbox/archiver.h"
#include "sandbox/hashing.h"
#include "sandbox/owners.h"
#include "sandbox/queue.h"
#include "tests/unit/feed.h"
#ifdef READING_WAITS
#include "tests/unit/sleeps.h"
#endif
#include "tests/unit/util.h"

ssize_t	 __wrap_fdio_pread(int, void *, size_t, uint64_t);
int	 __wrap_fdstat(int, struct stat *);

struct fake_run	 fake;

static struct command	 command;
static size_t		 kept_size;
static struct buf	 reported;
static struct archiver	*const an_archiver = (struct archiver *)&fake;
static struct hashing	*const a_hashing = (struct hashing *)&fake;
static struct owners	*const the_owners = (struct owners *)&fake;

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
	if (fake.file.now + 1 < fake.file.nversions)
		fake.file.now++;
}

ssize_t
__wrap_fdio_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	const struct fake_version	*v = &fake.file.versions[fake.file.now];
	uint8_t			*p = buf;
	size_t			 i;

	assert_true(fcntl(fd, F_GETFD) != -1);
	if (offset == 0)
		fake.file.opened++;
	if (offset >= fake.file.error_at) {
		errno = EIO;
		return -1;
	}
	if (size > fake.file.error_at - offset)
		size = (size_t)(fake.file.error_at - offset);
	if (fake.file.short_reads && size > 1)
		size = 1 + util_random((uint32_t)size);
	if (fake.file.chunk > 0 && size > fake.file.chunk)
		size = fake.file.chunk;
	if (offset >= v->holds)
		size = 0;
	else if (size > v->holds - offset)
		size = (size_t)(v->holds - offset);
	for (i = 0; i < size; i++)
		p[i] = byte_at(fake.file.now, offset + i);
	if (!fake.file.changes_late || offset + size == v->holds)
		file_change();
	return (ssize_t)size;
}

int
__wrap_fdstat(int fd, struct stat *st)
{
	const struct fake_version	*v = &fake.file.versions[fake.file.now];

	assert_true(fcntl(fd, F_GETFD) != -1);
	if (fake.file.stat_errno != 0) {
		errno = fake.file.stat_errno;
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

int
reporter_under_way(struct reporter *t, const char *name, uint64_t bytes)
{
	return reporter_count(t, name, bytes);
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

	if (fake.nkept == kept_size) {
		kept_size = kept_size * 2 + 16;
		k = reallocarray(fake.kept, kept_size, sizeof(*k));
		if (k == NULL)
			return -1;
		fake.kept = k;
	}
	k = &fake.kept[fake.nkept++];
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
	if (fake.stage_fails || fake.end || s->used + s->strings > SLAB_SIZE)
		return -1;
	for (m = s->members; m < s->members + s->n; m++) {
		if (m->header && keep_header(m) == -1)
			return -1;
		if (fake.nkept == 0 || fake.kept[fake.nkept - 1].complete)
			return -1;
		k = &fake.kept[fake.nkept - 1];
		if (buf_add(&k->contents, m->data, m->len) == -1)
			return -1;
		k->complete = m->last;
		k->superseded = m->superseded;
	}
	fake.end = s->end;
	return 0;
}

/*
 * Helpers.
 */

void
feed_forget(void)
{
	create_free(fake.create);
	fake.create = NULL;
	for (; fake.nkept > 0; fake.nkept--) {
		buf_free(&fake.kept[fake.nkept - 1].name);
		buf_free(&fake.kept[fake.nkept - 1].link);
		buf_free(&fake.kept[fake.nkept - 1].hardlink);
		buf_free(&fake.kept[fake.nkept - 1].contents);
	}
	free(fake.kept);
	fake.kept = NULL;
	kept_size = 0;
	buf_free(&reported);
}

/* Let threads read files ahead. */
static void
feed_readers(void)
{
#ifdef READING_WAITS
	int	 fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	sleeps_until_wanted(create_readers(fake.create), fd);
	close(fd);
#endif
}

void
feed_begin(void)
{
	/* A test that failed has left something. */
	feed_forget();
	memset(&fake.file, 0, sizeof(fake.file));
	fake.file.error_at = NEVER;
	command.stores = true;
	fake.options.command = &command;
	fake.job.options = &fake.options;
	fake.options.retries = OPTIONS_RETRIES;
	fake.end = fake.stage_fails = false;
	fake.create = create_new(&fake.job, -1, 1, NULL);
	assert_non_null(fake.create);
	assert_int_equal(create_start(fake.create), 0);
	feed_readers();
	memset(&fake.file, 0, sizeof(fake.file));
	fake.file.error_at = NEVER;
}

void
feed_finish(const char *want)
{
	assert_int_equal(create_finish(fake.create), 0);
	assert_true(fake.end);
	assert_string_equal(buf_str(&reported), want);
}

void
feed_version(uint64_t size, uint64_t holds)
{
	struct fake_version	*v = &fake.file.versions[fake.file.nversions++];

	assert_true(fake.file.nversions <= STEPS);
	v->size = size;
	v->holds = holds;
	v->mtime = v->ctime = (int64_t)(1000 * fake.file.nversions);
}

struct fdb_stat
feed_found(void)
{
	const struct fake_version	*v = &fake.file.versions[0];

	return (struct fdb_stat){ .mode = S_IFREG | 0644, .nlink = 1,
	    .ino = 77, .dev_major = fake.file.no_disk ? 0 : 8,
	    .size = v->size, .mtime = v->mtime,
	    .ctime = v->ctime };
}

int
feed_store_stat(const char *name, const struct fdb_stat *st)
{
	struct queue	 queue;
	int		 fd = open("/dev/null", O_RDONLY | O_CLOEXEC), ret;

	assert_true(fd >= 0);
	queue_init(&queue, fake.create);
	if ((ret = queue_file(&queue, name, st, fd)) == 0)
		ret = queue_flush(&queue);
	queue_clear(&queue);
	return ret;
}

void
feed_store(const char *name)
{
	struct fdb_stat	 st = feed_found();

	assert_int_equal(feed_store_stat(name, &st), 0);
}

void
feed_leave_room(size_t room)
{
	size_t	 taken = strlen("filler") + 1 + 2 * strlen("nobody") + 2;

	feed_version(SLAB_SIZE - room - taken, SLAB_SIZE - room - taken);
	feed_store("filler");
	memset(&fake.file, 0, sizeof(fake.file));
	fake.file.error_at = NEVER;
}

void
feed_member(const struct kept *k, uint64_t size, size_t seed, uint64_t zeros)
{
	uint64_t	 i;
	uint8_t		 want;

	assert_true(k->complete);
	assert_int_equal(k->e.size, size);
	assert_int_equal(k->contents.len, size);
	for (i = 0; i < size; i++) {
		want = i < zeros ? byte_at(seed, i) : 0;
		if ((uint8_t)k->contents.data[i] != want)
			fail_msg("byte %llu differs", (unsigned long long)i);
	}
}

void
feed_contents(uint64_t size, size_t seed, uint64_t zeros)
{
	assert_true(fake.nkept > 0);
	feed_member(&fake.kept[fake.nkept - 1], size, seed, zeros);
}
