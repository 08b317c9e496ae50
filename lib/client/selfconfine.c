/*
 * selfconfine.c: a worker confines itself.
 *
 * Runs in the worker, once its session and its outputs are there.  What it
 * gives up is in confine/.
 */

#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "client/fdbroker.h"
#include "confine/confine.h"

/*
 * The C library reads the time zone at the first use.  If TZ is not set it
 * looks at the file again each time, which would kill the process.
 */
static void
prepare_time_zone(void)
{
#ifdef __linux__
	(void)setenv("TZ", ":/etc/localtime", 0);
#endif
	tzset();
}

int
fdb_confine_session(const struct fdb_session *session, unsigned int *done)
{
	const struct fdb_session_info	*info;
	struct confine			 c = { .who = CONFINE_WORKER };
	unsigned int			 bits;
	const char			*layer;
	int				 ret;

	if (session != NULL) {
		info = fdb_session_info(session);
		c.uid = info->worker_uid;
		c.gid = info->worker_gid;
	}
	prepare_time_zone();
	ret = confine_enter(&c, &bits, &layer);
	if (done != NULL)
		*done = bits;
	return ret;
}

int
fdb_confine(unsigned int *done)
{
	return fdb_confine_session(NULL, done);
}
