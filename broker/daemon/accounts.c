/*
 * accounts.c: ask the names process, and remember its answers; see
 * daemon/accounts.h.
 *
 * Runs in the supervisor, as root.  Reads records of fixed form from the
 * channel.  The names process may have been taken over by a module of the name
 * service, so the records are checked; what they say of users and groups is
 * believed, since nobody else says it.
 */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/accounts.h"
#include "ipc/dispatch.h"
#include "ipc/msg.h"
#include "ipc/spawn.h"
#include "ipc/types.h"

/* Messages that are taken in a row. */
#define BURST	32

#define TABLE_END(ac)	(&(ac)->table[ACCOUNTS_MAX])

static bool
is_uid_asked(const struct account *a)
{
	return a->id != 0 && nameask_is_of_uid(a->kind);
}

/* Forget an answer, or that something is asked. */
static void
account_forget(struct accounts *ac, struct account *a)
{
	if (a->id != 0)
		ac->nasked--;
	if (is_uid_asked(a))
		ac->nuids--;
	ac->ngids -= a->ngids;
	free(a->gids);
	free(a->person);
	free(a->home);
	free(a->name);
	memset(a, 0, sizeof(*a));
}

static struct account *
account_find(struct accounts *ac, enum nameask_kind kind, uint32_t key,
    const char *name)
{
	struct account	*a;

	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->kind == kind && (nameask_is_of_name(kind) ?
		    strcmp(a->name, name) == 0 : a->key == key))
			return a;
	return NULL;
}

/* The answer that will be forgotten first; not `but'.  NULL if none is left. */
static struct account *
account_oldest(struct accounts *ac, const struct account *but)
{
	struct account	*a, *oldest = NULL;

	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->kind != 0 && a->id == 0 && a != but &&
		    (oldest == NULL || a->until < oldest->until))
			oldest = a;
	return oldest;
}

/* A free place; fewer questions than places are without an answer. */
static struct account *
account_place(struct accounts *ac)
{
	struct account	*a;

	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->kind == 0)
			return a;
	if ((a = account_oldest(ac, NULL)) != NULL)
		account_forget(ac, a);
	return a;
}

/* Wake up when the first question should have been answered. */
static void
accounts_set_timer(struct accounts *ac)
{
	const struct account	*a;
	struct timeval		 tv;
	int64_t			 left = INT64_MAX;

	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->id != 0 && a->until < left)
			left = a->until;
	(void)event_del(ac->timer);
	if (left == INT64_MAX)
		return;
	left -= clock_ms();
	if (left < 0)
		left = 0;
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	(void)event_add(ac->timer, &tv);
}

/* A question has its answer: error and, if that is 0, what was noted of it. */
static void
account_settle(struct accounts *ac, struct account *a, int error)
{
	if (is_uid_asked(a))
		ac->nuids--;
	ac->nasked--;
	a->id = 0;
	a->stale = false;
	a->fresh = true;
	a->error = error;
	a->until = clock_ms() + ACCOUNTS_MS;
	if (error == 0 || error == ENOENT)
		return;
	ac->failed++;
	a->until = clock_ms() + ACCOUNTS_FAILURE_MS;
}

/* Send the question of an account, whose id is set.  0, or -1 with errno. */
static int
account_send(struct accounts *ac, struct account *a)
{
	struct nameask	 q;

	memset(&q, 0, sizeof(q));
	if (++ac->last_id == 0)
		ac->last_id = 1;
	a->id = q.id = ac->last_id;
	a->until = clock_ms() + ACCOUNTS_STUCK_MS;
	q.kind = a->kind;
	q.uid = a->key;
	if (a->name != NULL)
		(void)strlcpy(q.name, a->name, sizeof(q.name));
	ac->asked++;
	return nameask_send(ac->channel, &q);
}

