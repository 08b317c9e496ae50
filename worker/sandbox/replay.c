/*
 * replay.c: a full archive and its incremental ones; see sandbox/replay.h.
 *
 * Runs in the worker, confined after replay_new().  Touches the descriptors of
 * the archives and of two temporary files: one for the manifest of the archive
 * that is read, and one for the lines of all of them about removed names.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pathname.h"
#include "sandbox/dirs.h"
#include "sandbox/manifestcheck.h"
#include "sandbox/origin.h"
#include "sandbox/place.h"
#include "sandbox/replay.h"
#include "sandbox/seen.h"
#include "sandbox/spool.h"

/* Follows the lines of each archive; no line of a manifest is like it. */
#define REPLAY_NEXT	"#next"

#define DATE_MAX	64

struct replay {
	struct work		*work;
	struct reporter		*rep;
	const struct selection	*selection;
	size_t			 strip;
	struct spool		 manifest;	/* of one archive */
	struct manifestcheck	 check;		/* of its lines */
	struct spool		 names;		/* lines of all archives */
	struct manifest_head	 last;		/* of the archive before */
	struct buf		 line, name, place;
};

struct replay *
replay_new(struct work *w, const struct selection *selection)
{
	struct replay	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL) {
		(void)reporter_no_memory(&w->rep);
		return NULL;
	}
	r->work = w;
	r->rep = &w->rep;
	r->selection = selection;
	r->strip = w->job->options->strip;
	spool_init(&r->manifest, w->job->spools[1]);
	spool_init(&r->names, w->job->spools[2]);
	return r;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	spool_clear(&r->manifest);
	spool_clear(&r->names);
	buf_free(&r->line);
	buf_free(&r->name);
	buf_free(&r->place);
	free(r);
}

int
replay_descriptor(const struct work *w, size_t i)
{
	return i == 0 ? w->archive : w->job->archives[i];
}

const char *
replay_name(const struct work *w, size_t i)
{
	const char	*name;

	if (i >= w->job->options->archives.n)
		return w->rep.archive;
	name = w->job->options->archives.v[i];
	return strcmp(name, "-") == 0 ? "standard input" : name;
}

static int
replay_fatal(struct replay *r, size_t i, const char *why)
{
	(void)reporter_reportf(r->rep, REPORT_FATAL, replay_name(r->work, i),
	    "%s; nothing was restored", why);
	return -1;
}

static int
replay_spool_fatal(struct replay *r)
{
	if (errno == ENOMEM)
		return reporter_no_memory(r->rep);
	(void)reporter_reportf(r->rep, REPORT_FATAL, "", "the temporary file "
	    "cannot be used: %s", strerror(errno));
	return -1;
}

static const char *
date(char *text, int64_t when)
{
	time_t		 t = (time_t)when;
	struct tm	 tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)strlcpy(text, "an unknown time", DATE_MAX);
	return text;
}

/* Does an archive follow the one before it? */
static int
check_order(struct replay *r, size_t i, const struct manifest_head *h)
{
	char	 since[DATE_MAX], began[DATE_MAX];

	if (i == 0)
		return 0;
	if (!h->has_since)
		return replay_fatal(r, i, "it is a full archive: give it "
		    "first, and then its incremental ones in their order");
	if (h->since == r->last.began && h->since_nsec == r->last.began_nsec)
		return 0;
	(void)reporter_reportf(r->rep, REPORT_FATAL, replay_name(r->work, i),
	    "it follows the archive that was begun at %s, and %s was begun at "
	    "%s: give all archives, in their order; nothing was restored",
	    date(since, h->since), replay_name(r->work, i - 1),
	    date(began, r->last.began));
	return -1;
}

static int
keep_line(struct replay *r, const char *line)
{
	if (spool_write(&r->names, line, strlen(line)) == 0 &&
	    spool_write(&r->names, "\n", 1) == 0)
		return 0;
	return replay_spool_fatal(r);
}

static bool
is_removed(const char *line)
{
	return strncmp(line, MANIFEST_REMOVED, strlen(MANIFEST_REMOVED)) == 0;
}

/*
 * Add where a member belongs, and the directories on the way: nothing that was
 * removed from there under another name may take it away.  0 or -1.
 */
