/*
 * reload.c: read the configuration again; see daemon/reload.h.
 *
 * Runs in the supervisor.  Reads the files of the configuration and takes over
 * the log while they are parsed, because fdbrokerctl(8) is told the faults and
 * warnings, and because what is logged while names are missing is not meant.
 */

#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/proto.h"
#include "conf/load.h"
#include "conf/sys.h"
#include "conf/warn.h"
#include "daemon/reload.h"

static const struct timeval reload_time = {
	.tv_sec = RELOAD_MS / 1000, .tv_usec = RELOAD_MS % 1000 * 1000
};

/* The lines that the parser logs. */
struct kept {
	char	 first[PROTO_TEXT_MAX];
	char	*text;			/* all, each with a newline */
	size_t	 len;
	size_t	 n;
	FILE	*fp;			/* to the text; NULL: no memory */
};

static void
kept_begin(struct kept *k)
{
	memset(k, 0, sizeof(*k));
	k->fp = open_memstream(&k->text, &k->len);
}

/* Close the stream.  The lines, "" if they are lost. */
static const char *
kept_end(struct kept *k)
{
	if (k->fp != NULL && fclose(k->fp) == EOF) {
		free(k->text);
		k->text = NULL;
	}
	k->fp = NULL;
	return k->text != NULL ? k->text : "";
}

static void
keep_line(void *arg, int priority, const char *text)
{
	struct kept	*k = arg;

	(void)priority;
	if (k->n++ == 0)
		(void)strlcpy(k->first, text, sizeof(k->first));
	if (k->fp != NULL)
		(void)fprintf(k->fp, "%s\n", text);
}

static void
log_lines(const char *lines)
{
	const char	*end;
	size_t		 n;

	for (n = 0; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
		if (n++ < RELOAD_LINES)
			log_warnx("%.*s", (int)(end - lines), lines);
	}
	if (n > RELOAD_LINES)
		log_warnx("and %zu more such lines: see fdbrokerd -n",
		    n - RELOAD_LINES);
}

static void
forget_names(struct reload *r)
{
	struct reload_name	*n;

	while ((n = r->names) != NULL) {
		r->names = n->next;
		idset_free(&n->numbers);
		free(n);
	}
}

/* Ask for all numbers.  They are kept: the accounts forget them soon. */
static enum accounts_answer
numbers_ask(struct reload *r, struct reload_name *n)
{
	enum accounts_answer	 answer;
	const uint32_t		*ends;
	size_t			 nranges;

	answer = accounts_numbers(r->accounts, n->kind == NAMEASK_GIDS, &ends,
	    &nranges);
	if (answer != ACCOUNTS_KNOWN)
		return answer;
	return idset_take(&n->numbers, ends, nranges) == 0 ? ACCOUNTS_KNOWN :
	    ACCOUNTS_FAILED;
}

/* Ask for a name, or for one that was asked for again. */
static void
name_ask(struct reload *r, struct reload_name *n)
{
	enum accounts_answer	 answer;

	if (n->kind == NAMEASK_USER)
		answer = accounts_user(r->accounts, n->name, &n->uid, &n->gid);
	else if (n->kind == NAMEASK_GROUP)
		answer = accounts_group(r->accounts, n->name, &n->gid);
	else
		answer = numbers_ask(r, n);
	n->known = answer == ACCOUNTS_KNOWN || answer == ACCOUNTS_FAILED;
	n->error = answer == ACCOUNTS_FAILED ? errno : 0;
	if (!n->known && r->late) {
		n->known = true;
		n->error = ETIMEDOUT;
	}
}

