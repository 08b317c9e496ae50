/*
 * namesfake.h: the test as the names process, which the supervisor's accounts
 * ask.
 */

#ifndef NAMESFAKE_H
#define NAMESFAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/accounts.h"
#include "ipc/nameask.h"

struct event_base;

struct namesfake {
	struct accounts	*accounts;
	struct event_base *base;
	int		 channel;	/* the test's end; -1: closed */
	/* How often the accounts have called these. */
	size_t		 changed, ready, gone;
};

/* Start accounts whose names process has said that it is at work. */
void	 namesfake_begin(struct namesfake *, struct accounts *,
	    struct event_base *);
/* The same before the names process has said anything. */
void	 namesfake_begin_early(struct namesfake *, struct accounts *,
	    struct event_base *);
void	 namesfake_end(struct namesfake *);

/* Let the accounts take what has been sent to them. */
void	 namesfake_turn(struct namesfake *);

/* Take a question; false if there is none. */
bool	 namesfake_hear(struct namesfake *, struct nameask *);
/* Take a question about a name, or a uid, which must be there.  Its id. */
uint32_t namesfake_expect(struct namesfake *, enum nameask_kind,
	    uint32_t uid, const char *name);

/* Answer, and let the accounts take that. */
void	 namesfake_answer(struct namesfake *, uint32_t id, int error,
	    uint32_t uid, uint32_t gid);
void	 namesfake_answer_groups(struct namesfake *, uint32_t id,
	    const uint32_t *gids, size_t ngids);

#endif /* NAMESFAKE_H */
