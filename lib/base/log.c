/*
 * log.c: lines for the administrator, from every process.
 *
 * A line is formatted into a buffer of fixed size and goes to one place:
 * standard error, syslog(3), or a sink, which a process sets that can reach
 * neither of them.  Standard error gets each line in one write(2), so that
 * lines of several processes do not mix.  Touches nothing else.
 */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <vis.h>

#include "base/log.h"

/* Bytes in a text, with its NUL: enough for a path and a sentence. */
#define LOG_TEXT_MAX	6144

static struct {
	const char	*name;
	enum log_to	 to;
	int		 verbose;
	int		 console;	/* -1: none */
	log_sink	 sink;
	void		*arg;
} state = { "fdbroker", LOG_TO_STDERR, 0, -1, NULL, NULL };

static void	log_format(char *, size_t, int, const char *, va_list)
		    __attribute__((format(printf, 4, 0)));
static void	log_text(int, const char *);
static void	log_va(int, int, const char *, va_list)
		    __attribute__((format(printf, 3, 0)));
static void	log_write(int, const char *, size_t);

void
log_init(const char *name, enum log_to to, int verbose)
{
	state.name = name;
	state.to = to;
	state.verbose = verbose;
	/* Connect now: a confined process cannot reach the logger. */
	if (to == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
log_set_verbose(int verbose)
{
	state.verbose = verbose;
}

void
log_set_console(int fd)
{
	state.console = fd;
}

void
log_set_sink(log_sink sink, void *arg)
{
	state.sink = sink;
	state.arg = arg;
}

void
log_exchange_sink(log_sink *sink, void **arg)
{
	log_sink	 old_sink = state.sink;
	void		*old_arg = state.arg;

	log_set_sink(*sink, *arg);
	*sink = old_sink;
	*arg = old_arg;
}

void
log_warn(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_ERR, errno, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_ERR, 0, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_INFO, 0, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_DEBUG, 0, fmt, ap);
	va_end(ap);
}

void
log_at(int priority, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(priority, 0, fmt, ap);
	va_end(ap);
}

void
fatal(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_CRIT, errno, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	log_va(LOG_CRIT, 0, fmt, ap);
	va_end(ap);
	exit(1);
}

/* error is an errno value whose text is appended, or 0. */
static void
log_va(int priority, int error, const char *fmt, va_list ap)
{
	char	 text[LOG_TEXT_MAX];
	int	 saved = errno;

	if (priority == LOG_DEBUG && !state.verbose)
		return;
	log_format(text, sizeof(text), error, fmt, ap);
	if (state.sink != NULL)
		state.sink(state.arg, priority, text);
	else
		log_text(priority, text);
	errno = saved;
}

/* A text that does not fit is cut and ends in "...". */
static void
log_format(char *text, size_t size, int error, const char *fmt, va_list ap)
{
	bool	 cut = false;
	size_t	 len;
	int	 n;

	n = vsnprintf(text, size, fmt, ap);
	if (n < 0)
		cut = strlcpy(text, fmt, size) >= size;
	else
		cut = (size_t)n >= size;
	if (error != 0 && !cut) {
		len = strlen(text);
		n = snprintf(text + len, size - len, ": %s", strerror(error));
		cut = n < 0 || (size_t)n >= size - len;
	}
	if (cut)
		memcpy(text + size - 4, "...", 4);
}

/* Encode the text, which may contain what a client chose, and write it. */
static void
log_text(int priority, const char *text)
{
	char	 line[4 * LOG_TEXT_MAX], out[sizeof(line) + 128];
	int	 n;

	strvis(line, text, VIS_CSTYLE | VIS_OCTAL | VIS_TAB | VIS_NL);
	if (state.to == LOG_TO_SYSLOG) {
		syslog(priority, "%s", line);
		if (state.console == -1)
			return;
	}
	n = snprintf(out, sizeof(out), "%s: %s\n", state.name, line);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(out))
		n = sizeof(out) - 1;
	log_write(state.to == LOG_TO_SYSLOG ? state.console : STDERR_FILENO,
	    out, (size_t)n);
}

/* There is nowhere to report that this fails. */
static void
log_write(int fd, const char *line, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		n = write(fd, line, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		line += n;
		len -= (size_t)n;
	}
}
