/*
 * terminal.c: lines for the user; see controller/terminal.h.
 *
 * Runs in the controller.  Touches the one descriptor that it is given.
 */

#include "config.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "common/signals.h"
#include "controller/terminal.h"

#define TERMINAL_COLUMNS	80

void
terminal_init(struct terminal *t, int fd)
{
	memset(t, 0, sizeof(*t));
	t->fd = fd;
}

void
terminal_clear(struct terminal *t)
{
	buf_free(&t->buf);
}

int
terminal_add(struct terminal *t, const struct buf *b)
{
	if (t->error != 0)
		return -1;
	if (buf_add(&t->buf, buf_str(b), b->len) == -1) {
		t->error = errno;
		return -1;
	}
	return t->buf.len >= TERMINAL_BATCH ? terminal_flush(t) : 0;
}

/*
 * Wait until the descriptor is writable, then write at most PIPE_BUF bytes,
 * which a writable pipe takes without blocking.  Signals are blocked in
 * write(2) but not in ppoll(2).
 */
static ssize_t
write_some(struct terminal *t, const char *p, size_t len)
{
	const struct timespec	 now = { 0, 0 };
	struct pollfd		 pfd = { .fd = t->fd, .events = POLLOUT };
	bool			 ending = signals_end() != 0;
	int			 n;

	n = ppoll(&pfd, 1, ending ? &now : NULL, signals_wait_mask());
	if (n == -1)
		return errno == EINTR ? 0 : -1;
	if (n == 0) {
		errno = ECANCELED;
		return -1;
	}
	if (len > PIPE_BUF)
		len = PIPE_BUF;
	return write(t->fd, p, len);
}

bool
terminal_is_ready(const struct terminal *t)
{
	const struct timespec	 now = { 0, 0 };
	struct pollfd		 pfd = { .fd = t->fd, .events = POLLOUT };

	return ppoll(&pfd, 1, &now, NULL) == 1 && pfd.revents == POLLOUT;
}

unsigned int
terminal_columns(const struct terminal *t)
{
	struct winsize	 size;

	memset(&size, 0, sizeof(size));
	if (ioctl(t->fd, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return TERMINAL_COLUMNS;
	return size.ws_col;
}

int
terminal_flush(struct terminal *t)
{
	size_t	 done = 0;
	ssize_t	 n;

	while (t->error == 0 && done < t->buf.len) {
		n = write_some(t, t->buf.data + done, t->buf.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			t->error = errno;
	}
	buf_cut(&t->buf, 0);
	return t->error == 0 ? 0 : -1;
}
