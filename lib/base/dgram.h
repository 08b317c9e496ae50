/*
 * dgram.h: the only place that binds, connects and unlinks sockets.
 *
 * A struct dgram is a local datagram socket and, if it was bound, the file
 * that names it.  The socket is created when it is first needed, and bound only
 * if it must receive.  The process that bound it removes its file on every
 * path.  All sockets are non-blocking and close-on-exec.
 */

#ifndef DGRAM_H
#define DGRAM_H

#include <sys/types.h>
#include <sys/un.h>

#include <stdbool.h>

/* Bytes of a random name: hexadecimal digits, without the NUL. */
#define DGRAM_NAME_LEN	32
#define DGRAM_PATH_MAX	sizeof(((struct sockaddr_un *)0)->sun_path)

struct dgram {
	int	 fd;		/* -1: not created yet */
	char	 path[DGRAM_PATH_MAX];	/* "": not bound, or unlinked */
	dev_t	 dev;		/* of the file that was bound */
	ino_t	 ino;
	pid_t	 owner;		/* the process that bound it */
};

void	 dgram_init(struct dgram *);

/* Create the socket if there is none yet.  0, or -1 as socket(2). */
int	 dgram_open(struct dgram *);

/*
 * As dgram_open(), but for sequenced packets: for a socket that listens, or
 * that connects to one that does.
 */
int	 dgram_open_seq(struct dgram *);

/*
 * Bind to a path, which must not exist, with the mode.  0, or -1 with errno:
 * EADDRINUSE, ENAMETOOLONG (the path and its NUL exceed DGRAM_PATH_MAX), or
 * of bind(2).  After a failure no file of ours is there.
 */
int	 dgram_bind(struct dgram *, const char *path, mode_t);

/* As dgram_bind(), to a random name of DGRAM_NAME_LEN bytes in a directory. */
int	 dgram_bind_random(struct dgram *, const char *dir, mode_t);

/*
 * Choose a random path in a directory and make nothing there: the name has
 * DGRAM_NAME_LEN bytes, of which the first are prefix and the others
 * hexadecimal digits.  path has DGRAM_PATH_MAX bytes.  0, or -1: ENAMETOOLONG.
 */
int	 dgram_choose(char *path, const char *dir, const char *prefix);

/*
 * Remove from a directory the sockets of our user whose names dgram_choose()
 * made with this prefix, if no process has them any more and they are at least
 * DGRAM_STALE seconds old: bind(2) makes a file a moment before it answers
 * there.  Looks at DGRAM_SWEEP_MAX names at most.  Keeps errno.
 */
#define DGRAM_STALE	60
#define DGRAM_SWEEP_MAX	10000
void	 dgram_sweep(const char *dir, const char *prefix);

/* Remove the socket at path if it is one of our user.  Keeps errno. */
void	 dgram_remove(const char *path);

/* Connect to the socket at path.  0, or -1 as connect(2), ENAMETOOLONG. */
int	 dgram_connect(struct dgram *, const char *path);

/*
 * Connect to the very socket that an O_PATH descriptor refers to, whatever
 * its name is by now.  0, or -1: ENOTSOCK (not a socket), EPERM (the owner is
 * not uid), ENOTSUP (Linux: /proc is not mounted or shows other processes; any
 * other system cannot do so), or of connect(2).
 */
int	 dgram_connect_inode(struct dgram *, int pathfd, uid_t uid);

/*
 * Connect to the socket at path if its owner is uid; no link is followed.  0,
 * or -1: ENOTSOCK, EPERM (the owner is not uid), ENAMETOOLONG, ENOTSUP (Linux:
 * as above), or as dgram_connect().
 */
int	 dgram_connect_owned(struct dgram *, const char *path, uid_t uid);

/* Bytes of messages in flight from here (SO_SNDBUF).  0, or -1. */
int	 dgram_set_sndbuf(struct dgram *, int bytes);

/*
 * Remove the file and keep the socket.  A file is removed only if this process
 * bound it and it is still the same file.  Keeps errno.
 */
void	 dgram_unlink(struct dgram *);

/* dgram_unlink() and close.  The object can be used again.  Keeps errno. */
void	 dgram_close(struct dgram *);

/* Hand the descriptor to the caller, and remove the file if there is one. */
int	 dgram_release(struct dgram *);

/*
 * A connected pair without names: of datagrams, for a session; or of sequenced
 * packets, between processes of ours: each sees when the other has ended.
 * 0, or -1 as socketpair(2).
 */
int	 dgram_pair(int fds[2]);
int	 dgram_pair_seq(int fds[2]);

/*
 * A connected pair of byte streams without names, which block.  0, or -1 as
 * socketpair(2).
 */
int	 dgram_pair_stream(int fds[2]);

/*
 * A mutually connected pair of datagram sockets that were bound in dir, under
 * random names that are gone again: nobody else can send to either of them.
 * dir is writable for nobody but this process's user.  0, or -1 with errno, as
 * dgram_bind_random() and dgram_connect(); no file is left in any case.
 */
int	 dgram_pair_bound(int fds[2], const char *dir);

/*
 * Connect to the listening sequenced-packet socket at path; waits ms
 * milliseconds at most (-1: for ever), and so does each send.  A descriptor,
 * or -1 with errno: EAGAIN (nobody accepted in time), EPROTOTYPE (a socket of
 * another type), ENAMETOOLONG, or as connect(2).
 */
int	 dgram_connect_seq(const char *path, int ms);

/*
 * Is this descriptor a local socket of the type, SOCK_DGRAM or SOCK_SEQPACKET?
 * 0, or -1 with errno: EPROTOTYPE, or as getsockopt(2).
 */
int	 dgram_check(int fd, int type);

/* Fill an address.  0, or -1 with ENAMETOOLONG, or ENOENT for "". */
int	 dgram_address(struct sockaddr_un *, const char *path);

#endif /* DGRAM_H */
