/*
 * fskind_none.c: for systems of which it is not known how their file systems
 * compare names; see fskind.h.
 */

#include "config.h"

#include "base/fskind.h"

void
fskind_init(struct fskind_kernel *k)
{
	k->ext = k->f2fs = k->tmpfs = false;
}

enum fskind
fskind_get(const struct fskind_kernel *k, int fd)
{
	(void)k;
	(void)fd;
	return FSKIND_UNKNOWN;
}

int
fskind_is_marked(int fd)
{
	(void)fd;
	return 1;
}
