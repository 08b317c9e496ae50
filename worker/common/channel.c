/*
 * channel.c: records between worker and controller; see common/channel.h.
 *
 * Runs in both processes.  Touches the one socket that it is given.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/fdmsg.h"
#include "common/channel.h"

void
channel_init(struct channel *p, int fd)
{
	p->fd = fd;
	p->stopped = false;
	wire_out_init(&p->out, p->buf, sizeof(p->buf));
}

/* Send a message; wait while the socket is full.  0, or -1. */
static int
channel_send(int fd, const void *buf, size_t len)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLOUT };

	while (fdmsg_send(fd, buf, len, NULL, 0) == -1) {
		if (errno != EAGAIN && errno != ENOBUFS)
			return -1;
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return -1;
	}
	return 0;
}

int
channel_flush(struct channel *p)
{
	if (p->out.len == 0)
		return 0;
	if (wire_put_end(&p->out) == -1 ||
	    channel_send(p->fd, p->buf, p->out.len) == -1)
		return -1;
	wire_out_init(&p->out, p->buf, sizeof(p->buf));
	return 0;
}

/* A record is complete: send the message unless another surely fits. */
static int
channel_end_record(struct channel *p)
{
	return p->out.len >= CHANNEL_BATCH ? channel_flush(p) : 0;
}

/* No name that we store is longer than this; other text may be cut. */
static void
put_text(struct wire_out *w, const char *s)
{
	size_t	 len = strlen(s);

	if (len > CHANNEL_TEXT_MAX)
		len = CHANNEL_TEXT_MAX;
	wire_put_u16(w, (uint16_t)len);
	wire_put_bytes(w, s, len);
}

int
channel_put_confined(struct channel *p, uint32_t confined, uint32_t opener)
{
	wire_put_u8(&p->out, CHANNEL_CONFINED);
	wire_put_u32(&p->out, confined);
	wire_put_u32(&p->out, opener);
	return channel_flush(p);
}

int
channel_put_process(struct channel *p, pid_t pid)
{
	wire_put_u8(&p->out, CHANNEL_PROCESS);
	wire_put_u32(&p->out, (uint32_t)pid);
	return channel_flush(p);
}

int
channel_put_report(struct channel *p, enum report_kind kind, const char *name,
    const char *text)
{
	wire_put_u8(&p->out, CHANNEL_REPORT);
	wire_put_u8(&p->out, (uint8_t)kind);
	put_text(&p->out, name);
	put_text(&p->out, text);
	/* The user learns of a problem when it happens. */
	return kind == REPORT_MEMBER || kind == REPORT_EXCLUDED ||
	    kind == REPORT_UNCHANGED || kind == REPORT_REMOVED ?
	    channel_end_record(p) : channel_flush(p);
}

int
channel_forward(struct channel *p, const void *record, size_t len)
{
	wire_put_bytes(&p->out, record, len);
	return channel_end_record(p);
}

static bool
is_cut(const char *s)
{
	return strlen(s) > CHANNEL_TEXT_MAX;
}

/* Names, each with its NUL: as many as fit, and whether these are all. */
static void
put_names(struct wire_out *w, const char *names, size_t len)
{
	size_t	 fit = len;

	if (len > CHANNEL_TEXT_MAX) {
		for (fit = CHANNEL_TEXT_MAX; fit > 0; fit--)
			if (names[fit - 1] == '\0')
				break;
	}
	wire_put_u8(w, fit < len);
	wire_put_u16(w, (uint16_t)fit);
	wire_put_bytes(w, names, fit);
}

int
channel_put_entry(struct channel *p, const struct entry *e)
{
	struct wire_out	*w = &p->out;

	wire_put_u8(w, CHANNEL_ENTRY);
	wire_put_u32(w, e->mode);
	wire_put_u32(w, e->uid);
	wire_put_u32(w, e->gid);
	wire_put_u32(w, e->rdev_major);
	wire_put_u32(w, e->rdev_minor);
	wire_put_u64(w, e->size);
	wire_put_i64(w, e->mtime);
	wire_put_u32(w, e->mtime_nsec);
	wire_put_u32(w, e->flags);
	wire_put_u8(w, e->sparse);
	wire_put_u8(w, e->has_digest);
	wire_put_bytes(w, e->digest, sizeof(e->digest));
	wire_put_u8(w, is_cut(e->name) || is_cut(e->link) ||
	    is_cut(e->hardlink) || is_cut(e->uname) || is_cut(e->gname));
	wire_put_u8(w, e->hardlink[0] != '\0');
	put_text(w, e->name);
	put_text(w, e->hardlink[0] != '\0' ? e->hardlink : e->link);
	put_text(w, e->uname);
	put_text(w, e->gname);
	put_names(w, e->xattrs, e->xattrs_len);
	return channel_end_record(p);
}

int
channel_put_subtotal(struct channel *p, const char *name, uint64_t members,
    uint64_t bytes)
{
	wire_put_u8(&p->out, CHANNEL_SUBTOTAL);
	put_text(&p->out, name);
	wire_put_u64(&p->out, members);
	wire_put_u64(&p->out, bytes);
	return channel_end_record(p);
}

