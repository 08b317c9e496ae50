/*
 * command_remote.c: a command that no descriptor can reach, on another machine
 * for example: it gets a socket, and the bytes are relayed over a channel.
 *
 * Runs in the process that has the descriptor.  A thread of it works as long as
 * the command exists: it alone reads and writes the channel and the descriptors
 * of the streams.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "client/command.h"
#include "client/pump.h"

struct remote {
	pthread_t	 thread;
	pthread_mutex_t	 lock;
	pthread_cond_t	 changed;	/* after each round of the thread */
	struct pump	 pump;
	int		 wake[2];	/* a pipe to the thread */
	bool		 stop;
	int		 error;		/* why the channel is over, or 0 */
	bool		 broken;	/* something was under way then */
};

static void
drain(int fd)
{
	char	 buf[64];

	while (read(fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf))
		;
}

/* A full pipe wakes the thread, too. */
static void
wake(struct remote *r)
{
	while (write(r->wake[1], "", 1) == -1 && errno == EINTR)
		;
}

static void *
remote_main(void *arg)
{
	struct remote	*r = arg;
	struct pollfd	 pfd[PUMP_POLLFDS];
	int		 n, ms;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && r->error == 0) {
		pump_prepare(&r->pump, pfd);
		ms = pump_timeout(&r->pump);
		pthread_cond_broadcast(&r->changed);
		pthread_mutex_unlock(&r->lock);
		n = poll(pfd, PUMP_POLLFDS, ms);
		pthread_mutex_lock(&r->lock);
		drain(r->wake[0]);
		if (n >= 0 && pump_handle(&r->pump, pfd) == -1)
			r->error = errno == ECONNRESET ? EPIPE : errno;
		else if (n == -1 && errno != EINTR)
			r->error = errno;
	}
	r->broken = pump_relays(&r->pump);
	pump_clear(&r->pump);
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Can the bytes of this descriptor be relayed?  0, or -1 with errno. */
static int
check_type(int fd, unsigned int access)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		return -1;
	errno = EISDIR;
	if (S_ISDIR(st.st_mode))
		return -1;
	/* Reading and writing would share one offset. */
	errno = EOPNOTSUPP;
	return access == (FDB_READ | FDB_WRITE) && (S_ISREG(st.st_mode) ||
	    S_ISBLK(st.st_mode)) ? -1 : 0;
}

/* With the lock held: relay for a copy, fd.  0, or an errno value. */
static int
remote_do(struct remote *r, int fd, unsigned int access, int timeout_ms)
{
	struct pump_wait	 w;
	struct timespec		 end;
	int			 i = -1, error = r->error;

	command_deadline(&end, timeout_ms);
	if (error == 0 && (i = pump_open(&r->pump, fd, access,
	    &w)) == -1)
		error = errno;
	if (error != 0) {
		fd_close(&fd);
		return error;
	}
	wake(r);
	while (w.waiting && r->error == 0 && error == 0)
		error = command_wait(&r->changed, &r->lock, timeout_ms, &end);
	if (!w.waiting)
		return w.result;
	if (r->error != 0)
		return r->error;
	pump_abandon(&r->pump, (unsigned int)i);
	wake(r);
	return error;
}

static int
remote_send(struct fdb_command *c, int fd, unsigned int access, int timeout_ms)
{
	struct remote	*r = c->state;
	int		 copy;

	if (c->owner != getpid()) {
		errno = EXDEV;
		return -1;
	}
	if (check_type(fd, access) == -1 ||
	    (copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return -1;
	pthread_mutex_lock(&r->lock);
	errno = remote_do(r, copy, (access & FDB_READ ? RELAY_READ : 0) |
	    (access & FDB_WRITE ? RELAY_WRITE : 0), timeout_ms);
	pthread_mutex_unlock(&r->lock);
	return errno == 0 ? 0 : -1;
}

/* With the lock held: until nothing is under way.  0, or an errno value. */
static int
remote_await(struct remote *r, int timeout_ms)
{
	struct timespec	 end;
	int		 error = 0;

	command_deadline(&end, timeout_ms);
	while (r->error == 0 && error == 0 && pump_is_busy(&r->pump))
		error = command_wait(&r->changed, &r->lock, timeout_ms, &end);
	if (error != 0)
		return error;
	if (r->pump.error == 0 && r->broken)
		return r->error;
	error = r->pump.error;
	r->pump.error = 0;
	return error;
}

static int
remote_finish(struct fdb_command *c, int timeout_ms)
{
	struct remote	*r = c->state;

	if (c->owner != getpid()) {
		errno = EXDEV;
		return -1;
	}
	pthread_mutex_lock(&r->lock);
	errno = remote_await(r, timeout_ms);
	pthread_mutex_unlock(&r->lock);
	return errno == 0 ? 0 : -1;
}

static void
remote_end(struct fdb_command *c, bool mine)
{
	struct remote	*r = c->state;

	if (mine) {
		pthread_mutex_lock(&r->lock);
		r->stop = true;
		wake(r);
		pthread_mutex_unlock(&r->lock);
		(void)pthread_join(r->thread, NULL);
		(void)pthread_cond_destroy(&r->changed);
		(void)pthread_mutex_destroy(&r->lock);
	} else
		pump_clear(&r->pump);
	fd_close_all(r->wake, 2);
}

/* What the thread needs.  0, or -1 with errno and nothing left. */
static int
remote_start(struct remote *r)
{
	if (pipe2(r->wake, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	r->pump.wake = r->wake[0];
	if ((errno = pthread_mutex_init(&r->lock, NULL)) != 0)
		goto fail_pipe;
	if (command_cond(&r->changed) == -1)
		goto fail_lock;
	if (command_start(&r->thread, remote_main, r) == 0)
		return 0;
	(void)pthread_cond_destroy(&r->changed);
fail_lock:
	(void)pthread_mutex_destroy(&r->lock);
fail_pipe:
	fd_close_all(r->wake, 2);
	return -1;
}

int
fdb_command_remote(struct fdb_command **cp, int in, int out)
{
	static const struct command_ops	 ops = {
		remote_send, remote_finish, remote_end
	};
	struct fdb_command	*c;
	struct remote		*r;
	struct stat		 st;

	*cp = NULL;
	if (fstat(in, &st) == -1 || fstat(out, &st) == -1 ||
	    (c = command_new(&ops, sizeof(*r))) == NULL) {
		if (out != in)
			fd_close(&out);
		fd_close(&in);
		return -1;
	}
	r = c->state;
	pump_init(&r->pump, true, in, out);
	if (remote_start(r) == -1) {
		pump_clear(&r->pump);
		command_discard(c);
		return -1;
	}
	*cp = c;
	return 0;
}
