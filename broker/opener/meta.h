/*
 * meta.h: whether a client may choose metadata, and setting it.
 */

#ifndef META_H
#define META_H

#include <stdbool.h>
#include <stdint.h>

#include "opener/job.h"

struct rule;

/* Who owns an object, and whether the client chose. */
struct meta_owner {
	bool		 known;		/* false: it stays as it is */
	uint32_t	 uid, gid;
};

/*
 * The owner that a rule gives to what is made.  Not known in a role that cannot
 * change owners.
 */
void	 meta_rule_owner(const struct state *, const struct rule *,
	    struct meta_owner *);

/*
 * Does an object that exists belong to whom the rule, which permits the
 * operation at the path, lets change it: to anybody, to any account, or to the
 * owner that it gives?
 */
bool	 meta_may_touch(const struct state *, uint32_t op, const char *path,
	    const struct rule *, const struct fdb_stat *);

/*
 * May the client choose the metadata of the job's item, for an object with
 * these types of metadata, FDB_META_*?  The rule is the one that lets the
 * object be made.  *owner is who gets it.  0, or -1 with the status and
 * res.refused set; nothing was changed then.
 */
int	 meta_judge(struct job *, unsigned int has, const struct rule *,
	    struct meta_owner *);

/* Does the metadata have bits or attributes that take SPECIAL? */
bool	 meta_is_special(const struct changewire_meta *);

/*
 * Set the metadata of what a descriptor refers to, and which is as *now says:
 * owner, attributes of users, mode, other attributes, times.  What the kernel
 * refuses does not keep the rest from being set, except that without its owner
 * an object gets no set-user-ID or set-group-ID bit.  0, or -1 with all that
 * was refused in res.refused, and the first reason as the status.
 */
int	 meta_set(struct job *, int fd, const struct meta_owner *,
	    const struct fdb_stat *now);

#endif /* META_H */
