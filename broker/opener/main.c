/*
 * main.c: fdbroker-opener, one process per session.
 *
 * The supervisor starts it as root, or a controller starts it as the user.  It
 * receives SETUP on its channel, opens its roots, and gives up everything that
 * the role does not need.  Only then does it read what the worker sends.
 */

#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/message.h"
#include "base/procfs.h"
#include "base/proto.h"
#include "base/rlimit.h"
#include "confine/confine.h"
#include "confine/mountns.h"
#include "confine/privdrop.h"
#include "ipc/msg.h"
#include "ipc/setup.h"
#include "ipc/types.h"
#include "opener/embed.h"
#include "opener/orders.h"
#include "opener/parallel.h"
#include "opener/resolve.h"
#include "opener/roots.h"
#include "opener/serve.h"
#include "opener/state.h"
#include "opener/walk.h"
#include "opener/warm.h"
#include "opener/watch.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"

/* After ETOOMANYREFS, wait this long before sending again. */
#define RETRY_MS	50

/* A worker has this long to read why its session ended. */
#define LINGER_MS	1000

enum { POLL_SOCK, POLL_CONN, POLL_CHANNEL, POLL_WATCH, POLL_N };

struct opener {
	struct setup	 setup;		/* until it is confined */
	struct state	 state;
	struct serve	 serve;
	int		 channel;
	int64_t		 active;	/* clock_ms(): the last request */
	uint32_t	 idled;		/* it ended by this limit of idleness */
	int		 changes;	/* waited for with requests; or -1 */
	bool		 watching;	/* which keeps it from being idle */
};

/*
 * The kernel counts descriptors in flight for the uid, over all openers, and
 * compares them with this process's RLIMIT_NOFILE.  So each opener has the
 * limit that all of them need together.
 */
static void
opener_limits(const struct setup *su)
{
	if (rlimit_set(RLIMIT_CORE, 0) == -1)
		fatal("RLIMIT_CORE cannot be set to 0");
	if (su->nofile != 0 && rlimit_set(RLIMIT_NOFILE, su->nofile) == -1)
		fatal("RLIMIT_NOFILE cannot be set to %u", su->nofile);
}

/*
 * The session cannot begin: tell the worker, which waits for WELCOME, log why,
 * and exit.
 */
static void	opener_refuse(struct opener *, int, const char *, ...)
		    __attribute__((noreturn, format(printf, 3, 4)));