int
channel_put_where(struct channel *p, const struct channel_where *w,
    const char *name)
{
	wire_put_u8(&p->out, CHANNEL_WHERE);
	wire_put_u8(&p->out, w->counting);
	wire_put_u64(&p->out, w->members);
	wire_put_u64(&p->out, w->bytes);
	wire_put_u64(&p->out, w->done);
	wire_put_u64(&p->out, w->total);
	put_text(&p->out, name);
	return channel_end_record(p);
}

int
channel_put_tally(struct channel *p, enum channel_type type,
    const struct tally *t)
{
	struct wire_out	*w = &p->out;

	wire_put_u8(w, (uint8_t)type);
	wire_put_u64(w, t->files);
	wire_put_u64(w, t->bytes);
	wire_put_u64(w, t->unreadable);
	wire_put_u64(w, t->changed);
	wire_put_u64(w, t->denied);
	wire_put_u64(w, t->by_option);
	wire_put_u64(w, t->denied_named);
	wire_put_u64(w, t->hidden);
	wire_put_u64(w, t->vanished);
	wire_put_u64(w, t->skipped);
	wire_put_u64(w, t->excluded);
	wire_put_u64(w, t->different);
	wire_put_u64(w, t->unchanged);
	wire_put_u64(w, t->removed);
	return channel_flush(p);
}

int
channel_put_address(struct channel *p, enum channel_what what,
    const char *address)
{
	wire_put_u8(&p->out, CHANNEL_ADDRESS);
	wire_put_u8(&p->out, (uint8_t)what);
	put_text(&p->out, address);
	return channel_flush(p);
}

/* Send the question, and wait for the answer. */
static int
channel_ask(struct channel *p, uint8_t *buf, size_t size, struct wire_in *in)
{
	struct pollfd	 pfd = { .fd = p->fd, .events = POLLIN };
	struct fdmsg	 m;
	ssize_t		 n;

	if (channel_flush(p) == -1)
		return -1;
	while ((n = fdmsg_recv(p->fd, buf, size, 0, &m)) == -1) {
		if (errno != EAGAIN)
			return -1;
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return -1;
	}
	wire_in_init(in, buf, (size_t)n);
	return 0;
}

int
channel_ask_owner(struct channel *p, enum channel_owner owner, uint32_t id,
    char *name)
{
	uint8_t		 buf[CHANNEL_OWNER_MAX + 2];
	struct wire_in	 in;

	wire_put_u8(&p->out, CHANNEL_OWNER);
	wire_put_u8(&p->out, (uint8_t)owner);
	wire_put_u32(&p->out, id);
	if (channel_ask(p, buf, sizeof(buf), &in) == -1)
		return -1;
	(void)wire_get_str(&in, name, CHANNEL_OWNER_MAX);
	return wire_get_end(&in);
}

int
channel_ask_id(struct channel *p, enum channel_owner owner, const char *name,
    bool *known, uint32_t *id)
{
	uint8_t		 buf[8];
	struct wire_in	 in;

	wire_put_u8(&p->out, CHANNEL_ID);
	wire_put_u8(&p->out, (uint8_t)owner);
	put_text(&p->out, name);
	if (channel_ask(p, buf, sizeof(buf), &in) == -1)
		return -1;
	*known = wire_get_u8(&in) != 0;
	*id = wire_get_u32(&in);
	return wire_get_end(&in);
}

/* It cannot be decoded as an answer, whatever was asked. */
#define STOP	0xff

bool
channel_is_stopped(struct channel *c)
{
	struct pollfd	 pfd = { .fd = c->fd, .events = POLLIN };
	struct fdmsg	 m;
	uint8_t		 buf[8];

	if (c->stopped || poll(&pfd, 1, 0) != 1)
		return c->stopped;
	c->stopped = true;
	/* What is left unread would look like a failure at the other end. */
	(void)fdmsg_recv(c->fd, buf, sizeof(buf), 0, &m);
	return true;
}

int
channel_stop(int fd)
{
	const uint8_t	 stop = STOP;

	return channel_send(fd, &stop, sizeof(stop));
}

int
channel_answer_id(int fd, bool known, uint32_t id)
{
	uint8_t		 buf[8];
	struct wire_out	 out;

	wire_out_init(&out, buf, sizeof(buf));
	wire_put_u8(&out, known);
	wire_put_u32(&out, known ? id : 0);
	if (wire_put_end(&out) == -1)
		return -1;
	return channel_send(fd, buf, out.len);
}

int
channel_answer_owner(int fd, const char *name)
{
	uint8_t		 buf[CHANNEL_OWNER_MAX + 2];
	struct wire_out	 out;

	wire_out_init(&out, buf, sizeof(buf));
	wire_put_str(&out, strlen(name) < CHANNEL_OWNER_MAX ? name : "");
	if (wire_put_end(&out) == -1)
		return -1;
	return channel_send(fd, buf, out.len);
}

