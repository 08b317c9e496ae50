/*
 * pseudofs_none.c: no file system counts as a pseudo file system; see
 * pseudofs.h.
 */

#include "config.h"

#include "opener/pseudofs.h"

bool
pseudofs_has(int fd)
{
	(void)fd;
	return false;
}
