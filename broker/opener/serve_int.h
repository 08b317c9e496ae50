/*
 * serve_int.h: what the files serve*.c share, and nobody else uses.
 */

#ifndef SERVE_INT_H
#define SERVE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "opener/resolve.h"
#include "opener/serve.h"
#include "policy/decide.h"

/* One decoded item of a request. */
struct item {
	uint32_t	 base;
	uint8_t		 access;
	char		*name;
};

/* A reply that is being put together; its descriptors are its own. */
struct reply {
	struct proto_header	 h;
	struct wire_out		 w;
	int			 fds[FDMSG_MAXFD];
	uint8_t			 buf[PROTO_MAX];
};

/* What a request names: the path for the policy, the place for the kernel. */
struct target {
	char			 path[PROTO_PATH_MAX];
	struct resolve_at	 at;
	const char		*rel;	/* beneath at.dirfd */
	const char		*top;	/* path of the root, if it is that */
};

int	 serve_list(struct serve *, const struct proto_header *,
	    struct wire_in *);

int	 items_get(struct item *, const struct proto_header *,
	    struct wire_in *, char *names);

/*
 * From (base, name) to the path that the policy sees; then, once the policy
 * has decided, to the directory that it is resolved from.  0, or -1 with the
 * status set.
 */
int	 target_name(struct serve *, struct target *, uint32_t base,
	    const char *name, struct proto_status *);
int	 target_place(struct serve *, struct target *, uint32_t ops,
	    struct proto_status *);
/*
 * After target_place(), for a role with option follow: the path becomes that
 * of what the links lead to, which is then to be judged anew, for the
 * operation.  Does nothing for other roles.  0, or -1 with the status set.
 */
int	 target_follow(struct serve *, struct target *, uint32_t op,
	    struct proto_status *);
/*
 * Set the status from errno, after a resolution from there failed: the kernel,
 * the type, or the policy about the operation, which keeps to one file system.
 */
void	 target_failed(struct serve *, const struct target *, uint32_t op,
	    bool type, struct proto_status *);
/* The same of STAT and LIST, of which the policy says the verdict. */
void	 target_way_failed(struct serve *, const struct target *,
	    struct verdict, struct proto_status *);

/* One item of an OPEN: a descriptor, or -1 with the status set. */
int	 serve_open_item(struct serve *, const struct item *,
	    struct proto_status *, struct fdb_stat *);

void	 status_ok(struct proto_status *);
void	 status_set(struct proto_status *, int error, enum fdb_reason,
	    const char *where);
void	 status_denied(struct serve *, struct proto_status *, struct verdict);
void	 status_errno(struct proto_status *, bool type);

/* Tell of a request; a refusal's status gets its number.  fst may be NULL. */
void	 serve_report(struct serve *, uint32_t op, const char *path,
	    struct proto_status *, const struct fdb_stat *fst);

void	 reply_begin(struct reply *, const struct serve *, uint16_t type,
	    uint32_t id);
/* Send and close its descriptors, whatever the outcome. */
int	 reply_send(struct serve *, struct reply *, bool more);
int	 serve_send(struct serve *, const void *, size_t, const int *fds,
	    size_t nfds);

#endif /* SERVE_INT_H */
