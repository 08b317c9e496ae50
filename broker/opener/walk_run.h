/*
 * walk_run.h: one walk: where it is in the tree, and its next steps.
 */

#ifndef WALK_RUN_H
#define WALK_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/walkwire.h"
#include "opener/resolve.h"
#include "opener/state.h"
#include "opener/status.h"
#include "opener/walk_ahead.h"
#include "opener/walk_dir.h"
#include "opener/walk_exclude.h"
#include "opener/walk_out.h"
#include "opener/walk_window.h"
#include "opener/walk_xattr.h"

/* What comes next. */
enum walk_phase {
	WALK_NEW,	/* look at the start */
	WALK_READ,	/* read a part of the last directory */
	WALK_TAGGED,	/* its contents are left out: say so */
	WALK_FILES,	/* the entries of the part, but for directories */
	WALK_SUBS,	/* the next of its subdirectories */
	WALK_LEAVE,	/* leave it */
	WALK_OVER,	/* put the end */
	WALK_SEND	/* send it */
};

struct walk {
	struct walk		*next;		/* asked for after this one */
	struct walkwire_start	 start;
	struct walk_exclude	 exclude;
	struct status		 end;		/* how it ended so far */
	bool			 complete;	/* all of it was received */
	bool			 cancelled;

	enum walk_phase		 phase;
	uint64_t		 version;	/* of the role in the cursor */
	struct policy_cursor	*cursor;
	size_t			 base_depth;	/* of the start */
	struct resolve_at	 at;		/* but for its dirfd */
	struct walk_dirs	 dirs;
	/* From this directory on, all are left at once, with the status. */
	size_t			 broken;
	struct status		 broken_why;

	struct walk_out		 out;
	struct walk_xattr	 xattr;
	struct walk_ahead	 ahead;
	struct walk_window	 window;
	uint16_t		 opened;	/* since the last message */

	/* What it waits for, besides credit; see walk_poll(). */
	enum walk_out_result	 waits;
	int			 delay_ms;
};

/* Make what it needs to run.  0, or -1 with errno ENOMEM. */
int	 walk_run_begin(struct walk *, struct state *);
void	 walk_run_free(struct walk *, struct state *);

/*
 * Run until a message was sent, or nothing can be done for now, or it has done
 * enough at once.  1 if the walk is over, 0 if not; -1 with errno: the session
 * is over.
 */
int	 walk_run_slice(struct walk *, struct state *);

#endif /* WALK_RUN_H */
