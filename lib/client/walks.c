/*
 * walks.c: the walks of a session that are not over; see walks.h.
 *
 * Runs in the worker.  Touches memory only.
 */

#include "config.h"

#include <stdlib.h>

#include "client/walks.h"

struct walks_one *
walks_add(struct walks *ws)
{
	struct walks_one	*w, **last;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return NULL;
	for (last = &ws->oldest; *last != NULL; last = &(*last)->next)
		;
	*last = w;
	ws->n++;
	return w;
}

static void
remove_at(struct walks *ws, struct walks_one **at)
{
	struct walks_one	*w = *at;

	*at = w->next;
	ws->n--;
	free(w->request);
	free(w->value);
	free(w);
}

void
walks_remove_oldest(struct walks *ws)
{
	remove_at(ws, &ws->oldest);
}

void
walks_remove_newest(struct walks *ws)
{
	struct walks_one	**last = &ws->oldest;

	while ((*last)->next != NULL)
		last = &(*last)->next;
	remove_at(ws, last);
}

void
walks_free(struct walks *ws)
{
	while (ws->oldest != NULL)
		walks_remove_oldest(ws);
}
