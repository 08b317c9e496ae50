/*
 * conn.c: send requests to the daemon and receive its replies; see ctl/conn.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket and the sealed files that
 * come through it.  Every reply is checked, here or where it is decoded: the
 * other end may be another program, or a daemon of another version.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <string.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "base/rolename.h"
#include "ctl/conn.h"
#include "ctl/text.h"
#include "ipc/memfile.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"

/* How long to wait until the daemon accepts. */
#define CONNECT_MS	5000

/* How long to wait for a reply: a reload reads files and looks up users. */
#define CONN_WAIT_MS	30000

/* The most bytes in a file from the daemon. */
#define CONN_FILE_MAX	(64U << 20)

/* Log who may connect, from the owner and mode of the socket's file. */
static void
log_who_may(const char *path)
{
	struct stat	 st;
	struct group	*gr;

	if (stat(path, &st) == -1 || (st.st_mode & 0020) == 0) {
		log_warnx("%s: %s: only root may connect, unless "
		    "fdbroker.conf names a control group", path,
		    strerror(EACCES));
		return;
	}
	if ((gr = getgrgid(st.st_gid)) != NULL)
		log_warnx("%s: %s: only root and members of the group \"%s\" "
		    "may connect", path, strerror(EACCES), gr->gr_name);
	else
		log_warnx("%s: %s: only root and members of the group %u "
		    "may connect", path, strerror(EACCES),
		    (unsigned int)st.st_gid);
}

int
conn_open(struct conn *c, const char *path)
{
	c->path = path;
	if ((c->fd = dgram_connect_seq(path, CONNECT_MS)) != -1)
		return 0;
	switch (errno) {
	case EACCES:
		log_who_may(path);
		break;
	case ENOENT:
	case ECONNREFUSED:
		log_warnx("%s: no daemon is listening: %s; start fdbrokerd, or "
		    "name the socket with -s", path, strerror(errno));
		break;
	case EAGAIN:
		log_warnx("%s: the daemon accepts no connections", path);
		break;
	default:
		log_warn("%s", path);
	}
	return -1;
}

void
conn_close(struct conn *c)
{
	fd_close(&c->fd);
}

static int
conn_fault(const struct conn *c, const char *why)
{
	log_warnx("%s: unexpected reply (%s); is fdbrokerd another version?",
	    c->path, why);
	return -1;
}

static int
conn_send(struct conn *c, const struct control_request *req)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL, buf, sizeof(buf));
	control_put_request(&m.w, req);
	if (message_send(c->fd, &m, NULL, 0) == -1) {
		log_warn("%s: cannot send the request", c->path);
		return -1;
	}
	return 0;
}

/* Wait for a message, for ms milliseconds or, -1, for ever.  0, or -1. */
static int
conn_wait(const struct conn *c, int ms)
{
	struct pollfd	 pfd = { .fd = c->fd, .events = POLLIN };
	int		 n;

	do
		n = poll(&pfd, 1, ms);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		return 0;
	if (n == 0)
		log_warnx("%s: the daemon does not answer", c->path);
	else
		log_warn("%s: poll", c->path);
	return -1;
}

/*
 * Receive a message of the type, its descriptors in m.  1, or 0 if the daemon
 * has closed the connection, or -1: logged.
 */
static int
conn_recv(struct conn *c, uint8_t *buf, unsigned int type,
    struct proto_header *h, struct wire_in *in, struct fdmsg *m)
{
	const char	*what;
	ssize_t		 n;

	n = fdmsg_recv(c->fd, buf, PROTO_MAX, 1, m);
	if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
		return 0;
	if (n == -1) {
		log_warn("%s: cannot receive the reply", c->path);
		return -1;
	}
	if (ipc_check(buf, (size_t)n, m->nfds, h, in, &what) == -1) {
		fdmsg_close(m);
		return conn_fault(c, what);
	}
	if (h->type != type) {
		fdmsg_close(m);
		return conn_fault(c, ipc_type_name(h->type));
	}
	return 1;
}

/* Has the file this length, and can nobody change or shorten it? */
static bool
file_is_sealed(int fd, uint64_t len)
{
	const int	 want = F_SEAL_SHRINK | F_SEAL_WRITE;
	struct stat	 st;
	int		 seals;

	return len > 0 && len <= CONN_FILE_MAX &&
	    (seals = fcntl(fd, F_GET_SEALS)) != -1 &&
	    (seals & want) == want && fstat(fd, &st) == 0 &&
	    (uint64_t)st.st_size == len;
}

