/*
 * reporter.c: the worker's reports; see sandbox/reporter.h.
 *
 * Runs in the worker.  Touches the channel to the controller and the
 * descriptor of the log.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "sandbox/fdio.h"
#include "sandbox/reporter.h"

#define REPORTER_TEXT_MAX	1024
#define REPORTER_INTERVAL	1000	/* milliseconds, if nobody watches */

void
reporter_limit_memory(struct reporter *t)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_AS, &rl) == 0 && rl.rlim_cur < t->max_memory) {
		t->max_memory = rl.rlim_cur;
		t->more_memory = "raise RLIMIT_AS (ulimit -v)";
	}
	/* The worker sets this one itself. */
	if (getrlimit(RLIMIT_DATA, &rl) == 0 && rl.rlim_max < t->max_memory) {
		t->max_memory = rl.rlim_max;
		t->more_memory = "raise RLIMIT_DATA (ulimit -d)";
	}
}

void
reporter_init(struct reporter *t, int channel, const struct options *o)
{
	memset(t, 0, offsetof(struct reporter, channel));
	(void)pthread_mutex_init(&t->lock, NULL);
	channel_init(&t->channel, channel);
	t->verbose = o->verbose;
	t->json = o->json;
	/* Only commands that read an archive name it. */
	t->archive = o->archive == NULL || strcmp(o->archive, "-") == 0 ?
	    "standard input" : o->archive;
	t->denied_ok = o->denied == DENIED_OK;
	t->max_memory = o->max_memory;
	t->more_memory = "--max-memory raises this limit";
	t->log = -1;
	t->interval = REPORTER_INTERVAL;
}

void
reporter_clear(struct reporter *t)
{
	/* The thread that waits for another log may still lock it. */
	buf_free(&t->line);
}

void
reporter_set_log(struct reporter *t, int fd)
{
	pthread_mutex_lock(&t->lock);
	fd_close(&t->log);
	t->log = fd;
	t->log_broken = false;
	pthread_mutex_unlock(&t->lock);
}

static void
log_line(struct reporter *t, const char *name, const char *text)
{
	struct buf	*b = &t->line;

	if (t->log == -1 || t->log_broken)
		return;
	buf_cut(b, 0);
	errno = ENOMEM;
	if (report_time(b) == 0 && report_format(b, name, text) == 0 &&
	    buf_putc(b, '\n') == 0 && fdio_write(t->log, b->data, b->len) == 0)
		return;
	/* The archive matters more than the log: warn, and go on without it. */
	t->log_broken = true;
	(void)channel_put_report(&t->channel, REPORT_LOG, "",
	    errno == ENOSPC ? "the log is incomplete: no space left" :
	    "the log is incomplete: it cannot be written");
}

/* Is this only told to a user who wants to know everything? */
static bool
is_detail(const struct reporter *t, enum report_kind kind)
{
	return kind == REPORT_MEMBER || kind == REPORT_NOTE ||
	    kind == REPORT_EXCLUDED || kind == REPORT_UNCHANGED ||
	    kind == REPORT_REMOVED ||
	    (kind == REPORT_HIDDEN && t->denied_ok);
}

/*
 * With the lock held.  A thread that has not noticed yet that another one
 * failed goes on and reports: that is dropped, so that the reason is said last.
 */
static int
report_put(struct reporter *t, enum report_kind kind, const char *name,
    const char *text)
{
	if (t->ahead_of != NULL)
		return kind != REPORT_FATAL ? 0 :
		    reporter_report(t->ahead_of, kind, name, text);
	if (kind == REPORT_FATAL)
		t->failed = true;
	else if (t->failed)
		return 0;
	tally_count(&t->tally, kind);
	if (is_detail(t, kind) && !t->verbose)
		return 0;
	log_line(t, name, text);
	return channel_put_report(&t->channel, kind, name, text);
}

