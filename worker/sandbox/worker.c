/*
 * worker.c: the process of fdbackup that reads files and archives.
 *
 * The controller forks it with the user's rights.  It lets libraries load what
 * they need, gets its session, the archive and the log, and gives up all
 * rights.  Only then does it read bytes that others wrote, except for the
 * broker's answer in the handshake.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/env.h"
#include "base/log.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "client/handoff.h"
#include "common/signals.h"
#include "common/tally.h"
#include "confine/confine.h"
#include "confine/namespaces.h"
#include "sandbox/fdbatch.h"
#include "sandbox/logswitch.h"
#include "sandbox/pipeline.h"
#include "sandbox/readers.h"
#include "sandbox/rehearse.h"
#include "sandbox/work.h"
#include "sandbox/worker.h"

#define CONNECT_MS	30000	/* the broker must answer by then */
#define HANDOFF_MS	30000	/* the controller must hand over by then */

#define WORKER_THREADS_MAX	4	/* that compress */
#define WORKER_STACK		(1024 * 1024)	/* about that of a thread */

/* Standard ones, archive, log, spools, channel, session, those of libraries. */
#define FDS_OWN		32
/* Files that wait to be copied, one a slab. */
#define FDS_PIPELINE	PIPELINE_SLABS
/* Files on their way and to close; with fewer, create cannot work. */
#define FDS_ROOM_MIN	8

/*
 * Files that the opener may have opened ahead of us: enough that it never waits
 * for us while we wait for our turn of a processor.
 */
#define AHEAD_MAX	1920

