/*
 * control.c: requests, replies and the daemon's state as messages; see
 * control.h.
 *
 * Runs in the listener, the supervisor and fdbrokerctl.  Touches memory only.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/rolename.h"
#include "ipc/control.h"

/* A state with more sessions, roles or denials than this is refused. */
#define RECORDS_MAX	100000

void
control_put_request(struct wire_out *w, const struct control_request *r)
{
	wire_put_u8(w, r->command);
	wire_put_u32(w, r->number);
	wire_put_str(w, r->role);
}

void
control_get_request(struct wire_in *w, struct control_request *r)
{
	r->command = wire_get_u8(w);
	r->number = wire_get_u32(w);
	wire_get_str(w, r->role, sizeof(r->role));
	if (r->command < CONTROL_STATE || r->command > CONTROL_LAST ||
	    (r->command == CONTROL_ROLE) != (r->role[0] != '\0') ||
	    (r->role[0] != '\0' && !rolename_is_valid(r->role)))
		wire_get_fail(w);
}

void
control_put_reply(struct wire_out *w, const struct control_reply *r)
{
	wire_put_u32(w, r->error);
	wire_put_u64(w, r->len);
	wire_put_str(w, r->text);
}

void
control_get_reply(struct wire_in *w, struct control_reply *r)
{
	r->error = wire_get_u32(w);
	r->len = wire_get_u64(w);
	wire_get_str(w, r->text, sizeof(r->text));
}

static void
put_limits(struct wire_out *w, const uint64_t limits[POLICY_LIMITS])
{
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++)
		wire_put_u64(w, limits[i]);
}

static void
get_limits(struct wire_in *w, uint64_t limits[POLICY_LIMITS])
{
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++)
		limits[i] = wire_get_u64(w);
}

static void
put_process(struct wire_out *w, const struct control_process *p)
{
	wire_put_u32(w, (uint32_t)p->pid);
	wire_put_u32(w, p->confined);
}

static void
get_process(struct wire_in *w, struct control_process *p)
{
	p->pid = (int32_t)wire_get_u32(w);
	p->confined = wire_get_u32(w);
}

static void
put_session(struct wire_out *w, const struct control_session *s)
{
	wire_put_u32(w, s->id);
	wire_put_u32(w, s->uid);
	wire_put_u32(w, s->gid);
	wire_put_u32(w, (uint32_t)s->pid);
	wire_put_u32(w, (uint32_t)s->opener);
	wire_put_i64(w, s->since);
	wire_put_u8(w, s->started);
	wire_put_u32(w, s->confined);
	wire_put_u64(w, s->refused);
	wire_put_u32(w, s->tokens);
	wire_put_u32(w, s->bytes);
	wire_put_u32(w, s->opens);
	wire_put_str(w, s->role);
}

static void
get_session(struct wire_in *w, struct control_session *s)
{
	s->id = wire_get_u32(w);
	s->uid = wire_get_u32(w);
	s->gid = wire_get_u32(w);
	s->pid = (int32_t)wire_get_u32(w);
	s->opener = (int32_t)wire_get_u32(w);
	s->since = wire_get_i64(w);
	s->started = wire_get_u8(w);
	s->confined = wire_get_u32(w);
	s->refused = wire_get_u64(w);
	s->tokens = wire_get_u32(w);
	s->bytes = wire_get_u32(w);
	s->opens = wire_get_u32(w);
	wire_get_str(w, s->role, sizeof(s->role));
}

static void
put_role(struct wire_out *w, const struct control_role *r)
{
	wire_put_str(w, r->name);
	wire_put_str(w, r->file);
	wire_put_u32(w, r->line);
	wire_put_u32(w, r->rules);
	wire_put_u32(w, r->peers);
	wire_put_u32(w, r->sessions);
	wire_put_u32(w, r->max_sessions);
	wire_put_str(w, r->as_user);
	put_limits(w, r->limits);
}

