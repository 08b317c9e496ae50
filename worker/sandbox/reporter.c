/*
 * reporter.c: what the worker has to tell; see sandbox/reporter.h.
 *
 * Runs in the worker.  Touches the pair of sockets and the log's descriptor.
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/fdio.h"
#include "sandbox/reporter.h"

#define TELL_TEXT_MAX	1024

void
tell_init(struct tell *t, int pair, bool verbose)
{
	memset(t, 0, sizeof(*t));
	pair_init(&t->pair, pair);
	t->verbose = verbose;
	t->log = -1;
}

void
tell_clear(struct tell *t)
{
	buf_free(&t->line);
}

void
tell_log(struct tell *t, const char *name, const char *text)
{
	struct buf	*b = &t->line;

	if (t->log == -1)
		return;
	buf_cut(b, 0);
	errno = ENOMEM;
	if (report_time(b) == 0 && report_format(b, name, text) == 0 &&
	    buf_putc(b, '\n') == 0 && fdio_write(t->log, b->data, b->len) == 0)
		return;
	/* A log that is full is no reason to have no archive. */
	t->log = -1;
	(void)pair_put_report(&t->pair, REPORT_WARNING, "",
	    errno == ENOSPC ? "the log is incomplete: no space left" :
	    "the log is incomplete: it cannot be written to");
}

int
tell_report(struct tell *t, enum report_kind kind, const char *name,
    const char *text)
{
	tally_count(&t->tally, kind);
	if ((kind == REPORT_MEMBER || kind == REPORT_NOTE) && !t->verbose)
		return 0;
	tell_log(t, name, text);
	return pair_put_report(&t->pair, kind, name, text);
}

int
tell_reportf(struct tell *t, enum report_kind kind, const char *name,
    const char *fmt, ...)
{
	char	 text[TELL_TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	/* What does not fit is cut: it is for people. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tell_report(t, kind, name, text);
}

int
tell_member(struct tell *t, const char *name, uint64_t bytes)
{
	struct timespec	 ts;

	t->tally.files++;
	t->tally.bytes += bytes;
	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &ts) == 0 &&
	    ts.tv_sec != t->progress) {
		t->progress = ts.tv_sec;
		if (pair_put_tally(&t->pair, PAIR_PROGRESS, &t->tally) == -1)
			return -1;
	}
	return t->verbose ? tell_report(t, REPORT_MEMBER, name, "") : 0;
}
