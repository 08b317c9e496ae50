/*
 * audit.c: write the audit; see audit.h.
 *
 * Runs in the supervisor, as root.  Opens and appends to the configured file,
 * and nothing else.  The paths in it were encoded by an opener and checked by
 * event_get(); ipc/auditline.c quotes them.  If a line cannot be written, that
 * is counted and logged, and the daemon goes on.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/audit.h"

#define LINE_MAX_BYTES	4096

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

/*
 * Does the file end within a line, since the disk was full for this daemon or
 * one before?  fd is open for writing only.
 */
static bool
is_torn(int fd, const char *path)
{
	struct stat	 st, same;
	bool		 torn;
	char		 last;
	int		 in;

	in = open(path, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
	    O_CLOEXEC);
	torn = in != -1 && fstat(fd, &st) == 0 && fstat(in, &same) == 0 &&
	    st.st_dev == same.st_dev && st.st_ino == same.st_ino &&
	    st.st_size > 0 &&
	    pread(in, &last, 1, st.st_size - 1) == 1 && last != '\n';
	fd_close(&in);
	return torn;
}

/* Make room, unless there is some.  0, or -1 with errno. */
static int
ring_init(struct audit_ring *r, size_t size)
{
	if (r->entries != NULL)
		return 0;
	r->size = size;
	r->entries = calloc(size, sizeof(*r->entries));
	return r->entries != NULL ? 0 : -1;
}

static void
ring_add(struct audit_ring *r, const struct audit_entry *a)
{
	r->entries[r->next] = *a;
	r->next = (r->next + 1) % r->size;
	if (r->used < r->size)
		r->used++;
}

/* The entry i of those in use, the oldest of which is 0. */
static const struct audit_entry *
ring_get(const struct audit_ring *r, size_t i)
{
	return &r->entries[(r->next + r->size - r->used + i) % r->size];
}

void
audit_init(struct audit *au)
{
	memset(au, 0, sizeof(*au));
	au->per_second = AUDIT_PER_SECOND;
	au->fd = -1;
}

int
audit_configure(struct audit *au, enum audit_mode mode, const char *path)
{
	char	*copy = NULL;
	int	 fd = -1;

	if (ring_init(&au->refusals, AUDIT_REMEMBERED) == -1 ||
	    ring_init(&au->misses, AUDIT_MISSES) == -1)
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
	au->torn = path != NULL && is_torn(fd, path);
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
	au->torn = is_torn(fd, au->path);
	return 0;
}

void
audit_close(struct audit *au)
{
	fd_close(&au->fd);
	free(au->path);
	free(au->refusals.entries);
	free(au->misses.entries);
	audit_init(au);
}

/* 0, or -1 with errno. */
static int
write_line(struct audit *au, char *line, size_t len)
{
	ssize_t	 n;

	if (au->path == NULL) {
		syslog(LOG_AUTHPRIV | LOG_NOTICE, "%.*s", (int)len, line);
		au->written++;
		return 0;
	}
	/* End a line that was cut off, so that it does not spoil this one. */
	if (au->torn && write(au->fd, "\n", 1) != 1)
		return -1;
	au->torn = false;
	line[len] = '\n';
	do
		n = write(au->fd, line, len + 1);
	while (n == -1 && errno == EINTR);
	if (n == (ssize_t)(len + 1)) {
		au->written++;
		return 0;
	}
	if (n > 0)
		au->torn = true;
	if (n >= 0)
		errno = ENOSPC;
	return -1;
}

/*
 * A record could not be written; errno says why.  The next one of the session
 * that can tells how many are missing.
 */
static void
count_failed(struct audit *au, struct audit_rate *r)
{
	r->dropped++;
	r->summary.dropped++;
	/* Log the first failure and each thousandth. */
	if (au->failed++ == 0 || au->failed % 1000 == 0)
		log_warn("audit file %s: %" PRIu64 " records not written",
		    au->path, au->failed);
}

/* 0, or -1 with errno, and the number is kept. */
static int
write_dropped(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s)
{
	char		 line[LINE_MAX_BYTES];
	struct timespec	 now;
	size_t		 len;

	if (r->dropped == 0 || au->mode == AUDITMODE_NONE)
		return 0;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	len = auditline_format_dropped(line, sizeof(line) - 1, &now, s,
	    r->dropped);
	if (len > 0 && write_line(au, line, len) == -1)
		return -1;
	r->dropped = 0;
	return 0;
}

