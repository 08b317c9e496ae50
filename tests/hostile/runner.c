/*
 * runner.c: tries every operation with every set of layers that says
 * something, and makes the table of it; see hostile.h.
 *
 * Runs as root.  What it looks at itself is what counts, and not what the
 * attacker believes to have done.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "hostile.h"

/* Seconds for one try. */
#define TRY_SECONDS	10

static const struct {
	unsigned int	 bit;
	char		 letter;
} layers[LAYERS] = {
	{ LAYER_NNP,		'N' },
	{ LAYER_SECCOMP,	'S' },
	{ LAYER_LANDLOCK,	'L' },
	{ LAYER_CLONE,		'C' },
	{ LAYER_NODUMP,		'D' },
	{ LAYER_USER,		'U' },
	{ LAYER_PRIVS,		'P' },
	{ LAYER_ROOT,		'R' },
	{ LAYER_SPACES,		'M' },
	{ LAYER_LIMIT,		'T' },
};

static const struct op	*(*const groups[])(size_t *) = {
	ops_file, ops_path, ops_write, ops_net, ops_proc, ops_sys
};

#define NGROUPS	(sizeof(groups) / sizeof(groups[0]))

const char *
outcome_name(int outcome)
{
	static const struct {
		int		 outcome;
		const char	*name;
	} names[] = {
		{ 0,		"done" },
		{ RUN_VAIN,	"in vain" },
		{ RUN_UNSET,	"unset" },
		{ RUN_KILLED,	"killed" },
		{ RUN_FAULT,	"fault" },
		{ EACCES,	"EACCES" },
		{ EAGAIN,	"EAGAIN" },
		{ EBADF,	"EBADF" },
		{ EINVAL,	"EINVAL" },
		{ ELOOP,	"ELOOP" },
		{ ENOENT,	"ENOENT" },
		{ ENOEXEC,	"ENOEXEC" },
		{ ENOSYS,	"ENOSYS" },
		{ EOPNOTSUPP,	"ENOTSUP" },
		{ EPERM,	"EPERM" },
		{ EROFS,	"EROFS" },
		{ ESRCH,	"ESRCH" },
		{ EXDEV,	"EXDEV" },
	};
	static char	 number[16];
	size_t		 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].outcome == outcome)
			return names[i].name;
	(void)snprintf(number, sizeof(number), "%d", outcome);
	return number;
}

static int
try_child(const struct stage *st, struct world *w, const struct op *op,
    unsigned int set)
{
	const struct rlimit	 none = { 0, 0 };

	(void)alarm(TRY_SECONDS);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (st->enter(w, set) == -1)
		return RUN_UNSET;
	return op->run(w);
}

static int
outcome_of(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WTERMSIG(status) == SIGSYS ? RUN_KILLED : RUN_FAULT;
}

/*
 * Wait for the attacker, and for the process that goes on for it, if it says
 * that there is one.  What is process 1 of a namespace does not die of
 * SIGALRM.
 */
static int
await(struct world *w, pid_t pid)
{
	struct pollfd	 pfd;
	int		 status;

	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	if (read(w->moved[0], &pid, sizeof(pid)) != sizeof(pid))
		return status;
	memset(&pfd, 0, sizeof(pfd));
	pfd.events = POLLIN;
	if ((pfd.fd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		err(1, "pidfd_open");
	if (poll(&pfd, 1, 2 * TRY_SECONDS * 1000) != 1)
		(void)kill(pid, SIGKILL);
	close(pfd.fd);
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	return status;
}

/* What the runner sees counts, whatever the attacker believes. */
static int
try(const struct stage *st, struct world *w, const struct op *op,
    unsigned int set)
{
	pid_t	 pid;
	int	 outcome;

	scene_reset(w);
	targets_mend(w);
	(void)fflush(NULL);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0)
		_exit(try_child(st, w, op, set));
	outcome = outcome_of(await(w, pid));
	if (op->check == NULL)
		return outcome;
	if (op->check(w, outcome == 0))
		return 0;
	return outcome == 0 ? RUN_VAIN : outcome;
}

static void
try_all(struct table *t, struct world *w, unsigned int set,
    uint8_t *outcomes)
{
	size_t	 i;

	if (t->stage->prepare(w, set) == -1)
		err(1, "cannot prepare what is attacked");
	for (i = 0; i < t->nops; i++)
		outcomes[i] = (uint8_t)try(t->stage, w, t->ops[i], set);
	t->stage->clear(w);
}

/*
 * The layers that must come along for one to be there or to mean anything:
 * the kernel takes no filter and no ruleset from who could gain privileges,
 * and whoever has all capabilities may trace what is not dumpable.
 */
static unsigned int
needed_for(unsigned int bit)
{
	if (bit == LAYER_SECCOMP || bit == LAYER_LANDLOCK)
		return LAYER_NNP;
	return bit == LAYER_NODUMP ? LAYER_PRIVS : 0;
}

static void
find_ops(struct table *t)
{
	const struct op	*ops;
	size_t		 i, k, n;

	t->nops = 0;
	for (i = 0; i < NGROUPS; i++) {
		ops = groups[i](&n);
		for (k = 0; k < n; k++) {
			if (!(ops[k].who & t->stage->who))
				continue;
			if (t->nops == TABLE_OPS_MAX)
				errx(1, "too many operations");
			t->ops[t->nops++] = &ops[k];
		}
	}
}

void
table_make(struct table *t, const struct stage *st, struct world *w)
{
	unsigned int	 bit, need;
	size_t		 k;

	t->stage = st;
	find_ops(t);
	try_all(t, w, st->layers, t->all);
	try_all(t, w, 0, t->none);
	for (k = 0; k < LAYERS; k++) {
		bit = layers[k].bit;
		if (!(st->layers & bit))
			continue;
		need = needed_for(bit) & st->layers;
		try_all(t, w, bit | need, t->alone[k]);
		if (need == 0)
			memcpy(t->base[k], t->none, sizeof(t->none));
		else
			try_all(t, w, need, t->base[k]);
		/* Without this one nothing starts: stage_without_nnp(). */
		if (bit != LAYER_NNP)
			try_all(t, w, st->layers & ~bit, t->off[k]);
		else
			memset(t->off[k], RUN_UNSET, sizeof(t->off[k]));
	}
}

/*
 * The mark of a layer: "x": it stops the operation alone, or makes it fail
 * otherwise than it does anyway; "!": without it, the operation works.
 */
static char
mark(const struct table *t, size_t layer, size_t i)
{
	int	 alone = t->alone[layer][i];
	bool	 unsure = t->ops[i]->unsure;

	if (unsure && layers[layer].bit == LAYER_LANDLOCK)
		return '?';
	/* What this system lacks might stop it. */
	if (t->off[layer][i] == 0 && t->all[i] != 0 && !unsure)
		return t->stage->absent != 0 ? '?' : '!';
	return alone != 0 && alone != t->base[layer][i] ? 'x' : '.';
}

static int
landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

/* Another security module forbids to trace what is no child. */
static bool
has_yama(void)
{
	char	 c = '0';
	int	 fd;

	fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		if (read(fd, &c, 1) != 1)
			c = '1';
		close(fd);
	}
	return c != '0';
}

