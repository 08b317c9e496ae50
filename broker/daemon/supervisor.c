/*
 * supervisor.c: the daemon's privileged process: start the listener and the
 * names process, reap children, reload, and end cleanly.
 *
 * Runs as root.  Reads the configuration.  What clients say reaches it only
 * through its children, as records of fixed form, which it checks again.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
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

#include "base/env.h"
#include "base/log.h"
#include "base/procfs.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/privdrop.h"
#include "daemon/accounts.h"
#include "daemon/admission.h"
#include "daemon/controlcmd.h"
#include "daemon/detach.h"
#include "daemon/listener.h"
#include "daemon/listenerchan.h"
#include "daemon/notify.h"
#include "daemon/publicsock.h"
#include "daemon/quota.h"
#include "daemon/reload.h"
#include "daemon/reloadreport.h"
#include "daemon/rundir.h"
#include "daemon/shutout.h"
#include "daemon/spare.h"
#include "daemon/supervisor.h"
#include "ipc/msg.h"
#include "names/names.h"
#include "policy/roots.h"
#include "policy/tables.h"

/* The most that RLIMIT_NOFILE may be, unless fs.nr_open says otherwise. */
#define NR_OPEN		1048576

/* When the daemon ends, children that still run after this are killed. */
#define GRACE_SECONDS	3

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD };
#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

struct supervisor {
	const struct supervisor_args	*args;
	struct event_base		*base;
	struct event			*ev_signal[NSIGNALS];
	struct event			*ev_timer;	/* of its end */
	struct rundir			 rundir;
	struct publicsock		 sockets;
	struct shutout			 shutout;
	struct listenerchan		 listener;	/* pid -1: it ended */
	struct controlcmd		 control;
	struct admission		 admission;
	struct spare			 spare;
	struct spawned			 names;
	struct accounts			 accounts;
	struct reload			 reload;
	struct audit			 audit;
	bool				 stopping;
	bool				 killed;
	int				 status;
};

/* When the daemon ends: is every child gone? */
static void
supervisor_end_if_alone(struct supervisor *sup)
{
	if (LIST_EMPTY(&sup->admission.sessions) &&
	    sup->listener.pid == -1 && sup->accounts.pid == -1 &&
	    spare_gone(&sup->spare))
		event_base_loopbreak(sup->base);
}

static void
supervisor_stop(struct supervisor *sup, int status)
{
	struct timeval	 tv = { .tv_sec = GRACE_SECONDS };

	if (sup->stopping)
		return;
	sup->stopping = true;
	sup->status = status;
	notify_stopping();
	publicsock_close(&sup->sockets);
	listenerchan_end(&sup->listener);
	sup->control.monitored = false;	/* it takes no more lines */
	admission_end_all(&sup->admission);
	spare_end(&sup->spare);
	reload_stop(&sup->reload);
	accounts_stop(&sup->accounts);
	(void)event_add(sup->ev_timer, &tv);
	supervisor_end_if_alone(sup);
}

/* Begin the audit, or change it to what a configuration says. */
static int
supervisor_audit(struct supervisor *sup, const struct conf *conf)
{
	if (audit_configure(&sup->audit, conf->audit, conf->audit_path) == -1)
		return -1;
	sup->audit.per_second = conf->audit_rate;
	return 0;
}

/* The group that may use the control socket, 0 for none. */
static gid_t
control_gid(const struct conf *conf)
{
	return conf->control_group != NULL ? conf->control_gid : 0;
}

/*
 * Why a configuration cannot be put in force, or NULL; the text is overwritten
 * by the next call.  With dry, the audit file is not opened, since that would
 * make it.
 */
static const char *
conf_fault(struct supervisor *sup, const struct conf *conf, bool dry)
{
	static char	 why[PROTO_TEXT_MAX];

	if (strcmp(conf->rundir, sup->admission.conf->rundir) != 0)
		return "rundir cannot be changed by a reload: stop and start "
		    "fdbrokerd";
	if (dry || supervisor_audit(sup, conf) == 0)
		return NULL;
	(void)snprintf(why, sizeof(why), "the audit cannot begin: %s: %s",
	    strerror(errno), conf->audit_path != NULL ? conf->audit_path :
	    "syslog");
	return why;
}