static struct reload_name *
name_find(const struct reload *r, enum nameask_kind kind, const char *name)
{
	struct reload_name	*n;

	for (n = r->names; n != NULL; n = n->next)
		if (n->kind == kind && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static struct reload_name *
name_add(struct reload *r, enum nameask_kind kind, const char *name)
{
	struct reload_name	*n;
	size_t			 size = strlen(name) + 1;

	if ((n = calloc(1, sizeof(*n) + size)) == NULL)
		return NULL;
	n->kind = kind;
	memcpy(n->name, name, size);
	n->next = r->names;
	r->names = n;
	name_ask(r, n);
	return n;
}

/* What is known of a name.  NULL with errno, EAGAIN if that is nothing yet. */
static const struct reload_name *
name_get(struct reload *r, enum nameask_kind kind, const char *name)
{
	struct reload_name	*n;

	if ((n = name_find(r, kind, name)) == NULL &&
	    (n = name_add(r, kind, name)) == NULL)
		return NULL;
	if (!n->known) {
		r->unknown++;
		errno = EAGAIN;
		return NULL;
	}
	errno = n->error;
	return n->error == 0 ? n : NULL;
}

static int
reload_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	const struct reload_name	*n = name_get(arg, NAMEASK_USER, name);

	if (n == NULL)
		return -1;
	*uid = n->uid;
	*gid = n->gid;
	return 0;
}

static int
reload_group(void *arg, const char *name, uint32_t *gid)
{
	const struct reload_name	*n = name_get(arg, NAMEASK_GROUP, name);

	if (n == NULL)
		return -1;
	*gid = n->gid;
	return 0;
}

static int
reload_numbers(void *arg, bool groups, struct idset *set)
{
	const struct reload_name	*n;

	n = name_get(arg, groups ? NAMEASK_GIDS : NAMEASK_UIDS, "");
	return n == NULL ? -1 : idset_take(set, n->numbers.ends, n->numbers.n);
}

static void
reload_end(struct reload *r, struct conf *conf, const char *why,
    const char *lines)
{
	log_lines(lines);
	forget_names(r);
	r->running = false;
	(void)event_del(r->timer);
	r->done(r->arg, conf, why, lines);
}

/* The file system, of which everything is assumed that avoids a warning. */
static int
assume_root(void *arg, const char *path, char link[PATH_MAX],
    char real[PATH_MAX])
{
	(void)arg;
	(void)path;
	link[0] = real[0] = '\0';
	return 1;
}

static bool
assume_directory(void *arg, const char *path)
{
	(void)arg;
	(void)path;
	return true;
}

/* Read the configuration; end if it asked for no name that is unknown. */
static void
reload_read(struct reload *r)
{
	struct confsys	 sys = confsys_real;
	struct kept	 k;
	struct conf	*conf;
	const char	*lines;

	/* The other functions of the real system use no argument. */
	sys.user = reload_user;
	sys.group = reload_group;
	sys.numbers = reload_numbers;
	sys.arg = r;
	kept_begin(&k);
	r->unknown = 0;
	log_set_sink(keep_line, &k);
	conf = conf_load_from(&sys, r->file, r->macros);
	sys.root = assume_root;
	sys.is_directory = assume_directory;
	sys.directories = NULL;
	if (conf != NULL)
		(void)confwarn(conf, &sys, r->file);
	log_set_sink(NULL, NULL);
	lines = kept_end(&k);
	if (r->unknown == 0)
		reload_end(r, conf, k.first, lines);
	else
		conf_free(conf);
	free(k.text);
}

void
reload_begin(struct reload *r, bool dry)
{
	r->dry = dry && (!r->running || r->dry);
	if (!r->running)
		(void)event_add(r->timer, &reload_time);
	r->running = true;
	r->late = false;
	forget_names(r);
	accounts_flush(r->accounts);
	reload_read(r);
}

void
reload_answered(struct reload *r)
{
	struct reload_name	*n;

	if (!r->running)
		return;
	for (n = r->names; n != NULL; n = n->next)
		if (!n->known)
			name_ask(r, n);
	for (n = r->names; n != NULL; n = n->next)
		if (!n->known)
			return;
	reload_read(r);
}

/* Go on without the names that have no answer. */
static void
reload_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct reload	*r = arg;

	(void)fd;
	(void)what;
	r->late = true;
	reload_answered(r);
}

int
reload_init(struct reload *r, struct event_base *base)
{
	r->running = false;
	r->names = NULL;
	r->timer = evtimer_new(base, reload_timeout, r);
	return r->timer != NULL ? 0 : -1;
}

void
reload_stop(struct reload *r)
{
	forget_names(r);
	r->running = false;
	if (r->timer != NULL)
		event_free(r->timer);
	r->timer = NULL;
}