/* Is this system such that the row says what the committed one does? */
static bool
is_comparable(const struct table *t, size_t i)
{
	const struct op	*op = t->ops[i];
	const char	*none = outcome_name(t->none[i]), *base;

	base = t->stage->who & WHO_ROOTED ? op->root_base : op->base;
	if (base != NULL && strcmp(none, base) != 0) {
		warnx("%s: %s without confinement on this system, not %s: "
		    "only compared with all of it", op->name, none, base);
		return false;
	}
	if (op->traces && has_yama()) {
		warnx("%s: Yama has a say", op->name);
		return false;
	}
	if (landlock_abi() < op->abi) {
		warnx("%s: this kernel's Landlock does not know of it",
		    op->name);
		return false;
	}
	return true;
}

bool
table_row(const struct table *t, const struct op *op, bool none, char *buf,
    size_t size)
{
	char	 marks[2 * LAYERS + 1];
	size_t	 i, k, n = 0;
	bool	 known;

	for (i = 0; i < t->nops && t->ops[i] != op; i++)
		continue;
	buf[0] = '\0';
	if (i == t->nops)
		return false;
	known = is_comparable(t, i);
	for (k = 0; k < LAYERS; k++) {
		if (!((t->stage->layers | t->stage->absent) & layers[k].bit))
			continue;
		marks[n++] = ' ';
		marks[n++] = known && (t->stage->layers & layers[k].bit) ?
		    mark(t, k, i) : '?';
	}
	marks[n] = '\0';
	(void)snprintf(buf, size, "%-7s%s%-*s%s", outcome_name(t->all[i]),
	    none ? " " : "", none ? 7 : 0, !none ? "" :
	    known ? outcome_name(t->none[i]) : "???????", marks);
	return true;
}

void
table_heading(const struct table *t, bool none, char *buf, size_t size)
{
	char	 letter[3] = " ";
	size_t	 k;

	(void)snprintf(buf, size, "%-7s%s", "all", none ? " none   " : "");
	for (k = 0; k < LAYERS; k++) {
		letter[1] = layers[k].letter;
		if ((t->stage->layers | t->stage->absent) & layers[k].bit)
			(void)strlcat(buf, letter, size);
	}
}

int
table_check(const struct table *t)
{
	size_t	 i;
	int	 faults = 0;
	bool	 granted;

	for (i = 0; i < t->nops; i++) {
		granted = (t->ops[i]->granted & t->stage->who) != 0;
		if (granted == (t->all[i] == 0))
			continue;
		warnx("BROKEN: %s: %s", t->ops[i]->name,
		    outcome_name(t->all[i]));
		faults++;
	}
	return faults;
}

/* What entering it comes to: 0, or errno. */
static int
stage_enter(const struct stage *st, struct world *w, unsigned int set)
{
	pid_t	 pid;
	int	 outcome;

	if (st->prepare(w, st->layers) == -1)
		err(1, "cannot prepare what is attacked");
	(void)fflush(NULL);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0)
		_exit(st->enter(w, set) == -1 ? errno : 0);
	outcome = outcome_of(await(w, pid));
	st->clear(w);
	return outcome;
}

bool
stage_can(const struct stage *st, struct world *w, unsigned int set)
{
	return stage_enter(st, w, set) == 0;
}

int
stage_without_nnp(const struct stage *st, struct world *w)
{
	return stage_enter(st, w, st->layers & ~LAYER_NNP);
}
