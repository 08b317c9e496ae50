/*
 * list.c: the command list; see sandbox/list.h.
 *
 * Runs in the worker, confined after list_prepare().  Touches the descriptor of
 * the archive.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "base/pathname.h"
#include "sandbox/attributes.h"
#include "sandbox/list.h"
#include "sandbox/manifestcheck.h"
#include "sandbox/origin.h"
#include "sandbox/reader.h"
#include "sandbox/sparsedigest.h"
#include "sandbox/work.h"

/* Only JSON has digests; libcrypto must be loaded before confinement. */
int
list_prepare(struct work *w)
{
	if (!w->job->options->json)
		return 0;
	if ((w->state = sparsedigest_new()) != NULL)
		return 0;
	(void)reporter_report(&w->rep, REPORT_FATAL, "",
	    "libcrypto has no SHA-256");
	return -1;
}

void
list_release(struct work *w)
{
	sparsedigest_free(w->state);
}

/* Read a file, for its digest.  What has holes gets none.  0, or -1. */
static int
list_contents(struct work *w, struct reader *r, struct entry *e)
{
	struct sparsedigest	*d = w->state;
	const void		*p;
	uint64_t		 offset, end = 0;
	size_t			 len;
	bool			 sparse;
	int			 n;

	if (sparsedigest_begin(d) == -1)
		goto crypto;
	while ((n = reader_data(r, &p, &len, &offset)) == 1) {
		if (sparsedigest_add(d, offset, p, len) == -1)
			goto crypto;
		end = offset + len;
	}
	if (n == -1)
		return reader_report(r, &w->rep);
	/* A member of zip may have its size after its contents. */
	if (e->size == 0)
		e->size = end;
	if (sparsedigest_end(d, e->size, &sparse, e->digest) == -1)
		goto crypto;
	if (sparse)
		e->sparse = true;
	e->has_digest = !sparse && end == e->size;
	return 0;

crypto:
	(void)reporter_report(&w->rep, REPORT_FATAL, "",
	    "libcrypto cannot compute SHA-256");
	return -1;
}

/* Add what only JSON has.  0, or -1. */
static int
list_details(struct work *w, struct reader *r, struct entry *e,
    struct buf *names)
{
	buf_cut(names, 0);
	if (attributes_names(names, e->attributes, e->attributes_len) == -1)
		return reporter_no_memory(&w->rep);
	e->xattrs = buf_str(names);
	e->xattrs_len = names->len;
	if (!S_ISREG(e->mode) || e->hardlink[0] != '\0')
		return 0;
	return list_contents(w, r, e);
}

static int
list_member(struct work *w, struct reader *r, struct entry *e,
    struct buf *names)
{
	struct reporter	*rep = &w->rep;

	if (!rep->verbose && strcmp(e->name, MANIFEST_NAME) == 0)
		return 0;
	if (w->state != NULL && list_details(w, r, e, names) == -1)
		return -1;
	if (channel_put_entry(&rep->channel, e) == -1)
		return -1;
	return reporter_count(rep, e->name, e->size);
}

/* Print a name that was removed, unless it could lead anywhere else. */
static int
removed_line(struct work *w, const char *line, struct buf *name)
{
	const char	*p = line + strlen(MANIFEST_REMOVED);
	bool		 dir;
	struct entry	 e;

	if (strncmp(line, MANIFEST_REMOVED, strlen(MANIFEST_REMOVED)) != 0)
		return 0;
	buf_cut(name, 0);
	if (manifest_removed(name, line, &dir) == -1 ||
	    name->len > CHANNEL_TEXT_MAX ||
	    strlen(buf_str(name)) != name->len ||
	    !pathname_is_clean(buf_str(name))) {
		(void)reporter_reportf(&w->rep, REPORT_FATAL, w->rep.archive,
		    "the manifest is damaged: this is no name that can be "
		    "removed: %.200s", p);
		return -1;
	}
	entry_init(&e, buf_str(name));
	e.mode = dir ? S_IFDIR : S_IFREG;
	if (channel_put_entry(&w->rep.channel, &e) == -1)
		return -1;
	return reporter_count(&w->rep, buf_str(name), 0);
}

/* List what the lines of a manifest say was removed.  0, or -1: reported. */
static int
removed_lines(struct work *w, struct spool *in)
{
	struct buf		 line = { NULL, 0, 0 }, name = { NULL, 0, 0 };
	struct manifestcheck	 check;
	int			 n, ret = -1;

	manifestcheck_init(&check);
	while ((n = spool_line(in, &line)) == 1)
		if (manifestcheck_line(&check, buf_str(&line)) == -1 ||
		    removed_line(w, buf_str(&line), &name) == -1)
			goto out;
	if (n == 0)
		ret = manifestcheck_finish(&check);
	else if (errno == EPROTO)
		(void)manifestcheck_no_text(&check);
	else
		(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive,
		    strerror(errno));
out:
	if (check.why != NULL)
		(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive,
		    check.why);
	buf_free(&line);
	buf_free(&name);
	return ret;
}

/* List what was removed since the archive before. */
static int
list_removed(struct work *w)
{
	struct spool	 spool, file;
	struct spool	*in = &spool;
	int		 ret = -1;

	spool_init(&spool, w->job->spools[0]);
	spool_init(&file, w->archive);
	switch (origin_find(w->archive, w->rep.archive, w->job->options, &spool,
	    &w->rep)) {
	case ORIGIN_FAILED:
		goto out;
	case ORIGIN_NONE:
		(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive,
		    "there is no manifest at its end, which would say what was "
		    "removed");
		goto out;
	case ORIGIN_FILE:
		in = &file;
		break;
	case ORIGIN_MEMBER:
		break;
	}
	if (spool_rewind(in) == 0)
		ret = removed_lines(w, in);
	else
		(void)reporter_report(&w->rep, REPORT_FATAL, w->rep.archive,
		    strerror(errno));
out:
	spool_clear(&spool);
	spool_clear(&file);
	return ret;
}

int
list_run(struct work *w)
{
	struct reporter	*rep = &w->rep;
	struct buf	 names = { NULL, 0, 0 };
	struct reader	*r;
	struct entry	 e;
	int		 n, ret = -1;

	if (w->job->options->removed)
		return list_removed(w);
	if ((r = reader_new(w->archive)) == NULL)
		return reporter_no_memory(rep);
	while ((n = reader_next(r, &e)) == 1)
		if (list_member(w, r, &e, &names) == -1)
			goto out;
	if (n == 0 && reader_finish(r) == 0)
		ret = 0;
	else
		(void)reader_report(r, rep);
out:
	buf_free(&names);
	reader_free(r);
	return ret;
}
