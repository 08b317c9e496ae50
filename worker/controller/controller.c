/*
 * controller.c: the process of fdbackup that has the user's rights.
 *
 * Opens the archive and the log, starts the opener and the worker, hands the
 * worker its descriptors, and shows its reports to the user.  Reads no archive
 * and none of the files to store.  Confines itself when everything is open.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/rlimit.h"
#include "client/handoff.h"
#include "common/logchannel.h"
#include "common/report.h"
#include "common/signals.h"
#include "common/tally.h"
#include "confine/confine.h"
#include "controller/choose.h"
#include "controller/controller.h"
#include "controller/output.h"
#include "controller/redirect.h"
#include "controller/remote.h"
#include "controller/runfiles.h"
#include "controller/targets.h"
#include "controller/workerlog.h"
#include "ipc/spawn.h"
#include "opener/private.h"
#include "sandbox/readers.h"
#include "sandbox/scratch.h"
#include "sandbox/worker.h"

#define NEEDS_PROC	"this needs /proc, which is not mounted or does not " \
			"show this process; mount it: mount -t proc proc /proc"

/* Milliseconds to wait for a killed process; it may hang in the kernel. */
#define KILL_MS			2000

/* The time that a drill gets to end, and how often to look at the clock. */
#define STOP_MS			60000
#define STOP_POLL_MS		500

#define CONTROLLER_WHY_MAX	1024	/* bytes of a message, with its NUL */

struct controller {
	const struct options	*options;
	struct choice		 choice;
	struct paths		 paths;
	struct runfiles		 files;
	struct workerlog	 workerlog;
	struct job		 job;
	struct private_opener	 opener;
	pid_t			 worker;
	int			 channel;
	int			 logs;		/* the same, for new logs */
	struct redirect		 redirect;
	bool			 moving;	/* the worker gets one */
	bool			 log_is_ours;	/* or loses its own */
	char			 address[FDB_ADDRESS_MAX]; /* where */
	char			*dir, *dest;	/* where files are restored */
	int64_t			 stop;		/* until then a drill ends */
	struct remote		 remote;	/* with --host */
};

