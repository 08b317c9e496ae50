/*
 * watched.c: the watches of a session; see watched.h.
 *
 * Runs in the worker.  Touches memory, and closes descriptors.
 */

#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/fd.h"
#include "client/watched.h"

bool
watched_has_results(const struct watched *w)
{
	for (; w != NULL; w = w->next)
		if (w->kept)
			return true;
	return false;
}

void
watched_free(struct watched *w)
{
	struct watched	*next;

	for (; w != NULL; w = next) {
		next = w->next;
		fd_close(&w->fd);
		free(w);
	}
}
