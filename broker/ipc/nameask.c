/*
 * nameask.c: encode, decode and send questions about users and groups, and
 * their answers; see ipc/nameask.h.
 *
 * Runs in the supervisor, which asks, and in the names process and its lookup
 * processes, which answer.  Touches its channel only.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/message.h"
#include "ipc/nameask.h"
#include "ipc/types.h"

bool
nameask_is_of_uid(enum nameask_kind kind)
{
	return kind == NAMEASK_GROUPS || kind == NAMEASK_PERSON;
}

bool
nameask_is_of_name(enum nameask_kind kind)
{
	return kind == NAMEASK_USER || kind == NAMEASK_GROUP;
}

bool
nameask_is_list(enum nameask_kind kind)
{
	return kind == NAMEASK_GROUPS || kind == NAMEASK_UIDS ||
	    kind == NAMEASK_GIDS;
}

const char *
nameask_noun(enum nameask_kind kind)
{
	switch (kind) {
	case NAMEASK_GROUPS:
		return "groups";
	case NAMEASK_USER:
		return "user";
	case NAMEASK_GROUP:
		return "group";
	case NAMEASK_PERSON:
		return "name";
	case NAMEASK_UIDS:
		return "list of all users";
	case NAMEASK_GIDS:
		return "list of all groups";
	}
	return "unknown";
}

void
nameask_answer_init(struct nameanswer *a, uint32_t id)
{
	a->id = id;
	a->error = a->uid = a->gid = 0;
	a->name[0] = a->home[0] = '\0';
	a->more = false;
	a->ngids = 0;
}

void
nameask_put(struct wire_out *w, const struct nameask *q)
{
	wire_put_u32(w, q->id);
	wire_put_u8(w, q->kind);
	wire_put_u32(w, q->uid);
	wire_put_str(w, q->name);
}

void
nameask_get(struct wire_in *w, struct nameask *q)
{
	q->id = wire_get_u32(w);
	q->kind = wire_get_u8(w);
	q->uid = wire_get_u32(w);
	wire_get_str(w, q->name, sizeof(q->name));
	if (q->kind < NAMEASK_GROUPS || q->kind > NAMEASK_GIDS ||
	    nameask_is_of_name(q->kind) != (q->name[0] != '\0') ||
	    (!nameask_is_of_uid(q->kind) && q->uid != 0))
		wire_get_fail(w);
}

void
nameask_put_answer(struct wire_out *w, const struct nameanswer *a,
    const uint32_t *gids, size_t ngids)
{
	size_t	 i;

	wire_put_u32(w, a->id);
	wire_put_u32(w, a->error);
	wire_put_u32(w, a->uid);
	wire_put_u32(w, a->gid);
	wire_put_u8(w, a->more);
	wire_put_u16(w, (uint16_t)ngids);
	for (i = 0; i < ngids; i++)
		wire_put_u32(w, gids[i]);
	wire_put_str(w, a->name);
	wire_put_str(w, a->home);
}

void
nameask_get_answer(struct wire_in *w, struct nameanswer *a)
{
	uint8_t	 more;
	size_t	 i;

	a->id = wire_get_u32(w);
	a->error = wire_get_u32(w);
	a->uid = wire_get_u32(w);
	a->gid = wire_get_u32(w);
	more = wire_get_u8(w);
	a->more = more == 1;
	a->ngids = wire_get_u16(w);
	if (more > 1 || a->ngids > NAMEASK_GIDS_MAX ||
	    (a->error != 0 && (a->ngids > 0 || a->more))) {
		a->ngids = 0;
		wire_get_fail(w);
	}
	for (i = 0; i < a->ngids; i++)
		a->gids[i] = wire_get_u32(w);
	wire_get_str(w, a->name, sizeof(a->name));
	wire_get_str(w, a->home, sizeof(a->home));
	if (a->error != 0 && (a->name[0] != '\0' || a->home[0] != '\0'))
		wire_get_fail(w);
}

int
nameask_send(int channel, const struct nameask *q)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_NAME_ASK, buf, sizeof(buf));
	nameask_put(&m.w, q);
	return message_send(channel, &m, NULL, 0);
}

/* Send a message that is built; wait while there is no room for it. */
static int
send_patiently(int channel, struct message *m)
{
	struct pollfd	 pfd = { .fd = channel, .events = POLLOUT };

	while (message_send(channel, m, NULL, 0) == -1) {
		if (errno == EAGAIN)
			(void)poll(&pfd, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}

static int
send_part(int channel, const struct nameanswer *a, const uint32_t *gids,
    size_t ngids)
{
	static uint8_t	 buf[PROTO_HEADER + NAMEASK_ANSWER_BYTES];
	struct message	 m;

	message_begin(&m, IPC_NAME_ANSWER, buf, sizeof(buf));
	nameask_put_answer(&m.w, a, gids, ngids);
	return send_patiently(channel, &m);
}

int
nameask_send_part(int channel, const struct nameanswer *a)
{
	return send_part(channel, a, a->gids, a->ngids);
}

int
nameask_send_answer(int channel, const struct nameanswer *a,
    const uint32_t *gids, size_t ngids)
{
	struct nameanswer	 part;
	size_t			 n;

	nameask_answer_init(&part, a->id);
	part.error = a->error;
	part.uid = a->uid;
	part.gid = a->gid;
	(void)strlcpy(part.name, a->name, sizeof(part.name));
	(void)strlcpy(part.home, a->home, sizeof(part.home));
	do {
		n = ngids < NAMEASK_GIDS_MAX ? ngids : NAMEASK_GIDS_MAX;
		part.more = n < ngids;
		if (send_part(channel, &part, gids, n) == -1)
			return -1;
		if (n > 0)
			gids += n;
		ngids -= n;
	} while (ngids > 0);
	return 0;
}
