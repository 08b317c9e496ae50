/*
 * pump.c: move the bytes of a relay; see client/pump.h.
 *
 * Runs in a thread of its own at the near end, and in fdb_command_serve() at
 * the far one.  Touches the channel and the descriptors of the streams, and, at
 * the far end, makes sockets for commands and receives hand-offs.
 *
 * A command at the far end gets one end of a pair of stream sockets.  Where it
 * only reads, the other end holds one byte that is never read while the relay
 * works: if the socket is closed over it, the command's read(2) fails with
 * ECONNRESET.  So it can tell an end that was broken off from a real one.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "client/pump.h"

enum { PFD_IN, PFD_OUT, PFD_WAKE, PFD_STREAMS };

static bool
is_socket(int fd)
{
	struct stat	 st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/*
 * Read, write without waiting, after poll(2) said that it is possible.  A
 * descriptor may be shared with other processes, so its flags stay as they are.
 */
static ssize_t
read_now(int fd, bool is_sock, void *buf, size_t n)
{
	return is_sock ? recv(fd, buf, n, MSG_DONTWAIT) : read(fd, buf, n);
}

static ssize_t
write_now(int fd, bool is_sock, const void *buf, size_t n)
{
	if (is_sock)
		return send(fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* A writable pipe takes that much without blocking. */
	return write(fd, buf, n < PIPE_BUF ? n : PIPE_BUF);
}

static bool
try_again(void)
{
	return errno == EAGAIN || errno == EINTR || errno == EWOULDBLOCK;
}

void
pump_init(struct pump *p, bool near, int in, int out)
{
	size_t	 i;

	memset(p, 0, sizeof(*p));
	relay_init(&p->relay, near);
	p->in = in;
	p->out = out;
	p->in_is_sock = is_socket(in);
	p->out_is_sock = is_socket(out);
	p->wake = -1;
	for (i = 0; i < RELAY_STREAMS; i++)
		p->streams[i].fd = -1;
}

/*
 * A stream is over, well or not.  Our end of a command's socket must not be
 * closed over bytes, unless its read(2) is to fail: its next write(2) would
 * fail with ECONNRESET, and not with EPIPE.
 */
static void
stream_close(const struct pump *p, struct pump_stream *s, bool whole)
{
	uint8_t	 buf[RELAY_DATA_MAX];

	if (!p->relay.near && s->fd != -1 && (whole || !s->reset)) {
		/* So no more come, and what has come is little. */
		(void)shutdown(s->fd, SHUT_RD);
		while (recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
	}
	s->reset = s->shut = false;
	fd_close(&s->fd);
}

/* Close what is left at this end of a stream that is over. */
static void
stream_reap(struct pump *p, unsigned int i)
{
	const int		 error = relay_error(&p->relay, i);
	struct pump_stream	*s = &p->streams[i];

	if (p->relay.streams[i].phase != RELAY_FREE || s->fd == -1)
		return;
	if (p->error == 0 && !s->abandoned)
		p->error = error;
	stream_close(p, s, error == 0);
}

void
pump_clear(struct pump *p)
{
	size_t	 i;

	for (i = 0; i < RELAY_STREAMS; i++) {
		fdb_handoff_cancel(p->streams[i].handoff);
		p->streams[i].handoff = NULL;
		stream_close(p, &p->streams[i], false);
	}
	relay_clear(&p->relay);
	if (p->out == p->in)
		p->out = -1;
	fd_close(&p->in);
	fd_close(&p->out);
}

int
pump_open(struct pump *p, int fd, unsigned int access, struct pump_wait *w)
{
	struct pump_stream	*s;
	unsigned int		 k;
	int			 i;

	/* What has ended since the last round. */
	for (k = 0; k < RELAY_STREAMS; k++)
		stream_reap(p, k);
	if ((i = relay_open(&p->relay, access)) == -1)
		return -1;
	s = &p->streams[i];
	s->fd = fd;
	s->is_sock = fd != -1 && is_socket(fd);
	s->abandoned = false;
	s->wait = w;
	w->waiting = true;
	w->result = 0;
	w->address[0] = '\0';
	return i;
}

void
pump_abandon(struct pump *p, unsigned int stream)
{
	p->streams[stream].abandoned = true;
	p->streams[stream].wait = NULL;
	relay_cancel(&p->relay, stream);
}

bool
pump_relays(const struct pump *p)
{
	size_t	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (p->relay.streams[i].phase == RELAY_RUNNING)
			return true;
	return false;
}

bool
pump_is_busy(const struct pump *p)
{
	size_t	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (p->relay.streams[i].phase != RELAY_FREE)
			return true;
	return p->relay.out_at < p->relay.out_len;
}

bool
pump_awaits(const struct pump *p)
{
	size_t	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (p->streams[i].handoff != NULL)
			return true;
	return false;
}

int
pump_timeout(const struct pump *p)
{
	int64_t	 left, now = clock_ms(), least = -1;
	size_t	 i;

	if (p->unread && !p->eof)
		return 0;
	for (i = 0; i < RELAY_STREAMS; i++) {
		if (p->streams[i].handoff == NULL)
			continue;
		left = p->streams[i].deadline - now;
		if (left < 0)
			left = 0;
		if (least == -1 || left < least)
			least = left;
	}
	return (int)least;
}

/* What to poll for at this end of a stream. */
static void
stream_prepare(struct pump *p, unsigned int i, struct pollfd *pfd)
{
	const struct relay_stream	*r = &p->relay.streams[i];
	struct pump_stream		*s = &p->streams[i];
	const uint8_t			*data;

	stream_reap(p, i);
	pfd->fd = -1;
	if (s->handoff != NULL) {
		pfd->fd = fdb_handoff_fd(s->handoff);
		pfd->events = POLLIN;
		return;
	}
	if (r->phase != RELAY_RUNNING)
		return;
	if (relay_room(&p->relay, i) > 0 && !p->eof)
		pfd->events |= POLLIN;
	if (relay_pending(&p->relay, i, &data) > 0)
		pfd->events |= POLLOUT;
	/* Without events, it tells whether its reader is gone. */
	if (pfd->events != 0 || (r->receives && !r->unwanted))
		pfd->fd = s->fd;
}

void
pump_prepare(struct pump *p, struct pollfd *pfd)
{
	unsigned int	 i;

	relay_fill(&p->relay);
	memset(pfd, 0, PUMP_POLLFDS * sizeof(*pfd));
	pfd[PFD_IN].fd = p->eof ? -1 : p->in;
	pfd[PFD_IN].events = POLLIN;
	pfd[PFD_OUT].fd = p->relay.out_at < p->relay.out_len && !p->eof &&
	    !p->unread ? p->out : -1;
	pfd[PFD_OUT].events = POLLOUT;
	pfd[PFD_WAKE].fd = p->wake;
	pfd[PFD_WAKE].events = POLLIN;
	for (i = 0; i < RELAY_STREAMS; i++)
		stream_prepare(p, i, &pfd[PFD_STREAMS + i]);
}

/* From here to the other end. */
static void
stream_read(struct pump *p, unsigned int i)
{
	struct pump_stream	*s = &p->streams[i];
	uint8_t			 buf[RELAY_DATA_MAX];
	ssize_t			 n;

	n = read_now(s->fd, s->is_sock, buf, relay_room(&p->relay, i));
	if (n > 0)
		relay_data(&p->relay, i, buf, (size_t)n);
	else if (n == 0)
		relay_end(&p->relay, i, 0);
	else if (!try_again())
		relay_end(&p->relay, i, errno);
}

/* From the other end to here. */
static void
stream_write(struct pump *p, unsigned int i)
{
	struct pump_stream	*s = &p->streams[i];
	const uint8_t		*data;
	size_t			 len = relay_pending(&p->relay, i, &data);
	ssize_t			 n;

	if (len == 0)
		return;
	n = write_now(s->fd, s->is_sock, data, len);
	if (n > 0)
		relay_delivered(&p->relay, i, (size_t)n);
	else if (n == -1 && !try_again())
		relay_stop(&p->relay, i, errno);
}

/* Pass ends and errors on once everything before them is delivered. */
static void
stream_finish(struct pump *p, unsigned int i)
{
	struct relay_stream	*r = &p->relay.streams[i];
	struct pump_stream	*s = &p->streams[i];
	const uint8_t		*data;

	if (r->phase != RELAY_RUNNING || s->fd == -1)
		return;
	if (s->abandoned) {
		relay_end(&p->relay, i, ECANCELED);
		relay_stop(&p->relay, i, ECANCELED);
	}
	/* Whoever writes to the other end's socket must notice. */
	if (!p->relay.near && r->stopped && !s->shut && !r->receives) {
		(void)shutdown(s->fd, SHUT_RD);
		s->shut = true;
	}
	if (!r->in_ended || r->unwanted ||
	    relay_pending(&p->relay, i, &data) > 0)
		return;
	/* The near end's socket may have other users: close(2) is enough. */
	if (s->is_sock && r->in_error == 0 && (!p->relay.near ||
	    (r->sends && !r->stopped)))
		(void)shutdown(s->fd, SHUT_WR);
	relay_stop(&p->relay, i, r->in_error);
}

/* Run the command with a descriptor, which becomes the command's. */
static int
run_command(struct pump *p, int fd)
{
	sigset_t	 before;
	int		 error = 0;

	if (p->mask != NULL)
		(void)pthread_sigmask(SIG_SETMASK, p->mask, &before);
	errno = EIO;
	if (p->take(p->arg, fd) == -1)
		error = errno;
	if (p->mask != NULL)
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

/* The far end: make a socket for the command.  0, or -1 with errno. */
static int
make_socket(struct pump_stream *s, unsigned int access, int *fd)
{
	int	 fds[2];

	if (dgram_pair_stream(fds) == -1)
		return -1;
	/* Room for one byte is in every new socket. */
	if (access == RELAY_READ)
		s->reset = send(fds[1], "", 1, MSG_NOSIGNAL) == 1;
	if (access != (RELAY_READ | RELAY_WRITE) && shutdown(fds[1],
	    access == RELAY_READ ? SHUT_WR : SHUT_RD) == -1) {
		fd_close_all(fds, 2);
		return -1;
	}
	s->fd = fds[0];
	s->is_sock = true;
	*fd = fds[1];
	return 0;
}

static int
start_handoff(struct pump *p, unsigned int i)
{
	struct pump_stream	*s = &p->streams[i];

	if (fdb_handoff_listen(&s->handoff, NULL) == -1)
		return -1;
	s->deadline = clock_ms() + PUMP_HANDOFF_MS;
	relay_address(&p->relay, i, fdb_handoff_address(s->handoff));
	return 0;
}

static int
take_open(struct pump *p, const struct relay_frame *f)
{
	struct pump_stream	*s = &p->streams[f->stream];
	int			 fd, error;

	if (f->value == RELAY_LOCAL) {
		if (start_handoff(p, f->stream) == 0)
			return 0;
		return relay_result(&p->relay, f->stream, errno);
	}
	if (make_socket(s, f->value, &fd) == -1)
		return relay_result(&p->relay, f->stream, errno);
	if ((error = run_command(p, fd)) != 0)
		stream_close(p, s, true);
	return relay_result(&p->relay, f->stream, error);
}

/* A hand-off has something, or has lasted too long. */
static int
finish_handoff(struct pump *p, unsigned int i)
{
	struct pump_stream	*s = &p->streams[i];
	int			 fd, error;

	fd = fdb_handoff_receive(s->handoff, 0);
	s->handoff = NULL;
	error = fd == -1 ? errno : run_command(p, fd);
	return relay_result(&p->relay, i, error);
}

static void
cancel_handoff(struct pump *p, unsigned int i)
{
	struct pump_stream	*s = &p->streams[i];

	if (s->handoff == NULL)
		return;
	fdb_handoff_cancel(s->handoff);
	s->handoff = NULL;
	(void)relay_result(&p->relay, i, ECANCELED);
}

static int
take_frame(struct pump *p, const struct relay_frame *f)
{
	struct pump_stream	*s = &p->streams[f->stream];

	switch (f->type) {
	case RELAY_OPEN:
		return take_open(p, f);
	case RELAY_ADDRESS:
		if (s->wait == NULL)
			return 0;
		memcpy(s->wait->address, f->data, f->len);
		s->wait->address[f->len] = '\0';
		return 0;
	case RELAY_RESULT:
		if (s->wait == NULL)
			return 0;
		s->wait->result = f->error;
		s->wait->waiting = false;
		s->wait = NULL;
		return 0;
	case RELAY_STOP:
		cancel_handoff(p, f->stream);
		return 0;
	default:
		return 0;
	}
}

/* Read from the channel and do what it says. */
static int
channel_read(struct pump *p)
{
	struct relay_frame	 f;
	uint8_t			*buf;
	size_t			 size;
	ssize_t			 n;
	int			 got;

	buf = relay_space(&p->relay, &size);
	n = read_now(p->in, p->in_is_sock, buf, size);
	if (n == -1 && try_again())
		return 0;
	if (n == -1 && errno != ECONNRESET)
		return -1;
	if (n <= 0) {
		p->eof = true;
		return 0;
	}
	relay_added(&p->relay, (size_t)n);
	while ((got = relay_next(&p->relay, &f)) == 1)
		if (take_frame(p, &f) == -1)
			return -1;
	return got;
}

static int
channel_write(struct pump *p)
{
	struct relay	*r = &p->relay;
	ssize_t		 n;

	n = write_now(p->out, p->out_is_sock, r->out + r->out_at,
	    r->out_len - r->out_at);
	if (n >= 0)
		r->out_at += (size_t)n;
	else if (errno == EPIPE || errno == ECONNRESET)
		p->unread = true;
	else if (!try_again())
		return -1;
	return 0;
}

/*
 * The other end is gone: what has come from it is still delivered.  0, or -1
 * with EPIPE: that is done.
 */
static int
channel_end(struct pump *p)
{
	const uint8_t	*data;
	unsigned int	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (relay_pending(&p->relay, i, &data) > 0)
			return 0;
	/* What is whole at this end is over. */
	relay_fill(&p->relay);
	for (i = 0; i < RELAY_STREAMS; i++)
		stream_reap(p, i);
	errno = EPIPE;
	return -1;
}

static int
stream_handle(struct pump *p, unsigned int i, const struct pollfd *pfd)
{
	struct pump_stream	*s = &p->streams[i];
	struct relay_stream	*r = &p->relay.streams[i];
	const uint8_t		*data;

	if (s->handoff != NULL && (pfd->revents != 0 ||
	    s->deadline <= clock_ms()))
		return finish_handoff(p, i);
	/* After a new start, what was polled is another descriptor. */
	if (pfd->fd == -1 || pfd->fd != s->fd || pfd->revents == 0)
		return 0;
	if ((pfd->events & POLLIN) && (pfd->revents & ~POLLOUT) &&
	    relay_room(&p->relay, i) > 0)
		stream_read(p, i);
	if ((pfd->events & POLLOUT) && (pfd->revents & ~POLLIN))
		stream_write(p, i);
	if ((pfd->revents & (POLLHUP | POLLERR | POLLNVAL)) && r->receives &&
	    relay_pending(&p->relay, i, &data) == 0)
		relay_stop(&p->relay, i, EPIPE);
	return 0;
}

int
pump_handle(struct pump *p, const struct pollfd *pfd)
{
	unsigned int	 i;

	for (i = 0; i < RELAY_STREAMS; i++)
		if (stream_handle(p, i, &pfd[PFD_STREAMS + i]) == -1)
			return -1;
	if (pfd[PFD_IN].revents != 0 && channel_read(p) == -1)
		return -1;
	if (p->unread && pfd[PFD_IN].revents == 0)
		p->eof = true;
	if (pfd[PFD_OUT].revents != 0 && channel_write(p) == -1)
		return -1;
	for (i = 0; i < RELAY_STREAMS; i++)
		stream_finish(p, i);
	return p->eof ? channel_end(p) : 0;
}
