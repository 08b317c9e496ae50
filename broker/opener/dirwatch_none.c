/*
 * dirwatch_none.c: this system tells of no changes in directories: what depends
 * on them is looked at from time to time; see dirwatch.h.
 *
 * Runs in the opener.  kqueue(2) could tell of them, with one descriptor for
 * each directory; nobody has written that.
 */

#include "config.h"

#include <errno.h>

#include "opener/dirwatch.h"

void
dirwatch_init(struct dirwatch *d)
{
	d->fd = -1;
	d->dirs = NULL;
	d->n = 0;
}

void
dirwatch_free(struct dirwatch *d)
{
	(void)d;
}

bool
dirwatch_read(struct dirwatch *d)
{
	(void)d;
	return false;
}

void
dirwatch_begin(struct dirwatch *d)
{
	(void)d;
}

int
dirwatch_add(struct dirwatch *d, int dirfd, bool contents)
{
	(void)d;
	(void)dirfd;
	(void)contents;
	errno = ENOSYS;
	return -1;
}

void
dirwatch_end(struct dirwatch *d)
{
	(void)d;
}
