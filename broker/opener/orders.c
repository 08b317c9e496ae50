/*
 * orders.c: what the supervisor tells an opener during its session; see
 * orders.h.
 *
 * Runs in the opener.  Touches the channel, and by serve_end() the session's
 * socket.
 */

#include "config.h"

#include <errno.h>

#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "opener/orders.h"

/*
 * A new generation of the role.  If it cannot be decoded, the session ends: the
 * old one is no longer in force.
 */
static int
orders_policy(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;
	struct role	*role;
	uint64_t	 generation;
	uint8_t		 audit;

	(void)h;
	if ((role = setup_get_policy(in, m->fds[0], &generation,
	    &audit)) == NULL) {
		log_warn("session %u: the new policy cannot be read",
		    sv->state->info.id);
		serve_end(sv, EAGAIN,
		    "the policy changed and could not be taken");
		return -1;
	}
	state_set_role(sv->state, role, generation, audit);
	if (roots_are_blind(&sv->state->roots)) {
		serve_end(sv, EAGAIN, "the role's rules changed, and names "
		    "must be looked for in directories");
		return -1;
	}
	return 0;
}

static int
orders_end(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;
	char		 why[PROTO_TEXT_MAX];
	uint32_t	 error;

	(void)h;
	(void)m;
	error = wire_get_u32(in);
	wire_get_str(in, why, sizeof(why));
	if (wire_get_end(in) == 0)
		serve_end(sv, (int)error, why);
	return -1;
}

/* Sessions of the same user began or ended. */
static int
orders_share(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct serve	*sv = arg;
	uint32_t	 opens = wire_get_u32(in);

	(void)h;
	(void)m;
	if (wire_get_end(in) == -1)
		return -1;
	sv->state->opens = opens;
	return 0;
}

#define DAEMONS		0x1	/* an opener of the daemon */
#define PRIVATE		0x2	/* a private one */

static const struct dispatch_row rows[] = {
	/* A private opener has the policy that it was started with. */
	{ IPC_POLICY,	DAEMONS,		orders_policy },
	{ IPC_END,	DAEMONS | PRIVATE,	orders_end },
	{ IPC_SHARE,	DAEMONS | PRIVATE,	orders_share }
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

int
orders_take(struct serve *sv, int channel)
{
	uint8_t			 buf[IPC_MSG_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;
	int			 ret;

	for (;;) {
		n = fdmsg_recv(channel, buf, sizeof(buf), 1, &m);
		if (n == -1) {
			if (errno == EAGAIN)
				return 0;
			serve_end(sv, ESHUTDOWN,
			    "the broker ends all sessions");
			return -1;
		}
		if (ipc_parse(buf, (size_t)n, &m, &h, &in) == -1)
			return -1;
		ret = dispatch(rows, NROWS, sv->state->private ? PRIVATE :
		    DAEMONS, sv, &h, &in, &m, &why);
		if (why != NULL)
			log_warnx("session %u: the supervisor sent %s: %s",
			    sv->state->info.id, ipc_type_name(h.type), why);
		fdmsg_close(&m);
		if (ret == -1)
			return -1;
	}
}