static int
controller_fail(struct controller *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Report why the run fails; a message that does not fit is cut.  Always -1. */
static int
controller_fail(struct controller *c, const char *fmt, ...)
{
	char	 why[CONTROLLER_WHY_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	workerlog_tell_fatal(&c->workerlog, why);
	return -1;
}

/* ENOTSUP is what a function says that cannot do without /proc. */
static const char *
error_text(int error)
{
	return error == ENOTSUP ? NEEDS_PROC : strerror(error);
}

/* /dev/null takes the place of a stream that is closed: nothing is kept. */
static int
check_streams(struct controller *c)
{
	const struct options	*o = c->options;
	bool			 stream = o->archive != NULL &&
				    strcmp(o->archive, "-") == 0;
	unsigned int		 need = 0;

	if (o->command->prints || o->dry_run || o->json || o->plan ||
	    o->to_stdout ||
	    (o->command->compares && o->command->walks) ||
	    (stream && o->command->stores) || o->log.where == LOG_STDOUT)
		need |= 1u << STDOUT_FILENO;
	if (stream && !o->command->stores)
		need |= 1u << STDIN_FILENO;
	if (o->log.where == LOG_STDERR)
		need |= 1u << STDERR_FILENO;
	if ((need &= o->closed) == 0)
		return 0;
	return controller_fail(c, "standard %s is closed",
	    need & 1u << STDIN_FILENO ? "input" :
	    need & 1u << STDOUT_FILENO ? "output" : "error");
}

/*
 * Open the log and the archives, which may wait: signals are not caught yet,
 * so they end the process.
 */
static int
open_files(struct controller *c)
{
	char	 why[RUNFILES_WHY_MAX];
	int	 log, ret;

	ret = runfiles_open(&c->files, &log, why);
	if (log != -1) {
		workerlog_set_log(&c->workerlog, log);
		output_identify(log, &c->job.log);
		/* The worker gets no terminal. */
		c->job.has_log = !isatty(log);
	}
	return ret == 0 ? 0 : controller_fail(c, "%s", why);
}

/* A backup without a role brings an opener of its own. */
static bool
has_opener(const struct controller *c)
{
	return options_need_session(c->options) && c->options->role == NULL;
}

static int
start_opener(struct controller *c)
{
	const char	*path;
	char		**roots;
	size_t		 nroots;
	int		 ret;

	if (!has_opener(c))
		return 0;
	/* Tests use an opener that is not installed. */
	if ((path = getenv("FDBROKER_OPENER")) == NULL)
		path = OPENER_PATH;
	if (c->options->command->restores) {
		if (private_start_restoring(path, c->dir, geteuid() == 0,
		    c->options->command->drills, c->options->known_owners,
		    &c->opener) == 0)
			return 0;
		return controller_fail(c, "cannot start the opener %s: %s",
		    path, error_text(errno));
	}
	if (targets_roots(&c->paths, &roots, &nroots) == -1)
		return controller_fail(c, "out of memory");
	ret = private_start(path, roots, nroots, &c->opener);
	if (ret == -1)
		(void)controller_fail(c, "cannot start the opener %s: %s",
		    path, error_text(errno));
	targets_free_roots(roots, nroots);
	return ret;
}

static uint32_t
read_umask(void)
{
	mode_t	 mask = umask(0777);

	(void)umask(mask);
	return (uint32_t)mask;
}

/*
 * Are so few files asked for that no threads read ahead?  If a directory has
 * taken the place of one since, it is read without them.
 */
static bool
are_few(const struct paths *p)
{
	size_t	 i;

	for (i = 0; i < p->n && i < READERS_FILES; i++)
		if (p->v[i].maybe_dir)
			return false;
	return i < READERS_FILES;
}

/*
 * The address is chosen here and not by the worker: then its socket can be
 * removed however the worker dies.
 */
static int
start_worker(struct controller *c)
{
	int	 fds[2], logs[2];

	if (handoff_choose(c->address, NULL) == -1)
		return controller_fail(c, "TMPDIR leaves no room for the name "
		    "of a socket: set it to a path of at most %zu bytes",
		    DGRAM_PATH_MAX - DGRAM_NAME_LEN - 2);
	if ((has_opener(c) && private_prepare(&c->opener) == -1) ||
	    dgram_pair_seq(fds) == -1)
		return controller_fail(c, "cannot make a pair of sockets: %s",
		    strerror(errno));
	c->channel = fds[0];
	c->job.channel = fds[1];
	if (dgram_pair_seq(logs) == -1) {
		fd_close(&c->job.channel);
		return controller_fail(c, "cannot make a pair of sockets: %s",
		    strerror(errno));
	}
	c->logs = logs[0];
	c->job.logs = logs[1];
	c->job.options = c->options;
	c->job.paths = &c->paths;
	c->job.few = are_few(&c->paths);
	c->job.choice = &c->choice;
	c->job.opener = c->opener.sock;
	c->job.dest = c->dest;
	c->job.uid = (uint32_t)geteuid();
	c->job.gid = (uint32_t)getegid();
	c->job.umask = read_umask();
	c->job.address = c->address;
	c->job.interval = progress_interval(&c->workerlog.progress);
	runfiles_inherit(&c->files, &c->job);
	if ((c->worker = fork()) == 0)
		worker_main(&c->job);
	fd_close(&fds[1]);
	fd_close(&logs[1]);
	fd_close(&c->opener.sock);
	runfiles_inherited(&c->files);
	if (c->worker == -1)
		return controller_fail(c, "cannot start the worker: %s",
		    strerror(errno));
	return 0;
}

/*
 * Load now what the C library would load on first use: the modules of the name
 * service, by looking up ids that no one has, and the conversion of the
 * locale's characters, unless it is UTF-8.
 */
static int
load_modules(const struct controller *c)
{
	struct buf	 b = { NULL, 0, 0 };
	int		 ret;

	if (c->options->command->walks || c->options->command->restores) {
		(void)getpwuid((uid_t)-2);
		(void)getgrgid((gid_t)-2);
	}
	ret = report_vis(&b, " \\\t\344\244");
	buf_free(&b);
	return ret;
}

/* Everything is open, and the other processes are started. */
static int
confine_controller(struct controller *c)
{
	struct confine	 conf = { .who = CONFINE_CONTROLLER };
	const char	*layer;

	if (load_modules(c) == -1)
		return controller_fail(c, "out of memory");
	if (confine_enter(&conf, &c->workerlog.controller, &layer) == 0)
		return 0;
	return controller_fail(c, "the controller cannot be confined: %s: %s",
	    layer, strerror(errno));
}

/* Hand the archive or the log to the worker. */
static int
hand_over(struct controller *c, const struct workerlog_request *r)
{
	int	 fd = r->what == CHANNEL_LOG ? c->workerlog.log.fd :
		    r->what == CHANNEL_OUTPUT ? STDOUT_FILENO :
		    c->files.archive;

	if (strcmp(r->address, c->address) != 0)
		return controller_fail(c, "the worker broke the protocol");
	if (fdb_handoff_send(c->address, fd) == 0)
		return 0;
	return controller_fail(c, "cannot hand the %s to the worker at %s: %s",
	    r->what == CHANNEL_LOG ? "log" : r->what == CHANNEL_OUTPUT ?
	    "output" : "archive", c->address,
	    error_text(errno));
}

/*
 * Wait for a child.  Its status, or -1: it did not end in time.  The death of a
 * child interrupts ppoll(2), even if it comes just before.
 */
static int
wait_for(pid_t pid, int ms)
{
	const int64_t	 deadline = clock_ms() + ms;
	struct timespec	 left;
	int64_t		 n;
	pid_t		 got;
	int		 status;

	for (;;) {
		got = waitpid(pid, &status, ms < 0 ? 0 : WNOHANG);
		if (got == pid)
			return status;
		if (got == -1 && errno != EINTR)
			return -1;
		if (ms < 0)
			continue;
		if ((n = deadline - clock_ms()) <= 0)
			return -1;
		left.tv_sec = n / 1000;
		left.tv_nsec = n % 1000 * 1000 * 1000;
		(void)ppoll(NULL, 0, &left, signals_wait_mask());
	}
}

/*
 * The worker says that it continues as another process, in namespaces of its
 * own.  Believe it only if that process is a child of ours, alive or not.
 */
static int
follow_worker(struct controller *c, pid_t pid)
{
	siginfo_t	 info;

	if (pid == c->worker || pid == c->opener.pid ||
	    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
		return controller_fail(c, "the worker broke the protocol");
	/* The process that it was exits. */
	(void)wait_for(c->worker, KILL_MS);
	c->worker = pid;
	return 0;
}

/* Receive a message from the worker.  1; 0: the worker is gone; -1. */
static int
take_message(struct controller *c)
{
	static uint8_t		 buf[CHANNEL_MAX];
	struct workerlog_request	 r;
	struct fdmsg		 m;
	ssize_t			 n;

	n = fdmsg_recv(c->channel, buf, sizeof(buf), 0, &m);
	if (n == -1 && errno == EAGAIN)
		return 1;
	if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
		return 0;
	if (n == -1 ||
	    workerlog_take(&c->workerlog, buf, (size_t)n, &r) == -1) {
		if (c->workerlog.out.error == 0)
			(void)controller_fail(c,
			    "the worker broke the protocol");
		return -1;
	}
	if (r.process != 0 && follow_worker(c, r.process) == -1)
		return -1;
	if (r.what != 0 && hand_over(c, &r) == -1)
		return -1;
	if (r.owner != 0 && channel_answer_owner(c->channel, r.name) == -1)
		return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
	if (r.number && channel_answer_id(c->channel, r.known, r.id) == -1)
		return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
	return 1;
}

/*
 * A signal ends the run.  A drill gets time to remove what it restored.  0: go
 * on until then, or -1.
 */
static int
stop_worker(struct controller *c)
{
	if (!c->options->command->drills)
		return -1;
	if (c->stop != 0 && clock_ms() >= c->stop)
		return controller_fail(c, "%s is not removed after %d "
		    "seconds: remove it by hand", c->dest, STOP_MS / 1000);
	if (c->stop != 0)
		return 0;
	c->stop = clock_ms() + STOP_MS;
	workerlog_tell(&c->workerlog, "", "stopping: what was restored is "
	    "being removed");
	return channel_stop(c->channel);
}

/*
 * Somebody wants another log.  Nobody else writes to it, so it must not be the
 * archive; a terminal is for the controller to write.
 */
static void
start_move(struct controller *c)
{
	struct redirect		*r = &c->redirect;
	struct stat		 st;
	enum logchannel_what	 what = LOGCHANNEL_USE;

	if (c->logs == -1) {
		redirect_answer(r, EPIPE, "the run ends");
		return;
	}
	if (fstat(r->fd, &st) == -1) {
		redirect_answer(r, errno, "");
		return;
	}
	if (runfiles_have(&c->files, r->fd)) {
		redirect_answer(r, EBUSY, "this is the archive, its manifest, "
		    "or one that it follows: name another file");
		return;
	}
	c->log_is_ours = S_ISCHR(st.st_mode);
	if (c->log_is_ours)
		what = LOGCHANNEL_NONE;
	else if (r->overwrite && S_ISREG(st.st_mode))
		what = LOGCHANNEL_EMPTY;
	if (logchannel_send(c->logs, what, c->log_is_ours ? -1 : r->fd) == -1)
		redirect_answer(r, errno, "");
	else
		c->moving = true;
}

/* The worker has answered. */
static void
finish_move(struct controller *c)
{
	struct redirect	*r = &c->redirect;
	int		 error;

	if (logchannel_result(c->logs, &error) == -1) {
		if (errno == EAGAIN)
			return;
		error = errno;
		fd_close(&c->logs);
	}
	/* Nobody has asked: a worker that was taken over. */
	if (!c->moving)
		return;
	c->moving = false;
	if (error == 0) {
		workerlog_move_log(&c->workerlog, r->fd, c->log_is_ours,
		    r->target);
		r->fd = -1;
	}
	redirect_answer(r, error, error == EPIPE ? "the run ends" : "");
}

/* Handle messages until the worker is gone.  0, or -1: the run fails. */
static int
controller_loop(struct controller *c)
{
	struct spawn_news	 news;
	struct pollfd	 pfd[5 + REDIRECT_POLLFDS];
	struct timespec	 left;
	int		 n, ms;

	memset(pfd, 0, sizeof(pfd));
	pfd[4] = workerlog_pollfd(&c->workerlog);
	for (;;) {
		pfd[0].fd = c->channel;
		pfd[1].fd = c->opener.channel;
		pfd[2].fd = c->logs;
		pfd[0].events = pfd[1].events = pfd[2].events = POLLIN;
		redirect_pollfds(&c->redirect, pfd + 5);
		pfd[3].fd = c->options->relay != NULL ?
		    c->options->relay->fd : -1;
		ms = workerlog_timeout(&c->workerlog);
		if (c->stop != 0 && (ms < 0 || ms > STOP_POLL_MS))
			ms = STOP_POLL_MS;
		left.tv_sec = ms / 1000;
		left.tv_nsec = ms % 1000 * 1000000L;
		n = ppoll(pfd, 5 + REDIRECT_POLLFDS, ms < 0 ? NULL : &left,
		    signals_wait_mask());
		if (n == -1 && errno != EINTR)
			return controller_fail(c, "%s", strerror(errno));
		if (signals_end() != 0 && stop_worker(c) == -1)
			return -1;
		if (signals_progress())
			workerlog_tell_progress(&c->workerlog);
		if (workerlog_tick(&c->workerlog) == -1)
			return -1;
		if (n <= 0)
			continue;
		/* Nobody waits for what this run does. */
		if (pfd[3].revents != 0 ||
		    workerlog_polled(&c->workerlog, &pfd[4]) == -1)
			return -1;
		/* The opener logs.  If it dies, the worker notices. */
		if (pfd[1].revents != 0)
			workerlog_erase(&c->workerlog);
		if (pfd[1].revents != 0 &&
		    spawn_read_channel(c->opener.channel, &news) == -1)
			fd_close(&c->opener.channel);
		if (pfd[2].revents != 0)
			finish_move(c);
		if (redirect_take(&c->redirect, pfd + 5))
			start_move(c);
		if (pfd[0].revents != 0 && (n = take_message(c)) != 1)
			return n;
		/* The worker writes nothing more, and ends meanwhile. */
		if (c->workerlog.done && !c->moving)
			redirect_close(&c->redirect);
	}
}

/* Say which process a signal has killed, and what that means.  Always -1. */
static int
tell_death(struct controller *c, const char *who, int sig)
{
	const char	*what = "";

	if (sig == SIGSYS)
		what = ": it made a system call that its filter does not "
		    "allow; please report this as SECURITY.md says";
	else if (sig == SIGKILL)
		what = ", perhaps by the kernel for lack of memory";
	return controller_fail(c, "the %s was killed by signal %d (%s)%s", who,
	    sig, strsignal(sig), what);
}

/* Wait for the worker, or kill it.  0: its work is complete, or -1. */
static int
end_worker(struct controller *c, bool kill_it)
{
	int	 status;

	if (c->worker <= 0)
		return -1;
	if (kill_it)
		(void)kill(c->worker, SIGKILL);
	fd_close(&c->channel);
	status = wait_for(c->worker, kill_it ? KILL_MS : -1);
	c->worker = -1;
	/* If it died in a hand-off, its socket still exists. */
	dgram_remove(c->address);
	if (kill_it)
		return -1;
	if (WIFSIGNALED(status))
		return tell_death(c, "worker", WTERMSIG(status));
	if (status == 0 && c->workerlog.done)
		return 0;
	/* One that was stopped has failed, too. */
	if (!c->workerlog.fatal && c->stop == 0)
		(void)controller_fail(c, "the worker exited before it was "
		    "done");
	return -1;
}

/* Its session is over, so it ends by itself unless it hangs or is killed. */
static void
end_opener(struct controller *c, bool stopped)
{
	int	 status;

	fd_close(&c->opener.sock);
	fd_close(&c->opener.end);
	fd_close(&c->opener.channel);
	if (c->opener.pid <= 0)
		return;
	status = stopped ? -1 : wait_for(c->opener.pid, KILL_MS);
	if (status == -1) {
		(void)kill(c->opener.pid, SIGKILL);
		(void)wait_for(c->opener.pid, KILL_MS);
	} else if (WIFSIGNALED(status)) {
		(void)tell_death(c, "opener", WTERMSIG(status));
	}
	c->opener.pid = -1;
}

/* The exit status of a run that did not fail. */
static int
controller_status(const struct controller *c)
{
	if (c->options->host != NULL)
		return c->remote.status;
	return tally_status(&c->workerlog.tally,
	    c->options->denied == DENIED_OK);
}

/* The run has succeeded: give the archive its name. */
static int
controller_commit(struct controller *c)
{
	char	 why[OUTPUT_WHY_MAX];

	if ((!c->options->command->stores && workerlog_summary(&c->workerlog,
	    controller_status(c)) == -1) ||
	    workerlog_flush(&c->workerlog) == -1)
		return -1;
	if (signals_end() != 0)
		return -1;
	if (c->options->command->stores && !c->options->dry_run &&
	    output_commit(&c->files.output, why) == -1)
		return controller_fail(c, "%s", why);
	/* After the archive: what it describes is there. */
	if (c->files.manifest.fd != -1 &&
	    output_commit(&c->files.manifest, why) == -1)
		return controller_fail(c, "the archive is complete, but its "
		    "manifest is not kept: %s", why);
	/* Before that nobody knows how the run ends. */
	if (c->options->command->stores && (workerlog_summary(&c->workerlog,
	    controller_status(c)) == -1 ||
	    workerlog_flush(&c->workerlog) == -1))
		return -1;
	return 0;
}

/* Find the directory in which to restore. */
static int
read_dest(struct controller *c)
{
	char	 why[PATHS_WHY_MAX];

	if (c->options->to_stdout && isatty(STDOUT_FILENO))
		return controller_fail(c, "standard output is a terminal, "
		    "which contents of files could control; use a pipe, as in "
		    "\"| cat\"");
	if (c->options->to_stdout)
		return 0;
	if ((c->dir = targets_directory(c->options, why)) == NULL)
		return controller_fail(c, "%s", why);
	if (!c->options->command->drills)
		c->dest = strdup(c->dir);
	else if (asprintf(&c->dest, "%s/%s%08x%08x", strcmp(c->dir, "/") == 0 ?
	    "" : c->dir, SCRATCH_PREFIX, arc4random(), arc4random()) == -1)
		c->dest = NULL;
	return c->dest != NULL ? 0 : controller_fail(c, "out of memory");
}

/* The run has failed: print what could be read, and the summary. */
static void
controller_give_up(struct controller *c, int status)
{
	if (c->workerlog.out.error != 0)
		return;
	(void)workerlog_summary(&c->workerlog, status);
	(void)workerlog_flush(&c->workerlog);
}

/*
 * Must it be known which paths are directories?  With an opener of our own, we
 * look at them anyway, except at those of lists, which may be many.
 */
static bool
must_look(const struct controller *c, const struct options *o)
{
	return c->choice.excludes.dir_only ||
	    (has_opener(c) && o->files_from.n == 0);
}

/* Find out what is to be stored. */
static int
read_choice(struct controller *c)
{
	struct options	 all = *c->options;
	const struct options *o = &all;
	char		 here[] = ".", *whole[] = { here };
	char		 why[PATHS_WHY_MAX];
	char		*dir;
	int		 ret = -1;

	/* The paths are on the other machine. */
	if (o->host != NULL)
		return 0;
	if (o->command->restores)
		return read_dest(c);
	if (!o->command->walks)
		return 0;
	/* The worker finds out what the archive has there. */
	if (!o->command->stores && o->npaths == 0 && o->files_from.n == 0) {
		all.paths = whole;
		all.npaths = 1;
	}
	if ((dir = targets_directory(o, why)) != NULL &&
	    choose_make(&c->choice, o, dir, why) == 0)
		ret = targets_make(&c->paths, o, dir, must_look(c, o), why);
	if (ret == 0)
		ret = targets_within(&c->paths, o, dir, why);
	free(dir);
	return ret == 0 ? 0 : controller_fail(c, "%s", why);
}

/* Start what does the work.  0 or -1. */
static int
start_work(struct controller *c)
{
	if (c->options->host != NULL)
		return remote_start(&c->remote, c->files.archive);
	/* The worker prepares itself while the opener is executed. */
	return start_worker(c) == -1 || start_opener(c) == -1 ? -1 : 0;
}

/* What has time until the other processes run.  remote_loop() needs none. */
static void
start_listening(struct controller *c)
{
	if (c->options->host != NULL)
		return;
	redirect_listen(&c->redirect);
	handoff_sweep(NULL);
}

/* Open and start everything.  0, or the exit status of a failure. */
static int
controller_start(struct controller *c)
{
	char	 why[RUNFILES_WHY_MAX];

	if (read_choice(c) == -1)
		return STATUS_USAGE;
	/* The worker and the opener inherit it. */
	rlimit_raise(RLIMIT_NOFILE);
	if (check_streams(c) == -1 || open_files(c) == -1)
		return STATUS_FATAL;
	if (signals_init() == -1) {
		(void)controller_fail(c, "cannot catch signals: %s",
		    strerror(errno));
		return STATUS_FATAL;
	}
	if (runfiles_make(&c->files, why) == -1) {
		(void)controller_fail(c, "%s", why);
		return STATUS_FATAL;
	}
	if (start_work(c) == -1)
		return STATUS_FATAL;
	start_listening(c);
	return confine_controller(c) == -1 ? STATUS_FATAL : 0;
}

int
controller_run(const struct options *o)
{
	static struct controller	 c;
	int				 ret = -1, status;

	c.options = o;
	c.worker = c.opener.pid = -1;
	c.channel = c.logs = -1;
	redirect_init(&c.redirect);
	c.opener.sock = c.opener.end = c.opener.channel = -1;
	runfiles_init(&c.files, o);
	workerlog_init(&c.workerlog, o);
	remote_init(&c.remote, o, &c.workerlog);
	if ((status = controller_start(&c)) == 0) {
		status = STATUS_FATAL;
		ret = o->host != NULL ? remote_loop(&c.remote) :
		    controller_loop(&c);
	}
	if (o->host == NULL && end_worker(&c, ret == -1) == -1)
		ret = -1;
	remote_end(&c.remote);
	if (ret == -1 && c.remote.exited)
		status = c.remote.status;
	end_opener(&c, signals_end() != 0);
	if (ret == 0 && controller_commit(&c) == 0)
		status = controller_status(&c);
	else if (signals_end() == 0)
		controller_give_up(&c, status);
	runfiles_close(&c.files);
	fd_close(&c.logs);
	redirect_close(&c.redirect);
	workerlog_end(&c.workerlog, status, signals_end());
	paths_free(&c.paths);
	choose_free(&c.choice);
	free(c.dest);
	free(c.dir);
	if (signals_end() != 0)
		signals_die(signals_end());
	return status;
}
