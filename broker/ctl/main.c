/*
 * main.c: the command line of fdbrokerctl(8).
 *
 * Runs with the rights of whoever starts it, and has no others: who may ask
 * the daemon is decided by the mode of its control socket.
 */

#include "config.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "conf/conf.h"
#include "ctl/check.h"
#include "ctl/conn.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/show.h"
#include "ctl/suggest.h"
#include "ctl/text.h"
#include "ipc/control.h"
#include "policy/role.h"

struct command {
	const char	*name;
	const char	*args;		/* for usage() */
	enum ctl_status	(*run)(const struct ctl *, int, char **);
	int		 min, max;	/* arguments after the name */
};

static enum ctl_status	 run_check(const struct ctl *, int, char **);
static enum ctl_status	 run_explain(const struct ctl *, int, char **);
static enum ctl_status	 run_kill(const struct ctl *, int, char **);
static enum ctl_status	 run_log(const struct ctl *, int, char **);
static enum ctl_status	 run_monitor(const struct ctl *, int, char **);
static enum ctl_status	 run_reload(const struct ctl *, int, char **);
static enum ctl_status	 run_show(const struct ctl *, int, char **);
static enum ctl_status	 run_suggest(const struct ctl *, int, char **);

/* In the order of strcmp(3). */
static const struct command commands[] = {
	{ "check", "[-f file [-D macro=value]] [-u user]\n"
	    "                   role op path", run_check, 0, -1 },
	{ "explain", "id", run_explain, 1, 1 },
	{ "kill", "session", run_kill, 1, 1 },
	{ "log", "brief | verbose", run_log, 1, 1 },
	{ "monitor", "", run_monitor, 0, 0 },
	{ "reload", "", run_reload, 0, 0 },
	{ "show", "confinement | denied | limits |\n"
	    "                   metrics | roles | sessions | stats",
	    run_show, 1, 1 },
	{ "suggest", "[role]", run_suggest, 0, 1 }
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
usage_of(const char *head, const struct command *cmd)
{
	(void)fprintf(stderr, "%s fdbrokerctl %s[-s socket] %s%s%s\n", head,
	    cmd->run == run_show ? "[-j] " : "", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args);
}

static enum ctl_status
usage(void)
{
	size_t	 i;

	for (i = 0; i < NCOMMANDS; i++)
		usage_of(i == 0 ? "usage:" : "      ", &commands[i]);
	return CTL_FAIL;
}

/* What the daemon did not do. */
static enum ctl_status
refused(const struct ctl *ctl, const struct control_reply *reply)
{
	if (reply->error != 0)
		log_warnx("%s: %s", ctl->socket,
		    text_of_error(reply->error, reply->text));
	return reply->error != 0 ? CTL_NO : CTL_FAIL;
}

/* Ask for something to be done, and print what the daemon says of it. */
static enum ctl_status
ask(const struct ctl *ctl, uint8_t command, uint32_t number)
{
	struct control_request	 req;
	struct control_reply	 reply;
	struct conn		 c;
	int			 fd = -1, ret;

	memset(&req, 0, sizeof(req));
	req.command = command;
	req.number = number;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = conn_ask(&c, &req, &reply, &fd);
	if (fd != -1)
		close(fd);
	conn_close(&c);
	if (ret == -1)
		return CTL_FAIL;
	if (reply.error != 0)
		return refused(ctl, &reply);
	if (reply.text[0] != '\0') {
		text_print(ctl->out, reply.text);
		(void)fputc('\n', ctl->out);
	}
	return CTL_YES;
}

static enum ctl_status
run_kill(const struct ctl *ctl, int argc, char **argv)
{
	const char	*err;
	uint32_t	 session;

	(void)argc;
	session = (uint32_t)strtonum(argv[0], 1, UINT32_MAX, &err);
	if (err != NULL) {
		log_warnx("kill %s: the number of a session is %s", argv[0],
		    err);
		return CTL_FAIL;
	}
	return ask(ctl, CONTROL_KILL, session);
}

static enum ctl_status
run_log(const struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[0], "brief") == 0)
		return ask(ctl, CONTROL_LOG, 0);
	if (strcmp(argv[0], "verbose") == 0)
		return ask(ctl, CONTROL_LOG, 1);
	log_warnx("log: unknown: %s; there are: brief, verbose", argv[0]);
	return CTL_FAIL;
}