static void
get_role(struct wire_in *w, struct control_role *r)
{
	wire_get_str(w, r->name, sizeof(r->name));
	wire_get_str(w, r->file, sizeof(r->file));
	r->line = wire_get_u32(w);
	r->rules = wire_get_u32(w);
	r->peers = wire_get_u32(w);
	r->sessions = wire_get_u32(w);
	r->max_sessions = wire_get_u32(w);
	wire_get_str(w, r->as_user, sizeof(r->as_user));
	get_limits(w, r->limits);
}

static void
put_denial(struct wire_out *w, const struct audit_entry *a)
{
	wire_put_i64(w, a->when.tv_sec);
	wire_put_u32(w, (uint32_t)a->when.tv_nsec);
	wire_put_u32(w, a->subject.session);
	wire_put_u32(w, a->subject.uid);
	wire_put_u32(w, (uint32_t)a->subject.pid);
	wire_put_str(w, a->subject.role);
	event_put(w, &a->event);
}

static void
get_denial(struct wire_in *w, struct audit_entry *a)
{
	a->when.tv_sec = wire_get_i64(w);
	a->when.tv_nsec = (long)wire_get_u32(w);
	if (a->when.tv_nsec >= 1000000000L)
		wire_get_fail(w);
	a->subject.session = wire_get_u32(w);
	a->subject.uid = wire_get_u32(w);
	a->subject.pid = (pid_t)wire_get_u32(w);
	wire_get_str(w, a->subject.role, sizeof(a->subject.role));
	event_get(w, &a->event);
}

static void
put_refusal(struct wire_out *w, const struct control_refusal *r)
{
	wire_put_i64(w, r->when);
	wire_put_u64(w, r->count);
	wire_put_u32(w, r->uid);
	wire_put_u32(w, (uint32_t)r->pid);
	wire_put_u32(w, r->error);
	wire_put_str(w, r->role);
	wire_put_str(w, r->why);
}

static void
get_refusal(struct wire_in *w, struct control_refusal *r)
{
	r->when = wire_get_i64(w);
	r->count = wire_get_u64(w);
	r->uid = wire_get_u32(w);
	r->pid = (int32_t)wire_get_u32(w);
	r->error = wire_get_u32(w);
	wire_get_str(w, r->role, sizeof(r->role));
	wire_get_str(w, r->why, sizeof(r->why));
}

size_t
control_state_size(const struct control_state *st)
{
	return 4096 + sizeof(*st) +
	    st->nsessions * (sizeof(*st->sessions) + 64) +
	    st->nroles * (sizeof(*st->roles) + 64) +
	    st->ndenials * (sizeof(*st->denials) + 5 * PROTO_TEXT_MAX) +
	    st->nrefusals * (sizeof(*st->refusals) + 64);
}

void
control_put_state(struct wire_out *w, const struct control_state *st)
{
	uint32_t	 i;

	wire_put_u64(w, st->generation);
	wire_put_i64(w, st->now);
	wire_put_i64(w, st->since);
	wire_put_u32(w, st->nofile);
	wire_put_u32(w, st->fit);
	wire_put_u32(w, st->max_sessions);
	wire_put_u32(w, st->max_per_uid);
	put_limits(w, st->limits);
	wire_put_u64(w, st->admitted);
	wire_put_u64(w, st->refused);
	wire_put_u64(w, st->reloads);
	wire_put_u64(w, st->failed_reloads);
	wire_put_u64(w, st->audit_written);
	wire_put_u64(w, st->audit_dropped);
	wire_put_u64(w, st->audit_failed);
	wire_put_u64(w, st->denied);
	wire_put_u64(w, st->names_asked);
	wire_put_u64(w, st->names_remembered);
	wire_put_u64(w, st->names_failed);
	wire_put_u8(w, st->audit_mode);
	wire_put_u8(w, st->confinement_required);
	put_process(w, &st->supervisor);
	put_process(w, &st->listener);
	put_process(w, &st->names);
	wire_put_str(w, st->rundir);
	wire_put_str(w, st->conf_file);
	wire_put_str(w, st->audit_path);
	wire_put_u32(w, st->nsessions);
	for (i = 0; i < st->nsessions; i++)
		put_session(w, &st->sessions[i]);
	wire_put_u32(w, st->nroles);
	for (i = 0; i < st->nroles; i++)
		put_role(w, &st->roles[i]);
	wire_put_u32(w, st->ndenials);
	for (i = 0; i < st->ndenials; i++)
		put_denial(w, &st->denials[i]);
	wire_put_u32(w, st->nrefusals);
	for (i = 0; i < st->nrefusals; i++)
		put_refusal(w, &st->refusals[i]);
}

