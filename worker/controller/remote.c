/*
 * remote.c: let another machine do the work; see controller/remote.h.
 *
 * Runs in the controller, with the user's rights.  Starts ssh(1), or what --rsh
 * names, which connects to "fdbackup serve"; opens nothing.  Does not trust the
 * other machine: the bytes of the archive go to the archive and nowhere else,
 * and records are checked as those of a worker.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "common/signals.h"
#include "common/status.h"
#include "controller/newer.h"
#include "controller/remote.h"

/*
 * No agent and no display is lent to the other machine, and a connection that
 * is dead is noticed.
 */
#define REMOTE_RSH	"ssh -a -x -T -o ServerAliveInterval=30"
#define REMOTE_WORDS	64	/* of --rsh */
#define REMOTE_END_MS	5000	/* for ssh(1) to end */

/* Exit statuses of ssh(1) and of the shell there. */
#define RSH_FAILED	255
#define RSH_NO_COMMAND	127

static int
remote_fail(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Report why the run fails.  Always -1. */
static int
remote_fail(struct remote *r, const char *fmt, ...)
{
	char	 why[1024];
	va_list	 ap;

	va_start(ap, fmt);
	/* A message that does not fit is cut. */
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	workerlog_tell_fatal(r->workerlog, why);
	return -1;
}

void
remote_init(struct remote *r, const struct options *o, struct workerlog *d)
{
	r->options = o;
	r->workerlog = d;
	r->rsh = -1;
	r->in = r->out = r->err = -1;
	r->status = STATUS_FATAL;
}

/* In the child: become the program. */
static void
exec_rsh(char *const argv[], const int fds[3])
{
	char	 text[160];
	int	 i;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, signals_wait_mask(), NULL);
	for (i = 0; i < 3; i++)
		if (dup2(fds[i], i) == -1)
			_exit(RSH_FAILED);
	execvp(argv[0], argv);
	(void)snprintf(text, sizeof(text), "cannot run %.100s: %s\n", argv[0],
	    strerror(errno));
	if (write(STDERR_FILENO, text, strlen(text)) == -1)
		_exit(RSH_FAILED);
	_exit(RSH_FAILED);
}

/* Start the program with a pipe for each of its standard streams. */
static int
start_rsh(struct remote *r, char *const argv[])
{
	int	 in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	int	 ret = -1;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1 ||
	    pipe2(err, O_CLOEXEC) == -1 || (r->rsh = fork()) == -1)
		goto out;
	if (r->rsh == 0)
		exec_rsh(argv, (const int[3]){ in[0], out[1], err[1] });
	r->out = in[1];
	r->in = out[0];
	r->err = err[0];
	in[1] = out[0] = err[0] = -1;
	ret = 0;
out:
	fd_close_all(in, 2);
	fd_close_all(out, 2);
	fd_close_all(err, 2);
	return ret;
}

/* Split --rsh at blanks, and add the host and what runs there. */
static int
start_words(struct remote *r)
{
	static char	 ssh[] = REMOTE_RSH, dashes[] = "--";
	static char	 fdbackup[] = "fdbackup", serve[] = "serve";
	char		*argv[REMOTE_WORDS + 5], *words, *p, *word;
	char		*host = strdup(r->options->host);
	size_t		 n = 0;
	int		 ret = -1;

	words = strdup(r->options->rsh != NULL ? r->options->rsh : ssh);
	if ((p = words) == NULL || host == NULL) {
		(void)remote_fail(r, "out of memory");
		goto out;
	}
	while ((word = strsep(&p, " \t")) != NULL) {
		if (word[0] == '\0')
			continue;
		if (n == REMOTE_WORDS) {
			(void)remote_fail(r, "--rsh: more than %d words; name "
			    "a script that runs the command", REMOTE_WORDS);
			goto out;
		}
		argv[n++] = word;
	}
	argv[n++] = dashes;
	argv[n++] = host;
	argv[n++] = fdbackup;
	argv[n++] = serve;
	argv[n] = NULL;
	if ((ret = start_rsh(r, argv)) == -1)
		(void)remote_fail(r, "cannot start %s: %s", argv[0],
		    strerror(errno));
out:
	free(words);
	free(host);
	return ret;
}

/*
 * Add what is only known now: a file of --newer is on this machine, and the
 * local time of a date is that of this machine.
 */
static int
add_newer(struct remote *r, struct buf *request)
{
	char		 why[256];
	int64_t		 sec;
	uint32_t	 nsec;

	if (r->options->newer == NULL)
		return 0;
	if (newer_parse(r->options->newer, &sec, &nsec, why,
	    sizeof(why)) == -1)
		return remote_fail(r, "%s", why);
	if (buf_printf(request, "--newer=@%lld.%09u", (long long)sec,
	    (unsigned int)nsec) == -1 || buf_putc(request, '\0') == -1)
		return remote_fail(r, "out of memory");
	return 0;
}

/* Add a word and its NUL. */
static int
add_word(struct buf *request, const char *word)
{
	return buf_add(request, word, strlen(word) + 1);
}

