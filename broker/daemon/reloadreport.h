/*
 * reloadreport.h: what an administrator is told about a reload.
 */

#ifndef RELOADREPORT_H
#define RELOADREPORT_H

#include <stddef.h>

struct admission;
struct conf;

/* The most sessions that a report names, and lines of it in the log. */
#define RELOADREPORT_SESSIONS	40
#define RELOADREPORT_LOGGED	64

/*
 * Say what a configuration changes that is not in force yet: how it differs
 * from ad->conf, which are the first *changes bytes, which sessions end and
 * why, and then its warnings.  Lines of text, which the caller frees, or NULL:
 * no memory.
 */
char	*reloadreport_new(const struct admission *, const struct conf *,
	    const char *warnings, size_t *changes);

/*
 * Log the first lines of the changes, each after the name of a file.  The rest
 * is logged where it happens.
 */
void	 reloadreport_log(const char *report, size_t changes,
	    const char *file);

#endif /* RELOADREPORT_H */
