/*
 * monitor.c: print what the daemon does as it happens; see ctl/monitor.h.
 *
 * Runs in fdbrokerctl.  Touches the control socket, through ctl/conn.h, and
 * looks up users.  The daemon sends every line to everybody who monitors, and
 * filters are applied here, so that they cost it nothing.
 */

#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/badoption.h"
#include "base/log.h"
#include "base/proto.h"
#include "ctl/conn.h"
#include "ctl/monitor.h"
#include "ctl/person.h"
#include "ctl/text.h"

/* The members of a flat object. */
#define MEMBERS	24

struct object {
	char		 text[PROTO_MAX];	/* the strings, terminated */
	const char	*name[MEMBERS], *value[MEMBERS];
	size_t		 n;
};

/* Take a string or a number at *p, in place.  NULL: it is neither. */
static char *
take_value(char **p)
{
	char	*start = *p, *in, *out;

	if (*start != '"') {
		*p += strspn(*p, "0123456789-");
		return *p != start ? start : NULL;
	}
	for (in = out = ++start; *in != '"'; in++) {
		if (*in == '\\')
			in++;
		if (*in == '\0')
			return NULL;
		*out++ = *in;
	}
	/* The terminator overwrites the quote or what was before it. */
	*out = '\0';
	*p = in + 1;
	return start;
}

/* Split a line.  False if it is no flat object of strings and numbers. */
static bool
object_parse(struct object *o, const char *line)
{
	char	*p = o->text, *end;
	char	 c;

	o->n = 0;
	if (strlcpy(o->text, line, sizeof(o->text)) >= sizeof(o->text) ||
	    *p != '{')
		return false;
	do {
		p++;
		if (o->n == MEMBERS || *p != '"' ||
		    (o->name[o->n] = take_value(&p)) == NULL || *p != ':')
			return false;
		p++;
		if ((o->value[o->n++] = take_value(&p)) == NULL)
			return false;
		c = *(end = p);
		*end = '\0';
	} while (c == ',');
	return c == '}' && p[1] == '\0';
}

/* A member, or "". */
static const char *
get(const struct object *o, const char *name)
{
	size_t	 i;

	for (i = 0; i < o->n; i++)
		if (strcmp(o->name[i], name) == 0)
			return o->value[i];
	return "";
}

static bool
is_wanted(const struct monitor_filter *f, const struct object *o)
{
	const char	*event = get(o, "event"), *verdict = get(o, "verdict");
	char		 uid[16];

	if (strcmp(event, "lost") == 0)
		return true;
	(void)snprintf(uid, sizeof(uid), "%u", f->uid);
	if ((f->role != NULL && strcmp(get(o, "role"), f->role) != 0) ||
	    (f->by_uid && strcmp(get(o, "uid"), uid) != 0))
		return false;
	if (!f->denied)
		return true;
	if (verdict[0] != '\0')
		return strcmp(verdict, "permitted") != 0;
	return strcmp(event, "refused") == 0 || strcmp(event, "dropped") == 0;
}

