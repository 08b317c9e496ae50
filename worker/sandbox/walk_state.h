/*
 * walk_state.h: what the parts of the walk share: its state, and how they
 * report what goes wrong.
 */

#ifndef WALK_STATE_H
#define WALK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "common/buf.h"
#include "common/paths.h"
#include "common/report.h"
#include "sandbox/create.h"
#include "sandbox/node.h"

/* A path of the command line. */
struct top {
	struct node	*node;		/* NULL: there is nothing to store */
	bool		 ready;		/* its STAT was answered */
};

struct walk {
	struct create		 *create;
	struct fdb_session	 *session;
	const struct paths	 *paths;
	size_t			  max_tokens;

	/* The paths of the command line. */
	struct top		 *tops;
	size_t			  next_stat;	/* next to ask STAT for */
	size_t			  next_top;	/* next to put on the stack */
	size_t			  stacked;	/* tops on the stack */

	struct node_list	  stack;	/* to come, next one first */
	struct node		 *asking;	/* its files are asked for */
	struct node_list	  storing;	/* the first is being stored */
	struct node_queue	  held;		/* with tokens, oldest first */
	size_t			  tokens;	/* held, or asked for */
	size_t			  ahead;	/* entries on the stack */
	size_t			  special_bytes;	/* of all nodes */
	bool			  changed;	/* stack since ask_lists() */

	uint32_t		 *forget;	/* tokens to give back */
	size_t			  nforget, forget_size;
	bool			  forgot;	/* FORGETs may be unsent */

	/* Scratch buffers. */
	struct buf		  request;	/* name in a request */
	struct buf		  member;	/* name that is stored */
	struct buf		  name;		/* name in a report */
	struct buf		  text;		/* text of a report */
};

/* Nothing but paths is known yet.  0, or -1 which was reported. */
int	 walk_state_init(struct walk *, struct create *, struct fdb_session *,
	    const struct paths *);
void	 walk_state_clear(struct walk *);

/* Report a failure that ends the run.  Always -1. */
int	 walk_state_fatal(struct walk *, const char *why);
int	 walk_state_no_memory(struct walk *);
/* The same for a call of the library that failed; errno is still set. */
int	 walk_state_session_fatal(struct walk *);

/*
 * Report why an entry of a node is not stored; name "" is the node itself.
 * 0, or -1: the run cannot go on.
 */
int	 walk_state_refused(struct walk *, const struct node *,
	    const char *name, const struct refusal *);

/* The same for path number i of the command line, whose STAT failed. */
int	 walk_state_top_refused(struct walk *, size_t i,
	    const struct refusal *);

/* All entries of the node are known. */
void	 walk_state_listed(struct walk *, struct node *);
/* The node could not be listed, or not to its end.  0, or -1: ENOMEM, fatal. */
int	 walk_state_unlistable(struct walk *, struct node *,
	    const struct refusal *);

#endif /* WALK_STATE_H */
