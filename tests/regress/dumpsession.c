/*
 * dumpsession.c: a session without the library, printed byte by byte, for
 * fdbroker-protocol(7); see protocol.t.
 *
 * usage: dumpsession socket role directory file denied
 *
 * Requests the directory, and in it the two files.  What differs from machine
 * to machine and from run to run is printed as if it were always the same:
 * numbers, times and owners of files, the number of the denial, the
 * confinement.  All else is what was sent and received.
 */

#include "config.h"

#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "base/proto.h"
#include "base/wire.h"

#define ROW		12
#define TIMEOUT_MS	10000

struct dump {
	const uint8_t	*at;
	size_t		 left;
};

static uint8_t		 inbuf[PROTO_MAX];
static struct fdmsg	 in;

/* Take the next bytes of a message. */
static const uint8_t *
take(struct dump *d, size_t n)
{
	const uint8_t	*at = d->at;

	if (n > d->left)
		errx(1, "a message ends within a field");
	d->at += n;
	d->left -= n;
	return at;
}

static void
print_bytes(const uint8_t *bytes, size_t n, const char *what)
{
	char	 hex[3 * ROW + 1];
	size_t	 i, at = 0;

	for (i = 0; i < n; i++) {
		at += (size_t)snprintf(hex + at, sizeof(hex) - at, " %02x",
		    bytes[i]);
		if (at < 3 * ROW && i + 1 < n)
			continue;
		if (what[0] != '\0')
			printf(" %-*s  %s\n", 3 * ROW, hex, what);
		else
			printf(" %s\n", hex);
		at = 0;
		what = "";
	}
}

/* Print a field. */
static void
show(struct dump *d, size_t n, const char *what)
{
	print_bytes(take(d, n), n, what);
}

/* Print a field that has another value each time. */
static void
show_as(struct dump *d, uint32_t value, const char *what)
{
	(void)take(d, sizeof(value));
	print_bytes((const uint8_t *)&value, sizeof(value), what);
}

static void
show_str(struct dump *d, const char *what)
{
	uint16_t	 len;
	char		 text[128];

	if (d->left < sizeof(len))
		errx(1, "a message ends within a field");
	memcpy(&len, d->at, sizeof(len));
	if (len > d->left - sizeof(len))
		errx(1, "a text ends behind its message");
	(void)snprintf(text, sizeof(text), "%s%s%.*s", what,
	    len > 0 ? " " : ", empty", (int)len,
	    (const char *)d->at + sizeof(len));
	show(d, sizeof(len), text);
	if (len > 0)
		show(d, len, "");
}

/* The type, the size and the permissions are real. */
static void
show_stat(struct dump *d)
{
	struct fdb_stat	 st;
	struct wire_in	 w;
	struct wire_out	 out;
	uint8_t		 buf[PROTO_STAT_LEN];

	wire_in_init(&w, take(d, PROTO_STAT_LEN), PROTO_STAT_LEN);
	proto_get_stat(&w, &st);
	st.nlink = 1;
	st.uid = st.gid = 0;
	st.dev_major = 8;
	st.dev_minor = 1;
	st.ino = 0x1234;
	st.blocks = 8;
	st.atime = st.mtime = st.ctime = st.btime = 1800000000;
	st.atime_nsec = st.mtime_nsec = st.ctime_nsec = st.btime_nsec = 0;
	wire_out_init(&out, buf, sizeof(buf));
	proto_put_stat(&out, &st);
	print_bytes(buf, sizeof(buf), "stat");
}

/* The error. */
static uint32_t
show_status(struct dump *d)
{
	uint32_t	 error, id;

	if (d->left < 9)
		errx(1, "a message ends within a status");
	memcpy(&error, d->at, sizeof(error));
	show(d, 4, "status: error");
	show(d, 1, "reason");
	memcpy(&id, d->at, sizeof(id));
	show_as(d, id != 0 ? 0x4242 : 0, "id");
	show_str(d, "where");
	return error;
}

static void
show_welcome(struct dump *d)
{
	show_as(d, 1, "id");
	show(d, 8, "generation");
	show(d, 4, "window");
	show(d, 4, "batch");
	show(d, 4, "bytes");
	show(d, 4, "tokens");
	show_as(d, 0xbf, "confined");
	show(d, 4, "worker uid");
	show(d, 4, "worker gid");
	show_str(d, "role");
}

static void
show_list_reply(struct dump *d, uint16_t items)
{
	(void)show_status(d);
	show(d, 4, "token");
	show(d, 1, "end");
	for (; items > 0; items--) {
		show_str(d, "name");
		(void)show_status(d);
		show_stat(d);
		show_str(d, "target");
	}
}

