/*
 * list.c: the command list; see sandbox/list.h.
 *
 * Runs in the worker, confined after list_prepare().  Touches the descriptor of
 * the archive.
 */

#include "config.h"

#include <sys/stat.h>

#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/list.h"
#include "sandbox/manifest.h"
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

int
list_run(struct work *w)
{
	struct reporter	*rep = &w->rep;
	struct buf	 names = { NULL, 0, 0 };
	struct reader	*r;
	struct entry	 e;
	int		 n, ret = -1;

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
