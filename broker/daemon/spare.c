/*
 * spare.c: an opener and sockets that wait for their session; see spare.h.
 *
 * Runs in the supervisor, as root.  Nobody but the supervisor can talk to an
 * opener that waits.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/spare.h"

static void
spare_forget(struct spare *spare)
{
	spare->waiting.pid = -1;
	spare->waiting.channel = -1;
}

void
spare_init(struct spare *spare, const char *path, const char *dir)
{
	memset(spare, 0, sizeof(*spare));
	spare->path = path;
	spare->dir = dir;
	spare->pair[0] = spare->pair[1] = -1;
	spare_forget(spare);
}

void
spare_fill(struct spare *spare)
{
	if (spare->ended)
		return;
	if (spare->waiting.pid == -1 &&
	    spawn_waiting(spare->path, &spare->waiting) == -1)
		log_debug("no opener can be started in advance: %s",
		    strerror(errno));
	if (spare->pair[0] == -1 &&
	    dgram_pair_bound(spare->pair, spare->dir) == -1)
		log_debug("no sockets can be made in advance: %s",
		    strerror(errno));
}

int
spare_pair(struct spare *spare, int fds[2])
{
	if (spare->pair[0] == -1)
		return dgram_pair_bound(fds, spare->dir);
	memcpy(fds, spare->pair, sizeof(spare->pair));
	spare->pair[0] = spare->pair[1] = -1;
	return 0;
}

int
spare_use(struct spare *spare, const struct setup *su, struct spawned *sp)
{
	int	 ret = -1;

	*sp = spare->waiting;
	spare_forget(spare);
	if (sp->pid != -1 && (ret = setup_send(sp->channel, su)) == -1)
		spawn_undo(sp);
	/* None waited, or it had died and was not reaped yet. */
	if (ret == -1)
		ret = spawn_opener(spare->path, su, sp);
	return ret;
}

bool
spare_reaped(struct spare *spare, pid_t pid, int status)
{
	if (spare->waiting.pid != pid)
		return false;
	if (!spare->ended)
		log_warnx("the spare opener ended (status %#x)", status);
	fd_close(&spare->waiting.channel);
	spare_forget(spare);
	return true;
}

void
spare_end(struct spare *spare)
{
	spare->ended = true;
	fd_close_all(spare->pair, 2);
	fd_close(&spare->waiting.channel);
}

void
spare_kill(struct spare *spare)
{
	if (spare->waiting.pid != -1)
		(void)kill(spare->waiting.pid, SIGKILL);
}

bool
spare_gone(const struct spare *spare)
{
	return spare->waiting.pid == -1;
}
