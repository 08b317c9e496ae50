/*
 * showcmd.c: the command "show": ask the daemon for what the word after it
 * needs; see ctl/showcmd.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket, through ctl/conn.h, and
 * looks up users.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "ctl/conn.h"
#include "ctl/person.h"
#include "ctl/rules.h"
#include "ctl/show.h"
#include "ctl/showcmd.h"
#include "ctl/text.h"
#include "policy/role.h"

/* What was asked for. */
struct show_args {
	const struct show	*show;
	bool			 all;		/* denied -a */
	const char		*role, *user;	/* rules [-u user] role */
};

/* The row for what to show, or NULL: logged. */
static const struct show *
find_show(const char *name)
{
	const struct show	*show;
	char			 known[256] = "";

	for (show = shows; show->name != NULL; show++) {
		if (strcmp(show->name, name) == 0)
			return show;
		text_add_word(known, sizeof(known), show->name);
	}
	log_warnx("show: unknown table \"%s\"; expected one of: %s", name,
	    known);
	return NULL;
}

static enum ctl_status
show_state(const struct ctl *ctl, struct conn *c, const struct show *show)
{
	struct control_state	 st;
	int			 ret;

	if (conn_state(c, &st) == -1)
		return CTL_FAIL;
	if ((ret = show->run(ctl, &st)) == -1)
		log_warnx("out of memory");
	control_state_free(&st);
	return ret == 0 ? CTL_YES : CTL_FAIL;
}

/* Print the rules of a role, filled in for a user unless that is NULL. */
static enum ctl_status
print_rules(const struct ctl *ctl, const struct role *role, const char *user)
{
	struct person	 p = { .role = NULL };
	uint32_t	 uid;
	int		 ret;

	if (user != NULL && (person_uid(user, &uid) == -1 ||
	    person_fill(&p, role, uid) == -1))
		return CTL_FAIL;
	if ((ret = rules_show(ctl, p.role != NULL ? p.role : role)) == -1)
		log_warnx("out of memory");
	person_clear(&p);
	return ret == 0 ? CTL_YES : CTL_FAIL;
}

static enum ctl_status
show_role(const struct ctl *ctl, struct conn *c, const struct show_args *args)
{
	struct control_reply	 reply;
	struct role		*role;
	enum ctl_status		 ret;

	if ((role = conn_role(c, args->role, &reply)) == NULL) {
		conn_log_refusal(&reply);
		return reply.error != 0 ? CTL_NO : CTL_FAIL;
	}
	ret = print_rules(ctl, role, args->user);
	role_free(role);
	return ret;
}

/*
 * The text is printed as it is, as fdbrokerd -nv does: it is what the
 * administrator wrote, and can be used as a configuration again.
 */
static void
print_config(const struct ctl *ctl, const char *text)
{
	struct json	 j;

	if (!ctl->json) {
		(void)fputs(text, ctl->out);
		return;
	}
	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_bytes(&j, "config", text);
	json_end(&j);
}

static enum ctl_status
show_config(const struct ctl *ctl, struct conn *c)
{
	struct control_request	 req;
	struct control_reply	 reply;
	char			*text = NULL;
	int			 fd, ret;

	memset(&req, 0, sizeof(req));
	req.command = CONTROL_CONFIG;
	if ((ret = conn_ask(c, &req, &reply, &fd)) == 0 && reply.error == 0)
		text = conn_text(c, fd, reply.len);
	fd_close(&fd);
	if (ret == 0)
		conn_log_refusal(&reply);
	if (text == NULL)
		return ret == 0 && reply.error != 0 ? CTL_NO : CTL_FAIL;
	print_config(ctl, text);
	free(text);
	return CTL_YES;
}

static enum ctl_status
show(const struct ctl *ctl, struct conn *c, const struct show_args *args)
{
	switch (args->show->kind) {
	case SHOW_ROLE:
		return show_role(ctl, c, args);
	case SHOW_CONFIG:
		return show_config(ctl, c);
	default:
		return show_state(ctl, c, args->show);
	}
}

/* argv[0] is what to show. */
static enum ctl_status
parse_options(struct show_args *args, int argc, char **argv)
{
	enum show_kind	 kind = args->show->kind;
	int		 ch, words = kind == SHOW_ROLE ? 1 : 0;

	optind = 0;
	while ((ch = getopt(argc, argv, kind == SHOW_ALL ? "+:a" :
	    kind == SHOW_ROLE ? "+:u:" : "+:")) != -1) {
		switch (ch) {
		case 'a':
			args->all = true;
			break;
		case 'u':
			args->user = optarg;
			break;
		default:
			badoption_log("show", argv, ch, NULL);
			return CTL_OPTION;
		}
	}
	if (argc - optind != words)
		return CTL_USAGE;
	args->role = argv[optind];
	return CTL_YES;
}

enum ctl_status
showcmd_run(const struct ctl *ctl, int argc, char **argv)
{
	struct show_args	 args = { .show = find_show(argv[0]) };
	struct ctl		 how = *ctl;
	struct conn		 c;
	enum ctl_status		 ret;

	if (args.show == NULL)
		return CTL_FAIL;
	if ((ret = parse_options(&args, argc, argv)) != CTL_YES)
		return ret;
	how.all = args.all;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = show(&how, &c, &args);
	conn_close(&c);
	return ret;
}
