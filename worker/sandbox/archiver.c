/*
 * archiver.c: write an archive: POSIX pax, compressed or not, with the
 * manifest as its last member; see sandbox/archiver.h.
 *
 * Runs in the worker, confined, in a thread of its own.  Touches the
 * descriptors of the archive and of the spool.
 *
 * libarchive writes the headers that need more than ustar.c knows, and its
 * contents pass through libarchive.  Those of an ordinary member do not.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/archiver.h"
#include "sandbox/attributes.h"
#include "sandbox/contents.h"
#include "sandbox/dumpdir.h"
#include "sandbox/fdio.h"
#include "sandbox/header.h"
#include "sandbox/manifest.h"
#include "sandbox/sink.h"
#include "sandbox/spool.h"
#include "sandbox/ustar.h"

#define ARCHIVER_STAND_IN	(1024 * 1024 * 1024)
#define ARCHIVER_BLOCK		65536	/* bytes of the manifest in a piece */
#define ARCHIVER_COPY		(64 * 1024 * 1024)	/* between progress */

/* The member under way that has more contents in the next slab. */
struct unfinished {
	struct entry	 e;
	struct buf	 name, uname, gname;
};

/* The contents of a member that has other names. */
struct stored {
	bool		 known;
	struct version	 version;
	uint64_t	 size;
	bool		 sparse, has_digest;
	uint8_t		 digest[ENTRY_DIGEST_LEN];
};

struct archiver {
	struct reporter		*rep;
	struct archive		*archive;
	struct archive_entry	*ae;
	struct sink		*sink;
	struct digest		*digest;	/* of attributes */
	struct spool		 manifest;
	struct buf		 known;		/* see manifest_parents() */
	const struct slab	*slab;		/* what it works on, or NULL */
	/*
	 * Addresses that stand for the contents of the file below; nothing can
	 * be read there.  libarchive passes them on as it does all contents.
	 */
	uint8_t			*stand_in;	/* ARCHIVER_STAND_IN bytes */
	int			 fd;
	uint64_t		 copied;	/* with zeros */
	const char		*copying;	/* the name of the member */
	uint64_t		 part;		/* bytes of a large member */
	struct contents		 contents;
	unsigned int		 retries;	/* as --retries says */
	struct unfinished	 unfinished;
	bool			 in_header;	/* gather what is written: */
	struct buf		 header;
	bool			 ordinary;	/* the member: see ustar.h */
	struct stored		*stored;	/* by the entry's number */
	size_t			 nstored;
	bool			 skip;		/* the member was refused */
	bool			 holds;		/* a member was written */
	struct dumpdirs		*purge;		/* where names were removed */
	const struct buf	*dumpdir;	/* of the next, or NULL */
	int			 copy;		/* of the manifest, or -1 */
	uint64_t		 lines;		/* about members */
	bool			 late;		/* the member: see member.h */
	struct buf		 uname, gname, text;
	struct buf		 refused;	/* names, each with its NUL */
	uint8_t			*block;
};

static int
archiver_fatal(struct archiver *a, const char *why)
{
	(void)reporter_report(a->rep, REPORT_FATAL, "", why);
	return -1;
}

static int
archiver_archive_fatal(struct archiver *a)
{
	const char	*why = archive_error_string(a->archive);

	if (why == NULL)
		why = strerror(EIO);
	(void)reporter_reportf(a->rep, REPORT_FATAL, "",
	    "the archive cannot be written: %s", why);
	return reporter_is_memory(archive_errno(a->archive), why) ?
	    reporter_no_memory(a->rep) : -1;
}

static int
archiver_sink_fatal(struct archiver *a)
{
	if (errno == ENOMEM)
		return reporter_no_memory(a->rep);
	(void)reporter_reportf(a->rep, REPORT_FATAL, "",
	    "the archive cannot be written: %s", strerror(errno));
	return -1;
}

static int
archiver_spool_fatal(struct archiver *a)
{
	if (errno == ENOMEM)
		return reporter_no_memory(a->rep);
	(void)reporter_reportf(a->rep, REPORT_FATAL, "",
	    "the temporary file cannot be used: %s", strerror(errno));
	return -1;
}

/* True for bytes that stay where they are until the slab is done. */
static bool
is_in_slab(const struct archiver *a, const uint8_t *p)
{
	return a->slab != NULL && p >= a->slab->data &&
	    p < a->slab->data + SLAB_SIZE;
}

