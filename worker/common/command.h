/*
 * command.h: what a command of fdbackup is.  sandbox/commands.c has the table
 * of commands; a row there adds a command.
 */

#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMMAND_SPOOLS_MAX	3

struct work;

struct command {
	const char	*name;
	const char	*usage;		/* what follows the name in usage() */
	const char	*letters;	/* the options that it takes */
	/*
	 * It reads paths through a session and writes an archive.  Commands
	 * without this flag read an archive.
	 */
	bool		 stores;
	bool		 restores;	/* makes what is in it, by a session */
	bool		 drills;	/* and removes it again */
	bool		 several;	/* it may be given several archives */
	bool		 walks;		/* reads paths through a session */
	bool		 prints;	/* lists members on standard output */
	bool		 compares;	/* reports and counts differences */
	bool		 watched;	/* with a line on the terminal */
	/*
	 * It runs other commands for other machines, and has no worker itself;
	 * of the functions below it has none.
	 */
	bool		 serves;
	/* The options that another machine may ask for; NULL: it may not. */
	const char	*remote;
	size_t		 spools;	/* number of temporary files it needs */
	uint64_t	 memory;	/* default of --max-memory */

	/*
	 * These run in the worker.  prepare() runs before confinement, while
	 * libraries can still open files; start() starts threads, with errno
	 * when it fails; run() does the work, confined; release() ends the
	 * threads and frees what prepare() allocated, but only after a failure.
	 * All but run() may be NULL.  0, or -1: the command failed, which was
	 * reported.
	 */
	int		(*prepare)(struct work *);
	int		(*start)(struct work *);
	int		(*run)(struct work *);
	void		(*release)(struct work *);
};

#endif /* COMMAND_H */
