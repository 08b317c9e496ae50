/*
 * logchannel.c: another log for the worker; see common/logchannel.h.
 *
 * Runs in the controller and in the worker.  Touches the one socket.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>

#include "base/fdmsg.h"
#include "base/wire.h"
#include "common/logchannel.h"

int
logchannel_send(int sock, enum logchannel_what what, int fd)
{
	uint8_t	 byte = (uint8_t)what;

	return fdmsg_send(sock, &byte, 1, &fd, fd != -1 ? 1 : 0);
}

int
logchannel_recv(int sock, enum logchannel_what *what, int *fd)
{
	struct fdmsg	 m;
	uint8_t		 byte;

	*fd = -1;
	if (fdmsg_recv(sock, &byte, 1, 1, &m) == -1)
		return -1;
	if (byte < LOGCHANNEL_USE || byte > LOGCHANNEL_NONE ||
	    m.nfds != (byte == LOGCHANNEL_NONE ? 0 : 1)) {
		fdmsg_close(&m);
		errno = EPROTO;
		return -1;
	}
	*what = (enum logchannel_what)byte;
	*fd = fdmsg_take(&m, 0);
	return 0;
}

int
logchannel_answer(int sock, int error)
{
	struct wire_out	 w;
	uint8_t		 buf[4];

	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, (uint32_t)error);
	return fdmsg_send(sock, buf, w.len, NULL, 0);
}

int
logchannel_result(int sock, int *error)
{
	struct wire_in	 in;
	struct fdmsg	 m;
	uint8_t		 buf[4];
	uint32_t	 n;
	ssize_t		 len;

	if ((len = fdmsg_recv(sock, buf, sizeof(buf), 0, &m)) == -1)
		return -1;
	wire_in_init(&in, buf, (size_t)len);
	n = wire_get_u32(&in);
	errno = EPROTO;
	if (wire_get_end(&in) == -1 || n > INT32_MAX)
		return -1;
	*error = (int)n;
	return 0;
}
