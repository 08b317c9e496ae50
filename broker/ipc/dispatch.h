/*
 * dispatch.h: one table for each channel: which messages may arrive on it, in
 * which states, and the function that handles them.  A message without a row
 * for the state is refused before any of its items is read.
 */

#ifndef DISPATCH_H
#define DISPATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/wire.h"

struct dispatch_row {
	uint16_t	 type;
	/*
	 * The states in which the message may come, one bit each; the owner of
	 * the table says what they mean.  A message that may come only once
	 * has a row for the state before, and its handler changes the state.
	 */
	uint32_t	 states;
	/*
	 * Decode all items, then act.  arg is the caller's.  Descriptors stay
	 * in the message, which the caller closes, unless they are taken out.
	 * 0, or -1 with errno: EBADMSG if the items do not decode.
	 */
	int		(*handle)(void *arg, const struct proto_header *,
			    struct wire_in *, struct fdmsg *);
};

/* For handlers, after the last item: 0, or -1 with errno EBADMSG. */
int	 dispatch_end(const struct wire_in *);

#define DISPATCH_ALWAYS	UINT32_MAX	/* in every state */

/*
 * Find the row for a parsed message and call its handler.  Returns what the
 * handler returns, and *why is NULL; or -1 with *why a constant phrase and
 * errno: ENOMSG (no row has the type), or EPROTO (none has it in this state).
 */
int	 dispatch(const struct dispatch_row *rows, size_t n, uint32_t state,
	    void *arg, const struct proto_header *, struct wire_in *,
	    struct fdmsg *, const char **why);

#endif /* DISPATCH_H */
