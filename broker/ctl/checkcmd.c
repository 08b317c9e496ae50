/*
 * checkcmd.c: the command "check": its options, and the source of the role;
 * see ctl/checkcmd.h.
 *
 * Runs in fdbrokerctl.  Reads a configuration file, or asks the daemon.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "ctl/check.h"
#include "ctl/checkcmd.h"
#include "ctl/conn.h"
#include "ctl/person.h"
#include "ctl/text.h"
#include "policy/ownrole.h"
#include "policy/role.h"

struct check_args {
	const char		*file, *user;
	struct conf_macro	*macros;
};

static enum ctl_status
parse_options(struct check_args *args, int argc, char **argv)
{
	struct conf_macro	*m;
	int			 ch;

	optind = 0;
	while ((ch = getopt(argc, argv, "+:D:f:u:")) != -1) {
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
			badoption_log("check", argv, ch, NULL);
			return CTL_OPTION;
		}
	}
	if (argc - optind != 3)
		return CTL_USAGE;
	if (args->file == NULL && args->macros != NULL) {
		log_warnx("check: -D needs -f");
		return CTL_FAIL;
	}
	return CTL_YES;
}

/* Check a role; argv is its name, an operation and a path. */
static enum ctl_status
with_role(const struct ctl *ctl, const struct role *role, const char *user,
    char **argv)
{
	enum ctl_status	 admitted = CTL_YES, verdict;
	struct person	 p = { .role = NULL };
	uint32_t	 op, uid;

	if (check_parse(argv[1], argv[2], &op) != CTL_YES)
		return CTL_FAIL;
	if (user == NULL && ownrole_vars(role) != 0) {
		log_warnx("the paths of role \"%s\" differ from user to user; "
		    "say with -u who would ask", role->name);
		return CTL_FAIL;
	}
	if (user != NULL && (admitted = check_user(ctl, role, user, &uid)) ==
	    CTL_FAIL)
		return CTL_FAIL;
	if (user != NULL && person_fill(&p, role, uid) == -1)
		return CTL_FAIL;
	if (p.role != NULL)
		role = p.role;
	verdict = ctl->json ? check_json(ctl, role, op, argv[2], user,
	    user != NULL ? &uid : NULL, admitted == CTL_YES) :
	    check_path(ctl, role, op, argv[2], user != NULL ? &uid : NULL);
	person_clear(&p);
	return verdict == CTL_YES ? admitted : verdict;
}

static enum ctl_status
with_file(const struct ctl *ctl, const struct check_args *args, char **argv)
{
	const struct role	*role;
	struct conf		*conf;
	enum ctl_status		 ret = CTL_FAIL;
	char			 known[1024] = "";
	size_t			 i;

	if ((conf = conf_load(args->file, args->macros)) == NULL)
		return CTL_FAIL;
	if ((role = conf_role(conf, argv[0])) != NULL)
		ret = with_role(ctl, role, args->user, argv);
	else {
		for (i = 0; i < conf->nroles; i++)
			text_add_word(known, sizeof(known),
			    conf->roles[i]->name);
		log_warnx("%s: unknown role \"%s\"; there are: %s",
		    args->file, argv[0],
		    conf->nroles > 0 ? known : "no roles");
	}
	conf_free(conf);
	return ret;
}

static enum ctl_status
with_daemon(const struct ctl *ctl, const char *user, char **argv)
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
		/* Not CTL_NO, which would mean a denial. */
		conn_log_refusal(&reply);
		return CTL_FAIL;
	}
	ret = with_role(ctl, role, user, argv);
	role_free(role);
	return ret;
}

enum ctl_status
checkcmd_run(const struct ctl *ctl, int argc, char **argv)
{
	struct check_args	 args;
	struct conf_macro	*m;
	enum ctl_status		 ret;

	memset(&args, 0, sizeof(args));
	/* getopt(3) skips the first argument, the name of the command. */
	if ((ret = parse_options(&args, argc + 1, argv - 1)) == CTL_YES) {
		argv += optind - 1;
		ret = args.file != NULL ? with_file(ctl, &args, argv) :
		    with_daemon(ctl, args.user, argv);
	}
	while ((m = args.macros) != NULL) {
		args.macros = m->next;
		free(m);
	}
	return ret;
}
