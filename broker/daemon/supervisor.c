/*
 * supervisor.c: the daemon's privileged process: start the listener, pass its
 * findings to admission, reap children, reload, and end cleanly.
 *
 * Runs as root.  Reads the configuration and what its own children say: of a
 * client that is records of fixed form, which are checked again.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/env.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "daemon/admission.h"
#include "daemon/controlcmd.h"
#include "daemon/listener.h"
#include "daemon/rundir.h"
#include "daemon/supervisor.h"
#include "ipc/msg.h"
#include "policy/tables.h"

/* Handshakes take milliseconds; what is older was left behind. */
#define JANITOR_SECONDS	60
/* Openers that were told to end are killed after this. */
#define GRACE_SECONDS	3

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD };
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

struct supervisor {
	const struct supervisor_args	*args;
	struct event_base		*base;
	struct event			*ev_signal[NSIGNALS];
	struct event			*ev_listener;
	struct event			*ev_timer;	/* janitor, or grace */
	struct rundir			 rundir;
	struct dgram			 rendezvous;
	struct dgram			 control;
	struct command_context		 command;
	struct admission		 admission;
	struct audit			 audit;
	pid_t				 listener;
	int				 channel;	/* to the listener */
	bool				 stopping;
	bool				 killed;
	int				 status;
};

static void
supervisor_stop(struct supervisor *sup, int status)
{
	struct timeval	 tv = { .tv_sec = GRACE_SECONDS };

	if (sup->stopping)
		return;
	sup->stopping = true;
	sup->status = status;
	dgram_close(&sup->rendezvous);
	dgram_close(&sup->control);
	if (sup->ev_listener != NULL)
		event_free(sup->ev_listener);
	sup->ev_listener = NULL;
	fd_close(&sup->channel);	/* ends the listener */
	admission_end_all(&sup->admission);
	(void)event_add(sup->ev_timer, &tv);
	if (LIST_EMPTY(&sup->admission.sessions) && sup->listener == -1)
		event_base_loopbreak(sup->base);
}

/* Begin the audit, or change it to what a configuration says. */
static int
supervisor_audit(struct supervisor *sup, const struct conf *conf)
{
	static const enum event_mode modes[] = {
		[CONF_AUDIT_NONE] = EVENT_NONE,
		[CONF_AUDIT_DENIED] = EVENT_DENIED,
		[CONF_AUDIT_ALL] = EVENT_ALL
	};

	return audit_configure(&sup->audit, modes[conf->audit],
	    conf->audit_path);
}

/* The group that may use the control socket, 0 for none. */
static gid_t
control_gid(const struct conf *conf)
{
	return conf->control_group != NULL ? conf->control_gid : 0;
}

static void	supervisor_control_group(struct supervisor *);

/* The lines that loading a configuration logs; what does not fit is cut. */
struct loading {
	char	 text[PROTO_TEXT_MAX];
	char	 lines[8][512];
	size_t	 n;
};

static void
loading_sink(void *arg, int priority, const char *text)
{
	struct loading	*l = arg;

	(void)priority;
	if (l->n == 0)
		(void)strlcpy(l->text, text, sizeof(l->text));
	if (l->n < sizeof(l->lines) / sizeof(l->lines[0]))
		(void)strlcpy(l->lines[l->n], text, sizeof(l->lines[0]));
	l->n++;
}

/* Load the configuration; the first fault is left in text. */
static struct conf *
load_conf(const struct supervisor *sup, char *text, size_t size)
{
	struct loading	 l;
	struct conf	*conf;
	size_t		 i;

	memset(&l, 0, sizeof(l));
	log_set_sink(loading_sink, &l);
	conf = conf_load(sup->args->conf_file, sup->args->macros);
	log_set_sink(NULL, NULL);
	for (i = 0; i < l.n && i < sizeof(l.lines) / sizeof(l.lines[0]); i++)
		log_warnx("%s", l.lines[i]);
	if (conf == NULL) {
		(void)strlcpy(text, l.text, size);
	} else if (strcmp(conf->rundir, sup->admission.conf->rundir) != 0) {
		(void)snprintf(text, size,
		    "rundir cannot be changed by a reload");
		conf_free(conf);
		conf = NULL;
	}
	return conf;
}

