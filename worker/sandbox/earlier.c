/*
 * earlier.c: the manifest of an earlier archive; see sandbox/earlier.h.
 *
 * Runs in the worker, confined after earlier_new().  Touches the descriptor
 * that it is given.
 *
 * The manifest can have millions of lines, and users choose the names in it, so
 * names are hashed with a key that they do not know.  Lines are looked up
 * mostly in their order, and a window of the file is in memory.
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/earlier.h"
#include "sandbox/fdio.h"
#include "sandbox/manifestcheck.h"
#include "sandbox/siphash.h"
#include "sandbox/spool.h"

#define EARLIER_FIRST	4096		/* places at first */
#define EARLIER_MAX	(UINT32_C(1) << 31)
#define EARLIER_WINDOW	65536

/* A place in the table. */
struct place {
	uint64_t	 hash;
	uint64_t	 where;		/* offset + 1, in 56 bits, and flags */
};

#define WHERE_SHIFT	8

struct earlier {
	const char		*name;
	int			 fd;
	struct siphash_key	 key;
	struct manifest_head	 head;
	struct place		*places;
	uint32_t		 size, used;
	char			*window;
	uint64_t		 start;		/* of the window in the file */
	size_t			 len, room;
	struct buf		 line;
	struct buf		 next;		/* a name */
};

struct earlier *
earlier_new(const char *name)
{
	struct earlier	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return NULL;
	e->name = name;
	e->fd = -1;
	siphash_choose(&e->key);
	e->size = EARLIER_FIRST;
	e->room = EARLIER_WINDOW;
	if ((e->places = calloc(e->size, sizeof(*e->places))) == NULL ||
	    (e->window = malloc(e->room)) == NULL) {
		earlier_free(e);
		return NULL;
	}
	return e;
}

void
earlier_free(struct earlier *e)
{
	if (e == NULL)
		return;
	free(e->places);
	free(e->window);
	buf_free(&e->line);
	buf_free(&e->next);
	free(e);
}

const struct manifest_head *
earlier_head(const struct earlier *e)
{
	return &e->head;
}

uint64_t
earlier_count(const struct earlier *e)
{
	return e->used;
}

static bool
is_free(const struct place *p)
{
	return p->where >> WHERE_SHIFT == 0;
}

static int
table_grow(struct earlier *e)
{
	struct place	*old = e->places, *p;
	uint32_t	 i, k, size = e->size * 2;

	if (e->size >= EARLIER_MAX) {
		errno = ENOMEM;
		return -1;
	}
	if ((p = calloc(size, sizeof(*p))) == NULL)
		return -1;
	for (i = 0; i < e->size; i++) {
		if (is_free(&old[i]))
			continue;
		k = (uint32_t)old[i].hash & (size - 1);
		while (!is_free(&p[k]))
			k = (k + 1) & (size - 1);
		p[k] = old[i];
	}
	free(old);
	e->places = p;
	e->size = size;
	return 0;
}

/* Let the window have at least len bytes from an offset, or up to the end. */
static int
window_fill(struct earlier *e, uint64_t offset, size_t len)
{
	ssize_t	 n;
	char	*p;

	if (offset >= e->start && offset - e->start <= e->len &&
	    e->len - (size_t)(offset - e->start) >= len)
		return 0;
	if (len > e->room) {
		if ((p = realloc(e->window, len)) == NULL)
			return -1;
		e->window = p;
		e->room = len;
	}
	e->start = offset;
	e->len = 0;
	while (e->len < e->room) {
		n = fdio_pread(e->fd, e->window + e->len, e->room - e->len,
		    offset + e->len);
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		e->len += (size_t)n;
	}
	return 0;
}

