/*
 * create.c: write an archive: POSIX pax, compressed with zstd, with the
 * manifest as its last member.
 *
 * Runs in the worker, confined after create_new().  Touches the descriptors of
 * the archive, of the spool and of the files that it is given.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fdstat.h"
#include "sandbox/create.h"
#include "sandbox/digest.h"
#include "sandbox/fdbatch.h"
#include "sandbox/fdio.h"
#include "sandbox/hardlinks.h"
#include "sandbox/manifest.h"
#include "sandbox/owners.h"
#include "sandbox/spool.h"

#define CREATE_BLOCK	(1024 * 1024)	/* bytes of a read or write */

struct create {
	const struct job	*job;
	int			 fd;		/* of the archive */
	struct reporter		*rep;
	struct archive		*archive;
	struct archive_entry	*ae;
	struct digest		*digest;
	struct hardlinks	*hardlinks;
	struct owners		*owners;
	struct spool		 manifest;
	struct fdbatch		 closing;
	uint8_t			*block;
};

static int
create_fatal(struct create *c, const char *why)
{
	(void)reporter_report(c->rep, REPORT_FATAL, "", why);
	return -1;
}

int
create_no_memory(struct create *c)
{
	return reporter_no_memory(c->rep);
}

static int
create_crypto_fatal(struct create *c)
{
	return create_fatal(c, "libcrypto cannot compute SHA-256");
}

static int
create_archive_fatal(struct create *c)
{
	const char	*why = archive_error_string(c->archive);

	if (why == NULL)
		why = strerror(EIO);
	(void)reporter_reportf(c->rep, REPORT_FATAL, "",
	    "the archive cannot be written: %s", why);
	return reporter_is_memory(archive_errno(c->archive), why) ?
	    create_no_memory(c) : -1;
}

static int
create_spool_fatal(struct create *c)
{
	if (errno == ENOMEM)
		return create_no_memory(c);
	(void)reporter_reportf(c->rep, REPORT_FATAL, "",
	    "the temporary file cannot be used: %s", strerror(errno));
	return -1;
}

static la_ssize_t
archive_write_block(struct archive *a, void *arg, const void *p, size_t len)
{
	const int	*fd = arg;

	if (fdio_write(*fd, p, len) == -1) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return -1;
	}
	return (la_ssize_t)len;
}

static struct archive *
archive_open(int *fd, bool none)
{
	struct archive	*a;

	if ((a = archive_write_new()) == NULL)
		return NULL;
	if (archive_write_set_format_pax(a) != ARCHIVE_OK ||
	    (!none && archive_write_add_filter_zstd(a) != ARCHIVE_OK) ||
	    archive_write_set_bytes_per_block(a, CREATE_BLOCK) !=
	    ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, fd, NULL, archive_write_block, NULL) !=
	    ARCHIVE_OK) {
		archive_write_free(a);
		return NULL;
	}
	return a;
}

struct create *
create_new(const struct job *job, int archive, struct reporter *rep)
{
	struct create	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	c->job = job;
	c->fd = archive;
	c->rep = rep;
	spool_init(&c->manifest, job->spools[0]);
	fdbatch_init(&c->closing);
	if ((c->block = malloc(CREATE_BLOCK)) == NULL ||
	    (c->ae = archive_entry_new()) == NULL ||
	    (c->hardlinks = hardlinks_new(HARDLINKS_BYTES)) == NULL ||
	    (c->owners = owners_new(&rep->channel)) == NULL) {
		(void)create_no_memory(c);
		goto fail;
	}
	if ((c->digest = digest_new()) == NULL) {
		(void)create_fatal(c, "libcrypto has no SHA-256");
		goto fail;
	}
	if ((c->archive = archive_open(&c->fd, job->options->none)) == NULL) {
		(void)create_fatal(c, "libarchive cannot write pax archives "
		    "compressed with zstd");
		goto fail;
	}
	if (spool_write(&c->manifest, MANIFEST_HEAD,
	    strlen(MANIFEST_HEAD)) == -1) {
		(void)create_spool_fatal(c);
		goto fail;
	}
	return c;

fail:
	create_free(c);
	return NULL;
}

void
create_free(struct create *c)
{
	if (c == NULL)
		return;
	fdbatch_flush(&c->closing);
	if (c->archive != NULL) {
		/* It is incomplete: do not write its end. */
		(void)archive_write_fail(c->archive);
		archive_write_free(c->archive);
	}
	archive_entry_free(c->ae);
	digest_free(c->digest);
	hardlinks_free(c->hardlinks);
	owners_free(c->owners);
	spool_clear(&c->manifest);
	free(c->block);
	free(c);
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *why)
{
	return reporter_report(c->rep, kind, name, why);
}

