/*
 * logswitch.c: another log, while the run goes on; see sandbox/logswitch.h.
 *
 * Runs in a thread of the worker, confined.  It holds the reporter's lock while
 * it changes the log: once it has answered, no line goes to the old one.
 */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "common/logchannel.h"
#include "sandbox/logswitch.h"

#define LOGSWITCH_STACK		(256 * 1024)

/* Of the one thread there is. */
static struct logswitch {
	struct reporter	*rep;
	int		 channel;
} logswitch;

/* 0, or -1: the controller is gone, or talks nonsense. */
static int
take_log(const struct logswitch *s)
{
	enum logchannel_what	 what;
	int			 fd, error = 0;

	if (logchannel_recv(s->channel, &what, &fd) == -1)
		return errno == EAGAIN || errno == EINTR ? 0 :
		    errno == EMFILE ? logchannel_answer(s->channel, EMFILE) :
		    -1;
	if (what == LOGCHANNEL_EMPTY && ftruncate(fd, 0) == -1) {
		error = errno;
		close(fd);
	} else
		reporter_set_log(s->rep, fd);
	return logchannel_answer(s->channel, error);
}

static void *
logswitch_main(void *arg)
{
	const struct logswitch	*s = arg;
	struct pollfd		 pfd = { .fd = s->channel, .events = POLLIN };

	while (poll(&pfd, 1, -1) != -1 || errno == EINTR)
		if (pfd.revents != 0 && take_log(s) == -1)
			break;
	return NULL;
}

int
logswitch_start(struct reporter *rep, int channel)
{
	pthread_attr_t	 attr;
	pthread_t	 thread;
	sigset_t	 all, before;
	int		 error;

	logswitch.rep = rep;
	logswitch.channel = channel;
	if ((errno = pthread_attr_init(&attr)) != 0)
		return -1;
	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	(void)pthread_attr_setstacksize(&attr, LOGSWITCH_STACK);
	error = pthread_create(&thread, &attr, logswitch_main, &logswitch);
	if (error == 0)
		(void)pthread_detach(thread);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	errno = error;
	return error == 0 ? 0 : -1;
}
