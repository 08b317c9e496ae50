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
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	ops_file, ops_path, ops_write, ops_restore, ops_net, ops_proc,
	ops_sys
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
		{ ECONNREFUSED,	"REFUSED" },
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

static volatile sig_atomic_t	 overdue;

static void
on_alarm(int sig)
{
	(void)sig;
	if (overdue > 0)
		(void)kill((pid_t)overdue, SIGKILL);
}

static int
await_one(pid_t pid)
{
	int	 status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(1, "waitpid");
	return status;
}

/*
 * Wait for the attacker, and for the process that goes on for it, if it says
 * that there is one.  What is process 1 of a namespace does not die of its own
 * SIGALRM, so the runner has one for it.
 */
static int
await(struct world *w, pid_t pid)
{
	int	 status = await_one(pid);

	if (read(w->moved[0], &pid, sizeof(pid)) != sizeof(pid))
		return status;
	overdue = pid;
	(void)signal(SIGALRM, on_alarm);
	(void)alarm(2 * TRY_SECONDS);
	status = await_one(pid);
	(void)alarm(0);
	(void)signal(SIGALRM, SIG_DFL);
	overdue = 0;
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

static bool
is_wanted(const struct op *op, char *const *names)
{
	if (names[0] == NULL)
		return true;
	for (; names[0] != NULL; names++)
		if (strcmp(names[0], op->name) == 0)
			return true;
	return false;
}

static void
find_ops(struct table *t, char *const *names)
{
	const struct op	*ops;
	size_t		 i, k, n;

	t->nops = 0;
	for (i = 0; i < NGROUPS; i++) {
		ops = groups[i](&n);
		for (k = 0; k < n; k++) {
			if (!(ops[k].who & t->stage->who) ||
			    !is_wanted(&ops[k], names))
				continue;
			if (t->nops == TABLE_OPS_MAX)
				errx(1, "too many operations");
			t->ops[t->nops++] = &ops[k];
		}
	}
}

void
table_make(struct table *t, const struct stage *st, struct world *w,
    char *const *names)
{
	unsigned int	 bit, need;
	size_t		 k;

	t->stage = st;
	find_ops(t, names);
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
		/* Without this one nothing starts: print_nnp(). */
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

	/* What this system lacks might stop it. */
	if (t->off[layer][i] == 0 && t->all[i] != 0)
		return t->stage->absent != 0 ? '?' : '!';
	return alone != 0 && alone != t->base[layer][i] ? 'x' : '.';
}

/*
 * Does the kernel lack something that the row takes for granted?  The openers
 * of the daemon are tried as root and as their own user.
 */
static bool
is_lacking(const struct table *t, const struct op *op, uid_t uid,
    char why[FEATURE_WHY])
{
	enum feature	 f;
	size_t		 i;

	for (i = 0; i < OP_NEEDS && op->needs[i] != FEATURE_NONE; i++) {
		f = op->needs[i];
		if ((feature_is_roots(f) || (t->stage->who & WHO_ROOTED)) &&
		    !feature_has(f, 0, why))
			return true;
		if (!feature_is_roots(f) && !feature_has(f, uid, why))
			return true;
	}
	return false;
}

static bool
has_column(const struct table *t, size_t layer)
{
	return ((t->stage->layers | t->stage->absent) &
	    layers[layer].bit) != 0;
}

static void
print_heading(const struct table *t)
{
	size_t	 k;

	(void)printf("head\t%s\tall     none   ", t->stage->name);
	for (k = 0; k < LAYERS; k++)
		if (has_column(t, k))
			(void)printf(" %c", layers[k].letter);
	(void)printf("\n");
}

/* It works if it is granted, and not otherwise. */
static bool
is_as_promised(const struct table *t, size_t i)
{
	return ((t->ops[i]->granted & t->stage->who) != 0) ==
	    (t->all[i] == 0);
}

static void
print_row(const struct table *t, size_t i, uid_t uid)
{
	const struct op	*op = t->ops[i];
	char		 why[FEATURE_WHY];
	bool		 lacking;
	size_t		 k;

	(void)strlcpy(why, t->stage->why, sizeof(why));
	lacking = is_lacking(t, op, uid, why);
	(void)printf("row\t%s\t%d\t%s\t%-7s ", t->stage->name,
	    (op->granted & t->stage->who) != 0, op->name,
	    outcome_name(t->all[i]));
	(void)printf("%-7s", lacking ? "?" : outcome_name(t->none[i]));
	for (k = 0; k < LAYERS; k++)
		if (has_column(t, k))
			(void)printf(" %c", lacking || (t->stage->absent &
			    layers[k].bit) ? '?' : mark(t, k, i));
	(void)printf("\t");
	for (k = 0; k < OP_NEEDS && op->needs[k] != FEATURE_NONE; k++)
		(void)printf("%s%s", k > 0 ? " " : "",
		    feature_key(op->needs[k]));
	(void)printf("\t%s%s\n", why, lacking && t->all[i] == 0 &&
	    !is_as_promised(t, i) ? "; so here it works" : "");
}

int
table_check(const struct table *t, const struct world *w)
{
	char	 why[FEATURE_WHY];
	size_t	 i;
	int	 faults = 0;

	for (i = 0; i < t->nops; i++) {
		if (is_as_promised(t, i) ||
		    is_lacking(t, t->ops[i], w->uid, why))
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

static void
print_nnp(const struct stage *st, struct world *w)
{
	int	 outcome = stage_enter(st, w, st->layers & ~LAYER_NNP);

	(void)printf("nnp\t%s\t%s\n", st->name, outcome_name(outcome));
}

void
table_print(const struct table *t, struct world *w)
{
	size_t	 i;

	print_heading(t);
	for (i = 0; i < t->nops; i++)
		print_row(t, i, w->uid);
	print_nnp(t->stage, w);
}