/* Tell the service manager that the daemon is at work, and how. */
static void
supervisor_tell(const struct supervisor *sup)
{
	char	 status[256];

	(void)snprintf(status, sizeof(status), "at %s/%s, generation %llu",
	    sup->rundir.path, RUNDIR_SOCKET,
	    (unsigned long long)sup->admission.generation);
	notify_ready(status);
}

/*
 * A reload has failed, and the old configuration stays as a whole.  lines: all
 * faults, of which why is the first.
 */
static void
supervisor_keep_conf(struct supervisor *sup, const char *why,
    const char *lines)
{
	if (!sup->reload.dry) {
		sup->control.failed_reloads++;
		log_warnx("%s: not reloaded, generation %llu stays: %s",
		    sup->args->conf_file,
		    (unsigned long long)sup->admission.generation, why);
		controlcmd_event(&sup->control, "not reloaded", NULL, why);
	}
	controlcmd_reloaded(&sup->control, EINVAL, why, lines);
	if (!sup->reload.dry)
		supervisor_tell(sup);
}

/* Who may connect to the socket for peers has changed. */
static void
supervisor_set_peers(void *arg)
{
	struct supervisor	*sup = arg;

	publicsock_set_peers(&sup->sockets, sup->admission.conf,
	    &sup->admission.idmap, &sup->shutout);
}

/* A user has connected there too often. */
static void
supervisor_flood(void *arg, uint32_t uid)
{
	struct supervisor	*sup = arg;

	if (!shutout_add(&sup->shutout, uid))
		return;
	floodlog_warn(&sup->admission.flood, uid,
	    "uid %u floods %s: shut out of it for %d seconds", uid,
	    sup->sockets.peers.path, SHUTOUT_SECONDS);
	supervisor_set_peers(sup);
}

/*
 * Put a configuration in force; report says what it changes, or is NULL.  Who
 * waits for the answer gets it before those are disconnected whom the old group
 * let in.
 */
static void
supervisor_use_conf(struct supervisor *sup, struct conf *conf,
    const char *report, size_t changes)
{
	struct conf	*old = sup->admission.conf;
	char		 text[PROTO_TEXT_MAX];

	if (report != NULL)
		reloadreport_log(report, changes, sup->args->conf_file);
	sup->admission.conf = conf;
	sup->admission.generation++;
	sup->control.reloads++;
	admission_reload(&sup->admission, old);
	publicsock_set_group(&sup->sockets, control_gid(conf));
	supervisor_set_peers(sup);
	(void)snprintf(text, sizeof(text), "reloaded, generation %llu",
	    (unsigned long long)sup->admission.generation);
	log_info("%s: %s", sup->args->conf_file, text);
	controlcmd_event(&sup->control, "reloaded", NULL, text);
	controlcmd_reloaded(&sup->control, 0, text, report);
	if (control_gid(conf) != control_gid(old))
		(void)ipc_send_end(sup->listener.fd, 0, "");
	conf_free(old);
	supervisor_tell(sup);
}

/* A reload has read the configuration; or NULL: why not, with all faults. */
static void
supervisor_reloaded(void *arg, struct conf *conf, const char *why,
    const char *lines)
{
	struct supervisor	*sup = arg;
	char			*report = NULL;
	size_t			 changes = 0;
	bool			 dry = sup->reload.dry;

	if (conf == NULL) {
		supervisor_keep_conf(sup, why, lines);
		return;
	}
	report = reloadreport_new(&sup->admission, conf, lines, &changes);
	if ((why = conf_fault(sup, conf, dry)) != NULL) {
		conf_free(conf);
		supervisor_keep_conf(sup, why, NULL);
	} else if (dry) {
		conf_free(conf);
		controlcmd_reloaded(&sup->control, 0, "nothing was changed: "
		    "-n only shows what a reload would change", report);
	} else
		supervisor_use_conf(sup, conf, report, changes);
	free(report);
}

