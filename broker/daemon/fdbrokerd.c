/*
 * fdbrokerd.c: the daemon's command line; see fdbrokerd(8).
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/fd.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "daemon/detach.h"
#include "daemon/listener.h"
#include "daemon/rootkinds.h"
#include "daemon/supervisor.h"
#include "names/names.h"

static const struct option	 long_options[] = {
	{ "help",	no_argument,	NULL, 'h' },
	{ "version",	no_argument,	NULL, 'V' },
	{ NULL,		0,		NULL, 0 }
};

static void	usage(void) __attribute__((noreturn));

/* The command line is wrong, which was said: say where help is. */
static void
usage(void)
{
	(void)fprintf(stderr, "fdbrokerd: for help: fdbrokerd --help\n");
	exit(2);
}

/* Show what the user asked for.  The exit status. */
static int
show(int what)
{
	if (what == 'V')
		(void)printf("fdbrokerd %s\n", PACKAGE_VERSION);
	else
		(void)printf("usage: fdbrokerd [-dhnv] [-D macro=value] "
		    "[-f file]\n\n"
		    "  -D macro=value  define a macro of the configuration\n"
		    "  -d              stay in the foreground\n"
		    "  -f file         read the configuration from a file\n"
		    "  -h, --help      show this help\n"
		    "  -n              check the configuration only\n"
		    "  -v              log more\n"
		    "      --version   show the version\n\n"
		    "See fdbrokerd(8) for all of it.\n");
	if (fflush(stdout) != EOF && !ferror(stdout))
		return 0;
	log_warn("standard output");
	return 1;
}

static struct conf_macro *
macro_add(struct conf_macro *list, const char *assignment)
{
	struct conf_macro	*m;

	if (assignment[0] == '=' || strchr(assignment, '=') == NULL)
		fatalx("-D %s: expected macro=value", assignment);
	if ((m = calloc(1, sizeof(*m))) == NULL)
		fatal("out of memory");
	m->assignment = assignment;
	m->next = list;
	return m;
}

/*
 * Close everything but the standard descriptors: nothing else that was
 * inherited may reach the unprivileged processes.
 */
static void
standard_fds(void)
{
	if (fd_fill_standard() == -1)
		exit(1);
	closefrom(STDERR_FILENO + 1);
}

/* Report the faults of the configuration; with -v print it in full. */
static int
check_conf(const struct supervisor_args *args)
{
	struct conf	*conf;
	unsigned int	 warnings, missing;
	int		 ret = 0;

	conf = conf_check(args->conf_file, args->macros, &warnings, &missing);
	if (conf == NULL)
		return 1;
	if (args->verbose > 0 && conf_print(conf, stdout) == -1) {
		log_warn("standard output");
		ret = 1;
	}
	if (args->verbose > 0)
		rootkinds_print(conf, stderr);
	if (missing > 0) {
		log_warnx("%s: unusable: %u root%s missing", args->conf_file,
		    missing, missing == 1 ? " is" : "s are");
		ret = 1;
	} else if (warnings > 0)
		(void)fprintf(stderr, "%s: configuration OK, %u warning%s\n",
		    args->conf_file, warnings, warnings == 1 ? "" : "s");
	else
		(void)fprintf(stderr, "%s: configuration OK\n",
		    args->conf_file);
	conf_free(conf);
	return ret;
}

/* The path from the root directory, where a daemon that has detached works. */
static const char *
absolute(const char *path)
{
	char	 dir[PATH_MAX], *full;

	if (path[0] == '/')
		return path;
	if (getcwd(dir, sizeof(dir)) == NULL)
		fatal("getcwd");
	if (asprintf(&full, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir,
	    path) == -1)
		fatal("out of memory");
	return full;
}

/* A path that the tests of a tree that is not installed give, or NULL. */
static const char *
opener_path(void)
{
#ifdef __linux__
	return secure_getenv("FDBROKER_OPENER");
#else
	return issetugid() ? NULL : getenv("FDBROKER_OPENER");
#endif
}

int
main(int argc, char *argv[])
{
	struct supervisor_args	 args;
	struct conf_macro	*macros = NULL;
	const char		*path;
	int			 ch, check = 0;

	if (argc == 2 && strcmp(argv[1], LISTENER_ARG) == 0)
		listener_main(argc, argv);
	if (argc == 2 && strcmp(argv[1], NAMES_ARG) == 0)
		names_main(argc, argv);
	standard_fds();
#ifdef __linux__
	setproctitle_init(argc, argv, environ);
#endif
	log_init("fdbrokerd", LOG_TO_STDERR, 0);
	memset(&args, 0, sizeof(args));
	args.conf_file = CONF_PATH;
	/* badoption_log() tells of errors. */
	opterr = 0;
	while ((ch = getopt_long(argc, argv, ":D:df:hnv", long_options,
	    NULL)) != -1) {
		switch (ch) {
		case 'D':
			macros = macro_add(macros, optarg);
			break;
		case 'd':
			args.foreground = 1;
			break;
		case 'f':
			args.conf_file = optarg;
			break;
		case 'h':
		case 'V':
			return show(ch);
		case 'n':
			check = 1;
			break;
		case 'v':
			args.verbose++;
			break;
		default:
			badoption_log(NULL, argv, ch, long_options);
			usage();
		}
	}
	if (argc == 0)
		usage();
	if (optind != argc) {
		(void)fprintf(stderr, "fdbrokerd: takes no arguments: %s\n",
		    argv[optind]);
		usage();
	}
	log_set_verbose(args.verbose);
	args.macros = macros;
	if (check)
		return check_conf(&args);
	if (!args.foreground)
		args.conf_file = absolute(args.conf_file);
	if ((args.conf = conf_load(args.conf_file, macros)) == NULL)
		return 1;
	if (geteuid() != 0)
		fatalx("needs root privileges");
	if ((path = opener_path()) == NULL)
		path = OPENER_PATH;
	/* The supervisor clears the environment. */
	if ((args.opener_path = strdup(path)) == NULL)
		fatal("out of memory");
	(void)umask(077);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
	if (!args.foreground)
		detach_begin("fdbrokerd", args.verbose);
	return supervisor_main(&args);
}