int
conn_ask(struct conn *c, const struct control_request *req,
    struct control_reply *reply, int *fd)
{
	static uint8_t		 buf[PROTO_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	int			 n;

	*fd = -1;
	memset(reply, 0, sizeof(*reply));
	if (conn_send(c, req) == -1 ||
	    conn_wait(c, CONN_WAIT_MS) == -1)
		return -1;
	n = conn_recv(c, buf, IPC_CONTROL_REPLY, &h, &in, &m);
	if (n == 0)
		log_warnx("%s: the daemon closed the connection", c->path);
	if (n != 1)
		return -1;
	control_get_reply(&in, reply);
	/* One request at a time is under way, so none has an id. */
	if (wire_get_end(&in) == -1 || h.id != 0 ||
	    (m.nfds > 0 && !file_is_sealed(m.fds[0], reply->len))) {
		memset(reply, 0, sizeof(*reply));
		fdmsg_close(&m);
		return conn_fault(c, "it is malformed");
	}
	*fd = fdmsg_take(&m, 0);
	return 0;
}

void
conn_log_refusal(const struct control_reply *reply)
{
	if (reply->error != 0)
		log_warnx("%s", text_of_error(reply->error, reply->text));
}

/* Ask for a file.  0; or -1: as for conn_role(). */
static int
conn_ask_file(struct conn *c, const struct control_request *req,
    struct control_reply *reply, int *fd)
{
	if (conn_ask(c, req, reply, fd) == -1)
		return -1;
	if (reply->error == 0 && *fd != -1)
		return 0;
	if (reply->error == 0)
		return conn_fault(c, "it has no file");
	fd_close(fd);
	return -1;
}

char *
conn_text(const struct conn *c, int fd, uint64_t len)
{
	char	*p, *text;

	if (fd == -1)
		return strdup("");
	if ((p = memfile_map(fd, (size_t)len)) == NULL) {
		log_warn("%s: cannot map the answer", c->path);
		return NULL;
	}
	if ((text = strndup(p, (size_t)len)) == NULL)
		log_warnx("out of memory");
	munmap(p, (size_t)len);
	return text;
}

int
conn_state(struct conn *c, struct control_state *st)
{
	struct control_request	 req;
	struct control_reply	 reply;
	struct wire_in		 in;
	void			*p;
	int			 fd, ret = -1;

	memset(&req, 0, sizeof(req));
	req.command = CONTROL_STATE;
	if (conn_ask_file(c, &req, &reply, &fd) == -1) {
		conn_log_refusal(&reply);
		return -1;
	}
	if ((p = memfile_map(fd, (size_t)reply.len)) == NULL) {
		log_warn("%s: cannot map the state", c->path);
		goto out;
	}
	wire_in_init(&in, p, (size_t)reply.len);
	if ((ret = control_get_state(&in, st)) == -1)
		(void)conn_fault(c, "its state is malformed");
	munmap(p, (size_t)reply.len);
out:
	fd_close(&fd);
	return ret;
}

struct role *
conn_role(struct conn *c, const char *name, struct control_reply *reply)
{
	struct control_request	 req;
	struct role		*role;
	int			 fd;

	memset(&req, 0, sizeof(req));
	memset(reply, 0, sizeof(*reply));
	req.command = CONTROL_ROLE;
	if (!rolename_is_valid(name) ||
	    strlcpy(req.role, name, sizeof(req.role)) >= sizeof(req.role)) {
		log_warnx("\"%s\" is not a valid name of a role", name);
		return NULL;
	}
	if (conn_ask_file(c, &req, reply, &fd) == -1)
		return NULL;
	if ((role = setup_role_from_file(fd, reply->len, true)) == NULL)
		(void)conn_fault(c, "its role is malformed");
	fd_close(&fd);
	return role;
}

/* Take one line.  1, or 0 if the daemon has ended, or -1. */
static int
conn_line(struct conn *c, FILE *out, void (*print)(void *, const char *),
    void *arg)
{
	static uint8_t		 buf[PROTO_MAX];
	static char		 line[PROTO_MAX];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	int			 n;

	if (conn_wait(c, -1) == -1)
		return -1;
	if ((n = conn_recv(c, buf, IPC_MONITOR, &h, &in, &m)) != 1)
		return n;
	fdmsg_close(&m);
	wire_get_str(&in, line, sizeof(line));
	if (wire_get_end(&in) == -1)
		return conn_fault(c, "its line is malformed");
	print(arg, line);
	return fflush(out) == 0 ? 1 : -1;
}

int
conn_monitor(struct conn *c, FILE *out, void (*print)(void *, const char *),
    void *arg, struct control_reply *reply)
{
	struct control_request	 req;
	int			 fd, n;

	memset(&req, 0, sizeof(req));
	req.command = CONTROL_MONITOR;
	if (conn_ask(c, &req, reply, &fd) == -1)
		return -1;
	fd_close(&fd);
	if (reply->error != 0)
		return -1;
	do
		n = conn_line(c, out, print, arg);
	while (n == 1);
	return n;
}
