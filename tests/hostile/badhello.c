/*
 * badhello.c: sends to the rendezvous socket what libfdbroker never would.
 *
 * usage: badhello CASE socket role [directory]
 *
 * CASE is a name in the table at the end; "flood" sends 5,000 well-formed
 * HELLOs, "random" 20,000 messages of random bytes.  Exits with 0 when it has
 * sent everything, or when the kernel refused to send it.  A case that needs a
 * socket outside the peer directory makes it in `directory', or in /tmp.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/types.h"

static const char	*sock_path, *role, *own_dir;
static struct dgram	 own_sock;

static void
send_raw(const void *buf, size_t len, const int *fds, size_t nfds)
{
	struct sockaddr_un	 sun;
	struct pollfd		 pfd;

	if (dgram_address(&sun, sock_path) == -1 || dgram_open(&own_sock) == -1)
		err(1, "%s", sock_path);
	while (fdmsg_sendto(own_sock.fd, &sun, sizeof(sun), buf, len, fds,
	    nfds) == -1) {
		if (errno == EPERM || errno == EMSGSIZE || errno == EINVAL)
			return;		/* the kernel's own refusal */
		if (errno != EAGAIN)
			err(1, "%s", sock_path);
		pfd.fd = own_sock.fd;
		pfd.events = POLLOUT;
		(void)poll(&pfd, 1, 10);
	}
}

static size_t
hello(uint8_t *buf, size_t size, const char *name)
{
	struct proto_header	 h;
	struct wire_out		 w;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_HELLO;
	h.items = 1;
	proto_begin(&w, buf, size);
	wire_put_str(&w, name);
	return proto_finish(&w, &h);
}

static void
send_hello(void)
{
	uint8_t	 buf[1024];

	send_raw(buf, hello(buf, sizeof(buf), role), NULL, 0);
}

/* Bind in the peer directory, as a worker does. */
static void
bind_peer(void)
{
	char	 peer[PATH_MAX];

	(void)snprintf(peer, sizeof(peer), "%.*s/peer",
	    (int)(strrchr(sock_path, '/') - sock_path), sock_path);
	if (dgram_bind_random(&own_sock, peer, 0600) == -1)
		err(1, "%s", peer);
}

static void
case_empty(void)
{
	struct sockaddr_un	 sun;

	bind_peer();
	if (dgram_address(&sun, sock_path) == -1)
		err(1, "%s", sock_path);
	(void)sendto(own_sock.fd, "", 0, 0, (struct sockaddr *)&sun,
	    sizeof(sun));
}

static void
case_short(void)
{
	bind_peer();
	send_raw("x", 1, NULL, 0);
}

static void
case_long(void)
{
	static uint8_t	 buf[100000];

	bind_peer();
	(void)hello(buf, sizeof(buf), role);
	send_raw(buf, sizeof(buf), NULL, 0);
}

static void
case_random(void)
{
	uint8_t		 buf[300];
	uint32_t	 magic = PROTO_MAGIC;
	int		 i;

	bind_peer();
	for (i = 0; i < 20000; i++) {
		size_t len = 1 + arc4random_uniform(sizeof(buf) - 1);

		arc4random_buf(buf, sizeof(buf));
		if (i % 2 == 0)
			memcpy(buf, &magic, sizeof(magic));
		send_raw(buf, len, NULL, 0);
	}
}

/* A message that only a broker may send. */
static void
case_welcome(void)
{
	uint8_t		 buf[1024];
	size_t		 len = hello(buf, sizeof(buf), role);
	uint16_t	 type = IPC_SETUP;

	bind_peer();
	memcpy(buf + 6, &type, sizeof(type));
	send_raw(buf, len, NULL, 0);
}

static void
case_descriptors(void)
{
	uint8_t	 buf[1024];
	int	 fds[FDMSG_MAXFD], i;

	bind_peer();
	for (i = 0; i < FDMSG_MAXFD; i++)
		fds[i] = own_sock.fd;
	send_raw(buf, hello(buf, sizeof(buf), role), fds, FDMSG_MAXFD);
}

static void
case_role(void)
{
	uint8_t	 buf[1024];

	bind_peer();
	send_raw(buf, hello(buf, sizeof(buf), "../../etc"), NULL, 0);
}

/* A sender without a name, whom nobody can answer. */
static void
case_unbound(void)
{
	send_hello();
}

