/*
 * controlcmd.c: answer fdbrokerctl(8); see daemon/controlcmd.h.
 *
 * Runs in the supervisor.  A request is a record of fixed fields, which the
 * listener has checked and which is checked again here.  Who asks is what the
 * kernel says about the connection that comes with it.  The answer goes back
 * through the listener, with a memory file if it is large.
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/message.h"
#include "conf/conf.h"
#include "daemon/accounts.h"
#include "daemon/controlcmd.h"
#include "daemon/peerid.h"
#include "daemon/quota.h"
#include "ipc/auditline.h"
#include "ipc/control.h"
#include "ipc/dispatch.h"
#include "ipc/memfile.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "policy/role.h"

/* What a handler returns whose answer is sent by another function. */
#define ANSWER_LATER	1

static void
send_answer(struct controlcmd *cc, uint32_t client,
    const struct control_reply *r, int fd)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	message_begin(&m, IPC_CONTROL_ANSWER, buf, sizeof(buf));
	wire_put_u32(&m.w, client);
	control_put_reply(&m.w, r);
	if (message_send(cc->channel, &m, &fd, fd != -1 ? 1 : 0) == -1)
		log_warn("cannot answer fdbrokerctl");
}

static void
fill_session(struct control_session *c, const struct session *s)
{
	c->id = s->id;
	c->uid = s->peer.uid;
	c->gid = s->peer.gid;
	c->pid = s->peer.pid;
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
fill_numbers(struct control_state *st, const struct controlcmd *cc)
{
	const struct admission	*ad = cc->admission;
	const struct accounts	*ac = ad->env.accounts;
	const struct audit	*au = cc->audit;

	st->generation = ad->generation;
	st->now = time(NULL);
	st->since = cc->since;
	st->nofile = ad->env.nofile;
	st->fit = ad->fit;
	st->max_sessions =
	    (uint32_t)ad->conf->limits[LIMIT_SESSIONS];
	st->max_per_uid = admission_sessions_per_uid(ad);
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
	st->names_asked = ac->asked;
	st->names_remembered = ac->remembered;
	st->names_failed = ac->failed;
	st->audit_mode = (uint8_t)au->mode;
	st->confinement_required = ad->conf->confinement_required;
	st->supervisor.pid = getpid();
	st->supervisor.confined = cc->confined;
	st->listener.pid = cc->listener;
	st->listener.confined = cc->listener_confined;
	st->names.pid = ac->pid;
	st->names.confined = ac->confined;
	(void)strlcpy(st->rundir, ad->env.rundir->path, sizeof(st->rundir));
	(void)strlcpy(st->conf_file, cc->conf_file, sizeof(st->conf_file));
	(void)strlcpy(st->audit_path, au->path != NULL ? au->path : "",
	    sizeof(st->audit_path));
}

/* Copy the state; freed with control_state_free().  0, or -1 with errno. */
static int
fill_state(struct control_state *st, const struct controlcmd *cc)
{
	const struct admission	*ad = cc->admission;
	const struct audit	*au = cc->audit;
	const struct session	*s;
	size_t			 i, n = 0, denials = audit_remembered(au);

	memset(st, 0, sizeof(*st));
	fill_numbers(st, cc);
	LIST_FOREACH(s, &ad->sessions, entry)
		n++;
	st->sessions = calloc(n + 1, sizeof(*st->sessions));
	st->roles = calloc(ad->conf->nroles + 1, sizeof(*st->roles));
	st->denials = calloc(denials + 1, sizeof(*st->denials));
	st->refusals = calloc(ad->refusals.n + 1, sizeof(*st->refusals));
	if (st->sessions == NULL || st->roles == NULL ||
	    st->denials == NULL || st->refusals == NULL)
		return -1;
	st->nrefusals = (uint32_t)ad->refusals.n;
	memcpy(st->refusals, ad->refusals.entries,
	    ad->refusals.n * sizeof(*st->refusals));
	LIST_FOREACH(s, &ad->sessions, entry)
		fill_session(&st->sessions[st->nsessions++], s);
	for (i = 0; i < ad->conf->nroles; i++)
		fill_role(&st->roles[st->nroles++], ad->conf->roles[i], ad);
	audit_recall(au, st->denials);
	st->ndenials = (uint32_t)denials;
	return 0;
}

/* Put the state into a memory file of *len bytes.  A descriptor, or -1. */
static int
state_file(const struct controlcmd *cc, uint64_t *len)
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

/* Put an error and a text for people into the reply.  Always -1. */
static int
fail(struct control_reply *r, int error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct control_reply *r, int error, const char *fmt, ...)
{
	va_list	 ap;

	r->error = (uint32_t)error;
	va_start(ap, fmt);
	(void)vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return -1;
}

static int
do_state(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)q;
	*fd = state_file(cc, &r->len);
	return *fd != -1 ? 0 : -1;
}

