/*
 * command.c: the commands that ask a running daemon; see ctl/command.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket, through ctl/conn.h.  Other
 * files print the answers.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "ctl/command.h"
#include "ctl/conn.h"
#include "ctl/explain.h"
#include "ctl/person.h"
#include "ctl/suggest.h"
#include "ctl/text.h"
#include "ipc/control.h"
#include "policy/role.h"

/* Log why the daemon refused, unless a failure was logged already. */
static enum ctl_status
refused(const struct control_reply *reply)
{
	conn_log_refusal(reply);
	return reply->error != 0 ? CTL_NO : CTL_FAIL;
}

void
command_print_json(const struct ctl *ctl, const char *text)
{
	struct json	 j;

	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_string(&j, "result", text[0] != '\0' ? text : "done");
	json_end(&j);
}

/* Send a request, and print the text of the answer. */
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
	fd_close(&fd);
	conn_close(&c);
	if (ret == -1)
		return CTL_FAIL;
	if (reply.error != 0)
		return refused(&reply);
	if (ctl->json)
		command_print_json(ctl, reply.text);
	else if (reply.text[0] != '\0')
		text_print_line(ctl->out, reply.text);
	return CTL_YES;
}

/* Connect and get the state.  0, or -1: logged, and disconnected. */
static int
open_state(const struct ctl *ctl, struct conn *c, struct control_state *st)
{
	if (conn_open(c, ctl->socket) == -1)
		return -1;
	if (conn_state(c, st) == 0)
		return 0;
	conn_close(c);
	return -1;
}

enum ctl_status
command_kill(const struct ctl *ctl, int argc, char **argv)
{
	const char	*err;
	uint32_t	 session;

	(void)argc;
	session = (uint32_t)strtonum(argv[0], 1, UINT32_MAX, &err);
	if (err != NULL) {
		log_warnx("kill %s: not a session number (%s); \"fdbrokerctl "
		    "show sessions\" lists them", argv[0], err);
		return CTL_FAIL;
	}
	return ask(ctl, CONTROL_KILL, session);
}

enum ctl_status
command_log(const struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[0], "brief") == 0)
		return ask(ctl, CONTROL_LOG, 0);
	if (strcmp(argv[0], "verbose") == 0)
		return ask(ctl, CONTROL_LOG, 1);
	log_warnx("log: unknown level \"%s\"; expected one of: brief, "
	    "verbose", argv[0]);
	return CTL_FAIL;
}

enum ctl_status
command_reopen(const struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return ask(ctl, CONTROL_REOPEN, 0);
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

/* Explain with the role as it is for the user of a record. */
static enum ctl_status
explain_for_user(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	struct ctl	 to = *ctl;
	struct person	 p = { .role = NULL };

	if (role != NULL && person_fill(&p, role, a->subject.uid) == -1)
		return CTL_FAIL;
	to.home = p.home;
	if (p.role != NULL)
		role = p.role;
	if (!ctl->json)
		explain_print(&to, a, generation, role);
	else if (explain_json(&to, a, generation, role) == -1)
		log_warnx("out of memory");
	person_clear(&p);
	return CTL_YES;
}

enum ctl_status
command_explain(const struct ctl *ctl, int argc, char **argv)
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
		log_warnx("explain %s: not an id; expected a hexadecimal "
		    "number, as \"fdbrokerctl show denied\" lists it",
		    argv[0]);
		return CTL_FAIL;
	}
	if (open_state(ctl, &c, &st) == -1)
		return CTL_FAIL;
	if ((a = explain_find(&st, id)) == NULL) {
		log_warnx("%s: the daemon remembers no denial or refusal "
		    "with id %x: look in the audit log", ctl->socket, id);
		ret = CTL_NO;
	} else if (!state_has_role(&st, a->subject.role) ||
	    (role = conn_role(&c, a->subject.role, &reply)) != NULL) {
		ret = explain_for_user(ctl, a, st.generation, role);
	} else
		conn_log_refusal(&reply);
	role_free(role);
	control_state_free(&st);
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

/* The *n roles with denials, of one name unless NULL.  NULL: logged. */
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
		/* ENOENT: removed meanwhile; its denials are still shown. */
		else if (reply.error != ENOENT && reply.error != 0)
			log_warnx("role %s: %s", name,
			    text_of_error(reply.error, reply.text));
	}
	return roles;
}

static void
log_unknown_role(const struct control_state *st, const char *name)
{
	char		 known[1024] = "";
	uint32_t	 i;

	for (i = 0; i < st->nroles; i++)
		text_add_word(known, sizeof(known), st->roles[i].name);
	log_warnx("unknown role \"%s\"; there are: %s", name,
	    st->nroles > 0 ? known : "no roles");
}

enum ctl_status
command_suggest(const struct ctl *ctl, int argc, char **argv)
{
	const char		*only = argc > 0 ? argv[0] : NULL;
	struct control_state	 st;
	struct role		**roles = NULL;
	struct conn		 c;
	size_t			 n = 0;
	int			 ret = -1;

	if (open_state(ctl, &c, &st) == -1)
		return CTL_FAIL;
	if (only != NULL && !state_has_role(&st, only) &&
	    !is_denied(&st, only))
		log_unknown_role(&st, only);
	else if ((roles = ask_roles(&c, &st, only, &n)) != NULL &&
	    (ret = suggest_print(ctl, &st, only, roles, n)) == -1)
		log_warnx("out of memory");
	while (n > 0)
		role_free(roles[--n]);
	free(roles);
	control_state_free(&st);
	conn_close(&c);
	return ret == 0 ? CTL_YES : CTL_FAIL;
}