/*
 * Write a member's header.  1; 0: it cannot be stored, which was reported; -1:
 * the run fails.
 */
static int
create_header(struct create *c, struct entry *e)
{
	int	 r;

	e->uname = owners_name(c->owners, CHANNEL_USER, e->uid);
	e->gname = owners_name(c->owners, CHANNEL_GROUP, e->gid);
	if (e->uname == NULL || e->gname == NULL)
		return create_fatal(c, "the controller does not answer");
	entry_to_archive(e, c->ae);
	/* libarchive warns of names that are not UTF-8, and keeps them. */
	r = archive_write_header(c->archive, c->ae);
	if (r >= ARCHIVE_WARN)
		return 1;
	if (r == ARCHIVE_FATAL)
		return create_archive_fatal(c);
	return reporter_reportf(c->rep, REPORT_UNREADABLE, e->name,
	    "it cannot be stored: %s", archive_error_string(c->archive));
}

/* A member is written: add it to the manifest and report it. */
static int
create_record(struct create *c, const struct entry *e)
{
	struct spool	*s = &c->manifest;
	size_t		 before = s->buf.len;

	if (manifest_add(&s->buf, e) == -1 ||
	    spool_added(s, s->buf.len - before) == -1)
		return create_spool_fatal(c);
	return reporter_member(c->rep, e->name,
	    e->hardlink[0] == '\0' ? e->size : 0);
}

static int
create_plain(struct create *c, struct entry *e)
{
	int	 n;

	if ((n = create_header(c, e)) != 1)
		return n;
	return create_record(c, e);
}

/*
 * If the file was already stored under another name, store a hard link.  1; 0:
 * it is new; -1.
 */
static int
create_again(struct create *c, struct entry *e, const struct fdb_stat *st)
{
	const char	*stored;

	if (st->nlink < 2 ||
	    (stored = hardlinks_find(c->hardlinks, st, e->link)) == NULL)
		return 0;
	if (strcmp(stored, e->name) == 0)
		return reporter_report(c->rep, REPORT_SKIPPED, e->name,
		    "it was listed twice; stored once") == -1 ? -1 : 1;
	e->hardlink = stored;
	return create_plain(c, e) == -1 ? -1 : 1;
}

static int
create_remember(struct create *c, const struct entry *e,
    const struct fdb_stat *st)
{
	if (hardlinks_add(c->hardlinks, st, e->name, e->link) == -1)
		return create_no_memory(c);
	return 0;
}

int
create_directory(struct create *c, const char *name,
    const struct fdb_stat *st)
{
	struct entry	 e;

	entry_from_stat(&e, name, st);
	return create_plain(c, &e);
}

int
create_special(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target)
{
	struct entry	 e;
	int		 n;

	if (S_ISSOCK(st->mode))
		return reporter_report(c->rep, REPORT_SKIPPED, name,
		    "sockets are not stored");
	entry_from_stat(&e, name, st);
	e.link = target;
	if ((n = create_again(c, &e, st)) != 0)
		return n == -1 ? -1 : 0;
	if (create_plain(c, &e) == -1)
		return -1;
	return create_remember(c, &e, st);
}

/* The outcome of reading a file. */
struct contents {
	uint64_t	 got;		/* bytes read */
	int		 error;		/* errno of read(2), or 0 */
};

/* Write the first len bytes of c->block as contents. */
static int
contents_put(struct create *c, size_t len)
{
	size_t		 done = 0;
	la_ssize_t	 n;

	if (digest_add(c->digest, c->block, len) == -1)
		return create_crypto_fatal(c);
	while (done < len) {
		n = archive_write_data(c->archive, c->block + done,
		    len - done);
		if (n <= 0)
			return create_archive_fatal(c);
		done += (size_t)n;
	}
	return 0;
}

/*
 * Write exactly the number of bytes that the header promises.  If the file has
 * become shorter or cannot be read, zeros follow; if it has become longer, the
 * added part is left out.
 */
