/*
 * ipc.c: log lines and notices between processes of ours; see ipc.h.
 *
 * Runs in the supervisor, the listener, the opener, and the controller of a
 * private opener.
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "ipc.h"
#include "log.h"

void
ipc_sink(void *arg, int priority, const char *text)
{
	int			*channel = arg;
	uint8_t			 buf[IPC_MSG_MAX];
	char			 cut[IPC_TEXT_MAX];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_LOG;
	h.items = 1;
	(void)strlcpy(cut, text, sizeof(cut));
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, (uint8_t)priority);
	wire_put_str(&w, cut);
	if ((len = proto_finish(&w, &h)) != 0)
		(void)fdmsg_send(*channel, buf, len, NULL, 0);
}

int
ipc_send_end(int channel, int error, const char *why)
{
	uint8_t			 buf[PROTO_HEADER + PROTO_TEXT_MAX + 8];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_END;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, (uint32_t)error);
	wire_put_str(&w, why);
	if ((len = proto_finish(&w, &h)) == 0)
		return -1;
	return fdmsg_send(channel, buf, len, NULL, 0);
}

int
ipc_send_share(int channel, uint32_t opens)
{
	uint8_t			 buf[PROTO_HEADER + sizeof(opens)];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_SHARE;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, opens);
	if ((len = proto_finish(&w, &h)) == 0)
		return -1;
	return fdmsg_send(channel, buf, len, NULL, 0);
}

int
ipc_send_started(int channel, uint32_t confined)
{
	uint8_t			 buf[PROTO_HEADER + sizeof(confined)];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_STARTED;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, confined);
	if ((len = proto_finish(&w, &h)) == 0)
		return -1;
	return fdmsg_send(channel, buf, len, NULL, 0);
}

int
ipc_parse(const void *buf, size_t len, struct fdmsg *m,
    struct proto_header *h, struct wire_in *in)
{
	const char	*what;

	if (proto_parse(buf, len, m->nfds, h, in, &what) == 0)
		return 0;
	fdmsg_close(m);
	log_warnx("a message between our own processes: %s", what);
	errno = EPROTO;
	return -1;
}

int
ipc_log(struct wire_in *in)
{
	char	 text[IPC_TEXT_MAX];
	uint8_t	 priority;

	priority = wire_get_u8(in);
	wire_get_str(in, text, sizeof(text));
	if (wire_get_end(in) == -1)
		return -1;
	log_at(priority <= LOG_DEBUG ? priority : LOG_DEBUG, "%s", text);
	return 0;
}