/*
 * All of the new configuration counts, or nothing of it.  text says what
 * happened.  0, or -1.
 */
static int
supervisor_reload(void *arg, char *text, size_t size)
{
	struct supervisor	*sup = arg;
	struct conf		*conf, *old = sup->admission.conf;

	conf = load_conf(sup, text, size);
	if (conf != NULL && supervisor_audit(sup, conf) == -1) {
		(void)snprintf(text, size, "the audit file cannot be opened");
		conf_free(conf);
		conf = NULL;
	}
	if (conf == NULL) {
		sup->command.failed_reloads++;
		log_warnx("%s: not reloaded, generation %llu stays: %s",
		    sup->args->conf_file,
		    (unsigned long long)sup->admission.generation, text);
		return -1;
	}
	sup->admission.conf = conf;
	sup->admission.generation++;
	sup->command.reloads++;
	admission_reload(&sup->admission, old);
	supervisor_control_group(sup);
	/* Who is connected came in by the old group. */
	if (control_gid(conf) != control_gid(old))
		(void)ipc_send_end(sup->channel, 0, "");
	conf_free(old);
	(void)snprintf(text, size, "reloaded, generation %llu",
	    (unsigned long long)sup->admission.generation);
	log_info("%s: %s", sup->args->conf_file, text);
	return 0;
}

static void
supervisor_reap(struct supervisor *sup)
{
	pid_t	 pid;
	int	 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != sup->listener) {
			(void)admission_reap(&sup->admission, pid, status);
			continue;
		}
		sup->listener = -1;
		if (!sup->stopping) {
			log_warnx("the listener is gone (status %#x)", status);
			supervisor_stop(sup, 1);
		}
	}
	if (sup->stopping && sup->listener == -1 &&
	    LIST_EMPTY(&sup->admission.sessions))
		event_base_loopbreak(sup->base);
}

static void
supervisor_signal(evutil_socket_t sig, short what, void *arg)
{
	struct supervisor	*sup = arg;
	char			 text[PROTO_TEXT_MAX];

	(void)what;
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		log_info("ending on signal %d", (int)sig);
		supervisor_stop(sup, 0);
		break;
	case SIGHUP:
		if (!sup->stopping)
			(void)supervisor_reload(sup, text, sizeof(text));
		break;
	case SIGUSR1:
		if (audit_reopen(&sup->audit) == 0)
			log_info("the audit file is opened anew");
		break;
	case SIGCHLD:
		supervisor_reap(sup);
		break;
	}
}

/* Every minute: tidy up.  While stopping: first kill, then give up. */
static void
supervisor_timer(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor	*sup = arg;
	struct timeval		 tv = { .tv_sec = JANITOR_SECONDS };

	(void)fd;
	(void)what;
	if (!sup->stopping) {
		rundir_clean_peer(&sup->rundir, JANITOR_SECONDS);
	} else if (!sup->killed) {
		sup->killed = true;
		tv.tv_sec = 1;
		if (sup->listener != -1)
			(void)kill(sup->listener, SIGKILL);
		admission_kill_all(&sup->admission);
	} else {
		/* Hung in a file system: the kernel ends it when it can. */
		log_warnx("an opener did not end");
		event_base_loopbreak(sup->base);
		return;
	}
	(void)event_add(sup->ev_timer, &tv);
}

/* The listener is at work, and so are we.  Once. */
static int
supervisor_ready(struct supervisor *sup, struct wire_in *in)
{
	uint32_t	 confined;

	confined = wire_get_u32(in);
	if (wire_get_end(in) == -1 || sup->command.listener != 0)
		return -1;
	sup->command.listener = sup->listener;
	sup->command.listener_confined = confined;
	log_info("ready at %s/%s", sup->rundir.path, RUNDIR_SOCKET);
	if (sup->args->foreground)
		(void)fputs("fdbrokerd: ready\n", stderr);
	return 0;
}

/* One message from the listener.  0 to go on, -1 if the listener is bad. */
static int
supervisor_listener_msg(struct supervisor *sup, const void *buf, size_t len,
    struct fdmsg *m)
{
	struct proto_header	 h;
	struct wire_in		 in;
	struct admit		 a;