static bool
is_stand_in(const struct archiver *a, const uint8_t *p)
{
	return p >= a->stand_in && p < a->stand_in + ARCHIVER_STAND_IN;
}

/* Write zeros in the place of bytes that cannot be read.  0 or -1. */
static int
archiver_zeros(struct archiver *a, uint64_t len)
{
	size_t	 n;

	memset(a->block, 0, ARCHIVER_BLOCK);
	for (; len > 0; len -= n) {
		n = len < ARCHIVER_BLOCK ? (size_t)len : ARCHIVER_BLOCK;
		if (sink_put(a->sink, a->block, n, false) == -1)
			return -1;
	}
	return 0;
}

/* Copy the next bytes of the file a->fd.  0 or -1. */
static int
archiver_copy(struct archiver *a, uint64_t len)
{
	struct contents	*how = &a->contents;
	uint64_t	 got, n;
	int		 error;

	/* They stood in for a hole, of which nothing is written. */
	if (a->fd == -1) {
		errno = EFAULT;
		return -1;
	}
	for (; len > 0; len -= n) {
		n = len < ARCHIVER_COPY ? len : ARCHIVER_COPY;
		if (sink_copy(a->sink, a->fd, a->copied, n, &got,
		    &error) == -1)
			return -1;
		a->copied += n;
		how->got += got;
		if (how->error == 0)
			how->error = error;
		if (got < n) {
			a->copied += len - n;
			return archiver_zeros(a, len - n);
		}
		if (reporter_under_way(a->rep, a->copying, a->copied) == -1)
			return -1;
	}
	return 0;
}

static la_ssize_t
archiver_put(struct archive *archive, void *arg, const void *p, size_t len)
{
	struct archiver	*a = arg;
	int		 ret;

	if (a->in_header)
		ret = buf_add(&a->header, p, len);
	else if (is_stand_in(a, p))
		ret = archiver_copy(a, len);
	else
		ret = sink_put(a->sink, p, len, is_in_slab(a, p));
	if (ret == -1) {
		archive_set_error(archive, errno, "%s", strerror(errno));
		return -1;
	}
	return (la_ssize_t)len;
}

static struct archive *
archive_open(struct archiver *arg)
{
	struct archive	*a;

	if ((a = archive_write_new()) == NULL)
		return NULL;
	/* Not gathered in blocks: the sink does that without copying. */
	if (archive_write_set_format_pax(a) != ARCHIVE_OK ||
	    archive_write_set_format_option(a, "pax", "xattrheader",
	    "SCHILY") != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(a, 0) != ARCHIVE_OK ||
	    archive_write_open(a, arg, NULL, archiver_put, NULL) !=
	    ARCHIVE_OK) {
		archive_write_free(a);
		return NULL;
	}
	return a;
}

