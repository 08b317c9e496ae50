/*
 * cmdarg.c: what the options of fdbackup say; see controller/cmdarg.h.
 *
 * Runs in the controller.  Touches nothing but memory.
 */

#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cmdarg.h"
#include "sandbox/commands.h"

int
cmdarg_fail(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	/* A message that does not fit is cut. */
	(void)vsnprintf(why, CMDARG_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

int
cmdarg_parse_log(struct log_target *log, const char *arg, const char **why)
{
	bool	 overwrite = arg[0] == '!';

	if (overwrite)
		arg++;
	log->overwrite = overwrite;
	log->path = NULL;
	if (arg[0] != '-') {
		log->where = LOG_PATH;
		log->path = arg;
		*why = "the name of the file is empty";
		return arg[0] != '\0' ? 0 : -1;
	}
	*why = "a standard stream cannot be overwritten";
	if (overwrite)
		return -1;
	*why = "only -, -stdout and -stderr begin with \"-\"; write ./FILE "
	    "for such a file";
	if (strcmp(arg, "-") == 0 || strcmp(arg, "-stdout") == 0)
		log->where = LOG_STDOUT;
	else if (strcmp(arg, "-stderr") == 0)
		log->where = LOG_STDERR;
	else
		return -1;
	return 0;
}

/*
 * A number of bytes, with K, M or G for powers of 1024.  The number, or 0: it
 * is none.
 */
static uint64_t
parse_bytes(const char *arg)
{
	static const char	 units[] = "KMG";
	const char		*error, *unit = NULL;
	char			 digits[32];
	long long		 n, max = INT64_MAX;
	size_t			 len = strlen(arg);
	int			 shift = 0;

	if (len > 0 && (unit = strchr(units, arg[len - 1])) != NULL) {
		shift = 10 * (int)(unit - units + 1);
		len--;
	}
	if (len >= sizeof(digits))
		return 0;
	memcpy(digits, arg, len);
	digits[len] = '\0';
	n = strtonum(digits, 1, max >> shift, &error);
	return error == NULL ? (uint64_t)n << shift : 0;
}

static int
bytes_fail(const char *name, const char *arg, char *why)
{
	return cmdarg_fail(why, "--%s %s: not a number of bytes, such as 512M",
	    name, arg);
}

/* A number from 1 to max, for an option.  The number, or 0 with the reason. */
static unsigned int
parse_number(const char *name, const char *arg, unsigned int max, char *why)
{
	const char	*error;
	long long	 n = strtonum(arg, 1, max, &error);

	if (error != NULL) {
		(void)cmdarg_fail(why, "--%s %s: not a number from 1 to %u",
		    name, arg, max);
		return 0;
	}
	return (unsigned int)n;
}

static int
take_digest(struct options *o, const char *arg, char *why)
{
	o->no_digest = strcmp(arg, "none") == 0;
	if (o->no_digest || strcmp(arg, "sha256") == 0)
		return 0;
	return cmdarg_fail(why, "--digest %s: must be sha256 or none", arg);
}

static int
take_retries(struct options *o, const char *arg, char *why)
{
	const char	*error;

	o->retries = (unsigned int)strtonum(arg, 0, OPTIONS_RETRIES_MAX,
	    &error);
	return error == NULL ? 0 : cmdarg_fail(why, "--retries %s: not a "
	    "number from 0 to %d", arg, OPTIONS_RETRIES_MAX);
}

static int
take_denied(struct options *o, const char *arg, char *why)
{
	static const char *const	 words[] = {
		[DENIED_WARN] = "warn",
		[DENIED_OK] = "ok",
		[DENIED_FAIL] = "fail"
	};
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(arg, words[i]) != 0)
			continue;
		o->denied = (enum options_denied)i;
		return 0;
	}
	return cmdarg_fail(why, "--denied %s: must be ok, warn or fail", arg);
}

static int
take_progress(struct options *o, const char *arg, char *why)
{
	const char	*error;

	if (strcmp(arg, "auto") == 0 || strcmp(arg, "never") == 0) {
		o->progress = arg[0] == 'a' ? PROGRESS_AUTO : PROGRESS_NEVER;
		return 0;
	}
	o->progress = PROGRESS_LINES;
	o->seconds = (unsigned int)strtonum(arg, 1, OPTIONS_PROGRESS_MAX,
	    &error);
	return error == NULL ? 0 : cmdarg_fail(why, "--progress %s: must be "
	    "auto, never or a number of seconds from 1 to %d", arg,
	    OPTIONS_PROGRESS_MAX);
}

/*
 * The compressions: letters of their options, and the names of archives that
 * choose them if there is no such option.
 */
