/*
 * aclids.h: the users and groups that an access control list names.
 */

#ifndef ACLIDS_H
#define ACLIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aclids {
	const uint8_t	*next;
	size_t		 left;
};

/*
 * Begin with the value of an attribute such as system.posix_acl_access; an
 * empty one takes the list away.  0, or -1 with errno EINVAL: it is no such
 * list, and the kernel refuses it, too.
 */
int	 aclids_begin(struct aclids *, const void *value, size_t len);

/* The next user or group, or false at the end. */
bool	 aclids_next(struct aclids *, bool *group, uint32_t *id);

#endif /* ACLIDS_H */
