/*
 * tokens.h: the directories that a session has listed, so that the client can
 * name files relative to them.  The client has the numbers, the opener has the
 * descriptors.
 */

#ifndef TOKENS_H
#define TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fskind.h"

#define TOKEN_DENTS_SIZE	32768

struct token {
	int	 fd;		/* -1: this slot is free */
	char	*path;		/* absolute, for the policy */
	char	*dents;		/* getdents64(2) buffer, while listing */
	size_t	 len, pos;	/* bytes in it, bytes consumed */
	bool	 clone, nodev;	/* as its root; see resolve.h */
	bool	 done;		/* all entries were sent */
	enum fskind kind;	/* FSKIND_UNASKED until it matters */
};

struct tokens {
	struct token	*slots;
	size_t		 size;	/* the most a session may hold */
	size_t		 used;
};

/* 0, or -1 with errno ENOMEM. */
int		 tokens_init(struct tokens *, size_t size);
void		 tokens_free(struct tokens *);

/*
 * Take over a directory's descriptor.  Its token, or 0 with errno: EMFILE (the
 * session holds as many as it may) or ENOMEM; the descriptor is closed then.
 */
uint32_t	 tokens_add(struct tokens *, int fd, const char *path,
		    bool clone, bool nodev);
/* The directory of a token, or NULL. */
struct token	*tokens_find(struct tokens *, uint32_t token);
/* Close it.  False if there is no such token. */
bool		 tokens_remove(struct tokens *, uint32_t token);

#endif /* TOKENS_H */
