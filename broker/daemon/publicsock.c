/*
 * publicsock.c: make the rendezvous and the control socket; see
 * daemon/publicsock.h.
 *
 * Runs in the supervisor, as root.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/publicsock.h"
#include "daemon/rundir.h"
#include "ipc/control.h"

/* Clients that wait to be accepted. */
#define BACKLOG		8	/* of the control socket */
#define BACKLOG_ALL	128	/* of the rendezvous */

static void
open_rendezvous(struct dgram *d, const char *rundir)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", rundir, RUNDIR_SOCKET);
	dgram_init(d);
	if (dgram_open_seq(d) == -1)
		fatal("%s", path);
	/* Each connection inherits this. */
	fdmsg_refuse_fds(d->fd);
	if (dgram_bind(d, path, 0666) == -1 ||
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
	open_rendezvous(&ps->rendezvous, rundir);
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
publicsock_hand_over(struct publicsock *ps)
{
	fd_close(&ps->rendezvous.fd);
	fd_close(&ps->control.fd);
}

void
publicsock_close(struct publicsock *ps)
{
	dgram_close(&ps->rendezvous);
	dgram_close(&ps->control);
}
