/*
 * options.h: the parsed command line.
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/buf.h"
#include "common/command.h"

struct channel;

enum log_where { LOG_NOWHERE, LOG_PATH, LOG_STDOUT, LOG_STDERR };

#define OPTIONS_LEVEL_MAX	9
#define OPTIONS_ZSTD_MAX	19
#define OPTIONS_THREADS_MAX	64
#define OPTIONS_SAMPLE_ALL	1000000	/* all members */
#define OPTIONS_SAMPLE		(OPTIONS_SAMPLE_ALL / 10)
#define OPTIONS_ARCHIVES_MAX	512	/* of extract */
#define OPTIONS_STRIP_MAX	4096
#define OPTIONS_MANIFEST_MIN	((uint64_t)64 * 1024 * 1024)
#define OPTIONS_RETRIES		2	/* default of --retries */
#define OPTIONS_RETRIES_MAX	1000

/* What it means that policy denies something beneath a path. */
enum options_denied { DENIED_WARN, DENIED_OK, DENIED_FAIL };

/* Who is told how far the run is. */
enum options_progress {
	PROGRESS_AUTO,		/* a terminal */
	PROGRESS_NEVER,		/* nobody who does not ask */
	PROGRESS_LINES		/* standard error, and the log */
};

#define OPTIONS_PROGRESS_MAX	86400	/* seconds */

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_BZIP2,
	COMPRESSION_GZIP,
	COMPRESSION_LZ4,
	COMPRESSION_XZ,
	COMPRESSION_ZSTD
};

/* Where --logfile sends the log. */
struct log_target {
	enum log_where	 where;
	const char	*path;		/* LOG_PATH only */
	bool		 overwrite;	/* LOG_PATH only: do not append */
};

/* The arguments of an option that can be given several times. */
struct options_list {
	const char	**v;
	size_t		 n;
};

/* What is shown instead of running a command. */
enum options_show { SHOW_NOTHING, SHOW_HELP, SHOW_VERSION };

/* All strings belong to argv. */
struct options {
	const struct command	*command;	/* with SHOW_*: may be NULL */
	enum options_show	 show;
	const char		*archive;	/* "-": a standard stream */
	struct options_list	 archives;	/* all of them, in order */
	const char		*role;		/* NULL: a private opener */
	const char		*socket;
	const char		*dir;		/* argument of -C, or NULL */
	enum compression	 compression;
	bool			 chosen;	/* that, by an option */
	int			 level;		/* 0: default */
	unsigned int		 threads;	/* that compress; 0: default */
	bool			 no_digest;	/* of contents */
	bool			 verbose;
	bool			 json;		/* on standard output, too */
	enum options_progress	 progress;
	unsigned int		 seconds;	/* between PROGRESS_LINES */
	bool			 estimate;	/* count before storing */
	enum options_denied	 denied;
	unsigned int		 retries;	/* of a file that changes */
	bool			 dry_run;	/* only count */
	bool			 one_fs;	/* skip mount points */
	bool			 caches;	/* skip what is in caches */
	bool			 null;		/* NUL ends a path of a list */
	const char		*newer;		/* argument of --newer */
	const char		*since;		/* argument of --since */
	const char		*manifest;	/* argument of --manifest */
	bool			 contents;	/* compare them */
	bool			 removed;	/* what was removed since */
	struct options_list	 exclude, exclude_from, if_present;
	struct options_list	 files_from;
	uint64_t		 max_memory;	/* of the worker, in bytes */
	uint64_t		 max_manifest;	/* 0: OPTIONS_MANIFEST_MIN
						   or more, by the archive */
	enum fdb_over		 overwrite;	/* extract: what was there */
	size_t			 strip;		/* components of names */
	bool			 numeric;	/* owners by number */
	bool			 no_owner;	/* leave owners as they are */
	bool			 known_owners;	/* that have accounts only */
	bool			 to_stdout;	/* contents, and nothing else */
	bool			 plan;		/* say what would be done */
	bool			 keep_damaged;
	bool			 fail_fast;
	bool			 keep;		/* drill: what it restored */
	bool			 quiet;		/* unless something is wrong */
	uint32_t		 sample;	/* of OPTIONS_SAMPLE_ALL; 0 */
	uint64_t		 seed;		/* that chooses it */
	bool			 seeded;	/* by an option */
	uint64_t		 max_size;	/* of contents; 0: no limit */
	struct log_target	 log;
	unsigned int		 closed;	/* standard streams, by bit */
	char			**paths;
	size_t			 npaths;

	/* Another machine: it runs the command, and is asked for it. */
	const char		*host;		/* NULL: this one runs it */
	const char		*rsh;		/* argument of --rsh, or NULL */
	struct buf		 request;	/* words, each with its NUL */
	/* This machine runs the command for another one. */
	const struct command	*only;		/* serve: no other, or NULL */
	bool			 served;
	bool			 watched;	/* somebody watches there */
	struct channel		*relay;		/* where the records go */
	char			**within;	/* where the paths must lie */
	size_t			 nwithin;
	char			**words;	/* of what was asked for */
	char			**made;		/* patterns that were added */
	size_t			 nmade;
};

/* True if archives are replayed: what they say was removed is removed. */
static inline bool
options_replay(const struct options *o)
{
	return o->command->restores && (o->archives.n > 1 || o->removed);
}

/* True if the worker needs a session with a broker. */
static inline bool
options_need_session(const struct options *o)
{
	return o->command->walks || (o->command->restores && !o->to_stdout);
}

#endif /* OPTIONS_H */
