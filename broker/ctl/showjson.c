/*
 * showjson.c: the daemon's state as JSON; see ctl/showjson.h.
 *
 * Runs in fdbrokerctl.  Reads the state and writes text.  Times are seconds
 * since the epoch; the reader can calculate ages.
 */

#include "config.h"

#include <stdio.h>

#include "base/json.h"
#include "confine/layers.h"
#include "ctl/showjson.h"
#include "ctl/text.h"
#include "policy/auditmode.h"

static void
begin(struct json *j, FILE *f, const struct control_state *st)
{
	json_init(j, f);
	json_object(j, NULL);
	json_number(j, "generation", st->generation);
	json_int(j, "time", st->now);
}

int
showjson_sessions(FILE *f, const struct control_state *st)
{
	const struct control_session	*s;
	char				 user[TEXT_SHORT];
	struct json			 j;
	uint32_t			 i;

	begin(&j, f, st);
	json_array(&j, "sessions");
	for (i = 0; i < st->nsessions; i++) {
		s = &st->sessions[i];
		text_user(user, s->uid);
		json_object(&j, NULL);
		json_number(&j, "session", s->id);
		json_string(&j, "role", s->role);
		json_string(&j, "user", user);
		json_number(&j, "uid", s->uid);
		json_number(&j, "gid", s->gid);
		json_int(&j, "pid", s->pid);
		json_int(&j, "opener", s->opener);
		json_int(&j, "since", s->since);
		json_bool(&j, "started", s->started != 0);
		json_number(&j, "refused", s->refused);
		json_number(&j, "tokens", s->tokens);
		json_number(&j, "bytes", s->bytes);
		if (s->opens != 0)
			json_number(&j, "opens", s->opens);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

int
showjson_roles(FILE *f, const struct control_state *st)
{
	const struct control_role	*r;
	struct json			 j;
	uint32_t			 i;

	begin(&j, f, st);
	json_array(&j, "roles");
	for (i = 0; i < st->nroles; i++) {
		r = &st->roles[i];
		json_object(&j, NULL);
		json_string(&j, "role", r->name);
		json_string(&j, "file", r->file);
		json_number(&j, "line", r->line);
		json_number(&j, "rules", r->rules);
		json_number(&j, "peers", r->peers);
		json_number(&j, "sessions", r->sessions);
		if (r->max_sessions > 0)
			json_number(&j, "max_sessions", r->max_sessions);
		if (r->as_user[0] != '\0')
			json_string(&j, "as_user", r->as_user);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

/* Each denial has the form of a line in the audit. */
int
showjson_denied(FILE *f, const struct control_state *st, bool all)
{
	char		 line[8192];
	struct json	 j;
	uint32_t	 i;
	size_t		 len;

	begin(&j, f, st);
	json_array(&j, "denied");
	for (i = 0; i < st->ndenials; i++) {
		if (!all && !event_is_wanted(&st->denials[i].event,
		    AUDITMODE_DENIED))
			continue;
		len = auditline_format(line, sizeof(line),
		    &st->denials[i]);
		if (len > 0 && len < sizeof(line))
			json_raw(&j, NULL, line);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

int
showjson_refused(FILE *f, const struct control_state *st)
{
	const struct control_refusal	*r;
	char				 user[TEXT_SHORT];
	struct json			 j;
	uint32_t			 i;

	begin(&j, f, st);
	json_array(&j, "refused");
	for (i = 0; i < st->nrefusals; i++) {
		r = &st->refusals[i];
		text_user(user, r->uid);
		json_object(&j, NULL);
		json_int(&j, "time", r->when);
		json_number(&j, "times", r->count);
		json_string(&j, "user", user);
		json_number(&j, "uid", r->uid);
		json_int(&j, "pid", r->pid);
		json_string(&j, "role", r->role);
		json_string(&j, "errno", text_errno(r->error));
		json_string(&j, "why", r->why);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

int
showjson_stats(FILE *f, const struct control_state *st)
{
	struct json	 j;

	begin(&j, f, st);
	json_int(&j, "since", st->since);
	json_string(&j, "configuration", st->conf_file);
	json_string(&j, "rundir", st->rundir);
	json_number(&j, "roles", st->nroles);
	json_number(&j, "sessions", st->nsessions);
	json_number(&j, "sessions_admitted", st->admitted);
	json_number(&j, "sessions_refused", st->refused);
	json_number(&j, "reloads", st->reloads);
	json_number(&j, "reloads_refused", st->failed_reloads);
	json_number(&j, "requests_refused", st->denied);
	json_number(&j, "remembered", st->ndenials);
	json_object(&j, "names");
	json_number(&j, "asked", st->names_asked);
	json_number(&j, "failed", st->names_failed);
	json_number(&j, "remembered", st->names_remembered);
	json_end(&j);
	json_object(&j, "audit");
	json_string(&j, "mode", auditmode_name(st->audit_mode));
	json_string(&j, "destination", st->audit_path[0] != '\0' ?
	    st->audit_path : "syslog");
	json_number(&j, "written", st->audit_written);
	json_number(&j, "dropped", st->audit_dropped);
	json_number(&j, "failed", st->audit_failed);
	json_end(&j);
	json_end(&j);
	return 0;
}

static void
json_layers(struct json *j, uint32_t bits)
{
	const struct layer	*l;

	for (l = layers_table; l->bit != 0; l++)
		json_bool(j, l->key, (l->bit & bits) != 0);
}

static void
json_process(struct json *j, const char *name, const struct control_process *p)
{
	json_object(j, name);
	json_int(j, "pid", p->pid);
	json_layers(j, p->confined);
	json_end(j);
}

int
showjson_confinement(FILE *f, const struct control_state *st)
{
	struct json	 j;
	uint32_t	 i;

	begin(&j, f, st);
	json_bool(&j, "required", st->confinement_required != 0);
	json_process(&j, "supervisor", &st->supervisor);
	json_process(&j, "listener", &st->listener);
	if (st->names.pid > 0)
		json_process(&j, "names", &st->names);
	json_array(&j, "sessions");
	for (i = 0; i < st->nsessions; i++) {
		json_object(&j, NULL);
		json_number(&j, "session", st->sessions[i].id);
		json_int(&j, "opener", st->sessions[i].opener);
		json_string(&j, "role", st->sessions[i].role);
		json_bool(&j, "started", st->sessions[i].started != 0);
		json_layers(&j, st->sessions[i].confined);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}
