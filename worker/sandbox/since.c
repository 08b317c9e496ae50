/*
 * since.c: what has changed since an earlier archive; see sandbox/since.h.
 *
 * Runs in the worker, confined after since_new().  Touches the descriptors of
 * the earlier manifest, or archive, and of a spool.
 *
 * A name that the earlier manifest has and the walk has not found was removed
 * only if its directory was read to its end, or was removed itself.  Otherwise
 * nobody knows: its line stays, marked, so that a later run finds out.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/earlier.h"
#include "sandbox/origin.h"
#include "sandbox/since.h"
#include "sandbox/spool.h"

struct since {
	const struct job	*job;
	const char		*file;		/* for messages */
	struct reporter		*rep;
	struct earlier		*earlier;
	struct spool		 spool;		/* of an archive's manifest */
	struct buf		 name, line, text;
};

struct since *
since_new(const struct job *job, struct reporter *rep)
{
	const struct options	*o = job->options;
	struct since		*s;
	const char		*file;

	file = o->since != NULL ? o->since : rep->archive;
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->earlier = earlier_new(file)) == NULL) {
		(void)reporter_no_memory(rep);
		free(s);
		return NULL;
	}
	s->job = job;
	s->file = file;
	s->rep = rep;
	spool_init(&s->spool, job->spools[1]);
	return s;
}

void
since_free(struct since *s)
{
	if (s == NULL)
		return;
	earlier_free(s->earlier);
	spool_clear(&s->spool);
	buf_free(&s->name);
	buf_free(&s->line);
	buf_free(&s->text);
	free(s);
}

static int
since_fatal(struct since *s)
{
	if (errno == ENOMEM)
		return reporter_no_memory(s->rep);
	(void)reporter_reportf(s->rep, REPORT_FATAL, "", "%s: %s", s->file,
	    strerror(errno));
	return -1;
}

int
since_load(struct since *s, struct choice *c)
{
	const char		*name = s->job->options->since;
	const struct manifest_head *h = earlier_head(s->earlier);
	int			 fd = s->job->since;

	switch (origin_find(fd, name, s->job->options, &s->spool, s->rep)) {
	case ORIGIN_FAILED:
		return -1;
	case ORIGIN_NONE:
		(void)reporter_reportf(s->rep, REPORT_FATAL, "", "%s: the "
		    "archive has no manifest at its end, so nobody can tell "
		    "what has changed since; make a full archive", name);
		return -1;
	case ORIGIN_FILE:
		break;
	case ORIGIN_MEMBER:
		/* What waits to be written comes before what is read. */
		fd = s->job->spools[1];
		if (spool_rewind(&s->spool) == -1)
			return since_fatal(s);
		break;
	}
	if (earlier_load(s->earlier, fd, false, s->rep) == -1)
		return -1;
	/* Whoever compares contents needs all files. */
	if (s->job->options->contents)
		return 0;
	c->walk |= FDB_WALK_SINCE;
	c->since = h->began - SINCE_MARGIN;
	c->since_nsec = h->began_nsec;
	return 0;
}

int
since_load_lines(struct since *s, int fd, bool foreign)
{
	return earlier_load(s->earlier, fd, foreign, s->rep);
}

struct earlier *
since_earlier(struct since *s)
{
	return s->earlier;
}

void
since_began(const struct since *s, int64_t *began, uint32_t *nsec)
{
	*began = earlier_head(s->earlier)->began;
	*nsec = earlier_head(s->earlier)->began_nsec;
}

/* Find the line of a member.  1; 0: it has none; -1, which was reported. */
static int
find_member(struct since *s, const char *member, earlier_at *at,
    const char **line)
{
	int	 n;

	buf_cut(&s->name, 0);
	if (manifest_encode(&s->name, member) == -1 ||
	    (n = earlier_find(s->earlier, buf_str(&s->name), s->name.len, at,
	    line)) == -1)
		return since_fatal(s);
	return n;
}

static int
mark_member(struct since *s, const char *member, unsigned int flag)
{
	const char	*line;
	earlier_at	 at;
	int		 n;

	if ((n = find_member(s, member, &at, &line)) == 1)
		earlier_mark(s->earlier, at, flag);
	return n == -1 ? -1 : 0;
}

int
since_seen(struct since *s, const char *member)
{
	return mark_member(s, member, EARLIER_SEEN);
}

int
since_listed(struct since *s, const char *member)
{
	return mark_member(s, member, EARLIER_LISTED);
}

int
since_absent(struct since *s, const char *member)
{
	const char	*line;
	earlier_at	 at;
	int		 n;

	if ((n = find_member(s, member, &at, &line)) == 1)
		earlier_mark(s->earlier, at, EARLIER_ABSENT);
	return n;
}

