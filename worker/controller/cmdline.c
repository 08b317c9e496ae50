/*
 * cmdline.c: the command line of fdbackup; see controller/cmdline.h.
 *
 * Runs in the controller.  Touches nothing but memory; files are looked at
 * later.
 */

#include "config.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "controller/cmdarg.h"
#include "controller/cmdline.h"
#include "controller/nearest.h"
#include "controller/request.h"
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
	{ "host", 'y', false, required_argument, "host",
	    "let this host do the work, by ssh" },
	{ "json", 'j', false, no_argument, NULL,
	    "write JSON, an object a line" },
	{ "keep", 'H', false, no_argument, NULL,
	    "do not remove what was restored" },
	{ "keep-damaged", 'k', false, no_argument, NULL,
	    "do not remove files that turn out to be damaged" },
	{ "known-owners", 'W', false, no_argument, NULL,
	    "restore only owners that have an account here" },
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
	{ "only", 'U', false, required_argument, "create | extract",
	    "run no other command" },
	{ "overwrite", 'w', false, required_argument,
	    "refuse | newer | replace",
	    "what becomes of what is there" },
	{ "progress", 'P', false, required_argument, "auto | never | seconds",
	    "how often to say how far it is" },
	{ "quiet", 'q', true, no_argument, NULL,
	    "say nothing if nothing is wrong" },
	{ "removed", 'Y', false, no_argument, NULL,
	    "what was removed since the archive before" },
	{ "retries", 'R', false, required_argument, "number",
	    "how often a file that changes is read again" },
	{ "role", 'r', true, required_argument, "role",
	    "read through fdbrokerd, in this role" },
	{ "rsh", 'Z', false, required_argument, "command",
	    "what connects to the host, instead of ssh" },
	{ "sample", 'p', false, required_argument, "share",
	    "how many members, such as 10%, which is the default" },
	{ "seed", 'A', false, required_argument, "number",
	    "choose what the drill with this seed chose" },
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
	if (o->command->stores && o->npaths == 0 && o->files_from.n == 0 &&
	    o->host == NULL && !o->served)
		return cmdarg_fail(why, "%s needs a path to store",
		    o->command->name);
	if (o->estimate && o->dry_run)
		return cmdarg_fail(why, "-n counts itself: leave out "
		    "--estimate");
	if (o->null && o->files_from.n == 0 && !o->removed)
		return cmdarg_fail(why, "-0 needs %s", o->command->prints ?
		    "--removed" : "-T");
	if (o->removed && o->json && o->command->prints)
		return cmdarg_fail(why, "--removed and --json exclude each "
		    "other");
	if (o->newer != NULL && o->since != NULL)
		return cmdarg_fail(why, "--newer and --since exclude each "
		    "other");
	if (o->dry_run && o->manifest != NULL)
		return cmdarg_fail(why, "--dry-run makes no manifest");
	if (o->dry_run && o->contents)
		return cmdarg_fail(why, "--dry-run opens no files to compare "
		    "contents");
	if (!o->command->stores && o->denied == DENIED_FAIL)
		return cmdarg_fail(why, "--denied fail is for create");
	if (o->contents && o->command->stores && o->since == NULL)
		return cmdarg_fail(why, "--compare needs --since");
	if (o->contents && o->no_digest)
		return cmdarg_fail(why, "--compare contents needs digests");
	if (count_dashes(&o->files_from) + count_dashes(&o->exclude_from) > 1)
		return cmdarg_fail(why, "standard input can be read only "
		    "once");
	return 0;
}

/* Several archives, or one whose removed names count, are read twice. */
static int
check_archives(const struct options *o, char *why)
{
	size_t	 i;

	if (o->archives.n > OPTIONS_ARCHIVES_MAX)
		return cmdarg_fail(why, "-f is given more than %d times",
		    OPTIONS_ARCHIVES_MAX);
	for (i = 0; i < o->archives.n; i++) {
		if (o->archives.v[i][0] == '\0')
			return cmdarg_fail(why, "-f: the name is empty");
		if (options_replay(o) && strcmp(o->archives.v[i], "-") == 0)
			return cmdarg_fail(why, "-f -: standard input can be "
			    "read only once; %s must be files, which are read "
			    "twice", o->removed ? "archives with --removed" :
			    "several archives");
	}
	return 0;
}

