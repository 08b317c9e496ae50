/*
 * node.h: a directory in the walk, or another file that the command line
 * names, from when it is found until everything beneath it is stored.
 *
 * Nodes count their holders: the walk holds a node until it is stored, and
 * each subdirectory holds its parent, through which it is named.
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

/* A file of another type than directory or regular: stored, never opened. */
struct special {
	STAILQ_ENTRY(special)	 link;
	struct fdb_stat		 st;
	const char		*target;	/* of a symbolic link, or "" */
	char			 name[];	/* "": the node itself */
};

enum node_state {
	NODE_WAITING,		/* its LIST was not sent yet */
	NODE_ASKED,		/* its LIST was not answered yet */
	NODE_LISTED		/* all its entries are known */
};

struct node {
	STAILQ_ENTRY(node)	 next;		/* in one list of the walk */
	TAILQ_ENTRY(node)	 held;		/* while token is not 0 */
	struct node		*parent;	/* NULL: of the command line */
	const struct path	*path;		/* then, its path */
	unsigned int		 refs;
	enum node_state		 state;
	bool			 leaf;		/* not a directory */
	bool			 above;		/* a path is beneath it */
	bool			 begun;		/* its own entry is stored */
	uint32_t		 token;
	size_t			 unasked;	/* children without LIST */
	int			 error;		/* of its LIST, or 0 */
	enum fdb_reason		 reason;
	char			*where;
	uint32_t		 id;		/* of its record, or 0 */
	struct fdb_stat		 st;
	size_t			 path_len;	/* of its member name */
	size_t			 nentries;	/* kept in the lists below */
	STAILQ_HEAD(, special)	 specials;
	size_t			 special_bytes;	/* that these take */
	STAILQ_HEAD(, node)	 children;	/* directories, in order */
	struct buf		 files;		/* entries, each with a NUL */
	size_t			 ask, take;	/* offsets of next in files */
	char			 name[];	/* one component */
};

STAILQ_HEAD(node_list, node);
TAILQ_HEAD(node_queue, node);

/* A path of the command line.  The caller holds it.  NULL: ENOMEM. */
struct node	*node_new_path(const struct path *, const struct fdb_stat *);

/* A subdirectory, which holds its parent.  The rest as above. */
struct node	*node_new_child(struct node *parent, const char *name,
		    const struct fdb_stat *);

/* Stop holding a node.  Without holders it is freed and releases its parent. */
void		 node_release(struct node *);

/*
 * Keep an entry of the node.  A regular file is kept by its name.  So is a
 * special one to look at again when its turn comes, after NODE_LATER, which
 * begins no name.  0, or -1: ENOMEM.
 */
#define NODE_LATER	"./"
int		 node_add_special(struct node *, const char *name,
		    const struct fdb_stat *, const char *target);
int		 node_add_later(struct node *, const char *name);
int		 node_add_file(struct node *, const char *name);

/* True if an entry of files is special; *name is its name in any case. */
bool		 node_is_later(const char *entry, const char **name);

/* Free the entries, or the special ones among them, which were stored. */
void		 node_drop_entries(struct node *);
void		 node_drop_specials(struct node *);

/*
 * The name of an entry of the node in the archive; name "" is the node itself.
 * 0, or -1: ENOMEM.
 */
int		 node_member(const struct node *, const char *name,
		    struct buf *);

/*
 * How to request an entry of the node: the token of the nearest directory that
 * has one, and the name relative to it.  0, or -1: ENOMEM.
 */
int		 node_request(const struct node *, const char *name,
		    uint32_t *base, struct buf *);

#endif /* NODE_H */
