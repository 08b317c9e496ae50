/*
 * message.c: build a message and send it; see message.h.
 *
 * Runs in every process.  Touches the caller's buffer and the socket that it
 * is given.
 */

#include "config.h"

#include <string.h>

#include "base/fdmsg.h"
#include "base/message.h"

void
message_begin(struct message *m, uint16_t type, void *buf, size_t size)
{
	memset(&m->h, 0, sizeof(m->h));
	m->h.type = type;
	m->h.items = 1;
	proto_begin(&m->w, buf, size);
}

size_t
message_finish(struct message *m, size_t nfds)
{
	m->h.fds = (uint16_t)nfds;
	return proto_finish(&m->w, &m->h);
}

int
message_send(int sock, struct message *m, const int *fds, size_t nfds)
{
	size_t	 len;

	if ((len = message_finish(m, nfds)) == 0)
		return -1;
	return fdmsg_send(sock, m->w.buf, len, fds, nfds);
}

int
message_try_send(int sock, struct message *m)
{
	size_t	 len;

	if ((len = message_finish(m, 0)) == 0)
		return -1;
	return fdmsg_try_send(sock, m->w.buf, len);
}
