/*
 * command.c: hand a descriptor to a command, wherever it runs; and the two
 * arrangements in which it runs in this process.
 *
 * Runs in any process that is not confined.  A command on a thread of its own
 * is called there and nowhere else.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "client/command.h"
#include "client/reference.h"

/* A command in this process. */
struct called {
	fdb_command_take	 take;
	void			*arg;
	/* on a thread: */
	pthread_t		 thread;
	pthread_mutex_t		 lock;
	pthread_cond_t		 changed;	/* any of what follows */
	enum { IDLE, QUEUED, RUNNING, DONE } phase;
	bool			 orphan;	/* nobody waits for DONE */
	bool			 stop;
	int			 fd;
	int			 error;		/* when DONE */
};

struct fdb_command *
command_new(const struct command_ops *ops, size_t size)
{
	struct fdb_command	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	if ((c->state = calloc(1, size)) == NULL) {
		free(c);
		return NULL;
	}
	c->ops = ops;
	c->owner = getpid();
	c->refs = 1;
	return c;
}

void
command_discard(struct fdb_command *c)
{
	int	 saved = errno;

	free(c->state);
	free(c);
	errno = saved;
}

int
command_left(int64_t end)
{
	int64_t	 left = end - clock_ms();

	return left > 0 ? (int)left : 0;
}

void
fdb_command_free(struct fdb_command *c)
{
	int	 saved = errno;

	if (c == NULL || !reference_drop(c))
		return;
	c->ops->end(c, c->owner == getpid());
	command_discard(c);
	errno = saved;
}

/* Does the descriptor allow what the command will do?  0, or -1 with errno. */
static int
check_access(int fd, unsigned int access)
{
	int	 flags, mode;

	if (access == 0 || (access & ~(unsigned int)(FDB_READ | FDB_WRITE))) {
		errno = EINVAL;
		return -1;
	}
	if ((flags = fcntl(fd, F_GETFL)) == -1)
		return -1;
	mode = flags & O_ACCMODE;
#ifdef O_PATH
	if (flags & O_PATH)
		mode = O_ACCMODE;
#endif
	errno = EBADF;
	if ((access & FDB_READ) && mode != O_RDONLY && mode != O_RDWR)
		return -1;
	if ((access & FDB_WRITE) && mode != O_WRONLY && mode != O_RDWR)
		return -1;
	return 0;
}

int
fdb_command_send(struct fdb_command *c, int fd, unsigned int access,
    int timeout_ms)
{
	if (check_access(fd, access) == -1)
		return -1;
	return c->ops->send(c, fd, access, timeout_ms);
}

int
fdb_command_finish(struct fdb_command *c, int timeout_ms)
{
	if (c->ops->finish == NULL)
		return 0;
	return c->ops->finish(c, timeout_ms);
}

/* Call the command with a copy of fd that is its own.  0, or an errno value. */
static int
call(const struct called *t, int fd)
{
	errno = 0;
	if (t->take(t->arg, fd) != -1)
		return 0;
	return errno != 0 ? errno : EIO;
}

static int
object_send(struct fdb_command *c, int fd, unsigned int access, int timeout_ms)
{
	int	 copy;

	(void)access;
	(void)timeout_ms;
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return -1;
	errno = call(c->state, copy);
	return errno == 0 ? 0 : -1;
}

static void
object_end(struct fdb_command *c, bool mine)
{
	(void)c;
	(void)mine;
}

int
fdb_command_object(struct fdb_command **cp, fdb_command_take take, void *arg)
{
	static const struct command_ops	 ops = {
		object_send, NULL, object_end
	};
	struct called	*t;

	if ((*cp = command_new(&ops, sizeof(*t))) == NULL)
		return -1;
	t = (*cp)->state;
	t->take = take;
	t->arg = arg;
	return 0;
}