/* Set e->line to the line at an offset.  0, or -1 with errno. */
static int
read_line(struct earlier *e, uint64_t offset)
{
	const char	*p, *end;
	size_t		 have, want;

	/* The lines that follow are mostly wanted next. */
	for (want = 1024; ; want *= 2) {
		if (window_fill(e, offset, want) == -1)
			return -1;
		p = e->window + (size_t)(offset - e->start);
		have = e->len - (size_t)(offset - e->start);
		if (have > 0 && (end = memchr(p, '\n', have)) != NULL)
			break;
		if (have < want) {
			end = p + have;
			break;
		}
		if (want > SPOOL_LINE_MAX) {
			errno = EPROTO;
			return -1;
		}
	}
	buf_cut(&e->line, 0);
	return buf_add(&e->line, p, (size_t)(end - p));
}

/*
 * The place of a name with this hash, or the free one where it belongs.  1: it
 * is there, and e->line is its line; 0; -1 with errno.
 */
static int
table_find(struct earlier *e, const char *name, size_t len, uint64_t hash,
    uint32_t *at)
{
	const struct place	*p;
	uint32_t		 i = (uint32_t)hash & (e->size - 1);

	for (;; i = (i + 1) & (e->size - 1)) {
		p = &e->places[i];
		*at = i;
		if (is_free(p))
			return 0;
		if (p->hash != hash)
			continue;
		if (read_line(e, (p->where >> WHERE_SHIFT) - 1) == -1)
			return -1;
		/* If the file has changed since, no line has the name. */
		if (e->line.len > len && e->line.data[len] == ' ' &&
		    memcmp(e->line.data, name, len) == 0)
			return 1;
	}
}

int
earlier_find(struct earlier *e, const char *encoded, size_t len,
    earlier_at *at, const char **line)
{
	uint32_t	 i;
	int		 n;

	*at = 0;
	if ((n = table_find(e, encoded, len, siphash(&e->key, encoded, len),
	    &i)) != 1)
		return n;
	*at = i + 1;
	*line = buf_str(&e->line);
	return 1;
}

unsigned int
earlier_flags(const struct earlier *e, earlier_at at)
{
	return (unsigned int)(e->places[at - 1].where &
	    ((1u << WHERE_SHIFT) - 1));
}

void
earlier_mark(struct earlier *e, earlier_at at, unsigned int flag)
{
	e->places[at - 1].where |= flag;
}

/* Reading the file for the first time. */
struct loading {
	struct earlier	*e;
	struct reporter	*rep;
	struct spool	 in;
	struct buf	 line, name, again;
	uint64_t	 number;	/* of the line */
	uint64_t	 offset;	/* of the next one */
	struct manifestcheck check;
	bool		 foreign;
};

static int
load_fail(struct loading *l, const char *why)
{
	(void)reporter_reportf(l->rep, REPORT_FATAL, "", "%s:%" PRIu64 ": %s",
	    l->e->name, l->number, why);
	return -1;
}

/* Is the name one that we write, and not another spelling of it? */
static int
is_canonical(struct loading *l, const char *line, size_t len, bool *ok)
{
	buf_cut(&l->name, 0);
	buf_cut(&l->again, 0);
	*ok = manifest_name(&l->name, line) == 0;
	if (!*ok)
		return errno == ENOMEM ? -1 : 0;
	if (manifest_encode(&l->again, buf_str(&l->name)) == -1)
		return -1;
	*ok = strlen(buf_str(&l->name)) == l->name.len &&
	    l->again.len == len && memcmp(l->again.data, line, len) == 0;
	return 0;
}

/* Add the line of a member, which is at this offset. */
static int
load_member(struct loading *l, const char *line, size_t len, uint64_t offset)
{
	struct earlier	*e = l->e;
	uint64_t	 hash = siphash(&e->key, line, len);
	uint32_t	 at;
	bool		 ok;
	int		 n;

	if (is_canonical(l, line, len, &ok) == -1)
		return reporter_no_memory(l->rep);
	if (!ok || strncmp(line + len, " type=", strlen(" type=")) != 0)
		return load_fail(l, "the manifest is damaged: this is no line "
		    "about a member");
	if (e->used >= e->size / 4 * 3 && table_grow(e) == -1)
		return reporter_no_memory(l->rep);
	if ((n = table_find(e, line, len, hash, &at)) == -1)
		return load_fail(l, strerror(errno));
	if (n == 1) {
		/* The last member remains when all are extracted. */
		if (l->foreign)
			e->places[at].where = (offset + 1) << WHERE_SHIFT;
		earlier_mark(e, at + 1, EARLIER_TWICE);
		return 0;
	}
	e->places[at].hash = hash;
	e->places[at].where = (offset + 1) << WHERE_SHIFT;
	e->used++;
	return 0;
}