static enum ctl_status
run_reload(const struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(ctl, CONTROL_RELOAD, 0);
}

static enum ctl_status
run_monitor(const struct ctl *ctl, int argc, char **argv)
{
	struct control_reply	 reply;
	struct conn		 c;
	int			 ret;

	(void)argc;
	(void)argv;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = conn_monitor(&c, ctl->out, &reply);
	conn_close(&c);
	if (ret == -1)
		return refused(ctl, &reply);
	log_info("%s: the daemon has ended", ctl->socket);
	return CTL_YES;
}

static enum ctl_status
run_show(const struct ctl *ctl, int argc, char **argv)
{
	struct control_state	 st;
	const struct show	*show;
	struct conn		 c;
	int			 ret;

	(void)argc;
	for (show = shows; show->name != NULL; show++)
		if (strcmp(show->name, argv[0]) == 0)
			break;
	if (show->name == NULL) {
		log_warnx("show: unknown: %s; there are: confinement, "
		    "denied, limits, metrics, roles, sessions, stats",
		    argv[0]);
		return CTL_FAIL;
	}
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = conn_state(&c, &st);
	conn_close(&c);
	if (ret == -1)
		return CTL_FAIL;
	if ((ret = show->run(ctl, &st)) == -1)
		log_warnx("out of memory");
	control_state_free(&st);
	return ret == 0 ? CTL_YES : CTL_FAIL;
}

