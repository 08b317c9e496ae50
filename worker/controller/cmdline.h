/*
 * cmdline.h: parse the command line of fdbackup.
 */

#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdio.h>

#include "common/options.h"

#define CMDLINE_WHY_MAX	256	/* bytes of a reason, with its NUL */

/*
 * Parse a command line; the options point to its strings.  0, or -1 with the
 * reason in why, of CMDLINE_WHY_MAX bytes.
 */
int	 cmdline_parse(struct options *, int argc, char **argv, char *why);

/*
 * Parse the argument of --logfile.  0, or -1 with the reason, a constant, in
 * *why.
 */
int	 cmdline_parse_log(struct log_target *, const char *arg,
	    const char **why);

/*
 * The long name, without "--", of the option with this letter in the table of
 * commands; NULL if there is none.
 */
const char *cmdline_long_name(int letter);

/* Print the synopsis of every command. */
void	 cmdline_usage(FILE *);

#endif /* CMDLINE_H */