int
since_met(struct since *s, const char *member)
{
	return mark_member(s, member, EARLIER_MET);
}

/* Is the file unchanged that the line of a hard link belongs to?  1, 0, -1. */
static int
is_link_kept(struct since *s, const char *line)
{
	const char	*link, *other;
	earlier_at	 at;
	size_t		 len;
	int		 n;

	if ((link = manifest_hardlink(line, &len)) == NULL)
		return 1;
	if ((n = earlier_find(s->earlier, link, len, &at, &other)) == -1)
		return since_fatal(s);
	return n == 1 && (earlier_flags(s->earlier, at) & EARLIER_KEPT);
}

/* Keep the line of a member, and say so. */
static enum since_verdict
since_keep(struct since *s, earlier_at at, const char **line)
{
	int	 n;

	if ((n = is_link_kept(s, buf_str(&s->line))) == -1)
		return SINCE_FAILED;
	if (n == 0)
		return SINCE_STORE;
	earlier_mark(s->earlier, at, EARLIER_KEPT);
	*line = buf_str(&s->line);
	return SINCE_KEEP;
}

/* Copy the earlier line, to s->line.  0 or -1. */
static int
copy_line(struct since *s, const char *line)
{
	buf_cut(&s->line, 0);
	if (buf_puts(&s->line, line) == -1)
		return reporter_no_memory(s->rep);
	return 0;
}

enum since_verdict
since_judge(struct since *s, const char *member, const struct fdb_stat *st,
    const char *link, bool old, const char **line)
{
	struct entry	 e;
	const char	*before;
	earlier_at	 at;
	int		 n;

	if ((n = find_member(s, member, &at, &before)) == -1)
		return SINCE_FAILED;
	if (n == 0)
		return SINCE_STORE;
	earlier_mark(s->earlier, at, EARLIER_SEEN);
	if (manifest_is_directory(before)) {
		earlier_mark(s->earlier, at, EARLIER_REPLACED);
		return SINCE_REPLACE;
	}
	if (!old || earlier_flags(s->earlier, at) & EARLIER_TWICE)
		return SINCE_STORE;
	entry_from_stat(&e, member, st);
	e.link = link;
	buf_cut(&s->text, 0);
	if (manifest_add(&s->text, &e) == -1 || copy_line(s, before) == -1)
		return reporter_no_memory(s->rep), SINCE_FAILED;
	buf_cut(&s->text, s->text.len - 1);
	if (!manifest_is_same(buf_str(&s->text), buf_str(&s->line)))
		return SINCE_STORE;
	buf_cut(&s->line, manifest_state_len(buf_str(&s->line)));
	return since_keep(s, at, line);
}

