/*
 * diff.c: the command diff; see sandbox/diff.h.
 *
 * Runs in the worker, confined after diff_prepare().  Touches the descriptors
 * of the archive and of a temporary file.
 *
 * First it reads the archive, for its manifest; without one, it reads it again,
 * and makes such lines itself.  Then it walks the paths as create does.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/pathname.h"
#include "sandbox/attributes.h"
#include "sandbox/cpiolinks.h"
#include "sandbox/create.h"
#include "sandbox/diff.h"
#include "sandbox/ids.h"
#include "sandbox/manifest.h"
#include "sandbox/origin.h"
#include "sandbox/reader.h"
#include "sandbox/revisit.h"
#include "sandbox/since.h"
#include "sandbox/sparsedigest.h"
#include "sandbox/walk.h"
#include "sandbox/work.h"

/* What makes lines of an archive without a manifest. */
struct lines {
	struct reader		*reader;
	struct sparsedigest	*contents;
	struct digest		*attributes;
	struct cpiolinks	*links;
	struct ids		*ids;		/* of names in ACLs */
	struct spool		*spool;
	struct reporter		*rep;
};

int
diff_prepare(struct work *w)
{
	w->state = create_new(w->job, -1, 0, &w->rep);
	return w->state != NULL ? 0 : -1;
}

void
diff_release(struct work *w)
{
	create_free(w->state);
}

static int
diff_fatal(struct work *w, const char *why)
{
	(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive, why);
	return -1;
}

static int
spool_fatal(struct reporter *rep)
{
	if (errno == ENOMEM)
		return reporter_no_memory(rep);
	(void)reporter_reportf(rep, REPORT_FATAL, "", "the temporary file "
	    "cannot be used: %s", strerror(errno));
	return -1;
}

/* What the archive expands to may be without end. */
static int
lines_fatal(const struct lines *l)
{
	if (errno != EFBIG)
		return spool_fatal(l->rep);
	(void)reporter_reportf(l->rep, REPORT_FATAL, l->rep->archive, "there "
	    "is no manifest at its end, and lines about its members would "
	    "take more than %" PRIu64 " bytes of temporary space",
	    l->spool->max);
	return -1;
}

static int
lines_crypto_fatal(const struct lines *l)
{
	(void)reporter_report(l->rep, REPORT_FATAL, "",
	    "libcrypto cannot compute SHA-256");
	return -1;
}

static int
lines_contents(struct lines *l, struct entry *e)
{
	const void	*p;
	uint64_t	 offset;
	size_t		 len;
	int		 n;

	if (sparsedigest_begin(l->contents) == -1)
		goto crypto;
	while ((n = reader_data(l->reader, &p, &len, &offset)) == 1)
		if (sparsedigest_add(l->contents, offset, p, len) == -1)
			goto crypto;
	if (n == -1)
		return reader_report(l->reader, l->rep);
	e->has_digest = true;
	if (sparsedigest_end(l->contents, e->size, &e->sparse,
	    e->digest) == 0)
		return 0;
crypto:
	return lines_crypto_fatal(l);
}

static int
lines_add(struct lines *l, const struct entry *e)
{
	size_t	 before = l->spool->buf.len;

	l->spool->max = spool_bound(0, reader_consumed(l->reader));
	if (manifest_add(&l->spool->buf, e) == -1 ||
	    spool_added(l->spool, l->spool->buf.len - before) == -1)
		return lines_fatal(l);
	return 0;
}

/* A name without "./" before it; NULL: it leads elsewhere. */
static const char *
plain_name(const char *name)
{
	if (strncmp(name, "./", 2) == 0)
		name += 2;
	return strcmp(name, ".") == 0 || pathname_is_clean(name) ? name : NULL;
}

/*
 * A file of a cpio archive that has several names: if the contents come with
 * another name than the first, the first gets another line, which counts.
 */
static int
lines_linked(struct lines *l, const struct entry *e)
{
	struct cpiofile	*f;
	struct entry	 first = *e;

	if ((first.hardlink = plain_name(e->hardlink)) == NULL)
		return 0;
	if (cpiolinks_find(l->links, &first, &f) == -1)
		return reporter_no_memory(l->rep);
	/* Without room for it, the first name is reported to differ. */
	if (f == NULL || e->size == 0)
		return 0;
	if (e->hardlink[0] == '\0' || f->given != NULL)
		return cpiolinks_give(f, e->name) == -1 ?
		    reporter_no_memory(l->rep) : 0;
	first.name = f->first;
	first.hardlink = "";
	if (cpiolinks_give(f, e->name) == -1)
		return reporter_no_memory(l->rep);
	return lines_contents(l, &first) == -1 ? -1 : lines_add(l, &first);
}

