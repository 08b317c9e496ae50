/*
 * explain.h: explain one denial or refusal, and say how to permit the request.
 */

#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/ctl.h"
#include "ipc/control.h"

struct role;

/* Parse an id, a hexadecimal number.  0, or -1: it is not one. */
int	 explain_parse_id(const char *, uint32_t *id);

/* The last record with this id, or NULL. */
const struct audit_entry *explain_find(const struct control_state *,
	    uint32_t id);

/* Explain a record.  role: as it is in force now, NULL if it was removed. */
void	 explain_print(const struct ctl *, const struct audit_entry *,
	    uint64_t generation, const struct role *role);

/* The same as JSON.  0, or -1: no memory. */
int	 explain_json(const struct ctl *, const struct audit_entry *,
	    uint64_t generation, const struct role *role);

#endif /* CTL_EXPLAIN_H */