/* The last line was bad. */
static int
load_bad(struct loading *l)
{
	if (l->check.lines != 2)
		return load_fail(l, l->check.why);
	(void)reporter_reportf(l->rep, REPORT_FATAL, "", "%s:%" PRIu64
	    ": %s; make a full archive", l->e->name, l->check.lines,
	    l->check.why);
	return -1;
}

/* Handle a line, without its newline. */
static int
load_line(struct loading *l)
{
	const char	*line = buf_str(&l->line);
	uint64_t	 offset = l->offset;
	size_t		 len;

	l->number++;
	l->offset += l->line.len + 1;
	/* Lines that we have made ourselves have neither head nor end. */
	if (!l->foreign && manifestcheck_line(&l->check, line) == -1)
		return load_bad(l);
	if ((len = manifest_name_len(line)) == 0)
		return 0;
	return load_member(l, line, len, offset);
}

static int
load_lines(struct loading *l)
{
	int	 n;

	while ((n = spool_line(&l->in, &l->line)) == 1)
		if (load_line(l) == -1)
			return -1;
	if (n == -1) {
		l->number++;
		return errno == ENOMEM ? reporter_no_memory(l->rep) :
		    load_fail(l, errno == EPROTO ? "this is no text, or a line "
		    "is too long" : strerror(errno));
	}
	if (!l->foreign && manifestcheck_finish(&l->check) == -1)
		return load_fail(l, l->check.why);
	l->e->head = l->check.head;
	return 0;
}

int
earlier_load(struct earlier *e, int fd, bool foreign, struct reporter *rep)
{
	struct loading	 l;
	int		 ret = -1;

	memset(&l, 0, sizeof(l));
	l.e = e;
	l.rep = rep;
	l.foreign = foreign;
	manifestcheck_init(&l.check);
	e->fd = fd;
	spool_init(&l.in, fd);
	if (spool_rewind(&l.in) == -1)
		(void)reporter_reportf(rep, REPORT_FATAL, "", "%s: %s",
		    e->name, strerror(errno));
	else
		ret = load_lines(&l);
	spool_clear(&l.in);
	buf_free(&l.line);
	buf_free(&l.name);
	buf_free(&l.again);
	return ret;
}

int
earlier_next(struct earlier *e, uint64_t *pos, earlier_at *at,
    const char **line)
{
	uint64_t	 offset;
	uint32_t	 i;
	size_t		 len;
	int		 n;

	for (;;) {
		offset = *pos;
		if (read_line(e, offset) == -1)
			return -1;
		/* Its bytes at the end of the file may be none. */
		if (e->line.len == 0 && e->start + e->len <= offset)
			return 0;
		*pos += e->line.len + 1;
		if ((len = manifest_name_len(buf_str(&e->line))) == 0)
			continue;
		/* The search reads lines. */
		buf_cut(&e->next, 0);
		if (buf_add(&e->next, buf_str(&e->line), len) == -1 ||
		    (n = table_find(e, buf_str(&e->next), len,
		    siphash(&e->key, buf_str(&e->next), len), &i)) == -1)
			return -1;
		/* Of several lines with this name, one counts. */
		if (n == 0 || e->places[i].where >> WHERE_SHIFT != offset + 1)
			continue;
		*at = i + 1;
		*line = buf_str(&e->line);
		return 1;
	}
}
