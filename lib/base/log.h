/*
 * log.h: log a line to standard error, to syslog(3), or to a function that the
 * process sets (a sink).  Nothing that a client chose is logged raw: the text
 * is passed through vis(3).
 */

#ifndef LOG_H
#define LOG_H

#include <stdarg.h>

enum log_to { LOG_TO_STDERR, LOG_TO_SYSLOG };

/* Takes a line of the given syslog priority; the text is not encoded yet. */
typedef void (*log_sink)(void *arg, int priority, const char *text);

/* name precedes each line and stays the caller's. */
void	log_init(const char *name, enum log_to, int verbose);
void	log_set_verbose(int verbose);	/* 1: log_debug() too */
/*
 * What goes to syslog(3) goes to this descriptor, too, which stays the
 * caller's; -1: no more.
 */
void	log_set_console(int fd);
void	log_set_sink(log_sink, void *arg);	/* NULL: back to log_to */
/* Set both, and return what they were: call it again to set them back. */
void	log_exchange_sink(log_sink *, void **arg);

/* warn: with the text of errno; warnx: without.  errno is preserved. */
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_at(int priority, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Log and exit(1).  Only at the start, for a failed drop of privilege, or when
 * a channel between our own processes is corrupt.
 */
void	fatal(const char *, ...)
	    __attribute__((format(printf, 1, 2), noreturn));
void	fatalx(const char *, ...)
	    __attribute__((format(printf, 1, 2), noreturn));

#endif /* LOG_H */
