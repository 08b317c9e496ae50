/*
 * signals.h: the signals that end a run, or ask how far it is.
 *
 * They are blocked but while the controller waits, so that they are noticed
 * there and nowhere else.
 */

#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Catch and block them.  0, or -1. */
int		 signals_init(void);

/* In the worker: those of the terminal are the controller's business. */
int		 signals_init_worker(void);

/* The mask to wait with. */
const sigset_t	*signals_wait_mask(void);

/* The signal that ends the run, or 0; also what came while all were blocked. */
int		 signals_end(void);

/* True once for every time that somebody asked how far it is. */
bool		 signals_progress(void);

/* End the process by a signal, as if it had not been caught. */
void		 signals_die(int) __attribute__((noreturn));

#endif /* SIGNALS_H */
