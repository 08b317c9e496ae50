/*
 * workerlog.c: the worker's records in the controller; see
 * controller/workerlog.h.
 *
 * Runs in the controller, which does not trust the worker: a table says when
 * each record may come, and text is encoded as by vis(3) before it is shown.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "confine/confine.h"
#include "controller/jsonline.h"
#include "controller/listing.h"
#include "controller/workerlog.h"

#define LAYERS_MAX	256

#define OURS		"fdbackup: "	/* before each message */

/* To the beginning of the line, and from there on nothing; ECMA-48. */
#define TERMINAL_RETURN	"\r"
#define TERMINAL_ERASE	"\033[K"

void
workerlog_init(struct workerlog *d, const struct options *o)
{
	struct stat	 st;

	/* What follows is decoded before it is read. */
	memset(d, 0, offsetof(struct workerlog, record.text));
	d->options = o;
	terminal_init(&d->err, STDERR_FILENO);
	terminal_init(&d->out, STDOUT_FILENO);
	terminal_init(&d->log, -1);
	(void)clock_gettime(CLOCK_MONOTONIC, &d->start);
	progress_init(&d->progress, o, isatty(STDERR_FILENO), clock_ms());
	d->mixed = isatty(STDOUT_FILENO);
	d->piped = fstat(STDOUT_FILENO, &st) == 0 && S_ISFIFO(st.st_mode);
	if (buf_puts(&d->theirs, OURS) == 0 && o->host != NULL &&
	    report_vis(&d->theirs, o->host) == 0)
		(void)buf_puts(&d->theirs, ": ");
}

/* What comes from the worker begins with the host, if that is another one. */
static const char *
from_host(const struct workerlog *d)
{
	return d->theirs.len > strlen(OURS) ? d->theirs.data + strlen(OURS) :
	    "";
}

static const char *
host_name(const struct workerlog *d)
{
	return d->options->host != NULL ? d->options->host : "";
}

static void
log_line(struct workerlog *d, const char *prefix, const char *name,
    const char *text)
{
	struct buf	*b = &d->line;

	if (d->log.fd == -1)
		return;
	buf_cut(b, 0);
	if (report_time(b) == 0 && buf_puts(b, prefix) == 0 &&
	    report_format(b, name, text) == 0 &&
	    buf_putc(b, '\n') == 0)
		(void)terminal_add(&d->log, b);
	(void)terminal_flush(&d->log);
}

void
workerlog_set_log(struct workerlog *d, int fd)
{
	char	 text[64];

	d->log.fd = fd;
	/* Another machine cannot write it. */
	d->log_is_ours = isatty(fd) || d->options->host != NULL;
	(void)snprintf(text, sizeof(text), "%s begins",
	    d->options->command->name);
	log_line(d, "", "", text);
}

void
workerlog_move_log(struct workerlog *d, int fd, bool is_ours,
    const char *target)
{
	char	 text[64];

	log_line(d, "", target, "the log goes on there");
	if (d->log.fd != -1)
		close(d->log.fd);
	terminal_clear(&d->log);
	terminal_init(&d->log, fd);
	d->log_is_ours = is_ours;
	d->log_told = false;
	(void)snprintf(text, sizeof(text), "%s goes on",
	    d->options->command->name);
	log_line(d, "", "", text);
}

void
workerlog_erase(struct workerlog *d)
{
	struct buf	 text = { NULL, 0, 0 };

	if (!d->progress.shown)
		return;
	if (buf_puts(&text, TERMINAL_RETURN TERMINAL_ERASE) == 0)
		(void)terminal_add(&d->err, &text);
	(void)terminal_flush(&d->err);
	buf_free(&text);
	d->progress.shown = false;
	d->progress.fresh = true;
}

/* Write a line to standard error; a failure cannot be reported anywhere. */
static void
err_line(struct workerlog *d, const char *prefix, const char *name,
    const char *text)
{
	struct buf	*b = &d->line;

	if (d->options->relay != NULL)
		return;
	workerlog_erase(d);
	buf_cut(b, 0);
	if (buf_puts(b, prefix) == 0 && report_format(b, name, text) == 0 &&
	    buf_putc(b, '\n') == 0)
		(void)terminal_add(&d->err, b);
	(void)terminal_flush(&d->err);
}

