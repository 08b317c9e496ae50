/*
 * fake.c: the other end of a session; see fake.h.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "fake.h"
#include "util.h"

void
fake_info(struct fdb_session_info *info)
{
	memset(info, 0, sizeof(*info));
	info->id = 42;
	info->generation = 7;
	info->window = 4;
	info->batch = FDB_BATCH_MAX;
	info->bytes = PROTO_MAX;
	info->tokens = 16;
	(void)strlcpy(info->role, "test", sizeof(info->role));
}

void
fake_welcome(int conn, const struct fdb_session_info *info, int client)
{
	uint8_t			 buf[512];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_WELCOME;
	h.items = 1;
	h.fds = 1;
	proto_begin(&w, buf, sizeof(buf));
	proto_put_info(&w, info);
	assert_true((len = proto_finish(&w, &h)) > 0);
	assert_int_equal(fdmsg_send(conn, buf, len, &client, 1), 0);
	close(client);
}

static void
fake_attach_by(struct fake *f, const struct fdb_session_info *info, int p[2])
{
	struct fdb_session_info	 usual;
	char			 why[FDB_WHY_MAX];
	int			 conn[2];

	memset(f, 0, sizeof(*f));
	fake_info(&usual);
	assert_return_code(dgram_pair_seq(conn), errno);
	f->sock = p[0];
	f->conn = conn[0];
	fake_welcome(f->conn, info != NULL ? info : &usual, p[1]);
	if (fdb_attach(&f->s, conn[1], 0, why) == -1)
		fail_msg("%s", why);
}

void
fake_attach(struct fake *f, const struct fdb_session_info *info)
{
	int	 p[2];

	assert_return_code(dgram_pair(p), errno);
	fake_attach_by(f, info, p);
}

void
fake_attach_private(struct fake *f)
{
	int	 p[2];

	assert_return_code(dgram_pair_seq(p), errno);
	fake_attach_by(f, NULL, p);
}

void
fake_die(struct fake *f)
{
	fd_close(&f->sock);
	fd_close(&f->conn);
}

void
fake_end(struct fake *f)
{
	fd_close_all(f->fds, f->reply.fds);
	f->reply.fds = 0;
	fake_die(f);
	fdb_disconnect(f->s);
	f->s = NULL;
}

unsigned int
fake_request(struct fake *f)
{
	struct fdmsg	 m;
	const char	*what;
	ssize_t		 len;

	len = fdmsg_recv(f->sock, f->inbuf, sizeof(f->inbuf), 0, &m);
	if (len == -1) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	if (proto_parse(f->inbuf, (size_t)len, 0, &f->h, &f->in, &what) == -1)
		fail_msg("the library sent: %s", what);
	return f->h.type;
}

void
fake_expect(struct fake *f, unsigned int type)
{
	assert_string_equal(proto_name(fake_request(f)), proto_name(type));
}

void
fake_reply(struct fake *f, unsigned int type)
{
	memset(&f->reply, 0, sizeof(f->reply));
	f->reply.type = (uint16_t)type;
	f->reply.id = f->h.id;
	proto_begin(&f->out, f->outbuf, sizeof(f->outbuf));
}

void
fake_put_list(struct fake *f, uint32_t error, uint32_t token, int eof)
{
	struct proto_status	 st;

	memset(&st, 0, sizeof(st));
	st.error = error;
	if (error != 0)
		st.reason = FDB_REASON_KERNEL;
	proto_put_status(&f->out, &st);
	wire_put_u32(&f->out, token);
	wire_put_u8(&f->out, (uint8_t)eof);
}

static void
put_good(struct fake *f, uint64_t size)
{
	struct proto_status	 st;
	struct fdb_stat		 fst;

	memset(&st, 0, sizeof(st));
	memset(&fst, 0, sizeof(fst));
	fst.mode = 0100644;
	fst.size = size;
	proto_put_status(&f->out, &st);
	proto_put_stat(&f->out, &fst);
	f->reply.items++;
}

void
fake_put_open(struct fake *f, int fd)
{
	put_good(f, 1);
	f->fds[f->reply.fds++] = fd;
}

void
fake_put_stat(struct fake *f, uint64_t size, const char *link)
{
	put_good(f, size);
	wire_put_str(&f->out, link);
}

void
fake_put_entry(struct fake *f, const char *name)
{
	wire_put_str(&f->out, name);
	fake_put_stat(f, 1, "");
}

void
fake_put_error(struct fake *f, uint32_t error, enum fdb_reason reason,
    const char *where)
{
	struct proto_status	 st;

	memset(&st, 0, sizeof(st));
	st.error = error;
	st.reason = (uint8_t)reason;
	(void)strlcpy(st.where, where, sizeof(st.where));
	proto_put_status(&f->out, &st);
	f->reply.items++;
}

void
fake_send(struct fake *f, uint32_t flags)
{
	size_t	 len;
	int	 ret;

	f->reply.flags = flags;
	assert_true((len = proto_finish(&f->out, &f->reply)) > 0);
	ret = fdmsg_send(f->sock, f->outbuf, len, f->fds, f->reply.fds);
	fd_close_all(f->fds, f->reply.fds);
	f->reply.fds = 0;
	assert_return_code(ret, errno);
}

void
fake_answer(struct fake *f)
{
	unsigned int	 type = fake_request(f);
	int		 i, fd;

	switch (type) {
	case PROTO_OPEN:
		fake_reply(f, PROTO_OPEN_REPLY);
		for (i = 0; i < f->h.items; i++) {
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
			assert_return_code(fd, errno);
			fake_put_open(f, fd);
		}
		break;
	case PROTO_STAT:
		fake_reply(f, PROTO_STAT_REPLY);
		for (i = 0; i < f->h.items; i++)
			fake_put_stat(f, 1, "");
		break;
	case PROTO_LIST:
		fake_reply(f, PROTO_LIST_REPLY);
		fake_put_list(f, 0, 1, 1);
		break;
	default:
		fail_msg("nothing to answer in %s", proto_name(type));
	}
	fake_send(f, 0);
}

int
fake_null(void)
{
	int	 fd;

	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_return_code(fd, errno);
	return fd;
}

void
fake_ask(struct fake *f, unsigned int type, int n)
{
	int	 i, ret = -1;

	for (i = 0; i < n; i++) {
		if (type == PROTO_OPEN)
			ret = fdb_open_at(f->s, 0, "/a", FDB_READ,
			    (uint64_t)i);
		else if (type == PROTO_STAT)
			ret = fdb_stat_at(f->s, 0, "/a", (uint64_t)i);
		else if (type == PROTO_LIST)
			ret = fdb_list_at(f->s, 0, "/a", (uint64_t)i);
		assert_int_equal(ret, 0);
	}
	assert_int_equal(fdb_flush(f->s), 0);
	fake_expect(f, type);
}

void
fake_reply_open(struct fake *f, int items, int fds)
{
	fake_reply(f, PROTO_OPEN_REPLY);
	for (; items > 0; items--)
		fake_put_open(f, fake_null());
	while (f->reply.fds < fds)
		f->fds[f->reply.fds++] = fake_null();
	while (f->reply.fds > fds)
		close(f->fds[--f->reply.fds]);
}

void
fake_next(struct fake *f, struct fdb_result *r, enum fdb_kind kind,
    uint64_t cookie, int error)
{
	if (fdb_next(f->s, r) != 1)
		fail_msg("no result: %s", fdb_session_error(f->s));
	assert_int_equal(r->kind, kind);
	assert_true(r->cookie == cookie);
	assert_int_equal(r->error, error);
	if (r->fd != -1) {
		assert_true(util_is_cloexec(r->fd));
		close(r->fd);
	}
}

void
fake_over(struct fake *f, int error, const char *text)
{
	struct fdb_result	 r;
	struct fdb_stat		 st;
	int			 i;

	errno = 0;
	assert_int_equal(fdb_next(f->s, &r), -1);
	assert_int_equal(errno, error);
	if (strstr(fdb_session_error(f->s), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"",
		    fdb_session_error(f->s), text);
	for (i = 0; i < 2; i++) {
		assert_int_equal(fdb_next(f->s, &r), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_wait(f->s, &r, -1), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_flush(f->s), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_stat_at(f->s, 0, "/a", 0), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_forget(f->s, 1), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_open(f->s, "/a", O_RDONLY), -1);
		assert_int_equal(errno, EPIPE);
		assert_int_equal(fdb_lstat(f->s, "/a", &st), -1);
		assert_int_equal(errno, EPIPE);
	}
	assert_non_null(strstr(fdb_session_error(f->s), text));
}