static const char *
get_text(struct wire_in *in, struct channel_record *r, size_t i)
{
	(void)wire_get_str(in, r->text[i], sizeof(r->text[i]));
	return r->text[i];
}

/* A byte that must be between 1 and max. */
static uint8_t
get_one_of(struct wire_in *in, uint8_t max)
{
	uint8_t	 v = wire_get_u8(in);

	if (v < 1 || v > max)
		wire_get_fail(in);
	return v;
}

static bool
get_bool(struct wire_in *in)
{
	uint8_t	 v = wire_get_u8(in);

	if (v > 1)
		wire_get_fail(in);
	return v == 1;
}

/* Each of the names must have its NUL. */
static void
get_names(struct wire_in *in, struct entry *e, char *text)
{
	size_t	 len;

	if (get_bool(in))
		e->cut = true;
	if ((len = wire_get_u16(in)) > CHANNEL_TEXT_MAX) {
		wire_get_fail(in);
		return;
	}
	text[0] = '\0';
	wire_get_bytes(in, text, len);
	if (len > 0 && text[len - 1] != '\0')
		wire_get_fail(in);
	e->xattrs = text;
	e->xattrs_len = len;
}

static void
get_entry(struct wire_in *in, struct channel_record *r)
{
	struct entry	*e = &r->entry;
	bool		 hard;

	entry_init(e, "");
	e->mode = wire_get_u32(in);
	e->uid = wire_get_u32(in);
	e->gid = wire_get_u32(in);
	e->rdev_major = wire_get_u32(in);
	e->rdev_minor = wire_get_u32(in);
	e->size = wire_get_u64(in);
	e->mtime = wire_get_i64(in);
	e->mtime_nsec = wire_get_u32(in);
	e->flags = wire_get_u32(in);
	e->sparse = get_bool(in);
	e->has_digest = get_bool(in);
	wire_get_bytes(in, e->digest, sizeof(e->digest));
	e->cut = get_bool(in);
	hard = get_bool(in);
	e->name = get_text(in, r, 0);
	if (hard)
		e->hardlink = get_text(in, r, 1);
	else
		e->link = get_text(in, r, 1);
	e->uname = get_text(in, r, 2);
	e->gname = get_text(in, r, 3);
	get_names(in, e, r->text[4]);
}

static void
get_tally(struct wire_in *in, struct tally *t)
{
	t->files = wire_get_u64(in);
	t->bytes = wire_get_u64(in);
	t->unreadable = wire_get_u64(in);
	t->changed = wire_get_u64(in);
	t->denied = wire_get_u64(in);
	t->by_option = wire_get_u64(in);
	t->denied_named = wire_get_u64(in);
	t->hidden = wire_get_u64(in);
	t->vanished = wire_get_u64(in);
	t->skipped = wire_get_u64(in);
	t->excluded = wire_get_u64(in);
	t->different = wire_get_u64(in);
	t->unchanged = wire_get_u64(in);
	t->removed = wire_get_u64(in);
}

static void
get_where(struct wire_in *in, struct channel_record *r)
{
	r->where.counting = get_bool(in);
	r->where.members = wire_get_u64(in);
	r->where.bytes = wire_get_u64(in);
	r->where.done = wire_get_u64(in);
	r->where.total = wire_get_u64(in);
	r->name = get_text(in, r, 0);
}

int
channel_get(struct wire_in *in, struct channel_record *r)
{
	r->type = (enum channel_type)wire_get_u8(in);
	r->name = r->detail = "";
	switch (r->type) {
	case CHANNEL_ADDRESS:
		r->what = (enum channel_what)get_one_of(in, CHANNEL_OUTPUT);
		if ((r->what & (r->what - 1)) != 0)
			wire_get_fail(in);
		r->name = get_text(in, r, 0);
		break;
	case CHANNEL_CONFINED:
		r->confined = wire_get_u32(in);
		r->opener = wire_get_u32(in);
		break;
	case CHANNEL_OWNER:
		r->owner = (enum channel_owner)get_one_of(in, CHANNEL_GROUP);
		r->id = wire_get_u32(in);
		break;
	case CHANNEL_ID:
		r->owner = (enum channel_owner)get_one_of(in, CHANNEL_GROUP);
		r->name = get_text(in, r, 0);
		break;
	case CHANNEL_REPORT:
		r->kind = (enum report_kind)get_one_of(in, REPORT_KIND_MAX);
		r->name = get_text(in, r, 0);
		r->detail = get_text(in, r, 1);
		break;
	case CHANNEL_ENTRY:
		get_entry(in, r);
		break;
	case CHANNEL_PROCESS:
		r->id = wire_get_u32(in);
		break;
	case CHANNEL_SUBTOTAL:
		r->name = get_text(in, r, 0);
		r->members = wire_get_u64(in);
		r->bytes = wire_get_u64(in);
		break;
	case CHANNEL_WHERE:
		get_where(in, r);
		break;
	case CHANNEL_PROGRESS:
	case CHANNEL_DONE:
		get_tally(in, &r->tally);
		break;
	default:
		wire_get_fail(in);
		break;
	}
	if (in->failed) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}