/* Write what a line of JSON says to standard output.  0, or -1. */
static int
out_line(struct workerlog *d)
{
	struct terminal	*t = &d->out;

	/* The other machine gets the record itself. */
	if (d->options->relay != NULL)
		return 0;
	/* It is written now, or when the buffer is full. */
	if (d->mixed && t->buf.len + d->line.len >= TERMINAL_BATCH)
		workerlog_erase(d);
	if (terminal_add(t, &d->line) == 0)
		return 0;
	(void)workerlog_flush(d);
	return -1;
}

/* What extract does with a name, or would do.  NULL: it is not about that. */
static const char *
change_of(const struct workerlog *d, enum report_kind kind)
{
	if (!d->options->command->restores || (kind != REPORT_MEMBER &&
	    kind != REPORT_REMOVED))
		return NULL;
	return d->options->plan ? "planned" : kind == REPORT_REMOVED ?
	    "removed" : "restored";
}

/* A report as JSON, if that is wanted.  0, or -1. */
static int
json_report(struct workerlog *d, enum report_kind kind, const char *name,
    const char *text)
{
	const char	*change = change_of(d, kind);

	if (!d->options->json || d->options->relay != NULL)
		return 0;
	buf_cut(&d->line, 0);
	if ((change != NULL ?
	    jsonline_change(&d->line, change, name, text) :
	    jsonline_report(&d->line, kind, name, text)) == -1 ||
	    out_line(d) == -1)
		return -1;
	/* Who follows a backup learns of a problem when it happens. */
	return d->options->command->stores && kind != REPORT_EXCLUDED ?
	    workerlog_flush(d) : 0;
}

void
workerlog_tell_fatal(struct workerlog *d, const char *text)
{
	if (d->options->relay != NULL) {
		d->fatal = true;
		(void)channel_put_report(d->options->relay, REPORT_FATAL, "",
		    text);
		return;
	}
	workerlog_tell(d, "", text);
	(void)json_report(d, REPORT_FATAL, "", text);
}