static int
worker_fatal(struct work *w, const char *why, int error)
{
	(void)reporter_reportf(&w->rep, REPORT_FATAL, "", "%s%s%s", why,
	    error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
	return -1;
}

static int
fd_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Close all descriptors except the standard ones and those of the job. */
static void
close_others(const struct job *job)
{
	int		 keep[5 + COMMAND_SPOOLS_MAX + OPTIONS_ARCHIVES_MAX];
	size_t		 i, n = 0;
	int		 fd, next = STDERR_FILENO + 1;

	keep[n++] = job->channel;
	keep[n++] = job->logs;
	keep[n++] = job->opener;
	keep[n++] = job->since;
	keep[n++] = job->manifest;
	for (i = 0; i < COMMAND_SPOOLS_MAX; i++)
		keep[n++] = job->spools[i];
	for (i = 1; i < job->options->archives.n; i++)
		keep[n++] = job->archives[i];
	qsort(keep, n, sizeof(keep[0]), fd_compare);
	for (i = 0; i < n; i++) {
		if (keep[i] < next)
			continue;
		for (fd = next; fd < keep[i]; fd++)
			close(fd);
		next = keep[i] + 1;
	}
	closefrom(next);
}

/*
 * The kernel compares the descriptors in flight between all processes of a user
 * with RLIMIT_NOFILE of the opener, which is our hard limit.  Two runs at once
 * must not come near it: the opener would have to wait without being told when
 * to go on.
 */
static uint32_t
files_ahead(const struct rlimit *rl)
{
	return rl->rlim_max / 4 > AHEAD_MAX ? AHEAD_MAX :
	    (uint32_t)(rl->rlim_max / 4) + 1;
}

/* Let go of the terminal and of all files that the user left open. */
static int
worker_isolate(struct work *w)
{
	struct rlimit	 rl;
	int		 fd, null;

	if (signals_init_worker() == -1)
		return worker_fatal(w, "cannot set up signals", errno);
	if ((null = open("/dev/null", O_RDWR)) == -1)
		return worker_fatal(w, "/dev/null", errno);
	for (fd = 0; fd <= STDERR_FILENO; fd++) {
		if (dup2(null, fd) == -1)
			return worker_fatal(w, "/dev/null", errno);
	}
	close_others(w->job);
	if (rlimit_set(RLIMIT_CORE, 0) == -1)
		return worker_fatal(w, "cannot set RLIMIT_CORE", errno);
	/* Later the time zone cannot be read.  glibc reads it unless named. */
	if (setenv("TZ", ":/etc/localtime", 0) == -1)
		return worker_fatal(w, "cannot set the time zone", errno);
	tzset();
	/* The broker sends many descriptors in a message. */
	rlimit_raise(RLIMIT_NOFILE);
	if (getrlimit(RLIMIT_NOFILE, &rl) == 0)
		w->ahead = files_ahead(&rl);
	return 0;
}

/* What the library logs becomes a report. */
static void
worker_log(void *arg, int priority, const char *text)
{
	struct work	*w = arg;

	(void)reporter_report(&w->rep, priority <= LOG_WARNING ?
	    REPORT_WARNING : REPORT_NOTE, "", text);
}

static int
worker_connect(struct work *w)
{
	const struct options	*o = w->job->options;
	char			 why[FDB_WHY_MAX] = "";
	const char		*path = o->socket;
	int			 ret;

	if (!options_need_session(o))
		return 0;
	if (path == NULL)
		path = RUNDIR "/" PROTO_SOCKET_NAME;
	if (o->role != NULL)
		ret = fdb_connect(&w->session, path, o->role, CONNECT_MS,
		    why);
	else
		ret = fdb_attach(&w->session, w->job->opener, CONNECT_MS,
		    why);
	if (ret == 0)
		return 0;
	if (why[0] != '\0')
		return worker_fatal(w, why, 0);
	return worker_fatal(w, "no session with the broker", errno);
}

/*
 * Wait until the hand-off has something, or until the controller is gone: the
 * socket must be removed then.  0, or -1 with errno.
 */
static int
worker_await(const struct work *w, const struct fdb_handoff *h)
{
	struct pollfd	 pfd[2];
	int64_t		 end = clock_ms() + HANDOFF_MS, left;
	int		 n;

	memset(pfd, 0, sizeof(pfd));
	pfd[0].fd = fdb_handoff_fd(h);
	pfd[0].events = POLLIN;
	pfd[1].fd = w->rep.channel.fd;	/* only for its end */
	do {
		if ((left = end - clock_ms()) < 0)
			left = 0;
		n = poll(pfd, 2, (int)left);
	} while (n == -1 && errno == EINTR);
	if (n == -1 || pfd[0].revents != 0)
		return n == -1 ? -1 : 0;
	errno = n == 0 ? ETIMEDOUT : EPIPE;
	return -1;
}

/* Tell the controller the address, and get the descriptor that it sends. */
static int
worker_take(struct work *w, struct fdb_handoff *h, enum channel_what what)
{
	if (channel_put_address(&w->rep.channel, what,
	    fdb_handoff_address(h)) == -1 || worker_await(w, h) == -1) {
		fdb_handoff_cancel(h);
		return -1;
	}
	return fdb_handoff_receive(h, 0);
}

static int
worker_fail_to_bind(struct work *w, const char *address)
{
#ifdef __linux__
	/* The umask took bits of the mode, which then needs /proc. */
	if (errno == ENOTSUP) {
		(void)reporter_reportf(&w->rep, REPORT_FATAL, "", "cannot set "
		    "the mode of the socket %s without /proc; mount it: mount "
		    "-t proc proc /proc", address);
		return -1;
	}
#endif
	(void)reporter_reportf(&w->rep, REPORT_FATAL, "", "cannot make the "
	    "socket %s: %s; set TMPDIR to a directory in which you may make "
	    "one", address, strerror(errno));
	return -1;
}

/*
 * Get a descriptor from the controller by a hand-off; see fdbroker(3).  No
 * signal may end the worker while the socket exists, and what does so all the
 * same leaves it to the controller, which has chosen the address.
 */
static int
worker_receive(struct work *w, enum channel_what what, int *fd)
{
	struct fdb_handoff	*h;
	sigset_t		 before;
	const char		*address = w->job->address;
	int			 error = 0;

	if (signals_hold(&before) == -1)
		return worker_fatal(w, "cannot block signals", errno);
	if (handoff_listen_at(&h, address) == -1)
		return worker_fail_to_bind(w, address);
	if ((*fd = worker_take(w, h, what)) == -1)
		error = errno;
	if (signals_release(&before) == -1)
		return worker_fatal(w, "cannot unblock signals", errno);
	if (*fd != -1)
		return 0;
	return worker_fatal(w, what == CHANNEL_LOG ?
	    "the log was not handed over" : what == CHANNEL_OUTPUT ?
	    "standard output was not handed over" :
	    "the archive was not handed over", error);
}

/* As many threads compress as there are processors for this process. */
static void
worker_count_processors(struct work *w)
{
	long	 n = sysconf(_SC_NPROCESSORS_ONLN);

	if ((w->threads = w->job->options->threads) == 0)
		w->threads = n < 1 ? 1 : n > WORKER_THREADS_MAX ?
		    WORKER_THREADS_MAX : (unsigned int)n;
}

/* The rehearsal failed.  Always -1. */
static int
worker_misses(struct work *w, bool writing)
{
	if (errno == ENOMEM)
		return reporter_no_memory(&w->rep);
	return worker_fatal(w, writing ?
	    "libarchive cannot write pax archives" :
	    "libarchive cannot read pax archives", errno);
}

/* Meanwhile the opener starts. */
static int
worker_rehearse(struct work *w)
{
	const struct command	*cmd = w->job->options->command;

	/* An earlier archive is read. */
	if (w->job->options->since != NULL && rehearse_reading() == -1)
		return worker_misses(w, false);
	/* The sink compresses, and not libarchive. */
	if ((cmd->stores ? rehearse_writing(false) :
	    rehearse_reading()) == -1)
		return worker_misses(w, cmd->stores);
	worker_count_processors(w);
	rehearse_sorting();
	rehearse_locale(cmd->stores);
	return 0;
}

static int
worker_announce(void *arg, pid_t pid)
{
	struct work	*w = arg;

	return channel_put_process(&w->rep.channel, pid);
}

/*
 * Get what the controller hands over.  0, or -1: reported.
 */
static int
worker_receive_all(struct work *w)
{
	w->received = true;
	if (!w->job->options->dry_run &&
	    worker_receive(w, CHANNEL_ARCHIVE, &w->archive) == -1)
		return -1;
	if (w->job->has_log &&
	    worker_receive(w, CHANNEL_LOG, &w->rep.log) == -1)
		return -1;
	return w->job->options->to_stdout ?
	    worker_receive(w, CHANNEL_OUTPUT, &w->output) : 0;
}

enum { FETCH_ARCHIVE, FETCH_LOG, FETCH_OUTPUT };

_Static_assert(FETCH_OUTPUT < NAMESPACES_FDS, "room for all");

static int
worker_fetch(void *arg, int fds[NAMESPACES_FDS])
{
	struct work	*w = arg;

	if (worker_receive_all(w) == -1)
		return -1;
	fds[FETCH_ARCHIVE] = w->archive;
	fds[FETCH_LOG] = w->rep.log;
	fds[FETCH_OUTPUT] = w->output;
	return 0;
}

/*
 * Continue in namespaces with an empty root directory, as this user or another
 * one.  0: we do, or the system does not allow it; or -1: reported.
 */
static int
worker_leave(struct work *w, uint32_t uid, uint32_t gid,
    const struct namespaces_calls *calls)
{
	/* A copy has what there is: only what is fetched is passed on. */
	int	 fds[NAMESPACES_FDS] = { -1, -1, -1 };
	int	 n = -1;

	/* Both processes have a copy of what is not sent yet. */
	if (channel_flush(&w->rep.channel) == 0)
		n = namespaces_enter(uid, gid, calls, w, fds);
	if (n == -1)
		return w->rep.failed ? -1 :
		    worker_fatal(w, "cannot enter namespaces", errno);
	w->left = true;
	w->apart = n == 1;
	if (n == 1 && calls->fetch != NULL) {
		w->received = true;
		w->archive = fds[FETCH_ARCHIVE];
		w->rep.log = fds[FETCH_LOG];
		w->output = fds[FETCH_OUTPUT];
	}
	if (n == 0 && errno == ENOTSUP && reporter_report(&w->rep, REPORT_NOTE,
	    "", "the worker has no namespaces of its own: they need /proc, "
	    "mounted to write and with all processes of the user") == -1)
		return -1;
	return 0;
}

/*
 * With an opener of its own, the worker needs nothing else that has a path, and
 * stays the user that it is.  So it makes its namespaces while the opener
 * starts.
 */
static int
worker_leave_early(struct work *w)
{
	static const struct namespaces_calls	 calls = {
		.fetch = worker_fetch, .announce = worker_announce
	};
	const struct options			*o = w->job->options;

	if (!options_need_session(o) || o->role != NULL)
		return 0;
	return worker_leave(w, 0, 0, &calls);
}

static int
worker_leave_late(struct work *w, const struct confine *c)
{
	static const struct namespaces_calls	 calls = {
		.announce = worker_announce
	};

	return w->left ? 0 : worker_leave(w, c->uid, c->gid, &calls);
}

/*
 * Limit memory: what is read decides how much is asked for.  Sanitizers need
 * more than any limit.
 */
static int
worker_limit_memory(const struct work *w)
{
#if defined(FDB_SANITIZED)
	(void)w;
	return 0;
#elif defined(__FreeBSD__)
	/* There malloc(3) does not count as data. */
	return rlimit_set(RLIMIT_AS, w->rep.max_memory);
#else
	return rlimit_set(RLIMIT_DATA, w->rep.max_memory);
#endif
}

/* How many descriptors below limit are open. */
static unsigned int
worker_count_fds(rlim_t limit)
{
	unsigned int	 n = 0;
	int		 fd;

	for (fd = 0; (rlim_t)fd < limit; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/*
 * The caller allows fewer descriptors than we would use: let fewer files wait.
 * 0, or -1: too few, which was reported.
 */
static int
worker_use_less(struct work *w, rlim_t limit)
{
	unsigned int	 used = worker_count_fds(limit) + FDS_PIPELINE;
	unsigned int	 room = limit > used ? (unsigned int)limit - used : 0;

	if (room < FDS_ROOM_MIN) {
		(void)reporter_reportf(&w->rep, REPORT_FATAL, "", "a process "
		    "may open only %u files, and %u are needed; raise "
		    "RLIMIT_NOFILE (ulimit -n)", (unsigned int)limit,
		    used + FDS_ROOM_MIN);
		return -1;
	}
	/* The opener, too, holds what it sends, and directories besides. */
	if (w->ahead > room / 2)
		w->ahead = room / 2;
	w->closing = room - room / 2 - 1;
	return 0;
}

/*
 * Limit descriptors to our own, those of one message and those that wait to be
 * read or closed.
 */
static int
worker_limits(struct work *w, const struct fdb_session_info *info)
{
	struct rlimit	 rl;
	rlim_t		 need = FDS_OWN + w->job->options->archives.n;

	if (info != NULL)
		need += info->batch + FDBATCH_MAX + FDS_PIPELINE +
		    READERS_FILES;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return worker_fatal(w, "getrlimit", errno);
	if (need > rl.rlim_max) {
		need = rl.rlim_max;
		if (info != NULL && worker_use_less(w, need) == -1)
			return -1;
	}
	if (rlimit_set(RLIMIT_NOFILE, need) == -1 ||
	    worker_limit_memory(w) == -1)
		return worker_fatal(w, "cannot set resource limits", errno);
	return 0;
}

/*
 * Forget the environment, except for the time zone: if that changed, the C
 * library would read the new one for the first time in a zip archive, and the
 * worker can open nothing then.  0, or -1 with errno.
 */
static int
worker_forget(void)
{
	const char	*value = getenv("TZ");
	char		*zone;
	int		 ret;

	if ((zone = strdup(value != NULL ? value : "")) == NULL)
		return -1;
	env_forget();
	ret = setenv("TZ", zone, 1);
	free(zone);
	return ret;
}

/* Start what threads the command has, and allow no new ones. */
static int
worker_threads(void *arg)
{
	struct work		*w = arg;
	const struct command	*cmd = w->job->options->command;

	if ((cmd->start != NULL && cmd->start(w) == -1) ||
	    logswitch_start(&w->rep, w->job->logs) == -1)
		return -1;
	return rlimit_set(RLIMIT_NPROC, 0);
}

/* Threads need stacks: then EAGAIN can mean that memory is short. */
static bool
worker_lacks_memory(int error)
{
	void	*p;

	if (error != EAGAIN)
		return error == ENOMEM;
	p = malloc(WORKER_STACK);
	free(p);
	return p == NULL;
}

static int
worker_confine(struct work *w)
{
	const struct fdb_session_info	*info = NULL;
	struct confine			 c = { .who = CONFINE_WORKER };
	const char			*layer;
	unsigned int			 done;

	if (w->session != NULL) {
		info = fdb_session_info(w->session);
		c.uid = info->worker_uid;
		c.gid = info->worker_gid;
	}
	if (worker_forget() == -1)
		return worker_fatal(w, "cannot keep the time zone", errno);
	if (worker_leave_late(w, &c) == -1 || worker_limits(w, info) == -1)
		return -1;
	/* Before, the worker notices on the channel and removes its socket. */
	c.die = true;
	c.threads = worker_threads;
	c.arg = w;
	if (confine_enter(&c, &done, &layer) == -1) {
		/* The limit of worker_limits() has little room for threads. */
		if (worker_lacks_memory(errno))
			return reporter_no_memory(&w->rep);
		(void)reporter_reportf(&w->rep, REPORT_FATAL, "", "the worker "
		    "cannot be confined: %s: %s", layer, strerror(errno));
		return -1;
	}
	if (w->apart)
		done |= FDB_CONFINED_NAMESPACES;
	return channel_put_confined(&w->rep.channel, done,
	    info != NULL ? info->confined : 0);
}

static int
worker_run(struct work *w)
{
	const struct command	*cmd = w->job->options->command;

	if (worker_isolate(w) == -1 || worker_rehearse(w) == -1 ||
	    worker_leave_early(w) == -1 || worker_connect(w) == -1 ||
	    (!w->received && worker_receive_all(w) == -1))
		return -1;
	if ((cmd->prepare != NULL && cmd->prepare(w) == -1) ||
	    worker_confine(w) == -1 || cmd->run(w) == -1)
		return -1;
	return channel_put_tally(&w->rep.channel, CHANNEL_DONE, &w->rep.tally);
}

void
worker_main(const struct job *job)
{
	static struct work	 w;
	int			 ret;

	w.job = job;
	w.archive = w.output = -1;
	reporter_init(&w.rep, job->channel, job->options);
	reporter_limit_memory(&w.rep);
	if (job->interval > 0)
		reporter_watch(&w.rep, job->interval);
	log_init("fdbackup", LOG_TO_STDERR, 0);
	log_set_sink(worker_log, &w);
	ret = worker_run(&w);
	(void)reporter_flush(&w.rep);
	if (ret == 0) {
		/* The opener ends meanwhile; the kernel frees what is left. */
		fdb_disconnect(w.session);
		_exit(STATUS_COMPLETE);
	}
	/* Threads go on and report until they are released. */
	if (job->options->command->release != NULL)
		job->options->command->release(&w);
	/* What was done before the failure counts, too. */
	(void)channel_put_tally(&w.rep.channel, CHANNEL_PROGRESS,
	    &w.rep.tally);
	(void)reporter_flush(&w.rep);
	fdb_disconnect(w.session);
	reporter_clear(&w.rep);
	_exit(STATUS_FATAL);
}
