/*
 * verify.c: the command verify; see sandbox/verify.h.
 *
 * Runs in the worker, confined after verify_prepare().  Touches the descriptors
 * of the archive and of two temporary files.
 *
 * The archive is read once.  Each member gives a line as it did when the
 * archive was written; the manifest comes last, and then the lines are
 * compared.  We do not use libarchive's reader of mtree(5), because it keeps
 * all lines in memory and merges lines about the same name.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/digest.h"
#include "sandbox/manifestcheck.h"
#include "sandbox/match.h"
#include "sandbox/reader.h"
#include "sandbox/sparsedigest.h"
#include "sandbox/spool.h"
#include "sandbox/verify.h"
#include "sandbox/work.h"

struct verify {
	struct reporter	*rep;
	uint64_t	 max_manifest;	/* 0: depends on the archive */
	struct reader	*reader;
	struct digest	*digest;	/* of attributes */
	struct sparsedigest *contents;
	uint64_t	 undigested;	/* files without one in the manifest */
	struct spool	 archived;	/* lines about the members */
	struct spool	 recorded;	/* the manifest */
	struct manifestcheck check;	/* of its lines */
	bool		 have_manifest;	/* as the last member so far */
	struct buf	 manifest;	/* the line about itself */
	struct buf	 follower;	/* the member after one that was none */
	struct buf	 line, other;
};

static int
verify_fatal(struct verify *v, const char *why)
{
	(void)reporter_report(v->rep, REPORT_FATAL, "", why);
	return -1;
}

static int
verify_crypto_fatal(struct verify *v)
{
	return verify_fatal(v, "libcrypto cannot compute SHA-256");
}

static int
verify_read_fatal(struct verify *v)
{
	return reader_report(v->reader, v->rep);
}

static int
verify_spool_fatal(struct verify *v)
{
	if (errno == ENOMEM)
		return reporter_no_memory(v->rep);
	if (errno == EFBIG && v->recorded.max != UINT64_MAX) {
		(void)reporter_reportf(v->rep, REPORT_FATAL, "",
		    "the manifest, or the lines that verify makes of the "
		    "members, would take more than %" PRIu64 " bytes of "
		    "temporary space; --max-manifest raises this limit",
		    v->recorded.max);
		return -1;
	}
	if (errno == EPROTO)
		return verify_fatal(v, "the name or the link of a member is "
		    "too long");
	(void)reporter_reportf(v->rep, REPORT_FATAL, "",
	    "the temporary file cannot be used: %s", strerror(errno));
	return -1;
}

static void
verify_free(struct verify *v)
{
	if (v == NULL)
		return;
	reader_free(v->reader);
	digest_free(v->digest);
	sparsedigest_free(v->contents);
	spool_clear(&v->archived);
	spool_clear(&v->recorded);
	buf_free(&v->manifest);
	buf_free(&v->follower);
	buf_free(&v->line);
	buf_free(&v->other);
	free(v);
}

