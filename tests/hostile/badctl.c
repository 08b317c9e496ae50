/*
 * badctl.c: clients of the control socket that fdbrokerctl(8) is not.
 *
 * usage: badctl hold N SOCKET
 *        badctl stuck SOCKET
 *
 * "hold" connects N times, waits until each is answered or turned away, says
 * "held K", K of them being answered, and then stays; it says "dropped" if all
 * of them were closed.  "stuck" asks to monitor, says "stuck" when that was
 * taken, and never reads again.  Both end with their standard input.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/control.h"
#include "ipc/types.h"

#define CLIENTS	64

static int
ask(int fd, uint8_t command)
{
	uint8_t			 buf[PROTO_HEADER + 256];
	struct control_request	 r = { .command = command };
	struct proto_header	 h;
	struct wire_out		 w;

	memset(&h, 0, sizeof(h));
	h.type = IPC_CONTROL;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	control_put_request(&w, &r);
	return fdmsg_send(fd, buf, proto_finish(&w, &h), NULL, 0);
}

/* Wait for something; true if it is an answer, false at the end. */
static bool
is_answered(int fd)
{
	static uint8_t	 buf[PROTO_MAX];
	struct fdmsg	 m;

	if (fdmsg_recv(fd, buf, sizeof(buf), 1, &m) <= 0)
		return false;
	fdmsg_close(&m);
	return true;
}

/* Wait until one of these, or standard input, has an end. */
static void
stay(int *fds, size_t n)
{
	struct pollfd	 pfd[CLIENTS + 1];
	size_t		 i, open = n;

	pfd[n].fd = STDIN_FILENO;
	pfd[n].events = POLLIN;
	for (i = 0; i < n; i++) {
		pfd[i].fd = fds[i];
		pfd[i].events = 0;
	}
	while (poll(pfd, n + 1, -1) > 0 && pfd[n].revents == 0) {
		for (i = 0; i < n; i++) {
			if (pfd[i].fd == -1 || pfd[i].revents == 0)
				continue;
			pfd[i].fd = -1;
			if (--open == 0) {
				(void)printf("dropped\n");
				(void)fflush(stdout);
			}
		}
	}
}

static void
hold(size_t n, const char *path)
{
	int	 fds[CLIENTS], fd;
	size_t	 i, k = 0;

	for (i = 0; i < n; i++) {
		if ((fd = dgram_connect_seq(path)) == -1)
			err(1, "%s", path);
		if (ask(fd, CONTROL_STATE) == 0 && is_answered(fd))
			fds[k++] = fd;
		else
			close(fd);
	}
	(void)printf("held %zu\n", k);
	(void)fflush(stdout);
	stay(fds, k);
}

static void
stuck(const char *path)
{
	int	 fd;

	if ((fd = dgram_connect_seq(path)) == -1 ||
	    ask(fd, CONTROL_MONITOR) == -1 || !is_answered(fd))
		err(1, "%s", path);
	(void)printf("stuck\n");
	(void)fflush(stdout);
	stay(&fd, 1);
}

int
main(int argc, char *argv[])
{
	size_t	 n = 0;

	if (argc == 4 && strcmp(argv[1], "hold") == 0)
		n = (size_t)atoi(argv[2]);
	if (n > 0 && n <= CLIENTS)
		hold(n, argv[3]);
	else if (argc == 3 && strcmp(argv[1], "stuck") == 0)
		stuck(argv[2]);
	else
		return 2;
	return 0;
}
