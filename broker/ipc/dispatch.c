/*
 * dispatch.c: pass a message to the handler that the channel's table names;
 * see dispatch.h.
 *
 * Runs in the supervisor, the listener and the opener.  Touches nothing but
 * memory.
 */

#include "config.h"

#include <errno.h>

#include "ipc/dispatch.h"

int
dispatch_end(const struct wire_in *in)
{
	if (wire_get_end(in) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}

int
dispatch(const struct dispatch_row *rows, size_t n, uint32_t state, void *arg,
    const struct proto_header *h, struct wire_in *in, struct fdmsg *m,
    const char **why)
{
	size_t	 i;
	int	 error = ENOMSG;

	*why = "unexpected type";
	for (i = 0; i < n; i++) {
		if (rows[i].type != h->type)
			continue;
		if (rows[i].states & state) {
			*why = NULL;
			return rows[i].handle(arg, h, in, m);
		}
		*why = "out of order";
		error = EPROTO;
	}
	errno = error;
	return -1;
}