/* Ask what nobody has asked yet, or what was forgotten. */
static enum accounts_answer
account_ask(struct accounts *ac, enum nameask_kind kind, uint32_t key,
    const char *name)
{
	struct account	*a;
	char		*copy = NULL;
	int		 saved;

	if (ac->channel == -1) {
		errno = ESRCH;
		return ACCOUNTS_FAILED;
	}
	if (ac->nasked >= NAMEASK_OUTSTANDING ||
	    (nameask_is_of_uid(kind) && ac->nuids >= ACCOUNTS_UIDS_ASKED))
		return ACCOUNTS_BUSY;
	if (name != NULL && (copy = strdup(name)) == NULL)
		return ACCOUNTS_FAILED;
	if ((a = account_place(ac)) == NULL) {
		free(copy);
		return ACCOUNTS_BUSY;
	}
	a->kind = (uint8_t)kind;
	a->key = key;
	a->name = copy;
	ac->nasked++;
	if (nameask_is_of_uid(kind))
		ac->nuids++;
	if (account_send(ac, a) == -1) {
		saved = errno;
		account_forget(ac, a);
		errno = saved;
		return ACCOUNTS_FAILED;
	}
	accounts_set_timer(ac);
	return ACCOUNTS_ASKED;
}

/* What is known of a uid or a name, in *ap if it is ACCOUNTS_KNOWN. */
static enum accounts_answer
account_get(struct accounts *ac, enum nameask_kind kind, uint32_t key,
    const char *name, struct account **ap)
{
	struct account	*a = account_find(ac, kind, key, name);

	if (a != NULL && a->id == 0 && clock_ms() >= a->until) {
		account_forget(ac, a);
		a = NULL;
	}
	if (a == NULL)
		return account_ask(ac, kind, key, name);
	if (a->id != 0)
		return ACCOUNTS_ASKED;
	if (!a->fresh)
		ac->remembered++;
	a->fresh = false;
	*ap = a;
	if (a->error == 0)
		return ACCOUNTS_KNOWN;
	errno = a->error;
	return ACCOUNTS_FAILED;
}

enum accounts_answer
accounts_groups(struct accounts *ac, uint32_t uid, uint32_t *gid,
    const uint32_t **gids, size_t *ngids)
{
	enum accounts_answer	 answer;
	struct account		*a;

	answer = account_get(ac, NAMEASK_GROUPS, uid, NULL, &a);
	if (answer == ACCOUNTS_KNOWN) {
		*gid = a->gid;
		*gids = a->gids;
		*ngids = a->ngids;
	}
	return answer;
}

enum accounts_answer
accounts_person(struct accounts *ac, uint32_t uid, const char **name,
    const char **home)
{
	enum accounts_answer	 answer;
	struct account		*a;

	answer = account_get(ac, NAMEASK_PERSON, uid, NULL, &a);
	if (answer == ACCOUNTS_KNOWN) {
		*name = a->person;
		*home = a->home;
	}
	return answer;
}

/* A name that no question can hold is nobody's. */
static bool
name_fits(const char *name)
{
	if (name[0] != '\0' && strlen(name) < NAMEASK_NAME_MAX)
		return true;
	errno = ENOENT;
	return false;
}

enum accounts_answer
accounts_user(struct accounts *ac, const char *name, uint32_t *uid,
    uint32_t *gid)
{
	enum accounts_answer	 answer;
	struct account		*a;

	if (!name_fits(name))
		return ACCOUNTS_FAILED;
	answer = account_get(ac, NAMEASK_USER, 0, name, &a);
	if (answer == ACCOUNTS_KNOWN) {
		*uid = a->uid;
		*gid = a->gid;
	}
	return answer;
}

enum accounts_answer
accounts_group(struct accounts *ac, const char *name, uint32_t *gid)
{
	enum accounts_answer	 answer;
	struct account		*a;

	if (!name_fits(name))
		return ACCOUNTS_FAILED;
	answer = account_get(ac, NAMEASK_GROUP, 0, name, &a);
	if (answer == ACCOUNTS_KNOWN)
		*gid = a->gid;
	return answer;
}

