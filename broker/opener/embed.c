/*
 * embed.c: the start of an opener that a program executed for itself; see
 * embed.h.
 *
 * Runs in the opener, with the rights of the program, which may be root's, and
 * before it is confined.  What it reads was written by this program.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fdmsg.h"
#include "base/message.h"
#include "base/proto.h"
#include "ipc/setup.h"
#include "opener/embed.h"
#include "opener/policytext.h"
#include "opener/private.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"

/*
 * Wait for the policy of a program.  0 and the text, of PROTO_MAX bytes; or -1
 * with errno.
 */
static int
embed_receive(int conn, char *text)
{
	static uint8_t		 buf[PROTO_MAX];
	struct pollfd		 pfd = { .fd = conn, .events = POLLIN };
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*what;
	ssize_t			 n;

	while (poll(&pfd, 1, -1) == -1)
		if (errno != EINTR)
			return -1;
	if ((n = fdmsg_recv(conn, buf, sizeof(buf), 0, &m)) == -1)
		return -1;
	if (proto_parse(buf, (size_t)n, 0, &h, &in, &what) == -1)
		return -1;
	wire_get_str(&in, text, PROTO_MAX);
	if (h.type == PROTO_LIMIT && wire_get_end(&in) == 0)
		return 0;
	errno = EPROTO;
	return -1;
}

/*
 * What cannot be kept: an opener with the user's own rights gives files to
 * nobody, and one that restores would have a filter which lets it take no
 * policy.
 */
static bool
embed_permits(const struct role *role, char *why)
{
	const struct policy_create	*c;
	const struct rule		*r;
	size_t				 i;

	if (policy_ops_of(role) & POLICY_OPS_RESTORING) {
		(void)strlcpy(why, "policy: only roles of fdbrokerd(8) "
		    "restore; expected list, read, write, append, create or "
		    "special", PROTO_TEXT_MAX);
		errno = EINVAL;
		return false;
	}
	for (i = 0; i < role->nrules && geteuid() != 0; i++) {
		r = &role->rules[i];
		c = &r->create;
		if (!(r->ops & POLICY_OP_CREATE) ||
		    r->action != POLICY_PERMIT ||
		    ((c->uid == POLICY_ID_PEER || c->uid == geteuid()) &&
		    (c->gid == POLICY_ID_PEER || c->gid == getegid())))
			continue;
		(void)snprintf(why, PROTO_TEXT_MAX, "policy:%d: only root "
		    "gives files to others; remove owner and group", r->line);
		errno = EPERM;
		return false;
	}
	return true;
}

int
embed_setup(struct setup *su, int conn)
{
	static char	 text[PROTO_MAX];
	char		 why[PROTO_TEXT_MAX] = "";
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	setup_init(su);
	su->conn = conn;
	if (embed_receive(conn, text) == -1) {
		setup_clear(su);
		return -1;
	}
	su->role = policytext_private(text, why);
	if (su->role != NULL && embed_permits(su->role, why) &&
	    private_fill(su, policy_caps(su->role)) == 0) {
		su->embedded = true;
		/* As few directories as it asks for, or as its files allow. */
		if (su->role->limits[LIMIT_TOKENS] < su->info.tokens)
			su->info.tokens =
			    (uint32_t)su->role->limits[LIMIT_TOKENS];
		return 0;
	}
	message_begin(&m, PROTO_REFUSED, buf, sizeof(buf));
	wire_put_u32(&m.w, (uint32_t)errno);
	wire_put_str(&m.w, why[0] != '\0' ? why : strerror(errno));
	(void)message_send(conn, &m, NULL, 0);
	setup_clear(su);
	return -1;
}
