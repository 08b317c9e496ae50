/*
 * cmdline.h: parse the command line of fdbackup.
 */

#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdio.h>

#include "common/options.h"

#define CMDLINE_WHY_MAX	256	/* room for a message, with its NUL */

/*
 * Parse a command line, whose strings the options refer to.  0, or -1 and why,
 * of CMDLINE_WHY_MAX bytes, says what is wrong with it.
 */
int	 cmdline_parse(struct options *, int argc, char **argv, char *why);

/*
 * Parse the argument of --logfile.  0, or -1 and *why is a constant phrase.
 */
int	 cmdline_parse_log(struct log_target *, const char *arg,
	    const char **why);

/*
 * The long name, without "--", of the option that the table of commands calls
 * by this letter; NULL if there is none.
 */
const char *cmdline_long_name(int letter);

/* Print the synopsis of every command. */
void	 cmdline_usage(FILE *);

#endif /* CMDLINE_H */
