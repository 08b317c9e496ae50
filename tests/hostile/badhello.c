/*
 * badhello.c: does at the rendezvous what libfdbroker never would.
 *
 * usage: badhello CASE socket role [number]
 *
 * CASE is a name in the table at the end.  Exits with 0 when it has done all of
 * it, or when the kernel refused to send something.  "crowd" makes a number of
 * connections that say nothing, prints "waiting", and holds them until standard
 * input ends.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/types.h"

static const char	*sock_path, *role;
static int		 number = 100;

static int
connect_broker(void)
{
	int	 fd;

	if ((fd = dgram_connect_seq(sock_path, 10000)) == -1)
		err(1, "%s", sock_path);
	return fd;
}

/* Send, unless the kernel or the broker refuses it. */
static void
send_raw(int fd, const void *buf, size_t len, const int *fds, size_t nfds)
{
	if (fdmsg_send(fd, buf, len, fds, nfds) == -1 && errno != EPERM &&
	    errno != EMSGSIZE && errno != EINVAL && errno != EPIPE &&
	    errno != ECONNRESET)
		err(1, "%s", sock_path);
}

static size_t
hello(uint8_t *buf, size_t size, const char *name, size_t nfds)
{
	struct proto_header	 h;
	struct wire_out		 w;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_HELLO;
	h.items = 1;
	h.fds = (uint16_t)nfds;
	proto_begin(&w, buf, size);
	wire_put_str(&w, name);
	return proto_finish(&w, &h);
}

/* Connect and say HELLO, as a client does. */
static int
say_hello(void)
{
	uint8_t	 buf[1024];
	int	 fd = connect_broker();

	send_raw(fd, buf, hello(buf, sizeof(buf), role, 0), NULL, 0);
	return fd;
}

/* Wait until something comes, or the connection ends. */
static void
wait_for(int fd)
{
	struct pollfd	 pfd = { .fd = fd, .events = POLLIN };

	if (poll(&pfd, 1, 20000) != 1)
		errx(1, "no answer");
}

/* Wait for WELCOME.  The session's socket. */
static int
welcomed(int fd)
{
	uint8_t			 buf[1024];
	struct proto_header	 h;
	struct fdmsg		 m;

	wait_for(fd);
	if (fdmsg_recv(fd, buf, sizeof(buf), 1, &m) < PROTO_HEADER)
		err(1, "no welcome");
	proto_peek(buf, &h);
	if (h.type != PROTO_WELCOME || m.nfds != 1)
		errx(1, "no welcome");
	return fdmsg_take(&m, 0);
}

static void
case_empty(void)
{
	int	 fd = connect_broker();

	(void)send(fd, "", 0, MSG_NOSIGNAL);
	wait_for(fd);
}

static void
case_short(void)
{
	int	 fd = connect_broker();

	send_raw(fd, "x", 1, NULL, 0);
	wait_for(fd);
}

static void
case_long(void)
{
	static uint8_t	 buf[100000];
	int		 fd = connect_broker();

	(void)hello(buf, sizeof(buf), role, 0);
	send_raw(fd, buf, sizeof(buf), NULL, 0);
	wait_for(fd);
}

static void
case_random(void)
{
	uint8_t		 buf[300];
	uint32_t	 magic = PROTO_MAGIC;
	size_t		 len;
	int		 i, fd;

	for (i = 0; i < 2000; i++) {
		len = 1 + arc4random_uniform(sizeof(buf) - 1);
		arc4random_buf(buf, sizeof(buf));
		if (i % 2 == 0)
			memcpy(buf, &magic, sizeof(magic));
		fd = connect_broker();
		send_raw(fd, buf, len, NULL, 0);
		fd_close(&fd);
	}
}

/* A message that only a broker may send. */
static void
case_welcome(void)
{
	uint8_t		 buf[1024];
	size_t		 len = hello(buf, sizeof(buf), role, 0);
	uint16_t	 type = IPC_SETUP;
	int		 fd = connect_broker();

	memcpy(buf + 6, &type, sizeof(type));
	send_raw(fd, buf, len, NULL, 0);
	wait_for(fd);
}

/* HELLO with these descriptors, which its header counts or denies. */
static void
hello_with(const int *fds, size_t nfds)
{
	uint8_t	 buf[1024];
	size_t	 told;
	int	 fd;

	for (told = 0; told <= nfds; told += nfds) {
		fd = connect_broker();
		send_raw(fd, buf, hello(buf, sizeof(buf), role, told), fds,
		    nfds);
		/* Where the kernel has refused it, nothing was sent. */
		fd_close(&fd);
	}
}

/* Descriptors of several kinds; a FUSE device as well, if there is one. */
static void
case_descriptors(void)
{
	int	 fds[FDMSG_MAXFD], p[2], fd, i;

	if (pipe2(p, O_CLOEXEC) == -1 ||
	    (fd = memfd_create("hello", MFD_CLOEXEC)) == -1)
		err(1, "descriptors");
	hello_with(&p[0], 1);
	hello_with(&p[1], 1);
	hello_with(&fd, 1);
	for (i = 0; i < FDMSG_MAXFD; i++)
		fds[i] = i % 2 == 0 ? fd : p[i / 2 % 2];
	hello_with(fds, FDMSG_MAXFD);
	if ((fd = open("/dev/fuse", O_RDWR | O_CLOEXEC)) != -1)
		hello_with(&fd, 1);
}

