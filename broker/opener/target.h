/*
 * target.h: what an item of a request names: the path that the policy judges,
 * and the place from which the kernel resolves it.
 *
 * An item goes through target_name(), the policy, target_place(), and, where
 * links are followed, target_follow() and the policy once more; then it is
 * resolved, and target_end() ends it.
 *
 * A token names a directory, not a path.  So whatever is named beneath a token
 * is resolved from that very directory.  For an operation that needs another
 * root than the one beneath which the directory was listed, the directory is
 * looked up by its path there, and must be the same; if it was moved or
 * replaced, the item fails with ESTALE.  The policy goes on to judge by the
 * path at which the directory was listed.
 */

#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/proto.h"
#include "opener/resolve.h"
#include "opener/state.h"
#include "opener/status.h"
#include "policy/decide.h"

/* A component is about to be looked at, from a directory. */
typedef void (*target_pass)(void *arg, const struct resolve_at *,
	    const char *rel);

/* Where the directory of a token was found last: see struct parent_cache. */
struct target_base {
	const struct token	*token;
	const struct root	*root;
	int			 fd;		/* or -1 */
};

struct target {
	char			 path[PROTO_LONG_MAX];	/* for the policy */
	struct resolve_at	 at;
	const char		*rel;	/* beneath at.dirfd */
	struct token		*token;	/* the base, or NULL */
	const char		*top;	/* path of at.dirfd */
	uint32_t		 ops;	/* as target_place() got them */
	int			 held;	/* at.dirfd, to close it; or -1 */
	struct target_base	*found;	/* may have at.dirfd; or NULL */
	target_pass		 passed;	/* or NULL */
	void			*passed_arg;
};

/*
 * Check a name and put its path together.  0, or -1 with the status set.
 */
int	 target_name(struct target *, struct state *, uint32_t base,
	    const char *name, struct status *);
/*
 * The same for a change: beneath the directory of a token, its path may be
 * longer, up to PROTO_LONG_MAX.
 */
int	 target_name_long(struct target *, struct state *, uint32_t base,
	    const char *name, struct status *);
/* Close what the item holds, also after an error.  Keeps errno. */
void	 target_end(struct target *);

/*
 * Ask the policy about one operation; the object is NULL before it is open,
 * and then as it was opened.  0, or -1 with the status set.
 */
int	 target_ask(const struct target *, const struct state *, uint32_t op,
	    const struct fdb_stat *object, struct status *);

/* What the policy judges of an object. */
void	 target_facts(const struct fdb_stat *, struct policy_facts *);

/*
 * Once the policy permits the operations: find the directory from which it is
 * resolved.  0, or -1 with the status set.
 */
int	 target_place(struct target *, const struct state *, uint32_t ops,
	    struct status *);

/*
 * After target_place(), in a role with option follow: replace the path by the
 * one that its links lead to; if last is false, without following a link in
 * its last component.  The policy must then judge it anew, for the operation.
 * In other roles this does nothing.  0, or -1 with the status set.
 */
int	 target_follow(struct target *, const struct state *, uint32_t op,
	    bool last, struct status *);

/*
 * After EXDEV: true if the name leads onto another file system and must not.
 * A file system, or a link that leads out of the root, gives EXDEV, too.
 */
bool	 target_crosses(const struct resolve_at *, const char *name);

/*
 * Set the status from errno after the resolution failed: to a failure of the
 * kernel or, if type is true, of the type of the file; or to the denial by
 * option one-filesystem, which the kernel sees to.
 */
void	 target_failed(const struct target *, const struct state *,
	    uint32_t op, bool type, struct status *);

/*
 * The same for STAT and LIST; the verdict is about listing the path.  If it is
 * a denial, the path is only a way to something that is permitted: the worker
 * may learn that a directory is there, and nothing else of what is or is not.
 */
void	 target_way_failed(const struct target *, const struct state *,
	    struct verdict, struct status *);

#endif /* TARGET_H */
