/*
 * channel.h: what worker and controller tell each other over their pair of
 * sequenced-packet sockets.
 *
 * A message of the worker is any number of records; the controller answers
 * only CHANNEL_OWNER, with one string.  The controller does not trust the
 * worker: a message that cannot be decoded ends the run.
 */

#ifndef CHANNEL_H
#define CHANNEL_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "common/entry.h"
#include "common/report.h"
#include "common/tally.h"

#define CHANNEL_TEXT_MAX	32000	/* bytes of one string; cut beyond */
#define CHANNEL_BATCH		32768	/* a message is sent when it has that */
#define CHANNEL_MAX		(CHANNEL_BATCH + 4 * CHANNEL_TEXT_MAX + 256)
#define CHANNEL_OWNER_MAX	256	/* room for an owner's name */

enum channel_type {
	CHANNEL_ADDRESS = 1,	/* hand me this at that address */
	CHANNEL_CONFINED,		/* no more rights from here on */
	CHANNEL_OWNER,		/* what is that user's or group's name? */
	CHANNEL_REPORT,		/* tell that */
	CHANNEL_ENTRY,		/* list that member */
	CHANNEL_PROGRESS,	/* counts so far */
	CHANNEL_DONE,		/* the end: all went well, and the counts */
	CHANNEL_PROCESS		/* I go on as this process */
};

/* What is handed over: one bit each in the controller's books. */
enum channel_what { CHANNEL_ARCHIVE = 1, CHANNEL_LOG = 2 };

enum channel_owner { CHANNEL_USER = 1, CHANNEL_GROUP = 2 };

/* A record, as the controller gets it. */
struct channel_record {
	enum channel_type	 type;
	enum channel_what	 what;
	enum channel_owner	 owner;
	uint32_t		 id;		/* or a process ID */
	enum report_kind	 kind;
	uint32_t		 confined, opener;	/* FDB_CONFINED_* */
	struct tally		 tally;
	struct entry		 entry;		/* strings are in text */
	const char		*name, *detail;	/* of ADDRESS and REPORT */
	char			 text[4][CHANNEL_TEXT_MAX + 1];
};

/* The worker's end. */
struct channel {
	int		 fd;
	struct wire_out	 out;
	uint8_t		 buf[CHANNEL_MAX];
};

void	 channel_init(struct channel *, int fd);

/*
 * Add a record; what came together is sent when there is enough of it.  0, or
 * -1 with errno: the controller is gone.
 */
int	 channel_put_confined(struct channel *, uint32_t confined,
	    uint32_t opener);
int	 channel_put_report(struct channel *, enum report_kind,
	    const char *name, const char *text);
int	 channel_put_entry(struct channel *, const struct entry *);
int	 channel_put_tally(struct channel *, enum channel_type,
	    const struct tally *);

/* Add the record and send it at once. */
int	 channel_put_address(struct channel *, enum channel_what,
	    const char *address);

int	 channel_put_process(struct channel *, pid_t);

/* Send what is there. */
int	 channel_flush(struct channel *);

/* Ask for a name; "" if there is none.  name has CHANNEL_OWNER_MAX bytes. */
int	 channel_ask_owner(struct channel *, enum channel_owner, uint32_t id,
	    char *name);

/* The controller's side: the next record of a message; -1: EPROTO. */
int	 channel_get(struct wire_in *, struct channel_record *);

/* Answer CHANNEL_OWNER.  0, or -1: the worker is gone. */
int	 channel_answer_owner(int fd, const char *name);

#endif /* CHANNEL_H */
