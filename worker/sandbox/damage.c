/*
 * damage.c: compare what was restored with the manifest; see sandbox/damage.h.
 *
 * Runs in the worker, confined.  Touches the descriptors of two temporary
 * files.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/damage.h"
#include "sandbox/manifestcheck.h"
#include "sandbox/match.h"
#include "sandbox/sample.h"
#include "sandbox/seen.h"
#include "sandbox/spool.h"

#define LINK_TAG	" tags=hardlink:"

struct damage {
	struct work		*work;
	struct reporter		*rep;
	const struct selection	*selection;
	struct spool		 lines;		/* about members */
	struct spool		 recorded;	/* the manifest */
	_Atomic uint64_t	 max;
	atomic_bool		 told;		/* it is reported once */
	bool			 off;		/* no room for more lines */
	bool			 have;		/* recorded has something */
	struct manifestcheck	 check;		/* of its lines */
	struct entry		 e;		/* of the manifest, perhaps */
	char			 uname[CHANNEL_OWNER_MAX];
	char			 gname[CHANNEL_OWNER_MAX];
	struct buf		 attributes;	/* as well */
	struct buf		 line, other, name;
	struct seen		*bad;		/* damaged files */
	bool			 found;
	uint64_t		 undigested;
	bool			 again;		/* not the first archive */
	bool			 incremental;	/* its manifest says */
	uint64_t		 gone;		/* names removed since */
	int			(*remove)(void *, const char *);
	void			*arg;
};

struct damage *
damage_new(struct work *w, const struct selection *selection)
{
	struct damage	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->bad = seen_new()) == NULL) {
		free(d);
		(void)reporter_no_memory(&w->rep);
		return NULL;
	}
	d->work = w;
	d->rep = &w->rep;
	d->selection = selection;
	spool_init(&d->lines, w->job->spools[0]);
	spool_init(&d->recorded, w->job->spools[1]);
	damage_bound(d, 0);
	return d;
}

void
damage_free(struct damage *d)
{
	if (d == NULL)
		return;
	spool_clear(&d->lines);
	spool_clear(&d->recorded);
	buf_free(&d->attributes);
	buf_free(&d->line);
	buf_free(&d->other);
	buf_free(&d->name);
	seen_free(d->bad);
	free(d);
}

void
damage_bound(struct damage *d, uint64_t consumed)
{
	atomic_store(&d->max, spool_bound(d->work->job->options->max_manifest,
	    consumed));
}

uint64_t
damage_room(struct damage *d)
{
	return atomic_load(&d->max);
}

static int
damage_fatal(struct damage *d)
{
	/* Both threads may have found it full. */
	if (atomic_exchange(&d->told, true))
		return -1;
	if (errno == ENOMEM)
		return reporter_no_memory(d->rep);
	(void)reporter_reportf(d->rep, REPORT_FATAL, "",
	    "the temporary file cannot be used: %s", strerror(errno));
	return -1;
}

int
damage_again(struct damage *d)
{
	d->again = true;
	d->off = d->have = d->found = d->incremental = false;
	d->undigested = d->gone = 0;
	seen_free(d->bad);
	if ((d->bad = seen_new()) == NULL)
		return reporter_no_memory(d->rep);
	damage_bound(d, 0);
	return spool_reset(&d->lines) == -1 ||
	    spool_reset(&d->recorded) == -1 ? damage_fatal(d) : 0;
}

/* There is no room for a line: go on without comparing. */
static int
damage_give_up(struct damage *d, const struct entry *e, bool is_long)
{
	d->off = true;
	if (is_long)
		return reporter_report(d->rep, REPORT_WARNING, e->name,
		    "contents are not compared with the manifest: the name, "
		    "link or owner of this member is too long");
	return reporter_reportf(d->rep, REPORT_WARNING, "", "contents are not "
	    "compared with the manifest: that would take more than %" PRIu64
	    " bytes of temporary space; --max-manifest raises this limit",
	    damage_room(d));
}

int
damage_add(struct damage *d, const struct entry *e)
{
	struct buf	*b = &d->lines.buf;
	size_t		 before = b->len;

	if (d->off)
		return 0;
	if (manifest_add(b, e) == -1)
		return damage_fatal(d);
	if (b->len - before > SPOOL_LINE_MAX) {
		buf_cut(b, before);
		return damage_give_up(d, e, true);
	}
	d->lines.max = damage_room(d);
	if (spool_added(&d->lines, b->len - before) == 0)
		return 0;
	return errno == EFBIG ? damage_give_up(d, e, false) : damage_fatal(d);
}