static int
add_place(struct replay *r, struct seen *places)
{
	const char	*place, *slash, *why;

	if (!selection_covers(r->selection, buf_str(&r->name)))
		return 0;
	switch (place_name(&r->place, buf_str(&r->name), r->strip, &why)) {
	case PLACE_OK:
		break;
	case PLACE_NO_MEMORY:
		return reporter_no_memory(r->rep);
	default:
		return 0;
	}
	place = buf_str(&r->place);
	for (slash = strchr(place, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/'))
		seen_put(places, seen_hash(places, place,
		    (size_t)(slash - place)), SEEN_DIR);
	seen_put(places, seen_hash(places, place, r->place.len), SEEN_KEPT);
	return seen_is_full(places) ? reporter_no_memory(r->rep) : 0;
}

/* Keep a line about a removed name, unless a member belongs in its place. */
static int
keep_free(struct replay *r, const char *line, const struct seen *places)
{
	const char	*why;
	bool		 dir;

	buf_cut(&r->name, 0);
	if (places != NULL && manifest_removed(&r->name, line, &dir) == 0 &&
	    place_name(&r->place, buf_str(&r->name), r->strip,
	    &why) == PLACE_OK && seen_get(places, seen_hash(places,
	    buf_str(&r->place), r->place.len)) != SEEN_NOT)
		return 0;
	/* What is wrong with a name is told when it is handed out. */
	return keep_line(r, line);
}

/* Read the lines once more, which are complete. */
static int
read_again(struct replay *r, int (*use)(struct replay *, const char *,
    struct seen *), struct seen *places)
{
	int	 n;

	if (spool_rewind(&r->manifest) == -1)
		return replay_spool_fatal(r);
	while ((n = spool_line(&r->manifest, &r->line)) == 1)
		if (use(r, buf_str(&r->line), places) == -1)
			return -1;
	return n == -1 ? replay_spool_fatal(r) : 0;
}

static int
use_member(struct replay *r, const char *line, struct seen *places)
{
	buf_cut(&r->name, 0);
	if (manifest_name_len(line) == 0)
		return 0;
	if (manifest_name(&r->name, line) == 0)
		return add_place(r, places);
	return errno == ENOMEM ? reporter_no_memory(r->rep) : 0;
}

static int
use_removed(struct replay *r, const char *line, struct seen *places)
{
	return is_removed(line) ? keep_free(r, line, places) : 0;
}

/*
 * Keep the lines about removed names.  Several names may have one place if
 * components are stripped.
 */
static int
keep_lines(struct replay *r)
{
	struct seen	*places = NULL;
	int		 ret;

	if (r->strip > 0 && (places = seen_new()) == NULL)
		return reporter_no_memory(r->rep);
	ret = places != NULL ? read_again(r, use_member, places) : 0;
	if (ret == 0)
		ret = read_again(r, use_removed, places);
	seen_free(places);
	return ret;
}

/* Read a manifest: keep its lines about removed names. */
static int
read_lines(struct replay *r, size_t i)
{
	uint64_t	 removed = 0;
	int		 n = 0, ok = 0;

	manifestcheck_init(&r->check);
	while (ok == 0 && (n = spool_line(&r->manifest, &r->line)) == 1) {
		ok = manifestcheck_line(&r->check, buf_str(&r->line));
		if (is_removed(buf_str(&r->line)))
			removed++;
	}
	if (ok == 0 && n == -1 && errno != EPROTO)
		return replay_spool_fatal(r);
	if (ok == 0)
		ok = n == 0 ? manifestcheck_finish(&r->check) :
		    manifestcheck_no_text(&r->check);
	if (ok == -1)
		return replay_fatal(r, i, r->check.why);
	if (check_order(r, i, &r->check.head) == -1)
		return -1;
	r->last = r->check.head;
	if (removed > 0 && keep_lines(r) == -1)
		return -1;
	return keep_line(r, REPLAY_NEXT);
}

static int
check_archive(struct replay *r, size_t i)
{
	int	 fd = replay_descriptor(r->work, i);

	/* Messages of the reader name it. */
	r->rep->archive = replay_name(r->work, i);
	if (lseek(fd, 0, SEEK_SET) == -1)
		return replay_fatal(r, i, "it is read twice, and must be a "
		    "file");
	if (spool_reset(&r->manifest) == -1)
		return replay_spool_fatal(r);
	switch (origin_find(fd, r->rep->archive, r->work->job->options,
	    &r->manifest, r->rep)) {
	case ORIGIN_FAILED:
		return reporter_report(r->rep, REPORT_FATAL, "",
		    "nothing was restored"), -1;
	case ORIGIN_FILE:
		return replay_fatal(r, i, "it is a manifest and no archive");
	case ORIGIN_NONE:
		return replay_fatal(r, i, "it has no manifest at its end, "
		    "which would say what it follows and what was removed");
	case ORIGIN_MEMBER:
		break;
	}
	if (spool_rewind(&r->manifest) == -1)
		return replay_spool_fatal(r);
	return read_lines(r, i) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1 ? -1 : 0;
}

int
replay_check(struct replay *r)
{
	size_t	 i;

	for (i = 0; i < r->work->job->options->archives.n; i++)
		if (check_archive(r, i) == -1)
			return -1;
	if (spool_reset(&r->manifest) == -1 || spool_rewind(&r->names) == -1)
		return replay_spool_fatal(r);
	return 0;
}

/* A name that the manifest should not have.  0 or -1. */
static int
refuse(struct replay *r, const char *line, const char *why)
{
	return reporter_reportf(r->rep, REPORT_UNREADABLE, line +
	    strlen(MANIFEST_REMOVED), "not removed: %s", why);
}

/*
 * Set r->place to the name of a line.  1; 0: it is refused or was not asked
 * for; -1.
 */
static int
take_name(struct replay *r, const char *line, bool *dir)
{
	const char	*name, *why;

	buf_cut(&r->name, 0);
	if (manifest_removed(&r->name, line, dir) == -1)
		return errno == ENOMEM ? reporter_no_memory(r->rep) :
		    refuse(r, line, "this is no name");
	name = buf_str(&r->name);
	if (strlen(name) != r->name.len)
		return refuse(r, line, "the name has a NUL");
	if (r->name.len == 0 || strcmp(name, ".") == 0)
		return refuse(r, line, "it is the destination itself");
	/* One that ".." leads out of is refused, and so is "/etc" or "a//b". */
	switch (place_name(&r->place, name, 0, &why)) {
	case PLACE_OK:
		break;
	case PLACE_NO_MEMORY:
		return reporter_no_memory(r->rep);
	default:
		return refuse(r, line, why);
	}
	if (strcmp(buf_str(&r->place), name) != 0)
		return refuse(r, line, "no member can have this name");
	if (!selection_covers(r->selection, name))
		return 0;
	if (r->strip > 0 && place_name(&r->place, name, r->strip,
	    &why) == PLACE_NO_MEMORY)
		return reporter_no_memory(r->rep);
	return r->place.len > 0 ? 1 : 0;
}

/* Keep a directory until its files have been handed out. */
static int
keep_dir(struct replay *r, struct dirs *dirs)
{
	struct object	 o;
	struct entry	 e;

	entry_init(&e, buf_str(&r->place));
	if (object_make(&o, &e, e.name, "", 0) == -1 ||
	    dirs_add(dirs, &o) == -1)
		return reporter_no_memory(r->rep);
	return 0;
}

static int
hand_out(struct replay *r, struct dirs *dirs,
    int (*remove)(void *, const char *, bool), void *arg)
{
	const char	*line;
	bool		 dir;
	int		 n;

	while ((n = spool_line(&r->names, &r->line)) == 1) {
		line = buf_str(&r->line);
		if (strcmp(line, REPLAY_NEXT) == 0)
			return 0;
		if ((n = take_name(r, line, &dir)) == 0)
			continue;
		if (n == -1 || (dir ? keep_dir(r, dirs) :
		    remove(arg, buf_str(&r->place), false)) == -1)
			return -1;
	}
	return n == -1 ? replay_spool_fatal(r) : 0;
}

int
replay_removed(struct replay *r, int (*remove)(void *, const char *, bool),
    void *arg)
{
	struct dirs	*dirs;
	struct object	 o;
	int		 ret, n = 0;

	if ((dirs = dirs_new(SIZE_MAX)) == NULL)
		return reporter_no_memory(r->rep);
	ret = hand_out(r, dirs, remove, arg);
	while (ret == 0 && (n = dirs_next(dirs, &o)) == 1) {
		ret = remove(arg, o.name, true);
		object_clear(&o);
	}
	dirs_free(dirs);
	return n == -1 ? reporter_no_memory(r->rep) : ret;
}

int
replay_stopped(struct work *w, size_t i, bool fatal)
{
	size_t	 n = w->job->options->archives.n;

	if (n <= 1)
		return 0;
	(void)reporter_reportf(&w->rep, fatal ? REPORT_FATAL : REPORT_WARNING,
	    replay_name(w, i), "the run stopped in this archive, number %zu of "
	    "%zu: it is restored in part, and the %zu after it are not", i + 1,
	    n, n - i - 1);
	return 0;
}
