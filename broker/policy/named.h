/*
 * named.h: which numbers of users and groups are accounts of this machine, for
 * a role whose rules say `owner by-name'.
 */

#ifndef POLICY_NAMED_H
#define POLICY_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/idset.h"

struct role;

struct named {
	struct idset	 users, groups;
};

/* What a role needs to know of accounts. */
enum named_need {
	NAMED_NOT,		/* nothing */
	/* `owner any': a session may narrow it to `by-name'. */
	NAMED_MAYBE,
	NAMED_NEEDED		/* a rule says `owner by-name' */
};

void		 named_free(struct named *);

/* A copy, which the caller frees.  NULL: ENOMEM. */
struct named	*named_copy(const struct named *);

/* NULL equals NULL only. */
bool		 named_equal(const struct named *, const struct named *);

/*
 * Is the number a user's (a group's)?  Nobody is known if named is NULL.  The
 * last number, which chown(2) takes for none, is never one.
 */
bool		 named_has(const struct named *, bool group, uint32_t id);

/* Owners matter where a role sets metadata or links only. */
enum named_need	 named_need(const struct role *);

/* Encode it, or that there is none; named_size() is the number of bytes. */
void		 named_put(struct wire_out *, const struct named *);
size_t		 named_size(const struct named *);
/* *named, or NULL.  0, or -1 with errno EPROTO or ENOMEM. */
int		 named_get(struct wire_in *, struct named **);

#endif /* POLICY_NAMED_H */
