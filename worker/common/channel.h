/*
 * channel.h: what worker and controller tell each other over their pair of
 * sequenced-packet sockets.
 *
 * A message of the worker is any number of records; the controller answers
 * only PAIR_OWNER, with one string.  The controller does not trust the
 * worker: a message that cannot be decoded ends the run.
 */

#ifndef PAIR_H
#define PAIR_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "common/entry.h"
#include "common/report.h"

#define PAIR_TEXT_MAX		32000	/* bytes of one string; cut beyond */
#define PAIR_BATCH		32768	/* a message is sent when it has that */
#define PAIR_MAX		(PAIR_BATCH + 4 * PAIR_TEXT_MAX + 256)
#define PAIR_OWNER_MAX	256	/* room for an owner's name */

enum pair_type {
	PAIR_ADDRESS = 1,	/* hand me this at that address */
	PAIR_CONFINED,		/* no more rights from here on */
	PAIR_OWNER,		/* what is that user's or group's name? */
	PAIR_REPORT,		/* tell that */
	PAIR_ENTRY,		/* list that member */
	PAIR_PROGRESS,	/* counts so far */
	PAIR_DONE,		/* the end: all went well, and the counts */
	PAIR_PROCESS		/* I go on as this process */
};

/* What is handed over: one bit each in the controller's books. */
enum pair_what { PAIR_ARCHIVE = 1, PAIR_LOG = 2 };

enum pair_owner { PAIR_USER = 1, PAIR_GROUP = 2 };

/* A record, as the controller gets it. */
struct pair_record {
	enum pair_type	 type;
	enum pair_what	 what;
	enum pair_owner	 owner;
	uint32_t		 id;		/* or a process ID */
	enum report_kind	 kind;
	uint32_t		 confined, opener;	/* FDB_CONFINED_* */
	struct tally		 tally;
	struct entry		 entry;		/* strings are in text */
	const char		*name, *detail;	/* of ADDRESS and REPORT */
	char			 text[4][PAIR_TEXT_MAX + 1];
};

/* The worker's end. */
struct pair {
	int		 fd;
	struct wire_out	 out;
	uint8_t		 buf[PAIR_MAX];
};

void	 pair_init(struct pair *, int fd);

/*
 * Add a record; what came together is sent when there is enough of it.  0, or
 * -1 with errno: the controller is gone.
 */
int	 pair_put_confined(struct pair *, uint32_t confined,
	    uint32_t opener);
int	 pair_put_report(struct pair *, enum report_kind,
	    const char *name, const char *text);
int	 pair_put_entry(struct pair *, const struct entry *);
int	 pair_put_tally(struct pair *, enum pair_type,
	    const struct tally *);

/* Add the record and send it at once. */
int	 pair_put_address(struct pair *, enum pair_what,
	    const char *address);

int	 pair_put_process(struct pair *, pid_t);

/* Send what is there. */
int	 pair_flush(struct pair *);

/* Ask for a name; "" if there is none.  name has PAIR_OWNER_MAX bytes. */
int	 pair_ask_owner(struct pair *, enum pair_owner, uint32_t id,
	    char *name);

/* The controller's side: the next record of a message; -1: EPROTO. */
int	 pair_get(struct wire_in *, struct pair_record *);

/* Answer PAIR_OWNER.  0, or -1: the worker is gone. */
int	 pair_answer_owner(int fd, const char *name);

#endif /* PAIR_H */