static void
case_role(void)
{
	uint8_t	 buf[1024];
	int	 fd = connect_broker();

	send_raw(fd, buf, hello(buf, sizeof(buf), "../../etc", 0), NULL, 0);
	wait_for(fd);
}

/* Socket types that the broker does not listen on. */
static void
case_types(void)
{
	static const int	 types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct sockaddr_un	 sun;
	size_t			 i;
	int			 fd;

	if (dgram_address(&sun, sock_path) == -1)
		err(1, "%s", sock_path);
	for (i = 0; i < 2; i++) {
		if ((fd = socket(AF_UNIX, types[i], 0)) == -1)
			err(1, "socket");
		if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != -1 ||
		    errno != EPROTOTYPE)
			errx(1, "type %d is accepted", types[i]);
		fd_close(&fd);
	}
}

/* Connect, and die: before HELLO, after it, and after WELCOME. */
static void
case_dies0(void)
{
	(void)connect_broker();
	_exit(0);
}

static void
case_dies1(void)
{
	(void)say_hello();
	_exit(0);
}

static void
case_dies2(void)
{
	wait_for(say_hello());
	_exit(0);
}

static void
case_dies3(void)
{
	(void)welcomed(say_hello());
	_exit(0);
}

/*
 * Send the own ends of the connection and of the session to the opener, over
 * both, and die: if they were kept somewhere, the session would outlive us.
 */
static void
case_immortal(void)
{
	int	 ends[2];

	ends[0] = say_hello();
	ends[1] = welcomed(ends[0]);
	send_raw(ends[0], "x", 1, ends, 2);
	send_raw(ends[1], "x", 1, ends, 2);
	_exit(0);
}

/* Say something on the connection after WELCOME: that ends the session. */
static void
case_talks(void)
{
	int	 fd = say_hello(), sock = welcomed(fd);

	send_raw(fd, "x", 1, NULL, 0);
	wait_for(sock);
	wait_for(fd);
}

/* A second HELLO, before the answer to the first one. */
static void
case_twice(void)
{
	uint8_t	 buf[1024];
	int	 fd = say_hello();

	send_raw(fd, buf, hello(buf, sizeof(buf), role, 0), NULL, 0);
	wait_for(fd);
}

/* Stop to receive, then ask. */
static void
case_shut(void)
{
	uint8_t	 buf[1024];
	int	 fd = connect_broker();

	(void)shutdown(fd, SHUT_RD);
	send_raw(fd, buf, hello(buf, sizeof(buf), role, 0), NULL, 0);
	fd_close(&fd);
	fd = connect_broker();
	(void)shutdown(fd, SHUT_WR);
	wait_for(fd);
}

/* Ask again and again without waiting for the answer. */
static void
case_flood(void)
{
	int	 i, fd;

	for (i = 0; i < 3000; i++) {
		fd = say_hello();
		fd_close(&fd);
	}
}

/* Ask again and again, and wait for each answer. */
static void
case_insist(void)
{
	int	 i, fd;

	for (i = 0; i < 500; i++) {
		wait_for(fd = say_hello());
		fd_close(&fd);
	}
}

static void
case_crowd(void)
{
	char	 byte;
	int	 i;

	for (i = 0; i < number; i++)
		(void)connect_broker();
	(void)printf("waiting\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

/* Try to bind a socket at the path. */
static void
case_bind(void)
{
	struct dgram	 d;

	dgram_init(&d);
	if (dgram_bind(&d, sock_path, 0600) == -1)
		err(1, "%s", sock_path);
	/* The name stays, for the test to find. */
}

static const struct {
	const char	*name;
	void		(*run)(void);
} cases[] = {
	{ "bind",		case_bind },
	{ "crowd",		case_crowd },
	{ "descriptors",	case_descriptors },
	{ "dies0",		case_dies0 },
	{ "dies1",		case_dies1 },
	{ "dies2",		case_dies2 },
	{ "dies3",		case_dies3 },
	{ "empty",		case_empty },
	{ "flood",		case_flood },
	{ "immortal",		case_immortal },
	{ "insist",		case_insist },
	{ "long",		case_long },
	{ "random",		case_random },
	{ "role",		case_role },
	{ "short",		case_short },
	{ "shut",		case_shut },
	{ "talks",		case_talks },
	{ "twice",		case_twice },
	{ "types",		case_types },
	{ "welcome",		case_welcome }
};

int
main(int argc, char *argv[])
{
	size_t	 i;

	if (argc < 4)
		return 2;
	sock_path = argv[2];
	role = argv[3];
	if (argc > 4)
		number = atoi(argv[4]);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, argv[1]) != 0)
			continue;
		cases[i].run();
		return 0;
	}
	errx(2, "%s: no such case", argv[1]);
}
