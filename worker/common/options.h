/*
 * options.h: the parsed command line.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/command.h"

enum log_where { LOG_NOWHERE, LOG_PATH, LOG_STDOUT, LOG_STDERR };

#define OPTIONS_LEVEL		3	/* default of --zstd */
#define OPTIONS_LEVEL_MAX	19
#define OPTIONS_THREADS_MAX	64
#define OPTIONS_RETRIES		2	/* default of --retries */
#define OPTIONS_RETRIES_MAX	1000

/* What it means that policy denies something beneath a path. */
enum options_denied { DENIED_WARN, DENIED_OK, DENIED_FAIL };

/* Where --logfile sends the log. */
struct log_target {
	enum log_where	 where;
	const char	*path;		/* LOG_PATH only */
	bool		 overwrite;	/* LOG_PATH only: do not append */
};

/* All strings belong to argv. */
struct options {
	const struct command	*command;
	const char		*archive;	/* "-": a standard stream */
	const char		*role;		/* NULL: a private opener */
	const char		*socket;
	const char		*dir;		/* argument of -C, or NULL */
	int			 level;		/* of zstd; 0: uncompressed */
	unsigned int		 threads;	/* that compress; 0: default */
	bool			 no_digest;	/* of contents */
	bool			 verbose;
	bool			 json;		/* on standard output, too */
	enum options_denied	 denied;
	unsigned int		 retries;	/* of a file that changes */
	uint64_t		 max_memory;	/* of the worker, in bytes */
	uint64_t		 max_manifest;	/* 0: what is plausible */
	struct log_target	 log;
	unsigned int		 closed;	/* standard streams, by bit */
	char			**paths;
	size_t			 npaths;
};

#endif /* OPTIONS_H */
