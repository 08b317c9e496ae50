/*
 * floodlog.c: lines of the log that anybody can cause; see floodlog.h.
 *
 * Runs in the supervisor and in the listener.  Touches memory and the log.
 */

#include "config.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/floodlog.h"

static const struct timeval minute = { .tv_sec = 60 };

static void
floodlog_minute(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	floodlog_turn(arg);
}

int
floodlog_init(struct floodlog *f, struct event_base *base)
{
	memset(f, 0, sizeof(*f));
	f->timer = evtimer_new(base, floodlog_minute, f);
	return f->timer != NULL ? 0 : -1;
}

void
floodlog_end(struct floodlog *f)
{
	floodlog_turn(f);
	if (f->timer != NULL)
		event_free(f->timer);
	f->timer = NULL;
}

void
floodlog_turn(struct floodlog *f)
{
	size_t	 i;

	for (i = 0; i < f->used; i++) {
		if (f->uids[i].more == 0)
			continue;
		log_warnx("uid %u: %llu more like this in a minute, the "
		    "last: %s", f->uids[i].uid,
		    (unsigned long long)f->uids[i].more, f->uids[i].last);
	}
	if (f->others > 0)
		log_warnx("%llu more like this of other uids in a minute",
		    (unsigned long long)f->others);
	f->used = 0;
	f->others = 0;
}

/* The place of a uid, or FLOODLOG_UIDS if it gets none. */
static size_t
place_of(struct floodlog *f, uint32_t uid)
{
	size_t	 i;

	for (i = 0; i < f->used; i++)
		if (f->uids[i].uid == uid)
			return i;
	if (i == FLOODLOG_UIDS)
		return i;
	memset(&f->uids[i], 0, sizeof(f->uids[i]));
	f->uids[i].uid = uid;
	f->used++;
	return i;
}

void
floodlog_warn(struct floodlog *f, uint32_t uid, const char *fmt, ...)
{
	char	 text[FLOODLOG_TEXT];
	va_list	 ap;
	size_t	 i;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (f->timer != NULL && !evtimer_pending(f->timer, NULL))
		(void)evtimer_add(f->timer, &minute);
	i = place_of(f, uid);
	if (i == FLOODLOG_UIDS) {
		f->others++;
	} else if (f->uids[i].lines < FLOODLOG_LINES) {
		f->uids[i].lines++;
		log_warnx("%s", text);
	} else {
		f->uids[i].more++;
		(void)strlcpy(f->uids[i].last, text,
		    sizeof(f->uids[i].last));
	}
}
