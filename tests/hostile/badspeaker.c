/*
 * badspeaker.c: what an attacker who took over an opener may send to the
 * supervisor.
 *
 * The supervisor starts it in place of fdbroker-opener.  The name of the role
 * says what it does: most names send one bad message, after which the process
 * stays and ignores whatever it is sent; "flood" sends lines for the log for
 * ever, from four processes.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "ipc/setup.h"
#include "ipc/types.h"

#define FLOOD	"flood"

static struct setup	 setup;

/* Send a message with a body of zeros and, unless fd is -1, a descriptor. */
static void
say(uint16_t type, size_t body, int fd)
{
	uint8_t			 buf[PROTO_HEADER + 64];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = type;
	h.items = 1;
	h.fds = fd != -1 ? 1 : 0;
	proto_begin(&w, buf, sizeof(buf));
	while (body-- > 0)
		wire_put_u8(&w, 0);
	if ((len = proto_finish(&w, &h)) != 0)
		(void)fdmsg_send(SETUP_CHANNEL_FD, buf, len, &fd, h.fds);
}

/* Send lines for ever. */
static void
flood(void)
{
	uint8_t			 buf[PROTO_HEADER + 64];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = IPC_LOG;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u8(&w, LOG_WARNING);
	wire_put_str(&w, "flood");
	len = proto_finish(&w, &h);
	while (fdmsg_send(SETUP_CHANNEL_FD, buf, len, NULL, 0) == 0 ||
	    errno == EAGAIN)
		;
	_exit(0);
}

/* The supervisor's filter has vfork(2), to execute openers, and no fork(2). */
static void
start_flood(void)
{
	pid_t	 pid;

	if ((pid = vfork()) == 0) {
		(void)execl("/proc/self/exe", FLOOD, (char *)NULL);
		_exit(1);
	}
	if (pid == -1)
		_exit(1);
}

/* Flood from several processes, so that the lines never stop. */
static void
flood_by_four(void)
{
	start_flood();
	start_flood();
	start_flood();
	flood();
}

int
main(int argc, char *argv[])
{
	const char	*role = setup.info.role;

	if (argc > 0 && strcmp(argv[0], FLOOD) == 0)
		flood();
	if (setup_recv(SETUP_CHANNEL_FD, &setup) == -1)
		return 1;
	if (strcmp(role, "garbage") == 0)
		(void)fdmsg_send(SETUP_CHANNEL_FD, "garbage", 7, NULL, 0);
	else if (strcmp(role, "strange") == 0)
		say(IPC_CONTROL, 0, -1);
	else if (strcmp(role, "short") == 0)
		say(IPC_STARTED, 3, -1);
	else if (strcmp(role, "long") == 0)
		say(IPC_STARTED, 5, -1);
	else if (strcmp(role, "record") == 0)
		say(IPC_AUDIT, 20, -1);
	else if (strcmp(role, "descriptor") == 0)
		say(IPC_STARTED, 4, STDIN_FILENO);
	else if (strcmp(role, "flood") == 0)
		flood_by_four();
	for (;;)
		(void)poll(NULL, 0, -1);
}
