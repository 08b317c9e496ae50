/*
 * workerlog.h: the controller's side of what the worker tells: checked, shown
 * to the user, kept for the end.
 */

#ifndef DESK_H
#define DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "client/fdbroker.h"
#include "common/channel.h"
#include "common/options.h"
#include "common/report.h"
#include "controller/terminal.h"

struct desk {
	const struct options	*options;
	struct terminal		 err;		/* standard error */
	struct terminal		 out;		/* standard output: list */
	struct terminal		 log;		/* fd -1: none */
	bool			 log_is_ours;	/* the worker has none */
	struct timespec		 start;
	struct tally		 tally;
	unsigned int		 handed;	/* PAIR_ARCHIVE, PAIR_LOG */
	bool			 confined, moved, done, fatal;
	unsigned int		 controller;	/* its own FDB_CONFINED_* */
	char			 address[FDB_ADDRESS_MAX]; /* of a hand-off */
	struct pair_record	 record;
	struct buf		 line;
};

/*
 * What the worker wants to have done; what, owner and process are 0 if
 * nothing.
 */
struct desk_request {
	enum pair_what	 what;
	const char	*address;
	enum pair_owner	 owner;
	const char	*name;		/* the answer */
	pid_t		 process;	/* it is this one now */
};

void	 desk_init(struct desk *, const struct options *);

/* Takes the descriptor of the log over. */
void	 desk_set_log(struct desk *, int fd);

/*
 * Take a message of the worker.  0 and *r; or -1: it broke the protocol, or
 * the user cannot be told any more.
 */
int	 desk_take(struct desk *, const void *buf, size_t len,
	    struct desk_request *r);

/* A line of the controller's own: what ends the run. */
void	 desk_tell(struct desk *, const char *name, const char *text);

void	 desk_tell_progress(struct desk *);

/* Write what is left for standard output.  0, or -1, which was told. */
int	 desk_flush(struct desk *);

/* The last line, for a run that ends with this status or by that signal. */
void	 desk_end(struct desk *, int status, int sig);

#endif /* DESK_H */
