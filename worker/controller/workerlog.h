/*
 * workerlog.h: the worker's records in the controller: they are checked, shown
 * to the user, and counted.
 */

#ifndef WORKERLOG_H
#define WORKERLOG_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "client/fdbroker.h"
#include "common/channel.h"
#include "common/options.h"
#include "common/report.h"
#include "common/tally.h"
#include "controller/progress.h"
#include "controller/terminal.h"

struct workerlog {
	const struct options	*options;
	struct terminal		 err;		/* standard error */
	struct terminal		 out;		/* standard output */
	struct terminal		 log;		/* fd -1: none */
	bool			 log_is_ours;	/* not the worker's */
	bool			 log_told;	/* that it is incomplete */
	struct timespec		 start;
	struct tally		 tally;
	struct progress		 progress;
	bool			 mixed;		/* out is a terminal, too */
	bool			 piped;		/* standard output is a pipe */
	unsigned int		 handed;	/* CHANNEL_ARCHIVE, _LOG */
	bool			 confined, moved, done, fatal;
	unsigned int		 controller;	/* its FDB_CONFINED_* */
	struct buf		 theirs;	/* before reports */
	struct buf		 line;
	struct channel_record	 record;	/* large: last */
};

/*
 * What the controller must do after a message; what, owner and process are 0
 * if there is nothing to do.
 */
struct workerlog_request {
	enum channel_what	 what;		/* hand this over */
	const char		*address;	/* as the worker says */
	enum channel_owner	 owner;		/* answer with name */
	const char		*name;
	bool			 number;	/* answer with known and id */
	bool			 known;
	uint32_t		 id;
	pid_t			 process;	/* the worker is this now */
};

void	 workerlog_init(struct workerlog *, const struct options *);

/* Use this log from now on; takes over the descriptor. */
void	 workerlog_set_log(struct workerlog *, int fd);

/*
 * The same while the run goes on, in the place of the log there was; is_ours:
 * the worker does not write to it.  target is what its user calls it.
 */
void	 workerlog_move_log(struct workerlog *, int fd, bool is_ours,
	    const char *target);

/*
 * Handle a message from the worker.  0 and *r; -1: the worker broke the
 * protocol, or standard output cannot be written.
 */
int	 workerlog_take(struct workerlog *, const void *buf, size_t len,
	    struct workerlog_request *r);

/* Write a message of the controller to standard error and the log. */
void	 workerlog_tell(struct workerlog *, const char *name, const char *text);

/* The same, for what makes the run fail; as JSON, too, if that is wanted. */
void	 workerlog_tell_fatal(struct workerlog *, const char *text);

/*
 * Write the summary of a run that will end with this status, if JSON is wanted.
 * 0, or -1: it cannot be written.
 */
int	 workerlog_summary(struct workerlog *, int status);

/* Write the counts so far to standard error, as the user asks for them. */
void	 workerlog_tell_progress(struct workerlog *);

/*
 * Milliseconds until workerlog_tick() has something to do, or -1: never.
 */
int	 workerlog_timeout(const struct workerlog *);

/*
 * Write how far the run is, if it is time.  0, or -1: standard output cannot be
 * written.
 */
int	 workerlog_tick(struct workerlog *);

/* Erase the line that says how far the run is: somebody else writes. */
void	 workerlog_erase(struct workerlog *);

/*
 * What poll(2) must look at to notice that nobody reads standard output any
 * more: without a difference, diff would go on to its end.  It wants no event.
 */
struct pollfd	 workerlog_pollfd(const struct workerlog *);
/* 0; -1: what was polled says that nobody reads, so the run ends silently. */
int	 workerlog_polled(struct workerlog *, const struct pollfd *);

/* Write what is left for standard output.  0, or -1, which was reported. */
int	 workerlog_flush(struct workerlog *);

/* Write the last line of a run that ends with this status, or by a signal. */
void	 workerlog_end(struct workerlog *, int status, int sig);

#endif /* WORKERLOG_H */