static struct verify *
verify_new(struct reporter *rep, const struct job *job, int archive)
{
	struct verify	*v;

	if ((v = calloc(1, sizeof(*v))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	v->rep = rep;
	v->max_manifest = job->options->max_manifest;
	spool_init(&v->archived, job->spools[0]);
	spool_init(&v->recorded, job->spools[1]);
	if ((v->reader = reader_new(archive)) == NULL) {
		(void)reporter_no_memory(v->rep);
		goto fail;
	}
	if ((v->digest = digest_new()) == NULL ||
	    (v->contents = sparsedigest_new()) == NULL) {
		(void)verify_fatal(v, "libcrypto has no SHA-256");
		goto fail;
	}
	return v;

fail:
	verify_free(v);
	return NULL;
}

int
verify_prepare(struct work *w)
{
	w->state = verify_new(&w->rep, w->job, w->archive);
	return w->state != NULL ? 0 : -1;
}

void
verify_release(struct work *w)
{
	verify_free(w->state);
}

/*
 * So much was read of the archive: bound both temporary files by it, and let it
 * be the measure of progress.
 */
static void
verify_bound(struct verify *v)
{
	uint64_t	 n = reader_consumed(v->reader);

	reporter_consumed(v->rep, n, reader_total(v->reader));
	v->archived.max = v->recorded.max = spool_bound(v->max_manifest, n);
}

/* Add the line about a member, and report it. */
static int
verify_record(struct verify *v, const struct entry *e)
{
	struct spool	*s = &v->archived;
	size_t		 before = s->buf.len;

	if (manifest_add(&s->buf, e) == -1 ||
	    spool_added(s, s->buf.len - before) == -1)
		return verify_spool_fatal(v);
	return reporter_member(v->rep, e->name, e->size);
}

/* Compute the digest of a member's contents; copy them to keep, if any. */
static int
verify_contents(struct verify *v, struct entry *e, struct spool *keep)
{
	const void	*p;
	uint64_t	 offset;
	size_t		 len;
	int		 n;

	if (sparsedigest_begin(v->contents) == -1)
		return verify_crypto_fatal(v);
	while ((n = reader_data(v->reader, &p, &len, &offset)) == 1) {
		if (sparsedigest_add(v->contents, offset, p, len) == -1)
			return verify_crypto_fatal(v);
		verify_bound(v);
		if (reporter_under_way(v->rep, e->name, offset + len) == -1)
			return -1;
		if (keep != NULL && spool_write(keep, p, len) == -1)
			return verify_spool_fatal(v);
	}
	if (n == -1)
		return verify_read_fatal(v);
	if (sparsedigest_end(v->contents, e->size, &e->sparse,
	    e->digest) == -1)
		return verify_crypto_fatal(v);
	e->has_digest = true;
	return 0;
}

/*
 * Another member comes.  If the one before it has the name of the manifest, it
 * was not the last, and is a file.
 */
static int
verify_was_no_manifest(struct verify *v, const char *next)
{
	uint64_t	 len = v->recorded.len;

	if (!v->have_manifest)
		return 0;
	v->have_manifest = false;
	buf_cut(&v->follower, 0);
	if (buf_puts(&v->follower, next) == -1)
		return reporter_no_memory(v->rep);
	if (spool_reset(&v->recorded) == -1 ||
	    spool_write(&v->archived, buf_str(&v->manifest),
	    v->manifest.len) == -1)
		return verify_spool_fatal(v);
	return reporter_member(v->rep, MANIFEST_NAME, len);
}

/* This is the manifest, unless another member follows. */
static int
verify_manifest(struct verify *v, struct entry *e)
{
	if (verify_contents(v, e, &v->recorded) == -1)
		return -1;
	buf_cut(&v->manifest, 0);
	if (manifest_add(&v->manifest, e) == -1)
		return reporter_no_memory(v->rep);
	v->have_manifest = true;
	return 0;
}

static int
verify_member(struct verify *v, struct entry *e)
{
	bool	 regular = S_ISREG(e->mode) && e->hardlink[0] == '\0';

	if (attributes_digest(v->digest, e) == -1)
		return verify_crypto_fatal(v);
	if (regular && !e->sparse && strcmp(e->name, MANIFEST_NAME) == 0)
		return verify_manifest(v, e);
	if (regular && verify_contents(v, e, NULL) == -1)
		return -1;
	return verify_record(v, e);
}

static int
verify_missing(void *arg, const char *name)
{
	return reporter_report(arg, REPORT_MISSING, name,
	    "missing: it is in the manifest but not in the archive");
}

static int
verify_unexpected(void *arg, const char *name)
{
	return reporter_report(arg, REPORT_UNEXPECTED, name,
	    strcmp(name, MANIFEST_NAME) == 0 ? "unexpected: it is a manifest, "
	    "but not the last member; were two archives joined?" :
	    "unexpected: it is in the archive but not in the manifest");
}

static int
verify_differs(void *arg, const char *name, const char *how)
{
	return reporter_reportf(arg, REPORT_DIFFERENT, name, "different: %s",
	    how);
}

static int
verify_bad_manifest(struct verify *v)
{
	return reporter_report(v->rep, REPORT_MANIFEST, MANIFEST_NAME,
	    v->check.why);
}

/* Read the next line of the manifest.  1, 0 at its end, -1. */
static int
verify_next_line(struct verify *v)
{
	int	 n = spool_line(&v->recorded, &v->other), ok;

	if (n == -1 && errno != EPROTO)
		return verify_spool_fatal(v);
	if (n == 1)
		ok = manifestcheck_line(&v->check, buf_str(&v->other));
	else
		ok = n == 0 ? manifestcheck_finish(&v->check) :
		    manifestcheck_no_text(&v->check);
	if (ok == -1 && verify_bad_manifest(v) == -1)
		return -1;
	return n == 1;
}

/* Read the next line about a member.  1, 0 at the end of the manifest, -1. */
static int
verify_recorded_line(struct verify *v)
{
	int	 n;

	do {
		n = verify_next_line(v);
		/* Such a line is about a member that has another line, too. */
		if (n == 1 && strncmp(buf_str(&v->other), MANIFEST_ALSO,
		    strlen(MANIFEST_ALSO)) == 0)
			buf_drop(&v->other, strlen(MANIFEST_ALSO));
	} while (n == 1 && (manifest_name_len(buf_str(&v->other)) == 0 ||
	    !manifest_is_held(buf_str(&v->other))));
	/* The archive does not have the rest. */
	if (n == 1)
		buf_cut(&v->other, manifest_len(buf_str(&v->other)));
	return n;
}

/* Compare line by line, to the end of both sides. */
static int
verify_lines(struct verify *v, struct match *m)
{
	int	 a = 1, r = 1;

	while (a == 1 || r == 1) {
		if (a == 1 &&
		    (a = spool_line(&v->archived, &v->line)) == -1)
			return verify_spool_fatal(v);
		if (r == 1 && (r = verify_recorded_line(v)) == -1)
			return -1;
		if (a == 1 && r == 1 &&
		    strcmp(buf_str(&v->line), buf_str(&v->other)) == 0)
			continue;
		if (r == 1 && manifest_lacks_digest(buf_str(&v->other)))
			v->undigested++;
		if (a == 1 && match_archived(m, buf_str(&v->line)) == -1)
			return reporter_no_memory(v->rep);
		if (r == 1 && match_recorded(m, buf_str(&v->other)) == -1)
			return reporter_no_memory(v->rep);
	}
	return match_finish(m);
}

/* Tell that there is nothing to compare the members with. */
static int
verify_no_manifest(struct verify *v)
{
	if (v->follower.len > 0)
		return reporter_report(v->rep, REPORT_MANIFEST,
		    buf_str(&v->follower), "this member follows the manifest, "
		    "which must be the last; it was added to the archive, or "
		    "the end of the archive is missing");
	return reporter_reportf(v->rep, REPORT_MANIFEST, v->rep->archive,
	    "there is no manifest at its end: %" PRIu64 " members were read, "
	    "but there are no digests to compare them with; the archive is "
	    "incomplete, or was not made by fdbackup", v->rep->tally.files);
}

static int
verify_compare(struct verify *v)
{
	const struct match_report	 report = {
		verify_missing, verify_unexpected, verify_differs, v->rep
	};
	struct match			*m;
	int				 ret;

	if (!v->have_manifest)
		return verify_no_manifest(v);
	if (spool_rewind(&v->archived) == -1 ||
	    spool_rewind(&v->recorded) == -1)
		return verify_spool_fatal(v);
	if ((m = match_new(&report)) == NULL)
		return reporter_no_memory(v->rep);
	manifestcheck_init(&v->check);
	ret = verify_lines(v, m);
	match_free(m);
	if (ret == 0 && v->undigested > 0)
		ret = reporter_reportf(v->rep, REPORT_WARNING, "",
		    "the contents of %" PRIu64 " files were not compared: "
		    "the manifest has no digests of them", v->undigested);
	if (ret == 0 && v->rep->tally.files == 0)
		ret = reporter_report(v->rep, REPORT_WARNING, "",
		    "the archive holds nothing but its manifest");
	return ret;
}

int
verify_run(struct work *w)
{
	struct verify	*v = w->state;
	struct entry	 e;
	int		 n;

	while ((n = reader_next(v->reader, &e)) == 1) {
		verify_bound(v);
		if (verify_was_no_manifest(v, e.name) == -1 ||
		    verify_member(v, &e) == -1)
			return -1;
	}
	if (n == -1 || reader_finish(v->reader) == -1)
		return verify_read_fatal(v);
	return verify_compare(v);
}