static int
check_restore(const struct options *o, char *why)
{
	if (o->to_stdout && (o->archives.n > 1 || o->removed))
		return cmdarg_fail(why, "-O writes contents of one archive%s",
		    o->removed ? ": leave out --removed" : "");
	if (o->to_stdout && o->json)
		return cmdarg_fail(why, "contents and JSON cannot both go to "
		    "standard output");
	if (check_archives(o, why) == -1)
		return -1;
	if (o->to_stdout && o->plan)
		return cmdarg_fail(why, "-O and -n exclude each other");
	if (o->to_stdout && (o->dir != NULL || o->role != NULL))
		return cmdarg_fail(why, "-O restores nothing: leave out -C "
		    "and --role");
	if (o->known_owners && o->role != NULL)
		return cmdarg_fail(why, "--known-owners is for a run without "
		    "a role; a role says owner by-name in fdbroker.conf(5)");
	if (o->to_stdout && o->log.where == LOG_STDOUT)
		return cmdarg_fail(why,
		    "contents and log cannot both go to standard output");
	if (!o->to_stdout && o->dir == NULL && o->host == NULL && !o->served)
		return cmdarg_fail(why, "%s needs -C directory, where it "
		    "restores; -C . is the current one", o->command->name);
	return 0;
}

/* Check the options of serve against each other. */
static int
check_serve(const struct options *o, char *why)
{
	if ((o->npaths > 0 || o->exclude.n > 0) &&
	    (o->only == NULL || !o->only->stores))
		return cmdarg_fail(why, "%s needs --only create",
		    o->npaths > 0 ? o->paths[0] : "--exclude");
	if (o->only != NULL && o->only->restores && o->role == NULL &&
	    o->dir == NULL)
		return cmdarg_fail(why, "--only extract needs --role or -C, "
		    "which say where it may restore");
	return 0;
}

