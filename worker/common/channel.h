/*
 * channel.h: the messages between worker and controller, over a pair of
 * sequenced-packet sockets.
 *
 * A message from the worker is a sequence of records.  The controller answers
 * only CHANNEL_OWNER, with one string, and CHANNEL_ID, with a number.  It does
 * not trust the worker: a message that it cannot decode ends the run.
 */

#ifndef CHANNEL_H
#define CHANNEL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "common/entry.h"
#include "common/report.h"
#include "common/tally.h"

#define CHANNEL_TEXT_MAX	32000	/* bytes of a string; the rest is cut */
#define CHANNEL_BATCH		32768	/* a message of this size is sent */
#define CHANNEL_MAX		(CHANNEL_BATCH + 5 * CHANNEL_TEXT_MAX + 256)
#define CHANNEL_OWNER_MAX	256	/* bytes of an owner's name, with NUL */

enum channel_type {
	CHANNEL_ADDRESS = 1,	/* where to hand over the archive or the log */
	CHANNEL_CONFINED,	/* the worker has confined itself */
	CHANNEL_OWNER,		/* asks for the name of a user or group */
	CHANNEL_REPORT,		/* a report for the user */
	CHANNEL_ENTRY,		/* a member to list */
	CHANNEL_PROGRESS,	/* the counts so far */
	CHANNEL_DONE,		/* the work is complete; the final counts */
	CHANNEL_PROCESS,	/* the worker continues as this process */
	CHANNEL_SUBTOTAL,	/* what a directory would have */
	CHANNEL_ID,		/* asks for the number of a user or group */
	CHANNEL_WHERE		/* how far the worker is */
};

/* What is handed over; the controller keeps a bit for each. */
enum channel_what {
	CHANNEL_ARCHIVE = 1,
	CHANNEL_LOG = 2,
	CHANNEL_OUTPUT = 4	/* standard output */
};

enum channel_owner { CHANNEL_USER = 1, CHANNEL_GROUP = 2 };

/* How far the worker is, for somebody who watches. */
struct channel_where {
	bool		 counting;	/* in the pass of --estimate */
	uint64_t	 members;	/* complete */
	uint64_t	 bytes;		/* with those of the one under way */
	uint64_t	 done, total;	/* a measure; total 0: unknown */
};

/* A decoded record. */
struct channel_record {
	enum channel_type	 type;
	enum channel_what	 what;
	enum channel_owner	 owner;
	uint32_t		 id;		/* of OWNER; process ID */
	enum report_kind	 kind;
	uint32_t		 confined, opener;	/* FDB_CONFINED_* */
	struct tally		 tally;
	struct channel_where	 where;
	uint64_t		 members, bytes;	/* SUBTOTAL */
	struct entry		 entry;		/* its strings are in text */
	const char		*name, *detail;	/* of several kinds */
	char			 text[5][CHANNEL_TEXT_MAX + 1];
};

/* The worker's end. */
struct channel {
	int		 fd;
	bool		 stopped;	/* the controller asked for the end */
	struct wire_out	 out;
	uint8_t		 buf[CHANNEL_MAX];
};

void	 channel_init(struct channel *, int fd);

/*
 * Append a record to the next message.  A report, counts and CHANNEL_CONFINED
 * are sent at once; the others, and a report that is told only if verbose, when
 * the message has CHANNEL_BATCH bytes.  0, or -1 with errno: the controller is
 * gone.
 */
int	 channel_put_confined(struct channel *, uint32_t confined,
	    uint32_t opener);
int	 channel_put_report(struct channel *, enum report_kind,
	    const char *name, const char *text);
int	 channel_put_entry(struct channel *, const struct entry *);
int	 channel_put_subtotal(struct channel *, const char *name,
	    uint64_t members, uint64_t bytes);
int	 channel_put_tally(struct channel *, enum channel_type,
	    const struct tally *);

/* The member that is under way, or the last one, has this name. */
int	 channel_put_where(struct channel *, const struct channel_where *,
	    const char *name);

/* Append a record and send the message at once.  0 or -1 as above. */
int	 channel_put_address(struct channel *, enum channel_what,
	    const char *address);

int	 channel_put_process(struct channel *, pid_t);

/* Append a record that is encoded already.  0 or -1 as above. */
int	 channel_forward(struct channel *, const void *, size_t);

/* Send the message, if it has records.  0 or -1 as above. */
int	 channel_flush(struct channel *);

/*
 * Ask the controller for the name of a user or group and wait for the answer.
 * name has CHANNEL_OWNER_MAX bytes; "" means that there is no name.  0 or -1
 * as above; EPROTO: the answer cannot be decoded.
 */
int	 channel_ask_owner(struct channel *, enum channel_owner, uint32_t id,
	    char *name);

/*
 * Ask the controller for the number of a user or group with this name, and wait
 * for the answer.  *known: there is one.  0 or -1 as above.
 */
int	 channel_ask_id(struct channel *, enum channel_owner, const char *name,
	    bool *known, uint32_t *id);

/* True if the controller has asked for the end, and nothing was asked of it. */
bool	 channel_is_stopped(struct channel *);

/* Ask the worker for the end.  0, or -1: it is gone. */
int	 channel_stop(int fd);

/* The controller decodes the next record of a message.  0, or -1: EPROTO. */
int	 channel_get(struct wire_in *, struct channel_record *);

/* Answer CHANNEL_OWNER.  0, or -1: the worker is gone. */
int	 channel_answer_owner(int fd, const char *name);
/* Answer CHANNEL_ID.  0, or -1: the worker is gone. */
int	 channel_answer_id(int fd, bool known, uint32_t id);

#endif /* CHANNEL_H */
