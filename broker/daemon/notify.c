/*
 * notify.c: tell the service manager what the daemon does; see notify.h.
 *
 * Runs in the supervisor.  Touches one socket, which is connected before the
 * supervisor is confined.  A message that cannot be sent at once is lost: the
 * daemon does not wait for who watches it.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/dgram.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "daemon/notify.h"

#define VARIABLE	"NOTIFY_SOCKET"

static struct dgram	 manager = { .fd = -1 };

void
notify_open(void)
{
	const char	*path = getenv(VARIABLE);

	if (path == NULL)
		return;
	dgram_init(&manager);
	if (path[0] != '/') {
		log_warnx(VARIABLE " is \"%s\"; only a path is supported, so "
		    "the service manager is told nothing", path);
	} else if (dgram_open(&manager) == -1 ||
	    dgram_connect(&manager, path) == -1) {
		log_warn(VARIABLE " is \"%s\", and the service manager is told "
		    "nothing", path);
		dgram_close(&manager);
	}
	(void)unsetenv(VARIABLE);
}

static void
tell(const char *text)
{
	if (manager.fd != -1 && fdmsg_try_send(manager.fd, text,
	    strlen(text)) == -1)
		log_debug("the service manager was not told");
}

void
notify_ready(const char *status)
{
	char	 text[512];

	(void)snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", status);
	tell(text);
}

void
notify_reloading(void)
{
	struct timespec	 now;
	char		 text[128];

	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		return;
	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%"
	    PRIu64, (uint64_t)now.tv_sec * 1000000 +
	    (uint64_t)now.tv_nsec / 1000);
	tell(text);
}

void
notify_stopping(void)
{
	tell("STOPPING=1");
}