/* Check the options against the command and each other. */
static int
cmdline_check(const struct options *o, char *why)
{
	const struct command	*cmd = o->command;

	if (cmd->serves && check_serve(o, why) == -1)
		return -1;
	if (o->archive == NULL && !o->dry_run && !cmd->serves)
		return cmdarg_fail(why, "%s needs -f archive",
		    cmd->name);
	if (o->archive != NULL && o->archive[0] == '\0')
		return cmdarg_fail(why, "-f: the name is empty");
	if (!cmd->walks && (!cmd->restores || cmd->drills) && !cmd->serves &&
	    o->npaths > 0)
		return cmdarg_fail(why, "%s takes no paths: %s",
		    cmd->name, o->paths[0]);
	if (check_choice(o, why) == -1 ||
	    (cmd->restores && check_restore(o, why) == -1))
		return -1;
	if (o->socket != NULL && o->role == NULL)
		return cmdarg_fail(why, "-s needs --role");
	if (o->role != NULL && !rolename_is_valid(o->role))
		return cmdarg_fail(why, "--role: no role can have the name "
		    "\"%s\"; expected " ROLENAME_RULE, o->role);
	if (o->json && o->log.where == LOG_STDOUT)
		return cmdarg_fail(why,
		    "JSON and log cannot both go to standard output");
	if (!cmd->stores || o->dry_run || o->served ||
	    strcmp(o->archive, "-") != 0)
		return 0;
	if (o->log.where == LOG_STDOUT)
		return cmdarg_fail(why,
		    "archive and log cannot both go to standard output");
	if (o->json)
		return cmdarg_fail(why,
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
		return cmdarg_fail(why, "unknown option: %s", given);
	(void)strlcpy(word, given, len + 1);
	for (i = 0; i < NROWS; i++)
		if (strchr(cmd->letters, rows[i].letter) != NULL)
			nearest_try(&near, word + 2, rows[i].name);
	/* An option of another command only if it is spelled much better. */
	for (i = 0; i < NROWS; i++)
		nearest_try(&near, word + 2, rows[i].name);
	if (near.name == NULL)
		return cmdarg_fail(why, "unknown option: %s", word);
	return cmdarg_fail(why, "unknown option: %s; did you mean --%s?",
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
		return cmdarg_fail(why, "--%s takes no argument", name);
	/* Of a group of letters, `given' may be the word before it. */
	if (letter != 0)
		return cmdarg_fail(why, "unknown option: -%c", letter);
	if (is_ambiguous(given))
		return cmdarg_fail(why, "%s is the beginning of several "
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
	return cmdarg_fail(why, "--%s belongs to %s", r->name, names);
}

/*
 * Refuse an option that comes a second time, where the first would be
 * forgotten.  Those that compress exclude each other.
 */
static int
check_again(const struct command *cmd, int *seen, const struct row *r,
    char *why)
{
	static const char	 compress[] = "4Jbguz";
	static const char	 again[] = "0ceEFHijknoOQTqvWxY";
	const struct row	*other;
	size_t			 slot = (size_t)r->letter;

	if (strchr(again, r->letter) != NULL ||
	    (r->letter == 'f' && cmd->several))
		return 0;
	if (strchr(compress, r->letter) != NULL)
		slot = (size_t)compress[0];
	other = find_row(seen[slot]);
	seen[slot] = r->letter;
	if (other == NULL)
		return 0;
	if (other != r)
		return cmdarg_fail(why, "--%s and --%s exclude each other",
		    other->name, r->name);
	if (r->is_short)
		return cmdarg_fail(why, "-%c is given twice", r->letter);
	return cmdarg_fail(why, "--%s is given twice", r->name);
}

/* The options so far. */
struct given {
	int	 last[REQUEST_LETTERS];	/* of those that exclude each other */
	bool	 any[REQUEST_LETTERS];
};

/* One option.  0; 1: it asks for help or the version; -1. */
static int
parse_option(struct options *o, int c, struct given *given, char **argv,
    char *why)
{
	const struct row	*r;

	if (c == ':')
		return cmdarg_fail(why, "%s needs an argument",
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
	if (o->served && !request_permits(o->command, c))
		return cmdarg_fail(why, "--%s is not possible from another "
		    "machine", r->name);
	if (check_again(o->command, given->last, r, why) == -1)
		return -1;
	given->any[c] = true;
	if (request_note(o, c, r->name, optarg) == -1)
		return cmdarg_fail(why, "out of memory");
	return cmdarg_take(o, c, optarg, r->name, why);
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
		return cmdarg_fail(why, "the command comes first, before %s",
		    name);
	for (i = 0; (cmd = commands_at(i)) != NULL; i++)
		nearest_try(&near, name, cmd->name);
	if (near.name == NULL)
		return cmdarg_fail(why, "unknown command: %s", name);
	return cmdarg_fail(why, "unknown command: %s; did you mean %s?",
	    name, near.name);
}

/* What holds unless an option says something else. */
static void
set_defaults(struct options *o)
{
	o->max_memory = o->command->memory;
	o->compression = COMPRESSION_ZSTD;
	o->retries = OPTIONS_RETRIES;
	o->contents = (o->command->compares && o->command->walks) ||
	    o->command->drills;
	if (o->command->drills) {
		o->sample = OPTIONS_SAMPLE;
		o->keep_damaged = true;
	}
}

/* Parse the options and what follows them.  0, or -1. */
static int
parse_options(struct options *o, int argc, char **argv, char *why)
{
	struct given	 given;
	struct tables	 t;
	int		 c, n;

	memset(&given, 0, sizeof(given));
	set_defaults(o);
	if (o->served && cmdarg_take(o, 'f', "-", "file", why) == -1)
		return -1;
	argc--;
	argv++;
	make_tables(&t);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, t.letters, t.names, NULL)) != -1)
		if ((n = parse_option(o, c, &given, argv, why)) != 0)
			return n == 1 ? 0 : -1;
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	cmdarg_choose_compression(o);
	if (o->command->drills && !o->seeded)
		o->seed = arc4random();
	return cmdline_check(o, why) == -1 ? -1 :
	    request_check(o, given.any, cmdline_long_name, why);
}

int
cmdline_parse(struct options *o, int argc, char **argv, char *why)
{
	memset(o, 0, sizeof(*o));
	if (argc < 2)
		return cmdarg_fail(why, "no command");
	if (parse_command(o, argv[1], why) == -1)
		return -1;
	return o->show != SHOW_NOTHING ? 0 :
	    parse_options(o, argc, argv, why);
}

int
cmdline_parse_served(struct options *o, int argc, char **argv, char *why)
{
	memset(o, 0, sizeof(*o));
	o->served = true;
	if (argc >= 2)
		o->command = commands_find(argv[1]);
	if (o->command == NULL || o->command->remote == NULL) {
		o->command = NULL;
		return cmdarg_fail(why, "%s: fdbackup serve runs create and "
		    "extract", argc >= 2 ? argv[1] : "no command");
	}
	if (parse_options(o, argc, argv, why) == -1)
		return -1;
	return o->show == SHOW_NOTHING ? 0 : cmdarg_fail(why, "the request "
	    "asks for help");
}

void
cmdline_free(struct options *o)
{
	size_t	 i;

	for (i = 0; i < o->nmade; i++)
		free(o->made[i]);
	free(o->made);
	free(o->words);
	free(o->archives.v);
	free(o->exclude.v);
	free(o->exclude_from.v);
	free(o->files_from.v);
	free(o->if_present.v);
	buf_free(&o->request);
}