static void *
thread_main(void *arg)
{
	struct called	*t = arg;
	int		 error;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		while (!t->stop && t->phase != QUEUED)
			pthread_cond_wait(&t->changed, &t->lock);
		if (t->phase != QUEUED)
			break;
		t->phase = RUNNING;
		pthread_mutex_unlock(&t->lock);
		error = call(t, t->fd);
		pthread_mutex_lock(&t->lock);
		t->error = error;
		t->phase = t->orphan ? IDLE : DONE;
		t->orphan = false;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

int
command_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int timeout_ms,
    const struct timespec *end)
{
	return timeout_ms < 0 ? pthread_cond_wait(cond, lock) :
	    pthread_cond_timedwait(cond, lock, end);
}

void
command_deadline(struct timespec *end, int timeout_ms)
{
	(void)clock_gettime(CLOCK_MONOTONIC, end);
	if (timeout_ms <= 0)
		return;
	end->tv_sec += timeout_ms / 1000;
	end->tv_nsec += timeout_ms % 1000 * 1000000L;
	end->tv_sec += end->tv_nsec / 1000000000L;
	end->tv_nsec %= 1000000000L;
}

/* With the lock held: queue fd, wait for the result.  0, or an errno value. */
static int
thread_do(struct called *t, int fd, int timeout_ms, const struct timespec *end)
{
	int	 error = 0;

	while (t->phase != IDLE && error == 0)
		error = command_wait(&t->changed, &t->lock, timeout_ms, end);
	if (error != 0) {
		fd_close(&fd);
		return error;
	}
	t->fd = fd;
	t->phase = QUEUED;
	pthread_cond_broadcast(&t->changed);
	while (t->phase != DONE && error == 0)
		error = command_wait(&t->changed, &t->lock, timeout_ms, end);
	if (t->phase == RUNNING) {
		t->orphan = true;
		return error;
	}
	/* Not begun: it is taken back. */
	if (t->phase == QUEUED)
		fd_close(&t->fd);
	else
		error = t->error;
	t->phase = IDLE;
	pthread_cond_broadcast(&t->changed);
	return error;
}

static int
thread_send(struct fdb_command *c, int fd, unsigned int access, int timeout_ms)
{
	struct called	*t = c->state;
	struct timespec	 end;
	int		 copy;

	(void)access;
	if (c->owner != getpid()) {
		errno = EXDEV;
		return -1;
	}
	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return -1;
	command_deadline(&end, timeout_ms);
	pthread_mutex_lock(&t->lock);
	errno = thread_do(t, copy, timeout_ms, &end);
	pthread_mutex_unlock(&t->lock);
	return errno == 0 ? 0 : -1;
}

static void
thread_end(struct fdb_command *c, bool mine)
{
	struct called	*t = c->state;

	/* A child has no such thread, and perhaps its locked lock. */
	if (!mine)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	(void)pthread_join(t->thread, NULL);
	(void)pthread_cond_destroy(&t->changed);
	(void)pthread_mutex_destroy(&t->lock);
}

int
command_cond(pthread_cond_t *cond)
{
	pthread_condattr_t	 attr;

	if ((errno = pthread_condattr_init(&attr)) != 0)
		return -1;
	errno = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (errno == 0)
		errno = pthread_cond_init(cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	return errno == 0 ? 0 : -1;
}

int
command_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t	 all, before;
	int		 error;

	sigfillset(&all);
	if ((errno = pthread_sigmask(SIG_BLOCK, &all, &before)) != 0)
		return -1;
	error = pthread_create(thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
fdb_command_thread(struct fdb_command **cp, fdb_command_take take, void *arg)
{
	static const struct command_ops	 ops = {
		thread_send, NULL, thread_end
	};
	struct fdb_command	*c;
	struct called		*t;

	*cp = NULL;
	if ((c = command_new(&ops, sizeof(*t))) == NULL)
		return -1;
	t = c->state;
	t->take = take;
	t->arg = arg;
	if ((errno = pthread_mutex_init(&t->lock, NULL)) != 0)
		goto fail;
	if (command_cond(&t->changed) == -1)
		goto fail_lock;
	if (command_start(&t->thread, thread_main, t) == -1)
		goto fail_cond;
	*cp = c;
	return 0;
fail_cond:
	(void)pthread_cond_destroy(&t->changed);
fail_lock:
	(void)pthread_mutex_destroy(&t->lock);
fail:
	command_discard(c);
	return -1;
}