static void
show_items(struct dump *d, uint16_t type, uint16_t items)
{
	for (; items > 0; items--) {
		switch (type) {
		case PROTO_HELLO:
			show_str(d, "role");
			break;
		case PROTO_WELCOME:
			show_welcome(d);
			break;
		case PROTO_OPEN:
			show(d, 4, "base");
			show(d, 1, "access");
			show_str(d, "name");
			break;
		case PROTO_OPEN_REPLY:
			if (show_status(d) == 0)
				show_stat(d);
			break;
		case PROTO_LIST:
			show(d, 4, "base");
			show_str(d, "name");
			break;
		case PROTO_LIST_REPLY:
			show_list_reply(d, items);
			return;
		case PROTO_FORGET:
			show(d, 4, "token");
			break;
		default:
			errx(1, "unexpected: %s", proto_name(type));
		}
	}
}

/* Print a message, which came or goes with descriptors. */
static void
show_message(const char *who, const uint8_t *buf, size_t len, size_t nfds)
{
	struct dump		 d = { buf, len };
	struct proto_header	 h;
	struct wire_in		 w;
	const char		*why;

	if (proto_parse(buf, len, nfds, &h, &w, &why) == -1)
		errx(1, "%s: %s", who, why);
	printf("%s %s, %zu bytes", who, proto_name(h.type), len);
	if (nfds > 0)
		printf(", 1 descriptor");
	printf("\n");
	show(&d, 12, "magic, version, type, id");
	show(&d, 12, "items, fds, length, flags");
	show(&d, 4, "generation");
	show_items(&d, h.type, h.items);
	if (d.left > 0)
		errx(1, "%s: %zu bytes are left", proto_name(h.type), d.left);
}

static void
send_it(int sock, struct message *m)
{
	size_t	 len;

	if ((len = message_finish(m, 0)) == 0 ||
	    fdmsg_send(sock, m->w.buf, len, NULL, 0) == -1)
		err(1, "send");
	show_message("client:", m->w.buf, len, 0);
}

/* The reply is in inbuf and in. */
static void
receive(int sock, const char *who)
{
	struct pollfd	 pfd = { .fd = sock, .events = POLLIN };
	ssize_t		 n;

	if (poll(&pfd, 1, TIMEOUT_MS) != 1)
		errx(1, "%s does not answer", who);
	if ((n = fdmsg_recv(sock, inbuf, sizeof(inbuf), FDMSG_MAXFD,
	    &in)) == -1)
		err(1, "receive");
	if (in.nfds > 1)
		errx(1, "%zu descriptors", in.nfds);
	show_message(who, inbuf, (size_t)n, in.nfds);
}

/* The token in the LIST_REPLY that has come. */
static uint32_t
token(void)
{
	struct proto_status	 status;
	struct wire_in		 w;

	wire_in_init(&w, inbuf + PROTO_HEADER, sizeof(inbuf) - PROTO_HEADER);
	proto_get_status(&w, &status);
	return wire_get_u32(&w);
}

int
main(int argc, char *argv[])
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;
	uint32_t	 dir;
	int		 conn, sock, i;

	if (argc != 6)
		errx(1, "usage: dumpsession socket role directory file denied");
	if ((conn = dgram_connect_seq(argv[1], TIMEOUT_MS)) == -1)
		err(1, "%s", argv[1]);
	message_begin(&m, PROTO_HELLO, buf, sizeof(buf));
	wire_put_str(&m.w, argv[2]);
	send_it(conn, &m);
	receive(conn, "broker, on the connection:");
	if ((sock = fdmsg_take(&in, 0)) == -1)
		errx(1, "no session");

	message_begin(&m, PROTO_LIST, buf, sizeof(buf));
	m.h.id = 1;
	wire_put_u32(&m.w, FDB_TOKEN_ROOT);
	wire_put_str(&m.w, argv[3]);
	send_it(sock, &m);
	receive(sock, "opener:");
	dir = token();

	message_begin(&m, PROTO_OPEN, buf, sizeof(buf));
	m.h.id = 2;
	m.h.items = 2;
	for (i = 4; i < 6; i++) {
		wire_put_u32(&m.w, dir);
		wire_put_u8(&m.w, FDB_READ);
		wire_put_str(&m.w, argv[i]);
	}
	send_it(sock, &m);
	receive(sock, "opener:");
	fdmsg_close(&in);

	message_begin(&m, PROTO_FORGET, buf, sizeof(buf));
	m.h.id = 3;
	wire_put_u32(&m.w, dir);
	send_it(sock, &m);
	printf("client: closes its sockets\n");
	close(sock);
	close(conn);
	return fflush(stdout) == 0 ? 0 : 1;
}
