/*
 * ops_net.c: attacks by sockets; see hostile.h.
 */

#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

static int
connect_to(const void *sa, socklen_t len)
{
	const struct sockaddr	*to = sa;
	int			 fd;

	fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd == -1 ? errno : result(connect(fd, to, len));
}

static int
connect_tcp(const struct world *w)
{
	return connect_to(&w->tcp, sizeof(w->tcp));
}

static int
connect_local(const struct world *w)
{
	return connect_to(&w->local, sizeof(w->local));
}

static int
say_abstract(const struct world *w, int fd)
{
	if (connect(fd, (const struct sockaddr *)&w->abstract,
	    w->abstract_len) == -1)
		return errno;
	return result(send(fd, "x", 1, 0));
}

static int
connect_abstract(const struct world *w)
{
	int	 fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? errno : say_abstract(w, fd);
}

/* Fast open: a connection without connect(2). */
static int
fastopen_tcp(const struct world *w)
{
	int	 fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? errno : result(sendto(fd, "x", 1, MSG_FASTOPEN,
	    (const struct sockaddr *)&w->tcp, sizeof(w->tcp)));
}

static int
send_udp(const struct world *w)
{
	int	 fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? errno : result(sendto(fd, "x", 1, 0,
	    (const struct sockaddr *)&w->udp, sizeof(w->udp)));
}

static int
listen_tcp(const struct world *w)
{
	struct sockaddr_in	 sin = w->tcp;
	int			 fd;

	sin.sin_port = 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		return errno;
	return result(listen(fd, 1));
}

static int
bind_local(const struct world *w)
{
	struct sockaddr_un	 sun;
	int			 fd;

	memset(&sun, 0, sizeof(sun));
	sun.sun_family = AF_UNIX;
	(void)strlcpy(sun.sun_path, scene_path(w, "outside/drop/new"),
	    sizeof(sun.sun_path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd == -1 ? errno : result(bind(fd, (struct sockaddr *)&sun,
	    sizeof(sun)));
}

static int
bind_abstract(const struct world *w)
{
	sa_family_t	 family = AF_UNIX;
	int		 fd;

	(void)w;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* No name given: the kernel chooses one. */
	return fd == -1 ? errno : result(bind(fd,
	    (struct sockaddr *)&family, sizeof(family)));
}

static int
open_netlink(const struct world *w)
{
	(void)w;
	return result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int
open_raw(const struct world *w)
{
	(void)w;
	return result(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

/* Its session's socket, to somebody else. */
static int
reconnect(const struct world *w)
{
	return say_abstract(w, w->sock);
}

/*
 * A datagram socket that is connected can still send elsewhere: all that it
 * takes is sendmsg(2), which everybody here needs.  A descriptor could go
 * along.
 */
static int
mail(const struct world *w, const struct sockaddr_un *to, socklen_t len)
{
	char		 c = 'x';
	struct iovec	 iov = { &c, 1 };
	struct msghdr	 msg;

	memset(&msg, 0, sizeof(msg));
	msg.msg_name = (void *)(uintptr_t)to;
	msg.msg_namelen = len;
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	/* With other flags it would be the filter's. */
	return result(sendmsg(w->sock, &msg, MSG_NOSIGNAL));
}

static int
mail_path(const struct world *w)
{
	return mail(w, &w->mail, sizeof(w->mail));
}

static int
mail_abstract(const struct world *w)
{
	return mail(w, &w->abstract, w->abstract_len);
}

static int
make_pair(const struct world *w)
{
	int	 p[2];

	(void)w;
	return result(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, p));
}

static const struct op	 ops[] = {
	{ .name = "connect by TCP", .abi = 4,
	    .run = connect_tcp, .check = check_tcp, .who = WHO_ALL },
	{ .name = "connect by TCP fast open", .unsure = true,
	    .run = fastopen_tcp, .check = check_tcp, .who = WHO_ALL,
	    BASE_DONE },
	{ .name = "listen by TCP", .abi = 4,
	    .run = listen_tcp, .who = WHO_ALL },
	{ .name = "send by UDP",
	    .run = send_udp, .check = check_udp, .who = WHO_ALL },
	{ .name = "connect to a socket's path",
	    .run = connect_local, .check = check_local, .who = WHO_ALL },
	{ .name = "connect to an abstract socket", .abi = 6,
	    .run = connect_abstract, .check = check_abstract,
	    .who = WHO_ALL },
	{ .name = "connect its session elsewhere", .abi = 6,
	    .run = reconnect, .check = check_abstract, .who = WHO_ALL },
	{ .name = "send by its session to a path",
	    .run = mail_path, .check = check_mail, .who = WHO_ALL },
	{ .name = "send by its session, abstract", .abi = 6,
	    .run = mail_abstract, .check = check_abstract, .who = WHO_ALL },
	{ .name = "bind a path",
	    .run = bind_local, .check = check_new, .who = WHO_ALL },
	{ .name = "bind an abstract name",
	    .run = bind_abstract, .who = WHO_ALL },
	{ .name = "netlink socket",
	    .run = open_netlink, .who = WHO_ALL },
	{ .name = "raw socket",
	    .run = open_raw, .who = WHO_ALL },
	{ .name = "socketpair",
	    .run = make_pair, .who = WHO_ALL },
};

const struct op *
ops_net(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
