/*
 * controlcmd.h: the supervisor's answers to fdbrokerctl(8).
 */

#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/admission.h"
#include "ipc/control.h"

struct command_context {
	struct admission	*admission;
	struct audit		*audit;
	const char		*conf_file;
	int64_t			 since;		/* of the daemon */
	uint64_t		 reloads, failed_reloads;
	bool			 monitored;	/* somebody wants lines */
	int			 channel;	/* to the listener */
	pid_t			 listener;	/* 0: not at work yet */
	uint32_t		 listener_confined, confined;
	/* Read the configuration anew; says what happened.  0, or -1. */
	int			(*reload)(void *arg, char *text, size_t size);
	void			(*set_verbose)(void *arg, int verbose);
	void			*arg;
};

/* Do what a request says and answer it.  0, or -1: it is not a request. */
int	command_take(struct command_context *, struct wire_in *);

/* A line for those who monitor, if there are any. */
void	command_monitor(struct command_context *, const char *line);

#endif /* COMMAND_H */