static const struct {
	int			 letter;
	enum compression	 compression;
	const char		*suffixes[3];
} compressions[] = {
	{ 'u', COMPRESSION_NONE,	{ ".tar" } },
	{ 'b', COMPRESSION_BZIP2,	{ ".tar.bz2", ".tbz2", ".tbz" } },
	{ 'g', COMPRESSION_GZIP,	{ ".tar.gz", ".tgz" } },
	{ '4', COMPRESSION_LZ4,		{ ".tar.lz4" } },
	{ 'J', COMPRESSION_XZ,		{ ".tar.xz", ".txz" } },
	{ 'z', COMPRESSION_ZSTD,	{ ".tar.zst", ".tzst" } }
};

#define NCOMPRESSIONS	(sizeof(compressions) / sizeof(compressions[0]))

static int
take_level(struct options *o, int c, const char *arg, const char *name,
    char *why)
{
	size_t	 i;

	for (i = 0; i < NCOMPRESSIONS; i++)
		if (compressions[i].letter == c)
			o->compression = compressions[i].compression;
	o->chosen = true;
	if (arg == NULL)
		return 0;
	o->level = (int)parse_number(name, arg, c == 'z' ? OPTIONS_ZSTD_MAX :
	    OPTIONS_LEVEL_MAX, why);
	return o->level != 0 ? 0 : -1;
}

/* Only the end: a name consists of more than that. */
static bool
ends_with(const char *name, const char *suffix)
{
	size_t	 n = strlen(name), len = strlen(suffix);

	return n > len && name[n - len - 1] != '/' &&
	    strcmp(name + n - len, suffix) == 0;
}

/* The archive's name says how it is compressed, unless an option does. */
void
cmdarg_choose_compression(struct options *o)
{
	size_t	 i, k;

	if (o->chosen || o->archive == NULL)
		return;
	o->compression = COMPRESSION_ZSTD;
	for (i = 0; i < NCOMPRESSIONS; i++)
		for (k = 0; k < 3 && compressions[i].suffixes[k] != NULL; k++)
			if (ends_with(o->archive,
			    compressions[i].suffixes[k]))
				o->compression = compressions[i].compression;
}

int
cmdarg_compression(const struct options *o)
{
	size_t	 i;

	for (i = 0; i < NCOMPRESSIONS; i++)
		if (compressions[i].compression == o->compression)
			return compressions[i].letter;
	return 0;
}

static int
list_add(struct options_list *l, const char *arg, char *why)
{
	const char	**v;

	if ((v = reallocarray(l->v, l->n + 1, sizeof(*v))) == NULL)
		return cmdarg_fail(why, "out of memory");
	l->v = v;
	l->v[l->n++] = arg;
	return 0;
}

static int
take_overwrite(struct options *o, const char *arg, char *why)
{
	static const struct {
		const char	*name;
		enum fdb_over	 over;
	} words[] = {
		{ "refuse", FDB_OVER_REFUSE },
		{ "newer", FDB_OVER_NEWER },
		{ "replace", FDB_OVER_REPLACE }
	};
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(arg, words[i].name) == 0) {
			o->overwrite = words[i].over;
			return 0;
		}
	}
	return cmdarg_fail(why, "--overwrite %s: must be refuse, newer or "
	    "replace", arg);
}

/* A share of the members, in percent. */
static int
take_sample(struct options *o, const char *arg, char *why)
{
	char	*end;
	double	 v = strtod(arg, &end);

	if (*end == '%')
		end++;
	if (arg[0] >= '0' && arg[0] <= '9' && *end == '\0' && v >= 0.0001 &&
	    v <= 100) {
		o->sample = (uint32_t)(v * (OPTIONS_SAMPLE_ALL / 100));
		return 0;
	}
	return cmdarg_fail(why, "--sample %s: not a share such as 10%%, from "
	    "0.0001%% to 100%%", arg);
}

static int
take_seed(struct options *o, const char *arg, char *why)
{
	const char	*error;

	o->seed = (uint64_t)strtonum(arg, 0, INT64_MAX, &error);
	o->seeded = true;
	return error == NULL ? 0 : cmdarg_fail(why, "--seed %s: not a number, "
	    "as the summary of a drill has it", arg);
}

/* The options that say how to restore. */
static int
take_restore(struct options *o, int c, const char *arg, const char *name,
    char *why)
{
	switch (c) {
	case 'F':
		o->fail_fast = true;
		break;
	case 'H':
		o->keep = true;
		break;
	case 'p':
		return take_sample(o, arg, why);
	case 'A':
		return take_seed(o, arg, why);
	case 'q':
		o->quiet = true;
		break;
	case 'k':
		o->keep_damaged = true;
		break;
	case 'Q':
		o->numeric = true;
		break;
	case 'W':
		o->known_owners = true;
		break;
	case 'O':
		o->to_stdout = true;
		break;
	case 'o':
		o->no_owner = true;
		break;
	case 'S':
		o->strip = parse_number(name, arg, OPTIONS_STRIP_MAX, why);
		return o->strip != 0 ? 0 : -1;
	case 'w':
		return take_overwrite(o, arg, why);
	case 'X':
		if ((o->max_size = parse_bytes(arg)) == 0)
			return bytes_fail(name, arg, why);
		break;
	}
	return 0;
}