/* "2026-11-27T14:58:09.123456Z", in local time and without the fraction. */
static void
print_time(FILE *f, const char *when)
{
	struct tm	 tm;
	char		 text[TEXT_SHORT];

	memset(&tm, 0, sizeof(tm));
	if (strptime(when, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return;
	text_time(text, (int64_t)timegm(&tm));
	(void)fprintf(f, "%s  ", text);
}

static void
print_subject(FILE *f, const struct object *o)
{
	char	 user[TEXT_SHORT];

	if (get(o, "uid")[0] == '\0')
		return;
	text_user(user, (uint32_t)strtoul(get(o, "uid"), NULL, 10));
	(void)fprintf(f, "  (user %s, role ", user);
	text_print(f, get(o, "role"));
	(void)fprintf(f, ", pid %s)", get(o, "pid"));
}

static void
print_request(FILE *f, const struct object *o)
{
	const char	*why = get(o, "rule");

	(void)fprintf(f, "session %s  ", get(o, "session"));
	text_print(f, get(o, "verdict"));
	(void)fputc(' ', f);
	text_print(f, get(o, "operation"));
	(void)fputs(" \"", f);
	text_print(f, get(o, "path"));
	(void)fputc('"', f);
	if (why[0] == '\0')
		why = get(o, "errno");
	if (why[0] != '\0') {
		(void)fputs(": ", f);
		text_print(f, why);
	}
	if (get(o, "id")[0] != '\0')
		(void)fprintf(f, ", id %s", get(o, "id"));
}

static void
print_event(FILE *f, const struct object *o)
{
	if (strcmp(get(o, "event"), "lost") == 0) {
		(void)fprintf(f, "%s lines lost: this monitor, or the daemon, "
		    "was too busy", get(o, "lines"));
		return;
	}
	if (get(o, "session")[0] != '\0' && strcmp(get(o, "session"), "0") != 0)
		(void)fprintf(f, "session %s  ", get(o, "session"));
	text_print(f, get(o, "event"));
	if (get(o, "why")[0] != '\0') {
		(void)fputs(": ", f);
		text_print(f, get(o, "why"));
	}
}

void
monitor_line(const struct ctl *ctl, const struct monitor_filter *filter,
    const char *line)
{
	static struct object	 o;
	FILE			*f = ctl->out;

	if (!object_parse(&o, line)) {
		text_print_line(f, line);
		return;
	}
	if (!is_wanted(filter, &o))
		return;
	if (ctl->json) {
		text_print_line(f, line);
		return;
	}
	print_time(f, get(&o, "time"));
	if (get(&o, "event")[0] != '\0')
		print_event(f, &o);
	else if (get(&o, "dropped")[0] != '\0')
		(void)fprintf(f, "session %s  dropped: %s records",
		    get(&o, "session"), get(&o, "dropped"));
	else
		print_request(f, &o);
	print_subject(f, &o);
	(void)fputc('\n', f);
}

static enum ctl_status
parse_options(struct monitor_filter *f, int argc, char **argv)
{
	static const struct option	 options[] = {
		{ "denied", no_argument, NULL, 'd' },
		{ "role", required_argument, NULL, 'r' },
		{ "user", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 }
	};
	int				 ch;

	optind = 0;
	while ((ch = getopt_long(argc, argv, "+:dr:u:", options,
	    NULL)) != -1) {
		switch (ch) {
		case 'd':
			f->denied = true;
			break;
		case 'r':
			f->role = optarg;
			break;
		case 'u':
			f->by_uid = true;
			if (person_uid(optarg, &f->uid) == -1)
				return CTL_FAIL;
			break;
		default:
			badoption_log("monitor", argv, ch, options);
			return CTL_OPTION;
		}
	}
	return optind == argc ? CTL_YES : CTL_USAGE;
}

struct printing {
	const struct ctl		*ctl;
	const struct monitor_filter	*filter;
};

static void
print_line(void *arg, const char *line)
{
	const struct printing	*p = arg;

	monitor_line(p->ctl, p->filter, line);
}

enum ctl_status
monitor_run(const struct ctl *ctl, int argc, char **argv)
{
	struct monitor_filter	 filter = { 0 };
	struct printing		 p = { ctl, &filter };
	struct control_reply	 reply;
	struct conn		 c;
	enum ctl_status		 ret;
	int			 n;

	/* getopt_long(3) skips the first argument, the name of the command. */
	if ((ret = parse_options(&filter, argc + 1, argv - 1)) != CTL_YES)
		return ret;
	if (conn_open(&c, ctl->socket) == -1)
		return CTL_FAIL;
	n = conn_monitor(&c, ctl->out, print_line, &p, &reply);
	conn_close(&c);
	if (n == -1) {
		conn_log_refusal(&reply);
		return reply.error != 0 ? CTL_NO : CTL_FAIL;
	}
	log_info("%s: the daemon has ended", ctl->socket);
	return CTL_YES;
}