struct archiver *
archiver_new(const struct job *job, int archive, unsigned int threads,
    struct reporter *rep)
{
	struct archiver	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	a->rep = rep;
	a->fd = -1;
	a->retries = job->options->retries;
	a->stand_in = mmap(NULL, ARCHIVER_STAND_IN, PROT_NONE,
	    MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
	if (a->stand_in == MAP_FAILED) {
		(void)reporter_no_memory(rep);
		free(a);
		return NULL;
	}
	spool_init(&a->manifest, job->spools[0]);
	if ((a->block = malloc(ARCHIVER_BLOCK)) == NULL ||
	    (a->ae = archive_entry_new()) == NULL) {
		(void)reporter_no_memory(rep);
		goto fail;
	}
	a->sink = sink_new(archive, job->options->compression,
	    job->options->level, threads);
	if (a->sink == NULL) {
		(void)reporter_reportf(rep, REPORT_FATAL, "", "the archive "
		    "cannot be compressed in this way: %s", strerror(errno));
		goto fail;
	}
	if ((a->digest = digest_new()) == NULL) {
		(void)archiver_fatal(a, "libcrypto has no SHA-256");
		goto fail;
	}
	if ((a->archive = archive_open(a)) == NULL) {
		(void)archiver_fatal(a,
		    "libarchive cannot write pax archives");
		goto fail;
	}
	a->copy = job->manifest;
	if ((a->purge = dumpdirs_new()) == NULL) {
		(void)reporter_no_memory(rep);
		goto fail;
	}
	return a;

fail:
	archiver_free(a);
	return NULL;
}

void
archiver_free(struct archiver *a)
{
	if (a == NULL)
		return;
	if (a->archive != NULL) {
		/* It is incomplete: do not write its end. */
		(void)archive_write_fail(a->archive);
		archive_write_free(a->archive);
	}
	archive_entry_free(a->ae);
	sink_free(a->sink);
	digest_free(a->digest);
	spool_clear(&a->manifest);
	buf_free(&a->known);
	buf_free(&a->unfinished.name);
	buf_free(&a->unfinished.uname);
	buf_free(&a->unfinished.gname);
	buf_free(&a->header);
	buf_free(&a->refused);
	buf_free(&a->uname);
	buf_free(&a->gname);
	buf_free(&a->text);
	dumpdirs_free(a->purge);
	free(a->stored);
	free(a->block);
	(void)munmap(a->stand_in, ARCHIVER_STAND_IN);
	free(a);
}

int
archiver_begin(struct archiver *a, const struct manifest_head *head)
{
	struct spool	*s = &a->manifest;

	if (manifest_begin(&s->buf, head) == -1 ||
	    spool_added(s, s->buf.len) == -1)
		return archiver_spool_fatal(a);
	return 0;
}

int
archiver_start(struct archiver *a)
{
	return sink_start(a->sink);
}

/* True if the member with this name could not be stored. */
static bool
is_refused(const struct archiver *a, const char *name)
{
	size_t	 i;

	for (i = 0; i < a->refused.len; i += strlen(a->refused.data + i) + 1)
		if (strcmp(a->refused.data + i, name) == 0)
			return true;
	return false;
}

/* The member is not stored: report it, and leave its contents out. */
static int
archiver_refuse(struct archiver *a, const struct entry *e, const char *why)
{
	a->skip = true;
	if (buf_add(&a->refused, e->name, strlen(e->name) + 1) == -1)
		return reporter_no_memory(a->rep);
	return reporter_reportf(a->rep, REPORT_UNREADABLE, e->name,
	    "it cannot be stored: %s", why);
}

/*
 * Write the headers of a->ae, which describes this entry.  What libarchive
 * says of it, or ARCHIVE_FATAL.
 */
static int
archiver_put_header(struct archiver *a, const struct entry *e)
{
	int	 r;

	a->ordinary = false;
	/* It would end the member before together with these headers. */
	if (archive_write_finish_entry(a->archive) == ARCHIVE_FATAL)
		return ARCHIVE_FATAL;
	buf_cut(&a->header, 0);
	a->in_header = true;
	r = archive_write_header(a->archive, a->ae);
	a->in_header = false;
	if (r < ARCHIVE_WARN)
		return r;
	if (header_correct(&a->header, e) == -1 ||
	    (a->dumpdir != NULL && header_add_record(&a->header,
	    "GNU.dumpdir", a->dumpdir->data, a->dumpdir->len) == -1) ||
	    sink_put(a->sink,
	    a->header.data, a->header.len, false) == -1) {
		archive_set_error(a->archive, errno, "%s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	return r;
}

/* Write headers of our own.  1; 0: libarchive must; -1. */
static int
archiver_put_ordinary(struct archiver *a, const struct entry *e)
{
	uint8_t	 headers[USTAR_HEADERS_MAX];
	size_t	 len = ustar_headers(headers, e);

	if (len == 0 || a->dumpdir != NULL)
		return 0;
	/* libarchive may not have ended the member before. */
	if (archive_write_finish_entry(a->archive) < ARCHIVE_WARN)
		return archiver_archive_fatal(a);
	a->ordinary = true;
	return sink_put(a->sink, headers, len, false) == -1 ?
	    archiver_sink_fatal(a) : 1;
}

/*
 * Let a hard link have the times of its file, which may have changed after this
 * name of it was looked at.
 */
static void
archiver_recall_times(const struct archiver *a, struct entry *e)
{
	const struct version	*v;

	if (e->number >= a->nstored || !a->stored[e->number].known)
		return;
	v = &a->stored[e->number].version;
	e->mtime = v->mtime;
	e->mtime_nsec = v->mtime_nsec;
	if (v->ctime < e->ctime ||
	    (v->ctime == e->ctime && v->ctime_nsec < e->ctime_nsec))
		return;
	e->ctime = v->ctime;
	e->ctime_nsec = v->ctime_nsec;
}

static int
archiver_header(struct archiver *a, struct member *m)
{
	struct entry	*e = &m->e;
	size_t		 i;
	int		 r;

	a->skip = false;
	a->part = 0;
	if (e->hardlink[0] != '\0')
		archiver_recall_times(a, e);
	if (attributes_digest(a->digest, e) == -1)
		return archiver_fatal(a, "libcrypto cannot compute SHA-256");
	if (e->hardlink[0] != '\0' && is_refused(a, e->hardlink))
		return archiver_refuse(a, e, "its other name was not stored");
	if ((r = archiver_put_ordinary(a, e)) != 0)
		return r == -1 ? -1 : 0;
	entry_to_archive(e, a->ae);
	if (e->hardlink[0] == '\0')
		attributes_to_archive(e->attributes, e->attributes_len, a->ae);
	for (i = 0; i < m->nregions; i++)
		archive_entry_sparse_add_entry(a->ae,
		    (la_int64_t)m->regions[i].offset,
		    (la_int64_t)m->regions[i].len);
	/* The end of a hole at the end. */
	if (e->sparse)
		archive_entry_sparse_add_entry(a->ae, (la_int64_t)e->size, 0);
	/* libarchive warns of names that are not UTF-8, and keeps them. */
	r = archiver_put_header(a, e);
	if (r >= ARCHIVE_WARN)
		return 0;
	if (r == ARCHIVE_FATAL)
		return archiver_archive_fatal(a);
	return archiver_refuse(a, e, archive_error_string(a->archive));
}

static int
archiver_data(struct archiver *a, const uint8_t *p, size_t len)
{
	la_ssize_t	 n;

	if (a->ordinary)
		return sink_put(a->sink, p, len, is_in_slab(a, p)) == -1 ?
		    archiver_sink_fatal(a) : 0;
	while (len > 0) {
		n = archive_write_data(a->archive, p, len);
		if (n <= 0)
			return archiver_archive_fatal(a);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Keep for the other names of a file what its line says of its contents. */
static int
archiver_store(struct archiver *a, const struct entry *e)
{
	struct stored	*p;
	size_t		 n = (size_t)e->number * 2;

	if (e->number >= a->nstored) {
		if ((p = reallocarray(a->stored, n, sizeof(*p))) == NULL)
			return reporter_no_memory(a->rep);
		memset(p + a->nstored, 0, (n - a->nstored) * sizeof(*p));
		a->stored = p;
		a->nstored = n;
	}
	p = &a->stored[e->number];
	p->known = true;
	p->version = (struct version){ e->size, e->mtime, e->ctime,
	    e->mtime_nsec, e->ctime_nsec };
	p->size = e->size;
	p->sparse = e->sparse;
	p->has_digest = e->has_digest;
	memcpy(p->digest, e->digest, sizeof(p->digest));
	return 0;
}

/* Complete the entry of a hard link with the contents of its file. */
static void
archiver_recall(const struct archiver *a, struct entry *e)
{
	const struct stored	*p;

	if (e->number >= a->nstored)
		return;
	p = &a->stored[e->number];
	e->size = p->size;
	e->sparse = p->sparse;
	e->has_digest = p->has_digest;
	memcpy(e->digest, p->digest, sizeof(e->digest));
}

/* A member is written: add it to the manifest and report it. */
static int
archiver_record(struct archiver *a, struct entry *e)
{
	struct spool	*s = &a->manifest;
	size_t		 before = s->buf.len;

	if (e->hardlink[0] != '\0')
		archiver_recall(a, e);
	else if (e->number > 0 && archiver_store(a, e) == -1)
		return -1;
	if (manifest_parents(&s->buf, &a->known, e) == -1 ||
	    manifest_add(&s->buf, e) == -1 ||
	    spool_added(s, s->buf.len - before) == -1)
		return archiver_spool_fatal(a);
	a->holds = true;
	a->lines++;
	return reporter_stored(a->rep, e);
}

/* Keep what the record of a member needs: its slab will be filled again. */
static int
archiver_keep(struct archiver *a, const struct entry *e)
{
	struct unfinished	*u = &a->unfinished;

	u->e = *e;
	buf_cut(&u->name, 0);
	buf_cut(&u->uname, 0);
	buf_cut(&u->gname, 0);
	if (buf_puts(&u->name, e->name) == -1 ||
	    buf_puts(&u->uname, e->uname) == -1 ||
	    buf_puts(&u->gname, e->gname) == -1)
		return reporter_no_memory(a->rep);
	u->e.attributes = NULL;		/* their digest remains */
	u->e.name = buf_str(&u->name);
	u->e.uname = buf_str(&u->uname);
	u->e.gname = buf_str(&u->gname);
	return 0;
}

/*
 * Give libarchive addresses that stand in for contents.  In a hole it counts
 * the bytes, and does not look at them.
 */
static int
archiver_stand_in(struct archiver *a, uint64_t left)
{
	size_t	 n;

	for (; left > 0; left -= n) {
		n = left < ARCHIVER_STAND_IN ? (size_t)left :
		    ARCHIVER_STAND_IN;
		if (archiver_data(a, a->stand_in, n) == -1)
			return -1;
	}
	return 0;
}

/* End the contents of an ordinary member. */
static int
archiver_pad(struct archiver *a, const struct entry *e)
{
	static const uint8_t	 zeros[USTAR_RECORD];

	if (e->hardlink[0] != '\0')
		return 0;
	return sink_put(a->sink, zeros, ustar_padding(e->size), false) == -1 ?
	    archiver_sink_fatal(a) : 0;
}

/* Record a member besides which there is another of its name. */
static int
archiver_also(struct archiver *a, struct entry *e)
{
	struct spool	*s = &a->manifest;
	size_t		 before = s->buf.len;

	e->has_state = false;
	if (buf_puts(&s->buf, MANIFEST_ALSO) == -1 ||
	    manifest_add(&s->buf, e) == -1 ||
	    spool_added(s, s->buf.len - before) == -1)
		return archiver_spool_fatal(a);
	return reporter_count(a->rep, e->name, e->size);
}

/* The file changed while it was stored, and will be stored again. */
static int
archiver_superseded(struct archiver *a, struct entry *e)
{
	bool	 has_state = e->has_state;

	if (archiver_also(a, e) == -1)
		return -1;
	e->has_state = has_state;
	return reporter_report(a->rep, REPORT_NOTE, e->name,
	    "it changed while it was read, and is stored again");
}

/* Copy the contents of a file that nobody else has read.  0 or -1. */
static int
archiver_direct_once(struct archiver *a, struct member *m)
{
	memset(&a->contents, 0, sizeof(a->contents));
	a->contents.size = m->version.size;
	a->copied = 0;
	a->copying = m->e.name;
	a->fd = m->fd;
	if (a->ordinary && archiver_copy(a, m->version.size) == -1)
		return archiver_sink_fatal(a);
	if (!a->ordinary && archiver_stand_in(a, m->version.size) == -1)
		return -1;
	a->fd = -1;
	contents_check(&a->contents, m->fd, &m->version);
	return 0;
}

/* Store the contents of such a file, and again if it changes.  0 or -1. */
static int
archiver_direct(struct archiver *a, struct member *m)
{
	unsigned int	 retries = m->grows ? 0 : a->retries;
	int		 n;

	if (archiver_direct_once(a, m) == -1)
		return -1;
	while (contents_settled(&a->contents, m->fd, &retries, a->block,
	    &m->version)) {
		if ((a->ordinary && archiver_pad(a, &m->e) == -1) ||
		    archiver_superseded(a, &m->e) == -1)
			return -1;
		contents_apply(&m->version, &m->e);
		if (archiver_header(a, m) == -1)
			return -1;
		if (a->skip)
			return 0;
		if (archiver_direct_once(a, m) == -1)
			return -1;
	}
	n = contents_report(a->rep, m->e.name, &a->contents, m->grows);
	m->unsure = n != 1 || a->contents.changed || a->contents.more;
	return n == -1 ? -1 : 0;
}

/* Write the directory of a member once more at the end. */
static int
archiver_repeat(struct archiver *a, const char *name, bool names)
{
	const char	*slash = strrchr(name, '/');

	if (dumpdirs_want(a->purge, slash != NULL ? name : ".",
	    slash != NULL ? (size_t)(slash - name) : 1, names) == -1)
		return reporter_no_memory(a->rep);
	return 0;
}

/* Write a line of the manifest that no member belongs to. */
static int
archiver_line(struct archiver *a, struct member *m)
{
	struct spool	*s = &a->manifest;
	struct entry	*e = &m->e;
	size_t		 before = s->buf.len;

	if (m->mark[0] == '\0') {
		/* Its directory is there, or was removed, too. */
		if (archiver_repeat(a, e->name, true) == -1)
			return -1;
	} else {
		if (e->number > 0 && archiver_store(a, e) == -1)
			return -1;
		if (manifest_parents(&s->buf, &a->known, e) == -1)
			return archiver_spool_fatal(a);
		/* What could not be looked at is no success. */
		if (strcmp(m->mark, MANIFEST_UNCHANGED) == 0)
			a->holds = true;
		a->lines++;
	}
	if (buf_puts(&s->buf, m->line) == -1 ||
	    buf_puts(&s->buf, m->mark) == -1 ||
	    buf_putc(&s->buf, '\n') == -1 ||
	    spool_added(s, s->buf.len - before) == -1)
		return archiver_spool_fatal(a);
	return 0;
}

/* Write the header of a directory, with the names in it unless NULL. */
static int
archiver_purge(struct archiver *a, struct entry *e, const struct buf *names)
{
	struct member	 m = { .e = *e };
	int		 ret;

	a->dumpdir = names;
	ret = archiver_header(a, &m);
	a->dumpdir = NULL;
	return ret == -1 || a->skip ? ret : archiver_also(a, &m.e);
}

static int
archiver_member(struct archiver *a, struct member *m)
{
	const struct buf nothing = { (char []){ '\0', '\0' }, 1, 2 };
	struct entry	*e = m->header ? &m->e : &a->unfinished.e;

	if (m->line != NULL)
		return archiver_line(a, m);
	if (m->purge)
		return archiver_purge(a, e, &nothing);
	if (m->header)
		a->late = m->late;
	if (m->header && archiver_header(a, m) == -1)
		return -1;
	if (a->skip)
		return 0;
	if (archiver_stand_in(a, m->hole) == -1)
		return -1;
	if ((m->direct ? archiver_direct(a, m) :
	    archiver_data(a, m->data, m->len)) == -1)
		return -1;
	/* Stored once, and then refused: see archiver_direct(). */
	if (a->skip)
		return 0;
	a->part += m->hole + m->len;
	if (!m->last && reporter_under_way(a->rep, e->name, a->part) == -1)
		return -1;
	if (!m->last)
		return m->header ? archiver_keep(a, e) : 0;
	if (a->ordinary && archiver_pad(a, e) == -1)
		return -1;
	memcpy(e->digest, m->digest, sizeof(e->digest));
	if (m->superseded)
		return archiver_superseded(a, e);
	/* The next run must not take it for unchanged. */
	if (m->unsure)
		e->has_state = false;
	/* tar has left its directory, and would not set the times again. */
	if (a->late && archiver_repeat(a, e->name, false) == -1)
		return -1;
	return archiver_record(a, e);
}

/* Read the manifest from its beginning to its end, line by line. */
static int
archiver_each_line(struct archiver *a, int (*each)(struct archiver *,
    const char *line, const char *name))
{
	struct spool	*s = &a->manifest;
	struct buf	 line = { NULL, 0, 0 }, name = { NULL, 0, 0 };
	int		 n;

	if (spool_rewind(s) == -1)
		return archiver_spool_fatal(a);
	while ((n = spool_line(s, &line)) == 1) {
		if (manifest_name_len(buf_str(&line)) == 0)
			continue;
		buf_cut(&name, 0);
		if (manifest_name(&name, buf_str(&line)) == -1 ||
		    each(a, buf_str(&line), buf_str(&name)) == -1)
			break;
	}
	buf_free(&line);
	buf_free(&name);
	/* What was read is not to be written. */
	buf_cut(&s->buf, 0);
	s->pos = 0;
	if (n == 0)
		return 0;
	return n == -1 ? archiver_spool_fatal(a) : reporter_no_memory(a->rep);
}

static int
gather_name(struct archiver *a, const char *line, const char *name)
{
	return dumpdirs_add(a->purge, name, manifest_is_directory(line));
}

/*
 * Keep the lines of directories whose headers are to be written once more.
 * Their attributes are not known any more: without them, these would lose
 * their access control lists.
 */
static int
gather_line(struct archiver *a, const char *line, const char *name)
{
	const struct buf	*list;
	int			 n;

	if (!manifest_is_directory(line) || !manifest_is_held(line) ||
	    strstr(line, " tags=attributes:") != NULL)
		return 0;
	if ((n = dumpdirs_list(a->purge, name, &list)) != 1)
		return n;
	return buf_add(&a->text, line, strlen(line) + 1);
}

/* Write directories once more: see dumpdirs_want(). */
static int
archiver_purges(struct archiver *a)
{
	struct buf		 name = { NULL, 0, 0 };
	const struct buf	*list;
	const char		*line;
	struct entry		 e;
	size_t			 i;
	int			 ret = 0;

	if (!dumpdirs_any(a->purge))
		return 0;
	if (archiver_each_line(a, gather_name) == -1 ||
	    archiver_each_line(a, gather_line) == -1)
		return -1;
	for (i = 0; ret == 0 && i < a->text.len; i += strlen(line) + 1) {
		line = a->text.data + i;
		buf_cut(&name, 0);
		if (manifest_name(&name, line) == -1 ||
		    dumpdirs_list(a->purge, buf_str(&name), &list) != 1) {
			ret = reporter_no_memory(a->rep);
			break;
		}
		entry_init(&e, buf_str(&name));
		e.mode = S_IFDIR;
		if (manifest_parse(&e, line, &a->uname, &a->gname) == -1)
			ret = archiver_fatal(a, "the manifest is damaged");
		else
			ret = archiver_purge(a, &e, list);
	}
	buf_free(&name);
	return ret;
}

/* Copy the manifest into the archive as the last member. */
static int
archiver_manifest(struct archiver *a)
{
	struct spool	*s = &a->manifest;
	size_t		 before = s->buf.len;
	struct entry	 e;
	ssize_t		 n;

	if (buf_printf(&s->buf, MANIFEST_END "%" PRIu64 "\n", a->lines) == -1 ||
	    spool_added(s, s->buf.len - before) == -1 ||
	    spool_rewind(&a->manifest) == -1)
		return archiver_spool_fatal(a);
	entry_init(&e, MANIFEST_NAME);
	e.mode = S_IFREG | 0600;
	e.size = a->manifest.len;
	e.mtime = time(NULL);
	entry_to_archive(&e, a->ae);
	if (archiver_put_header(a, &e) < ARCHIVE_WARN)
		return archiver_archive_fatal(a);
	while ((n = spool_read(&a->manifest, a->block, ARCHIVER_BLOCK)) > 0) {
		if (archiver_data(a, a->block, (size_t)n) == -1)
			return -1;
		if (a->copy != -1 &&
		    fdio_write(a->copy, a->block, (size_t)n) == -1) {
			(void)reporter_reportf(a->rep, REPORT_FATAL, "",
			    "the manifest cannot be written: %s",
			    strerror(errno));
			return -1;
		}
	}
	return n == 0 ? 0 : archiver_spool_fatal(a);
}

static int
archiver_finish(struct archiver *a)
{
	/* An archive of nothing must not replace one of something. */
	if (!a->holds && !reporter_is_empty_by_choice(a->rep))
		return archiver_fatal(a, "nothing that was asked for could be "
		    "stored: no archive is made, and one that has its name "
		    "is left as it is");
	if (archiver_purges(a) == -1 || archiver_manifest(a) == -1)
		return -1;
	if (archive_write_close(a->archive) != ARCHIVE_OK)
		return archiver_archive_fatal(a);
	archive_write_free(a->archive);
	a->archive = NULL;
	return sink_finish(a->sink) == -1 ? archiver_sink_fatal(a) : 0;
}

int
archiver_stage(void *arg, struct slab *s)
{
	struct archiver	*a = arg;
	size_t		 i;
	int		 ret;

	a->slab = s;
	for (i = 0; i < s->n; i++) {
		ret = archiver_member(a, &s->members[i]);
		free(s->members[i].spent);
		s->members[i].spent = NULL;
		if (s->members[i].direct)
			close(s->members[i].fd);
		s->members[i].direct = false;
		if (ret == -1)
			return -1;
	}
	if (sink_flush(a->sink) == -1)
		return archiver_sink_fatal(a);
	a->slab = NULL;
	return s->end ? archiver_finish(a) : 0;
}
