/*
 * create.c: what becomes of each object that is found: a member, a hard link, a
 * line of the manifest, a count; see sandbox/create.h.
 *
 * Runs in the worker, confined after create_new().  Touches the descriptors of
 * the files that it is given; fill.c reads them.
 */

#include "config.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/archiver.h"
#include "sandbox/attributes.h"
#include "sandbox/census.h"
#include "sandbox/create.h"
#include "sandbox/differ.h"
#include "sandbox/fdbatch.h"
#include "sandbox/fill.h"
#include "sandbox/hardlinks.h"
#include "sandbox/hashing.h"
#include "sandbox/manifest.h"
#include "sandbox/pipeline.h"
#include "sandbox/same.h"
#include "sandbox/since.h"

struct create {
	const struct job	*job;
	struct reporter		*rep;
	struct hardlinks	*hardlinks;
	struct hashing		*hashing;
	struct archiver		*archiver;
	struct fill		 fill;		/* no pipeline: a dry run */
	struct census		 census;	/* of a dry run */
	struct fdbatch		 closing;
	const struct buf	*attributes;	/* of the next member */
	struct since		*since;		/* or NULL */
	struct same		*same;		/* compares contents, or NULL */
	struct differ		*differ;	/* only compares, or NULL */
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

struct create *
create_new(const struct job *job, int archive, unsigned int threads,
    struct reporter *rep)
{
	struct create	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	c->job = job;
	c->rep = rep;
	fdbatch_init(&c->closing);
	census_init(&c->census, rep);
	if ((c->hardlinks = hardlinks_new(HARDLINKS_BYTES)) == NULL) {
		(void)create_no_memory(c);
		goto fail;
	}
	if ((job->options->since != NULL || !job->options->command->stores) &&
	    (c->since = since_new(job, rep)) == NULL)
		goto fail;
	if (!job->options->command->stores && (c->differ =
	    differ_new(job->options->contents, rep)) == NULL)
		goto fail;
	if (job->options->dry_run || c->differ != NULL)
		return c;
	if (fill_init(&c->fill, job, rep, !job->options->contents &&
	    !job->few) == -1 ||
	    (job->options->contents &&
	    (c->same = same_new(rep, false)) == NULL))
		goto fail;
	if ((!job->options->no_digest &&
	    (c->hashing = hashing_new(rep)) == NULL) ||
	    (c->archiver = archiver_new(job, archive, threads,
	    rep)) == NULL)
		goto fail;
	if (c->hashing != NULL)
		pipeline_add_shared(c->fill.pipeline, hashing_stage,
		    c->hashing);
	pipeline_add(c->fill.pipeline, archiver_stage, c->archiver);
	return c;

fail:
	create_free(c);
	return NULL;
}

int
create_start(struct create *c)
{
	if (c->fill.pipeline == NULL)
		return 0;
	if (pipeline_limit_threads() == -1 ||
	    archiver_start(c->archiver) == -1)
		return -1;
	return fill_start(&c->fill);
}

int
create_open(struct create *c, struct choice *choice)
{
	struct manifest_head	 head = { .has_since = c->since != NULL };
	struct timespec		 now;

	if (c->since != NULL) {
		if (since_load(c->since, choice) == -1)
			return -1;
		since_began(c->since, &head.since, &head.since_nsec);
	}
	if (c->fill.pipeline == NULL)
		return 0;
	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return create_fatal(c, "the clock cannot be read");
	head.began = now.tv_sec;
	head.began_nsec = (uint32_t)now.tv_nsec;
	return archiver_begin(c->archiver, &head);
}

void
create_limit(struct create *c, unsigned int closing)
{
	if (closing == 0)
		return;
	if (closing < FDBATCH_MAX)
		c->closing.max = closing;
	/* There are too few for files that wait to be read. */
	fill_alone(&c->fill);
}

void
create_free(struct create *c)
{
	if (c == NULL)
		return;
	fill_clear(&c->fill);
	fdbatch_flush(&c->closing);
	archiver_free(c->archiver);
	hashing_free(c->hashing);
	hardlinks_free(c->hardlinks);
	since_free(c->since);
	same_free(c->same);
	differ_free(c->differ);
	free(c);
}

/* Policy keeps something out of the archive that was asked for. */
static int
create_denied(struct create *c)
{
	if (c->job->options->denied != DENIED_FAIL)
		return 0;
	return create_fatal(c, "policy keeps something out of the archive; "
	    "without --denied=fail the rest would be stored");
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *why)
{
	if (reporter_report(c->rep, kind, name, why) == -1)
		return -1;
	return report_is_denial(kind) ? create_denied(c) : 0;
}

int
create_hidden(struct create *c, const char *name, uint64_t n)
{
	if (reporter_hidden(c->rep, name, n) == -1)
		return -1;
	return create_denied(c);
}

void
create_attributes(struct create *c, const struct buf *set)
{
	c->attributes = set;
}

static void
create_entry(const struct create *c, struct entry *e, const char *name,
    const struct fdb_stat *st)
{
	entry_from_stat(e, name, st);
	if (c->attributes == NULL)
		return;
	e->attributes = c->attributes->data;
	e->attributes_len = c->attributes->len;
	/* Who ignores the access control list must not widen the group. */
	e->mode = attributes_mode(e->attributes, e->attributes_len, e->mode);
}

/* Store a member without contents. */
static int
create_plain(struct create *c, struct entry *e)
{
	int	 n;

	if ((n = fill_names_fit(&c->fill, e)) != 1)
		return n;
	if (c->fill.pipeline == NULL)
		return census_member(&c->census, e, 0);
	return fill_plain(&c->fill, e, false);
}

/*
 * If the file was already stored under another name, store a hard link.  1; 0:
 * it is new; -1.
 */
static int
create_again(struct create *c, struct entry *e, const struct fdb_stat *st)
{
	const char	*stored;

	if (st->nlink < 2)
		return 0;
	if ((stored = hardlinks_find(c->hardlinks, st, e->link)) == NULL) {
		e->number = hardlinks_number(c->hardlinks);
		return 0;
	}
	if (strcmp(stored, e->name) == 0)
		return reporter_report(c->rep, REPORT_SKIPPED, e->name,
		    "it was listed twice; stored once") == -1 ? -1 : 1;
	e->hardlink = stored;
	e->number = hardlinks_found(c->hardlinks);
	e->attributes_len = 0;
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

void
create_foreign(struct create *c, bool foreign)
{
	differ_foreign(c->differ, foreign);
}

bool
create_is_diff(const struct create *c)
{
	return c->differ != NULL;
}

struct since *
create_since(struct create *c)
{
	return c->since;
}

int
create_kept(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target, const char *line)
{
	struct buf	 names[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct entry	 e;
	size_t		 len;
	bool		 is_link = manifest_hardlink(line, &len) != NULL;
	int		 n;

	create_entry(c, &e, name, st);
	e.link = target;
	/* One of its names may be new, and stored already. */
	if (!is_link && (n = create_again(c, &e, st)) != 0)
		return n == -1 ? -1 : 0;
	n = manifest_parse(&e, line, &names[0], &names[1]);
	buf_free(&names[0]);
	buf_free(&names[1]);
	e.uname = e.gname = "";
	if (n == -1)
		return create_no_memory(c);
	if (reporter_report(c->rep, REPORT_UNCHANGED, name, "unchanged") == -1)
		return -1;
	if (!is_link && create_remember(c, &e, st) == -1)
		return -1;
	return c->fill.pipeline == NULL ? 0 :
	    fill_line(&c->fill, &e, line, MANIFEST_UNCHANGED);
}

void
create_late(struct create *c)
{
	c->fill.late = true;
}

int
create_purge(struct create *c, const char *name)
{
	struct entry	 e;

	if (c->fill.pipeline == NULL)
		return 0;
	entry_init(&e, name);
	e.mode = S_IFDIR | 0700;
	return fill_plain(&c->fill, &e, true);
}

/*
 * Record a name that was removed, with its earlier line: a since_report, as the
 * next.
 */
static int
create_removed(void *arg, const char *name, const char *line)
{
	struct create	*c = arg;
	struct entry	 e;
	struct buf	 text = { NULL, 0, 0 };
	size_t		 len = manifest_name_len(line);
	int		 ret = -1;

	entry_init(&e, name);
	if (c->differ != NULL)
		return differ_missing(c->differ, name);
	if (reporter_report(c->rep, REPORT_REMOVED, name, "removed") == -1)
		return -1;
	if (c->fill.pipeline == NULL)
		return 0;
	if (buf_puts(&text, MANIFEST_REMOVED) == -1 ||
	    buf_add(&text, line, len) == -1 || buf_puts(&text,
	    manifest_is_directory(line) ? " type=dir" : "") == -1)
		(void)create_no_memory(c);
	else
		ret = fill_line(&c->fill, &e, buf_str(&text), "");
	buf_free(&text);
	return ret;
}

/* Record a name that may still be there. */
static int
create_unseen(void *arg, const char *name, const char *line)
{
	struct create	*c = arg;
	struct entry	 e;

	entry_init(&e, name);
	return c->fill.pipeline == NULL ? 0 :
	    fill_line(&c->fill, &e, line, MANIFEST_UNSEEN);
}

int
create_directory(struct create *c, const char *name,
    const struct fdb_stat *st)
{
	struct entry	 e;

	create_entry(c, &e, name, st);
	if (c->differ != NULL)
		return differ_member(c->differ, since_earlier(c->since), &e,
		    st, -1);
	return create_plain(c, &e);
}

int
create_special(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target)
{
	struct entry	 e;
	int		 n;

	if (S_ISSOCK(st->mode) && c->differ == NULL)
		return reporter_report(c->rep, REPORT_SKIPPED, name,
		    "sockets are not stored");
	create_entry(c, &e, name, st);
	e.link = target;
	if (c->differ != NULL)
		return differ_member(c->differ, since_earlier(c->since), &e,
		    st, -1);
	if ((n = create_again(c, &e, st)) != 0)
		return n == -1 ? -1 : 0;
	if (create_plain(c, &e) == -1)
		return -1;
	return create_remember(c, &e, st);
}

struct readers *
create_readers(struct create *c)
{
	return c->fill.readers;
}

bool
create_may_read(struct create *c, const struct fdb_stat *st, int fd,
    struct contents_small *how)
{
	return fill_may_read(&c->fill, st, fd, how) &&
	    (st->nlink < 2 || !hardlinks_has(c->hardlinks, st));
}

void
create_was_read(struct create *c, const struct readers_file *f)
{
	c->fill.was_read = f;
}

/*
 * If an archive before has the same file, by its digest, keep that.  1; 0:
 * store it; -1: the run fails.
 */
static int
create_same(struct create *c, const struct entry *stored,
    const struct fdb_stat *st, int fd)
{
	struct buf	 text = { NULL, 0, 0 };
	struct entry	 e = *stored;
	const char	*line;
	int		 n;

	if ((n = since_may_equal(c->since, e.name, st)) != 1 ||
	    (n = same_digest(c->same, &e, st, fd, false)) != 1)
		return n;
	n = -1;
	if (same_line(c->same, c->fill.owners, &e, &text) == 0)
		switch (since_compare(c->since, e.name, buf_str(&text),
		    &line)) {
		case SINCE_FAILED:
			break;
		case SINCE_KEEP:
			n = create_kept(c, e.name, st, "", line);
			n = n == -1 ? -1 : 1;
			break;
		default:
			n = 0;
		}
	buf_free(&text);
	return n;
}

/* Count a file that a dry run does not open. */
static int
create_counted(struct create *c, const struct entry *e,
    const struct fdb_stat *st)
{
	int	 n;

	if ((n = fill_names_fit(&c->fill, e)) != 1)
		return n;
	if (census_member(&c->census, e, e->size) == -1)
		return -1;
	return create_remember(c, e, st);
}

int
create_file(struct create *c, const char *name, const struct fdb_stat *st,
    int fd)
{
	struct entry	 e;
	int		 n;

	create_entry(c, &e, name, st);
	if (c->differ != NULL)
		n = differ_member(c->differ, since_earlier(c->since), &e, st,
		    fd);
	else if (fill_is_own(&c->job->output, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive itself");
	else if (fill_is_own(&c->job->previous, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive that will be replaced");
	else if ((n = create_again(c, &e, st)) == 0 && c->fill.pipeline == NULL)
		n = create_counted(c, &e, st);
	else if (n == 0) {
		if (c->same != NULL && (n = create_same(c, &e, st, fd)) != 0)
			goto out;
		if (fill_is_direct(&c->fill, st) &&
		    fill_names_fit(&c->fill, &e) == 1)
			return fill_direct(&c->fill, &e, st, fd);
		n = fill_contents(&c->fill, &e, st, fd);
		/* A damaged file is read again under its other names. */
		if (n == 1)
			n = create_remember(c, &e, st);
	}
out:
	if (fd != -1)
		fdbatch_add(&c->closing, fd);
	return n == -1 ? -1 : 0;
}

void
create_mark(struct create *c)
{
	census_mark(&c->census);
}

int
create_subtotal(struct create *c, const char *name)
{
	return c->fill.pipeline == NULL && c->differ == NULL ?
	    census_subtotal(&c->census, name) : 0;
}

int
create_total(struct create *c, const char *name)
{
	return c->fill.pipeline == NULL && c->differ == NULL ?
	    census_total(&c->census, name) : 0;
}

int
create_finish(struct create *c)
{
	const struct since_report report = {
		create_removed, create_unseen, c->differ != NULL, c
	};
	struct slab	*s;

	if (c->since != NULL && since_finish(c->since, &report) == -1)
		return -1;
	if (c->fill.pipeline == NULL)
		return 0;
	if ((s = pipeline_slab(c->fill.pipeline)) == NULL)
		return -1;
	s->end = true;
	pipeline_pass(c->fill.pipeline);
	return pipeline_wait(c->fill.pipeline);
}
