/*
 * runfiles.c: which files a run opens; see runfiles.h.
 *
 * Runs in the controller, before it confines itself, with the user's rights.
 * Opens what the command line names, and temporary files; reads none of them.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "controller/runfiles.h"

void
runfiles_init(struct runfiles *f, const struct options *o)
{
	size_t	 i;

	memset(f, 0, sizeof(*f));
	f->options = o;
	f->archive = f->since = -1;
	for (i = 0; i < OPTIONS_ARCHIVES_MAX; i++)
		f->archives[i] = -1;
	for (i = 0; i < COMMAND_SPOOLS_MAX; i++)
		f->spools[i] = -1;
	output_init(&f->output);
	output_init(&f->manifest);
}

/* Open the manifest that is kept beside the archive. */
static int
open_manifest(struct runfiles *f, char *why)
{
	const char	*name = f->options->manifest;

	if (name == NULL)
		return 0;
	if (output_open(&f->manifest, name, why) == -1)
		return -1;
	if (f->manifest.dirfd == -1 || strcmp(name, f->options->archive) == 0 ||
	    output_is_same(&f->manifest, &f->output)) {
		(void)snprintf(why, OUTPUT_WHY_MAX, "--manifest %s: must be "
		    "the name of a file that is not the archive", name);
		return -1;
	}
	return 0;
}

/* The worker inherits the archives after the first. */
static int
open_others(struct runfiles *f, char *why)
{
	const struct options	*o = f->options;
	size_t			 i;

	for (i = 1; i < o->archives.n; i++) {
		f->archives[i] = output_open_input(o->archives.v[i], why);
		if (f->archives[i] == -1)
			return -1;
	}
	return 0;
}

static int
open_archive(struct runfiles *f, char *why)
{
	const struct options	*o = f->options;

	if (o->since != NULL &&
	    (f->since = output_open_since(o->since, why)) == -1)
		return -1;
	if (o->dry_run) {
		if (o->archive != NULL)
			output_look(&f->output, o->archive);
		return 0;
	}
	if (o->command->stores)
		return output_open(&f->output, o->archive, why) == -1 ||
		    open_manifest(f, why) == -1 ||
		    output_check_since(&f->output, f->since, o->since,
		    why) == -1 ?
		    -1 : 0;
	f->archive = output_open_input(o->archive, why);
	return f->archive == -1 ? -1 : open_others(f, why);
}

/* What is written to the log would destroy the archive.  Always -1. */
static int
refuse_log(const struct options *o, const char *archive, char *why)
{
	const char	*name = o->log.path;

	if (name == NULL)
		name = o->log.where == LOG_STDOUT ? "on standard output" :
		    "on standard error";
	(void)snprintf(why, RUNFILES_WHY_MAX, "the log %s is the same file as "
	    "the archive %s; name another file with --logfile", name, archive);
	return -1;
}

/* Is a file the archive, which has no descriptor yet if it is new? */
static bool
is_archive(const struct runfiles *f, int fd)
{
	const struct options	*o = f->options;

	return o->archive != NULL && output_is_archive(fd,
	    o->command->stores ? f->output.fd : f->archive, o->archive);
}

static bool
is_manifest(const struct runfiles *f, int fd)
{
	return f->options->manifest != NULL &&
	    output_is_archive(fd, f->manifest.fd, f->options->manifest);
}

/* Is a file what the run reads, besides its archive?  The name, or NULL. */
static const char *
other_input(const struct runfiles *f, int fd)
{
	const struct options	*o = f->options;
	size_t			 i;

	for (i = 1; i < o->archives.n; i++)
		if (output_is_archive(fd, f->archives[i], o->archives.v[i]))
			return o->archives.v[i];
	return o->since != NULL && output_is_archive(fd, f->since,
	    o->since) ? o->since : NULL;
}

/* Refuse the log if it is another file of the run; else it is emptied. */
static int
check_log(const struct runfiles *f, int log, bool existed, char *why)
{
	const struct options	*o = f->options;
	const char		*name;

	if (is_archive(f, log)) {
		if (!existed)
			output_remove_empty(o->archive);
		return refuse_log(o, o->archive, why);
	}
	if ((name = other_input(f, log)) != NULL)
		return refuse_log(o, name, why);
	if (is_manifest(f, log)) {
		(void)snprintf(why, RUNFILES_WHY_MAX, "the log and the "
		    "manifest are the same file, %s; name another file",
		    o->manifest);
		return -1;
	}
	return output_empty_log(&o->log, log, why);
}

int
runfiles_open(struct runfiles *f, int *log, char *why)
{
	const struct options	*o = f->options;
	char			 why_not[RUNFILES_WHY_MAX];
	bool			 existed = o->archive == NULL ||
				    output_exists(o->archive);
	int			 ret;

	*log = -1;
	if (o->log.where != LOG_NOWHERE &&
	    (*log = output_open_log(&o->log, why)) == -1)
		return -1;
	ret = open_archive(f, why);
	/* A log that is a file of the run comes first among the reasons. */
	if (*log != -1 && check_log(f, *log, existed, why_not) == -1) {
		fd_close(log);
		(void)strlcpy(why, why_not, RUNFILES_WHY_MAX);
		return -1;
	}
	return ret;
}

/* Does the command, with these options, need its temporary file i? */
static bool
needs_spool(const struct options *o, size_t i)
{
	if (o->host != NULL)
		return false;
	/* The first is for a manifest, the other for an earlier one. */
	if (o->command->stores)
		return i == 0 ? !o->dry_run : o->since != NULL;
	if (o->command->restores && i == 2)
		return options_replay(o) || o->command->drills;
	return !o->command->prints || o->removed;
}

int
runfiles_make(struct runfiles *f, char *why)
{
	const struct command	*cmd = f->options->command;
	size_t			 i;

	if (cmd->stores && !f->options->dry_run) {
		if (output_create(&f->output, why) == -1 ||
		    output_create(&f->manifest, why) == -1)
			return -1;
		f->archive = f->output.fd;
	}
	for (i = 0; i < cmd->spools; i++) {
		if (!needs_spool(f->options, i))
			continue;
		f->spools[i] = output_open_spool(f->output.dir, why);
		if (f->spools[i] == -1)
			return -1;
	}
	return 0;
}

bool
runfiles_have(const struct runfiles *f, int fd)
{
	return is_archive(f, fd) || is_manifest(f, fd) ||
	    other_input(f, fd) != NULL;
}

void
runfiles_inherit(const struct runfiles *f, struct job *job)
{
	memcpy(job->spools, f->spools, sizeof(job->spools));
	job->since = f->since;
	job->archives = f->archives;
	job->manifest = f->manifest.fd;
	job->output = f->output.own;
	job->previous = f->output.previous;
}

void
runfiles_inherited(struct runfiles *f)
{
	fd_close_all(f->spools, COMMAND_SPOOLS_MAX);
	fd_close_all(f->archives, OPTIONS_ARCHIVES_MAX);
	fd_close(&f->since);
}

void
runfiles_close(struct runfiles *f)
{
	runfiles_inherited(f);
	/* What is written is the output's. */
	if (f->options->command->stores)
		f->archive = -1;
	fd_close(&f->archive);
	output_close(&f->output);
	output_close(&f->manifest);
}