static void
opener_refuse(struct opener *op, int error, const char *fmt, ...)
{
	char	 why[PROTO_TEXT_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	serve_refuse(&op->serve, error, why);
	fatalx("session %u, role \"%s\": %s", op->state.info.id,
	    op->state.info.role, why);
}

/* May it do without clones, after cloning failed as errno says? */
static bool
opener_needs_no_clones(const struct opener *op)
{
	if (op->state.private)
		return true;
	return op->setup.optional && (errno == EPERM || errno == ENOSYS ||
	    errno == EINVAL || errno == EOPNOTSUPP);
}

/* Without clones, a private opener opens files by way of /proc. */
static void
opener_check_proc(struct opener *op)
{
	if (op->state.private && resolve_can_reopen() == -1)
		opener_refuse(op, errno, "/proc/self/fd: %s: /proc is missing, "
		    "or not of these processes; " PROCFS_MEND,
		    strerror(errno));
}

/* Tell the administrator of directories that are gone. */
static void
opener_warn_gone(const struct state *st)
{
	size_t	 i;

	for (i = 0; i < st->roots.n; i++) {
		if (st->roots.list[i].fd == -1)
			log_warnx("session %u, role \"%s\": root %.180s is no "
			    "longer a directory: nothing beneath it can be "
			    "opened", st->info.id, st->info.role,
			    st->roots.list[i].path);
	}
}

/* Roots that are to be opened, and the path that could not be. */
struct opening {
	struct state	*state;
	char		 path[PROTO_PATH_MAX];
};

static int
open_clones(void *arg)
{
	struct opening	*o = arg;

	return state_open_roots(o->state, true, o->path);
}

/*
 * Open the roots as clones.  A user may clone mounts only in a namespace of
 * his; what he makes there works outside of it as well.  0, or -1 with errno.
 */
static int
opener_clones(struct opener *op, struct opening *o)
{
	if ((!op->state.private || geteuid() == 0) && open_clones(o) == 0)
		return 0;
	if (!op->state.private)
		return -1;
	roots_close(&op->state.roots);
	return mountns_call(open_clones, o);
}

/*
 * The roots are clones.  A private opener that may not clone mounts opens the
 * directories themselves, as does one of the daemon whose layers are optional.
 */
static void
opener_roots(struct opener *op)
{
	struct state	*st = &op->state;
	struct opening	 o = { .state = st };
	char		*path = o.path;

	spelling_init(st->spelling);
	if (opener_clones(op, &o) == 0) {
		opener_warn_gone(st);
		return;
	}
	if (opener_needs_no_clones(op)) {
		if (!st->private)
			log_warn("session %u: its roots are not mount clones: "
			    "%.180s", st->info.id, path);
		roots_close(&st->roots);
		if (state_open_roots(st, false, path) == 0) {
			opener_check_proc(op);
			opener_warn_gone(st);
			return;
		}
	}
	if (errno == E2BIG)
		opener_refuse(op, errno, "the role has more than %d "
		    "directories or %d named files: %.120s is too many",
		    POLICY_ROOTS_MAX, POLICY_NAMES_MAX, path);
	opener_refuse(op, errno, "root %.180s: %s", path, strerror(errno));
}

/*
 * Paths that root's own opener could change by name, such as the owner of a
 * file, shall be those beneath the directory in which it restores.
 */
static void
opener_root_dir(struct opener *op)
{
	const struct roots	*rs = &op->state.roots;
	size_t			 i;

	if (geteuid() != 0 || !roots_restore(rs))
		return;
	for (i = 0; !rs->list[i].writable; i++)
		;
	if (fchdir(rs->list[i].fd) == -1 || chroot(".") == -1 ||
	    chdir("/") == -1)
		opener_refuse(op, errno, "root directory %.180s: %s",
		    rs->list[i].path, strerror(errno));
	op->state.rooted = true;
}

/* Become the role's user, and keep no capability that it does not need. */
static void
opener_drop(struct opener *op)
{
	struct setup	*su = &op->setup;
	struct privdrop	 pd;
	const char	*step;
	bool		 dropped = true;

	if (su->private) {
		opener_root_dir(op);
		if (privdrop_self(su->caps, &dropped, &step) == -1)
			opener_refuse(op, EPERM, "dropping privileges: %s",
			    step);
	} else {
		memset(&pd, 0, sizeof(pd));
		pd.uid = su->uid;
		pd.gid = su->gid;
		pd.gids = su->gids;
		pd.ngids = su->ngids;
		pd.chroot_fd = CONFINE_BY_NAME ? -1 : su->empty_dir;
		pd.caps = su->caps;
		if (privdrop(&pd, &step) == -1)
			opener_refuse(op, EPERM, "dropping privileges: %s",
			    step);
	}
	fd_close(&su->empty_dir);
	if (!roots_write(&op->state.roots) && rlimit_no_growth() == -1)
		opener_refuse(op, EPERM, "resource limits cannot be set");
	if (dropped)
		op->state.info.confined |= FDB_CONFINED_CAPS;
	if (!su->private)
		op->state.info.confined |= FDB_CONFINED_UID;
}

static enum confine_who
opener_kind(const struct state *st)
{
	bool	 setid = (policy_ops_of(st->role) & POLICY_OP_SPECIAL) != 0;

	if (roots_restore(&st->roots)) {
		if (st->private)
			return setid ? CONFINE_PRIVATE_SETID :
			    CONFINE_PRIVATE_RESTORER;
		return setid ? CONFINE_SETID_RESTORER : CONFINE_RESTORER;
	}
	if (st->private && !st->embedded)
		return CONFINE_PRIVATE;
	return roots_write(&st->roots) ? CONFINE_WRITER : CONFINE_OPENER;
}

/*
 * Start threads, which wait, and end with the process, and let there be no more
 * of them.  Without them, names are looked up, and files made, one after the
 * other.
 */
static int
opener_threads(void *arg)
{
	struct state	*st = arg;

	if (!st->embedded && (policy_ops_of(st->role) & (POLICY_OP_LIST |
	    POLICY_OP_SETMETA)) != 0 && roots_are_many(&st->roots) &&
	    (st->parallel = parallel_new()) != NULL &&
	    parallel_start(st->parallel) == -1) {
		parallel_free(st->parallel);
		st->parallel = NULL;
	}
	return rlimit_close();
}

static void
opener_confine(struct opener *op)
{
	struct confine_root	*roots;
	struct state		*st = &op->state;
	struct confine		 c;
	unsigned int		 done;
	const char		*layer;
	bool			 writes = roots_write(&st->roots);

	memset(&c, 0, sizeof(c));
	c.who = opener_kind(st);
	roots = roots_allowed(&st->roots, &c.nroots);
	if (roots == NULL)
		opener_refuse(op, ENOMEM, "out of memory");
	c.roots = roots;
	c.optional = op->setup.optional;
	/*
	 * It may wait for a server that does not answer, and not notice.  Who
	 * writes must notice, since it has temporary files.
	 */
	c.die = c.who == CONFINE_PRIVATE;
	c.threads = opener_threads;
	c.arg = st;
	/* Which the filter refuses later. */
	st->own_uid = geteuid();
	if (confine_enter(&c, &done, &layer) == -1)
		opener_refuse(op, EPERM, "confinement: %s: %s", layer,
		    strerror(errno));
	free(roots);
	/* The filter lets a writer empty a file, and not make it grow. */
	if (writes && !(done & FDB_CONFINED_SYSCALLS) &&
	    rlimit_no_growth() == -1)
		opener_refuse(op, EPERM, "resource limits cannot be set");
	confine_warn(c.who, done);
	st->info.confined |= done;
	if (roots_are_clones(&st->roots))
		st->info.confined |= FDB_CONFINED_CLONE;
}

/*
 * Wait for events on the session's socket, or, if there are none to wait for,
 * for an order of the supervisor.  0; or -1 with errno: ETIMEDOUT after
 * `timeout' milliseconds, else the session is over, since the worker is gone
 * or the supervisor ended it.
 *
 * A message on the connection ends the session as well: none belongs there, and
 * it could hold the worker's own end of the connection, which would then stay
 * open after the worker's death.
 */
static int
opener_poll(struct opener *op, short events, int timeout)
{
	struct pollfd	 pfd[POLL_N];
	int		 n;

	memset(pfd, 0, sizeof(pfd));
	/* Without events, an error of the socket must not end the wait. */
	pfd[POLL_SOCK].fd = events != 0 ? op->state.sock : -1;
	pfd[POLL_SOCK].events = events;
	pfd[POLL_CONN].fd = op->serve.conn;
	pfd[POLL_CONN].events = POLLIN;
	pfd[POLL_CHANNEL].fd = op->channel;
	pfd[POLL_CHANNEL].events = POLLIN;
	pfd[POLL_WATCH].fd = events & POLLIN ? op->changes : -1;
	pfd[POLL_WATCH].events = POLLIN;
	for (;;) {
		if ((n = poll(pfd, POLL_N, timeout)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (pfd[POLL_CONN].revents == POLLIN)
			serve_protest_conn(&op->serve);
		if (pfd[POLL_CONN].revents == 0 &&
		    (pfd[POLL_CHANNEL].revents == 0 ||
		    orders_take(&op->serve, op->channel) == 0))
			return 0;
		errno = ECONNRESET;
		return -1;
	}
}

/* Milliseconds until the session has been idle for too long; -1: no limit. */
static int
opener_idle_left(const struct opener *op)
{
	uint64_t	 limit = op->state.role->limits[LIMIT_IDLE];
	int64_t		 left;

	if (limit == 0 || op->watching)
		return -1;
	left = op->active + (int64_t)limit * 1000 - clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* End a session whose worker has asked for nothing for too long. */
static bool
opener_is_idle(struct opener *op)
{
	char	 why[PROTO_TEXT_MAX], limit[POLICY_LIMIT_TEXT];

	if (opener_idle_left(op) != 0)
		return false;
	op->idled = (uint32_t)op->state.role->limits[LIMIT_IDLE];
	(void)snprintf(why, sizeof(why), POLICY_IDLE_TEXT,
	    policy_limit_text(LIMIT_IDLE, op->idled, limit));
	serve_end(&op->serve, ETIMEDOUT, why);
	return true;
}

/*
 * A send failed: wait until the worker has read what it was sent.  If too many
 * descriptors are in flight, the socket is writable all the time, so there is
 * nothing to poll for: just wait.
 */
static int
opener_wait(void *arg)
{
	struct opener	*op = arg;
	short		 events = errno == ETOOMANYREFS ? 0 : POLLOUT;

	if (opener_poll(op, events, events == 0 ? RETRY_MS :
	    opener_idle_left(op)) == 0)
		return 0;
	return errno == ETIMEDOUT && !opener_is_idle(op) ? 0 : -1;
}

/* Wait some milliseconds, or until the session is over. */
static int
opener_pause(void *arg, int ms)
{
	int64_t	 end = clock_ms() + ms;

	while (ms > 0 && opener_poll(arg, 0, ms) == 0)
		ms = (int)(end - clock_ms());
	return ms <= 0 || errno == ETIMEDOUT ? 0 : -1;
}

/*
 * Does not wait, unless the audit is to lose nothing; the caller counts records
 * that do not fit.
 */
static int
opener_report(void *arg, const struct event_record *e)
{
	struct opener	*op = arg;
	struct pollfd	 pfd = { .fd = op->channel, .events = POLLOUT };
	uint8_t		 buf[IPC_MSG_MAX];
	struct message	 m;

	for (;;) {
		message_begin(&m, IPC_AUDIT, buf, sizeof(buf));
		event_put(&m.w, e);
		if (message_send(op->channel, &m, NULL, 0) == 0)
			return 0;
		if (errno != EAGAIN || op->state.audit != AUDITMODE_LOSSLESS)
			return -1;
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			return -1;
	}
}

/* Say at the end how much there was, for the summary in the audit. */
static void
opener_summary(const struct opener *op)
{
	uint8_t		 buf[MESSAGE_SHORT];
	struct message	 m;

	if (op->state.calls.report == NULL)
		return;
	message_begin(&m, IPC_SUMMARY, buf, sizeof(buf));
	wire_put_u64(&m.w, op->state.names);
	wire_put_u64(&m.w, op->state.opened);
	wire_put_u32(&m.w, op->idled);
	/* Without it the summary has less. */
	(void)message_send(op->channel, &m, NULL, 0);
}

/*
 * The supervisor takes no record of a session that has not said STARTED.  If
 * that is lost, the session ends.
 */
static int
opener_tell_started(struct opener *op)
{
	if (op->channel == -1 ||
	    ipc_send_started(op->channel, op->state.info.confined) == 0)
		return 0;
	log_warn("session %u: STARTED cannot be sent", op->state.info.id);
	serve_refuse(&op->serve, EAGAIN, "the broker cannot keep up");
	return -1;
}

/*
 * Say to the supervisor and to the worker that the session begins.  0; or -1:
 * it does not, since the worker is gone, for example.
 */
static int
opener_begin(struct opener *op)
{
	int	 ret;

	if (opener_tell_started(op) == -1)
		return -1;
	ret = serve_welcome(&op->serve, op->setup.client);
	if (ret == -1)
		log_warn("session %u: the worker cannot be welcomed",
		    op->state.info.id);
	/* A copy of it here would keep the worker's end open. */
	fd_close(&op->setup.client);
	return ret;
}

static void
opener_loop(struct opener *op)
{
	short	 events;
	bool	 busy;
	int	 n, ms, idle, watch;

	op->active = clock_ms();
	for (;;) {
		events = POLLIN;
		ms = walk_poll(&op->state, &events);
		watch = watch_poll(&op->state, &events, &op->changes);
		op->watching = watch != -1;
		busy = ms == 0 || op->watching;
		if (ms == -1 || (watch != -1 && watch < ms))
			ms = watch;
		idle = opener_idle_left(op);
		if (ms == -1 || (idle != -1 && idle < ms))
			ms = idle;
		if (opener_poll(op, events, ms) == -1 && errno != ETIMEDOUT)
			return;
		/* A new policy applies to the next request. */
		while ((n = serve_one(&op->serve)) == 1) {
			busy = true;
			if (op->channel != -1 &&
			    orders_take(&op->serve, op->channel) == -1)
				return;
		}
		if (n == -1 || walk_slice(&op->state) == -1 ||
		    watch_slice(&op->state) == -1)
			return;
		if (busy)
			op->active = clock_ms();
		if (opener_is_idle(op))
			return;
	}
}

/*
 * If the socket is closed, a worker that sends loses what it has not read yet.
 * So give a worker that was told why its session ends a moment to read it.
 */
static void
opener_linger(const struct opener *op)
{
	struct pollfd	 pfd = { .fd = op->serve.conn };

	if (op->serve.ended)
		(void)poll(&pfd, 1, LINGER_MS);
}

/* It has a session: ps(1) shows no spare opener any more. */
static void
opener_rename(char *argv0)
{
	static const char	 name[] = "fdbroker-opener";
	size_t			 len = strlen(argv0);

	if (len < sizeof(name))
		return;
	memset(argv0, '\0', len);
	memcpy(argv0, name, sizeof(name));
}

/* True for what people may ask any program. */
static bool
is_question(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	    strcmp(word, "--version") == 0;
}

/* The exit status. */
static int
answer(const char *question)
{
	if (strcmp(question, "--version") == 0)
		(void)printf("fdbroker-opener %s\n", PACKAGE_VERSION);
	else
		(void)printf("fdbroker-opener opens files for one session.  "
		    "fdbrokerd(8), fdbackup(1)\nand programs with "
		    "fdb_private(3) start it; it is not started by hand.\n");
	if (fflush(stdout) != EOF && !ferror(stdout))
		return 0;
	log_warn("standard output");
	return 1;
}

/* A program that has an opener of its own hears what it does wrong. */
static void
ignore_log(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

/* Get the setup, from whoever started this process.  0, or the exit status. */
static int
opener_setup(struct opener *op, bool embedded)
{
	if (embedded) {
		op->channel = -1;
		if (embed_setup(&op->setup, SETUP_CHANNEL_FD) == -1)
			return 1;
		log_set_sink(ignore_log, NULL);
		return 0;
	}
	op->channel = SETUP_CHANNEL_FD;
	if (fcntl(op->channel, F_SETFD, FD_CLOEXEC) == -1)
		fatal("channel");
	warm_up(op->channel, &op->setup, &op->state);
	if (setup_recv(op->channel, &op->setup) == -1) {
		/* The daemon has ended, and this opener was never used. */
		if (errno == EPIPE)
			exit(0);
		fatal("SETUP cannot be received");
	}
	log_set_sink(ipc_sink, &op->channel);
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct opener	 op;
	struct state_calls	 calls = {
		.wait = opener_wait, .pause = opener_pause, .arg = &op
	};
	bool			 embedded;

	log_init("fdbroker-opener", LOG_TO_STDERR, 0);
	if (argc == 2 && is_question(argv[1]))
		return answer(argv[1]);
	embedded = argc == 2 && strcmp(argv[1], "private") == 0;
	if (argc != (embedded ? 2 : 1) ||
	    fcntl(SETUP_CHANNEL_FD, F_GETFD) == -1)
		fatalx("is started by fdbrokerd(8), fdbackup(1) or "
		    "fdb_private(3), not by hand");
	if (opener_setup(&op, embedded) != 0)
		return 1;
	opener_rename(argv[0]);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signal");
	/* A file that is created has exactly the mode of its rule. */
	(void)umask(0);
	calls.report = op.setup.private ? NULL : opener_report;
	if (state_init(&op.state, &op.setup, &calls) == -1)
		fatal("out of memory");
	serve_init(&op.serve, &op.state, op.setup.conn);
	op.setup.conn = -1;
	opener_limits(&op.setup);
	opener_roots(&op);
	opener_drop(&op);
	opener_confine(&op);
	if (opener_begin(&op) == 0) {
		opener_loop(&op);
		opener_summary(&op);
		opener_linger(&op);
	}
	serve_free(&op.serve);
	state_free(&op.state);
	setup_clear(&op.setup);
	return 0;
}