int
since_may_equal(struct since *s, const char *member,
    const struct fdb_stat *st)
{
	struct buf	 names[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct entry	 e;
	const char	*line;
	earlier_at	 at;
	int		 n;

	if ((n = find_member(s, member, &at, &line)) != 1)
		return n;
	entry_init(&e, member);
	n = manifest_parse(&e, line, &names[0], &names[1]) == 0 &&
	    e.has_digest && e.size == st->size && e.mtime == st->mtime &&
	    e.mtime_nsec == st->mtime_nsec && e.uid == st->uid &&
	    e.gid == st->gid;
	buf_free(&names[0]);
	buf_free(&names[1]);
	return n;
}

enum since_verdict
since_compare(struct since *s, const char *member, const char *now,
    const char **line)
{
	const char	*before;
	earlier_at	 at;
	size_t		 len;
	int		 n;

	if ((n = find_member(s, member, &at, &before)) == -1)
		return SINCE_FAILED;
	if (n == 0)
		return SINCE_STORE;
	earlier_mark(s->earlier, at, EARLIER_SEEN);
	if (manifest_is_directory(before)) {
		earlier_mark(s->earlier, at, EARLIER_REPLACED);
		return SINCE_REPLACE;
	}
	len = manifest_len(now);
	if (earlier_flags(s->earlier, at) & EARLIER_TWICE ||
	    manifest_len(before) != len || memcmp(before, now, len) != 0)
		return SINCE_STORE;
	if (copy_line(s, now) == -1)
		return SINCE_FAILED;
	return since_keep(s, at, line);
}

/* The length of the name of the directory that an encoded name is in, or 0. */
static size_t
parent_len(const char *name, size_t len)
{
	while (len > 0 && name[len - 1] != '/')
		len--;
	return len > 0 ? len - 1 : 0;
}

/*
 * Is a name gone that the walk has not found?  The directory that it is in
 * decides, or the one above, and so on.  1, 0, or -1 with errno.
 */
static int
is_gone(struct since *s, const char *name, size_t len)
{
	const char	*line;
	earlier_at	 at;
	unsigned int	 flags;
	int		 n;

	while ((len = parent_len(name, len)) > 0) {
		if ((n = earlier_find(s->earlier, name, len, &at,
		    &line)) != 1)
			return n;
		flags = earlier_flags(s->earlier, at);
		if (flags & (EARLIER_LISTED | EARLIER_GONE | EARLIER_ABSENT))
			return 1;
		/* It is there, and not read; or it is a file now. */
		if (flags & EARLIER_SEEN)
			return flags & EARLIER_REPLACED ? 1 : 0;
		if (flags & EARLIER_MET)
			return 0;
	}
	return 0;
}

/*
 * For diff: do the patterns leave a name out that is not there, so that the
 * broker could not say so?  1, 0, or -1 with errno.
 */
static int
is_excluded(struct since *s, const char *name)
{
	const struct paths	*ps = s->job->paths;
	const struct exclude	*hit;
	struct buf		 request = { NULL, 0, 0 };
	struct path		 p = { .maybe_dir = true };
	size_t			 i, len;
	int			 n = 0;

	for (i = 0; i < ps->n && n == 0; i++) {
		len = strlen(ps->v[i].member);
		if (strcmp(ps->v[i].member, ".") == 0)
			len = 0;
		else if (!paths_covers(ps->v[i].member, name))
			continue;
		buf_cut(&request, 0);
		if (buf_printf(&request, "%s%s%s", strcmp(ps->v[i].request,
		    "/") == 0 ? "" : ps->v[i].request, len == 0 ? "/" : "",
		    name + len) == -1) {
			n = -1;
			break;
		}
		p.given = p.member = (char *)(uintptr_t)name;
		p.request = request.data;
		n = exclude_for(&s->job->choice->excludes, &p, &hit);
	}
	buf_free(&request);
	return n;
}

/* Record a name that the walk has not found. */
static int
finish_member(struct since *s, const struct since_report *r, earlier_at at)
{
	const char	*line = buf_str(&s->line);
	size_t		 len = manifest_name_len(line);
	int		 n = 0;

	if (earlier_flags(s->earlier, at) & EARLIER_ABSENT)
		n = 1;
	else if (!(earlier_flags(s->earlier, at) & EARLIER_MET) &&
	    (n = is_gone(s, line, len)) == -1)
		return since_fatal(s);
	buf_cut(&s->name, 0);
	if (manifest_name(&s->name, line) == -1)
		return since_fatal(s);
	if (n == 1) {
		earlier_mark(s->earlier, at, EARLIER_GONE);
		if (r->excludes &&
		    (n = is_excluded(s, buf_str(&s->name))) != 0)
			return n == 1 ? 0 : since_fatal(s);
		return r->removed(r->arg, buf_str(&s->name), line);
	}
	buf_cut(&s->line, manifest_state_len(line));
	return r->unseen(r->arg, buf_str(&s->name), buf_str(&s->line));
}

int
since_finish(struct since *s, const struct since_report *r)
{
	const char	*line;
	earlier_at	 at;
	unsigned int	 flags;
	uint64_t	 pos = 0;
	int		 n;

	while ((n = earlier_next(s->earlier, &pos, &at, &line)) == 1) {
		flags = earlier_flags(s->earlier, at);
		/* What was seen, and could not be stored then, was met. */
		if (flags & EARLIER_GONE || (flags & EARLIER_SEEN &&
		    !(flags & EARLIER_MET)))
			continue;
		/* Looking at its directory moves on from this line. */
		if (copy_line(s, line) == -1 || finish_member(s, r, at) == -1)
			return -1;
	}
	return n == -1 ? since_fatal(s) : 0;
}

/* Does another member lie above this one?  1, 0, or -1 with errno. */
static int
is_beneath(struct since *s, const char *name, size_t len)
{
	const char	*line;
	earlier_at	 at;
	int		 n;

	while ((len = parent_len(name, len)) > 0)
		if ((n = earlier_find(s->earlier, name, len, &at,
		    &line)) != 0)
			return n;
	return 0;
}

int
since_tops(struct since *s, struct paths *ps, const char *dir, char *why)
{
	const char	*line;
	earlier_at	 at;
	uint64_t	 pos = 0;
	int		 n;

	while ((n = earlier_next(s->earlier, &pos, &at, &line)) == 1) {
		if (copy_line(s, line) == -1)
			break;
		line = buf_str(&s->line);
		n = is_beneath(s, line, manifest_name_len(line));
		if (n == 1)
			continue;
		buf_cut(&s->name, 0);
		if (n == -1 || manifest_name(&s->name, line) == -1)
			break;
		if (paths_add(ps, dir, buf_str(&s->name), why) == -1)
			return -1;
	}
	if (n == 0)
		return 0;
	(void)strlcpy(why, strerror(errno), PATHS_WHY_MAX);
	return -1;
}
