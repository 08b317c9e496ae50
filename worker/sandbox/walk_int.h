/*
 * walk_int.h: what walk.c and walk_ask.c share, and nobody else uses.
 */

#ifndef WALK_INT_H
#define WALK_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "sandbox/node.h"
#include "sandbox/walk.h"

/* A path of the command line. */
struct top {
	struct node	*node;		/* NULL: nothing to store */
	bool		 ready;		/* its STAT was answered */
};

struct walk {
	struct create		 *create;
	struct fdb_session	 *session;
	const struct paths	 *paths;
	size_t			  max_tokens;

	/* The paths of the command line. */
	struct top		 *tops;
	size_t			  next_stat;	/* to be asked for */
	size_t			  next_top;	/* to be put on the stack */
	size_t			  stacked;	/* tops on the stack */

	struct node_list	  stack;	/* to come, next one first */
	struct node		 *asking;	/* whose files are asked for */
	struct node_list	  storing;	/* the first is being stored */
	struct node_queue	  held;		/* with tokens, oldest first */
	size_t			  tokens;	/* held, or asked for */
	size_t			  ahead;	/* entries on the stack */
	bool			  changed;	/* the stack, since a look */

	uint32_t		 *forget;	/* tokens to be forgotten */
	size_t			  nforget, forget_size;
	bool			  forgot;	/* and maybe not sent yet */

	struct buf		  request;
	struct buf		  member;	/* of what is being stored */
	struct buf		  name;		/* of what is told */
	struct buf		  text;
};

/* Report a failure that ends the run.  Always -1. */
int	 walk_fatal(struct walk *, const char *text);
int	 walk_session_fatal(struct walk *);

/*
 * Tell why something beneath a node is not stored; name "" is the node itself.
 * 0, or -1.
 */
int	 walk_refused(struct walk *, const struct node *, const char *name,
	    const struct refusal *);

/* As walk_refused(): the path of the command line at i, at its STAT. */
int	 walk_top_refused(struct walk *, size_t i, const struct refusal *);

/* walk_ask.c: ask for as much as the window allows.  0, or -1. */
int	 walk_ask(struct walk *);

/* All entries of a node are known. */
void	 node_listed(struct walk *, struct node *);
/* Or there is none to be known, or not all.  0, or -1. */
int	 node_unlistable(struct walk *, struct node *, const struct refusal *);

/* What a result says of it, and what we say of a name on our own. */
struct refusal	 refusal_of(const struct fdb_result *);
struct refusal	 refusal_of_name(int error);

#endif /* WALK_INT_H */