/* Say which roles there are; of many, the first whose names fit. */
static int
fail_unknown_role(const struct conf *conf, const char *name,
    struct control_reply *r)
{
	static const char	 more[] = ", ...";
	size_t			 i, len;

	(void)fail(r, ENOENT, "unknown role \"%s\"; there are: %s", name,
	    conf->nroles > 0 ? conf->roles[0]->name : "no roles");
	for (i = 1; i < conf->nroles; i++) {
		len = strlen(r->text);
		if (len + strlen(", ") + strlen(conf->roles[i]->name) +
		    sizeof(more) > sizeof(r->text)) {
			(void)strlcat(r->text, more, sizeof(r->text));
			break;
		}
		(void)strlcat(r->text, ", ", sizeof(r->text));
		(void)strlcat(r->text, conf->roles[i]->name, sizeof(r->text));
	}
	return -1;
}

static int
do_role(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	struct role	*role = conf_role(cc->admission->conf, q->role);
	size_t		 len;

	if (role == NULL)
		return fail_unknown_role(cc->admission->conf, q->role, r);
	*fd = setup_role_file(role, true, &len);
	r->len = len;
	return *fd != -1 ? 0 : -1;
}

static int
do_kill(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	struct audit_subject	 subject;
	struct session		*s;

	(void)fd;
	LIST_FOREACH(s, &cc->admission->sessions, entry)
		if (s->id == q->number)
			break;
	if (s == NULL)
		return fail(r, ESRCH, "no session %u lives", q->number);
	log_info("session %u: killed by fdbrokerctl", q->number);
	session_subject(s, &subject);
	controlcmd_event(cc, "killed", &subject, NULL);
	admission_end(cc->admission, s, ECANCELED,
	    "the administrator ended it");
	return 0;
}

static int
do_reload(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)fd;
	if (cc->nwaiting == CONTROLCMD_WAITING)
		return fail(r, EBUSY, "too many clients wait for a reload");
	cc->waiting[cc->nwaiting++] = cc->client;
	cc->reload(cc->arg, q->number == CONTROL_RELOAD_DRY);
	return ANSWER_LATER;
}

void
controlcmd_reloaded(struct controlcmd *cc, int error, const char *why,
    const char *report)
{
	struct control_reply	 r;
	size_t			 i;
	int			 fd = -1;

	memset(&r, 0, sizeof(r));
	r.error = (uint32_t)error;
	(void)strlcpy(r.text, why, sizeof(r.text));
	/* Without memory the client still learns how it ended. */
	if (cc->nwaiting > 0 && report != NULL && report[0] != '\0' &&
	    (fd = memfile_create("fdbroker-reload", report,
	    strlen(report))) != -1)
		r.len = strlen(report);
	for (i = 0; i < cc->nwaiting; i++)
		send_answer(cc, cc->waiting[i], &r, fd);
	cc->nwaiting = 0;
	fd_close(&fd);
}

static int
do_log(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)cc;
	(void)r;
	(void)fd;
	log_set_verbose(q->number != 0);
	log_info("the log is %s now", q->number != 0 ? "verbose" : "brief");
	return 0;
}

static int
do_monitor(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)r;
	(void)fd;
	if (!cc->monitored)
		cc->lost = 0;
	cc->monitored = q->number != 0;
	return 0;
}

static int
do_reopen(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)q;
	(void)fd;
	if (cc->audit->path == NULL)
		return fail(r, ENOENT, "the audit is not in a file; see \"log "
		    "audit\" in fdbroker.conf(5)");
	if (cc->reopen(cc->arg) == -1)
		return fail(r, errno, "%s: %s; the old file stays in use",
		    cc->audit->path, strerror(errno));
	(void)snprintf(r->text, sizeof(r->text), "%s is opened anew",
	    cc->audit->path);
	return 0;
}

/* The configuration in force, as fdbrokerd -nv prints it. */
static int
do_config(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	char	*text = NULL;
	size_t	 len;
	FILE	*fp;

	(void)q;
	if ((fp = open_memstream(&text, &len)) == NULL)
		return -1;
	(void)fprintf(fp, "# generation %llu of %s\n",
	    (unsigned long long)cc->admission->generation, cc->conf_file);
	if (conf_print(cc->admission->conf, fp) == 0 && fflush(fp) == 0) {
		*fd = memfile_create("fdbroker-config", text, len);
		r->len = len;
	}
	(void)fclose(fp);
	free(text);
	return *fd != -1 ? 0 : -1;
}

static int
do_stop(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	(void)q;
	(void)r;
	(void)fd;
	cc->stop = true;
	return 0;
}

/*
 * One row for each command.  A handler leaves a file for the answer in *fd.
 * It returns 0, or -1 with an error in the reply or in errno, or ANSWER_LATER.
 */
