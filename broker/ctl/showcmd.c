/*
 * showcmd.c: the command "show": ask the daemon for what the word after it
 * needs; see ctl/showcmd.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket, through ctl/conn.h.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "ctl/conn.h"
#include "ctl/rules.h"
#include "ctl/show.h"
#include "ctl/showcmd.h"
#include "ctl/text.h"
#include "policy/role.h"

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

static enum ctl_status
show_role(const struct ctl *ctl, struct conn *c, const char *name)
{
	struct control_reply	 reply;
	struct role		*role;
	int			 ret;

	if ((role = conn_role(c, name, &reply)) == NULL) {
		conn_log_refusal(&reply);
		return reply.error != 0 ? CTL_NO : CTL_FAIL;
	}
	if ((ret = rules_show(ctl, role)) == -1)
		log_warnx("out of memory");
	role_free(role);
	return ret == 0 ? CTL_YES : CTL_FAIL;
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
show(const struct ctl *ctl, struct conn *c, const struct show *what,
    const char *arg)
{
	switch (what->kind) {
	case SHOW_ROLE:
		return show_role(ctl, c, arg);
	case SHOW_CONFIG:
		return show_config(ctl, c);
	default:
		return show_state(ctl, c, what);
	}
}

enum ctl_status
showcmd_run(const struct ctl *ctl, int argc, char **argv)
{
	const char		*arg = argc > 1 ? argv[1] : NULL;
	struct ctl		 how = *ctl;
	const struct show	*what;
	struct conn		 c;
	enum ctl_status		 ret;

	if ((what = find_show(argv[0])) == NULL)
		return CTL_FAIL;
	how.all = what->kind == SHOW_ALL && arg != NULL &&
	    strcmp(arg, "-a") == 0;
	if (arg != NULL ? what->kind != SHOW_ROLE && !how.all :
	    what->kind == SHOW_ROLE)
		return CTL_USAGE;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = show(&how, &c, what, arg);
	conn_close(&c);
	return ret;
}