enum accounts_answer
accounts_numbers(struct accounts *ac, bool groups, const uint32_t **ends,
    size_t *nranges)
{
	enum accounts_answer	 answer;
	struct account		*a;

	answer = account_get(ac, groups ? NAMEASK_GIDS : NAMEASK_UIDS, 0,
	    NULL, &a);
	if (answer == ACCOUNTS_KNOWN) {
		*ends = a->gids;
		*nranges = a->ngids / 2;
	}
	return answer;
}

/* Take over a message's groups.  0, or -1 with errno: ENOMEM, EPROTO. */
static int
account_add_groups(struct accounts *ac, struct account *a,
    const struct nameanswer *m)
{
	uint32_t	*gids;

	if (a->ngids + m->ngids > NAMEASK_GROUPS_MAX ||
	    (!nameask_is_list(a->kind) && (m->ngids > 0 || m->more))) {
		errno = EPROTO;
		return -1;
	}
	if (m->ngids == 0)
		return 0;
	if ((gids = reallocarray(a->gids, a->ngids + m->ngids,
	    sizeof(*gids))) == NULL)
		return -1;
	memcpy(gids + a->ngids, m->gids, m->ngids * sizeof(*gids));
	a->gids = gids;
	a->ngids += m->ngids;
	ac->ngids += m->ngids;
	return 0;
}

static void
account_drop_groups(struct accounts *ac, struct account *a)
{
	ac->ngids -= a->ngids;
	free(a->gids);
	a->gids = NULL;
	a->ngids = 0;
}

/* Take over name and home directory.  The error of the answer, or ENOMEM. */
static int
account_take_person(struct account *a, const struct nameanswer *m)
{
	if (a->kind != NAMEASK_PERSON || m->error != 0)
		return (int)m->error;
	free(a->person);
	free(a->home);
	a->person = strdup(m->name);
	a->home = strdup(m->home);
	return a->person != NULL && a->home != NULL ? 0 : ENOMEM;
}

/* The last message of an answer has come. */
static void
account_answered(struct accounts *ac, struct account *a,
    const struct nameanswer *m)
{
	struct account	*old;

	if (a->stale || m->error != 0)
		account_drop_groups(ac, a);
	if (a->stale) {
		a->stale = false;
		if (account_send(ac, a) == -1)
			account_settle(ac, a, errno);
		return;
	}
	a->uid = m->uid;
	a->gid = m->gid;
	account_settle(ac, a, account_take_person(a, m));
	while (ac->ngids > ACCOUNTS_GIDS_MAX &&
	    (old = account_oldest(ac, a)) != NULL)
		account_forget(ac, old);
}

static int
take_answer(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *fm)
{
	static struct nameanswer	 m;
	struct accounts			*ac = arg;
	struct account			*a;

	(void)h;
	(void)fm;
	nameask_get_answer(in, &m);
	if (dispatch_end(in) == -1)
		return -1;
	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->id != 0 && a->id == m.id)
			break;
	/* The answer comes too late, or is the second one. */
	if (a == TABLE_END(ac))
		return 0;
	if (account_add_groups(ac, a, &m) == -1) {
		if (errno == EPROTO)
			return -1;
		account_drop_groups(ac, a);
		account_settle(ac, a, ENOMEM);
	} else if (!m.more) {
		account_answered(ac, a, &m);
	}
	return 0;
}

static int
take_started(void *arg, const struct proto_header *h, struct wire_in *in,
    struct fdmsg *m)
{
	struct accounts	*ac = arg;
	uint32_t	 confined = wire_get_u32(in);

	(void)h;
	(void)m;
	if (dispatch_end(in) == -1)
		return -1;
	ac->confined = confined;
	ac->started = true;
	ac->ready(ac->arg);
	return 0;
}

/* States of the names process. */
#define STARTING	0x01
#define AT_WORK		0x02	/* it has said STARTED */

static const struct dispatch_row rows[] = {
	{ IPC_LOG,		DISPATCH_ALWAYS,	ipc_log },
	{ IPC_STARTED,		STARTING,		take_started },
	{ IPC_NAME_ANSWER,	AT_WORK,		take_answer }
};

