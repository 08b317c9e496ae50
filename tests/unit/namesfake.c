/*
 * namesfake.c: the test as the names process; see namesfake.h.
 */

#include "config.h"

#include <sys/types.h>

#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"
#include "namesfake.h"
#include "util.h"

static void
count_changed(void *arg)
{
	struct namesfake	*nf = arg;

	nf->changed++;
}

static void
count_ready(void *arg)
{
	struct namesfake	*nf = arg;

	nf->ready++;
}

static void
count_gone(void *arg)
{
	struct namesfake	*nf = arg;

	nf->gone++;
}

void
namesfake_begin_early(struct namesfake *nf, struct accounts *ac,
    struct event_base *base)
{
	struct spawned	 sp;
	int		 fds[2];

	memset(nf, 0, sizeof(*nf));
	nf->accounts = ac;
	nf->base = base;
	assert_return_code(dgram_pair_seq(fds), errno);
	nf->channel = fds[1];
	sp.channel = fds[0];
	sp.pid = 4711;
	accounts_init(ac);
	ac->changed = count_changed;
	ac->ready = count_ready;
	ac->gone = count_gone;
	ac->arg = nf;
	assert_int_equal(accounts_start(ac, base, &sp), 0);
}

void
namesfake_begin(struct namesfake *nf, struct accounts *ac,
    struct event_base *base)
{
	namesfake_begin_early(nf, ac, base);
	assert_int_equal(ipc_send_started(nf->channel, 0x5), 0);
	namesfake_turn(nf);
	assert_true(ac->started);
	nf->changed = 0;
}

void
namesfake_end(struct namesfake *nf)
{
	if (nf->accounts == NULL)
		return;		/* it was not begun */
	accounts_stop(nf->accounts);
	nf->accounts = NULL;
	fd_close(&nf->channel);
}

void
namesfake_turn(struct namesfake *nf)
{
	assert_return_code(event_base_loop(nf->base, EVLOOP_ONCE |
	    EVLOOP_NONBLOCK), errno);
}

bool
namesfake_hear(struct namesfake *nf, struct nameask *q)
{
	uint8_t			 buf[MESSAGE_SHORT];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*why;
	ssize_t			 n;

	n = fdmsg_recv(nf->channel, buf, sizeof(buf), 0, &m);
	if (n == -1)
		return false;
	assert_int_equal(ipc_check(buf, (size_t)n, m.nfds, &h, &in, &why), 0);
	assert_int_equal(h.type, IPC_NAME_ASK);
	nameask_get(&in, q);
	assert_int_equal(wire_get_end(&in), 0);
	return true;
}

uint32_t
namesfake_expect(struct namesfake *nf, enum nameask_kind kind, uint32_t uid,
    const char *name)
{
	struct nameask	 q;

	assert_true(namesfake_hear(nf, &q));
	assert_int_equal(q.kind, kind);
	assert_int_equal(q.uid, uid);
	assert_string_equal(q.name, name);
	return q.id;
}

void
namesfake_answer(struct namesfake *nf, uint32_t id, int error, uint32_t uid,
    uint32_t gid)
{
	static struct nameanswer	 a;

	memset(&a, 0, sizeof(a));
	a.id = id;
	a.error = (uint32_t)error;
	a.uid = uid;
	a.gid = gid;
	assert_return_code(nameask_send_part(nf->channel, &a), errno);
	namesfake_turn(nf);
}

void
namesfake_answer_groups(struct namesfake *nf, uint32_t id,
    const uint32_t *gids, size_t ngids)
{
	static struct nameanswer	 a;

	memset(&a, 0, sizeof(a));
	a.id = id;
	do {
		a.ngids = ngids < NAMEASK_GIDS_MAX ? ngids : NAMEASK_GIDS_MAX;
		a.more = a.ngids < ngids;
		if (a.ngids > 0)
			memcpy(a.gids, gids, a.ngids * sizeof(*gids));
		assert_return_code(nameask_send_part(nf->channel, &a), errno);
		namesfake_turn(nf);
		gids += a.ngids;
		ngids -= a.ngids;
	} while (ngids > 0);
}
