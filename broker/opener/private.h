/*
 * private.h: an opener for one user, without a daemon and with no more rights
 * than the user has.
 */

#ifndef PRIVATE_H
#define PRIVATE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

/* The directories that it holds, and the paths that may lie in them. */
#define PRIVATE_ROOTS_MAX	200
#define PRIVATE_NAMES_MAX	20000

struct private_opener {
	pid_t	 pid;		/* the caller waits for it */
	int	 channel;	/* the caller's; closing it ends the opener */
	int	 sock;		/* the worker's connection to it */
	int	 end;		/* the opener's, until it has that */
};

/*
 * Make the session's sockets, so that the worker may start before the opener.
 * 0, or -1 with errno.
 */
int	 private_prepare(struct private_opener *);

/*
 * Start the program at path as an opener that reads beneath the given paths,
 * which are absolute and clean.  fdb_attach() takes the socket, and tells of a
 * path that cannot be opened.  0, or -1 with errno; no process is left then,
 * and what has the socket sees its end.  ENOTSUP: /proc, by which such an
 * opener opens files on Linux, is not mounted or shows other processes.
 */
int	 private_start(const char *path, char *const *roots, size_t nroots,
	    struct private_opener *);

/*
 * The same for an opener that restores beneath one directory, absolute and
 * clean, and may replace and remove what is in it; with special, also make
 * devices and set bits and attributes by which files give rights; with read,
 * also open what is there for reading.  The owners are those that the client
 * chooses, as far as the user may give files away; with known, those that have
 * accounts on this machine, which are listed first.
 */
int	 private_start_restoring(const char *path, const char *directory,
	    bool special, bool read, bool known, struct private_opener *);

struct setup;

/*
 * Fill in what is the same in each private opener: the session's sockets, its
 * limits, the user, and the capabilities that root's opener keeps.  0, or -1
 * with errno; the caller clears it in any case.
 */
int	 private_fill(struct setup *, uint32_t caps);

#endif /* PRIVATE_H */