int
reporter_report(struct reporter *t, enum report_kind kind, const char *name,
    const char *text)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = report_put(t, kind, name, text);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_reportf(struct reporter *t, enum report_kind kind, const char *name,
    const char *fmt, ...)
{
	char	 text[REPORTER_TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	/* A message that does not fit is cut. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return reporter_report(t, kind, name, text);
}

int
reporter_hidden(struct reporter *t, const char *name, uint64_t n)
{
	char	 text[64];
	int	 ret;

	(void)snprintf(text, sizeof(text), "%" PRIu64 " %s", n, n == 1 ?
	    "name in it is hidden by policy" :
	    "names in it are hidden by policy");
	pthread_mutex_lock(&t->lock);
	if (!t->failed)
		t->tally.hidden += n;
	ret = report_put(t, REPORT_HIDDEN, name, text);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_no_memory(struct reporter *t)
{
	(void)reporter_reportf(t, REPORT_FATAL, "", "out of memory: the worker "
	    "may use %" PRIu64 " bytes; %s", t->max_memory, t->more_memory);
	return -1;
}

bool
reporter_is_memory(int error, const char *why)
{
	/* libarchive has a limit of its own for the window of zstd. */
	return error == ENOMEM || (strstr(why, "memory") != NULL &&
	    strstr(why, "requires too much") == NULL);
}

int
reporter_flush(struct reporter *t)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = channel_flush(&t->channel);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

void
reporter_watch(struct reporter *t, unsigned int interval)
{
	t->interval = interval;
}

void
reporter_expect(struct reporter *t, uint64_t bytes)
{
	pthread_mutex_lock(&t->lock);
	t->total = bytes;
	pthread_mutex_unlock(&t->lock);
}

void
reporter_consumed(struct reporter *t, uint64_t bytes, uint64_t total)
{
	pthread_mutex_lock(&t->lock);
	t->reads = true;
	t->consumed = bytes;
	t->total = total;
	pthread_mutex_unlock(&t->lock);
}

/* With the lock held: is it time to send progress? */
static bool
is_time(struct reporter *t)
{
	struct timespec	 ts;
	int64_t		 now;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &ts) == -1)
		return false;
	now = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (now < t->progress)
		return false;
	t->progress = now + t->interval;
	return true;
}

/*
 * With the lock held: send progress if it is time.  part: bytes of the member
 * under way.
 */
static int
progress_put(struct reporter *t, const char *name, uint64_t part)
{
	struct channel_where	 where = {
		.counting = t->ahead_of != NULL,
		.members = t->tally.files,
		.bytes = t->tally.bytes + part,
		.done = t->reads ? t->consumed : t->tally.bytes + part,
		.total = t->total
	};

	if (!is_time(t))
		return 0;
	if (t->stops && channel_is_stopped(&t->channel))
		return -1;
	if (where.counting) {
		if (channel_put_where(&t->ahead_of->channel, &where,
		    name) == -1)
			return -1;
		return channel_flush(&t->ahead_of->channel);
	}
	if (channel_put_where(&t->channel, &where, name) == -1)
		return -1;
	return channel_put_tally(&t->channel, CHANNEL_PROGRESS, &t->tally);
}

/* With the lock held. */
static int
count_put(struct reporter *t, const char *name, uint64_t bytes)
{
	t->tally.files++;
	t->tally.bytes += bytes;
	return progress_put(t, name, 0);
}

int
reporter_count(struct reporter *t, const char *name, uint64_t bytes)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = count_put(t, name, bytes);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_under_way(struct reporter *t, const char *name, uint64_t bytes)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = progress_put(t, name, bytes);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_member(struct reporter *t, const char *name, uint64_t bytes)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = count_put(t, name, bytes);
	if (ret == 0 && t->verbose)
		ret = report_put(t, REPORT_MEMBER, name, "");
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_stored(struct reporter *t, const struct entry *e)
{
	struct entry	 shown = *e;
	int		 ret;

	/* The contents belong to the other name, as in the archive. */
	if (e->hardlink[0] != '\0') {
		shown.size = 0;
		shown.sparse = shown.has_digest = false;
	}
	if (!t->json || !t->verbose)
		return reporter_member(t, e->name, shown.size);
	pthread_mutex_lock(&t->lock);
	ret = count_put(t, e->name, shown.size);
	if (ret == 0 && !t->failed) {
		log_line(t, e->name, "");
		ret = channel_put_entry(&t->channel, &shown);
	}
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_entry(struct reporter *t, const struct entry *e)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = channel_put_entry(&t->channel, e);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_subtotal(struct reporter *t, const char *name, uint64_t members,
    uint64_t bytes)
{
	int	 ret;

	if (t->ahead_of != NULL)
		return 0;
	pthread_mutex_lock(&t->lock);
	ret = channel_put_subtotal(&t->channel, name, members, bytes);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_ask_owner(struct reporter *t, enum channel_owner kind, uint32_t id,
    char *name)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = channel_ask_owner(&t->channel, kind, id, name);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

int
reporter_ask_id(struct reporter *t, enum channel_owner kind, const char *name,
    bool *known, uint32_t *id)
{
	int	 ret;

	pthread_mutex_lock(&t->lock);
	ret = channel_ask_id(&t->channel, kind, name, known, id);
	pthread_mutex_unlock(&t->lock);
	return ret;
}

bool
reporter_is_empty_by_choice(struct reporter *t)
{
	const struct tally	*c = &t->tally;
	bool			 ret;

	pthread_mutex_lock(&t->lock);
	ret = c->excluded > 0 && c->unreadable == 0 && c->vanished == 0 &&
	    c->denied == 0 && c->by_option == 0 && c->hidden == 0;
	pthread_mutex_unlock(&t->lock);
	return ret;
}
