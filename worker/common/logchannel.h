/*
 * logchannel.h: how the controller gives the worker another log while the run
 * goes on: one message, and one answer to it.
 */

#ifndef LOGCHANNEL_H
#define LOGCHANNEL_H

#include <stdint.h>

enum logchannel_what {
	LOGCHANNEL_USE = 1,	/* this descriptor */
	LOGCHANNEL_EMPTY = 2,	/* the same, after ftruncate(2) to 0 */
	LOGCHANNEL_NONE = 3	/* the controller writes the log */
};

/* Send; fd stays the caller's and is -1 for NONE.  0, or -1 with errno. */
int	 logchannel_send(int sock, enum logchannel_what, int fd);

/*
 * Receive; *fd is the caller's, or -1.  0, or -1 with errno: EAGAIN, EPROTO, or
 * of fdmsg_recv(); EPIPE: the controller is gone.
 */
int	 logchannel_recv(int sock, enum logchannel_what *, int *fd);

/* The answer: 0 or an errno value.  0, or -1 as above. */
int	 logchannel_answer(int sock, int error);
int	 logchannel_result(int sock, int *error);

#endif /* LOGCHANNEL_H */
