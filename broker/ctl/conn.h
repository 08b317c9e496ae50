/*
 * conn.h: a connection of fdbrokerctl to the control socket.
 */

#ifndef CTL_CONN_H
#define CTL_CONN_H

#include <stdio.h>

#include "ipc/control.h"

struct role;

struct conn {
	int		 fd;		/* -1: not connected */
	const char	*path;		/* of the socket; not copied */
};

/* Connect.  0, or -1: logged, with who may connect if the caller may not. */
int	 conn_open(struct conn *, const char *path);
void	 conn_close(struct conn *);

/*
 * Send a request and wait for the reply.  *fd gets a sealed file of reply->len
 * bytes, which the caller closes, or -1 if none came.  0, with reply->error
 * set if the daemon refused; or -1, logged: the daemon is gone, hangs or broke
 * the protocol.
 */
int	 conn_ask(struct conn *, const struct control_request *,
	    struct control_reply *reply, int *fd);

/* Log why the daemon refused; does nothing if the reply has no error. */
void	 conn_log_refusal(const struct control_reply *);

/*
 * The text in a file that came with a reply, of len bytes, which the caller
 * frees; "" if fd is -1.  NULL: logged.
 */
char	*conn_text(const struct conn *, int fd, uint64_t len);

/* Get the state; free it with control_state_free().  0, or -1: logged. */
int	 conn_state(struct conn *, struct control_state *);

/*
 * Get a role as it is in force; free it with role_free().  NULL: the daemon
 * refused, and *reply says why, or another failure was logged and reply->error
 * is 0.
 */
struct role *conn_role(struct conn *, const char *name,
	    struct control_reply *reply);

/*
 * Pass the lines of the monitor to print() until the daemon ends, and flush out
 * after each.  0; or -1: the daemon refused, and *reply says why, a failure was
 * logged, or writing to out failed.
 */
int	 conn_monitor(struct conn *, FILE *out,
	    void (*print)(void *arg, const char *line), void *arg,
	    struct control_reply *reply);

#endif /* CTL_CONN_H */