static int
make_request(struct remote *r, struct buf *request)
{
	const struct options	*o = r->options;
	bool			 failed;
	size_t			 i;

	failed = buf_putc(request, progress_interval(
	    &r->workerlog->progress) > 0 ? LINK_WATCHED : 0) == -1 ||
	    add_word(request, o->command->name) == -1 ||
	    buf_add(request, buf_str(&o->request), o->request.len) == -1;
	if (!failed && add_newer(r, request) == -1)
		return -1;
	failed = failed || add_word(request, "--") == -1;
	for (i = 0; !failed && i < o->npaths; i++)
		failed = add_word(request, o->paths[i]) == -1;
	if (failed)
		return remote_fail(r, "out of memory");
	if (request->len > LINK_MAX)
		return remote_fail(r, "options and paths are too long for "
		    "another machine: %d bytes at most", LINK_MAX);
	return 0;
}

/* A pipe is written in pieces that do not block; a regular file never does. */
static size_t
most_at_a_time(int fd)
{
	struct stat	 st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? LINK_DATA_MAX :
	    PIPE_BUF;
}

int
remote_start(struct remote *r, int archive)
{
	struct buf	 request = { NULL, 0, 0 };
	uint8_t		 hello[LINK_HELLO_LEN];
	int		 ret = -1;

	if (make_request(r, &request) == -1 || start_words(r) == -1)
		goto out;
	if (link_init(&r->link, r->in, r->out) == -1 ||
	    fcntl(r->err, F_SETFL, O_NONBLOCK) == -1) {
		(void)remote_fail(r, "%s: %s", r->options->host,
		    strerror(errno));
		goto out;
	}
	if (r->options->command->stores && archive != -1) {
		r->link.sink = archive;
		r->link.sink_max = most_at_a_time(archive);
	} else if (!r->options->command->stores)
		r->link.source = archive;
	link_hello(hello);
	link_put(&r->link, LINK_HELLO, hello, sizeof(hello));
	link_put(&r->link, LINK_REQUEST, request.data, request.len);
	ret = 0;
out:
	buf_free(&request);
	return ret;
}

/*
 * Show lines that ssh(1), or fdbackup there, writes to standard error.  False:
 * there are none now.
 */
static bool
take_errors(struct remote *r)
{
	char	 buf[4096];
	ssize_t	 n, i;

	n = read(r->err, buf, sizeof(buf));
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return false;
	if (n <= 0) {
		fd_close(&r->err);
		buf[0] = '\n';
		n = r->line_len > 0 ? 1 : 0;
	}
	for (i = 0; i < n; i++) {
		if (buf[i] != '\n' && r->line_len < sizeof(r->line) - 1) {
			if (buf[i] != '\r' && buf[i] != '\0')
				r->line[r->line_len++] = buf[i];
			continue;
		}
		r->line[r->line_len] = '\0';
		if (r->line_len > 0)
			workerlog_tell(r->workerlog, r->options->host,
			    r->line);
		r->line_len = 0;
	}
	return n > 0 && r->err != -1;
}

static int
broke_protocol(struct remote *r)
{
	if (r->greeted)
		return remote_fail(r, "%s: the other end broke the protocol",
		    r->options->host);
	return remote_fail(r, "%s: what answers is no \"fdbackup serve\" of "
	    "this version and byte order; if a shell there prints something "
	    "before it runs a command, silence it", r->options->host);
}

/* The command has ended there.  0, or -1: it failed. */
static int
take_exit(struct remote *r, const struct link_frame *f)
{
	if (f->len != 1 || f->data[0] >= STATUS_MAX)
		return broke_protocol(r);
	r->exited = true;
	r->status = f->data[0];
	if (r->status != STATUS_FATAL && r->status != STATUS_USAGE) {
		if (r->workerlog->done &&
		    r->ended == r->options->command->stores)
			return 0;
		r->status = STATUS_FATAL;
		return broke_protocol(r);
	}
	if (!r->workerlog->fatal)
		(void)remote_fail(r, "%s: the command failed there, and did "
		    "not say why", r->options->host);
	return -1;
}

static int
take_records(struct remote *r, const struct link_frame *f)
{
	struct workerlog_request	 request;

	if (workerlog_take(r->workerlog, f->data, f->len, &request) == 0)
		return 0;
	/* Standard output cannot be written; that was said. */
	return r->workerlog->out.error != 0 ? -1 : broke_protocol(r);
}

/* A frame that is not DATA.  0, or -1: the run fails. */
static int
take_frame(struct remote *r, const struct link_frame *f)
{
	if (!r->greeted) {
		if (!link_check_hello(f))
			return broke_protocol(r);
		r->greeted = true;
		/* DATA may come for an archive that is written here. */
		r->link.takes = r->link.sink != -1;
		return 0;
	}
	switch (f->type) {
	case LINK_RECORDS:
		return take_records(r, f);
	case LINK_END:
		if (f->len != 0 || r->ended || !r->options->command->stores)
			return broke_protocol(r);
		r->ended = true;
		r->link.takes = false;
		return 0;
	case LINK_EXIT:
		return take_exit(r, f);
	default:
		return broke_protocol(r);
	}
}