static void
remember(struct audit *au, const struct audit_entry *a)
{
	if (a->event.reason == FDB_REASON_NONE)
		return;
	ring_add(event_is_wanted(&a->event, AUDITMODE_DENIED) ?
	    &au->refusals : &au->misses, a);
}

size_t
audit_remembered(const struct audit *au)
{
	return au->refusals.used + au->misses.used;
}

static bool
is_older(const struct audit_entry *a, const struct audit_entry *b)
{
	return a->when.tv_sec != b->when.tv_sec ?
	    a->when.tv_sec < b->when.tv_sec :
	    a->when.tv_nsec < b->when.tv_nsec;
}

void
audit_recall(const struct audit *au, struct audit_entry *dst)
{
	const struct audit_ring	*a = &au->refusals, *b = &au->misses;
	size_t			 i = 0, k = 0;

	while (i < a->used || k < b->used) {
		if (k == b->used || (i < a->used &&
		    !is_older(ring_get(b, k), ring_get(a, i))))
			*dst++ = *ring_get(a, i++);
		else
			*dst++ = *ring_get(b, k++);
	}
}

/* Count a denial by the rule or the reason that decided. */
static void
count_rule(struct audit_summary *sum, const char *where)
{
	size_t	 i;

	for (i = 0; i < sum->nrules; i++)
		if (strcmp(sum->rules[i].where, where) == 0)
			break;
	if (i == AUDITLINE_RULES) {
		sum->others++;
		return;
	}
	if (i == sum->nrules)
		(void)strlcpy(sum->rules[sum->nrules++].where, where,
		    sizeof(sum->rules[0].where));
	sum->rules[i].n++;
}

/* Count for the summary, whatever the rate allows. */
static void
count_record(struct audit_summary *sum, const struct event_record *e)
{
	sum->dropped += e->lost;
	if (!event_is_wanted(e, AUDITMODE_DENIED))
		return;
	if (e->reason != FDB_REASON_POLICY) {
		sum->refused++;
		return;
	}
	sum->denied++;
	count_rule(sum, e->where);
}

const char *
audit_record(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s, const struct event_record *e)
{
	static char		 line[LINE_MAX_BYTES];
	struct audit_entry	 a;
	struct bucket		*b;
	size_t			 len;

	r->dropped += e->lost;
	r->untold += e->lost;
	count_record(&r->summary, e);
	au->dropped += e->lost;
	if (e->reason != FDB_REASON_NONE)
		au->denied++;
	b = event_is_wanted(e, AUDITMODE_DENIED) ? &r->denials : &r->others;
	bucket_refill(b, clock_ms(), au->per_second,
	    (int64_t)au->per_second * AUDIT_BURST_SECONDS);
	/* A lossless audit slows the opener: it waits until we read. */
	if (au->mode != AUDITMODE_LOSSLESS && !bucket_take(b, 1)) {
		r->dropped++;
		r->untold++;
		r->summary.dropped++;
		au->dropped++;
		return NULL;
	}
	memset(&a, 0, sizeof(a));
	(void)clock_gettime(CLOCK_REALTIME, &a.when);
	a.subject = *s;
	a.event = *e;
	remember(au, &a);
	if ((len = auditline_format(line, sizeof(line) - 1, &a)) == 0)
		return NULL;
	if (event_is_wanted(e, au->mode) && (write_dropped(au, r, s) == -1 ||
	    write_line(au, line, len) == -1))
		count_failed(au, r);
	line[len] = '\0';
	return line;
}

void
audit_end(struct audit *au, struct audit_rate *r,
    const struct audit_subject *s)
{
	(void)write_dropped(au, r, s);
}

void
audit_summarize(struct audit *au, const struct audit_rate *r,
    const struct audit_subject *s)
{
	struct audit_summary	 sum = r->summary;
	char			 line[LINE_MAX_BYTES];
	struct timespec		 now;
	size_t			 len;

	if (au->mode == AUDITMODE_NONE)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	/* If the rules have very long labels, name fewer. */
	while ((len = auditline_format_summary(line, sizeof(line) - 1, &now,
	    s, &sum)) == 0 && sum.nrules > 0)
		sum.others += sum.rules[--sum.nrules].n;
	if (len > 0)
		(void)write_line(au, line, len);
}
