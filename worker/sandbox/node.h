/*
 * node.h: a directory of the walk, or a path of the command line that is
 * none, from when it was first seen until all beneath it is stored.
 *
 * A node lives as long as somebody holds it: the walk until it is stored, and
 * each of its subdirectories, which are named by way of it.
 */

#ifndef NODE_H
#define NODE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/buf.h"
#include "common/paths.h"

/* What is neither a directory nor a regular file: stored without opening. */
struct special {
	STAILQ_ENTRY(special)	 link;
	struct fdb_stat		 st;
	const char		*target;	/* of a symbolic link, or "" */
	char			 name[];	/* "": the node itself */
};

enum node_state {
	NODE_WAITING,		/* nothing was asked yet */
	NODE_ASKED,		/* its LIST is under way */
	NODE_LISTED		/* all its entries are known */
};

struct node {
	STAILQ_ENTRY(node)	 next;		/* in one list of the walk */
	TAILQ_ENTRY(node)	 held;		/* while token is not 0 */
	struct node		*parent;	/* NULL: asked for by name */
	const struct path	*path;		/* if it was */
	unsigned int		 refs;
	enum node_state		 state;
	bool			 leaf;		/* no directory */
	bool			 above;		/* of a path asked for */
	bool			 begun;		/* its own entry is stored */
	uint32_t		 token;
	size_t			 unasked;	/* children not asked yet */
	int			 error;		/* of its LIST */
	enum fdb_reason		 reason;
	char			*where;
	uint32_t		 id;		/* of the denial, or 0 */
	struct fdb_stat		 st;
	size_t			 path_len;	/* of its member, once begun */
	size_t			 nentries;	/* kept in the lists below */
	STAILQ_HEAD(, special)	 specials;
	STAILQ_HEAD(, node)	 children;	/* directories, in order */
	struct buf		 files;		/* names, each with a NUL */
	size_t			 ask, take;	/* next in files */
	char			 name[];	/* one component */
};

STAILQ_HEAD(node_list, node);
TAILQ_HEAD(node_queue, node);

/* A path of the command line.  Held by the caller.  NULL: ENOMEM. */
struct node	*node_new_path(const struct path *, const struct fdb_stat *);

/* A directory in another, which it holds.  Held by the caller. */
struct node	*node_new_child(struct node *parent, const char *name,
		    const struct fdb_stat *);

/* Let go; frees it, and what only it held, if nobody else holds it. */
void		 node_release(struct node *);

/* Keep what was found in it.  0, or -1: ENOMEM. */
int		 node_add_special(struct node *, const char *name,
		    const struct fdb_stat *, const char *target);
int		 node_add_file(struct node *, const char *name);

/* Forget the entries that were stored. */
void		 node_drop_entries(struct node *);

/*
 * The name of a member beneath the node; "" is the node itself.  0, or -1:
 * ENOMEM.
 */
int		 node_member(const struct node *, const char *name,
		    struct buf *);

/*
 * How to ask for something beneath the node: the token of the nearest
 * directory that has one, and the name from there.  0, or -1: ENOMEM.
 */
int		 node_request(const struct node *, const char *name,
		    uint32_t *base, struct buf *);

#endif /* NODE_H */