void
workerlog_tell(struct workerlog *d, const char *name, const char *text)
{
	if (d->options->relay != NULL) {
		(void)channel_put_report(d->options->relay, REPORT_NOTE, name,
		    text);
		return;
	}
	err_line(d, OURS, name, text);
	log_line(d, "", name, text);
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec	 now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	    (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static enum tally_what
what_is_counted(const struct workerlog *d)
{
	const struct command	*cmd = d->options->command;

	if (cmd->compares)
		return cmd->walks ? TALLY_WALKED : TALLY_COMPARED;
	return cmd->prints ? TALLY_LISTED : cmd->restores ? TALLY_RESTORED :
	    TALLY_STORED;
}

/* Append the counts of the command.  0, or -1: ENOMEM. */
static int
describe_tally(const struct workerlog *d, const struct tally *t,
    struct buf *text)
{
	if (d->options->dry_run && buf_puts(text, "dry run: ") == -1)
		return -1;
	if (d->options->command->drills && buf_printf(text, "seed %" PRIu64
	    ": ", d->options->seed) == -1)
		return -1;
	return tally_describe(text, t, what_is_counted(d),
	    seconds_since(&d->start));
}

int
workerlog_summary(struct workerlog *d, int status)
{
	const struct jsonline_run	 run = {
		d->options->command->name, d->options->archive,
		d->options->host,
		what_is_counted(d), &d->tally, seconds_since(&d->start),
		status, d->options->dry_run || d->options->plan,
		d->options->command->drills ? &d->options->seed : NULL
	};

	if (!d->options->json || d->options->relay != NULL)
		return 0;
	buf_cut(&d->line, 0);
	return jsonline_summary(&d->line, &run) == -1 ? -1 : out_line(d);
}

/* Append the counts so far, and where the worker is.  0, or -1: ENOMEM. */
static int
describe_progress(const struct workerlog *d, struct buf *text)
{
	const struct channel_where	*w = &d->progress.where;
	struct tally			 t = d->tally;

	if (w->counting && buf_printf(text, "counting: %" PRIu64 " files, %"
	    PRIu64 " bytes, %.2f seconds", w->members, w->bytes,
	    seconds_since(&d->start)) == -1)
		return -1;
	if (!w->counting && t.bytes < w->bytes)
		t.bytes = w->bytes;
	if (!w->counting && describe_tally(d, &t, text) == -1)
		return -1;
	return progress_text(&d->progress, text, clock_ms());
}

void
workerlog_tell_progress(struct workerlog *d)
{
	struct buf	 text = { NULL, 0, 0 };

	if (describe_progress(d, &text) == 0)
		err_line(d, OURS, "", buf_str(&text));
	buf_free(&text);
}

int
workerlog_timeout(const struct workerlog *d)
{
	return progress_timeout(&d->progress, clock_ms());
}

/* Write the line of a terminal, unless it is busy or stopped. */
static void
draw_line(struct workerlog *d)
{
	struct buf	*b = &d->line;

	if (!d->progress.known || !terminal_is_ready(&d->err))
		return;
	buf_cut(b, 0);
	if (buf_puts(b, TERMINAL_RETURN) == -1 ||
	    progress_line(&d->progress, b, terminal_columns(&d->err),
	    clock_ms()) == -1 || buf_puts(b, TERMINAL_ERASE) == -1)
		return;
	(void)terminal_add(&d->err, b);
	(void)terminal_flush(&d->err);
	d->progress.shown = true;
}

/* The same as JSON, if that is wanted.  0, or -1. */
static int
json_progress(struct workerlog *d)
{
	const struct progress	*p = &d->progress;

	if (!d->options->json)
		return 0;
	buf_cut(&d->line, 0);
	if (jsonline_progress(&d->line, &p->where, buf_str(&p->name),
	    seconds_since(&d->start), progress_left(p, clock_ms())) == -1 ||
	    out_line(d) == -1)
		return -1;
	return workerlog_flush(d);
}

int
workerlog_tick(struct workerlog *d)
{
	struct progress	*p = &d->progress;
	struct buf	 text = { NULL, 0, 0 };

	if (workerlog_timeout(d) != 0)
		return 0;
	p->last = clock_ms();
	p->fresh = false;
	if (p->how == PROGRESS_AUTO) {
		draw_line(d);
		return 0;
	}
	if (describe_progress(d, &text) == 0)
		workerlog_tell(d, "", buf_str(&text));
	buf_free(&text);
	return json_progress(d);
}

/* The worker waits for the archive or the log; each may come once. */
static int
take_address(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	if ((d->handed & p->what) != 0 ||
	    (p->what == CHANNEL_LOG && (d->log.fd == -1 ||
	    d->log_is_ours)) || (p->what == CHANNEL_OUTPUT &&
	    !d->options->to_stdout))
		return -1;
	d->handed |= p->what;
	r->what = p->what;
	r->address = p->name;
	return 0;
}

/* The worker continues as another process, which it may do once. */
static int
take_process(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	if (d->moved || p->id <= 1 || p->id > INT32_MAX)
		return -1;
	d->moved = true;
	r->process = (pid_t)p->id;
	return 0;
}

static int
take_confined(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	char		 layers[LAYERS_MAX];
	struct buf	 text = { NULL, 0, 0 };
	uint32_t	 lacks;

	(void)r;
	d->confined = true;
	if (!d->options->verbose || d->options->command->prints ||
	    d->options->relay != NULL)
		return 0;
	confine_describe(p->confined, layers, sizeof(layers));
	if (buf_printf(&text, "worker: %s", layers) == -1)
		return -1;
	/* Name the optional layers that it lacks. */
	lacks = confine_extra(CONFINE_WORKER) & ~p->confined;
	if (lacks != 0) {
		confine_describe(lacks, layers, sizeof(layers));
		if (buf_printf(&text, " (without %s)", layers) == -1)
			return -1;
	}
	if (options_need_session(d->options)) {
		confine_describe(p->opener, layers, sizeof(layers));
		if (buf_printf(&text, "; opener: %s", layers) == -1)
			return -1;
	}
	confine_describe(d->controller, layers, sizeof(layers));
	if (buf_printf(&text, "; controller%s: %s",
	    d->options->host != NULL ? " here" : "", layers) == -1)
		return -1;
	workerlog_tell(d, host_name(d), buf_str(&text));
	buf_free(&text);
	return 0;
}

/* Look up a name; a command that stores nothing has no use for it. */
static int
take_owner(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	const struct passwd	*pw;
	const struct group	*gr;

	if (!d->options->command->stores)
		return -1;
	r->owner = p->owner;
	r->name = "";
	if (p->owner == CHANNEL_USER && (pw = getpwuid(p->id)) != NULL)
		r->name = pw->pw_name;
	if (p->owner == CHANNEL_GROUP && (gr = getgrgid(p->id)) != NULL)
		r->name = gr->gr_name;
	return 0;
}

/* Look up a number, for a command that restores or compares owners. */
static int
take_id(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	const struct command	*cmd = d->options->command;
	const struct passwd	*pw;
	const struct group	*gr;

	/* An honest worker does not ask for names that nobody can have. */
	if ((!cmd->restores && !(cmd->compares && cmd->walks)) ||
	    strlen(p->name) >= CHANNEL_OWNER_MAX)
		return -1;
	r->number = true;
	if (p->owner == CHANNEL_USER && (pw = getpwnam(p->name)) != NULL) {
		r->known = true;
		r->id = (uint32_t)pw->pw_uid;
	}
	if (p->owner == CHANNEL_GROUP && (gr = getgrnam(p->name)) != NULL) {
		r->known = true;
		r->id = (uint32_t)gr->gr_gid;
	}
	return 0;
}

/* Is it what diff was asked for? */
static bool
is_finding(const struct workerlog *d, enum report_kind kind)
{
	const struct command	*cmd = d->options->command;

	return cmd->compares && cmd->walks && (kind == REPORT_DIFFERENT ||
	    kind == REPORT_MISSING || kind == REPORT_UNEXPECTED);
}

/* A difference from the files: it goes to standard output. */
static int
take_finding(struct workerlog *d, const struct channel_record *p)
{
	const char	*prefix = p->kind == REPORT_DIFFERENT ? "changed: " :
			    p->kind == REPORT_MISSING ? "missing: " :
			    "extra: ";

	if (d->log_is_ours)
		log_line(d, "", p->name, p->detail);
	if (d->options->json)
		return json_report(d, p->kind, p->name, p->detail);
	buf_cut(&d->line, 0);
	if (buf_puts(&d->line, prefix) == -1 || report_format(&d->line,
	    p->name, p->kind == REPORT_DIFFERENT ? p->detail : "") == -1 ||
	    buf_putc(&d->line, '\n') == -1)
		return -1;
	return out_line(d);
}

static int
take_report(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	(void)r;
	if (p->kind == REPORT_FATAL)
		d->fatal = true;
	if (p->kind == REPORT_LOG)
		d->log_told = true;
	if (is_finding(d, p->kind))
		return take_finding(d, p);
	err_line(d, p->kind == REPORT_MEMBER ? "" : buf_str(&d->theirs),
	    p->name, p->detail);
	if (d->log_is_ours)
		log_line(d, from_host(d), p->name, p->detail);
	return json_report(d, p->kind, p->name, p->detail);
}

static int
take_entry(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	int	 ret;

	(void)r;
	if (!d->options->command->prints && !d->options->dry_run &&
	    !(d->options->command->stores && d->options->json &&
	    d->options->verbose))
		return -1;
	if (p->entry.cut)
		workerlog_tell(d, p->entry.name, "a name of this member is "
		    "too long, and is listed without its end");
	buf_cut(&d->line, 0);
	if (d->options->json)
		ret = jsonline_member(&d->line, &p->entry);
	else if (d->options->dry_run)
		ret = listing_format_size(&d->line, &p->entry);
	else if (d->options->null)
		ret = buf_add(&d->line, p->entry.name,
		    strlen(p->entry.name) + 1);
	else
		ret = listing_format(&d->line, &p->entry,
		    d->options->verbose);
	return ret == -1 ? -1 : out_line(d);
}

static int
take_subtotal(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	(void)r;
	if (!d->options->dry_run)
		return -1;
	buf_cut(&d->line, 0);
	if ((d->options->json ? jsonline_subtotal : listing_format_subtotal)(
	    &d->line, p->name, p->members, p->bytes) == -1)
		return -1;
	return out_line(d);
}

static int
take_progress(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	(void)r;
	d->tally = p->tally;
	return 0;
}

static int
take_where(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	(void)r;
	return progress_take(&d->progress, &p->where, p->name, clock_ms());
}

static int
take_done(struct workerlog *d, const struct channel_record *p,
    struct workerlog_request *r)
{
	if (d->fatal)
		return -1;
	d->done = true;
	return take_progress(d, p, r);
}

/* The states of the worker, in which a record may come. */
#define BEFORE	0x1		/* before CHANNEL_CONFINED */
#define AFTER	0x2		/* after it and before CHANNEL_DONE */
#define FAR	0x4		/* it may come from another machine */

static const struct {
	enum channel_type	 type;
	unsigned int		 states;
	int			(*take)(struct workerlog *,
				    const struct channel_record *,
				    struct workerlog_request *);
} rows[] = {
	{ CHANNEL_ADDRESS,	BEFORE,		take_address },
	{ CHANNEL_PROCESS,	BEFORE,		take_process },
	{ CHANNEL_CONFINED,	BEFORE | FAR,	take_confined },
	{ CHANNEL_OWNER,	BEFORE | AFTER,	take_owner },
	{ CHANNEL_ID,		AFTER,		take_id },
	{ CHANNEL_REPORT,	BEFORE | AFTER | FAR, take_report },
	{ CHANNEL_ENTRY,	BEFORE | AFTER | FAR, take_entry },
	{ CHANNEL_SUBTOTAL,	AFTER | FAR,	take_subtotal },
	{ CHANNEL_PROGRESS,	BEFORE | AFTER | FAR, take_progress },
	{ CHANNEL_WHERE,	AFTER | FAR,	take_where },
	{ CHANNEL_DONE,		AFTER | FAR,	take_done }
};

/*
 * Handle the record that was decoded from these bytes.  One that may come from
 * another machine goes to the one that asked for this run, if there is one.
 */
static int
workerlog_take_record(struct workerlog *d, const uint8_t *bytes, size_t len,
    struct workerlog_request *r)
{
	struct channel	*relay = d->options->relay;
	unsigned int	 state;
	size_t		 i;

	/* No record may come after CHANNEL_DONE. */
	state = d->done ? 0 : d->confined ? AFTER : BEFORE;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type != d->record.type ||
		    (rows[i].states & state) == 0 ||
		    (d->options->host != NULL && (rows[i].states & FAR) == 0))
			continue;
		if (rows[i].take(d, &d->record, r) == -1)
			return -1;
		return relay == NULL || (rows[i].states & FAR) == 0 ? 0 :
		    channel_forward(relay, bytes, len);
	}
	return -1;
}

