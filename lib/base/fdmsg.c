/*
 * fdmsg.c: send and receive one message with descriptors; see fdmsg.h.
 *
 * Runs in every process.  Every descriptor that the kernel installs here is
 * either handed to the caller or closed, whatever else is wrong with the
 * message.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"

#ifdef __linux__
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif
#define CRED_SPACE	CMSG_SPACE(sizeof(struct ucred))
#else
#define CRED_SPACE	0
#endif

/*
 * There is room for no descriptor, or for as many as a message can have,
 * whatever number the caller wants.  So MSG_CTRUNC means that no descriptor was
 * wanted, or that some could not be installed, and nothing else.
 */
#define RIGHTS_SPACE	CMSG_SPACE(FDMSG_MAXFD * sizeof(int))
#define CONTROL_SPACE	(RIGHTS_SPACE + CRED_SPACE)

void
fdmsg_close(struct fdmsg *m)
{
	fd_close_all(m->fds, m->nfds);
	m->nfds = 0;
}

int
fdmsg_take(struct fdmsg *m, size_t i)
{
	int	 fd;

	if (i >= m->nfds)
		return -1;
	fd = m->fds[i];
	m->fds[i] = -1;
	return fd;
}

int
fdmsg_send(int sock, const void *buf, size_t len, const int *fds, size_t nfds)
{
	union {
		char		 buf[RIGHTS_SPACE];
		struct cmsghdr	 align;
	} ctl;
	struct msghdr		 msg;
	struct cmsghdr		*cmsg;
	struct iovec		 iov;
	char			*payload;
	ssize_t			 n;

	if (len == 0 || nfds > FDMSG_MAXFD || (fds == NULL && nfds > 0)) {
		errno = EINVAL;
		return -1;
	}
	memset(&msg, 0, sizeof(msg));
	/* sendmsg(2) does not write here, but its types do not say so. */
	memcpy(&payload, &buf, sizeof(payload));
	iov.iov_base = payload;
	iov.iov_len = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (nfds > 0) {
		memset(&ctl, 0, CMSG_SPACE(nfds * sizeof(int)));
		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nfds * sizeof(int));
	}
	/*
	 * A plain message does not need sendmsg(2), which a confined worker
	 * must not have: it could send to any other socket with it.
	 */
	do
		n = nfds == 0 ?
		    send(sock, buf, len, MSG_NOSIGNAL) :
		    sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	if ((size_t)n != len) {
		errno = EMSGSIZE;
		return -1;
	}
	return 0;
}

int
fdmsg_try_send(int sock, const void *buf, size_t len)
{
	ssize_t	 n;

	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	do
		n = send(sock, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	if ((size_t)n != len) {
		errno = EMSGSIZE;
		return -1;
	}
	return 0;
}

/* Take over the descriptors of one SCM_RIGHTS; false if there are too many. */
static bool
fdmsg_take_rights(struct fdmsg *m, const struct cmsghdr *cmsg)
{
	size_t	 len = cmsg->cmsg_len - CMSG_LEN(0), i, n = len / sizeof(int);
	bool	 fits = len % sizeof(int) == 0 && n > 0;
	int	 fd;

	for (i = 0; i < n; i++) {
		memcpy(&fd, (const char *)CMSG_DATA(cmsg) + i * sizeof(int),
		    sizeof(fd));
		if (m->nfds < FDMSG_MAXFD) {
			m->fds[m->nfds++] = fd;
		} else {
			close(fd);
			fits = false;
		}
	}
	return fits;
}

#ifdef __linux__
static bool
fdmsg_take_cred(struct fdmsg *m, const struct cmsghdr *cmsg)
{
	struct ucred	 cred;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(cred)) || m->has_cred)
		return false;
	memcpy(&cred, CMSG_DATA(cmsg), sizeof(cred));
	m->has_cred = true;
	m->uid = cred.uid;
	m->gid = cred.gid;
	m->pid = cred.pid;
	return true;
}
#endif

static bool
fdmsg_take_control(struct fdmsg *m, const struct cmsghdr *cmsg)
{
	if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_len < CMSG_LEN(0))
		return false;
	switch (cmsg->cmsg_type) {
	case SCM_RIGHTS:
		return fdmsg_take_rights(m, cmsg);
#ifdef __linux__
	case SCM_CREDENTIALS:
		return fdmsg_take_cred(m, cmsg);
#endif
	default:
		return false;
	}
}

ssize_t
fdmsg_recv(int sock, void *buf, size_t size, size_t maxfds, struct fdmsg *m)
{
	union {
		char		 buf[CONTROL_SPACE];
		struct cmsghdr	 align;
	} ctl;
	struct msghdr	 msg;
	struct cmsghdr	*cmsg;
	struct iovec	 iov;
	ssize_t		 n;
	bool		 good = true;

	m->nfds = 0;
	m->has_cred = false;
	memset(&msg, 0, sizeof(msg));
	iov.iov_base = buf;
	iov.iov_len = size;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = maxfds > 0 ? ctl.buf : NULL;
	msg.msg_controllen = maxfds > 0 ? CONTROL_SPACE : 0;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;

	/* Read on after a bad one: each may hold descriptors. */
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL;
	    cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (!fdmsg_take_control(m, cmsg))
			good = false;
	}
	if (msg.msg_flags & MSG_CTRUNC)
		errno = maxfds > 0 ? EMFILE : EBADMSG;
	else if (msg.msg_flags & MSG_TRUNC)
		errno = EMSGSIZE;
	else if (!good || m->nfds > maxfds)
		errno = EBADMSG;
	else if (n == 0)
		errno = EPIPE;
	else
		return n;
	fdmsg_close(m);
	return -1;
}

int
fdmsg_want_cred(int sock)
{
#ifdef __linux__
	int	 on = 1;

	return setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
#else
	(void)sock;
	errno = ENOTSUP;
	return -1;
#endif
}

void
fdmsg_refuse_fds(int sock)
{
#ifdef __linux__
	int	 off = 0;

	(void)setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
#else
	(void)sock;
#endif
}
