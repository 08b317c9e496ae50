/*
 * answerer.c: a lookup process; see names/answerer.h.
 *
 * Runs in children of the names process, as the daemon's user and without
 * capabilities.  It calls the name service, whose modules are the code of
 * others: they may open files for reading and map them, and have sockets,
 * threads and time.  They cannot write a file, execute a program, make a
 * process or signal one.  The process may hang or crash: the names process
 * kills it and starts another.
 */

#include "config.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "ipc/nameask.h"
#include "ipc/types.h"
#include "names/answerer.h"

/*
 * Take over the channel, and nothing else of the names process.  Descriptors 0
 * and 1 are /dev/null; standard error may be a file or a terminal.
 */
static void
answerer_begin(int channel)
{
	if (dup2(STDOUT_FILENO, STDERR_FILENO) == -1 ||
	    dup2(channel, ANSWERER_CHANNEL_FD) == -1)
		_exit(ANSWERER_UNCONFINED);
	closefrom(ANSWERER_CHANNEL_FD + 1);
	(void)signal(SIGCHLD, SIG_DFL);
	setproctitle("lookup");
#ifdef __linux__
	/* One that hangs does not see the end of its channel. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		_exit(ANSWERER_UNCONFINED);
#endif
}

int
answerer_confine(enum confine_who who, bool optional, unsigned int *done,
    const char **layer)
{
	struct confine_root	 root = { .may = RIGHTS_READ, .path = "/" };
	struct confine		 c;
	int			 ret;

	memset(&c, 0, sizeof(c));
	c.who = who;
	c.optional = optional;
	c.roots = &root;
	c.nroots = 1;
	*done = 0;
	*layer = root.path;
	if ((root.fd = open(root.path, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) == -1)
		return -1;
	ret = confine_enter(&c, done, layer);
	fd_close(&root.fd);
	return ret;
}

static int
answerer_answer(const struct lookups *lk, const struct nameask *q)
{
	struct nameanswer	 a;
	struct idset		 set = { NULL, 0 };
	uint32_t		*gids = NULL;
	size_t			 ngids = 0;
	int			 ret;

	nameask_answer_init(&a, q->id);
	errno = 0;
	switch ((enum nameask_kind)q->kind) {
	case NAMEASK_GROUPS:
		a.uid = q->uid;
		ret = lk->groups(q->uid, &a.gid, &gids, &ngids);
		break;
	case NAMEASK_USER:
		ret = lk->user(q->name, &a.uid, &a.gid);
		break;
	case NAMEASK_GROUP:
		ret = lk->group(q->name, &a.gid);
		break;
	case NAMEASK_PERSON:
		a.uid = q->uid;
		ret = lk->person(q->uid, a.name, a.home);
		break;
	case NAMEASK_UIDS:
	case NAMEASK_GIDS:
		ret = lk->numbers(q->kind == NAMEASK_GIDS, &set);
		gids = set.ends;
		ngids = 2 * set.n;
		break;
	default:
		errno = EINVAL;
		ret = -1;
	}
	if (ret == -1)
		a.name[0] = a.home[0] = '\0';
	a.error = ret == 0 ? 0 : errno != 0 ? (uint32_t)errno : EIO;
	ret = nameask_send_answer(ANSWERER_CHANNEL_FD, &a, gids, ngids);
	free(gids);
	return ret;
}

/* Wait for a question and answer it.  0, or -1: there is none any more. */
static int
answerer_step(const struct lookups *lk)
{
	struct pollfd		 pfd = { .fd = ANSWERER_CHANNEL_FD,
				    .events = POLLIN };
	uint8_t			 buf[MESSAGE_SHORT];
	struct proto_header	 h;
	struct wire_in		 in;
	struct fdmsg		 m;
	struct nameask		 q;
	const char		*why;
	ssize_t			 n;

	while (poll(&pfd, 1, -1) == -1)
		if (errno != EINTR)
			return -1;
	n = fdmsg_recv(ANSWERER_CHANNEL_FD, buf, sizeof(buf), 0, &m);
	if (n == -1)
		return errno == EAGAIN ? 0 : -1;
	if (ipc_check(buf, (size_t)n, m.nfds, &h, &in, &why) == -1 ||
	    h.type != IPC_NAME_ASK)
		return -1;
	nameask_get(&in, &q);
	if (wire_get_end(&in) == -1)
		return -1;
	return answerer_answer(lk, &q);
}

void
answerer_run(int channel, const struct lookups *lk, bool optional)
{
	const char	*layer;
	unsigned int	 done;

	answerer_begin(channel);
	if (answerer_confine(CONFINE_LOOKUP, optional, &done, &layer) == -1)
		_exit(ANSWERER_UNCONFINED);
	while (answerer_step(lk) == 0)
		;
	_exit(0);
}
