/*
 * peerid.c: ask the kernel who is at the other end of a connection; see
 * peerid.h.
 *
 * Runs in the supervisor, as root, and in the listener.  It asks about the
 * socket only, which never waits, and reads nothing from it.  The supervisor
 * gets the descriptor from the listener, which may have been taken over: it
 * could send its channel, whose other end is the supervisor and so root; a
 * socket that listens, whose ids are those of who made it listen; or a
 * connection of the control socket.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "daemon/peerid.h"

/* Groups that are asked for first; the kernel says if there are more. */
#define GROUPS_FIRST	32

void
peerid_init(struct peerid *id)
{
	memset(id, 0, sizeof(*id));
	id->uid = id->gid = UINT32_MAX;
}

void
peerid_clear(struct peerid *id)
{
	free(id->gids);
	peerid_init(id);
}

bool
peerid_in_group(const struct peerid *id, uint32_t gid)
{
	size_t	 i;

	if (id->gid == gid)
		return true;
	for (i = 0; i < id->ngids; i++)
		if (id->gids[i] == gid)
			return true;
	return false;
}

#ifdef __linux__

int
peerid_get_ids(struct peerid *id, int sock)
{
	struct ucred	 cred;
	socklen_t	 len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return -1;
	/* A socket that is not connected has the pid 0. */
	if (len != sizeof(cred) || cred.pid <= 0) {
		errno = ENOTCONN;
		return -1;
	}
	id->uid = cred.uid;
	id->gid = cred.gid;
	id->pid = cred.pid;
	return 0;
}

/* All supplementary groups.  0, or -1 with errno. */
static int
get_groups(struct peerid *id, int sock)
{
	socklen_t	 room = GROUPS_FIRST * sizeof(*id->gids), len;
	uint32_t	*more;

	for (;;) {
		if ((more = realloc(id->gids, room)) == NULL)
			return -1;
		id->gids = more;
		len = room;
		if (getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, id->gids,
		    &len) == 0)
			break;
		if (errno != ERANGE || len <= room)
			return -1;
		room = len;
	}
	id->ngids = len / sizeof(*id->gids);
	return 0;
}

#else

int
peerid_get_ids(struct peerid *id, int sock)
{
	uid_t	 uid;
	gid_t	 gid;

	if (getpeereid(sock, &uid, &gid) == -1)
		return -1;
	id->uid = uid;
	id->gid = gid;
	id->pid = 0;
	return 0;
}

/* They are looked up in the databases. */
static int
get_groups(struct peerid *id, int sock)
{
	(void)id;
	(void)sock;
	return 0;
}

#endif

/* A connection's own end has the address of the socket that accepted it. */
static bool
has_address(int sock, const char *path)
{
	struct sockaddr_un	 sun, want;
	socklen_t		 len = sizeof(sun);

	memset(&sun, 0, sizeof(sun));
	return dgram_address(&want, path) == 0 &&
	    getsockname(sock, (struct sockaddr *)&sun, &len) == 0 &&
	    len <= sizeof(sun) && sun.sun_family == AF_UNIX &&
	    strncmp(sun.sun_path, want.sun_path, sizeof(sun.sun_path)) == 0;
}

static bool
listens(int sock)
{
	int		 on = 1;
	socklen_t	 len = sizeof(on);

	return getsockopt(sock, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == -1 ||
	    on != 0;
}

int
peerid_get(struct peerid *id, int sock, const char *path, const char *other,
    const char **why)
{
	int	 error = EBADMSG;

	*why = NULL;
	peerid_init(id);
	if (dgram_check(sock, SOCK_SEQPACKET) == -1)
		*why = "not a socket of sequenced packets";
	else if (listens(sock))
		*why = "a socket that listens";
	else if (!has_address(sock, path) &&
	    (other == NULL || !has_address(sock, other)))
		*why = "not connected to the daemon's socket";
	else if (peerid_get_ids(id, sock) == -1)
		*why = "not connected";
	else if (get_groups(id, sock) == 0)
		return 0;
	else if (errno == ENOMEM)
		error = ENOMEM;
	else
		*why = "its groups are unknown";
	peerid_clear(id);
	errno = error;
	return -1;
}
