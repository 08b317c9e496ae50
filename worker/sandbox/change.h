/*
 * change.h: one object on its way to the broker, and the requests for it.
 */

#ifndef CHANGE_H
#define CHANGE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "sandbox/object.h"
#include "sandbox/seen.h"

enum change_kind {
	CHANGE_FILE,
	CHANGE_DIR,
	CHANGE_PARENT,		/* a directory that is no member */
	CHANGE_SYMLINK,
	CHANGE_LINK,
	CHANGE_NODE,
	CHANGE_META,		/* of a directory, at the end */
	CHANGE_REMOVE,		/* of a damaged file */
	CHANGE_GONE,		/* removed since the archive before */
	CHANGE_YIELD		/* a directory gives way, if it is empty */
};

/* What is asked for next, or was last. */
enum change_step { STEP_MAKE, STEP_COMMIT, STEP_ABANDON };

LIST_HEAD(change_list, change);
TAILQ_HEAD(change_queue, change);

struct change {
	TAILQ_ENTRY(change)	 next;		/* to be sent */
	LIST_ENTRY(change)	 node;		/* on its way, by name */
	LIST_ENTRY(change)	 wait;		/* a link for its target */
	struct change_list	 waiting;	/* hard links to it */
	enum change_kind	 kind;
	enum change_step	 step;
	struct object		 o;
	uint64_t		 hash;		/* of its name */
	size_t			 bytes;		/* of its object */
	uint64_t		 size;		/* of its contents */
	enum seen_state		 was;		/* before */
	enum fdb_over		 over;
	uint32_t		 base, tobase;	/* of name and of target */
	const char		*rest, *torest;
	uint32_t		 pending;
	int			 fd;
	bool			 whole;		/* data is all its contents */
	const void		*data;
	size_t			 len;
	size_t			 turn;		/* as in struct changes */
	bool			 split;		/* attributes one by one */
	bool			 failed;	/* which was reported */
	bool			 kept;		/* what is there is as new */
	bool			 absent;	/* nothing to remove */
	char			*why;		/* metadata was refused */
	bool			 denied;	/* by policy */
};

/* A change that asks for nothing yet; the caller fills it in.  NULL: ENOMEM. */
struct change	*change_new(enum change_kind);
/* It is in no list any more. */
void		 change_free(struct change *);

/* Does it ask for one attribute, and for the rest later? */
bool		 change_is_single(const struct change *);
/*
 * No message has room for all attributes together: ask for them one by one, if
 * that is possible and was not tried.
 */
bool		 change_split(struct change *);

/*
 * Queue the request for its step, with the change as the cookie.  0, or -1 with
 * errno of fdb_create_at(3).
 */
int		 change_ask(struct fdb_session *, struct change *);

#endif /* CHANGE_H */
