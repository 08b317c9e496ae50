/*
 * rolename.c: the names that a role can have; see base/rolename.h.
 *
 * Runs in every process.  Pure.
 */

#include "config.h"

#include <string.h>

#include "base/fdbroker_types.h"
#include "base/rolename.h"

bool
rolename_is_valid(const char *name)
{
	static const char	 first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char	 others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t			 len = strlen(name);

	return len <= FDB_ROLE_MAX && strspn(name, first) > 0 &&
	    strspn(name, others) == len;
}
