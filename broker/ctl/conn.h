/*
 * conn.h: fdbrokerctl's side of the control socket.
 */

#ifndef CTL_CONN_H
#define CTL_CONN_H

#include <stdio.h>

#include "ipc/control.h"

struct role;

struct conn {
	int		 fd;		/* -1: not connected */
	const char	*path;		/* the caller's */
};

/* 0, or -1: why not, and who may, was logged. */
int	 conn_open(struct conn *, const char *path);
void	 conn_close(struct conn *);

/*
 * Ask, and wait for the reply.  *fd gets the descriptor that came with it, to
 * be closed by the caller: a sealed file of reply->len bytes; or -1.  0 and
 * reply->error tells how it went; or -1, logged: the daemon is gone, hangs or
 * broke the protocol.
 */
int	 conn_ask(struct conn *, const struct control_request *,
	    struct control_reply *reply, int *fd);

/* Log the error of a reply and why, if it has one. */
void	 conn_log_refusal(const struct conn *, const struct control_reply *);

/* The state, to be freed with control_state_free().  0, or -1: logged. */
int	 conn_state(struct conn *, struct control_state *);

/*
 * A role as it is in force, to be freed with role_free().  NULL: *reply has
 * the daemon's error and why, or it was logged and reply->error is 0.
 */
struct role *conn_role(struct conn *, const char *name,
	    struct control_reply *reply);

/*
 * Print lines until the daemon ends.  0, or -1: logged, or out failed; or
 * *reply has the daemon's error.
 */
int	 conn_monitor(struct conn *, FILE *out,
	    struct control_reply *reply);

#endif /* CTL_CONN_H */
