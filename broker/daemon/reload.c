/*
 * reload.c: read the configuration again; see daemon/reload.h.
 *
 * Runs in the supervisor.  Reads the files of the configuration and takes over
 * the log while they are parsed, because fdbrokerctl(8) is told the first
 * fault.
 */

#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/proto.h"
#include "conf/load.h"
#include "daemon/reload.h"

#define KEPT_LINES	8

/* The lines that the parser logs. */
struct kept {
	char	 first[PROTO_TEXT_MAX];
	char	 lines[KEPT_LINES][512];
	size_t	 n;			/* lines logged, kept or not */
};

static void
keep_line(void *arg, int priority, const char *text)
{
	struct kept	*k = arg;

	(void)priority;
	if (k->n == 0)
		(void)strlcpy(k->first, text, sizeof(k->first));
	if (k->n < KEPT_LINES)
		(void)strlcpy(k->lines[k->n], text, sizeof(k->lines[0]));
	k->n++;
}

struct conf *
reload_conf(const char *file, const struct conf_macro *macros,
    const struct conf *old, char *why, size_t size)
{
	struct kept	 k;
	struct conf	*conf;
	size_t		 i;

	memset(&k, 0, sizeof(k));
	log_set_sink(keep_line, &k);
	conf = conf_load(file, macros);
	log_set_sink(NULL, NULL);
	for (i = 0; i < k.n && i < KEPT_LINES; i++)
		log_warnx("%s", k.lines[i]);
	if (conf == NULL) {
		(void)strlcpy(why, k.first, size);
		return NULL;
	}
	if (strcmp(conf->rundir, old->rundir) == 0)
		return conf;
	(void)strlcpy(why, "rundir cannot be changed by a reload", size);
	conf_free(conf);
	return NULL;
}
