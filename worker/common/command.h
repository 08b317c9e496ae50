/*
 * command.h: what a command of fdbackup is.  The table of all of them is in
 * sandbox/commands.c; a command is added there, by a row.
 */

#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_SPOOLS_MAX	2

struct work;

struct command {
	const char	*name;
	const char	*usage;		/* what follows the name */
	const char	*letters;	/* of the options that it takes */
	/*
	 * It stores the paths that are named, which come from a session, in an
	 * archive that it writes.  Otherwise it reads an archive.
	 */
	bool		 stores;
	bool		 prints;	/* members, on standard output */
	bool		 compares;	/* so differences are counted */
	size_t		 spools;	/* temporary files that it needs */

	/*
	 * In the worker.  prepare() is called before it is confined, while
	 * libraries may still open what they need, and may be NULL; run() does
	 * the work; release() frees what prepare() made, and may be NULL.  0,
	 * or -1 when the command failed, which was reported.
	 */
	int		(*prepare)(struct work *);
	int		(*run)(struct work *);
	void		(*release)(struct work *);
};

#endif /* COMMAND_H */
