/*
 * floodlog.h: log what a uid causes, without letting it fill the log: some
 * lines a minute, and then how many more there were.
 */

#ifndef FLOODLOG_H
#define FLOODLOG_H

#include <stddef.h>
#include <stdint.h>

#define FLOODLOG_UIDS		64	/* remembered at once */
#define FLOODLOG_LINES		5	/* a minute, for each uid */
#define FLOODLOG_TEXT		320

struct event;
struct event_base;

struct floodlog {
	struct event	*timer;		/* pending: a minute has begun */
	struct {
		uint32_t	 uid;
		unsigned int	 lines;
		uint64_t	 more;	/* that were left out */
		char		 last[FLOODLOG_TEXT];
	} uids[FLOODLOG_UIDS];
	size_t		 used;
	uint64_t	 others;	/* left out, of uids without a place */
};

/* Begin.  0, or -1: out of memory. */
int	 floodlog_init(struct floodlog *, struct event_base *);
/* Log what is still to be logged, and end. */
void	 floodlog_end(struct floodlog *);

/* Log a warning that is about a uid, or count it. */
void	 floodlog_warn(struct floodlog *, uint32_t uid, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/*
 * Begin a new minute: log what was left out in the last one.  The timer calls
 * it; for tests.
 */
void	 floodlog_turn(struct floodlog *);

#endif /* FLOODLOG_H */
