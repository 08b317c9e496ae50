/*
 * list.c: the command list; see sandbox/list.h.
 *
 * Runs in the worker, confined.  Touches the descriptor of the archive.
 */

#include "config.h"

#include <string.h>

#include "sandbox/list.h"
#include "sandbox/manifest.h"
#include "sandbox/reader.h"
#include "sandbox/work.h"

int
list_run(struct work *w)
{
	struct reporter	*rep = &w->rep;
	struct reader	*r;
	struct entry	 e;
	int		 n, ret = -1;

	if ((r = reader_new(w->archive)) == NULL)
		return reporter_no_memory(rep);
	while ((n = reader_next(r, &e)) == 1) {
		if (!rep->verbose && strcmp(e.name, MANIFEST_NAME) == 0)
			continue;
		if (channel_put_entry(&rep->channel, &e) == -1)
			goto out;
	}
	if (n == 0 && reader_finish(r) == 0)
		ret = 0;
	else
		(void)reader_report(r, rep);
out:
	reader_free(r);
	return ret;
}