static int
contents_copy(struct create *c, int fd, uint64_t size, struct contents *how)
{
	uint64_t	 left = size;
	size_t		 len;
	ssize_t		 n;
	bool		 ended = false;

	how->got = 0;
	how->error = 0;
	while (left > 0) {
		len = left < CREATE_BLOCK ? (size_t)left : CREATE_BLOCK;
		if (!ended && (n = fdio_read(fd, c->block, len)) > 0) {
			len = (size_t)n;
			how->got += len;
		} else if (!ended) {
			how->error = n == -1 ? errno : 0;
			memset(c->block, 0, len);
			ended = true;
		}
		if (contents_put(c, len) == -1)
			return -1;
		left -= len;
	}
	return 0;
}

static bool
is_own(const struct job_file *own, const struct fdb_stat *st)
{
	return own->known && own->ino == st->ino &&
	    own->dev_major == st->dev_major &&
	    own->dev_minor == st->dev_minor;
}

/*
 * Report a file that changed while it was read, or that could not be read.  1:
 * neither happened; 0: it was reported; -1.
 */
static int
contents_check(struct create *c, const char *name, const struct fdb_stat *st,
    int fd, const struct contents *how)
{
	struct stat	 now;

	if (how->error != 0)
		return reporter_reportf(c->rep, REPORT_UNREADABLE, name,
		    "%s; stored as zeros from byte %llu on",
		    strerror(how->error), (unsigned long long)how->got);
	if (how->got < st->size)
		return reporter_reportf(c->rep, REPORT_CHANGED, name,
		    "it became shorter while it was read; stored with zeros "
		    "from byte %llu on", (unsigned long long)how->got);
	/* Our own log changes as we write to it. */
	if (is_own(&c->job->log, st))
		return 1;
	if (fdstat(fd, &now) == -1)
		return reporter_reportf(c->rep, REPORT_UNREADABLE, name,
		    "cannot tell whether it changed: %s", strerror(errno));
	if ((uint64_t)now.st_size != st->size ||
	    now.st_mtim.tv_sec != st->mtime ||
	    now.st_mtim.tv_nsec != st->mtime_nsec ||
	    now.st_ctim.tv_sec != st->ctime ||
	    now.st_ctim.tv_nsec != st->ctime_nsec)
		return reporter_report(c->rep, REPORT_CHANGED, name,
		    "it changed while it was read");
	return 1;
}

static int
create_contents(struct create *c, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct contents	 how;
	int		 n;

	if ((n = create_header(c, e)) != 1)
		return n;
	if (digest_begin(c->digest) == -1)
		return create_crypto_fatal(c);
	if (contents_copy(c, fd, st->size, &how) == -1)
		return -1;
	if (digest_end(c->digest, e->digest) == -1)
		return create_crypto_fatal(c);
	e->has_digest = true;
	if ((n = contents_check(c, e->name, st, fd, &how)) == -1 ||
	    create_record(c, e) == -1)
		return -1;
	/* Under its other names a damaged file is read again, not linked. */
	return n == 1 ? create_remember(c, e, st) : 0;
}

int
create_file(struct create *c, const char *name, const struct fdb_stat *st,
    int fd)
{
	struct entry	 e;
	int		 n;

	entry_from_stat(&e, name, st);
	if (is_own(&c->job->output, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive itself");
	else if (is_own(&c->job->previous, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive that will be replaced");
	else if ((n = create_again(c, &e, st)) == 0)
		n = create_contents(c, &e, st, fd);
	fdbatch_add(&c->closing, fd);
	return n == -1 ? -1 : 0;
}

/* Copy the manifest into the archive as the last member. */
static int
create_manifest(struct create *c)
{
	struct entry	 e;
	ssize_t		 n;

	if (spool_rewind(&c->manifest) == -1)
		return create_spool_fatal(c);
	entry_init(&e, MANIFEST_NAME);
	e.mode = S_IFREG | 0600;
	e.size = c->manifest.len;
	e.mtime = time(NULL);
	entry_to_archive(&e, c->ae);
	if (archive_write_header(c->archive, c->ae) < ARCHIVE_WARN)
		return create_archive_fatal(c);
	while ((n = spool_read(&c->manifest, c->block, CREATE_BLOCK)) > 0) {
		if (archive_write_data(c->archive, c->block, (size_t)n) != n)
			return create_archive_fatal(c);
	}
	return n == 0 ? 0 : create_spool_fatal(c);
}

int
create_finish(struct create *c)
{
	if (create_manifest(c) == -1)
		return -1;
	if (archive_write_close(c->archive) != ARCHIVE_OK)
		return create_archive_fatal(c);
	archive_write_free(c->archive);
	c->archive = NULL;
	return 0;
}
