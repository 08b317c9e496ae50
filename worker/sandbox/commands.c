/*
 * commands.c: the table of commands; common/command.h says what a row means.
 *
 * The controller parses the command line by it, and the worker, which inherits
 * the row, calls its functions.
 */

#include "config.h"

#include <string.h>

#include "sandbox/commands.h"
#include "sandbox/diff.h"
#include "sandbox/drill.h"
#include "sandbox/extract.h"
#include "sandbox/list.h"
#include "sandbox/store.h"
#include "sandbox/verify.h"

#define MIB	((uint64_t)1024 * 1024)

static const struct command commands[] = {
	{
		.name = "create",
		.usage = "-f archive [-n] [-v] [-x] [-0] [-C directory]\n"
		    "                [-T file] "
		    "[--compare contents | metadata]\n"
		    "                [--denied ok | warn | fail] "
		    "[--digest sha256 | none]\n"
		    "                [--estimate] [--exclude pattern] "
		    "[--exclude-caches]\n"
		    "                [--exclude-from file] "
		    "[--exclude-if-present name]\n"
		    "                [--host host [--rsh command]] "
		    "[--json]\n"
		    "                [--logfile target] [--manifest file]\n"
		    "                [--max-memory bytes]\n"
		    "                [--newer date | file | "
		    "--since manifest | archive]\n"
		    "                [--progress auto | never | seconds]\n"
		    "                [--bzip2[=level] | --gzip[=level] | "
		    "--lz4[=level] |\n"
		    "                --none | --xz[=level] | "
		    "--zstd[=level]]\n"
		    "                [--retries number] [--role role] "
		    "[-s socket]\n"
		    "                [--threads number] [path ...]",
		.letters = "04BCDEGJKNPRTZabcdefgijlmnrstuvxyz",
		.remote = "4CDJKNRbcdegijmnrstuvxz",
		.stores = true,
		.walks = true,
		.watched = true,
		.spools = 2,
		.memory = 1024 * MIB,
		.prepare = store_prepare,
		.start = store_start,
		.run = store_run,
		.release = store_release
	},
	{
		.name = "diff",
		.usage = "-f archive [-v] [-x] [-0] [-C directory] [-T file]\n"
		    "                [--compare contents | metadata] "
		    "[--denied ok | warn]\n"
		    "                [--exclude pattern] [--exclude-caches]\n"
		    "                [--exclude-from file] "
		    "[--exclude-if-present name]\n"
		    "                [--json] [--logfile target] "
		    "[--max-memory bytes]\n"
		    "                [--progress auto | never | seconds]\n"
		    "                [--role role] [-s socket] [path ...]",
		.letters = "0CDEPTacefijlmrsvx",
		.walks = true,
		.compares = true,
		.watched = true,
		.spools = 1,
		.memory = 1024 * MIB,
		.prepare = diff_prepare,
		.run = diff_run,
		.release = diff_release
	},
	{
		.name = "drill",
		.usage = "-f archive -C directory [-q] [-v] [--json] [--keep]\n"
		    "                [--logfile target] "
		    "[--max-manifest bytes]\n"
		    "                [--max-memory bytes] [--role role] "
		    "[-s socket]\n"
		    "                [--sample share] [--seed number]",
		.letters = "ACHMfjlmpqrsv",
		.restores = true,
		.drills = true,
		.spools = 3,
		.memory = 1024 * MIB,
		.prepare = drill_prepare,
		.start = drill_start,
		.run = drill_run,
		.release = drill_release
	},
	{
		.name = "extract",
		.usage = "-f archive ... -C directory [-n] [-v]\n"
		    "                [--digest sha256 | none] [--fail-fast]\n"
		    "                [--host host [--rsh command]] [--json] "
		    "[--keep-damaged]\n"
		    "                [--known-owners] [--logfile target]\n"
		    "                [--max-manifest bytes] "
		    "[--max-memory bytes]\n"
		    "                [--max-size bytes] "
		    "[--no-owner | --numeric-owner]\n"
		    "                [--overwrite refuse | newer | replace]\n"
		    "                [--role role] [-s socket] "
		    "[--strip-components number]\n"
		    "                [--removed] [-O] [path ...]",
		.letters = "CFMOQSWXYZdfjklmnorsvwy",
		.remote = "CFMQSXdjkmnorsvw",
		.restores = true,
		.several = true,
		.spools = 3,
		.memory = 256 * MIB,
		.prepare = extract_prepare,
		.start = extract_start,
		.run = extract_run,
		.release = extract_release
	},
	{
		.name = "list",
		.usage = "-f archive [-0] [-v] [--json] [--max-memory bytes]\n"
		    "                [--removed]",
		.letters = "0Yfjmv",
		.prints = true,
		.spools = 1,
		.memory = 256 * MIB,
		.prepare = list_prepare,
		.run = list_run,
		.release = list_release
	},
	{
		.name = "serve",
		.usage = "[-C directory] [--exclude pattern] "
		    "[--max-memory bytes]\n"
		    "                [--only create | extract] [--role role] "
		    "[-s socket]\n"
		    "                [path ...]",
		.letters = "CUemrs",
		.serves = true
	},
	{
		.name = "verify",
		.usage = "-f archive [-v] [--json] [--logfile target]\n"
		    "                [--max-manifest bytes] "
		    "[--max-memory bytes]\n"
		    "                [--progress auto | never | seconds]",
		.letters = "fjlmMPv",
		.compares = true,
		.watched = true,
		.spools = 2,
		.memory = 256 * MIB,
		.prepare = verify_prepare,
		.run = verify_run,
		.release = verify_release
	}
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

const struct command *
commands_find(const char *name)
{
	size_t	 i;

	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

const struct command *
commands_at(size_t i)
{
	return i < NCOMMANDS ? &commands[i] : NULL;
}
