/*
 * command.h: what the arrangements of a command have in common.
 */

#ifndef COMMAND_OF_CLIENT_H
#define COMMAND_OF_CLIENT_H

#include <sys/types.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "client/fdbroker.h"

struct fdb_command;

struct command_ops {
	/* As fdb_command_send() and fdb_command_finish(). */
	int	(*send)(struct fdb_command *, int fd, unsigned int access,
		    int timeout_ms);
	int	(*finish)(struct fdb_command *, int timeout_ms);
	/*
	 * End threads, close channels; mine: this process made the command,
	 * and is not a child of the one that did.
	 */
	void	(*end)(struct fdb_command *, bool mine);
};

struct fdb_command {
	const struct command_ops *ops;
	void			*state;		/* of the arrangement */
	pid_t			 owner;		/* the process that made it */
	/* of client/reference.c, under its lock */
	unsigned int		 refs;
	char			 text[FDB_REFERENCE_MAX];	/* "": none */
	struct fdb_command	*next;
};

/*
 * Make a command with one reference, for ops, with size bytes of zeros as its
 * state.  NULL with errno: ENOMEM.
 */
struct fdb_command *command_new(const struct command_ops *, size_t size);

/* Free a command that was not finished.  Keeps errno. */
void	 command_discard(struct fdb_command *);

/* Milliseconds left until end, a time of clock_ms(); 0 when it is over. */
int	 command_left(int64_t end);

/* A condition whose times are of CLOCK_MONOTONIC.  0, or -1 with errno. */
int	 command_cond(pthread_cond_t *);

/*
 * Wait with the lock held until the time, unless timeout_ms is negative: for
 * ever.  0, or an errno value: ETIMEDOUT.
 */
void	 command_deadline(struct timespec *end, int timeout_ms);
int	 command_wait(pthread_cond_t *, pthread_mutex_t *, int timeout_ms,
	    const struct timespec *end);

/* Start a thread that gets no signals.  0, or -1 with errno. */
int	 command_start(pthread_t *, void *(*run)(void *), void *arg);

#endif /* COMMAND_OF_CLIENT_H */
