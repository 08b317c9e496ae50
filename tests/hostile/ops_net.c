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

/* As in <asm-generic/socket.h> of newer kernels. */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD	76
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

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

/* Its session's socket, told to bring more, or less, than what is sent. */
static int
set_session(const struct world *w, int option, int value)
{
	return result(setsockopt(w->sock, SOL_SOCKET, option, &value,
	    sizeof(value)));
}

/* A descriptor of the process that sends, with each message. */
static int
take_pidfds(const struct world *w)
{
	return set_session(w, SO_PASSPIDFD, 1);
}

static int
refuse_rights(const struct world *w)
{
	return set_session(w, SO_PASSRIGHTS, 0);
}

static const struct op	 ops[] = {
	{ .name = "connect by TCP",
	    .run = connect_tcp, .check = check_tcp, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_INET, FEATURE_LANDLOCK4 } },
	{ .name = "connect by TCP fast open",
	    .run = fastopen_tcp, .check = check_tcp, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_INET, FEATURE_FASTOPEN,
	    FEATURE_FASTOPEN_FREE } },
	{ .name = "listen by TCP",
	    .run = listen_tcp, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_INET, FEATURE_LANDLOCK4 } },
	{ .name = "send by UDP",
	    .run = send_udp, .check = check_udp, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_INET } },
	{ .name = "connect to a socket's path",
	    .run = connect_local, .check = check_local, .who = WHO_EVERYBODY,
	    .granted = WHO_CONNECTOR },
	{ .name = "connect to an abstract socket",
	    .run = connect_abstract, .check = check_abstract,
	    .who = WHO_EVERYBODY,
	    .needs = { FEATURE_ABSTRACT, FEATURE_LANDLOCK6 } },
	{ .name = "connect its session elsewhere",
	    .run = reconnect, .check = check_abstract, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_ABSTRACT, FEATURE_LANDLOCK6 } },
	{ .name = "send by its session to a path",
	    .run = mail_path, .check = check_mail, .who = WHO_EVERYBODY },
	{ .name = "send by its session, abstract",
	    .run = mail_abstract, .check = check_abstract, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_ABSTRACT, FEATURE_LANDLOCK6 } },
	{ .name = "bind a path",
	    .run = bind_local, .check = check_new, .who = WHO_EVERYBODY },
	{ .name = "bind an abstract name",
	    .run = bind_abstract, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_ABSTRACT } },
	{ .name = "netlink socket",
	    .run = open_netlink, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_NETLINK } },
	{ .name = "raw socket",
	    .run = open_raw, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_INET } },
	{ .name = "socketpair",
	    .run = make_pair, .who = WHO_EVERYBODY },
	{ .name = "take pidfds: SO_PASSPIDFD",
	    .run = take_pidfds, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PASSPIDFD } },
	{ .name = "refuse rights: SO_PASSRIGHTS",
	    .run = refuse_rights, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PASSRIGHTS } },
};

const struct op *
ops_net(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
