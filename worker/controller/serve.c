/*
 * serve.c: do the work of a command for fdbackup on another machine; see
 * controller/serve.h.
 *
 * Runs in a process of its own, beside the controller, which is its child and
 * does what it does for a user here.  This one holds the connection to the
 * client, whom it does not trust, moves bytes, and is confined.  Only the child
 * reads the request.  If the client goes, the child loses its streams and ends.
 */

#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "common/channel.h"
#include "common/signals.h"
#include "common/status.h"
#include "confine/confine.h"
#include "controller/cmdline.h"
#include "controller/controller.h"
#include "controller/link.h"
#include "controller/narrow.h"
#include "controller/serve.h"

/* In one round, link_work() may add a frame, and then take_records() does. */
_Static_assert(LINK_HEADER + LINK_DATA_MAX + CHANNEL_MAX <= LINK_MAX,
    "room for a frame of LINK_MAX suffices");

struct server {
	const struct options	*fixed;
	struct link		 link;
	bool			 greeted, started, ended;
	pid_t			 child;
	int			 records;	/* of the child, or -1 */
	int			 to_child;	/* its standard input, or -1 */
	int			 from_child;	/* its standard output, or -1 */
	int			 status;
};

/* The child: it is the controller of the command.  Does not return. */
static void
work(const struct options *fixed, char *bytes, size_t len, int records)
{
	static struct options	 o;
	static struct channel	 relay;
	char			 why[CMDLINE_WHY_MAX];
	int			 status = STATUS_USAGE;

	channel_init(&relay, records);
	if (narrow_parse(fixed, &o, bytes, len, why) == -1)
		(void)channel_put_report(&relay, REPORT_FATAL, "", why);
	else {
		o.relay = &relay;
		status = controller_run(&o);
	}
	exit(status);
}

/* Give the child its standard streams: pipes, or /dev/null.  0 or -1. */
static int
set_streams(int in, int out)
{
	int	 null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int	 ret = 0;

	if (null == -1 || dup2(in != -1 ? in : null, STDIN_FILENO) == -1 ||
	    dup2(out != -1 ? out : null, STDOUT_FILENO) == -1)
		ret = -1;
	fd_close(&null);
	return ret;
}

/* Start the child with a pipe for the archive, and one socket. */
static int
start_child(struct server *s, char *bytes, size_t len)
{
	const bool	 restores = len > 1 && bytes[len - 1] == '\0' &&
			    strcmp(bytes + 1, "extract") == 0;
	int		 data[2] = { -1, -1 }, records[2] = { -1, -1 };
	int		 ret = -1;

	if (pipe2(data, O_CLOEXEC) == -1 || dgram_pair_seq(records) == -1 ||
	    (s->child = fork()) == -1)
		goto out;
	if (s->child == 0) {
		if (set_streams(restores ? data[0] : -1,
		    restores ? -1 : data[1]) == -1)
			_exit(STATUS_FATAL);
		fd_close_all(data, 2);
		fd_close(&records[0]);
		work(s->fixed, bytes, len, records[1]);
	}
	s->records = records[0];
	records[0] = -1;
	if (restores) {
		s->to_child = s->link.sink = data[1];
		data[1] = -1;
		s->link.takes = true;
	} else {
		s->from_child = s->link.source = data[0];
		data[0] = -1;
	}
	/* The pipe is ours alone at this end. */
	ret = fcntl(restores ? s->to_child : s->from_child, F_SETFL,
	    O_NONBLOCK);
out:
	fd_close_all(data, 2);
	fd_close_all(records, 2);
	return ret;
}

/* Everything is open. */
static int
confine_server(void)
{
	struct confine	 conf = { .who = CONFINE_CONTROLLER };
	const char	*layer;
	unsigned int	 layers;

	if (confine_enter(&conf, &layers, &layer) == 0)
		return 0;
	log_warn("serve cannot be confined: %s", layer);
	return -1;
}

static int
take_request(struct server *s, const struct link_frame *f)
{
	char	*bytes;
	int	 ret = -1;

	if ((bytes = malloc(f->len + 1)) == NULL) {
		log_warn("serve");
		return -1;
	}
	memcpy(bytes, f->data, f->len);
	s->started = true;
	if ((ret = start_child(s, bytes, f->len)) == -1)
		log_warn("serve: cannot start a process");
	free(bytes);
	return ret == -1 || signals_init() == -1 ? -1 : confine_server();
}

static void
close_sink(struct server *s)
{
	fd_close(&s->to_child);
	s->link.sink = -1;
}

/* A frame that is not DATA.  0, or -1: the session ends. */
static int
take_frame(struct server *s, const struct link_frame *f)
{
	if (!s->greeted && link_check_hello(f)) {
		s->greeted = true;
		return 0;
	}
	if (s->greeted && !s->started && f->type == LINK_REQUEST)
		return take_request(s, f);
	if (s->started && f->type == LINK_END && f->len == 0 &&
	    s->link.takes) {
		s->link.takes = false;
		close_sink(s);
		return 0;
	}
	log_warnx(s->greeted ? "serve: the client broke the protocol" :
	    "serve: the client is no fdbackup of this version and byte "
	    "order");
	return -1;
}

