/*
 * cmdarg.h: what each option of fdbackup says: check its argument, and keep it
 * in the options.
 */

#ifndef CMDARG_H
#define CMDARG_H

#include "common/options.h"

#define CMDARG_WHY_MAX	256	/* bytes of a reason, with its NUL */

/*
 * Take the option with this letter and long name; arg is its argument, or NULL.
 * 0, or -1 with the reason in why, of CMDARG_WHY_MAX bytes.
 */
int	 cmdarg_take(struct options *, int letter, const char *arg,
	    const char *name, char *why);

/* Unless an option says how to compress, the name of the archive does. */
void	 cmdarg_choose_compression(struct options *);

/* The letter of the option for the compression that was chosen. */
int	 cmdarg_compression(const struct options *);

/*
 * Parse the argument of --logfile.  0, or -1 with the reason, a constant, in
 * *why.
 */
int	 cmdarg_parse_log(struct log_target *, const char *arg,
	    const char **why);

/* Format a reason; one that does not fit is cut.  Always -1. */
int	 cmdarg_fail(char *why, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif /* CMDARG_H */