static bool
state_has_role(const struct control_state *st, const char *name)
{
	uint32_t	 i;

	for (i = 0; i < st->nroles; i++) {
		if (strcmp(st->roles[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Print the known roles after something about one that is not. */
static void
say_unknown_role(const struct control_state *st, const char *name)
{
	char		 known[1024] = "";
	uint32_t	 i;

	for (i = 0; i < st->nroles; i++) {
		if (i > 0)
			(void)strlcat(known, ", ", sizeof(known));
		(void)strlcat(known, st->roles[i].name, sizeof(known));
	}
	log_warnx("unknown role: %s; there are: %s", name,
	    st->nroles > 0 ? known : "none");
}

static enum ctl_status
run_explain(const struct ctl *ctl, int argc, char **argv)
{
	const struct audit_entry	*a;
	struct control_reply		 reply;
	struct control_state		 st;
	struct role			*role = NULL;
	struct conn			 c;
	uint32_t			 id;
	enum ctl_status			 ret = CTL_FAIL;

	(void)argc;
	if (explain_parse_id(argv[0], &id) == -1) {
		log_warnx("explain %s: the id of a denial is a hexadecimal "
		    "number", argv[0]);
		return CTL_FAIL;
	}
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	if (conn_state(&c, &st) == -1)
		goto out;
	if ((a = explain_find(&st, id)) == NULL) {
		log_warnx("%s: denial %x is not among the %u that are "
		    "remembered", ctl->socket, id, st.ndenials);
		ret = CTL_NO;
	} else if (!state_has_role(&st, a->subject.role) ||
	    (role = conn_role(&c, a->subject.role, &reply)) != NULL) {
		explain_print(ctl, a, st.generation, role);
		ret = CTL_YES;
	} else
		(void)refused(ctl, &reply);
	role_free(role);
	control_state_free(&st);
out:
	conn_close(&c);
	return ret;
}

static bool
is_denied(const struct control_state *st, const char *role)
{
	uint32_t	 i;

	for (i = 0; i < st->ndenials; i++) {
		if (strcmp(st->denials[i].subject.role, role) == 0)
			return true;
	}
	return false;
}

/* The roles in which something was denied; *n of them, or NULL: logged. */
static struct role **
ask_roles(struct conn *c, const struct control_state *st, const char *only,
    size_t *n)
{
	struct control_reply	 reply;
	struct role		**roles, *role;
	const char		*name;
	uint32_t		 i;

	*n = 0;
	if ((roles = calloc((size_t)st->nroles + 1,
	    sizeof(*roles))) == NULL) {
		log_warnx("out of memory");
		return NULL;
	}
	for (i = 0; i < st->nroles; i++) {
		name = st->roles[i].name;
		if ((only != NULL && strcmp(only, name) != 0) ||
		    !is_denied(st, name))
			continue;
		if ((role = conn_role(c, name, &reply)) != NULL)
			roles[(*n)++] = role;
		/* Else it is gone since: what was denied in it is shown. */
		else if (reply.error != ENOENT && reply.error != 0)
			log_warnx("role %s: %s", name,
			    text_of_error(reply.error, reply.text));
	}
	return roles;
}

static enum ctl_status
run_suggest(const struct ctl *ctl, int argc, char **argv)
{
	const char		*only = argc > 0 ? argv[0] : NULL;
	struct control_state	 st;
	struct role		**roles = NULL;
	struct conn		 c;
	size_t			 n = 0;
	int			 ret = -1;

	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	if (conn_state(&c, &st) == -1) {
		conn_close(&c);
		return CTL_FAIL;
	}
	if (only != NULL && !state_has_role(&st, only) &&
	    !is_denied(&st, only))
		say_unknown_role(&st, only);
	else if ((roles = ask_roles(&c, &st, only, &n)) != NULL &&
	    (ret = suggest_print(ctl->out, &st, only, roles, n)) == -1)
		log_warnx("out of memory");
	while (n > 0)
		role_free(roles[--n]);
	free(roles);
	control_state_free(&st);
	conn_close(&c);
	return ret == 0 ? CTL_YES : CTL_FAIL;
}

struct check_args {
	const char		*file, *user;
	struct conf_macro	*macros;
};

static enum ctl_status
check_options(struct check_args *args, int argc, char **argv)
{
	struct conf_macro	*m;
	int			 ch;

	optind = 0;
	while ((ch = getopt(argc, argv, "+D:f:u:")) != -1) {
		switch (ch) {
		case 'D':
			if (optarg[0] == '=' || strchr(optarg, '=') == NULL) {
				log_warnx("-D %s: expected macro=value",
				    optarg);
				return CTL_FAIL;
			}
			if ((m = calloc(1, sizeof(*m))) == NULL) {
				log_warnx("out of memory");
				return CTL_FAIL;
			}
			m->assignment = optarg;
			m->next = args->macros;
			args->macros = m;
			break;
		case 'f':
			args->file = optarg;
			break;
		case 'u':
			args->user = optarg;
			break;
		default:
			usage_of("usage:", &commands[0]);
			return CTL_FAIL;
		}
	}
	if (argc - optind != 3) {
		usage_of("usage:", &commands[0]);
		return CTL_FAIL;
	}
	if (args->file == NULL && args->macros != NULL) {
		log_warnx("check: -D needs -f");
		return CTL_FAIL;
	}
	return CTL_YES;
}

/* What is asked: role, op and path. */
static enum ctl_status
check_role(const struct ctl *ctl, const struct role *role, const char *user,
    char **argv)
{
	enum ctl_status	 admitted = CTL_YES, verdict;
	uint32_t	 op, uid;

	if (check_parse(argv[1], argv[2], &op) != CTL_YES)
		return CTL_FAIL;
	if (user != NULL && (admitted = check_user(ctl, role, user, &uid)) ==
	    CTL_FAIL)
		return CTL_FAIL;
	verdict = check_path(ctl, role, op, argv[2],
	    user != NULL ? &uid : NULL);
	return verdict == CTL_YES ? admitted : verdict;
}

static enum ctl_status
check_file(const struct ctl *ctl, const struct check_args *args, char **argv)
{
	const struct role	*role;
	struct conf		*conf;
	enum ctl_status		 ret = CTL_FAIL;
	char			 known[1024] = "";
	size_t			 i;

	if ((conf = conf_load(args->file, args->macros)) == NULL)
		return CTL_FAIL;
	if ((role = conf_role(conf, argv[0])) != NULL)
		ret = check_role(ctl, role, args->user, argv);
	else {
		for (i = 0; i < conf->nroles; i++) {
			if (i > 0)
				(void)strlcat(known, ", ", sizeof(known));
			(void)strlcat(known, conf->roles[i]->name,
			    sizeof(known));
		}
		log_warnx("%s: unknown role: %s; there are: %s", args->file,
		    argv[0], conf->nroles > 0 ? known : "none");
	}
	conf_free(conf);
	return ret;
}

static enum ctl_status
check_daemon(const struct ctl *ctl, const char *user, char **argv)
{
	struct control_reply	 reply;
	struct role		*role;
	struct conn		 c;
	enum ctl_status		 ret;
	uint32_t		 op;

	if (check_parse(argv[1], argv[2], &op) != CTL_YES ||
	    conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	role = conn_role(&c, argv[0], &reply);
	conn_close(&c);
	if (role == NULL) {
		/* That it cannot be told is not a denial. */
		(void)refused(ctl, &reply);
		return CTL_FAIL;
	}
	ret = check_role(ctl, role, user, argv);
	role_free(role);
	return ret;
}

static enum ctl_status
run_check(const struct ctl *ctl, int argc, char **argv)
{
	struct check_args	 args;
	struct conf_macro	*m;
	enum ctl_status		 ret;

	memset(&args, 0, sizeof(args));
	/* getopt(3) begins after the name of the command. */
	if ((ret = check_options(&args, argc + 1, argv - 1)) == CTL_YES) {
		argv += optind - 1;
		ret = args.file != NULL ? check_file(ctl, &args, argv) :
		    check_daemon(ctl, args.user, argv);
	}
	while ((m = args.macros) != NULL) {
		args.macros = m->next;
		free(m);
	}
	return ret;
}

/* Columns of the terminal that standard output is, or 0 if it is none. */
static size_t
terminal_width(void)
{
	struct winsize	 ws;
	const char	*columns = getenv("COLUMNS"), *err;
	size_t		 n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (columns != NULL) {
		n = (size_t)strtonum(columns, 1, 10000, &err);
		if (err == NULL)
			return n;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return 80;
}

static enum ctl_status
run(const struct ctl *ctl, int argc, char **argv)
{
	const struct command	*cmd = NULL;
	char			 known[256] = "";
	size_t			 i;

	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(argv[0], commands[i].name) == 0)
			cmd = &commands[i];
		if (i > 0)
			(void)strlcat(known, ", ", sizeof(known));
		(void)strlcat(known, commands[i].name, sizeof(known));
	}
	if (cmd == NULL) {
		log_warnx("unknown command: %s; there are: %s", argv[0],
		    known);
		return CTL_FAIL;
	}
	if (ctl->json && cmd->run != run_show) {
		log_warnx("-j is for \"show\" only");
		return CTL_FAIL;
	}
	if (argc - 1 < cmd->min || (cmd->max != -1 && argc - 1 > cmd->max)) {
		usage_of("usage:", cmd);
		return CTL_FAIL;
	}
	return cmd->run(ctl, argc - 1, argv + 1);
}

int
main(int argc, char *argv[])
{
	enum ctl_status	 ret;
	struct ctl	 ctl;
	int		 ch;

	if (fd_fill_standard() == -1)
		return CTL_FAIL;
	log_init("fdbrokerctl", LOG_TO_STDERR, 0);
	memset(&ctl, 0, sizeof(ctl));
	ctl.socket = RUNDIR "/" CONTROL_SOCKET;
	ctl.out = stdout;
	while ((ch = getopt(argc, argv, "+js:")) != -1) {
		switch (ch) {
		case 'j':
			ctl.json = true;
			break;
		case 's':
			ctl.socket = optarg;
			break;
		default:
			return usage();
		}
	}
	if (argc == 0 || optind >= argc)
		return usage();
	ctl.width = terminal_width();
	ret = run(&ctl, argc - optind, argv + optind);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		log_warn("standard output");
		return CTL_FAIL;
	}
	return ret;
}
