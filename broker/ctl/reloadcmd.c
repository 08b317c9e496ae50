/*
 * reloadcmd.c: the command "reload": print what a reload changes; see
 * ctl/reloadcmd.h.
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
#include "ctl/reloadcmd.h"
#include "ctl/text.h"
#include "ipc/control.h"

/* Does a line of faults repeat the reason in the reply, which may be cut? */
static bool
is_reason(const struct control_reply *r, const char *line, size_t len)
{
	size_t	 n = strlen(r->text);

	return n == len ? strncmp(r->text, line, n) == 0 :
	    n == sizeof(r->text) - 1 && len > n &&
	    strncmp(r->text, line, n) == 0;
}

/* Print the lines, and then how it ended. */
static void
print_lines(const struct ctl *ctl, const struct control_reply *r,
    const char *lines)
{
	char	 line[TEXT_LINE];
	size_t	 len;

	for (; *lines != '\0'; lines += len + (lines[len] != '\0')) {
		len = strcspn(lines, "\n");
		(void)snprintf(line, sizeof(line), "%.*s", (int)len, lines);
		text_print_line(ctl->out, line);
	}
	text_print_line(ctl->out, r->text);
}

/* Log the faults, of which the reply has the first. */
static void
log_faults(const struct control_reply *r, const char *lines)
{
	size_t	 len;
	bool	 seen = false;

	for (; *lines != '\0'; lines += len + (lines[len] != '\0')) {
		len = strcspn(lines, "\n");
		seen = seen || is_reason(r, lines, len);
		log_warnx("%.*s", (int)len, lines);
	}
	if (!seen)
		conn_log_refusal(r);
}

static void
print_json(const struct ctl *ctl, const struct control_reply *r,
    const char *lines, bool dry)
{
	char		 line[TEXT_LINE];
	struct json	 j;
	size_t		 len;

	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_bool(&j, "reloaded", r->error == 0 && !dry);
	json_string(&j, "result", text_of_error(r->error, r->text));
	json_array(&j, r->error != 0 ? "faults" : "changes");
	for (; *lines != '\0'; lines += len + (lines[len] != '\0')) {
		len = strcspn(lines, "\n");
		(void)snprintf(line, sizeof(line), "%.*s", (int)len, lines);
		json_string(&j, NULL, line);
	}
	json_end(&j);
	json_end(&j);
}

static enum ctl_status
reload(const struct ctl *ctl, struct conn *c, bool dry)
{
	struct control_request	 req;
	struct control_reply	 reply;
	char			*lines;
	int			 fd = -1, ret;

	memset(&req, 0, sizeof(req));
	req.command = CONTROL_RELOAD;
	req.number = dry ? CONTROL_RELOAD_DRY : 0;
	ret = conn_ask(c, &req, &reply, &fd);
	lines = ret == 0 ? conn_text(c, fd, reply.len) : NULL;
	fd_close(&fd);
	if (lines == NULL)
		return CTL_FAIL;
	if (ctl->json)
		print_json(ctl, &reply, lines, dry);
	else if (reply.error == 0)
		print_lines(ctl, &reply, lines);
	else
		log_faults(&reply, lines);
	free(lines);
	return reply.error == 0 ? CTL_YES : CTL_NO;
}

enum ctl_status
reloadcmd_run(const struct ctl *ctl, int argc, char **argv)
{
	enum ctl_status	 ret;
	struct conn	 c;

	if (argc > 1 || (argc == 1 && strcmp(argv[0], "-n") != 0))
		return CTL_USAGE;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	ret = reload(ctl, &c, argc == 1);
	conn_close(&c);
	return ret;
}
