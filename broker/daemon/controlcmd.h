/*
 * controlcmd.h: the supervisor's answers to fdbrokerctl(8).
 */

#ifndef CONTROLCMD_H
#define CONTROLCMD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "daemon/admission.h"
#include "daemon/audit.h"

/* More clients than the listener has; those that are gone count, too. */
#define CONTROLCMD_WAITING	64

/* What the commands work on; all pointers are the caller's. */
struct controlcmd {
	struct admission	*admission;
	struct audit		*audit;
	const char		*conf_file;
	const char		*path;		/* of the control socket */
	int64_t			 since;		/* start of the daemon */
	uint64_t		 reloads, failed_reloads;
	bool			 monitored;	/* a client wants lines */
	uint64_t		 lost;		/* of these, not sent yet */
	bool			 stop;		/* a client wants the end */
	int			 channel;	/* to the listener */
	pid_t			 listener;	/* 0: not at work yet */
	uint32_t		 listener_confined, confined;
	/*
	 * Read the configuration anew, and put it in force unless dry;
	 * controlcmd_reloaded() says the rest.
	 */
	void			(*reload)(void *arg, bool dry);
	/* Open the audit file anew; 0, or -1 with errno. */
	int			(*reopen)(void *arg);
	/* End the daemon, once the answer is sent. */
	void			(*end)(void *arg);
	void			*arg;
	uint32_t		 client;	/* whose request is answered */
	/* Clients that wait for the end of a reload. */
	uint32_t		 waiting[CONTROLCMD_WAITING];
	size_t			 nwaiting;
};

/*
 * Do what a request from the listener asks, and answer it, if who is at the
 * other end of the connection may use the control socket.  The connection is
 * taken over; -1: none, which is enough to stop monitoring.  0, or -1 with
 * errno EBADMSG: it is no request, or of no client of the control socket.
 */
int	 controlcmd_answer(struct controlcmd *, struct wire_in *, int conn);

/*
 * A reload has ended, with an errno value or 0: answer all who wait for it.
 * `why' says what happened; report, or NULL, has further lines.
 */
void	 controlcmd_reloaded(struct controlcmd *, int error, const char *why,
	    const char *report);

/*
 * Send a line of the audit to the listener, if a client monitors.  Does not
 * wait: if there is no room, the line is lost, and the next one that is sent
 * comes after one that says how many were.
 */
void	 controlcmd_monitor(struct controlcmd *, const char *line);
/* The same for an event of auditline_format_event(). */
void	 controlcmd_event(struct controlcmd *, const char *event,
	    const struct audit_subject *, const char *why);

#endif /* CONTROLCMD_H */