/* Wait for ssh(1), or kill it after a time.  Its status, or -1. */
static int
wait_rsh(struct remote *r)
{
	const int64_t	 deadline = clock_ms() + REMOTE_END_MS;
	struct timespec	 left;
	int64_t		 ms;
	int		 status = -1;
	pid_t		 pid;

	if (r->rsh <= 0)
		return -1;
	while ((pid = waitpid(r->rsh, &status, WNOHANG)) != r->rsh) {
		if (pid == -1 && errno != EINTR)
			break;
		/* Another signal, as a second Ctrl-C, is for the impatient. */
		ms = deadline - clock_ms();
		if (ms <= 0) {
			(void)kill(r->rsh, SIGKILL);
			(void)waitpid(r->rsh, &status, 0);
			break;
		}
		if (ms > 100)
			ms = 100;
		left.tv_sec = 0;
		left.tv_nsec = (long)ms * 1000000L;
		(void)ppoll(NULL, 0, &left, signals_wait_mask());
	}
	r->rsh = -1;
	return status;
}

/* The connection is over, and the command is not.  Always -1. */
static int
broken(struct remote *r)
{
	const char	*host = r->options->host;
	int		 status;

	r->link.out = -1;
	fd_close(&r->out);
	fd_close(&r->in);
	status = wait_rsh(r);
	/* What it said comes first. */
	while (r->err != -1 && take_errors(r))
		;
	if (r->greeted)
		return remote_fail(r, "%s: the connection broke before the "
		    "%s was complete", host, r->options->command->stores ?
		    "archive" : "command");
	if (status != -1 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == RSH_NO_COMMAND)
		return remote_fail(r, "%s: there is no fdbackup in the PATH "
		    "of a command that ssh runs there; install it, or name "
		    "its path in a forced command", host);
	if (status != -1 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == RSH_FAILED)
		return remote_fail(r, "%s: cannot connect", host);
	return remote_fail(r, "%s: the other end closed the connection before "
	    "it answered; try: %s %s fdbackup --version", host,
	    r->options->rsh != NULL ? r->options->rsh : "ssh", host);
}

/* What failed is a file of this machine.  Always -1. */
static int
fail_archive(struct remote *r)
{
	return remote_fail(r, "%s: %s", r->options->archive, strerror(errno));
}

/* Do what came, and what is ready.  1: go on; 0: the end; -1: a failure. */
static int
remote_round(struct remote *r, struct pollfd *pfd)
{
	struct link		*l = &r->link;
	struct link_frame	 f;
	int			 n;

	if (pfd[LINK_POLLFDS].revents != 0)
		(void)take_errors(r);
	if (link_work(l, pfd) == -1)
		return fail_archive(r);
	if (l->source != -1 && l->source_ended && !r->ended &&
	    link_has_room(l, 0)) {
		link_put(l, LINK_END, NULL, 0);
		l->source = -1;
	}
	while ((n = link_next(l, &f)) == 1) {
		if (take_frame(r, &f) == -1)
			return -1;
		if (r->exited)
			return 0;
	}
	if (n == -1)
		return broke_protocol(r);
	return l->in_ended && l->left == 0 ? broken(r) : 1;
}

int
remote_loop(struct remote *r)
{
	struct pollfd	 pfd[LINK_POLLFDS + 2];
	struct timespec	 left;
	int		 n, ms;

	for (;;) {
		link_prepare(&r->link, pfd);
		pfd[LINK_POLLFDS].fd = r->err;
		pfd[LINK_POLLFDS].events = POLLIN;
		pfd[LINK_POLLFDS].revents = 0;
		pfd[LINK_POLLFDS + 1] = workerlog_pollfd(r->workerlog);
		ms = workerlog_timeout(r->workerlog);
		left.tv_sec = ms / 1000;
		left.tv_nsec = ms % 1000 * 1000000L;
		n = ppoll(pfd, LINK_POLLFDS + 2, ms < 0 ? NULL : &left,
		    signals_wait_mask());
		if (n == -1 && errno != EINTR)
			return remote_fail(r, "%s", strerror(errno));
		if (signals_end() != 0)
			return -1;
		if (signals_progress())
			workerlog_tell_progress(r->workerlog);
		if (workerlog_tick(r->workerlog) == -1)
			return -1;
		if (n > 0 && workerlog_polled(r->workerlog,
		    &pfd[LINK_POLLFDS + 1]) == -1)
			return -1;
		if (n > 0 && (n = remote_round(r, pfd)) != 1)
			return n;
	}
}

void
remote_end(struct remote *r)
{
	fd_close(&r->out);
	fd_close(&r->in);
	if (r->rsh > 0)
		(void)wait_rsh(r);
	/* A child of it may hold the pipe open. */
	while (r->err != -1 && take_errors(r))
		;
	fd_close(&r->err);
}
