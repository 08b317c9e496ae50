/*
 * controlcmd.c: answer fdbrokerctl(8); see daemon/controlcmd.h.
 *
 * Runs in the supervisor.  A request is a record of fixed fields that the
 * listener checked and that is checked again; the answer goes the same way
 * back, with a memory file for what is large.
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "conf/conf.h"
#include "daemon/controlcmd.h"
#include "daemon/quota.h"
#include "ipc/memfile.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "policy/role.h"

static void
answer(struct command_context *cc, uint32_t client,
    const struct control_reply *r, int fd)
{
	uint8_t			 buf[PROTO_HEADER + sizeof(*r) + 32];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	memset(&h, 0, sizeof(h));
	h.type = PROTO_CONTROL_ANSWER;
	h.items = 1;
	h.fds = fd != -1 ? 1 : 0;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_u32(&w, client);
	control_put_reply(&w, r);
	if ((len = proto_finish(&w, &h)) == 0 ||
	    fdmsg_send(cc->channel, buf, len, &fd, h.fds) == -1)
		log_warn("an answer to fdbrokerctl");
}

static void
fill_session(struct control_session *c, const struct session *s)
{
	c->id = s->id;
	c->uid = s->uid;
	c->gid = s->gid;
	c->pid = s->pid;
	c->opener = s->opener;
	c->since = s->since.tv_sec;
	c->started = s->started;
	c->confined = s->confined;
	c->refused = s->refused;
	c->tokens = s->grant.tokens;
	c->bytes = s->grant.bytes;
	c->opens = s->grant.opens;
	(void)strlcpy(c->role, s->role, sizeof(c->role));
}

static void
fill_role(struct control_role *c, const struct role *r,
    const struct admission *ad)
{
	const struct session	*s;

	(void)strlcpy(c->name, r->name, sizeof(c->name));
	(void)strlcpy(c->file, r->file, sizeof(c->file));
	c->line = (uint32_t)r->line;
	c->rules = (uint32_t)r->nrules;
	c->peers = (uint32_t)r->npeers;
	c->max_sessions = (uint32_t)r->limits[LIMIT_SESSIONS];
	memcpy(c->limits, r->limits, sizeof(c->limits));
	(void)strlcpy(c->as_user, r->as_user != NULL ? r->as_user : "",
	    sizeof(c->as_user));
	LIST_FOREACH(s, &ad->sessions, entry)
		if (strcmp(s->role, r->name) == 0)
			c->sessions++;
}

static void
fill_numbers(struct control_state *st, const struct command_context *cc)
{
	const struct admission	*ad = cc->admission;
	const struct audit	*au = cc->audit;

	st->generation = ad->generation;
	st->now = time(NULL);
	st->since = cc->since;
	st->nofile = ad->nofile;
	st->fit = ad->fit;
	st->max_sessions =
	    (uint32_t)ad->conf->limits[LIMIT_SESSIONS];
	st->max_per_uid = quota_sessions_per_uid(ad);
	memcpy(st->limits, ad->conf->limits, sizeof(st->limits));
	st->limits[LIMIT_SESSIONS_PER_UID] = st->max_per_uid;
	st->admitted = ad->admitted;
	st->refused = ad->refused;
	st->reloads = cc->reloads;
	st->failed_reloads = cc->failed_reloads;
	st->audit_written = au->written;
	st->audit_dropped = au->dropped;
	st->audit_failed = au->failed;
	st->denied = au->denied;
	st->audit_mode = (uint8_t)au->mode;
	st->confinement_required = ad->conf->confinement_required;
	st->supervisor.pid = getpid();
	st->supervisor.confined = cc->confined;
	st->listener.pid = cc->listener;
	st->listener.confined = cc->listener_confined;
	(void)strlcpy(st->rundir, ad->rundir->path, sizeof(st->rundir));
	(void)strlcpy(st->conf_file, cc->conf_file, sizeof(st->conf_file));
	(void)strlcpy(st->audit_path, au->path != NULL ? au->path : "",
	    sizeof(st->audit_path));
}

/* Copy all that is asked for; freed with control_state_free().  0, or -1. */
static int
fill_state(struct control_state *st, const struct command_context *cc)
{
	const struct admission	*ad = cc->admission;
	const struct audit	*au = cc->audit;
	const struct session	*s;
	size_t			 i, n = 0;

	memset(st, 0, sizeof(*st));
	fill_numbers(st, cc);
	LIST_FOREACH(s, &ad->sessions, entry)
		n++;
	st->sessions = calloc(n + 1, sizeof(*st->sessions));
	st->roles = calloc(ad->conf->nroles + 1, sizeof(*st->roles));
	st->denials = calloc(au->used + 1, sizeof(*st->denials));
	if (st->sessions == NULL || st->roles == NULL || st->denials == NULL)
		return -1;
	LIST_FOREACH(s, &ad->sessions, entry)
		fill_session(&st->sessions[st->nsessions++], s);
	for (i = 0; i < ad->conf->nroles; i++)
		fill_role(&st->roles[st->nroles++], ad->conf->roles[i], ad);
	for (i = 0; i < au->used; i++)
		st->denials[st->ndenials++] = au->ring[(au->next +
		    AUDIT_REMEMBERED - au->used + i) % AUDIT_REMEMBERED];
	return 0;
}

