/*
 * badredirect.c: a peer of a run's socket that does not keep to the protocol
 * of fdbackup redirect.
 *
 * usage: badredirect socket what
 *
 * Exit status 0 if the run closes the connection or answers with an error.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/wire.h"

#define MAGIC	0x46445231U

static const struct {
	const char	*name;
	size_t		 nfds;
	int		 flags;		/* of the descriptors */
	bool		 empty;		/* a message of one byte */
	bool		 garbage;
	size_t		 cut;		/* bytes of its end */
} cases[] = {
	{ "none", 0, O_WRONLY, false, false, 0 },
	{ "two", 2, O_WRONLY, false, false, 0 },
	{ "all", FDMSG_MAXFD, O_WRONLY, false, false, 0 },
	{ "readonly", 1, O_RDONLY, false, false, 0 },
	{ "path", 1, O_PATH, false, false, 0 },
	{ "empty", 1, O_WRONLY, true, false, 0 },
	{ "truncated", 1, O_WRONLY, false, false, 3 },
	{ "garbage", 1, O_WRONLY, false, true, 0 },
	{ "stranger", 1, O_WRONLY, false, false, 0 }
};

static int
expect_refusal(int sock)
{
	struct pollfd	 pfd = { .fd = sock, .events = POLLIN };
	uint8_t		 buf[1024];
	struct wire_in	 in;
	struct fdmsg	 m;
	uint32_t	 error;
	ssize_t		 len;

	if (poll(&pfd, 1, 60000) != 1)
		errx(1, "no answer");
	if ((len = fdmsg_recv(sock, buf, sizeof(buf), 0, &m)) == -1)
		return errno == EPIPE || errno == ECONNRESET ? 0 : 1;
	wire_in_init(&in, buf, (size_t)len);
	(void)wire_get_u32(&in);
	error = wire_get_u32(&in);
	if (error == 0)
		errx(1, "it was taken");
	warnc((int)error, "answer");
	return 0;
}

int
main(int argc, char *argv[])
{
	struct wire_out	 w;
	uint8_t		 buf[64];
	int		 fds[FDMSG_MAXFD], sock, fd;
	size_t		 i, k;

	if (argc != 3)
		errx(2, "usage: badredirect socket what");
	if ((sock = dgram_connect_seq(argv[1], 10000)) == -1)
		err(1, "%s", argv[1]);
	if (strcmp(argv[2], "nothing") == 0)
		return 0;
	for (i = 0; strcmp(cases[i].name, argv[2]) != 0; )
		if (++i == sizeof(cases) / sizeof(cases[0]))
			errx(2, "%s", argv[2]);
	if ((fd = open("/dev/null", cases[i].flags | O_CLOEXEC)) == -1)
		err(1, "/dev/null");
	for (k = 0; k < cases[i].nfds; k++)
		fds[k] = fd;
	wire_out_init(&w, buf, sizeof(buf));
	wire_put_u32(&w, cases[i].garbage ? ~MAGIC : MAGIC);
	wire_put_u8(&w, 0);
	wire_put_str(&w, "target");
	if (fdmsg_send(sock, buf, cases[i].empty ? 1 : w.len - cases[i].cut,
	    fds, cases[i].nfds) == -1 && errno != EPIPE &&
	    errno != ECONNRESET)
		err(1, "sendmsg");
	return expect_refusal(sock);
}
