/*
 * badctl.c: clients of the control socket that misbehave as fdbrokerctl(8)
 * never does.
 *
 * usage: badctl hold COUNT SOCKET
 *        badctl monitor COUNT SOCKET
 *        badctl stuck SOCKET
 *
 * "hold" connects COUNT times and asks for the state each time.  It keeps the
 * connections that get an answer, prints "held" and the number of those that
 * the listener has not closed by the last answer, and prints "dropped" when the
 * listener has closed all of them.  "monitor" is the same and asks to monitor.
 * "stuck" asks to monitor, prints "stuck" after the first answer, and never
 * reads again.  All end when their standard input ends.
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

#define CLIENTS_MAX	64

static int
ask(int fd, uint8_t command)
{
	uint8_t			 buf[PROTO_HEADER + 256];
	struct control_request	 request = { .command = command };
	struct proto_header	 h;
	struct wire_out		 w;

	memset(&h, 0, sizeof(h));
	h.type = IPC_CONTROL;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	control_put_request(&w, &request);
	return fdmsg_send(fd, buf, proto_finish(&w, &h), NULL, 0);
}

/* Wait: true for an answer, false if the connection is closed. */
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

/* Wait for the end of input; print "dropped" if all of these are closed. */
static void
stay(int *fds, size_t nfds)
{
	struct pollfd	 pfd[CLIENTS_MAX + 1];
	size_t		 i, open = nfds;

	pfd[nfds].fd = STDIN_FILENO;
	pfd[nfds].events = POLLIN;
	for (i = 0; i < nfds; i++) {
		pfd[i].fd = fds[i];
		pfd[i].events = 0;
	}
	while (poll(pfd, nfds + 1, -1) > 0 && pfd[nfds].revents == 0) {
		for (i = 0; i < nfds; i++) {
			if (pfd[i].fd == -1 || pfd[i].revents == 0)
				continue;
			pfd[i].fd = -1;
			if (--open == 0) {
				(void)printf("dropped\nfds");
				(void)fflush(stdout);
			}
		}
	}
}

/* Close the connections that the listener has closed; how many are left. */
static size_t
keep_open(int *fds, size_t nfds)
{
	struct pollfd	 pfd = { .events = 0 };
	size_t		 i, n = 0;

	for (i = 0; i < nfds; i++) {
		pfd.fd = fds[i];
		if (poll(&pfd, 1, 0) == 0)
			fds[n++] = fds[i];
		else
			close(fds[i]);
	}
	return n;
}

static void
hold(size_t count, uint8_t command, const char *path)
{
	int	 fds[CLIENTS_MAX], fd;
	size_t	 i, nheld = 0;

	for (i = 0; i < count; i++) {
		if ((fd = dgram_connect_seq(path, 5000)) == -1)
			err(1, "%s", path);
		if (ask(fd, command) == 0 && is_answered(fd))
			fds[nheld++] = fd;
		else
			close(fd);
	}
	nheld = keep_open(fds, nheld);
	(void)printf("held %zu\n", nheld);
	(void)fflush(stdout);
	stay(fds, nheld);
}

static void
stuck(const char *path)
{
	int	 fd;

	if ((fd = dgram_connect_seq(path, 5000)) == -1 ||
	    ask(fd, CONTROL_MONITOR) == -1 || !is_answered(fd))
		err(1, "%s", path);
	(void)printf("stuck\n");
	(void)fflush(stdout);
	stay(&fd, 1);
}

int
main(int argc, char *argv[])
{
	uint8_t	 command = CONTROL_STATE;
	size_t	 count = 0;

	if (argc == 4 && strcmp(argv[1], "monitor") == 0)
		command = CONTROL_MONITOR;
	if (argc == 4 && (command == CONTROL_MONITOR ||
	    strcmp(argv[1], "hold") == 0))
		count = (size_t)atoi(argv[2]);
	if (count > 0 && count <= CLIENTS_MAX)
		hold(count, command, argv[3]);
	else if (argc == 3 && strcmp(argv[1], "stuck") == 0)
		stuck(argv[2]);
	else
		return 2;
	return 0;
}
