/*
 * open_ahead.c: open the files of a large request in several threads; see
 * open_ahead.h.
 *
 * Runs in the opener.  Opens for reading what it is told to, and nothing else.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>

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

void
open_ahead_begin(struct open_ahead *a, struct parallel *p, size_t n)
{
	struct open_ahead_piece	*piece;
	size_t			 i;

	a->npieces = 0;
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
	parallel_wait(p, &a->pieces[i / OPEN_AHEAD_PIECE].job);
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
	errno = saved;
}
