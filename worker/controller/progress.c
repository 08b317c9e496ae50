/*
 * progress.c: how far a run is; see controller/progress.h.
 *
 * Runs in the controller.  Touches nothing but memory.  What the worker says is
 * not trusted: its numbers can be any, and a name is encoded before it is
 * shown.
 */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/report.h"
#include "controller/progress.h"

#define LINE_MS		200	/* at least, between two lines */
#define IDLE_MS		1000	/* and if the worker says nothing */
#define SAMPLE_MS	5000	/* the rate is that of 5 to 10 seconds */
#define SURE_MS		1000	/* before that nobody knows what is left */
#define NAME_MIN	8	/* columns; a shorter name is left out */
#define RATE_MIN	72	/* columns; on fewer the name matters more */

/* Can the terminal erase a line? */
static bool
is_capable(void)
{
	const char	*term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void
progress_init(struct progress *p, const struct options *o, bool terminal,
    int64_t now)
{
	memset(p, 0, sizeof(*p));
	p->how = o->served ? PROGRESS_NEVER : o->progress;
	p->elsewhere = o->watched;
	p->interval = o->seconds * 1000;
	p->last = p->start = now;
	if (p->how == PROGRESS_AUTO &&
	    (!o->command->watched || !terminal || !is_capable()))
		p->how = PROGRESS_NEVER;
}

void
progress_clear(struct progress *p)
{
	buf_free(&p->name);
}

unsigned int
progress_interval(const struct progress *p)
{
	return p->how == PROGRESS_NEVER && !p->elsewhere ? 0 : LINE_MS;
}

int
progress_take(struct progress *p, const struct channel_where *w,
    const char *name, int64_t now)
{
	const struct progress_sample	 sample = { now, w->bytes };

	if (!p->known || p->where.counting != w->counting) {
		p->start = now;
		p->old = p->young = sample;
	} else if (now - p->young.at >= SAMPLE_MS) {
		p->old = p->young;
		p->young = sample;
	}
	p->known = p->fresh = true;
	p->where = *w;
	buf_cut(&p->name, 0);
	return buf_puts(&p->name, name);
}

int
progress_timeout(const struct progress *p, int64_t now)
{
	int64_t	 wait;

	if (p->how == PROGRESS_NEVER)
		return -1;
	wait = p->last - now + (p->how == PROGRESS_LINES ? p->interval :
	    p->fresh ? LINE_MS : IDLE_MS);
	return wait > 0 ? (int)wait : 0;
}

/* Bytes in a second, lately. */
static double
rate(const struct progress *p, int64_t now)
{
	if (now <= p->old.at || p->where.bytes < p->old.bytes)
		return 0;
	return (double)(p->where.bytes - p->old.bytes) * 1000 /
	    (double)(now - p->old.at);
}

int64_t
progress_left(const struct progress *p, int64_t now)
{
	const struct channel_where	*w = &p->where;
	double				 left;

	if (w->counting || w->done == 0 || w->done >= w->total ||
	    now - p->start < SURE_MS)
		return -1;
	left = (double)(now - p->start) / 1000 *
	    (double)(w->total - w->done) / (double)w->done;
	/* A year means that nobody knows. */
	return left < 365 * 86400.0 ? (int64_t)left + 1 : -1;
}

/* Append a number of bytes as people read it. */
static int
put_bytes(struct buf *b, double n)
{
	static const char *const	 units[] = {
		"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	size_t				 i = 0;

	while (n >= 1000 && i < sizeof(units) / sizeof(units[0]) - 1) {
		n /= 1024;
		i++;
	}
	return buf_printf(b, i == 0 ? "%.0f %s" : "%.1f %s", n, units[i]);
}

static int
put_left(struct buf *b, int64_t left)
{
	if (left >= 3600)
		return buf_printf(b, ", %" PRId64 ":%02d:%02d left",
		    left / 3600, (int)(left / 60 % 60), (int)(left % 60));
	return buf_printf(b, ", %d:%02d left", (int)(left / 60),
	    (int)(left % 60));
}

/* Append how much is done of what is known, after separator. */
static int
put_share(const struct progress *p, struct buf *b, const char *separator,
    int64_t now)
{
	const struct channel_where	*w = &p->where;
	int64_t				 left = progress_left(p, now);
	int				 percent;

	if (w->total == 0 || w->counting)
		return 0;
	/* What is counted may grow until it is stored. */
	percent = w->done >= w->total ? 99 :
	    (int)((double)w->done * 100 / (double)w->total);
	if (percent > 99)
		percent = 99;
	if (buf_printf(b, "%s%d%%", separator, percent) == -1)
		return -1;
	return left != -1 ? put_left(b, left) : 0;
}

/* Bytes and columns of what comes first in an encoded name. */
static size_t
token(const char *s, int *columns)
{
	mbstate_t	 state;
	wchar_t		 c;
	size_t		 n;

	if (*s == '\\') {
		n = s[1] >= '0' && s[1] <= '7' ? 4 : 2;
		if (n > strlen(s))
			n = strlen(s);
		*columns = (int)n;
		return n;
	}
	memset(&state, 0, sizeof(state));
	n = mbrtowc(&c, s, MB_CUR_MAX, &state);
	if (n == 0 || n > MB_CUR_MAX) {
		*columns = 1;
		return 1;
	}
	*columns = wcwidth(c);
	if (*columns < 0)
		*columns = 1;
	return n;
}

/* Append a name, encoded; if it does not fit, its end. */
static int
put_name(struct buf *b, const char *name, int columns)
{
	struct buf	 all = { NULL, 0, 0 };
	const char	*s;
	int		 n, width = 0, ret;

	if (report_vis(&all, name) == -1) {
		buf_free(&all);
		return -1;
	}
	for (s = buf_str(&all); *s != '\0'; width += n)
		s += token(s, &n);
	s = buf_str(&all);
	ret = width > columns ? buf_puts(b, "...") : 0;
	if (width > columns)
		columns -= 3;
	for (; width > columns; width -= n)
		s += token(s, &n);
	if (ret == 0)
		ret = buf_puts(b, s);
	buf_free(&all);
	return ret;
}

int
progress_line(const struct progress *p, struct buf *b, unsigned int columns,
    int64_t now)
{
	const struct channel_where	*w = &p->where;
	size_t				 before = b->len, used;

	if (w->counting && buf_puts(b, "counting: ") == -1)
		return -1;
	if (buf_printf(b, "%" PRIu64 " files, ", w->members) == -1 ||
	    put_bytes(b, (double)w->bytes) == -1)
		return -1;
	if (!w->counting && columns >= RATE_MIN && (buf_puts(b, ", ") == -1 ||
	    put_bytes(b, rate(p, now)) == -1 || buf_puts(b, "/s") == -1))
		return -1;
	if (put_share(p, b, ", ", now) == -1)
		return -1;
	/* All of that is ASCII.  In the last column a line might wrap. */
	used = b->len - before + 2;
	if (used + NAME_MIN < columns && p->name.len > 0)
		return buf_puts(b, ": ") == -1 ? -1 : put_name(b,
		    buf_str(&p->name), (int)(columns - 1 - (unsigned)used));
	if (b->len - before >= columns)
		buf_cut(b, before + (columns > 0 ? columns - 1 : 0));
	return 0;
}

int
progress_text(const struct progress *p, struct buf *b, int64_t now)
{
	if (put_share(p, b, "; ", now) == -1)
		return -1;
	return p->name.len > 0 ? buf_printf(b, "; at %s",
	    buf_str(&p->name)) : 0;
}
