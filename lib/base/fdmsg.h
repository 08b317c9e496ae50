/*
 * fdmsg.h: the only place that builds or reads a struct msghdr.
 *
 * A message is one datagram with a payload, up to FDMSG_MAXFD descriptors
 * and, where the socket asks for it, the sender's credentials as the kernel
 * attached them.
 */

#ifndef FDMSG_H
#define FDMSG_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

/* SCM_MAX_FD of Linux: with 254 sendmsg(2) gives EINVAL. */
#define FDMSG_MAXFD	253

struct fdmsg {
	int			 fds[FDMSG_MAXFD];	/* the caller's */
	size_t			 nfds;
	bool			 has_cred;
	uid_t			 uid;		/* valid when has_cred */
	gid_t			 gid;
	pid_t			 pid;
};

/*
 * Send len > 0 bytes and nfds <= FDMSG_MAXFD descriptors to the peer of a
 * connected socket.  The descriptors stay the caller's.  0, or -1 with errno:
 * EINVAL (an argument), EMSGSIZE, EAGAIN, ETOOMANYREFS, ECONNREFUSED (the peer
 * is gone), or of sendmsg(2).  SIGPIPE is not raised.
 */
int	 fdmsg_send(int sock, const void *buf, size_t len, const int *fds,
	    size_t nfds);

/*
 * Send len > 0 bytes to the peer of a connected socket now or not at all, even
 * if the socket blocks.  0, or -1 with errno, as fdmsg_send().
 */
int	 fdmsg_try_send(int sock, const void *buf, size_t len);

/*
 * Receive one message with at most maxfds descriptors, which are
 * close-on-exec and the caller's to close (fdmsg_close() does).  Does not
 * block on a non-blocking socket.  The length of the payload, which is never
 * 0, or -1 with errno and nothing left open:
 *
 *	EAGAIN		no message is queued
 *	EPIPE		an empty message: the peer of a sequenced-packet
 *			socket is gone, or a datagram is empty
 *	EMSGSIZE	the payload did not fit and is lost
 *	EMFILE		descriptors were lost: the process has as many as
 *			RLIMIT_NOFILE allows
 *	EBADMSG		a control message of an unexpected level, type or
 *			length, or more descriptors than maxfds
 *
 * or of recvmsg(2).  In all cases but EAGAIN the message is consumed.
 *
 * With maxfds 0 there is no room for any: the kernel drops descriptors without
 * installing them.  That matters where strangers send: close(2) of a file on a
 * file system that hangs would hang this process.
 */
ssize_t	 fdmsg_recv(int sock, void *buf, size_t size, size_t maxfds,
	    struct fdmsg *);

/* Close the descriptors of a message that was received.  Keeps errno. */
void	 fdmsg_close(struct fdmsg *);

/* Take descriptor i out of a message, for the caller to close; or -1. */
int	 fdmsg_take(struct fdmsg *, size_t i);

/*
 * Let the kernel attach credentials to each message that arrives.  Call it
 * before bind(2): a message that was queued earlier has pid 0 and the overflow
 * uid.  0, or -1: ENOTSUP where datagrams carry no credentials.
 */
int	 fdmsg_want_cred(int sock);

/*
 * Let the kernel refuse descriptors sent to this socket, where it can
 * (SO_PASSRIGHTS, Linux 6.16).  Best effort: fdmsg_recv() with maxfds 0
 * refuses them anyway.
 */
void	 fdmsg_refuse_fds(int sock);

#endif /* FDMSG_H */
