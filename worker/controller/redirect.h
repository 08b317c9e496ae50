/*
 * redirect.h: fdbackup redirect: another log for a run that is under way.
 *
 * Each run has a socket, in a directory that only its user can use.  The
 * redirecting process opens the new log with its own rights, and sends the
 * descriptor there.
 */

#ifndef REDIRECT_H
#define REDIRECT_H

#include <stdbool.h>

#include "base/dgram.h"
#include "base/proto.h"

#define REDIRECT_WHY_MAX	256	/* bytes of a reason, with its NUL */
#define REDIRECT_POLLFDS	2

struct pollfd;

/* The side of the run. */
struct redirect {
	struct dgram	 sock;		/* that listens; fd -1: none */
	char		 dir[DGRAM_PATH_MAX];
	int		 conn;		/* to who redirects, or -1 */
	/* A request, once one has come: */
	int		 fd;		/* the new log, or -1 */
	bool		 overwrite;
	char		 target[PROTO_PATH_MAX];	/* as its user says */
};

void	 redirect_init(struct redirect *);

/*
 * Listen, if there is a directory for that; a run goes on without.  Sockets
 * that runs have left there that were killed are removed.
 */
void	 redirect_listen(struct redirect *);

/* Close all, and remove the socket, and the directory if it is empty. */
void	 redirect_close(struct redirect *);

/* What to poll for, and what to do then: true if a request has come. */
void	 redirect_pollfds(const struct redirect *, struct pollfd *);
bool	 redirect_take(struct redirect *, const struct pollfd *);

/*
 * Answer the request: 0, or an error and why; "" stands for strerror(3).  The
 * descriptor is closed unless the caller has taken it out.
 */
void	 redirect_answer(struct redirect *, int error, const char *why);

/*
 * The other side: give the process another log.  0, or -1 with the reason in
 * why, of REDIRECT_WHY_MAX bytes.
 */
int	 redirect_send(long pid, int fd, bool overwrite, const char *target,
	    char *why);

#endif /* REDIRECT_H */
