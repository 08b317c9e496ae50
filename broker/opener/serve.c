/*
 * serve.c: an opener's session: one message in, its replies out.
 *
 * Runs in the opener.  This is the code that a hostile worker talks to; what
 * it may do is what the process may do, and that is the role.  A message is
 * decoded whole before any of it is acted on.  What a request names is in
 * opener/target.c, opening in opener/open.c, listing in opener/list.c.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "opener/resolve.h"
#include "opener/serve.h"
#include "opener/serve_int.h"
#include "policy/role.h"
#include "policy/where.h"

static int	serve_start(struct serve *, const struct proto_header *,
		    struct wire_in *);
static int	serve_open(struct serve *, const struct proto_header *,
		    struct wire_in *);
static int	serve_stat(struct serve *, const struct proto_header *,
		    struct wire_in *);
static int	serve_forget(struct serve *, const struct proto_header *,
		    struct wire_in *);

/* One row a message that a worker may send, and when it may. */
static const struct serve_row {
	uint16_t	 type;
	bool		 started;	/* before or after START */
	int		(*handle)(struct serve *, const struct proto_header *,
			    struct wire_in *);
} serve_rows[] = {
	{ PROTO_START,	false,	serve_start },
	{ PROTO_OPEN,	true,	serve_open },
	{ PROTO_STAT,	true,	serve_stat },
	{ PROTO_LIST,	true,	serve_list },
	{ PROTO_FORGET,	true,	serve_forget }
};

int
serve_init(struct serve *sv, struct setup *su, serve_wait wait,
    serve_tell tell, void *arg)
{
	memset(sv, 0, sizeof(*sv));
	sv->setup = su;
	sv->wait = wait;
	sv->tell = tell;
	sv->arg = arg;
	sv->peer_alive = -1;
	return tokens_init(&sv->tokens, su->info.tokens);
}

void
serve_free(struct serve *sv)
{
	fd_close(&sv->peer_alive);
	tokens_free(&sv->tokens);
}

/* Send, waiting while the worker has not read what it was sent before. */
int
serve_send(struct serve *sv, const void *buf, size_t len, const int *fds,
    size_t nfds)
{
	while (fdmsg_send(sv->setup->sock, buf, len, fds, nfds) == -1) {
		if (errno != EAGAIN && errno != ENOBUFS &&
		    errno != ETOOMANYREFS)
			return -1;
		if (sv->wait(sv->arg) == -1)
			return -1;
	}
	return 0;
}

int
serve_welcome(struct serve *sv, int self_alive)
{
	uint8_t			 buf[PROTO_HEADER + 2 * FDB_ROLE_MAX];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_WELCOME;
	h.items = 1;
	h.fds = 1;
	proto_begin(&w, buf, sizeof(buf));
	proto_put_info(&w, &sv->setup->info);
	if ((len = proto_finish(&w, &h)) == 0)
		return -1;
	return serve_send(sv, buf, len, &self_alive, 1);
}

static void
serve_farewell(struct serve *sv, uint16_t type, int error, const char *why)
{
	uint8_t			 buf[PROTO_HEADER + PROTO_TEXT_MAX + 8];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, (uint32_t)error);
	wire_put_str(&w, why);
	if ((len = proto_finish(&w, &h)) != 0)
		(void)fdmsg_send(sv->setup->sock, buf, len, NULL, 0);
}

void
serve_end(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv, PROTO_ENDED, error, why);
	sv->ended = true;
}

void
serve_refuse(struct serve *sv, int error, const char *why)
{
	serve_farewell(sv, PROTO_REFUSED, error, why);
}

/* Log what the worker did wrong and tell it. */
static void
serve_protest(struct serve *sv, unsigned int type, const char *what)
{
	log_warnx("session %u, role \"%s\": %s: %s", sv->setup->info.id,
	    sv->setup->info.role, proto_name(type), what);
	serve_end(sv, EPROTO, what);
	errno = EPROTO;
}

static int
serve_dispatch(struct serve *sv, const struct proto_header *h,
    struct wire_in *in, struct fdmsg *m)
{
	size_t	 i;