int
damage_begin_file(struct damage *d, const struct entry *e)
{
	d->e = *e;
	d->e.name = MANIFEST_NAME;
	d->e.link = d->e.hardlink = "";
	(void)strlcpy(d->uname, e->uname, sizeof(d->uname));
	(void)strlcpy(d->gname, e->gname, sizeof(d->gname));
	d->e.uname = d->uname;
	d->e.gname = d->gname;
	buf_cut(&d->attributes, 0);
	if (buf_add(&d->attributes, e->attributes, e->attributes_len) == -1)
		return damage_fatal(d);
	d->e.attributes = d->attributes.data;
	d->have = true;
	return spool_reset(&d->recorded) == -1 ? damage_fatal(d) : 0;
}

int
damage_add_file(struct damage *d, const void *p, size_t len)
{
	d->recorded.max = damage_room(d);
	if (spool_write(&d->recorded, p, len) == 0)
		return 0;
	if (errno != EFBIG)
		return damage_fatal(d);
	(void)reporter_reportf(d->rep, REPORT_FATAL, "", "the manifest takes "
	    "more than %" PRIu64 " bytes of temporary space; --max-manifest "
	    "raises this limit, and --digest none does without it",
	    d->recorded.max);
	return -1;
}

int
damage_take_file(struct damage *d, struct entry *e)
{
	if (!d->have)
		return 0;
	if (spool_rewind(&d->recorded) == -1)
		return damage_fatal(d);
	*e = d->e;
	return 1;
}

ssize_t
damage_read_file(struct damage *d, void *p, size_t len)
{
	ssize_t	 n = spool_read(&d->recorded, p, len);

	return n == -1 ? damage_fatal(d) : n;
}

int
damage_drop_file(struct damage *d)
{
	d->have = false;
	return spool_reset(&d->recorded) == -1 ? damage_fatal(d) : 0;
}

static int
damage_remove(struct damage *d, const char *name)
{
	if (d->work->job->options->keep_damaged)
		return 0;
	return d->remove(d->arg, name);
}

static int
damage_missing(void *arg, const char *name)
{
	struct damage	*d = arg;

	return reporter_report(d->rep, REPORT_MISSING, name,
	    "missing: it is in the manifest but not in the archive");
}

static int
damage_unexpected(void *arg, const char *name)
{
	struct damage	*d = arg;

	return reporter_report(d->rep, REPORT_UNEXPECTED, name,
	    "unexpected: it is in the archive but not in the manifest");
}

/* True if contents differ.  What else a link's target says does no harm. */
static bool
is_contents(const char *how)
{
	return strstr(how, "size=") != NULL ||
	    strstr(how, "sha256digest=") != NULL ||
	    strstr(how, "tags=sparse:") != NULL;
}

static int
damage_differs(void *arg, const char *name, const char *how)
{
	struct damage	*d = arg;

	if (reporter_reportf(d->rep, REPORT_DIFFERENT, name, "damaged: %s",
	    how) == -1)
		return -1;
	if (!is_contents(how))
		return 0;
	d->found = true;
	seen_put(d->bad, seen_hash(d->bad, name, strlen(name)), SEEN_MADE);
	return damage_remove(d, name);
}

/* What a line says that is about no member. */
static void
take_comment(struct damage *d, const char *line)
{
	struct manifest_head	 h;

	if (strncmp(line, MANIFEST_REMOVED, strlen(MANIFEST_REMOVED)) == 0)
		d->gone++;
	else if (manifest_head(&h, line) == 0)
		d->incremental = h.has_since;
}

/* Who restores an incremental archive alone may not know what that means. */
static int
damage_tell_incremental(struct damage *d)
{
	const struct options	*o = d->work->job->options;

	/* What a drill restores is removed again. */
	if (!d->incremental || d->again || o->removed || o->command->drills)
		return 0;
	return reporter_reportf(d->rep, REPORT_WARNING, d->rep->archive,
	    "this archive is an incremental one: files that had not changed "
	    "are in the archives before it, and %" PRIu64 " names that were "
	    "removed are left; give -f for each archive, the full one first, "
	    "or --removed to remove them, too", d->gone);
}

/* Was the member of a line asked for, whose name is in d->name? */
static bool
is_asked_for(struct damage *d, const char *line)
{
	const struct options	*o = d->work->job->options;
	const char		*link;
	struct buf		 b = { NULL, 0, 0 };
	size_t			 len;
	bool			 ret;

	if (!selection_covers(d->selection, buf_str(&d->name)))
		return false;
	if (!sample_wanted(o))
		return true;
	if ((link = manifest_hardlink(line, &len)) != NULL)
		(void)manifest_name(&b, link);
	ret = sample_takes(o, buf_str(&d->name), buf_str(&b),
	    manifest_is_directory(line));
	buf_free(&b);
	return ret;
}

