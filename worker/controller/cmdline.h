/*
 * cmdline.h: parse the command line of fdbackup.
 */

#ifndef CMDLINE_H
#define CMDLINE_H

#include <stdio.h>

#include "common/options.h"
#include "controller/cmdarg.h"

#define CMDLINE_WHY_MAX	CMDARG_WHY_MAX	/* bytes of a reason */

/*
 * Parse a command line; the options point to its strings.  0, or -1 with the
 * reason in why, of CMDLINE_WHY_MAX bytes.  In either case cmdline_free() frees
 * the options, and their command is set if the command line names one.
 */
int	 cmdline_parse(struct options *, int argc, char **argv, char *why);
void	 cmdline_free(struct options *);

/*
 * The same for what another machine asks for: without -f, and with no options
 * but those that it may give.
 */
int	 cmdline_parse_served(struct options *, int argc, char **argv,
	    char *why);

/*
 * The long name, without "--", of the option with this letter in the table of
 * commands; NULL if there is none.
 */
const char *cmdline_long_name(int letter);

/* Print the synopsis of every command. */
void	 cmdline_usage(FILE *);

/*
 * Print the synopsis of a command and what each of its options does; NULL: the
 * synopsis of every command, and how to learn more.
 */
void	 cmdline_help(FILE *, const struct command *);

#endif /* CMDLINE_H */