static void
supervisor_reload(void *arg, bool dry)
{
	struct supervisor	*sup = arg;

	if (!dry)
		notify_reloading();
	reload_begin(&sup->reload, dry);
}

/* Open the audit file anew.  0, or -1 with errno, which was logged. */
static int
supervisor_reopen(void *arg)
{
	struct supervisor	*sup = arg;

	if (audit_reopen(&sup->audit) == -1)
		return -1;
	log_info("the audit file is opened anew");
	return 0;
}

/* An administrator ends the daemon through the control socket. */
static void
supervisor_end(void *arg)
{
	log_info("ending by request");
	supervisor_stop(arg, 0);
}

static void
supervisor_reap(struct supervisor *sup)
{
	pid_t	 pid;
	int	 status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (spare_reaped(&sup->spare, pid, status))
			continue;
		if (pid == sup->accounts.pid) {
			accounts_reaped(&sup->accounts, status);
			continue;
		}
		if (pid != sup->listener.pid) {
			/* It may have ended before its session began. */
			if (admission_reap(&sup->admission, pid, status))
				spare_fill(&sup->spare);
			continue;
		}
		listenerchan_reaped(&sup->listener);
		if (!sup->stopping) {
			log_warnx("the listener is gone (status %#x)", status);
			supervisor_stop(sup, 1);
		}
	}
	if (sup->stopping)
		supervisor_end_if_alone(sup);
}

static void
supervisor_signal(evutil_socket_t sig, short what, void *arg)
{
	struct supervisor	*sup = arg;

	(void)what;
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		log_info("ending on signal %d", (int)sig);
		supervisor_stop(sup, 0);
		break;
	case SIGHUP:
		if (!sup->stopping)
			supervisor_reload(sup, false);
		break;
	case SIGUSR1:
		(void)supervisor_reopen(sup);
		break;
	case SIGCHLD:
		supervisor_reap(sup);
		break;
	}
}

/* The daemon ends: kill its children, and a second later end without them. */
static void
supervisor_timer(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor	*sup = arg;
	struct timeval		 tv = { .tv_sec = 1 };

	(void)fd;
	(void)what;
	if (!sup->killed) {
		sup->killed = true;
		if (sup->listener.pid != -1)
			(void)kill(sup->listener.pid, SIGKILL);
		if (sup->accounts.pid != -1)
			(void)kill(sup->accounts.pid, SIGKILL);
		admission_kill_all(&sup->admission);
		spare_kill(&sup->spare);
	} else {
		/* It hangs in a file system; the kernel will end it. */
		log_warnx("an opener did not end");
		event_base_loopbreak(sup->base);
		return;
	}
	(void)event_add(sup->ev_timer, &tv);
}

static void
supervisor_start_listener(struct supervisor *sup)
{
	const struct conf	*conf = sup->admission.conf;
	struct listensetup	 ls;
	struct spawned		 sp;

	memset(&ls, 0, sizeof(ls));
	ls.rendezvous = sup->sockets.rendezvous.fd;
	ls.peers = sup->sockets.peers.fd;
	ls.control = sup->sockets.control.fd;
	ls.empty = sup->rundir.empty;
	ls.uid = conf->uid;
	ls.gid = conf->gid;
	ls.verbose = sup->args->verbose > 0;
	ls.optional = !conf->confinement_required;
	if (listener_start(&ls, &sp) == -1)
		fatal("the listener cannot be started");
	sup->listener.pid = sp.pid;
	sup->listener.fd = sp.channel;
	publicsock_hand_over(&sup->sockets);
}

static void
supervisor_start_names(struct supervisor *sup)
{
	const struct conf	*conf = sup->admission.conf;
	struct namesetup	 ns;

	memset(&ns, 0, sizeof(ns));
	ns.uid = conf->uid;
	ns.gid = conf->gid;
	ns.verbose = sup->args->verbose > 0;
	ns.optional = !conf->confinement_required;
	if (names_start(&ns, &sup->names) == -1)
		fatal("the names process cannot be started");
}

