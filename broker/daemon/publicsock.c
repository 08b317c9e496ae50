/*
 * publicsock.c: make the sockets for clients and the control socket; see
 * daemon/publicsock.h.
 *
 * Runs in the supervisor, as root.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/peeracl.h"
#include "daemon/publicsock.h"
#include "daemon/rundir.h"
#include "ipc/control.h"

/* Clients that wait to be accepted. */
#define BACKLOG		8	/* of the control socket */
#define BACKLOG_ALL	128	/* of each socket for clients */

static void
open_for_clients(struct dgram *d, const char *rundir, const char *name,
    mode_t mode)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", rundir, name);
	dgram_init(d);
	if (dgram_open_seq(d) == -1)
		fatal("%s", path);
	/* Each connection inherits this. */
	fdmsg_refuse_fds(d->fd);
	if (dgram_bind(d, path, mode) == -1 ||
	    listen(d->fd, BACKLOG_ALL) == -1)
		fatal("%s", path);
}

static void
open_control(struct dgram *d, const char *rundir)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", rundir, CONTROL_SOCKET);
	dgram_init(d);
	if (dgram_open_seq(d) == -1 || dgram_bind(d, path, 0600) == -1 ||
	    listen(d->fd, BACKLOG) == -1)
		fatal("%s", path);
}

void
publicsock_open(struct publicsock *ps, const char *rundir, gid_t gid)
{
	open_for_clients(&ps->peers, rundir, RUNDIR_PEERS, 0600);
	open_for_clients(&ps->rendezvous, rundir, RUNDIR_SOCKET, 0666);
	open_control(&ps->control, rundir);
	publicsock_set_group(ps, gid);
}

void
publicsock_set_group(const struct publicsock *ps, gid_t gid)
{
	const char	*path = ps->control.path;

	if (path[0] == '\0')
		return;
	/* The mode last: nobody gets in by the old group. */
	if (chmod(path, 0600) == -1 || chown(path, 0, gid) == -1 ||
	    (gid != 0 && chmod(path, 0660) == -1))
		log_warn("%s: cannot give it to group %u", path,
		    (unsigned int)gid);
}

void
publicsock_set_peers(const struct publicsock *ps, const struct conf *conf,
    const struct idmap *im, const struct shutout *so)
{
	const char	*path = ps->peers.path;

	if (path[0] == '\0' || peeracl_set(path, conf, im, so) == 0)
		return;
	log_warnx("%s: not for peers: %s: they use %s, where a flood of "
	    "strangers delays them", path, errno == E2BIG ?
	    "the roles name too many users and groups" : strerror(errno),
	    ps->rendezvous.path);
	/* This also takes effect on an older list, as its mask. */
	if (chmod(path, 0600) == -1)
		log_warn("%s: chmod", path);
}

void
publicsock_hand_over(struct publicsock *ps)
{
	fd_close(&ps->peers.fd);
	fd_close(&ps->rendezvous.fd);
	fd_close(&ps->control.fd);
}

void
publicsock_close(struct publicsock *ps)
{
	dgram_close(&ps->peers);
	dgram_close(&ps->rendezvous);
	dgram_close(&ps->control);
}
