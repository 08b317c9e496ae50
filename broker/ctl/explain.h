/*
 * explain.h: say in words why something was refused, and what would
 * permit it.
 */

#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "ctl/ctl.h"
#include "ipc/control.h"

struct role;

/* An id as a denial printed it: hexadecimal.  0, or -1: it is none. */
int	 explain_parse_id(const char *, uint32_t *id);

/* The denial of that id, the last if there are several, or NULL. */
const struct audit_entry *explain_find(const struct control_state *,
	    uint32_t id);

/* role: as it is now, or NULL if it is not there any more. */
void	 explain_print(const struct ctl *, const struct audit_entry *,
	    uint64_t generation, const struct role *role);

#endif /* CTL_EXPLAIN_H */