static void
supervisor_events(struct supervisor *sup)
{
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
	sup->shutout.changed = supervisor_set_peers;
	sup->shutout.arg = sup;
	sup->ev_timer = evtimer_new(sup->base, supervisor_timer, sup);
	if (sup->ev_timer == NULL ||
	    shutout_init(&sup->shutout, sup->base) == -1 ||
	    listenerchan_init(&sup->listener, sup->base) == -1)
		fatalx("event_add");
}

static void
supervisor_monitor(void *arg, const char *line)
{
	struct supervisor	*sup = arg;

	controlcmd_monitor(&sup->control, line);
}

static void
supervisor_init_control(struct supervisor *sup)
{
	struct controlcmd	*cc = &sup->control;

	cc->admission = &sup->admission;
	cc->audit = &sup->audit;
	cc->conf_file = sup->args->conf_file;
	cc->path = sup->sockets.control.path;
	cc->since = time(NULL);
	cc->channel = sup->listener.fd;
	cc->reload = supervisor_reload;
	cc->reopen = supervisor_reopen;
	cc->end = supervisor_end;
	cc->arg = sup;
	sup->admission.env.monitor = supervisor_monitor;
	sup->admission.env.monitor_arg = sup;
}

/* If listener and names process are confined and at work, so is the daemon. */
static void
supervisor_ready(void *arg)
{
	struct supervisor	*sup = arg;

	if (sup->control.listener == 0 || !sup->accounts.started)
		return;
	log_info("ready at %s/%s", sup->rundir.path, RUNDIR_SOCKET);
	supervisor_tell(sup);
	detach_done();
}

static void
supervisor_listener_broken(void *arg)
{
	supervisor_stop(arg, 1);
}

static void
supervisor_answered(void *arg)
{
	struct supervisor	*sup = arg;

	if (sup->stopping)
		return;
	reload_answered(&sup->reload);
	admission_answered(&sup->admission);
}

/* A daemon whose names process never worked is not confined as it should be. */
static void
supervisor_names_gone(void *arg)
{
	struct supervisor	*sup = arg;

	if (!sup->accounts.started)
		supervisor_stop(sup, 1);
}

static void
supervisor_init_names(struct supervisor *sup)
{
	struct accounts	*ac = &sup->accounts;
	struct reload	*r = &sup->reload;

	ac->changed = supervisor_answered;
	ac->ready = supervisor_ready;
	ac->gone = supervisor_names_gone;
	ac->arg = sup;
	r->file = sup->args->conf_file;
	r->macros = sup->args->macros;
	r->accounts = ac;
	r->done = supervisor_reloaded;
	r->arg = sup;
	if (accounts_start(ac, sup->base, &sup->names) == -1 ||
	    reload_init(r, sup->base) == -1)
		fatalx("out of memory");
}

static void
supervisor_init_listener(struct supervisor *sup)
{
	struct listenerchan	*lc = &sup->listener;

	lc->admission = &sup->admission;
	lc->control = &sup->control;
	lc->ready = supervisor_ready;
	lc->flood = supervisor_flood;
	lc->broken = supervisor_listener_broken;
	lc->arg = sup;
}

/*
 * Give up all system calls but those that the supervisor needs from here on,
 * and those that an opener needs until it has a filter of its own: filters
 * stay across execve(2).
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
	sup->control.confined |= done;
}

static void
supervisor_free(struct supervisor *sup)
{
	size_t	 i;

	for (i = 0; i < NSIGNALS; i++)
		event_free(sup->ev_signal[i]);
	event_free(sup->ev_timer);
	shutout_stop(&sup->shutout);
	reload_stop(&sup->reload);
	accounts_stop(&sup->accounts);
	admission_stop(&sup->admission);
	event_base_free(sup->base);
	conf_free(sup->admission.conf);
	audit_close(&sup->audit);
	rundir_close(&sup->rundir);
}

/* Say which capabilities the process that started us has kept from us. */
static void
supervisor_check_caps(const struct conf *conf)
{
	bool		 required = conf->confinement_required;
	uint32_t	 rights = 0;
	const char	*name, *without;
	size_t		 i = 0;
	bool		 any = false;

	for (i = 0; i < conf->nroles; i++)
		rights |= policy_caps(conf->roles[i]);
	i = 0;
	while ((name = privdrop_lacking(&i, rights, &without)) != NULL) {
		any = true;
		log_warnx(required ? "the supervisor lacks %s: %s" :
		    "the supervisor runs without %s: %s", name, without);
	}
	if (any && required)
		fatalx("start it with these capabilities (in a container, add "
		    "them to the container's), or set \"confinement "
		    "optional\" to do without");
}