	if (ipc_parse(buf, len, m, &h, &in) == -1)
		return -1;
	if (h.type == PROTO_LOG)
		return ipc_log(&in);
	if (h.type == PROTO_CONTROL_ASK)
		return command_take(&sup->command, &in);
	if (h.type == PROTO_STARTED)
		return supervisor_ready(sup, &in);
	if (h.type != PROTO_ADMIT || sup->command.listener == 0)
		return -1;
	admit_get(&in, &a);
	if (wire_get_end(&in) == -1)
		return -1;
	admission_request(&sup->admission, &a);
	return 0;
}

static void
supervisor_listener_readable(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor	*sup = arg;
	uint8_t			 buf[IPC_MSG_MAX];
	struct fdmsg		 m;
	ssize_t			 n;
	int			 ret;

	(void)what;
	n = fdmsg_recv(fd, buf, sizeof(buf), 0, &m);
	if (n == -1) {
		if (errno == EAGAIN)
			return;
		ret = -1;
	} else {
		ret = supervisor_listener_msg(sup, buf, (size_t)n, &m);
		fdmsg_close(&m);
	}
	if (ret == -1) {
		log_warnx("the listener is gone or broken");
		supervisor_stop(sup, 1);
	}
}

/* Who may connect to the control socket: root, and one group. */
static void
supervisor_control_group(struct supervisor *sup)
{
	gid_t	 gid = control_gid(sup->admission.conf);

	if (sup->control.path[0] == '\0')
		return;
	/* The mode last: nobody gets in by the old group. */
	if (chmod(sup->control.path, 0600) == -1 ||
	    chown(sup->control.path, 0, gid) == -1 ||
	    (gid != 0 && chmod(sup->control.path, 0660) == -1))
		log_warn("%s", sup->control.path);
}

static void
supervisor_bind_control(struct supervisor *sup)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", sup->rundir.path,
	    CONTROL_SOCKET);
	dgram_init(&sup->control);
	if (dgram_open_seq(&sup->control) == -1 ||
	    dgram_bind(&sup->control, path, 0600) == -1 ||
	    listen(sup->control.fd, 8) == -1)
		fatal("%s", path);
	supervisor_control_group(sup);
}

static void
supervisor_bind(struct supervisor *sup)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", sup->rundir.path,
	    RUNDIR_SOCKET);
	dgram_init(&sup->rendezvous);
	/* Before bind(2): what is queued earlier has no credentials. */
	if (dgram_open(&sup->rendezvous) == -1 ||
	    fdmsg_want_cred(sup->rendezvous.fd) == -1 ||
	    dgram_bind(&sup->rendezvous, path, 0666) == -1)
		fatal("%s", path);
	fdmsg_refuse_fds(sup->rendezvous.fd);
}

static void
supervisor_start_listener(struct supervisor *sup)
{
	const struct conf	*conf = sup->admission.conf;
	struct listensetup	 ls;
	struct spawned		 sp;

	memset(&ls, 0, sizeof(ls));
	ls.rendezvous = sup->rendezvous.fd;
	ls.control = sup->control.fd;
	ls.empty = sup->rundir.empty;
	ls.uid = conf->uid;
	ls.gid = conf->gid;
	ls.verbose = sup->args->verbose > 0;
	ls.optional = !conf->confinement_required;
	if (listener_start(&ls, &sp) == -1)
		fatal("the listener cannot be started");
	sup->listener = sp.pid;
	sup->channel = sp.channel;
	/* The socket is the listener's from here on, the name is ours. */
	fd_close(&sup->rendezvous.fd);
	fd_close(&sup->control.fd);
}

static void
supervisor_events(struct supervisor *sup)
{
	struct timeval	 tv = { .tv_sec = JANITOR_SECONDS };
	size_t		 i;

	if ((sup->base = event_base_new()) == NULL)
		fatalx("event_base_new");
	for (i = 0; i < NSIGNALS; i++) {
		sup->ev_signal[i] = evsignal_new(sup->base, signals[i],
		    supervisor_signal, sup);
		if (sup->ev_signal[i] == NULL ||
		    event_add(sup->ev_signal[i], NULL) == -1)
			fatalx("event_add");
	}
	sup->ev_listener = event_new(sup->base, sup->channel,
	    EV_READ | EV_PERSIST, supervisor_listener_readable, sup);
	sup->ev_timer = evtimer_new(sup->base, supervisor_timer, sup);
	if (sup->ev_listener == NULL || sup->ev_timer == NULL ||
	    event_add(sup->ev_listener, NULL) == -1 ||
	    event_add(sup->ev_timer, &tv) == -1)
		fatalx("event_add");
}

