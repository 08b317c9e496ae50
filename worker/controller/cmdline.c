/*
 * cmdline.c: the command line of fdbackup; see controller/cmdline.h.
 *
 * Runs in the controller.  Touches nothing but memory; files are looked at
 * later.
 */

#include "config.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "controller/cmdline.h"
#include "controller/nearest.h"
#include "sandbox/commands.h"

/*
 * The options of all commands, in the order of the alphabet.  A command takes
 * those whose letters are in its row of the table of commands.
 */
static const struct row {
	const char	*name;
	int		 letter;
	bool		 is_short;	/* it can be given as the letter */
	int		 has_arg;
	const char	*arg;		/* what the help calls it */
	const char	*help;
} rows[] = {
	{ "bzip2", 'b', false, optional_argument, "level",
	    "compress with bzip2" },
	{ "compare", 'a', false, required_argument, "contents | metadata",
	    "how to find what has changed" },
	{ "denied", 'D', false, required_argument, "ok | warn | fail",
	    "what it means that policy keeps something out" },
	{ "digest", 'd', false, required_argument, "sha256 | none",
	    "what the manifest records of contents" },
	{ "directory", 'C', true, required_argument, "directory",
	    "paths without a leading \"/\" are relative to it" },
	{ "dry-run", 'n', true, no_argument, NULL,
	    "say what would be done, and do nothing" },
	{ "estimate", 'K', false, no_argument, NULL,
	    "count first, to tell how long it takes" },
	{ "exclude", 'e', false, required_argument, "pattern",
	    "leave out what it matches" },
	{ "exclude-caches", 'c', false, no_argument, NULL,
	    "leave out what is beside a CACHEDIR.TAG" },
	{ "exclude-from", 'E', false, required_argument, "file",
	    "read patterns from a file" },
	{ "exclude-if-present", 'i', false, required_argument, "name",
	    "leave out what is beside a file of this name" },
	{ "fail-fast", 'F', false, no_argument, NULL,
	    "stop at the first object that is not restored" },
	{ "file", 'f', true, required_argument, "archive",
	    "the archive; \"-\" is a standard stream" },
	{ "files-from", 'T', true, required_argument, "file",
	    "read paths from a file" },
	{ "gzip", 'g', false, optional_argument, "level",
	    "compress with gzip" },
	{ "json", 'j', false, no_argument, NULL,
	    "write JSON, an object a line" },
	{ "keep-damaged", 'k', false, no_argument, NULL,
	    "do not remove files that turn out to be damaged" },
	{ "logfile", 'l', false, required_argument, "target",
	    "append messages to a file; \"!file\" overwrites it" },
	{ "lz4", '4', false, optional_argument, "level",
	    "compress with lz4" },
	{ "manifest", 'G', false, required_argument, "file",
	    "also keep the manifest in a file" },
	{ "max-manifest", 'M', false, required_argument, "bytes",
	    "temporary space for the manifest" },
	{ "max-memory", 'm', false, required_argument, "bytes",
	    "memory that the worker may use" },
	{ "max-size", 'X', false, required_argument, "bytes",
	    "restore no more contents than this" },
	{ "newer", 'N', false, required_argument, "date | file",
	    "leave out files that have not changed since then" },
	{ "no-owner", 'o', false, no_argument, NULL,
	    "do not restore owners and groups" },
	{ "none", 'u', false, no_argument, NULL,
	    "do not compress" },
	{ "null", '0', true, no_argument, NULL,
	    "with -T: a NUL byte follows each path" },
	{ "numeric-owner", 'Q', false, no_argument, NULL,
	    "restore owners by number, not by name" },
	{ "one-file-system", 'x', true, no_argument, NULL,
	    "do not cross mount points" },
	{ "overwrite", 'w', false, required_argument,
	    "refuse | newer | replace",
	    "what becomes of what is there" },
	{ "progress", 'P', false, required_argument, "auto | never | seconds",
	    "how often to say how far it is" },
	{ "removed", 'Y', false, no_argument, NULL,
	    "list what was removed since the archive before" },
	{ "retries", 'R', false, required_argument, "number",
	    "how often a file that changes is read again" },
	{ "role", 'r', true, required_argument, "role",
	    "read through fdbrokerd, in this role" },
	{ "since", 'B', false, required_argument, "manifest | archive",
	    "store only what has changed since it was made" },
	{ "socket", 's', true, required_argument, "socket",
	    "where fdbrokerd listens" },
	{ "strip-components", 'S', false, required_argument, "number",
	    "leave out this many directories of each name" },
	{ "threads", 't', false, required_argument, "number",
	    "number of threads that compress" },
	{ "to-stdout", 'O', true, no_argument, NULL,
	    "write contents to standard output" },
	{ "verbose", 'v', true, no_argument, NULL,
	    "say more" },
	{ "xz", 'J', false, optional_argument, "level",
	    "compress with xz" },
	{ "zstd", 'z', false, optional_argument, "level",
	    "compress with zstd, which is the default" }
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

/* Letters of what every command takes. */
#define LETTER_HELP	'h'
#define LETTER_VERSION	1

#define HELP_COLUMN	32	/* where texts begin */

void
cmdline_usage(FILE *f)
{
	const struct command	*cmd;
	size_t			 i;

	for (i = 0; (cmd = commands_at(i)) != NULL; i++)
		(void)fprintf(f, "%s fdbackup %s %s\n",
		    i == 0 ? "usage:" : "      ", cmd->name, cmd->usage);
	(void)fprintf(f, "       fdbackup redirect pid target\n");
}

static void
help_option(FILE *f, const struct row *r)
{
	char	 text[80];
	int	 n;

	n = snprintf(text, sizeof(text), "  %c%c%s --%s%s%s%s",
	    r->is_short ? '-' : ' ', r->is_short ? r->letter : ' ',
	    r->is_short ? "," : " ", r->name,
	    r->has_arg == optional_argument ? "[=" : r->arg != NULL ? " " : "",
	    r->arg != NULL ? r->arg : "",
	    r->has_arg == optional_argument ? "]" : "");
	if (n >= HELP_COLUMN)
		(void)fprintf(f, "%s\n%*s%s\n", text, HELP_COLUMN, "",
		    r->help);
	else
		(void)fprintf(f, "%-*s%s\n", HELP_COLUMN, text, r->help);
}

void
cmdline_help(FILE *f, const struct command *cmd)
{
	size_t	 i;

	if (cmd == NULL) {
		cmdline_usage(f);
		(void)fprintf(f, "\n\"fdbackup COMMAND --help\" lists the "
		    "options of a command.  See also fdbackup(1).\n");
		return;
	}
	(void)fprintf(f, "usage: fdbackup %s %s\n\n", cmd->name, cmd->usage);
	for (i = 0; i < NROWS; i++)
		if (strchr(cmd->letters, rows[i].letter) != NULL)
			help_option(f, &rows[i]);
	(void)fprintf(f, "\nSee fdbackup(1) for all of it.\n");
}

static int
cmdline_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A message that does not fit is cut. */
static int
cmdline_fail(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, CMDLINE_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

int
cmdline_parse_log(struct log_target *log, const char *arg, const char **why)
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
bytes_fail(int letter, const char *arg, char *why)
{
	return cmdline_fail(why, "--%s %s: not a number of bytes, such as 512M",
	    cmdline_long_name(letter), arg);
}

/* A number from 1 to max, for an option.  The number, or 0 with the reason. */
static unsigned int
parse_number(int letter, const char *arg, unsigned int max, char *why)
{
	const char	*error;
	long long	 n = strtonum(arg, 1, max, &error);

	if (error != NULL) {
		(void)cmdline_fail(why, "--%s %s: not a number from 1 to %u",
		    cmdline_long_name(letter), arg, max);
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
	return cmdline_fail(why, "--digest %s: must be sha256 or none", arg);
}

static int
take_retries(struct options *o, const char *arg, char *why)
{
	const char	*error;

	o->retries = (unsigned int)strtonum(arg, 0, OPTIONS_RETRIES_MAX,
	    &error);
	return error == NULL ? 0 : cmdline_fail(why, "--retries %s: not a "
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
	return cmdline_fail(why, "--denied %s: must be ok, warn or fail", arg);
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
	return error == NULL ? 0 : cmdline_fail(why, "--progress %s: must be "
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
take_level(struct options *o, int c, const char *arg, char *why)
{
	size_t	 i;

	for (i = 0; i < NCOMPRESSIONS; i++)
		if (compressions[i].letter == c)
			o->compression = compressions[i].compression;
	o->chosen = true;
	if (arg == NULL)
		return 0;
	o->level = (int)parse_number(c, arg, c == 'z' ? OPTIONS_ZSTD_MAX :
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
static void
choose_compression(struct options *o)
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

static int
list_add(struct options_list *l, const char *arg, char *why)
{
	const char	**v;

	if ((v = reallocarray(l->v, l->n + 1, sizeof(*v))) == NULL)
		return cmdline_fail(why, "out of memory");
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
	return cmdline_fail(why, "--overwrite %s: must be refuse, newer or "
	    "replace", arg);
}

/* The options that say how to restore. */
static int
take_restore(struct options *o, int c, const char *arg, char *why)
{
	switch (c) {
	case 'F':
		o->fail_fast = true;
		break;
	case 'k':
		o->keep_damaged = true;
		break;
	case 'Q':
		o->numeric = true;
		break;
	case 'O':
		o->to_stdout = true;
		break;
	case 'o':
		o->no_owner = true;
		break;
	case 'S':
		o->strip = parse_number(c, arg, OPTIONS_STRIP_MAX, why);
		return o->strip != 0 ? 0 : -1;
	case 'w':
		return take_overwrite(o, arg, why);
	case 'X':
		if ((o->max_size = parse_bytes(arg)) == 0)
			return bytes_fail(c, arg, why);
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
	return cmdline_fail(why, "--compare %s: must be contents or metadata",
	    arg);
}

/* The options that choose what is stored. */
static int
take_choice(struct options *o, int c, const char *arg, char *why)
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
		return take_restore(o, c, arg, why);
	}
	return 0;
}

static int
cmdline_take(struct options *o, int c, char *arg, char *why)
{
	const char	*phrase;

	switch (c) {
	case 'C':
		o->dir = arg;
		break;
	case 'f':
		o->archive = arg;
		break;
	case 'j':
		o->json = true;
		break;
	case 'l':
		if (cmdline_parse_log(&o->log, arg, &phrase) == -1)
			return cmdline_fail(why, "--logfile %s: %s", arg,
			    phrase);
		break;
	case 'M':
		if ((o->max_manifest = parse_bytes(arg)) == 0)
			return bytes_fail(c, arg, why);
		break;
	case 'm':
		if ((o->max_memory = parse_bytes(arg)) == 0)
			return bytes_fail(c, arg, why);
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
		return take_level(o, c, arg, why);
	case 't':
		o->threads = parse_number(c, arg, OPTIONS_THREADS_MAX, why);
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
	default:
		return take_choice(o, c, arg, why);
	}
	return 0;
}

static size_t
count_dashes(const struct options_list *l)
{
	size_t	 i, n = 0;

	for (i = 0; i < l->n; i++)
		n += strcmp(l->v[i], "-") == 0;
	return n;
}

/* Check the options that choose what is stored. */
static int
check_choice(const struct options *o, char *why)
{
	if (o->command->stores && o->npaths == 0 && o->files_from.n == 0)
		return cmdline_fail(why, "%s needs a path to store",
		    o->command->name);
	if (o->estimate && o->dry_run)
		return cmdline_fail(why, "-n counts itself: leave out "
		    "--estimate");
	if (o->null && o->files_from.n == 0 && !o->removed)
		return cmdline_fail(why, "-0 needs %s", o->command->prints ?
		    "--removed" : "-T");
	if (o->removed && o->json)
		return cmdline_fail(why, "--removed and --json exclude each "
		    "other");
	if (o->newer != NULL && o->since != NULL)
		return cmdline_fail(why, "--newer and --since exclude each "
		    "other");
	if (o->dry_run && o->manifest != NULL)
		return cmdline_fail(why, "--dry-run makes no manifest");
	if (o->dry_run && o->contents)
		return cmdline_fail(why, "--dry-run opens no files to compare "
		    "contents");
	if (!o->command->stores && o->denied == DENIED_FAIL)
		return cmdline_fail(why, "--denied fail is for create");
	if (o->contents && o->command->stores && o->since == NULL)
		return cmdline_fail(why, "--compare needs --since");
	if (o->contents && o->no_digest)
		return cmdline_fail(why, "--compare contents needs digests");
	if (count_dashes(&o->files_from) + count_dashes(&o->exclude_from) > 1)
		return cmdline_fail(why, "standard input can be read only "
		    "once");
	return 0;
}

static int
check_restore(const struct options *o, char *why)
{
	if (o->to_stdout && o->plan)
		return cmdline_fail(why, "-O and -n exclude each other");
	if (o->to_stdout && (o->dir != NULL || o->role != NULL))
		return cmdline_fail(why, "-O restores nothing: leave out -C "
		    "and --role");
	if (o->to_stdout && o->log.where == LOG_STDOUT)
		return cmdline_fail(why,
		    "contents and log cannot both go to standard output");
	if (!o->to_stdout && o->dir == NULL)
		return cmdline_fail(why, "%s needs -C directory, where it "
		    "restores; -C . is the current one", o->command->name);
	return 0;
}

/* Check the options against the command and each other. */
static int
cmdline_check(const struct options *o, char *why)
{
	const struct command	*cmd = o->command;

	if (o->archive == NULL && !o->dry_run)
		return cmdline_fail(why, "%s needs -f archive",
		    cmd->name);
	if (o->archive != NULL && o->archive[0] == '\0')
		return cmdline_fail(why, "-f: the name is empty");
	if (!cmd->walks && !cmd->restores && o->npaths > 0)
		return cmdline_fail(why, "%s takes no paths: %s",
		    cmd->name, o->paths[0]);
	if ((cmd->stores && check_choice(o, why) == -1) ||
	    (cmd->restores && check_restore(o, why) == -1))
		return -1;
	if (o->socket != NULL && o->role == NULL)
		return cmdline_fail(why, "-s needs --role");
	if (o->role != NULL && !rolename_is_valid(o->role))
		return cmdline_fail(why, "--role: no role can have the name "
		    "\"%s\"; expected " ROLENAME_RULE, o->role);
	if (o->json && o->log.where == LOG_STDOUT)
		return cmdline_fail(why,
		    "JSON and log cannot both go to standard output");
	if (!cmd->stores || o->dry_run || strcmp(o->archive, "-") != 0)
		return 0;
	if (o->log.where == LOG_STDOUT)
		return cmdline_fail(why,
		    "archive and log cannot both go to standard output");
	if (o->json)
		return cmdline_fail(why,
		    "archive and JSON cannot both go to standard output");
	return 0;
}

static const struct row *
find_row(int letter)
{
	size_t	 i;

	for (i = 0; i < NROWS; i++)
		if (rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

const char *
cmdline_long_name(int letter)
{
	const struct row	*r = find_row(letter);

	return r != NULL ? r->name : NULL;
}

/* The tables of getopt_long(3): short has room for all letters. */
struct tables {
	char		 letters[2 * NROWS + 3];
	struct option	 names[NROWS + 3];
};

static void
make_tables(struct tables *t)
{
	const struct row	*r;
	char			*p = t->letters;
	size_t			 i;

	memset(t, 0, sizeof(*t));
	*p++ = ':';
	*p++ = LETTER_HELP;
	for (i = 0; i < NROWS; i++) {
		r = &rows[i];
		t->names[i] = (struct option){ r->name, r->has_arg, NULL,
		    r->letter };
		if (!r->is_short)
			continue;
		*p++ = (char)r->letter;
		if (r->has_arg == required_argument)
			*p++ = ':';
	}
	t->names[i++] = (struct option){ "help", no_argument, NULL,
	    LETTER_HELP };
	t->names[i] = (struct option){ "version", no_argument, NULL,
	    LETTER_VERSION };
}

/* An option that no command has, with the one that was meant. */
static int
fail_unknown(const struct command *cmd, const char *given, char *why)
{
	struct nearest	 near = { NULL, 0 };
	char		 word[64];
	size_t		 i, len = strcspn(given, "=");

	if (len >= sizeof(word))
		return cmdline_fail(why, "unknown option: %s", given);
	(void)strlcpy(word, given, len + 1);
	for (i = 0; i < NROWS; i++)
		if (strchr(cmd->letters, rows[i].letter) != NULL)
			nearest_try(&near, word + 2, rows[i].name);
	/* An option of another command only if it is spelled much better. */
	for (i = 0; i < NROWS; i++)
		nearest_try(&near, word + 2, rows[i].name);
	if (near.name == NULL)
		return cmdline_fail(why, "unknown option: %s", word);
	return cmdline_fail(why, "unknown option: %s; did you mean --%s?",
	    word, near.name);
}

/* True if an abbreviated long option could be several ones. */
static bool
is_ambiguous(const char *given)
{
	size_t	 i, n = 0, len = strcspn(given + 2, "=");

	for (i = 0; i < NROWS; i++)
		n += strncmp(rows[i].name, given + 2, len) == 0;
	return n > 1;
}

/* True if a long option was given with an argument that it does not take. */
static bool
is_name_of(const char *given, const char *name)
{
	size_t	 len = strcspn(given, "=");

	return len > 2 && given[len] == '=' && strncmp(given, "--", 2) == 0 &&
	    strncmp(given + 2, name, len - 2) == 0;
}

/* getopt_long(3) refused the option given, and set optopt to `letter'. */
static int
fail_option(const struct command *cmd, const char *given, int letter,
    char *why)
{
	const char	*name = letter == LETTER_HELP ? "help" :
			    letter == LETTER_VERSION ? "version" :
			    cmdline_long_name(letter);

	if (letter != 0 && name != NULL && is_name_of(given, name))
		return cmdline_fail(why, "--%s takes no argument", name);
	/* Of a group of letters, `given' may be the word before it. */
	if (letter != 0)
		return cmdline_fail(why, "unknown option: -%c", letter);
	if (is_ambiguous(given))
		return cmdline_fail(why, "%s is the beginning of several "
		    "options: write it out", given);
	return fail_unknown(cmd, given, why);
}

/* The option exists, and this command does not take it. */
static int
fail_foreign(const struct row *r, char *why)
{
	const struct command	*cmd;
	const char		*last = NULL;
	char			 names[64] = "";
	size_t			 i;

	for (i = 0; (cmd = commands_at(i)) != NULL; i++) {
		if (strchr(cmd->letters, r->letter) == NULL)
			continue;
		if (last != NULL && names[0] != '\0')
			(void)strlcat(names, ", ", sizeof(names));
		if (last != NULL)
			(void)strlcat(names, last, sizeof(names));
		last = cmd->name;
	}
	if (names[0] != '\0')
		(void)strlcat(names, " and ", sizeof(names));
	if (last != NULL)
		(void)strlcat(names, last, sizeof(names));
	return cmdline_fail(why, "--%s belongs to %s", r->name, names);
}

/*
 * Refuse an option that comes a second time, where the first would be
 * forgotten.  Those that compress exclude each other.
 */
static int
check_again(int *seen, const struct row *r, char *why)
{
	static const char	 compress[] = "4Jbguz";
	static const char	 again[] = "0ceEFijknoOQTvx";
	const struct row	*other;
	size_t			 slot = (size_t)r->letter;

	if (strchr(again, r->letter) != NULL)
		return 0;
	if (strchr(compress, r->letter) != NULL)
		slot = (size_t)compress[0];
	other = find_row(seen[slot]);
	seen[slot] = r->letter;
	if (other == NULL)
		return 0;
	if (other != r)
		return cmdline_fail(why, "--%s and --%s exclude each other",
		    other->name, r->name);
	if (r->is_short)
		return cmdline_fail(why, "-%c is given twice", r->letter);
	return cmdline_fail(why, "--%s is given twice", r->name);
}

/* One option.  0; 1: it asks for help or the version; -1. */
static int
parse_option(struct options *o, int c, int *seen, char **argv, char *why)
{
	const struct row	*r;

	if (c == ':')
		return cmdline_fail(why, "%s needs an argument",
		    argv[optind - 1]);
	if (c == '?')
		return fail_option(o->command, argv[optind - 1], optopt, why);
	if (c == LETTER_HELP || c == LETTER_VERSION) {
		o->show = c == LETTER_HELP ? SHOW_HELP : SHOW_VERSION;
		return 1;
	}
	r = find_row(c);
	if (strchr(o->command->letters, c) == NULL)
		return fail_foreign(r, why);
	if (check_again(seen, r, why) == -1)
		return -1;
	return cmdline_take(o, c, optarg, why);
}

static int
parse_command(struct options *o, const char *name, char *why)
{
	const struct command	*cmd;
	struct nearest		 near = { NULL, 0 };
	size_t			 i;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0)
		o->show = SHOW_HELP;
	else if (strcmp(name, "--version") == 0)
		o->show = SHOW_VERSION;
	if (o->show != SHOW_NOTHING)
		return 0;
	if ((o->command = commands_find(name)) != NULL)
		return 0;
	if (name[0] == '-')
		return cmdline_fail(why, "the command comes first, before %s",
		    name);
	for (i = 0; (cmd = commands_at(i)) != NULL; i++)
		nearest_try(&near, name, cmd->name);
	if (near.name == NULL)
		return cmdline_fail(why, "unknown command: %s", name);
	return cmdline_fail(why, "unknown command: %s; did you mean %s?",
	    name, near.name);
}

int
cmdline_parse(struct options *o, int argc, char **argv, char *why)
{
	struct tables	 t;
	int		 seen[128] = { 0 };
	int		 c, n;

	memset(o, 0, sizeof(*o));
	if (argc < 2)
		return cmdline_fail(why, "no command");
	if (parse_command(o, argv[1], why) == -1)
		return -1;
	if (o->show != SHOW_NOTHING)
		return 0;
	o->max_memory = o->command->memory;
	o->compression = COMPRESSION_ZSTD;
	o->retries = OPTIONS_RETRIES;
	o->contents = o->command->compares && o->command->walks;
	argc--;
	argv++;
	make_tables(&t);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, t.letters, t.names, NULL)) != -1)
		if ((n = parse_option(o, c, seen, argv, why)) != 0)
			return n == 1 ? 0 : -1;
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	choose_compression(o);
	return cmdline_check(o, why);
}

void
cmdline_free(struct options *o)
{
	free(o->exclude.v);
	free(o->exclude_from.v);
	free(o->files_from.v);
	free(o->if_present.v);
}
