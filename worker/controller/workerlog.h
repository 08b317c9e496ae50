/*
 * workerlog.h: the controller's side of what the worker tells: checked, shown
 * to the user, kept for the end.
 */

#ifndef WORKERLOG_H
#define WORKERLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "client/fdbroker.h"
#include "common/channel.h"
#include "common/options.h"
#include "common/report.h"
#include "common/tally.h"
#include "controller/terminal.h"

struct workerlog {
	const struct options	*options;
	struct terminal		 err;		/* standard error */
	struct terminal		 out;		/* standard output: list */
	struct terminal		 log;		/* fd -1: none */
	bool			 log_is_ours;	/* the worker has none */
	struct timespec		 start;
	struct tally		 tally;
	unsigned int		 handed;	/* CHANNEL_ARCHIVE, _LOG */
	bool			 confined, moved, done, fatal;
	unsigned int		 controller;	/* its own FDB_CONFINED_* */
	char			 address[FDB_ADDRESS_MAX]; /* of a hand-off */
	struct channel_record	 record;
	struct buf		 line;
};

/*
 * What the worker wants to have done; what, owner and process are 0 if
 * nothing.
 */
struct workerlog_request {
	enum channel_what	 what;
	const char	*address;
	enum channel_owner	 owner;
	const char	*name;		/* the answer */
	pid_t		 process;	/* it is this one now */
};

void	 workerlog_init(struct workerlog *, const struct options *);

/* Takes the descriptor of the log over. */
void	 workerlog_set_log(struct workerlog *, int fd);

/*
 * Take a message of the worker.  0 and *r; or -1: it broke the protocol, or
 * the user cannot be told any more.
 */
int	 workerlog_take(struct workerlog *, const void *buf, size_t len,
	    struct workerlog_request *r);

/* A line of the controller's own: what ends the run. */
void	 workerlog_tell(struct workerlog *, const char *name, const char *text);

void	 workerlog_tell_progress(struct workerlog *);

/* Write what is left for standard output.  0, or -1, which was told. */
int	 workerlog_flush(struct workerlog *);

/* The last line, for a run that ends with this status or by that signal. */
void	 workerlog_end(struct workerlog *, int status, int sig);

#endif /* WORKERLOG_H */
