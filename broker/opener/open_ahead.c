/*
 * open_ahead.c: open the files of a large request in several threads; see
 * open_ahead.h.
 *
 * Runs in the opener.  Opens for reading what it is told to, and nothing else.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "opener/open_ahead.h"

/* Runs in any thread. */
static void
open_piece(struct parallel_job *job)
{
	/* It is the first member. */
	struct open_ahead_piece	*p = (void *)job;
	struct open_ahead_item	*it;

	for (it = p->items; it < p->items + p->n; it++) {
		if (!it->wanted)
			continue;
		it->fd = resolve_open(&it->at, it->rel, O_RDONLY, false,
		    &it->st, &it->type);
		it->error = it->fd == -1 ? errno : 0;
	}
}

/* How many items from this one on are names in one directory; len: its own. */
static size_t
run_in_dir(const struct open_ahead_item *it, size_t n, size_t *len)
{
	const struct open_ahead_item	*first = it;
	const char			*slash;

	if (!first->wanted || (slash = strrchr(first->rel, '/')) == NULL)
		return 1;
	*len = (size_t)(slash - first->rel);
	for (it++; it < first + n; it++)
		if (!it->wanted || it->at.dirfd != first->at.dirfd ||
		    strncmp(it->rel, first->rel, *len + 1) != 0 ||
		    strchr(it->rel + *len + 1, '/') != NULL)
			break;
	return (size_t)(it - first);
}

/*
 * Have the items of a run opened from their directory.  If that cannot be
 * opened, each of them tells why.
 */
static void
share_dir(struct open_ahead *a, struct open_ahead_item *it, size_t n,
    size_t len)
{
	char	 name[PROTO_PATH_MAX];
	int	 fd;
	size_t	 i;

	memcpy(name, it->rel, len);
	name[len] = '\0';
	if ((fd = resolve_place(&it->at, name)) == -1)
		return;
	a->dirs[a->ndirs++] = fd;
	for (i = 0; i < n; i++) {
		it[i].at.dirfd = fd;
		it[i].rel += len + 1;
	}
}

static void
share_dirs(struct open_ahead *a, size_t n)
{
	size_t	 i, run, len;

	a->ndirs = 0;
	for (i = 0; i < n && a->ndirs < OPEN_AHEAD_DIRS; i += run) {
		run = run_in_dir(&a->items[i], n - i, &len);
		if (run >= OPEN_AHEAD_SHARE)
			share_dir(a, &a->items[i], run, len);
	}
}

void
open_ahead_begin(struct open_ahead *a, struct parallel *p, size_t n)
{
	struct open_ahead_piece	*piece;
	size_t			 i;

	share_dirs(a, n);
	a->npieces = a->ndone = 0;
	for (i = 0; i < n; i += OPEN_AHEAD_PIECE) {
		piece = &a->pieces[a->npieces++];
		piece->job.run = open_piece;
		piece->items = a->items + i;
		piece->n = n - i < OPEN_AHEAD_PIECE ? n - i :
		    OPEN_AHEAD_PIECE;
		/* In memory, two processors are as many as can be used. */
		parallel_give(p, &piece->job, i == 0);
	}
}

struct open_ahead_item *
open_ahead_take(struct open_ahead *a, struct parallel *p, size_t i)
{
	struct open_ahead_item	*it = &a->items[i];

	if (a->npieces == 0 || !it->wanted)
		return NULL;
	/* The items are taken in order. */
	for (; a->ndone <= i / OPEN_AHEAD_PIECE; a->ndone++)
		parallel_wait(p, &a->pieces[a->ndone].job);
	if (it->error == EXDEV)
		return NULL;
	if (it->error != EMFILE && it->error != ENFILE)
		return it;
	/* Those after it may hold them, and it comes first. */
	open_ahead_end(a, p);
	return NULL;
}

static void
close_piece(struct open_ahead_piece *piece)
{
	size_t	 i;

	for (i = 0; i < piece->n; i++)
		if (piece->items[i].wanted)
			fd_close(&piece->items[i].fd);
}

void
open_ahead_end(struct open_ahead *a, struct parallel *p)
{
	int	 saved = errno;

	for (; a->npieces > 0; a->npieces--)
		if (!parallel_take_back(p, &a->pieces[a->npieces - 1].job))
			close_piece(&a->pieces[a->npieces - 1]);
	fd_close_all(a->dirs, a->ndirs);
	a->ndirs = 0;
	errno = saved;
}