int
workerlog_take(struct workerlog *d, const void *buf, size_t len,
    struct workerlog_request *r)
{
	struct wire_in	 in;
	const uint8_t	*first;

	memset(r, 0, sizeof(*r));
	wire_in_init(&in, buf, len);
	while (in.left > 0) {
		first = in.buf;
		/* A record that wants an action must be the last. */
		if (r->what != 0 || r->owner != 0 || r->number ||
		    channel_get(&in, &d->record) == -1 ||
		    workerlog_take_record(d, first, (size_t)(in.buf - first),
		    r) == -1)
			return -1;
	}
	return d->options->relay != NULL ?
	    channel_flush(d->options->relay) : 0;
}

struct pollfd
workerlog_pollfd(const struct workerlog *d)
{
	const struct command	*cmd = d->options->command;

	/* What other commands do is not only for their reader. */
	return (struct pollfd){ .fd = cmd->compares && cmd->walks &&
	    d->piped && d->options->relay == NULL ? d->out.fd : -1 };
}

int
workerlog_polled(struct workerlog *d, const struct pollfd *pfd)
{
	if (pfd->fd == -1 || !(pfd->revents & (POLLERR | POLLHUP)))
		return 0;
	d->out.error = EPIPE;
	return -1;
}

int
workerlog_flush(struct workerlog *d)
{
	if (d->mixed)
		workerlog_erase(d);
	if (terminal_flush(&d->out) == 0)
		return 0;
	/* Who closes a pipe, as head(1) does, knows that more was to come. */
	if (d->out.error != ECANCELED && d->out.error != EPIPE)
		workerlog_tell(d, "standard output", strerror(d->out.error));
	return -1;
}