/* Pass on the records of the child, as it sent them. */
static void
take_records(struct server *s)
{
	static uint8_t	 buf[CHANNEL_MAX];
	struct fdmsg	 m;
	ssize_t		 n;

	n = fdmsg_recv(s->records, buf, sizeof(buf), 0, &m);
	if (n > 0)
		link_put(&s->link, LINK_RECORDS, buf, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		fd_close(&s->records);
}

/* The child has closed its streams: say how it ended. */
static void
take_end(struct server *s)
{
	const bool	 stores = s->from_child != -1;
	pid_t		 got;
	int		 status;
	uint8_t		 byte;

	while ((got = waitpid(s->child, &status, 0)) == -1 && errno == EINTR)
		;
	if (got == -1)
		log_warn("serve: how the controller ended is not known");
	else if (WIFSIGNALED(status))
		log_warnx("serve: the controller was killed by signal %d",
		    WTERMSIG(status));
	s->child = -1;
	s->status = got != -1 && WIFEXITED(status) ? WEXITSTATUS(status) :
	    STATUS_FATAL;
	if (stores && s->status != STATUS_FATAL && s->status != STATUS_USAGE)
		link_put(&s->link, LINK_END, NULL, 0);
	byte = (uint8_t)s->status;
	link_put(&s->link, LINK_EXIT, &byte, 1);
	s->ended = true;
}

/* Do what is ready, and take what came.  0, or -1: the session ends. */
static int
serve_round(struct server *s, const struct pollfd *pfd)
{
	struct link		*l = &s->link;
	struct link_frame	 f;
	int			 n;

	/* The child may not want the rest. */
	if (link_work(l, pfd) == -1) {
		if (l->failed != LINK_SINK) {
			log_warn("serve: the archive");
			return -1;
		}
		l->sink_closed = true;
		close_sink(s);
	}
	if (pfd[LINK_POLLFDS].revents != 0)
		take_records(s);
	while ((n = link_next(l, &f)) == 1)
		if (take_frame(s, &f) == -1)
			return -1;
	if (n == -1) {
		log_warnx("serve: the client broke the protocol");
		return -1;
	}
	/* A client that waits for the end keeps the connection open. */
	if (l->in_ended || l->out_ended)
		return -1;
	if (s->started && !s->ended && s->records == -1 &&
	    (l->source == -1 || l->source_ended) && link_has_room(l, LINK_MAX))
		take_end(s);
	return 0;
}

static int
serve_loop(struct server *s)
{
	struct pollfd	 pfd[LINK_POLLFDS + 1];
	int		 n;

	while (!s->ended || !link_is_flushed(&s->link)) {
		link_prepare(&s->link, pfd);
		pfd[LINK_POLLFDS].fd = link_has_room(&s->link, LINK_MAX) ?
		    s->records : -1;
		pfd[LINK_POLLFDS].events = POLLIN;
		pfd[LINK_POLLFDS].revents = 0;
		/* Before the request, signals end the process. */
		n = s->started ? ppoll(pfd, LINK_POLLFDS + 1, NULL,
		    signals_wait_mask()) : poll(pfd, LINK_POLLFDS + 1, -1);
		if (n == -1 && errno != EINTR) {
			log_warn("serve");
			return -1;
		}
		if (s->started && signals_end() != 0)
			return -1;
		if (n > 0 && serve_round(s, pfd) == -1)
			return -1;
	}
	return 0;
}

/* The child loses its streams, notices, and ends. */
static void
end_child(struct server *s)
{
	close_sink(s);
	fd_close(&s->from_child);
	fd_close(&s->records);
	if (s->child > 0)
		while (waitpid(s->child, NULL, 0) == -1 && errno == EINTR)
			;
}

int
serve_run(const struct options *fixed)
{
	static struct server	 s;
	uint8_t			 hello[LINK_HELLO_LEN];
	int			 ret;

	if (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO)) {
		log_warnx("serve: standard input and output must be a "
		    "connection to another fdbackup, which starts this with "
		    "--host");
		return STATUS_USAGE;
	}
	s.fixed = fixed;
	s.child = -1;
	s.records = s.to_child = s.from_child = -1;
	s.status = STATUS_FATAL;
	if (link_init(&s.link, STDIN_FILENO, STDOUT_FILENO) == -1) {
		log_warn("serve");
		return STATUS_FATAL;
	}
	link_hello(hello);
	link_put(&s.link, LINK_HELLO, hello, sizeof(hello));
	ret = serve_loop(&s);
	end_child(&s);
	if (s.started && signals_end() != 0)
		signals_die(signals_end());
	return ret == 0 ? s.status : STATUS_FATAL;
}
