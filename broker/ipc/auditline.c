/*
 * auditline.c: format one record of the audit as JSON; see auditline.h.
 *
 * Runs in the supervisor and in fdbrokerctl.  Touches memory only.  All text
 * in a record is printable ASCII: event_get() has checked it.
 */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/auditline.h"

struct text {
	char	*buf;
	size_t	 size;
	size_t	 len;
	bool	 failed;
};

static void	text_add(struct text *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
text_add(struct text *t, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	if (t->failed)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->size - t->len)
		t->failed = true;
	else
		t->len += (size_t)n;
}

/* Add a member whose value is a string of printable ASCII. */
static void
text_add_string(struct text *t, const char *name, const char *value)
{
	text_add(t, ",\"%s\":\"", name);
	for (; *value != '\0'; value++)
		text_add(t, *value == '"' || *value == '\\' ? "\\%c" : "%c",
		    *value);
	text_add(t, "\"");
}

static void
text_add_time(struct text *t, const struct timespec *when)
{
	struct tm	 tm;
	char		 date[32];

	if (gmtime_r(&when->tv_sec, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		(void)strlcpy(date, "1970-01-01T00:00:00", sizeof(date));
	text_add(t, "{\"time\":\"%s.%06ldZ\"", date, when->tv_nsec / 1000);
}

static const char *
errno_name(uint32_t error)
{
	const char	*name = strerrorname_np((int)error);

	return name != NULL ? name : "unknown";
}

static void
text_add_subject(struct text *t, const struct audit_subject *s)
{
	text_add(t, ",\"session\":%u,\"uid\":%u,\"pid\":%d", s->session,
	    s->uid, (int)s->pid);
	text_add_string(t, "role", s->role);
}

size_t
auditline_format(char *buf, size_t size, const struct audit_entry *a)
{
	const struct event_record	*e = &a->event;
	struct text			 t = { buf, size, 0, false };

	text_add_time(&t, &a->when);
	text_add(&t, ",\"generation\":%u", e->generation);
	text_add_subject(&t, &a->subject);
	text_add_string(&t, "operation", event_op(e));
	text_add_string(&t, "path", e->path);
	if (e->ino != 0)
		text_add(&t, ",\"dev\":\"%u:%u\",\"ino\":%" PRIu64,
		    e->dev_major, e->dev_minor, e->ino);
	text_add_string(&t, "verdict", event_verdict(e));
	if (e->reason != FDB_REASON_NONE) {
		text_add_string(&t, "reason", event_reason(e));
		if (e->reason == FDB_REASON_POLICY)
			text_add_string(&t, "policy", event_policy(e));
		text_add_string(&t, "errno", errno_name(e->error));
		if (e->id != 0)
			text_add(&t, ",\"id\":\"%x\"", e->id);
	}
	if (e->where[0] != '\0')
		text_add_string(&t, "rule", e->where);
	text_add(&t, "}");
	return t.failed ? 0 : t.len;
}

size_t
auditline_format_dropped(char *buf, size_t size, const struct timespec *when,
    const struct audit_subject *s, uint64_t dropped)
{
	struct text	 t = { buf, size, 0, false };

	text_add_time(&t, when);
	text_add_subject(&t, s);
	text_add(&t, ",\"dropped\":%" PRIu64 "}", dropped);
	return t.failed ? 0 : t.len;
}

size_t
auditline_format_summary(char *buf, size_t size, const struct timespec *when,
    const struct audit_subject *s, const struct audit_summary *sum)
{
	struct text	 t = { buf, size, 0, false };
	size_t		 i;

	text_add_time(&t, when);
	text_add_subject(&t, s);
	text_add(&t, ",\"summary\":{");
	if (sum->counted)
		text_add(&t, "\"names\":%" PRIu64 ",\"opened\":%" PRIu64 ",",
		    sum->names, sum->opened);
	text_add(&t, "\"denied\":%" PRIu64 ",\"refused\":%" PRIu64
	    ",\"dropped\":%" PRIu64 ",\"rules\":[", sum->denied,
	    sum->refused, sum->dropped);
	for (i = 0; i < sum->nrules; i++) {
		text_add(&t, "%s{\"denied\":%" PRIu64, i > 0 ? "," : "",
		    sum->rules[i].n);
		text_add_string(&t, "rule", sum->rules[i].where);
		text_add(&t, "}");
	}
	text_add(&t, "],\"other_rules\":%" PRIu64, sum->others);
	if (sum->ended != NULL)
		text_add_string(&t, "ended", sum->ended);
	text_add(&t, "}}");
	return t.failed ? 0 : t.len;
}

size_t
auditline_format_event(char *buf, size_t size, const char *event,
    const struct audit_subject *s, const char *why)
{
	struct text	 t = { buf, size, 0, false };
	char		 safe[PROTO_TEXT_MAX];
	struct timespec	 now;
	size_t		 i;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	text_add_time(&t, &now);
	text_add_string(&t, "event", event);
	if (s != NULL)
		text_add_subject(&t, s);
	if (why != NULL) {
		(void)strlcpy(safe, why, sizeof(safe));
		for (i = 0; safe[i] != '\0'; i++)
			if (safe[i] < 0x20 || safe[i] > 0x7e)
				safe[i] = '?';
		text_add_string(&t, "why", safe);
	}
	text_add(&t, "}");
	return t.failed ? 0 : t.len;
}

size_t
auditline_format_lost(char *buf, size_t size, uint64_t lines)
{
	struct text	 t = { buf, size, 0, false };

	/* No time: gmtime_r(3) opens files, which the listener may not. */
	text_add(&t, "{\"event\":\"lost\",\"lines\":%" PRIu64 "}", lines);
	return t.failed ? 0 : t.len;
}
