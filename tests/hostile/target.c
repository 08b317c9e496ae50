/*
 * target.c: processes for the attacker to trace, rob and kill; see hostile.h.
 *
 * They are children of the runner and end with it.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <grp.h>
#include <signal.h>
#include <unistd.h>

#include "hostile.h"

/* One of them, as the runner knows it. */
static struct target {
	pid_t	 pid;
	int	 line;		/* to it */
} targets[3];

static uid_t	target_uid;
static bool	target_dumpable;

/*
 * Answer whoever asks.  Changing the uid clears what says whether a process is
 * dumpable.
 */
static void
target_main(uid_t uid, bool dumpable, int line)
{
	char	 c = 'x';

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    setgroups(0, NULL) == -1 || setresgid(uid, uid, uid) == -1 ||
	    setresuid(uid, uid, uid) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) == -1)
		_exit(1);
	do {
		if (write(line, &c, 1) != 1)
			break;
	} while (read(line, &c, 1) == 1);
	_exit(0);
}

static void
target_start(struct target *t, uid_t uid)
{
	char	 c;
	int	 p[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p) == -1)
		err(1, "socketpair");
	if ((t->pid = fork()) == -1)
		err(1, "fork");
	if (t->pid == 0) {
		close(p[0]);
		target_main(uid, target_dumpable, p[1]);
	}
	close(p[1]);
	t->line = p[0];
	if (read(t->line, &c, 1) != 1)
		errx(1, "a target did not start");
}

static void
target_end(struct target *t)
{
	if (t->pid == 0)
		return;
	(void)kill(t->pid, SIGKILL);
	(void)waitpid(t->pid, NULL, 0);
	close(t->line);
	t->pid = 0;
}

/*
 * Whoever was sent a signal that kills never answers: so there is no need to
 * wait for that for any time.
 */
static bool
target_is_dead(const struct target *t)
{
	char	 c = 'x';

	return send(t->line, &c, 1, MSG_NOSIGNAL) != 1 ||
	    read(t->line, &c, 1) != 1;
}

static pid_t
target_mend(struct target *t, uid_t uid)
{
	if (t->pid != 0 && target_is_dead(t))
		target_end(t);
	if (t->pid == 0)
		target_start(t, uid);
	return t->pid;
}

void
targets_mend(struct world *w)
{
	w->opener = target_mend(&targets[0], target_uid);
	w->listener = target_mend(&targets[1], target_uid);
	w->daemon = target_mend(&targets[2], 0);
}

void
targets_make(struct world *w, uid_t uid, bool dumpable)
{
	target_uid = uid;
	target_dumpable = dumpable;
	targets_mend(w);
}

void
targets_end(void)
{
	size_t	 i;

	for (i = 0; i < 3; i++)
		target_end(&targets[i]);
}

bool
check_opener_dead(const struct world *w, bool claimed)
{
	(void)w;
	(void)claimed;
	return target_is_dead(&targets[0]);
}

bool
check_listener_dead(const struct world *w, bool claimed)
{
	(void)w;
	(void)claimed;
	return target_is_dead(&targets[1]);
}

bool
check_daemon_dead(const struct world *w, bool claimed)
{
	(void)w;
	(void)claimed;
	return target_is_dead(&targets[2]);
}