/*
 * Read the number of records that follow, and allocate room for them.  NULL
 * and a failed wire_in if the number is too large or memory is short.
 */
static void *
get_array(struct wire_in *w, uint32_t *n, size_t size)
{
	void	*p;

	*n = wire_get_u32(w);
	if (w->failed || *n > RECORDS_MAX ||
	    (p = calloc((size_t)*n + 1, size)) == NULL) {
		*n = 0;
		wire_get_fail(w);
		return NULL;
	}
	return p;
}

int
control_get_state(struct wire_in *w, struct control_state *st)
{
	uint32_t	 i;

	memset(st, 0, sizeof(*st));
	st->generation = wire_get_u64(w);
	st->now = wire_get_i64(w);
	st->since = wire_get_i64(w);
	st->nofile = wire_get_u32(w);
	st->fit = wire_get_u32(w);
	st->max_sessions = wire_get_u32(w);
	st->max_per_uid = wire_get_u32(w);
	get_limits(w, st->limits);
	st->admitted = wire_get_u64(w);
	st->refused = wire_get_u64(w);
	st->reloads = wire_get_u64(w);
	st->failed_reloads = wire_get_u64(w);
	st->audit_written = wire_get_u64(w);
	st->audit_dropped = wire_get_u64(w);
	st->audit_failed = wire_get_u64(w);
	st->denied = wire_get_u64(w);
	st->names_asked = wire_get_u64(w);
	st->names_remembered = wire_get_u64(w);
	st->names_failed = wire_get_u64(w);
	st->audit_mode = wire_get_u8(w);
	st->confinement_required = wire_get_u8(w);
	get_process(w, &st->supervisor);
	get_process(w, &st->listener);
	get_process(w, &st->names);
	wire_get_str(w, st->rundir, sizeof(st->rundir));
	wire_get_str(w, st->conf_file, sizeof(st->conf_file));
	wire_get_str(w, st->audit_path, sizeof(st->audit_path));
	st->sessions = get_array(w, &st->nsessions, sizeof(*st->sessions));
	for (i = 0; i < st->nsessions && !w->failed; i++)
		get_session(w, &st->sessions[i]);
	st->roles = get_array(w, &st->nroles, sizeof(*st->roles));
	for (i = 0; i < st->nroles && !w->failed; i++)
		get_role(w, &st->roles[i]);
	st->denials = get_array(w, &st->ndenials, sizeof(*st->denials));
	for (i = 0; i < st->ndenials && !w->failed; i++)
		get_denial(w, &st->denials[i]);
	st->refusals = get_array(w, &st->nrefusals, sizeof(*st->refusals));
	for (i = 0; i < st->nrefusals && !w->failed; i++)
		get_refusal(w, &st->refusals[i]);
	if (wire_get_end(w) == 0)
		return 0;
	control_state_free(st);
	errno = EPROTO;
	return -1;
}

void
control_state_free(struct control_state *st)
{
	free(st->sessions);
	free(st->roles);
	free(st->denials);
	free(st->refusals);
	st->sessions = NULL;
	st->roles = NULL;
	st->denials = NULL;
	st->refusals = NULL;
	st->nsessions = st->nroles = st->ndenials = st->nrefusals = 0;
}
