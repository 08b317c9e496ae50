/*
 * signals.c: the signals of a run; see common/signals.h.
 *
 * Runs in the controller, and at the start of the worker.
 */

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/signals.h"

static const int	 ending[] = { SIGHUP, SIGINT, SIGTERM };

#define NENDING	(sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t	 caught, asked;
static sigset_t			 wait_mask;

static void
handle_ending(int sig)
{
	caught = sig;
}

static void
handle_asking(int sig)
{
	(void)sig;
	asked = 1;
}

/* To be caught is enough: it interrupts ppoll(2). */
static void
handle_child(int sig)
{
	(void)sig;
}

static int
catch(int sig, void (*handler)(int))
{
	struct sigaction	 sa;

	sa.sa_handler = handler;
	sa.sa_flags = 0;
	sigemptyset(&sa.sa_mask);
	return sigaction(sig, &sa, NULL);
}

/* Respect nohup(1): an ignored signal stays ignored. */
static bool
is_ignored(int sig)
{
	struct sigaction	 sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

int
signals_init(void)
{
	sigset_t	 blocked;
	size_t		 i;

	sigemptyset(&wait_mask);
	sigemptyset(&blocked);
	for (i = 0; i < NENDING; i++) {
		if (is_ignored(ending[i]))
			continue;
		sigaddset(&blocked, ending[i]);
		if (catch(ending[i], handle_ending) == -1)
			return -1;
	}
#ifdef SIGINFO
	sigaddset(&blocked, SIGINFO);
	if (catch(SIGINFO, handle_asking) == -1)
		return -1;
#endif
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGCHLD);
	/* We may have inherited any mask and any disposition. */
	if (catch(SIGUSR1, handle_asking) == -1 ||
	    catch(SIGPIPE, SIG_IGN) == -1 ||
	    catch(SIGCHLD, handle_child) == -1 ||
	    sigprocmask(SIG_SETMASK, &blocked, NULL) == -1)
		return -1;
	return 0;
}

int
signals_init_worker(void)
{
	size_t	 i;

	/* The controller ends the worker. */
	for (i = 0; i < NENDING; i++) {
		if (catch(ending[i], SIG_IGN) == -1)
			return -1;
	}
#ifdef SIGINFO
	if (catch(SIGINFO, SIG_IGN) == -1)
		return -1;
#endif
	/* At the limit on file sizes, let write(2) fail with EFBIG. */
	if (catch(SIGUSR1, SIG_IGN) == -1 || catch(SIGXFSZ, SIG_IGN) == -1 ||
	    catch(SIGCHLD, SIG_DFL) == -1)
		return -1;
	return sigprocmask(SIG_SETMASK, &wait_mask, NULL);
}

int
signals_hold(sigset_t *before)
{
	sigset_t	 all;

	sigfillset(&all);
	return sigprocmask(SIG_BLOCK, &all, before);
}

int
signals_release(const sigset_t *before)
{
	return sigprocmask(SIG_SETMASK, before, NULL);
}

const sigset_t *
signals_wait_mask(void)
{
	return &wait_mask;
}

int
signals_end(void)
{
	const struct timespec	 now = { 0, 0 };

	(void)ppoll(NULL, 0, &now, &wait_mask);
	return caught;
}

bool
signals_progress(void)
{
	bool	 was = asked;

	asked = 0;
	return was;
}

void
signals_die(int sig)
{
	sigset_t	 one;

	(void)catch(sig, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(1);
}
