/*
 * audit.c: write the audit; see audit.h.
 *
 * Runs in the supervisor.  What an opener says was encoded there and checked
 * by event_get(); here it is quoted and written.  A line that cannot be
 * written is counted and said in the log, and nothing else stops for it.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/audit.h"

#define LINE_MAX_BYTES	4096

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

/* A member whose value is a string of printable ASCII. */
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
audit_format(char *buf, size_t size, const struct audit_entry *a)
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
		text_add_string(&t, "errno", errno_name(e->error));
		text_add(&t, ",\"id\":\"%x\"", e->id);
	}
	if (e->where[0] != '\0')
		text_add_string(&t, "rule", e->where);
	text_add(&t, "}");
	return t.failed ? 0 : t.len;
}

/* A line that counts what was not written. */
static size_t
format_dropped(char *buf, size_t size, const struct audit_subject *s,
    uint64_t dropped)
{
	struct text	 t = { buf, size, 0, false };
	struct timespec	 now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	text_add_time(&t, &now);
	text_add_subject(&t, s);
	text_add(&t, ",\"dropped\":%" PRIu64 "}", dropped);
	return t.failed ? 0 : t.len;
}

static int
open_file(const char *path)
{
	struct stat	 st;
	int		 fd;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW |
	    O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd == -1 || fstat(fd, &st) == -1) {
		log_warn("audit file %s", path);
		fd_close(&fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		log_warnx("audit file %s: not a regular file", path);
		fd_close(&fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

void
audit_init(struct audit *au)
{
	memset(au, 0, sizeof(*au));
	au->fd = -1;
}

int
audit_configure(struct audit *au, enum event_mode mode, const char *path)
{
	char	*copy = NULL;
	int	 fd = -1;

	if (au->ring == NULL && (au->ring = calloc(AUDIT_REMEMBERED,
	    sizeof(*au->ring))) == NULL)
		return -1;
	if (path != NULL && au->path != NULL && strcmp(path, au->path) == 0) {
		au->mode = mode;
		return 0;
	}
	if (path != NULL && ((copy = strdup(path)) == NULL ||
	    (fd = open_file(path)) == -1)) {
		free(copy);
		return -1;
	}
	fd_close(&au->fd);
	free(au->path);
	au->path = copy;
	au->fd = fd;
	au->mode = mode;
	return 0;
}

int
audit_reopen(struct audit *au)
{
	int	 fd;

	if (au->path == NULL)
		return 0;
	if ((fd = open_file(au->path)) == -1)
		return -1;
	fd_close(&au->fd);
	au->fd = fd;
	return 0;
}

void
audit_close(struct audit *au)
{
	fd_close(&au->fd);
	free(au->path);
	free(au->ring);
	audit_init(au);
}

static void
write_line(struct audit *au, char *line, size_t len)
{
	ssize_t	 n;

	if (au->path == NULL) {
		syslog(LOG_AUTHPRIV | LOG_NOTICE, "%.*s", (int)len, line);
		au->written++;
		return;
	}
	/* What could only be written in part must not spoil the next line. */
	if (au->torn && write(au->fd, "\n", 1) == 1)
		au->torn = false;
	line[len] = '\n';
	do
		n = write(au->fd, line, len + 1);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)(len + 1)) {
		au->written++;
		return;
	}
	if (n > 0)
		au->torn = true;
	if (n >= 0)
		errno = ENOSPC;
	/* Said once, until one can be written again. */
	if (au->failed++ == 0 || au->failed % 1000 == 0)
		log_warn("audit file %s: %" PRIu64 " not written", au->path,
		    au->failed);
}

static bool
bucket_take(struct audit_bucket *r)
{
	int64_t	 now = clock_ms(), full = AUDIT_BURST * 1000;

	if (r->at_ms == 0)
		r->left = full;
	else
		r->left += (now - r->at_ms) * AUDIT_PER_SECOND;
	if (r->left > full)
		r->left = full;
	r->at_ms = now;
	if (r->left < 1000)
		return false;
	r->left -= 1000;
	return true;
}

static void
say_dropped(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s)
{
	char	 line[LINE_MAX_BYTES];
	size_t	 len;

	if (r->dropped == 0 || au->mode == EVENT_NONE)
		return;
	len = format_dropped(line, sizeof(line) - 1, s, r->dropped);
	if (len > 0)
		write_line(au, line, len);
	r->dropped = 0;
}

static void
remember(struct audit *au, const struct audit_entry *a)
{
	if (a->event.reason == FDB_REASON_NONE)
		return;
	au->ring[au->next] = *a;
	au->next = (au->next + 1) % AUDIT_REMEMBERED;
	if (au->used < AUDIT_REMEMBERED)
		au->used++;
}

const char *
audit_record(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s, const struct event_record *e)
{
	static char		 line[LINE_MAX_BYTES];
	struct audit_entry	 a;
	size_t			 len;

	r->dropped += e->lost;
	au->dropped += e->lost;
	if (e->reason != FDB_REASON_NONE)
		au->denied++;
	if (!bucket_take(event_is_wanted(e, EVENT_DENIED) ? &r->denials :
	    &r->others)) {
		r->dropped++;
		au->dropped++;
		return NULL;
	}
	memset(&a, 0, sizeof(a));
	(void)clock_gettime(CLOCK_REALTIME, &a.when);
	a.subject = *s;
	a.event = *e;
	remember(au, &a);
	if ((len = audit_format(line, sizeof(line) - 1, &a)) == 0)
		return NULL;
	if (event_is_wanted(e, au->mode)) {
		say_dropped(au, r, s);
		write_line(au, line, len);
	}
	line[len] = '\0';
	return line;
}

void
audit_end(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s)
{
	say_dropped(au, r, s);
}
