/*
 * aclids.c: the users and groups that an access control list names; see
 * opener/aclids.h.
 *
 * Runs in the opener.  Touches nothing but memory.  The value comes from the
 * client.  Its form is that of linux/posix_acl_xattr.h: a version, and entries
 * of a tag, permissions and a number, all little-endian.
 */

#include "config.h"

#include <errno.h>

#include "opener/aclids.h"

#define ACL_VERSION	2
#define HEADER_BYTES	4
#define ENTRY_BYTES	8

#define TAG_USER	0x02
#define TAG_GROUP	0x08

static uint32_t
little(const uint8_t *p, size_t n)
{
	uint32_t	 value = 0;

	while (n-- > 0)
		value = value << 8 | p[n];
	return value;
}

int
aclids_begin(struct aclids *a, const void *value, size_t len)
{
	a->next = value;
	a->left = 0;
	if (len == 0)
		return 0;
	if (len < HEADER_BYTES || (len - HEADER_BYTES) % ENTRY_BYTES != 0 ||
	    little(value, HEADER_BYTES) != ACL_VERSION) {
		errno = EINVAL;
		return -1;
	}
	a->next = (const uint8_t *)value + HEADER_BYTES;
	a->left = (len - HEADER_BYTES) / ENTRY_BYTES;
	return 0;
}

bool
aclids_next(struct aclids *a, bool *group, uint32_t *id)
{
	uint32_t	 tag;

	while (a->left > 0) {
		tag = little(a->next, 2);
		*id = little(a->next + 4, 4);
		*group = tag == TAG_GROUP;
		a->next += ENTRY_BYTES;
		a->left--;
		if (tag == TAG_USER || tag == TAG_GROUP)
			return true;
	}
	return false;
}
