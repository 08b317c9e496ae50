/*
 * tokens.h: the directories that a session has listed or made, so that the
 * client can name files relative to them.  The client has the numbers, the
 * opener has the descriptors.
 */

#ifndef TOKENS_H
#define TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fskind.h"

#define TOKEN_DENTS_SIZE	32768
/* Memory that all paths may take: for each place, and at least. */
#define TOKENS_PATH_BYTES	4096
#define TOKENS_BYTES_MIN	1048576

struct token {
	int	 fd;		/* -1: this slot is free */
	char	*path;		/* absolute, for the policy */
	char	*dents;		/* getdents64(2) buffer, while listing */
	size_t	 len, pos;	/* bytes in it, bytes consumed */
	bool	 clone, nodev;	/* as its root; see resolve.h */
	bool	 made;		/* by MKDIR: in a root for writing, O_PATH */
	bool	 done;		/* all entries were sent */
	enum fskind kind;	/* FSKIND_UNASKED until it matters */
};

struct tokens {
	struct token	*slots;
	size_t		 size;	/* the most a session may hold */
	size_t		 used;
	size_t		 begun;		/* nobody has touched the rest yet */
	size_t		 reserved;	/* by pending files: places less */
	size_t		 bytes;		/* of all paths */
};

/* 0, or -1 with errno ENOMEM. */
int		 tokens_init(struct tokens *, size_t size);
void		 tokens_free(struct tokens *);

/*
 * Take over a directory's descriptor.  Its token, or 0 with errno: EMFILE (the
 * session holds as many as it may, or their paths take too much memory) or
 * ENOMEM; the descriptor is closed then.
 */
uint32_t	 tokens_add(struct tokens *, int fd, const char *path,
		    bool clone, bool nodev);
/*
 * The same for a directory that MKDIR made or took: an O_PATH descriptor of a
 * root for writing.
 */
uint32_t	 tokens_add_made(struct tokens *, int fd, const char *path,
		    bool clone, bool nodev);
/* How many more a session may hold. */
size_t		 tokens_free_places(const struct tokens *);
/* The directory of a token, or NULL. */
struct token	*tokens_find(struct tokens *, uint32_t token);
/* Close it.  False if there is no such token. */
bool		 tokens_remove(struct tokens *, uint32_t token);

#endif /* TOKENS_H */