static const struct controlcmd_row {
	enum control_command	 command;
	int			(*handle)(struct controlcmd *,
				    const struct control_request *,
				    struct control_reply *, int *fd);
} controlcmd_rows[] = {
	{ CONTROL_STATE,	do_state },
	{ CONTROL_ROLE,		do_role },
	{ CONTROL_KILL,		do_kill },
	{ CONTROL_RELOAD,	do_reload },
	{ CONTROL_LOG,		do_log },
	{ CONTROL_MONITOR,	do_monitor },
	{ CONTROL_REOPEN,	do_reopen },
	{ CONTROL_STOP,		do_stop },
	{ CONTROL_CONFIG,	do_config }
};

#define NROWS	(sizeof(controlcmd_rows) / sizeof(controlcmd_rows[0]))

/*
 * Do what is asked, and fill the reply and a file for it.  False if the answer
 * comes later.
 */
static bool
controlcmd_do(struct controlcmd *cc, const struct control_request *q,
    struct control_reply *r, int *fd)
{
	size_t	 i;
	int	 ret = -1;

	errno = ENOSYS;
	for (i = 0; i < NROWS; i++) {
		if (controlcmd_rows[i].command == q->command) {
			ret = controlcmd_rows[i].handle(cc, q, r, fd);
			break;
		}
	}
	if (ret == -1 && r->error == 0)
		(void)fail(r, errno, "%s", strerror(errno));
	return ret != ANSWER_LATER;
}

/* The mode of the socket's file says the same, when a client connects. */
static bool
may_control(const struct admission *ad, const struct peerid *id)
{
	const struct conf	*conf = ad->conf;

	return id->uid == 0 || (conf->control_group != NULL &&
	    conf->control_gid != ad->idmap.nobody_gid &&
	    peerid_in_group(id, conf->control_gid));
}

/*
 * Check who is at the other end of a connection, and put a refusal into the
 * reply.  0, or -1 with errno EBADMSG: it is no connection of the control
 * socket.
 */
static int
controlcmd_check(const struct controlcmd *cc, int conn,
    struct control_reply *r)
{
	struct peerid	 id;
	const char	*why;

	if (peerid_get(&id, conn, cc->path, NULL, &why) == -1) {
		if (why == NULL) {
			(void)fail(r, ENOMEM, "out of memory");
			return 0;
		}
		log_warnx("the listener sent what is %s", why);
		errno = EBADMSG;
		return -1;
	}
	if (!may_control(cc->admission, &id))
		(void)fail(r, EACCES, "uid %u may not control the daemon",
		    id.uid);
	peerid_clear(&id);
	return 0;
}

/* Do what a client asks, and answer it.  0, or -1 with errno. */
static int
controlcmd_serve(struct controlcmd *cc, uint32_t client,
    const struct control_request *q, int conn)
{
	struct control_reply	 r;
	int			 fd = -1;

	memset(&r, 0, sizeof(r));
	if (controlcmd_check(cc, conn, &r) == -1)
		return -1;
	cc->client = client;
	if (r.error != 0 || controlcmd_do(cc, q, &r, &fd))
		send_answer(cc, client, &r, fd);
	fd_close(&fd);
	if (cc->stop)
		cc->end(cc->arg);
	return 0;
}

int
controlcmd_answer(struct controlcmd *cc, struct wire_in *in, int conn)
{
	struct control_request	 q;
	uint32_t		 client;
	int			 ret = 0;

	client = wire_get_u32(in);
	control_get_request(in, &q);
	if (dispatch_end(in) == -1) {
		ret = -1;
	} else if (client != 0) {
		ret = controlcmd_serve(cc, client, &q, conn);
	} else if (q.command == CONTROL_MONITOR && q.number == 0) {
		/* The listener itself: nobody monitors any more. */
		cc->monitored = false;
	} else {
		errno = EBADMSG;
		ret = -1;
	}
	fd_close(&conn);
	return ret;
}

static int
send_line(struct controlcmd *cc, const char *line)
{
	uint8_t		 buf[AUDITLINE_MESSAGE];
	struct message	 m;

	message_begin(&m, IPC_MONITOR, buf, sizeof(buf));
	wire_put_str(&m.w, line);
	return message_send(cc->channel, &m, NULL, 0);
}

void
controlcmd_monitor(struct controlcmd *cc, const char *line)
{
	char	 told[128];

	if (!cc->monitored)
		return;
	if (cc->lost > 0) {
		if (auditline_format_lost(told, sizeof(told), cc->lost) == 0 ||
		    send_line(cc, told) == -1) {
			cc->lost++;
			return;
		}
		cc->lost = 0;
	}
	if (send_line(cc, line) == -1)
		cc->lost++;
}

void
controlcmd_event(struct controlcmd *cc, const char *event,
    const struct audit_subject *s, const char *why)
{
	char	 line[AUDITLINE_MAX];

	if (cc->monitored &&
	    auditline_format_event(line, sizeof(line), event, s, why) > 0)
		controlcmd_monitor(cc, line);
}
