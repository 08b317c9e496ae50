/*
 * dirwatch_linux.c: learn that names in some directories changed, by
 * inotify(7); see dirwatch.h.
 *
 * Runs in the opener.  inotify_add_watch(2) takes a path and no descriptor, so
 * the directory becomes the current one first: there may be no /proc.
 */

#include "config.h"

#include <sys/inotify.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/dirwatch.h"

/*
 * A name appears, goes, or leads to another file; somebody may open a file who
 * could not before.
 */
#define NAMES		(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | \
			    IN_ATTRIB | IN_ONLYDIR)

/* Events are taken in pieces, and not more of them at once. */
#define PIECE		4096
#define PIECES		256

struct dirwatch_one {
	int	 wd;
	bool	 used;		/* in this round */
};

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
	fd_close(&d->fd);
	free(d->dirs);
	d->dirs = NULL;
	d->n = 0;
}

/* Does one of these events tell of a change? */
static bool
tells_of_change(const char *buf, size_t len)
{
	struct inotify_event	 e;
	size_t			 at = 0;
	bool			 changed = false;

	while (len - at >= sizeof(e)) {
		memcpy(&e, buf + at, sizeof(e));
		/* The kernel says this of a watch that is removed, too. */
		if ((e.mask & ~(uint32_t)(IN_IGNORED | IN_ISDIR)) != 0)
			changed = true;
		if (e.len > len - at - sizeof(e))
			break;
		at += sizeof(e) + e.len;
	}
	return changed;
}

bool
dirwatch_read(struct dirwatch *d)
{
	char	 buf[PIECE];
	bool	 changed = false;
	ssize_t	 n;
	int	 i;

	for (i = 0; i < PIECES && d->fd != -1; i++) {
		if ((n = read(d->fd, buf, sizeof(buf))) <= 0)
			break;
		changed = tells_of_change(buf, (size_t)n) || changed;
	}
	return changed;
}

void
dirwatch_begin(struct dirwatch *d)
{
	size_t	 i;

	for (i = 0; i < d->n; i++)
		d->dirs[i].used = false;
}

/* Note that a watch is used.  0, or -1 with errno ENOMEM or ENOSPC. */
static int
note(struct dirwatch *d, int wd)
{
	struct dirwatch_one	*dirs;
	size_t			 i;

	for (i = 0; i < d->n && d->dirs[i].wd != wd; i++)
		;
	if (i == d->n) {
		if (d->n >= DIRWATCH_MAX) {
			errno = ENOSPC;
			return -1;
		}
		dirs = reallocarray(d->dirs, d->n + 1, sizeof(*dirs));
		if (dirs == NULL)
			return -1;
		d->dirs = dirs;
		dirs[d->n++].wd = wd;
	}
	d->dirs[i].used = true;
	return 0;
}

int
dirwatch_add(struct dirwatch *d, int dirfd, bool contents)
{
	uint32_t	 mask = NAMES | (contents ? IN_CLOSE_WRITE : 0);
	int		 wd, saved;

	if (d->fd == -1 &&
	    (d->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) == -1)
		return -1;
	/* Whoever adds it without contents takes them from nobody else. */
	if (fchdir(dirfd) == -1 || (wd = inotify_add_watch(d->fd, ".",
	    mask | IN_MASK_ADD)) == -1)
		return -1;
	if (note(d, wd) == 0)
		return 0;
	saved = errno;
	(void)inotify_rm_watch(d->fd, wd);
	errno = saved;
	return -1;
}

void
dirwatch_end(struct dirwatch *d)
{
	size_t	 i, n = 0;

	for (i = 0; i < d->n; i++) {
		if (d->dirs[i].used)
			d->dirs[n++] = d->dirs[i];
		else
			/* EINVAL: the directory is gone. */
			(void)inotify_rm_watch(d->fd, d->dirs[i].wd);
	}
	d->n = n;
}