static void
supervisor_set_verbose(void *arg, int verbose)
{
	(void)arg;
	log_set_verbose(verbose);
	log_info("the log is %s now", verbose ? "verbose" : "brief");
}

static void
supervisor_monitor(void *arg, const char *line)
{
	struct supervisor	*sup = arg;

	command_monitor(&sup->command, line);
}

static void
supervisor_commands(struct supervisor *sup)
{
	struct command_context	*cc = &sup->command;

	cc->admission = &sup->admission;
	cc->audit = &sup->audit;
	cc->conf_file = sup->args->conf_file;
	cc->since = time(NULL);
	cc->channel = sup->channel;
	cc->reload = supervisor_reload;
	cc->set_verbose = supervisor_set_verbose;
	cc->arg = sup;
	sup->admission.monitor = supervisor_monitor;
	sup->admission.monitor_arg = sup;
}

/*
 * The system calls that are needed from here on, by openers until they have
 * filters of their own, too: it stays across execve(2).
 */
static void
supervisor_confine(struct supervisor *sup)
{
	struct confine	 c;
	unsigned int	 done;
	const char	*layer;

	memset(&c, 0, sizeof(c));
	c.who = CONFINE_SUPERVISOR;
	c.optional = !sup->admission.conf->confinement_required;
	if (confine_enter(&c, &done, &layer) == -1)
		fatal("supervisor: confinement: %s", layer);
	confine_warn(c.who, done);
	sup->command.confined |= done;
}

static void
supervisor_free(struct supervisor *sup)
{
	size_t	 i;

	for (i = 0; i < NSIGNALS; i++)
		event_free(sup->ev_signal[i]);
	event_free(sup->ev_timer);
	admission_stop(&sup->admission);
	event_base_free(sup->base);
	conf_free(sup->admission.conf);
	audit_close(&sup->audit);
	rundir_clean(&sup->rundir);
	rundir_close(&sup->rundir);
}

/* Root with what we and our children need, and nothing of who started us. */
static void
supervisor_drop(struct supervisor *sup)
{
	const struct conf	*conf = sup->args->conf;
	const char		*missing, *step;

	if (privdrop_supervisor(!conf->confinement_required,
	    &sup->command.confined, &missing, &step) == -1)
		fatal("supervisor: dropping privileges: %s", step);
	if (missing != NULL)
		log_warnx("the supervisor runs without %s", missing);
	if (rlimit_set(RLIMIT_CORE, 0) == -1)
		fatal("RLIMIT_CORE");
	/* What was inherited is in nobody's way, but of no use either. */
	env_forget();
}

int
supervisor_main(const struct supervisor_args *args)
{
	static struct supervisor	 sup;

	sup.args = args;
	sup.listener = -1;
	sup.channel = -1;
	sup.admission.conf = args->conf;
	sup.admission.generation = 1;
	sup.admission.opener_path = args->opener_path;
	sup.admission.rundir = &sup.rundir;
	supervisor_drop(&sup);
	if (rundir_open(&sup.rundir, args->conf->rundir) == -1)
		return 1;
	audit_init(&sup.audit);
	sup.admission.audit = &sup.audit;
	if (supervisor_audit(&sup, args->conf) == -1)
		return 1;
	admission_init(&sup.admission);
	if (sup.admission.fit < args->conf->limits[LIMIT_SESSIONS])
		log_warnx("RLIMIT_NOFILE is %u: %u sessions at once, not %ju",
		    sup.admission.nofile, sup.admission.fit,
		    (uintmax_t)args->conf->limits[LIMIT_SESSIONS]);
	supervisor_bind(&sup);
	supervisor_bind_control(&sup);
	supervisor_start_listener(&sup);
	setproctitle("supervisor");
	supervisor_events(&sup);
	sup.admission.base = sup.base;
	supervisor_commands(&sup);
	if (admission_start(&sup.admission) == -1)
		fatalx("out of memory");
	supervisor_confine(&sup);
	event_base_dispatch(sup.base);
	log_info("ended");
	supervisor_free(&sup);
	return sup.status;
}