static const struct ipc_channel	 from_names = {
	.peer = "names process",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(rows[0]),
	.maxfds = 0
};

/* Take one message.  1; 0 if there is none; or -1: it is gone or broken. */
static int
take_message(struct accounts *ac)
{
	static uint8_t	 buf[PROTO_HEADER + NAMEASK_ANSWER_BYTES];

	return ipc_take(&from_names, ac->channel, buf, sizeof(buf),
	    ac->started ? AT_WORK : STARTING, ac);
}

/*
 * Give up the names process.  It cannot be started again: what the supervisor
 * executes has the supervisor's filter of system calls.
 */
static void
accounts_lose(struct accounts *ac)
{
	struct account	*a;

	if (ac->channel == -1)
		return;
	log_warnx("the names process is gone or broken: users and groups "
	    "cannot be looked up; restart fdbrokerd");
	event_free(ac->event);
	ac->event = NULL;
	fd_close(&ac->channel);
	for (a = ac->table; a < TABLE_END(ac); a++) {
		if (a->id == 0)
			continue;
		account_drop_groups(ac, a);
		account_settle(ac, a, ESRCH);
	}
	accounts_set_timer(ac);
	ac->gone(ac->arg);
}

static void
accounts_readable(evutil_socket_t fd, short what, void *arg)
{
	struct accounts	*ac = arg;
	int		 i, ret = 0;

	(void)fd;
	(void)what;
	/* Stop after a while, so that others get their turn. */
	for (i = 0; i < BURST && (ret = take_message(ac)) > 0; i++)
		;
	if (ret == -1)
		accounts_lose(ac);
	else
		accounts_set_timer(ac);
	ac->changed(ac->arg);
}

static void
accounts_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct accounts	*ac = arg;
	struct account	*a;
	int64_t		 now = clock_ms();
	bool		 some = false;

	(void)fd;
	(void)what;
	for (a = ac->table; a < TABLE_END(ac); a++) {
		if (a->id == 0 || a->until > now)
			continue;
		account_drop_groups(ac, a);
		account_settle(ac, a, ETIMEDOUT);
		some = true;
	}
	accounts_set_timer(ac);
	if (!some)
		return;
	log_warnx("the names process does not answer");
	ac->changed(ac->arg);
}

void
accounts_init(struct accounts *ac)
{
	memset(ac, 0, sizeof(*ac));
	ac->channel = -1;
	ac->pid = -1;
}

int
accounts_start(struct accounts *ac, struct event_base *base,
    const struct spawned *sp)
{
	ac->base = base;
	ac->pid = sp->pid;
	ac->channel = sp->channel;
	ac->timer = evtimer_new(base, accounts_timeout, ac);
	ac->event = event_new(base, ac->channel, EV_READ | EV_PERSIST,
	    accounts_readable, ac);
	if (ac->timer == NULL || ac->event == NULL ||
	    event_add(ac->event, NULL) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
accounts_stop(struct accounts *ac)
{
	struct account	*a;

	if (ac->event != NULL)
		event_free(ac->event);
	if (ac->timer != NULL)
		event_free(ac->timer);
	ac->event = ac->timer = NULL;
	fd_close(&ac->channel);
	for (a = ac->table; a < TABLE_END(ac); a++)
		if (a->kind != 0)
			account_forget(ac, a);
}

void
accounts_reaped(struct accounts *ac, int status)
{
	ac->pid = -1;
	if (ac->channel == -1)
		return;
	/* What it said last, which may be why it ended. */
	while (ac->channel != -1 && take_message(ac) > 0)
		;
	log_warnx("the names process has ended (status %#x)", status);
	accounts_lose(ac);
	ac->changed(ac->arg);
}

void
accounts_flush(struct accounts *ac)
{
	struct account	*a;

	for (a = ac->table; a < TABLE_END(ac); a++) {
		if (a->id != 0)
			a->stale = true;
		else if (a->kind != 0)
			account_forget(ac, a);
	}
}