static int
lines_member(struct lines *l, struct entry *e)
{
	const char	*name = plain_name(e->name);

	/* These would lead elsewhere, and nothing is extracted there. */
	if (name == NULL)
		return reporter_report(l->rep, REPORT_WARNING, e->name,
		    "is not compared: the name leads out of the directory");
	e->name = name;
	if (S_ISREG(e->mode) && e->hardlink[0] == '\0' &&
	    lines_contents(l, e) == -1)
		return -1;
	if (attributes_digest(l->attributes, e) == -1)
		return lines_crypto_fatal(l);
	/* Others store a list's mask as the rights of the group. */
	e->mode = attributes_mode(e->attributes, e->attributes_len, e->mode);
	if (reader_is_linked(l->reader) && lines_linked(l, e) == -1)
		return -1;
	return lines_add(l, e);
}

/* Make a line of each member, since the archive has no manifest. */
static int
diff_make_lines(struct work *w, struct spool *spool)
{
	struct lines	 l = { .spool = spool, .rep = &w->rep };
	struct attributes_ids	 acl_ids = { ids_find, NULL };
	struct entry	 e;
	int		 n = 1, ret = -1;

	if (lseek(w->archive, 0, SEEK_SET) == -1)
		return diff_fatal(w, "there is no manifest at its end, and it "
		    "cannot be read a second time: it is no file");
	if ((l.reader = reader_new(w->archive)) == NULL ||
	    (l.contents = sparsedigest_new()) == NULL ||
	    (l.attributes = digest_new()) == NULL ||
	    (l.links = cpiolinks_new()) == NULL ||
	    (l.ids = ids_new(&w->rep, 0)) == NULL) {
		(void)reporter_no_memory(&w->rep);
		goto out;
	}
	acl_ids.arg = l.ids;
	reader_set_ids(l.reader, &acl_ids);
	while ((n = reader_next(l.reader, &e)) == 1)
		if (lines_member(&l, &e) == -1)
			goto out;
	if (n == -1 || reader_finish(l.reader) == -1)
		(void)reader_report(l.reader, &w->rep);
	else if (spool_rewind(spool) == -1)
		(void)spool_fatal(&w->rep);
	else
		ret = 0;
out:
	reader_free(l.reader);
	sparsedigest_free(l.contents);
	digest_free(l.attributes);
	cpiolinks_free(l.links);
	ids_free(l.ids);
	return ret;
}

/* Find the lines about the members.  Their descriptor, or -1. */
static int
diff_lines(struct work *w, struct spool *spool, bool *foreign)
{
	*foreign = false;
	switch (origin_find(w->archive, w->rep.archive, w->job->options, spool,
	    &w->rep)) {
	case ORIGIN_FAILED:
		return -1;
	case ORIGIN_FILE:
		return w->archive;
	case ORIGIN_NONE:
		*foreign = true;
		return diff_make_lines(w, spool) == -1 ? -1 : spool->fd;
	case ORIGIN_MEMBER:
		break;
	}
	return spool_rewind(spool) == -1 ? spool_fatal(&w->rep) : spool->fd;
}

/* Walk the paths, and report what differs. */
static int
diff_walk(struct work *w, const struct paths *paths)
{
	struct revisit	 again;
	int		 ret;

	revisit_init(&again);
	ret = walk_run(w->state, w->session, paths, w->job->choice, w->ahead,
	    &again);
	revisit_free(&again);
	return ret == 0 ? create_finish(w->state) : -1;
}

/* Without paths, those that the archive begins with. */
static int
diff_tops(struct work *w, struct since *s)
{
	struct paths	 tops = { NULL, 0, 0, NULL };
	const char	*dir = w->job->paths->v[0].request;
	char		 why[PATHS_WHY_MAX];
	int		 ret = -1;

	if (since_tops(s, &tops, dir, why) == -1 ||
	    (tops.n > 0 && paths_check(&tops, why) == -1))
		(void)diff_fatal(w, why);
	else if (tops.n == 0)
		(void)diff_fatal(w, "there is nothing to compare in it");
	else
		ret = diff_walk(w, &tops);
	paths_free(&tops);
	return ret;
}

int
diff_run(struct work *w)
{
	struct since	*s = create_since(w->state);
	struct spool	 spool;
	bool		 foreign;
	int		 fd, ret = -1;

	create_limit(w->state, w->closing);
	spool_init(&spool, w->job->spools[0]);
	if ((fd = diff_lines(w, &spool, &foreign)) != -1 &&
	    since_load_lines(s, fd, foreign) == 0) {
		create_foreign(w->state, foreign);
		ret = w->job->options->npaths > 0 ||
		    w->job->options->files_from.n > 0 ?
		    diff_walk(w, w->job->paths) : diff_tops(w, s);
	}
	spool_clear(&spool);
	return ret;
}
