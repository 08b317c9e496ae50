/*
 * event.h: the record of one request that an opener has answered: for the
 * audit, and for an administrator who asks why a request was refused.
 */

#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include "base/proto.h"
#include "policy/auditmode.h"

/* Room for a path as vis(3) encodes it, with its NUL; longer ones are cut. */
#define EVENT_PATH_MAX	1024

struct event_record {
	uint32_t	 op;		/* one POLICY_OP_* bit */
	uint32_t	 error;		/* errno value, or 0 */
	uint8_t		 reason;	/* enum fdb_reason */
	/* enum policy_reason: why it denied; NOT_SPECIAL with a type, too */
	uint8_t		 policy;
	uint32_t	 id;		/* of a refusal; the worker knows it */
	uint32_t	 lost;		/* records that were not sent before */
	uint32_t	 generation;	/* of the policy */
	uint32_t	 dev_major, dev_minor;
	uint64_t	 ino;		/* 0: nothing was opened */
	char		 where[PROTO_TEXT_MAX];
	char		 path[EVENT_PATH_MAX];
};

/* Set a client's path or a rule's place, encoded as printable ASCII. */
void	 event_set_path(struct event_record *, const char *path);
void	 event_set_where(struct event_record *, const char *where);

void	 event_put(struct wire_out *, const struct event_record *);
/*
 * Fails the wire_in also for text that is not printable ASCII, for an unknown
 * reason, and for reasons that contradict each other or the error.
 */
void	 event_get(struct wire_in *, struct event_record *);

/* Does the audit record the request in this mode? */
int	 event_is_wanted(const struct event_record *, enum audit_mode);

/* The name of an operation's bit. */
const char *event_op(const struct event_record *);
/* "denied", "refused", "limited" or "permitted". */
const char *event_verdict(const struct event_record *);
/* "policy", "kernel", "limit", "type", "name", or "" when permitted. */
const char *event_reason(const struct event_record *);
/* Why the policy denied it: policy_reason_name(), or "" if it did not. */
const char *event_policy(const struct event_record *);

#endif /* EVENT_H */