/* The state as a file: a descriptor and its length, or -1. */
static int
state_file(const struct command_context *cc, uint64_t *len)
{
	struct control_state	 st;
	struct wire_out		 w;
	size_t			 size;
	void			*buf = NULL;
	int			 fd = -1;

	if (fill_state(&st, cc) == 0) {
		size = control_state_size(&st);
		if ((buf = malloc(size)) != NULL) {
			wire_out_init(&w, buf, size);
			control_put_state(&w, &st);
			if (wire_put_end(&w) == 0)
				fd = memfile_create("fdbroker-state", buf,
				    w.len);
			*len = w.len;
		}
	}
	free(buf);
	control_state_free(&st);
	return fd;
}

static int
role_file(const struct command_context *cc, const char *name, uint64_t *len)
{
	struct role	*role = conf_role(cc->admission->conf, name);
	size_t		 n;
	int		 fd;

	if (role == NULL) {
		errno = ENOENT;
		return -1;
	}
	fd = setup_role_file(role, true, &n);
	*len = n;
	return fd;
}

static int
kill_session(struct command_context *cc, uint32_t id)
{
	struct session	*s;

	LIST_FOREACH(s, &cc->admission->sessions, entry)
		if (s->id == id)
			break;
	if (s == NULL) {
		errno = ESRCH;
		return -1;
	}
	log_info("session %u: killed by fdbrokerctl", id);
	admission_end(cc->admission, s, ECANCELED,
	    "the administrator ended it");
	return 0;
}

static void
tell_error(const struct control_request *q, struct control_reply *r, int error)
{
	r->error = (uint32_t)error;
	if (error == ESRCH && q->command == CONTROL_KILL)
		(void)snprintf(r->text, sizeof(r->text), "no session %u lives",
		    q->number);
	else if (error == ENOENT && q->command == CONTROL_ROLE)
		(void)snprintf(r->text, sizeof(r->text), "unknown role: %s",
		    q->role);
	else
		(void)strlcpy(r->text, strerror(error), sizeof(r->text));
}

/* Do it; a descriptor for the answer or -1, and r filled. */
static int
command_do(struct command_context *cc, const struct control_request *q,
    struct control_reply *r)
{
	int	 fd = -1, ret = 0;

	switch (q->command) {
	case CONTROL_STATE:
		ret = fd = state_file(cc, &r->len);
		break;
	case CONTROL_ROLE:
		ret = fd = role_file(cc, q->role, &r->len);
		break;
	case CONTROL_KILL:
		ret = kill_session(cc, q->number);
		break;
	case CONTROL_RELOAD:
		if (cc->reload(cc->arg, r->text, sizeof(r->text)) == -1)
			r->error = EINVAL;
		return -1;
	case CONTROL_LOG:
		cc->set_verbose(cc->arg, q->number != 0);
		break;
	case CONTROL_MONITOR:
		cc->monitored = q->number != 0;
		break;
	}
	if (ret == -1)
		tell_error(q, r, errno);
	return fd;
}

int
command_take(struct command_context *cc, struct wire_in *in)
{
	struct control_request	 q;
	struct control_reply	 r;
	uint32_t		 client;
	int			 fd;

	memset(&r, 0, sizeof(r));
	client = wire_get_u32(in);
	control_get_request(in, &q);
	if (wire_get_end(in) == -1)
		return -1;
	fd = command_do(cc, &q, &r);
	if (client != 0)
		answer(cc, client, &r, fd);
	fd_close(&fd);
	return 0;
}

void
command_monitor(struct command_context *cc, const char *line)
{
	uint8_t			 buf[PROTO_HEADER + 4096 + 16];
	struct proto_header	 h;
	struct wire_out		 w;
	size_t			 len;

	if (!cc->monitored)
		return;
	memset(&h, 0, sizeof(h));
	h.type = PROTO_MONITOR;
	h.items = 1;
	proto_begin(&w, buf, sizeof(buf));
	wire_put_str(&w, line);
	if ((len = proto_finish(&w, &h)) != 0)
		(void)fdmsg_send(cc->channel, buf, len, NULL, 0);
}
