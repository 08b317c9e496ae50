/*
 * longnames.c: tokens for long names; see sandbox/longnames.h.
 *
 * Runs in the worker.  Touches nothing but memory.  A few tokens are enough:
 * members come in the order of a walk, so the next name is near the last.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "sandbox/longnames.h"

void
longnames_clear(struct longnames *ln)
{
	size_t	 i;

	for (i = 0; i < LONGNAMES; i++)
		free(ln->list[i].name);
	memset(ln, 0, sizeof(*ln));
}

size_t
longnames_nearest(struct longnames *ln, const char *name, uint32_t *token)
{
	struct longname	*l, *best = NULL;
	size_t		 len, best_len = 0;

	for (l = ln->list; l < ln->list + LONGNAMES; l++) {
		if (l->name == NULL)
			continue;
		len = strlen(l->name);
		if (len <= best_len || strncmp(l->name, name, len) != 0 ||
		    name[len] != '/')
			continue;
		best = l;
		best_len = len;
	}
	if (best == NULL)
		return 0;
	best->used = ++ln->clock;
	*token = best->token;
	return best_len;
}

int
longnames_put(struct longnames *ln, const char *name, size_t len,
    uint32_t token, uint32_t *old)
{
	struct longname	*l, *to = NULL;

	for (l = ln->list; l < ln->list + LONGNAMES; l++)
		if ((l->token == 0 || l->token != ln->pinned) &&
		    (to == NULL || l->used < to->used))
			to = l;
	*old = to->token;
	free(to->name);
	to->name = strndup(name, len);
	to->token = token;
	to->used = ++ln->clock;
	return to->name != NULL ? 0 : -1;
}

void
longnames_drop(struct longnames *ln, const char *name)
{
	struct longname	*l;

	for (l = ln->list; l < ln->list + LONGNAMES; l++) {
		if (l->name == NULL || !paths_covers(name, l->name))
			continue;
		free(l->name);
		l->name = NULL;
		l->used = 0;
	}
}
