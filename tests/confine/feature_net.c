/*
 * feature_net.c: sockets; see feature_int.h.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "feature_int.h"

/* As in <asm-generic/socket.h> of newer kernels. */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD	76
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

/* Of <linux/landlock.h> from ABI 4 on. */
struct net_attr {
	uint64_t	 handled_access_fs;
	uint64_t	 handled_access_net;
};
#define CONNECT_TCP	(1ULL << 1)

/* A listener on the loopback, whose address is in *sin; or -1. */
static int
listen_tcp(struct sockaddr_in *sin)
{
	socklen_t	 len = sizeof(*sin);
	int		 fd;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)sin, len) == -1 ||
	    listen(fd, 1) == -1 ||
	    getsockname(fd, (struct sockaddr *)sin, &len) == -1)
		return -1;
	return fd;
}

int
try_inet(void)
{
	struct sockaddr_in	 sin;
	int			 fd;

	if (listen_tcp(&sin) == -1 ||
	    (fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		return errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return fd == -1 ? errno : feature_result(sendto(fd, "x", 1, 0,
	    (struct sockaddr *)&sin, sizeof(sin)));
}

static int
send_fastopen(const struct sockaddr_in *sin)
{
	int	 fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? errno : feature_result(sendto(fd, "x", 1,
	    MSG_FASTOPEN, (const struct sockaddr *)sin, sizeof(*sin)));
}

int
try_fastopen(void)
{
	struct sockaddr_in	 sin;

	return listen_tcp(&sin) == -1 ? errno : send_fastopen(&sin);
}

int
try_fastopen_free(void)
{
	struct net_attr		 attr = { 0, CONNECT_TCP };
	struct sockaddr_in	 sin;
	int			 ruleset;

	if (listen_tcp(&sin) == -1)
		return errno;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		return errno;
	return send_fastopen(&sin);
}

int
try_abstract(void)
{
	struct sockaddr_un	 sun;
	socklen_t		 len = sizeof(sun);
	sa_family_t		 family = AF_UNIX;
	int			 fd, to;

	/* No name given: the kernel chooses one. */
	to = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (to == -1 || bind(to, (struct sockaddr *)&family,
	    sizeof(family)) == -1 ||
	    getsockname(to, (struct sockaddr *)&sun, &len) == -1 ||
	    (fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return errno;
	return feature_result(connect(fd, (struct sockaddr *)&sun, len));
}

int
try_netlink(void)
{
	return feature_result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int
set_option(int option, int value)
{
	int	 fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd == -1 ? errno : feature_result(setsockopt(fd, SOL_SOCKET,
	    option, &value, sizeof(value)));
}

int
try_passpidfd(void)
{
	return set_option(SO_PASSPIDFD, 1);
}

int
try_passrights(void)
{
	return set_option(SO_PASSRIGHTS, 0);
}
