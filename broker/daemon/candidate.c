/*
 * candidate.c: the connection of who asks for a session; see candidate.h.
 *
 * Runs in the supervisor, as root; the listener refuses with it, too.  It sends
 * on the connection, without waiting, and never reads from it.
 */

#include "config.h"

#include <poll.h>
#include <string.h>

#include "base/fd.h"
#include "base/message.h"
#include "daemon/candidate.h"

void
candidate_init(struct candidate *c)
{
	memset(c, 0, sizeof(*c));
	peerid_init(&c->id);
	c->conn = -1;
}

void
candidate_clear(struct candidate *c)
{
	peerid_clear(&c->id);
	fd_close(&c->conn);
	candidate_init(c);
}

bool
candidate_is_gone(const struct candidate *c)
{
	struct pollfd	 pfd = { .fd = c->conn };

	return poll(&pfd, 1, 0) == 1;
}

int
candidate_refuse_on(int conn, int error, const char *why)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, PROTO_REFUSED, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)error);
	wire_put_str(&m.w, why);
	return message_try_send(conn, &m);
}

int
candidate_refuse(const struct candidate *c, int error, const char *why)
{
	return candidate_refuse_on(c->conn, error, why);
}
