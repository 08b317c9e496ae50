/*
 * show.c: tables of the daemon's state; see ctl/show.h.
 *
 * Runs in fdbrokerctl.  Reads the state and writes text.  The JSON form of the
 * same is in ctl/showjson.c.
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "confine/confine.h"
#include "ctl/limits.h"
#include "ctl/metrics.h"
#include "ctl/show.h"
#include "ctl/showjson.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "policy/auditmode.h"

#define COLUMNS(c)	c, sizeof(c) / sizeof(c[0])

static int
print(const struct ctl *ctl, struct table *t)
{
	int	 ret;

	t->colour = ctl->colour;
	ret = table_print(t, ctl->out, ctl->width);
	table_free(t);
	return ret;
}

static int
show_sessions(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "SESSION", true, false }, { "USER", false, false },
		{ "PID", true, false }, { "OPENER", true, false },
		{ "AGE", true, false }, { "REFUSED", true, false },
		{ "STATE", false, false }, { "ROLE", false, true }
	};
	const struct control_session		*s;
	char					 user[TEXT_SHORT];
	char					 age[TEXT_SHORT];
	struct table				 t;
	uint32_t				 i;

	if (ctl->json)
		return showjson_sessions(ctl->out, st);
	table_init(&t, COLUMNS(columns));
	for (i = 0; i < st->nsessions; i++) {
		s = &st->sessions[i];
		text_user(user, s->uid);
		text_age(age, st->now - s->since);
		table_add(&t, "%u", s->id);
		table_add(&t, "%s", user);
		table_add(&t, "%d", s->pid);
		table_add(&t, "%d", s->opener);
		table_add(&t, "%s", age);
		table_add(&t, "%" PRIu64, s->refused);
		table_add(&t, "%s", s->started ? "open" : "starting");
		table_add(&t, "%s", s->role);
	}
	return print(ctl, &t);
}

static int
show_roles(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "ROLE", false, false }, { "RULES", true, false },
		{ "PEERS", true, false }, { "SESSIONS", true, false },
		{ "LIMIT", true, false }, { "AS", false, false },
		{ "DEFINED", false, true }
	};
	const struct control_role		*r;
	struct table				 t;
	uint32_t				 i;

	if (ctl->json)
		return showjson_roles(ctl->out, st);
	table_init(&t, COLUMNS(columns));
	for (i = 0; i < st->nroles; i++) {
		r = &st->roles[i];
		table_add(&t, "%s", r->name);
		table_add(&t, "%u", r->rules);
		table_add(&t, "%u", r->peers);
		table_add(&t, "%u", r->sessions);
		if (r->max_sessions > 0)
			table_add(&t, "%u", r->max_sessions);
		else
			table_add(&t, "-");
		table_add(&t, "%s", r->as_user[0] != '\0' ? r->as_user : "-");
		table_add(&t, "%s:%u", r->file, r->line);
	}
	return print(ctl, &t);
}

static int
show_denied(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "ID", false, false }, { "TIME", false, false },
		{ "USER", false, false }, { "ROLE", false, true },
		{ "OP", false, false },
		{ "PATH", false, true }, { "VERDICT", false, false },
		{ "WHY", false, true }
	};
	const struct audit_entry		*a;
	char					 when[TEXT_SHORT];
	char					 user[TEXT_SHORT];
	const char				*why;
	struct table				 t;
	uint32_t				 i;

	if (ctl->json)
		return showjson_denied(ctl->out, st, ctl->all);
	table_init(&t, COLUMNS(columns));
	for (i = 0; i < st->ndenials; i++) {
		a = &st->denials[i];
		if (!ctl->all && !event_is_wanted(&a->event, AUDITMODE_DENIED))
			continue;
		text_time(when, a->when.tv_sec);
		text_user(user, a->subject.uid);
		why = a->event.where[0] != '\0' ? a->event.where :
		    text_errno(a->event.error);
		table_add(&t, "%x", a->event.id);
		table_add(&t, "%s", when);
		table_add(&t, "%s", user);
		table_add(&t, "%s", a->subject.role);
		table_add(&t, "%s", event_op(&a->event));
		table_add(&t, "%s", a->event.path);
		table_add(&t, "%s", event_verdict(&a->event));
		table_add(&t, "%s", why);
	}
	return print(ctl, &t);
}

static int
show_refused(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "TIME", false, false }, { "USER", false, false },
		{ "PID", true, false }, { "TIMES", true, false },
		{ "ROLE", false, true }, { "WHY", false, true }
	};
	const struct control_refusal		*r;
	char					 when[TEXT_SHORT];
	char					 user[TEXT_SHORT];
	struct table				 t;
	uint32_t				 i;

	if (ctl->json)
		return showjson_refused(ctl->out, st);
	table_init(&t, COLUMNS(columns));
	for (i = 0; i < st->nrefusals; i++) {
		r = &st->refusals[i];
		text_time(when, r->when);
		text_user(user, r->uid);
		table_add(&t, "%s", when);
		table_add(&t, "%s", user);
		table_add(&t, "%d", r->pid);
		table_add(&t, "%" PRIu64, r->count);
		table_add(&t, "%s", r->role);
		table_add(&t, "%s", r->why);
	}
	return print(ctl, &t);
}

static void
add_number(struct table *t, const char *what, uint64_t value)
{
	table_add(t, "%s", what);
	table_add(t, "%" PRIu64, value);
}

static void
add_text(struct table *t, const char *what, const char *value)
{
	table_add(t, "%s", what);
	table_add(t, "%s", value);
}

static void
add_audit(struct table *t, const struct control_state *st)
{
	add_text(t, "audit", auditmode_name(st->audit_mode));
	add_text(t, "audit destination", st->audit_path[0] != '\0' ?
	    st->audit_path : "syslog");
	add_number(t, "audit records written", st->audit_written);
	add_number(t, "audit records dropped", st->audit_dropped);
	add_number(t, "audit records failed", st->audit_failed);
}

static int
show_stats(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "WHAT", false, false }, { "VALUE", false, true }
	};
	char					 text[TEXT_SHORT];
	struct table				 t;

	if (ctl->json)
		return showjson_stats(ctl->out, st);
	table_init(&t, COLUMNS(columns));
	add_text(&t, "configuration", st->conf_file);
	add_text(&t, "run directory", st->rundir);
	text_time(text, st->since);
	add_text(&t, "running since", text);
	text_age(text, st->now - st->since);
	add_text(&t, "running for", text);
	add_number(&t, "generation of the policy", st->generation);
	add_number(&t, "reloads", st->reloads);
	add_number(&t, "reloads refused", st->failed_reloads);
	add_number(&t, "roles", st->nroles);
	add_number(&t, "sessions", st->nsessions);
	add_number(&t, "sessions admitted", st->admitted);
	add_number(&t, "sessions refused", st->refused);
	add_number(&t, "requests refused", st->denied);
	add_number(&t, "of these remembered", st->ndenials);
	add_number(&t, "questions to the name service", st->names_asked);
	add_number(&t, "of these without an answer", st->names_failed);
	add_number(&t, "answers used again", st->names_remembered);
	add_audit(&t, st);
	return print(ctl, &t);
}

/*
 * Add a row: the layers that a process lacks of all that it should have, and
 * those that it has.  known: the opener has reported them already.
 */
