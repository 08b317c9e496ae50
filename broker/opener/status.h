/*
 * status.h: how one item of a request went: what the worker is told of it, and
 * the record of it for the audit.
 */

#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "opener/state.h"
#include "policy/decide.h"
#include "policy/tables.h"

struct status {
	struct proto_status	 wire;		/* for the worker */
	enum policy_reason	 policy;	/* why the policy denied it */
};

/* It succeeded. */
void	 status_ok(struct status *);

/* It failed; `where' tells people more, "" if there is no more to tell. */
void	 status_set(struct status *, int error, enum fdb_reason,
	    const char *where);

/* It failed as errno says, because of the type of the file or by the kernel. */
void	 status_errno(struct status *, bool type);

/*
 * It failed as errno says, because the file is not of a type that is opened.
 * what names the type; special: a permit of SPECIAL would make a difference.
 */
void	 status_type(struct status *, const char *what, bool special);

/* The policy denies it; the verdict is of this role. */
void	 status_denied(struct status *, const struct role *, struct verdict);

/* The rule says `owner by-name', and the user or group has no account. */
void	 status_no_account(struct status *, const struct rule *, bool group,
	    uint32_t id);

/*
 * The name is there in another spelling only.  To the worker nothing is there;
 * the audit has it as a denial, without a number.
 */
void	 status_misspelt(struct status *);

/* The policy denies it because the path lies beneath none of the roots. */
void	 status_no_root(struct status *);

/*
 * Record an item that was answered, if the audit wants it: the operation, one
 * POLICY_OP_* bit, the path or name, and what was opened or looked at, or
 * NULL.  A refusal gets a number, which the status then has, too: short, and
 * the same in two sessions only after a long time.
 */
void	 status_report(struct status *, struct state *, uint32_t op,
	    const char *path, const struct fdb_stat *);

#endif /* STATUS_H */
