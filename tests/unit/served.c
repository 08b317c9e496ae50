/*
 * served.c: what must hold of a request that "fdbackup serve" accepts; see
 * tests/unit/served.h.
 */

#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cmdline.h"
#include "tests/unit/served.h"

#define ARGS_MAX	16

static const char	*const texts[SERVED_LINES] = {
	"fdbackup serve",
	"fdbackup serve --max-memory 512M",
	"fdbackup serve --only create",
	"fdbackup serve --only create /home /etc",
	"fdbackup serve --only create --exclude a --exclude ./b",
	"fdbackup serve --only create --role nightly -s /s --exclude x /home",
	"fdbackup serve --only create -C /home --max-memory 2G alice",
	"fdbackup serve --only extract -C /srv/x",
	"fdbackup serve --only extract --role restore",
	"fdbackup serve -C /srv/x",
	[SERVED_CREATE] = "fdbackup serve --only create --role r -s /s -C /d "
	    "--max-memory 100M --exclude x a",
	[SERVED_EXTRACT] = "fdbackup serve --only extract --role r -s /s -C /d "
	    "--max-memory 100M"
};

void
served_init(struct options lines[SERVED_LINES])
{
	static char	 copies[SERVED_LINES][128];
	static char	*argv[SERVED_LINES][ARGS_MAX];
	char		 why[CMDLINE_WHY_MAX], *p, *word;
	size_t		 i;
	int		 argc;

	for (i = 0; i < SERVED_LINES; i++) {
		if (strlcpy(copies[i], texts[i], sizeof(copies[i])) >=
		    sizeof(copies[i]))
			abort();
		for (argc = 0, p = copies[i];
		    (word = strsep(&p, " ")) != NULL;) {
			if (argc == ARGS_MAX)
				abort();
			argv[i][argc++] = word;
		}
		if (cmdline_parse(&lines[i], argc, argv[i], why) == -1)
			abort();
	}
}

void
served_clear(struct options lines[SERVED_LINES])
{
	size_t	 i;

	for (i = 0; i < SERVED_LINES; i++)
		cmdline_free(&lines[i]);
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* In any case: it names no file of this machine but where it restores. */
static const char *
check_files(const struct options *o)
{
	if (!o->served || o->show != SHOW_NOTHING ||
	    !(o->command->stores || o->command->restores) ||
	    o->command->drills)
		return "the command";
	if (o->archives.n != 1 || strcmp(o->archive, "-") != 0)
		return "the archive";
	if (o->log.where != LOG_NOWHERE || o->progress != PROGRESS_AUTO)
		return "the log";
	if (o->manifest != NULL || o->since != NULL ||
	    o->files_from.n > 0 || o->exclude_from.n > 0 ||
	    (o->newer != NULL && o->newer[0] != '@'))
		return "a file";
	if (o->host != NULL || o->rsh != NULL || o->only != NULL)
		return "another machine";
	if (o->to_stdout || o->removed || o->keep || o->null)
		return "an option of this machine";
	return o->command->stores ? o->npaths > 0 ? NULL : "no path" :
	    o->dir != NULL ? NULL : "no directory";
}

static bool
is_relative(const char *pattern)
{
	return strncmp(pattern, "./", 2) == 0;
}

/* What is always excluded comes first, and is compared with all paths. */
static const char *
check_exclude(const struct options *line, const struct options *o)
{
	const struct options_list	*f = &line->exclude, *l = &o->exclude;
	size_t				 i, k = 0;

	for (i = 0; i < f->n; i++, k++) {
		if (k >= l->n || strcmp(l->v[k], f->v[i]) != 0)
			return "--exclude";
		if (f->v[i][0] == '/' || is_relative(f->v[i]))
			continue;
		if (++k >= l->n || strncmp(l->v[k], "/**/", 4) != 0 ||
		    strcmp(l->v[k] + 4, f->v[i]) != 0)
			return "--exclude with absolute paths";
	}
	return NULL;
}

/* May the client choose -C? */
static bool
may_choose_dir(const struct options *line, const struct options *o)
{
	size_t	 i;

	if (line->dir != NULL)
		return false;
	if (o->command->restores)
		return line->role != NULL;
	for (i = 0; i < line->exclude.n; i++)
		if (is_relative(line->exclude.v[i]))
			return false;
	return line->npaths == 0;
}

const char *
served_check(const struct options *line, const struct options *o)
{
	const bool	 open = line->only == NULL && line->role == NULL &&
			    line->socket == NULL && line->dir == NULL &&
			    line->exclude.n == 0 && line->npaths == 0 &&
			    line->max_memory == 0;
	const char	*what = check_files(o);

	if (what != NULL || open)
		return what;
	if (line->only != NULL && o->command != line->only)
		return "--only";
	if (!is_same(o->role, line->role) || !is_same(o->socket, line->socket))
		return "--role";
	if (o->max_memory > (line->max_memory != 0 ? line->max_memory :
	    o->command->memory))
		return "--max-memory";
	if (o->max_manifest > 64 * 1024 * 1024)
		return "--max-manifest";
	if (!may_choose_dir(line, o) && !is_same(o->dir, line->dir))
		return "-C";
	if (!o->command->stores)
		return NULL;
	if (o->within != line->paths || o->nwithin != line->npaths)
		return "paths";
	return check_exclude(line, o);
}
