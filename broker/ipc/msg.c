/*
 * msg.c: log lines and short notices between the broker's own processes; see
 * ipc/msg.h.
 *
 * Runs in the supervisor, the listener, the opener, and the controller of a
 * private opener.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "base/message.h"
#include "ipc/msg.h"
#include "ipc/types.h"

void
ipc_sink(void *arg, int priority, const char *text)
{
	int		*channel = arg;
	char		 cut[IPC_TEXT_MAX];
	uint8_t		 buf[IPC_MSG_MAX];
	struct message	 m;

	(void)strlcpy(cut, text, sizeof(cut));
	message_begin(&m, IPC_LOG, buf, sizeof(buf));
	wire_put_u8(&m.w, (uint8_t)priority);
	wire_put_str(&m.w, cut);
	(void)message_send(*channel, &m, NULL, 0);
}

int
ipc_send_end(int channel, int error, const char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_END, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)error);
	wire_put_str(&m.w, why);
	return message_send(channel, &m, NULL, 0);
}

int
ipc_get_end(struct wire_in *in, uint32_t *error, char *why, size_t size)
{
	*error = wire_get_u32(in);
	wire_get_str(in, why, size);
	return wire_get_end(in);
}

static int
send_number(int channel, uint16_t type, uint32_t number)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, type, buf, sizeof(buf));
	wire_put_u32(&m.w, number);
	return message_send(channel, &m, NULL, 0);
}

int
ipc_send_share(int channel, uint32_t opens)
{
	return send_number(channel, IPC_SHARE, opens);
}

int
ipc_send_started(int channel, uint32_t confined)
{
	return send_number(channel, IPC_STARTED, confined);
}

int
ipc_parse(const void *buf, size_t len, struct fdmsg *m,
    struct proto_header *h, struct wire_in *in)
{
	const char	*why;

	if (ipc_check(buf, len, m->nfds, h, in, &why) == 0)
		return 0;
	fdmsg_close(m);
	log_warnx("bad message between our own processes: %s", why);
	errno = EPROTO;
	return -1;
}

int
ipc_await(int channel, void *buf, size_t size, size_t maxfds, uint16_t type,
    struct wire_in *in, struct fdmsg *m)
{
	struct pollfd		 pfd = { .fd = channel, .events = POLLIN };
	struct proto_header	 h;
	const char		*why;
	ssize_t			 len;

	while (poll(&pfd, 1, -1) == -1)
		if (errno != EINTR)
			return -1;
	len = fdmsg_recv(channel, buf, size, maxfds, m);
	if (len == -1)
		return -1;
	if (ipc_check(buf, (size_t)len, m->nfds, &h, in, &why) == 0) {
		if (h.type == type)
			return 0;
		errno = EPROTO;
	}
	fdmsg_close(m);
	return -1;
}

int
ipc_log(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	char	 text[IPC_TEXT_MAX];
	uint8_t	 priority;

	(void)arg;
	(void)h;
	(void)m;
	priority = wire_get_u8(in);
	wire_get_str(in, text, sizeof(text));
	if (wire_get_end(in) == -1)
		return -1;
	log_at(priority <= LOG_DEBUG ? priority : LOG_DEBUG, "%s", text);
	return 0;
}

int
ipc_take(const struct ipc_channel *c, int fd, void *buf, size_t size,
    uint32_t state, void *arg)
{
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 len;
	int			 ret;

	len = fdmsg_recv(fd, buf, size, c->maxfds, &m);
	if (len == -1)
		return errno == EAGAIN ? 0 : -1;
	if (ipc_parse(buf, (size_t)len, &m, &h, &in) == -1)
		return -1;
	ret = dispatch(c->rows, c->nrows, state, arg, &h, &in, &m, &why);
	if (ret == -1)
		log_warnx("%s: %s: %s", c->peer, ipc_type_name(h.type),
		    why != NULL ? why : strerror(errno));
	fdmsg_close(&m);
	if (ret == 0)
		return 1;
	errno = EPROTO;
	return -1;
}