	for (i = 0; i < sizeof(serve_rows) / sizeof(serve_rows[0]); i++)
		if (serve_rows[i].type == h->type)
			break;
	if (i == sizeof(serve_rows) / sizeof(serve_rows[0])) {
		serve_protest(sv, h->type, "not for an opener");
		return -1;
	}
	if (serve_rows[i].started != sv->started) {
		serve_protest(sv, h->type, "out of order");
		return -1;
	}
	/* Only START has one: the pipe that shows the worker's life. */
	if (m->nfds > 0)
		sv->peer_alive = fdmsg_take(m, 0);
	if (serve_rows[i].handle(sv, h, in) == 0)
		return 1;
	if (errno == EBADMSG)
		serve_protest(sv, h->type, "cannot be decoded");
	return -1;
}

int
serve_one(struct serve *sv)
{
	static uint8_t		 buf[PROTO_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	const char		*what;
	ssize_t			 n;
	int			 ret = -1;

	n = fdmsg_recv(sv->setup->sock, buf, sizeof(buf), sv->started ? 0 : 1,
	    &m);
	if (n == -1) {
		if (errno == EAGAIN)
			return 0;
		if (errno == EBADMSG || errno == EMFILE)
			serve_protest(sv, 0, "descriptors are not taken");
		else if (errno == EMSGSIZE)
			serve_protest(sv, 0, "a message too long");
		else if (errno == EPIPE && !sv->setup->private)
			serve_protest(sv, 0, "an empty message");
		return -1;
	}
	if (proto_parse(buf, (size_t)n, m.nfds, &h, &in, &what) == 0)
		ret = serve_dispatch(sv, &h, &in, &m);
	else
		serve_protest(sv, 0, what);
	fdmsg_close(&m);
	return ret;
}

/* Asked in a way that no file system answers. */
static bool
is_pipe(int fd)
{
#ifdef F_GETPIPE_SZ
	return fcntl(fd, F_GETPIPE_SZ) > 0;
#else
	struct stat	 st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
#endif
}

static int
serve_start(struct serve *sv, const struct proto_header *h, struct wire_in *in)
{
	(void)h;
	if (wire_get_end(in) == -1 || !is_pipe(sv->peer_alive)) {
		errno = EBADMSG;
		return -1;
	}
	sv->started = true;
	return 0;
}

static int
serve_forget(struct serve *sv, const struct proto_header *h,
    struct wire_in *in)
{
	uint32_t	 tokens[FDB_BATCH_MAX];
	uint16_t	 i;

	for (i = 0; i < h->items; i++)
		tokens[i] = wire_get_u32(in);
	if (wire_get_end(in) == -1) {
		errno = EBADMSG;
		return -1;
	}
	for (i = 0; i < h->items; i++)
		if (!tokens_remove(&sv->tokens, tokens[i])) {
			errno = EBADMSG;
			return -1;
		}
	return 0;
}

void
status_ok(struct proto_status *st)
{
	st->error = 0;
	st->reason = FDB_REASON_NONE;
	st->id = 0;
	st->where[0] = '\0';
}

void
status_set(struct proto_status *st, int error, enum fdb_reason reason,
    const char *where)
{
	st->error = (uint32_t)error;
	st->reason = (uint8_t)reason;
	st->id = 0;
	(void)strlcpy(st->where, where, sizeof(st->where));
}

void
status_denied(struct serve *sv, struct proto_status *st, struct verdict v)
{
	char	 where[POLICY_WHERE_MAX];

	policy_where(sv->setup->role, v, where, sizeof(where));
	status_set(st, v.reason == POLICY_CROSSED ? EXDEV :
	    v.reason == POLICY_EXISTS ? EEXIST : EACCES, FDB_REASON_POLICY,
	    where);
	sv->policy = v.reason;
}

void
status_errno(struct proto_status *st, bool type)
{
	status_set(st, errno, type ? FDB_REASON_TYPE : FDB_REASON_KERNEL, "");
}

/*
 * Tell of a request that was answered.  A refusal gets a number, which the
 * worker is told too: short, and not the same in two sessions for long.
 */
void
serve_report(struct serve *sv, uint32_t op, const char *path,
    struct proto_status *st, const struct fdb_stat *fst)
{
	struct event_record	 e;

	memset(&e, 0, sizeof(e));
	e.op = op;
	e.error = st->error;
	e.reason = st->reason;
	e.policy = e.reason == FDB_REASON_POLICY ? sv->policy : 0;
	if (sv->tell == NULL || (!event_is_wanted(&e, AUDITMODE_DENIED) &&
	    !event_is_wanted(&e, sv->setup->audit)))
		return;
	if (st->error != 0)
		st->id = e.id = (sv->setup->info.id & 0xffff) << 12 |
		    (++sv->refusals & 0xfff);
	e.lost = sv->lost;
	e.generation = (uint32_t)sv->setup->info.generation;
	if (st->error == 0 && fst != NULL) {
		e.dev_major = fst->dev_major;
		e.dev_minor = fst->dev_minor;
		e.ino = fst->ino;
	}
	event_set_where(&e, st->where);
	event_set_path(&e, path);
	if (sv->tell(sv->arg, &e) == 0)
		sv->lost = 0;
	else
		sv->lost++;
}

static void
stat_target(struct serve *sv, struct target *t, struct proto_status *st,
    struct fdb_stat *fst, char *link, size_t size)
{
	struct verdict	 v, enter;

	v = policy_decide(sv->setup->role, POLICY_OP_LIST, t->path);
	enter = v.permit ? v : policy_enter(sv->setup->role, t->path);
	if (!enter.permit) {
		status_denied(sv, st, v);
		return;
	}
	if (target_place(sv, t, POLICY_OP_LIST, st) == -1)
		return;
	if (resolve_stat(&t->at, t->rel, fst, link, size) == -1)
		target_way_failed(sv, t, v, st);
	else if (!v.permit && !S_ISDIR(fst->mode))
		status_denied(sv, st, v);	/* only a way to elsewhere */
	else
		status_ok(st);
}

static void
stat_item(struct serve *sv, const struct item *it, struct proto_status *st,
    struct fdb_stat *fst, char *link, size_t size)
{
	struct target	 t;

	if (target_name(sv, &t, it->base, it->name, st) == -1) {
		serve_report(sv, POLICY_OP_LIST, it->name, st, NULL);
		return;
	}
	stat_target(sv, &t, st, fst, link, size);
	serve_report(sv, POLICY_OP_LIST, t.path, st, fst);
}

/*
 * Decode all items of a request.  Names are put into `names', of at least
 * PROTO_MAX + FDB_BATCH_MAX bytes.  0, or -1 with errno EBADMSG.
 */
int
items_get(struct item *items, const struct proto_header *h,
    struct wire_in *in, char *names)
{
	size_t		 used = 0;
	uint16_t	 i;

	for (i = 0; i < h->items; i++) {
		items[i].base = wire_get_u32(in);
		items[i].access = h->type == PROTO_OPEN ? wire_get_u8(in) : 0;
		items[i].name = names + used;
		used += wire_get_str(in, names + used, PROTO_PATH_MAX) + 1;
		if (in->failed)
			break;
	}
	if (wire_get_end(in) == 0)
		return 0;
	errno = EBADMSG;
	return -1;
}

void
reply_begin(struct reply *r, const struct serve *sv, uint16_t type,
    uint32_t id)
{
	memset(&r->h, 0, sizeof(r->h));
	r->h.type = type;
	r->h.id = id;
	r->h.generation = (uint32_t)sv->setup->info.generation;
	proto_begin(&r->w, r->buf, sv->setup->info.bytes);
}

int
reply_send(struct serve *sv, struct reply *r, bool more)
{
	size_t	 nfds = r->h.fds, len;
	int	 ret = -1;

	r->h.flags = more ? PROTO_MORE : 0;
	if ((len = proto_finish(&r->w, &r->h)) != 0)
		ret = serve_send(sv, r->buf, len, r->fds, nfds);
	fd_close_all(r->fds, nfds);
	if (ret == 0 && more)
		reply_begin(r, sv, r->h.type, r->h.id);
	return ret;
}

/* Send what there is if another item of `need' bytes might not fit. */
static int
reply_room(struct serve *sv, struct reply *r, size_t need)
{
	if (r->h.items == 0 || r->w.size - r->w.len >= need)
		return 0;
	return reply_send(sv, r, true);
}

#define STATUS_MAX	(4 + 1 + 4 + 2 + PROTO_TEXT_MAX)

/* Opens are awaited for so long, and then their rate is looked at again. */
#define PAUSE_MS	1000

/* Add what has come together of opens.  How many a second, 0: any number. */
static int64_t
serve_refill(struct serve *sv)
{
	int64_t	 rate = (int64_t)sv->setup->role->limits[LIMIT_OPENS];
	int64_t	 share = sv->setup->opens, now = clock_ms();

	if (share != 0 && (rate == 0 || share < rate))
		rate = share;
	if (sv->opens_at == 0)
		sv->opens_left = rate * 1000;
	else
		sv->opens_left += (now - sv->opens_at) * rate;
	if (rate == 0 || sv->opens_left > rate * 1000)
		sv->opens_left = rate * 1000;
	sv->opens_at = now;
	return rate;
}

/*
 * As many opens as the limits allow in a second, and then a pause: a worker is
 * slowed down, and nothing is refused.
 */
static int
serve_throttle(struct serve *sv, uint16_t n)
{
	int64_t	 rate = serve_refill(sv), ms;

	if (rate == 0 || sv->pause == NULL)
		return 0;
	sv->opens_left -= (int64_t)n * 1000;
	/* The share may become another meanwhile. */
	while (rate != 0 && sv->opens_left < 0) {
		ms = -sv->opens_left / rate + 1;
		if (sv->pause(sv->arg, ms < PAUSE_MS ? (int)ms :
		    PAUSE_MS) == -1)
			return -1;
		rate = serve_refill(sv);
	}
	return 0;
}

static int
serve_open(struct serve *sv, const struct proto_header *h, struct wire_in *in)
{
	static char		 names[PROTO_MAX + FDB_BATCH_MAX];
	static struct reply	 r;
	struct item		 items[FDB_BATCH_MAX];
	struct proto_status	 st;
	struct fdb_stat		 fst;
	uint16_t		 i;
	int			 fd;

	if (items_get(items, h, in, names) == -1 ||
	    serve_throttle(sv, h->items) == -1)
		return -1;
	reply_begin(&r, sv, PROTO_OPEN_REPLY, h->id);
	for (i = 0; i < h->items; i++) {
		if (reply_room(sv, &r, STATUS_MAX + PROTO_STAT_LEN) == -1)
			return -1;
		fd = serve_open_item(sv, &items[i], &st, &fst);
		proto_put_status(&r.w, &st);
		r.h.items++;
		if (fd == -1)
			continue;
		proto_put_stat(&r.w, &fst);
		r.fds[r.h.fds++] = fd;
	}
	return reply_send(sv, &r, false);
}

static int
serve_stat(struct serve *sv, const struct proto_header *h, struct wire_in *in)
{
	static char		 names[PROTO_MAX + FDB_BATCH_MAX];
	static struct reply	 r;
	char			 link[PROTO_PATH_MAX];
	struct item		 items[FDB_BATCH_MAX];
	struct proto_status	 st;
	struct fdb_stat		 fst;
	uint16_t		 i;

	if (items_get(items, h, in, names) == -1)
		return -1;
	reply_begin(&r, sv, PROTO_STAT_REPLY, h->id);
	for (i = 0; i < h->items; i++) {
		if (reply_room(sv, &r, STATUS_MAX + PROTO_STAT_LEN + 2 +
		    PROTO_PATH_MAX) == -1)
			return -1;
		stat_item(sv, &items[i], &st, &fst, link, sizeof(link));
		proto_put_status(&r.w, &st);
		r.h.items++;
		if (st.error != 0)
			continue;
		proto_put_stat(&r.w, &fst);
		wire_put_str(&r.w, link);
	}
	return reply_send(sv, &r, false);
}