/*
 * Raise the hard RLIMIT_NOFILE to what the configured sessions need, as far as
 * the system lets us: admission_init() makes do with what it finds.
 */
static void
supervisor_raise_files(const struct conf *conf)
{
	uint64_t	 want = quota_nofile(conf->limits[LIMIT_SESSIONS]);
	struct rlimit	 rl;

	if (want > NR_OPEN)
		want = NR_OPEN;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 || rl.rlim_max >= want)
		return;
	rl.rlim_cur = rl.rlim_max = want;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_debug("RLIMIT_NOFILE cannot be raised to %ju",
		    (uintmax_t)want);
}

/*
 * Stay root, with the capabilities that the supervisor and its children need,
 * and without anything inherited from who started the daemon.
 */
static void
supervisor_drop(struct supervisor *sup)
{
	const char	*step;

	supervisor_check_caps(sup->args->conf);
	if (privdrop_supervisor(&sup->control.confined, &step) == -1)
		fatal("supervisor: dropping privileges: %s", step);
	if (rlimit_set(RLIMIT_CORE, 0) == -1)
		fatal("RLIMIT_CORE");
	env_forget();
	/* For the hours of roles: the zone of the system. */
	tzset();
}

int
supervisor_main(const struct supervisor_args *args)
{
	static struct supervisor	 sup;

	sup.args = args;
	sup.listener.pid = -1;
	sup.listener.fd = -1;
	accounts_init(&sup.accounts);
	sup.admission.env.accounts = &sup.accounts;
	sup.admission.conf = args->conf;
	sup.admission.generation = 1;
	spare_init(&sup.spare, args->opener_path, sup.rundir.session);
	sup.admission.env.spare = &sup.spare;
	sup.admission.env.rundir = &sup.rundir;
	/* The listener and the names process are executed from there. */
	if (!procfs_is_ours())
		fatalx("/proc is missing, or not of these processes; "
		    PROCFS_MEND);
	notify_open();
	supervisor_raise_files(args->conf);
	supervisor_drop(&sup);
	if (rundir_open(&sup.rundir, args->conf->rundir) == -1)
		return 1;
	audit_init(&sup.audit);
	sup.admission.env.audit = &sup.audit;
	if (supervisor_audit(&sup, args->conf) == -1)
		return 1;
	admission_init(&sup.admission);
	if (sup.admission.fit < args->conf->limits[LIMIT_SESSIONS])
		log_warnx("RLIMIT_NOFILE is %u: %u sessions at once, not %ju",
		    sup.admission.env.nofile, sup.admission.fit,
		    (uintmax_t)args->conf->limits[LIMIT_SESSIONS]);
	publicsock_open(&sup.sockets, sup.rundir.path,
	    control_gid(args->conf));
	supervisor_set_peers(&sup);
	sup.admission.env.rendezvous = sup.sockets.rendezvous.path;
	sup.admission.env.peers = sup.sockets.peers.path;
	supervisor_start_listener(&sup);
	supervisor_start_names(&sup);
	setproctitle("supervisor");
	supervisor_init_control(&sup);
	supervisor_init_listener(&sup);
	supervisor_events(&sup);
	supervisor_init_names(&sup);
	sup.admission.env.base = sup.base;
	if (admission_start(&sup.admission) == -1)
		fatalx("out of memory");
	supervisor_confine(&sup);
	spare_fill(&sup.spare);
	event_base_dispatch(sup.base);
	log_info("ended");
	supervisor_free(&sup);
	return sup.status;
}
