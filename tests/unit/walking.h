/*
 * walking.h: ask an opener for a walk, and keep what it sends.
 */

#ifndef WALKING_H
#define WALKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/walkwire.h"
#include "tests/unit/client.h"
#include "tests/unit/lines.h"

#define PATTERNS_MAX	8

/* How to walk. */
struct how {
	const char	*name;
	uint32_t	 base, flags;
	uint32_t	 bytes, fds;
	int64_t		 since;
	uint32_t	 since_nsec;
	const char	*exclude[PATTERNS_MAX];
	const char	*present[PATTERNS_MAX];
	/* Called between two messages. */
	void		(*between)(void);
};

/* Where a walk is, as its records say. */
struct place {
	char	 path[65536];
	size_t	 ends[32768];		/* of the directories entered */
	size_t	 depth;
	struct walkwire_record	 last;	/* the last ENTRY */
	size_t	 entries, opened, hidden, xattr_bytes;
};

extern struct client		 client;
extern struct place		 place;
extern struct lines		 got;
extern const char *const	 walking_all[];	/* the rules: all of the tree */

/*
 * Walks look names up before their turn, as if each lookup waited.  Some
 * programs are built twice, to do the same with and without that.
 */
extern bool			 walking_waits;
#ifdef LOOKUPS_WAIT
#define WALKING_WAITS	true
#else
#define WALKING_WAITS	false
#endif

/* Let the opener go on with the walk. */
void	 walking_slice(void);
/* Send WALK; the id of the walk is in client.h.id. */
void	 walking_ask(const struct how *);
/* Send CREDIT. */
void	 walking_grant(uint32_t id, uint32_t bytes, uint32_t fds);
/* Receive a message of the walk and check it.  Its length; 0: there is none. */
size_t	 walking_receive(uint32_t id);
/* Take the records of a message.  True: the walk is over, and *error. */
bool	 walking_take(struct place *, struct lines *, int *error);
/* Walk to the end.  Its errno value, or 0. */
int	 walking_walk(const struct how *, struct place *, struct lines *);

/* Make a tree for the flags, tree. */
void	 walking_plant(void);
/* Walk it, or h->name if that is there; place and got say what came. */
int	 walking_tree(struct how *);
/* Remove it, also what lies deeper than a path can be long. */
void	 walking_remove(void);

#endif /* WALKING_H */