/* Write the counts, or how the run failed. */
static void
log_end(struct workerlog *d, int status, int sig)
{
	struct buf	 text = { NULL, 0, 0 };

	if (d->options->relay != NULL)
		return;
	if (sig != 0)
		workerlog_tell(d, "", "stopped by a signal");
	else if (status == STATUS_FATAL || status == STATUS_USAGE)
		log_line(d, "", "", "failed");
	else if (d->options->quiet && status == STATUS_COMPLETE)
		log_line(d, "", "", "complete");
	else if (!d->options->command->prints &&
	    describe_tally(d, &d->tally, &text) == 0)
		workerlog_tell(d, host_name(d), buf_str(&text));
	buf_free(&text);
}

void
workerlog_end(struct workerlog *d, int status, int sig)
{
	workerlog_erase(d);
	log_end(d, status, sig);
	if (d->log.fd != -1) {
		close(d->log.fd);
		/* A signal cancels what is still to be written. */
		if (d->log.error != 0 && !d->log_told && (sig == 0 ||
		    d->log.error != ECANCELED))
			err_line(d, OURS, "the log is incomplete",
			    strerror(d->log.error));
	}
	terminal_clear(&d->err);
	terminal_clear(&d->out);
	terminal_clear(&d->log);
	buf_free(&d->line);
	buf_free(&d->theirs);
	progress_clear(&d->progress);
}