static int
take_compare(struct options *o, const char *arg, char *why)
{
	o->contents = strcmp(arg, "contents") == 0;
	if (o->contents || strcmp(arg, "metadata") == 0)
		return 0;
	return cmdarg_fail(why, "--compare %s: must be contents or metadata",
	    arg);
}

/* The options that choose what is stored. */
static int
take_choice(struct options *o, int c, const char *arg, const char *name,
    char *why)
{
	switch (c) {
	case '0':
		o->null = true;
		return 0;
	case 'N':
		o->newer = arg;
		return 0;
	case 'B':
		o->since = arg;
		return 0;
	case 'a':
		return take_compare(o, arg, why);
	case 'G':
		o->manifest = arg;
		return 0;
	case 'Y':
		o->removed = true;
		return 0;
	case 'T':
		return list_add(&o->files_from, arg, why);
	case 'c':
		o->caches = true;
		return 0;
	case 'E':
		return list_add(&o->exclude_from, arg, why);
	case 'e':
		return list_add(&o->exclude, arg, why);
	case 'i':
		return list_add(&o->if_present, arg, why);
	case 'n':
		/* Nothing is counted but what would be restored. */
		o->plan = o->command->restores;
		o->dry_run = !o->plan;
		break;
	case 'x':
		o->one_fs = true;
		break;
	default:
		return take_restore(o, c, arg, name, why);
	}
	return 0;
}

/* The only command that serve runs. */
static int
take_only(struct options *o, const char *arg, char *why)
{
	o->only = commands_find(arg);
	if (o->only != NULL && o->only->remote != NULL)
		return 0;
	return cmdarg_fail(why, "--only %s: must be create or extract", arg);
}

/*
 * A host, which ssh(1) gets as an argument, and may give to a shell: nothing
 * that looks like an option or means something to that.
 */
static int
take_host(struct options *o, const char *arg, char *why)
{
	const char	*p;

	for (p = arg; *p != '\0'; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
		    !(*p >= '0' && *p <= '9') &&
		    strchr("@._:%[]-+~=/,", *p) == NULL)
			break;
	if (arg[0] == '\0' || arg[0] == '-' || *p != '\0')
		return cmdarg_fail(why, "--host %s: must be a host, or "
		    "user@host, as ssh takes it", arg);
	o->host = arg;
	return 0;
}

int
cmdarg_take(struct options *o, int c, const char *arg, const char *name,
    char *why)
{
	const char	*phrase;

	switch (c) {
	case 'C':
		o->dir = arg;
		break;
	case 'f':
		if (o->archive == NULL)
			o->archive = arg;
		return list_add(&o->archives, arg, why);
	case 'j':
		o->json = true;
		break;
	case 'l':
		if (cmdarg_parse_log(&o->log, arg, &phrase) == -1)
			return cmdarg_fail(why, "--logfile %s: %s", arg,
			    phrase);
		break;
	case 'M':
		if ((o->max_manifest = parse_bytes(arg)) == 0)
			return bytes_fail(name, arg, why);
		break;
	case 'm':
		if ((o->max_memory = parse_bytes(arg)) == 0)
			return bytes_fail(name, arg, why);
		break;
	case 'D':
		return take_denied(o, arg, why);
	case 'd':
		return take_digest(o, arg, why);
	case '4':
	case 'J':
	case 'b':
	case 'g':
	case 'u':
	case 'z':
		return take_level(o, c, arg, name, why);
	case 't':
		o->threads = parse_number(name, arg, OPTIONS_THREADS_MAX, why);
		return o->threads != 0 ? 0 : -1;
	case 'R':
		return take_retries(o, arg, why);
	case 'P':
		return take_progress(o, arg, why);
	case 'K':
		o->estimate = true;
		break;
	case 'r':
		o->role = arg;
		break;
	case 's':
		o->socket = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'U':
		return take_only(o, arg, why);
	case 'y':
		return take_host(o, arg, why);
	case 'Z':
		o->rsh = arg;
		if (arg[strspn(arg, " \t")] == '\0')
			return cmdarg_fail(why, "--rsh: the command is empty");
		break;
	default:
		return take_choice(o, c, arg, name, why);
	}
	return 0;
}

