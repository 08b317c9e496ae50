/*
 * dispatch.h: one table for each channel: which messages may come over it,
 * when, and what handles them.  A message that has no row, or comes in a state
 * that its row does not name, is refused before anything of it is read.
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
	 * Decode the items to the end and act.  arg is the caller's; the
	 * descriptors of the message stay its own unless they are taken.
	 * 0, or -1 with errno: EBADMSG if the items do not decode.
	 */
	int		(*handle)(void *arg, const struct proto_header *,
			    struct wire_in *, struct fdmsg *);
};

#define DISPATCH_ALWAYS	UINT32_MAX	/* in every state */

/*
 * Find the row for a parsed message and call its handler.  What that returned;
 * or -1 with *why a constant phrase and errno: ENOMSG (no row has its type), or
 * EPROTO (none has it in this state).  *why is NULL if a handler was called.
 */
int	 dispatch(const struct dispatch_row *rows, size_t n, uint32_t state,
	    void *arg, const struct proto_header *, struct wire_in *,
	    struct fdmsg *, const char **why);

#endif /* DISPATCH_H */