/* A sender with a name of the right form, outside the peer directory. */
static void
case_elsewhere(void)
{
	if (dgram_bind_random(&own_sock, own_dir, 0600) == -1)
		err(1, "%s", own_dir);
	send_hello();
}

/*
 * Bind in the peer directory and print the name.  Say "answered" if a message
 * arrives before standard input ends: then the forger has succeeded.
 */
static void
case_victim(void)
{
	struct pollfd	 pfd[2];

	bind_peer();
	(void)printf("%s\n", strrchr(own_sock.path, '/') + 1);
	(void)fflush(stdout);
	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = STDIN_FILENO;
	pfd[1].fd = own_sock.fd;
	pfd[0].events = pfd[1].events = POLLIN;
	if (poll(pfd, 2, 60000) > 0 && pfd[1].revents != 0)
		(void)printf("answered\n");
}

/*
 * Bind the base name of a victim's socket in our directory, so that the broker
 * might connect to the victim.  The file "victim" there has the name.
 */
static void
case_forged(void)
{
	char	 file[PATH_MAX], name[DGRAM_NAME_LEN + 2], path[PATH_MAX];
	FILE	*f;

	(void)snprintf(file, sizeof(file), "%s/victim", own_dir);
	if ((f = fopen(file, "r")) == NULL ||
	    fgets(name, sizeof(name), f) == NULL)
		err(1, "%s", file);
	(void)fclose(f);
	name[strcspn(name, "\n")] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", own_dir, name);
	if (dgram_bind(&own_sock, path, 0600) == -1)
		err(1, "%s", path);
	send_hello();
}

/* The name in the peer directory is a link to a socket elsewhere. */
static void
case_symlink(void)
{
	char	 link[PATH_MAX];

	if (dgram_bind_random(&own_sock, own_dir, 0600) == -1)
		err(1, "%s", own_dir);
	(void)snprintf(link, sizeof(link), "%.*s/peer/%s",
	    (int)(strrchr(sock_path, '/') - sock_path), sock_path,
	    strrchr(own_sock.path, '/') + 1);
	if (symlink(own_sock.path, link) == -1)
		err(1, "%s", link);
	send_hello();
}

/* The name in the peer directory is a regular file. */
static void
case_file(void)
{
	char	 file[PATH_MAX];
	int	 fd;

	if (dgram_bind_random(&own_sock, own_dir, 0600) == -1)
		err(1, "%s", own_dir);
	(void)snprintf(file, sizeof(file), "%.*s/peer/%s",
	    (int)(strrchr(sock_path, '/') - sock_path), sock_path,
	    strrchr(own_sock.path, '/') + 1);
	if ((fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0666)) == -1)
		err(1, "%s", file);
	close(fd);
	send_hello();
}

/* Ask for a session and exit; the socket's file stays. */
static void
case_gone(void)
{
	bind_peer();
	send_hello();
	_exit(0);
}

static void
case_flood(void)
{
	int	 i;

	bind_peer();
	for (i = 0; i < 5000; i++)
		send_hello();
}

/* Wait for a session's welcome, and never answer it. */
static void
case_silent(void)
{
	struct pollfd	 pfd;

	bind_peer();
	send_hello();
	pfd.fd = own_sock.fd;
	pfd.events = POLLIN;
	if (poll(&pfd, 1, 10000) != 1)
		errx(1, "no welcome");
}

static const struct {
	const char	*name;
	void		(*run)(void);
} cases[] = {
	{ "descriptors",	case_descriptors },
	{ "elsewhere",		case_elsewhere },
	{ "empty",		case_empty },
	{ "file",		case_file },
	{ "flood",		case_flood },
	{ "forged",		case_forged },
	{ "gone",		case_gone },
	{ "long",		case_long },
	{ "random",		case_random },
	{ "role",		case_role },
	{ "short",		case_short },
	{ "silent",		case_silent },
	{ "symlink",		case_symlink },
	{ "unbound",		case_unbound },
	{ "victim",		case_victim },
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
	own_dir = argc > 4 ? argv[4] : "/tmp";
	dgram_init(&own_sock);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(cases[i].name, argv[1]) != 0)
			continue;
		cases[i].run();
		dgram_close(&own_sock);
		return 0;
	}
	errx(2, "%s: no such case", argv[1]);
}
