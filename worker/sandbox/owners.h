/*
 * owners.h: names of users and groups, for a process that cannot read files.
 */

#ifndef OWNERS_H
#define OWNERS_H

#include <stdint.h>

#include "sandbox/reporter.h"

struct owners;

struct owners	*owners_new(struct reporter *);
void		 owners_free(struct owners *);

/*
 * The name of a user or group, "" if it has none.  The string is valid until
 * the next call for the same kind.  NULL with errno: ENOMEM, or the controller
 * is gone.
 */
const char	*owners_name(struct owners *, enum channel_owner, uint32_t id);

#endif /* OWNERS_H */
