/*
 * contents.c: what becomes of a file while its contents are read; see
 * sandbox/contents.h.
 *
 * Runs in the worker, confined.  Touches the descriptors that it is given.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fdstat.h"
#include "sandbox/contents.h"
#include "sandbox/fdio.h"

struct version
contents_version(const struct fdb_stat *st)
{
	return (struct version){ st->size, st->mtime, st->ctime,
	    st->mtime_nsec, st->ctime_nsec };
}

int
contents_version_now(int fd, struct version *v)
{
	struct stat	 st;

	if (fdstat(fd, &st) == -1)
		return -1;
	v->size = (uint64_t)st.st_size;
	v->mtime = st.st_mtim.tv_sec;
	v->mtime_nsec = (uint32_t)st.st_mtim.tv_nsec;
	v->ctime = st.st_ctim.tv_sec;
	v->ctime_nsec = (uint32_t)st.st_ctim.tv_nsec;
	return 0;
}

bool
contents_version_equal(const struct version *a, const struct version *b)
{
	return a->size == b->size && a->mtime == b->mtime &&
	    a->mtime_nsec == b->mtime_nsec && a->ctime == b->ctime &&
	    a->ctime_nsec == b->ctime_nsec;
}

void
contents_apply(const struct version *v, struct entry *e)
{
	e->size = v->size;
	e->mtime = v->mtime;
	e->mtime_nsec = v->mtime_nsec;
	e->ctime = v->ctime;
	e->ctime_nsec = v->ctime_nsec;
}

void
contents_check(struct contents *how, int fd, const struct version *before)
{
	struct version	 now;
	uint8_t		 byte;

	if (how->error != 0)
		return;
	if (contents_version_now(fd, &now) == -1)
		how->stat_error = errno;
	else
		how->changed = !contents_version_equal(before, &now);
	how->more = how->got == how->size &&
	    fdio_pread(fd, &byte, 1, how->got) == 1;
}

/* Where data follows: at pos, or behind a hole. */
static uint64_t
next_data(int fd, uint64_t pos, uint64_t size)
{
#ifdef SEEK_DATA
	off_t	 data = lseek(fd, (off_t)pos, SEEK_DATA);

	if (data == -1 && errno == ENXIO)
		return size;
	if (data != -1 && (uint64_t)data > pos)
		return (uint64_t)data;
#else
	(void)fd;
	(void)size;
#endif
	return pos;
}

/* Read a file to its end.  true: it has not changed meanwhile, and is *v. */
static bool
holds_still(int fd, uint8_t *buf, struct version *v)
{
	struct version	 now;
	uint64_t	 pos = 0;
	ssize_t		 n;

	if (contents_version_now(fd, v) == -1)
		return false;
	do {
		pos = next_data(fd, pos, v->size);
		if ((n = fdio_pread(fd, buf, CONTENTS_BLOCK, pos)) == -1 ||
		    contents_version_now(fd, &now) == -1 ||
		    !contents_version_equal(v, &now))
			return false;
		pos += (uint64_t)n;
	} while (n > 0 && pos < v->size);
	return true;
}

bool
contents_settled(const struct contents *how, int fd, unsigned int *retries,
    uint8_t *buf, struct version *v)
{
	if (how->error != 0 || how->stat_error != 0 || !how->changed)
		return false;
	while (*retries > 0) {
		(*retries)--;
		if (holds_still(fd, buf, v))
			return true;
	}
	return false;
}

int
contents_report(struct reporter *rep, const char *name,
    const struct contents *how, bool grows)
{
	unsigned long long	 got = how->got, size = how->size;

	if (how->error != 0)
		return reporter_reportf(rep, REPORT_UNREADABLE, name,
		    "%s; stored as zeros from byte %llu on",
		    strerror(how->error), got);
	if (how->stat_error != 0)
		return reporter_reportf(rep, REPORT_UNREADABLE, name,
		    "cannot tell whether it changed: %s",
		    strerror(how->stat_error));
	if (how->got < how->size)
		return reporter_reportf(rep, REPORT_CHANGED, name,
		    how->changed ? "it became shorter while it was read; "
		    "stored with zeros from byte %llu on" :
		    "it holds less than its size says; stored with zeros "
		    "from byte %llu on", got);
	if (grows)
		return 1;
	if (how->changed)
		return reporter_report(rep, REPORT_CHANGED, name,
		    "it changed while it was read");
	if (how->more)
		return reporter_reportf(rep, REPORT_CHANGED, name,
		    "it holds more than its size says; stored to byte %llu",
		    size);
	return 1;
}

/* Read to the end, but no more than max bytes. */
static void
contents_read(int fd, uint8_t *buf, size_t max, bool on_disk,
    struct contents *how)
{
	size_t	 want;
	ssize_t	 n;

	how->got = 0;
	how->error = 0;
	while ((want = max - how->got) > 0) {
		n = fdio_pread(fd, buf + how->got, want, how->got);
		if (n == -1)
			how->error = errno;
		if (n <= 0)
			break;
		how->got += (uint64_t)n;
		/*
		 * On a disk, a file of the expected size ends where a read
		 * ended; elsewhere a read may give less than there is.
		 */
		if (on_disk && how->got == how->size && (size_t)n < want)
			break;
	}
}

void
contents_small(const struct contents_small *f, uint8_t *buf, size_t max,
    struct version *v, struct contents *how)
{
	struct version	 now;
	unsigned int	 i;

	memset(how, 0, sizeof(*how));
	for (i = 0; i <= f->retries; i++) {
		how->size = v->size;
		how->more = false;
		contents_read(f->fd, buf, max, f->on_disk, how);
		if (how->error != 0)
			break;
		if (contents_version_now(f->fd, &now) == -1) {
			how->stat_error = errno;
			break;
		}
		how->changed = !contents_version_equal(v, &now);
		how->more = how->got == max ||
		    (how->changed && now.size >= max);
		if (!how->changed || how->more || i == f->retries)
			break;
		*v = now;
	}
	/* Its size may lie, as in proc(5): then what it holds counts. */
	if (how->got > how->size && !how->changed)
		how->size = how->got;
	else if (how->got < how->size)
		memset(buf + how->got, 0, how->size - how->got);
}

void
contents_large(int fd, uint8_t *buf, size_t len, struct contents *how,
    bool *ended)
{
	size_t	 done = 0;
	ssize_t	 n;

	while (!*ended && done < len) {
		n = fdio_pread(fd, buf + done, len - done, how->got);
		if (n > 0) {
			how->got += (uint64_t)n;
			done += (size_t)n;
			continue;
		}
		how->error = n == -1 ? errno : 0;
		*ended = true;
	}
	memset(buf + done, 0, len - done);
}
