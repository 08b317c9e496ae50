/*
 * reloadreport.c: say what a reload changes; see reloadreport.h.
 *
 * Runs in the supervisor, before the new configuration is in force.  Touches
 * memory and the log, and asks the names process about users of sessions.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/diff.h"
#include "daemon/admission.h"
#include "daemon/reloadreport.h"

/* The sessions that do not simply go on. */
struct fates {
	FILE	*fp;
	size_t	 ending, unsure;
};

static void
tell_fate(void *arg, const struct session *s, const char *why)
{
	struct fates	*f = arg;

	if (why == NULL)
		f->unsure++;
	else if (f->ending++ < RELOADREPORT_SESSIONS)
		(void)fprintf(f->fp, "session %u of uid %u, role \"%s\", "
		    "ends: %s\n", s->id, s->peer.uid, s->role, why);
}

char *
reloadreport_new(const struct admission *ad, const struct conf *conf,
    const char *warnings, size_t *changes)
{
	struct fates	 f = { 0 };
	char		*text = NULL;
	size_t		 len;

	if ((f.fp = open_memstream(&text, &len)) == NULL)
		return NULL;
	if (confdiff(ad->conf, conf, f.fp) == 0)
		(void)fputs("the configuration is unchanged\n", f.fp);
	*changes = fflush(f.fp) == 0 ? len : 0;
	admission_foresee(ad, conf, tell_fate, &f);
	if (f.ending > RELOADREPORT_SESSIONS)
		(void)fprintf(f.fp, "and so do %zu more sessions\n",
		    f.ending - RELOADREPORT_SESSIONS);
	if (f.unsure > 0)
		(void)fprintf(f.fp, "sessions that may end, once the groups "
		    "of their users are looked up again: %zu\n", f.unsure);
	(void)fputs(warnings, f.fp);
	if (fclose(f.fp) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}

void
reloadreport_log(const char *report, size_t changes, const char *file)
{
	const char	*end, *p;
	size_t		 n = 0;

	for (p = report; p < report + changes; p = end + 1) {
		if ((end = strchr(p, '\n')) == NULL)
			break;
		if (n++ < RELOADREPORT_LOGGED)
			log_info("%s: %.*s", file, (int)(end - p), p);
	}
	if (n > RELOADREPORT_LOGGED)
		log_info("%s: and %zu more lines", file,
		    n - RELOADREPORT_LOGGED);
}