static void
add_process(struct table *t, const char *name, const char *role, int pid,
    enum confine_who who, uint32_t bits, bool known)
{
	char	 has[256], lacks[256];

	confine_describe(bits, has, sizeof(has));
	confine_describe(confine_full(who) & ~bits, lacks, sizeof(lacks));
	table_add(t, "%s", name);
	table_add(t, "%d", pid);
	table_add(t, "%s", role);
	table_add(t, "%s", known ? lacks : "-");
	table_add(t, "%s", known ? has : "not yet");
}

static int
show_confinement(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "PROCESS", false, false }, { "PID", true, false },
		{ "ROLE", false, true }, { "MISSING", false, true },
		{ "CONFINED BY", false, true }
	};
	const struct control_session		*s;
	char					 name[32];
	struct table				 t;
	uint32_t				 i;

	if (ctl->json)
		return showjson_confinement(ctl->out, st);
	(void)fprintf(ctl->out, "confinement is %s\n",
	    st->confinement_required ? "required" : "optional");
	table_init(&t, COLUMNS(columns));
	add_process(&t, "supervisor", "-", st->supervisor.pid,
	    CONFINE_SUPERVISOR, st->supervisor.confined, true);
	add_process(&t, "listener", "-", st->listener.pid, CONFINE_LISTENER,
	    st->listener.confined, true);
	if (st->names.pid > 0)
		add_process(&t, "names", "-", st->names.pid, CONFINE_NAMES,
		    st->names.confined, true);
	for (i = 0; i < st->nsessions; i++) {
		s = &st->sessions[i];
		(void)snprintf(name, sizeof(name), "opener %u", s->id);
		add_process(&t, name, s->role, s->opener, CONFINE_OPENER,
		    s->confined, s->started);
	}
	return print(ctl, &t);
}

static int
show_metrics(const struct ctl *ctl, const struct control_state *st)
{
	if (ctl->json)
		metrics_json(ctl->out, st);
	else
		metrics_print(ctl->out, st);
	return 0;
}

const struct show shows[] = {
	{ "config",		NULL,			SHOW_CONFIG },
	{ "confinement",	show_confinement,	SHOW_STATE },
	{ "denied",		show_denied,		SHOW_ALL },
	{ "limits",		limits_show,		SHOW_STATE },
	{ "metrics",		show_metrics,		SHOW_STATE },
	{ "refused",		show_refused,		SHOW_STATE },
	{ "roles",		show_roles,		SHOW_STATE },
	{ "rules",		NULL,			SHOW_ROLE },
	{ "sessions",		show_sessions,		SHOW_STATE },
	{ "stats",		show_stats,		SHOW_STATE },
	{ NULL,			NULL,			SHOW_STATE }
};