/* Read the next line of the manifest.  1, 0 at its end, -1. */
static int
next_of_manifest(struct damage *d)
{
	int	 n = spool_line(&d->recorded, &d->other), ok;

	if (n == -1 && errno != EPROTO)
		return damage_fatal(d);
	if (n == 1)
		ok = manifestcheck_line(&d->check, buf_str(&d->other));
	else
		ok = n == 0 ? manifestcheck_finish(&d->check) :
		    manifestcheck_no_text(&d->check);
	if (ok == -1 && reporter_report(d->rep, REPORT_MANIFEST, MANIFEST_NAME,
	    d->check.why) == -1)
		return -1;
	return n == 1;
}

/*
 * The next line of the manifest about a member that the archive holds and that
 * was asked for.
 */
static int
next_recorded(struct damage *d)
{
	int	 n;

	for (;;) {
		if ((n = next_of_manifest(d)) != 1)
			return n;
		take_comment(d, buf_str(&d->other));
		/* Such a line is about a member that has another line, too. */
		if (strncmp(buf_str(&d->other), MANIFEST_ALSO,
		    strlen(MANIFEST_ALSO)) == 0) {
			buf_drop(&d->other, strlen(MANIFEST_ALSO));
			/* Superseded: it was not restored. */
			if (!manifest_is_directory(buf_str(&d->other)))
				continue;
		}
		if (manifest_name_len(buf_str(&d->other)) == 0 ||
		    !manifest_is_held(buf_str(&d->other)))
			continue;
		/* The archive does not have the state of its file. */
		buf_cut(&d->other, manifest_len(buf_str(&d->other)));
		buf_cut(&d->name, 0);
		if (manifest_name(&d->name, buf_str(&d->other)) == -1 ||
		    is_asked_for(d, buf_str(&d->other)))
			return 1;
	}
}

static int
next_line(struct damage *d)
{
	int	 n;

	if ((n = spool_line(&d->lines, &d->line)) == -1)
		return damage_fatal(d);
	return n;
}

static int
damage_compare(struct damage *d, struct match *m)
{
	int	 a = 1, r = 1;

	while (a == 1 || r == 1) {
		if (a == 1 && (a = next_line(d)) == -1)
			return -1;
		if (r == 1 && (r = next_recorded(d)) == -1)
			return -1;
		if (a == 1 && r == 1 &&
		    strcmp(buf_str(&d->line), buf_str(&d->other)) == 0)
			continue;
		if (r == 1 && manifest_lacks_digest(buf_str(&d->other)))
			d->undigested++;
		if ((a == 1 && match_archived(m, buf_str(&d->line)) == -1) ||
		    (r == 1 && match_recorded(m, buf_str(&d->other)) == -1))
			return reporter_no_memory(d->rep);
	}
	return match_finish(m);
}

/* Hard links to files that are damaged are damaged, too. */
static int
damage_links(struct damage *d)
{
	const char	*link;
	int		 n;

	if (spool_rewind(&d->lines) == -1)
		return damage_fatal(d);
	while ((n = next_line(d)) == 1) {
		link = strstr(buf_str(&d->line), LINK_TAG);
		if (link == NULL)
			continue;
		buf_cut(&d->name, 0);
		if (manifest_name(&d->name, link + strlen(LINK_TAG)) == -1 ||
		    seen_get(d->bad, seen_hash(d->bad, buf_str(&d->name),
		    d->name.len)) == SEEN_NOT)
			continue;
		buf_cut(&d->name, 0);
		if (manifest_name(&d->name, buf_str(&d->line)) == -1)
			continue;
		if (reporter_report(d->rep, REPORT_DIFFERENT,
		    buf_str(&d->name), "damaged: it is a hard link to a "
		    "damaged file") == -1 ||
		    damage_remove(d, buf_str(&d->name)) == -1)
			return -1;
	}
	return n;
}

int
damage_find(struct damage *d, int (*remove)(void *, const char *), void *arg)
{
	const struct match_report	 report = {
		damage_missing, damage_unexpected, damage_differs, d
	};
	struct match			*m;
	int				 ret;

	if (d->off)
		return 0;
	if (!d->have)
		return reporter_report(d->rep, REPORT_NOTE, "", "the archive "
		    "has no manifest with which contents could be compared");
	d->remove = remove;
	d->arg = arg;
	if (spool_rewind(&d->lines) == -1 || spool_rewind(&d->recorded) == -1)
		return damage_fatal(d);
	if ((m = match_new(&report)) == NULL)
		return reporter_no_memory(d->rep);
	manifestcheck_init(&d->check);
	ret = damage_compare(d, m);
	match_free(m);
	if (ret == 0 && d->found)
		ret = damage_links(d);
	if (ret == 0)
		ret = damage_tell_incremental(d);
	if (ret == 0 && d->undigested > 0)
		ret = reporter_reportf(d->rep, REPORT_WARNING, "",
		    "the contents of %" PRIu64 " files were not compared: "
		    "the manifest has no digests of them", d->undigested);
	return ret;
}
