/*
 * options.h: the command line of fdbackup.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define OPTIONS_ERROR_MAX	256	/* room for a message, with its NUL */

enum command { COMMAND_CREATE, COMMAND_LIST, COMMAND_VERIFY };

enum log_where { LOG_NOWHERE, LOG_PATH, LOG_STDOUT, LOG_STDERR };

/* Where --logfile sends the log. */
struct log_target {
	enum log_where	 where;
	const char	*path;		/* LOG_PATH only */
	bool		 overwrite;	/* LOG_PATH only: not appended to */
};

/* All strings are those of argv. */
struct options {
	enum command		 command;
	const char		*command_name;
	const char		*archive;	/* "-": a standard stream */
	const char		*role;		/* NULL: a private opener */
	const char		*socket;
	const char		*dir;		/* of -C, or NULL */
	bool			 none;		/* no compression */
	bool			 verbose;
	struct log_target	 log;
	char			**paths;
	size_t			 npaths;
};

/*
 * Parse a command line.  0, or -1 and error, of OPTIONS_ERROR_MAX bytes, says
 * what is wrong with it.
 */
int	 options_parse(struct options *, int argc, char **argv, char *error);

/*
 * Parse the argument of --logfile.  0, or -1 and *what a constant sentence.
 */
int	 options_parse_log(struct log_target *, const char *arg,
	    const char **what);

bool	 options_archive_is_stdio(const struct options *);

void	 options_usage(FILE *);

#endif /* OPTIONS_H */
