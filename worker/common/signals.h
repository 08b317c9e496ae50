/*
 * signals.h: the signals that end a run, the one that asks for progress, and
 * the one that tells of a child's death.
 *
 * They are blocked except while the controller waits, so that they interrupt
 * nothing else.
 */

#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* In the controller: catch and block them.  0, or -1 with errno. */
int		 signals_init(void);

/* In the worker: ignore them; the controller handles them.  0 or -1. */
int		 signals_init_worker(void);

/*
 * In the worker: block every signal, and unblock what was not blocked before.
 * 0, or -1 with errno.
 */
int		 signals_hold(sigset_t *before);
int		 signals_release(const sigset_t *before);

/* The mask for ppoll(2): it unblocks the signals. */
const sigset_t	*signals_wait_mask(void);

/* The signal that ends the run, or 0.  Sees pending signals, too. */
int		 signals_end(void);

/* True if progress was asked for since the last call. */
bool		 signals_progress(void);

/* Die by a signal, as if it had never been caught. */
void		 signals_die(int) __attribute__((noreturn));

#endif /* SIGNALS_H */
