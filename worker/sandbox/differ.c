/*
 * differ.c: compare what a walk finds with an archive; see sandbox/differ.h.
 *
 * Runs in the worker, confined after differ_new().  Touches the descriptors of
 * the files that it is given.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/differ.h"
#include "sandbox/manifest.h"
#include "sandbox/same.h"

struct differ {
	struct reporter	*rep;
	struct same	*same;
	bool		 contents, foreign;
	struct buf	 name, now, before, text;
};

struct differ *
differ_new(bool contents, struct reporter *rep)
{
	struct differ	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	d->rep = rep;
	d->contents = contents;
	if ((d->same = same_new(rep, true)) != NULL)
		return d;
	free(d);
	return NULL;
}

void
differ_free(struct differ *d)
{
	if (d == NULL)
		return;
	same_free(d->same);
	buf_free(&d->name);
	buf_free(&d->now);
	buf_free(&d->before);
	buf_free(&d->text);
	free(d);
}

void
differ_foreign(struct differ *d, bool foreign)
{
	d->foreign = foreign;
}

static int
line_fatal(struct differ *d)
{
	(void)reporter_reportf(d->rep, REPORT_FATAL, "",
	    "the lines of the archive cannot be read: %s", strerror(errno));
	return -1;
}

/* Find the line of a name.  1, and d->before is a copy; 0; -1. */
static int
find_line(struct differ *d, struct earlier *earlier, const char *name)
{
	const char	*line;
	earlier_at	 at;
	int		 n;

	buf_cut(&d->name, 0);
	buf_cut(&d->before, 0);
	if (manifest_encode(&d->name, name) == -1)
		return reporter_no_memory(d->rep);
	n = earlier_find(earlier, buf_str(&d->name), d->name.len, &at, &line);
	if (n == 1 && buf_puts(&d->before, line) == -1)
		n = -1;
	return n == -1 ? line_fatal(d) : n;
}

/*
 * Complete d->before, if it is the line of a hard link, by the attributes of
 * the file that it belongs to.  0 or -1.
 */
static int
add_attributes(struct differ *d, struct earlier *earlier)
{
	const char	*link, *line, *attributes;
	earlier_at	 at;
	size_t		 len;
	int		 n = 0;

	link = manifest_hardlink(buf_str(&d->before), &len);
	if (link != NULL && !d->foreign)
		n = earlier_find(earlier, link, len, &at, &line);
	if (n == -1)
		return line_fatal(d);
	if (n == 0 || (attributes = manifest_attributes(line, &len)) == NULL)
		return 0;
	return buf_putc(&d->before, ' ') == -1 ||
	    buf_add(&d->before, attributes, len) == -1 ?
	    reporter_no_memory(d->rep) : 0;
}

/* An object that the archive does not have: tell the topmost. */
static int
differ_extra(struct differ *d, struct earlier *earlier, const char *name)
{
	const char	*slash = strrchr(name, '/');
	char		*parent;
	int		 n = 1;

	/* What is in a new directory is told of with that. */
	if (slash != NULL) {
		if ((parent = strndup(name, (size_t)(slash - name))) == NULL)
			return reporter_no_memory(d->rep);
		n = find_line(d, earlier, parent);
		free(parent);
	}
	if (n == -1)
		return -1;
	return reporter_report(d->rep, n == 1 ? REPORT_UNEXPECTED :
	    REPORT_NOTE, name, "extra");
}

/*
 * Set the digest of a file that has the size of the archived one.  1; 0: it
 * cannot be told, which was reported; -1.
 */
static int
differ_contents(struct differ *d, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct entry	 old;
	struct buf	 names[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	int		 n;

	entry_init(&old, e->name);
	n = manifest_parse(&old, buf_str(&d->before), &names[0], &names[1]);
	buf_free(&names[0]);
	buf_free(&names[1]);
	if (n == -1 || !old.has_digest || old.size != e->size)
		return 1;
	if ((n = same_digest(d->same, e, st, fd, !old.sparse)) != 0)
		return n;
	return reporter_report(d->rep, REPORT_UNREADABLE, e->name, "its "
	    "contents cannot be compared: it cannot be read, or changes while "
	    "it is read");
}

int
differ_member(struct differ *d, struct earlier *earlier, struct entry *e,
    const struct fdb_stat *st, int fd)
{
	int	 n;

	if (S_ISSOCK(e->mode))
		return reporter_report(d->rep, REPORT_SKIPPED, e->name,
		    "sockets are not compared");
	if ((n = find_line(d, earlier, e->name)) != 1)
		return n == -1 ? -1 : differ_extra(d, earlier, e->name);
	if (add_attributes(d, earlier) == -1 ||
	    same_attributes(d->same, e) == -1)
		return -1;
	if (fd != -1 && d->contents && S_ISREG(e->mode) &&
	    differ_contents(d, e, st, fd) == -1)
		return -1;
	e->has_state = false;
	buf_cut(&d->now, 0);
	buf_cut(&d->text, 0);
	if (manifest_add(&d->now, e) == -1)
		return reporter_no_memory(d->rep);
	buf_cut(&d->now, d->now.len - 1);
	if ((n = manifest_changes(&d->text, buf_str(&d->before),
	    buf_str(&d->now), d->foreign)) == -1)
		return reporter_no_memory(d->rep);
	if (n == 1 && reporter_report(d->rep, REPORT_DIFFERENT, e->name,
	    buf_str(&d->text)) == -1)
		return -1;
	return reporter_member(d->rep, e->name, e->size);
}

int
differ_missing(struct differ *d, const char *name)
{
	return reporter_report(d->rep, REPORT_MISSING, name, "missing");
}
