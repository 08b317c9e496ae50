/*
 * filter.c: follow every way through a filter of system calls; see filter.h.
 *
 * The programs load one word of the call, mask it, compare it with constants,
 * jump forwards and return; nothing else is understood.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/futex.h>

#include <seccomp.h>

#include "base/fskind.h"
#include "confine/seccomp.h"
#include "filter.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

#define WORD_ARG(i)	(offsetof(struct seccomp_data, args) + 8 * (i))
#define WORD_NONE	UINT32_MAX	/* the accumulator is a constant */

const char *const filter_who[CONFINE_NWHO] = {
	[CONFINE_WORKER] = "worker",
	[CONFINE_LISTENER] = "listener",
	[CONFINE_OPENER] = "opener",
	[CONFINE_WRITER] = "writer",
	[CONFINE_RESTORER] = "restorer",
	[CONFINE_SETID_RESTORER] = "setid-restorer",
	[CONFINE_PRIVATE_SETID] = "private-setid",
	[CONFINE_PRIVATE] = "private",
	[CONFINE_PRIVATE_RESTORER] = "private-restorer",
	[CONFINE_CONTROLLER] = "controller",
	[CONFINE_SUPERVISOR] = "supervisor",
	[CONFINE_NAMES] = "names",
	[CONFINE_LOOKUP] = "lookup",
	[CONFINE_CONNECTOR] = "connector"
};

int
filter_who_from(const char *name)
{
	int	 i;

	for (i = 0; i < CONFINE_NWHO; i++)
		if (strcmp(name, filter_who[i]) == 0)
			return i;
	return -1;
}

void
filter_make(struct filter *f, enum confine_who who)
{
	struct seccomp_data	 other;

	f->prog = reallocarray(NULL, SECCOMP_PROGRAM_MAX, sizeof(f->prog[0]));
	if (f->prog == NULL)
		err(1, "%s: filter", filter_who[who]);
	if ((f->len = seccomp_program(who, f->prog)) == 0)
		errx(1, "%s: the filter is too long", filter_who[who]);
	/* No table has this number. */
	memset(&other, 0, sizeof(other));
	other.nr = 1000000;
	other.arch = seccomp_arch_native();
	f->other = filter_run(f, &other);
}

void
filter_free(struct filter *f)
{
	free(f->prog);
	f->prog = NULL;
}

/* A way under examination. */
struct walk {
	const struct filter	*filter;
	const uint32_t		*known;		/* number and architecture */
	struct filter_path	*paths;
	size_t			 n;
	struct filter_path	 way;
};

/* The accumulator: a word of the call, or a constant. */
struct acc {
	uint32_t	 word, mask, value;
};

static uint32_t
word_of(const struct seccomp_data *d, uint32_t word)
{
	uint32_t	 v;

	memcpy(&v, (const char *)d + word, sizeof(v));
	return v;
}

/* May it be both as it is so far, and so? */
static bool
is_possible(const struct filter_path *way, const struct filter_cond *new)
{
	const struct filter_cond	*c;
	size_t				 i;
	uint32_t			 both;

	for (i = 0; i < way->nconds; i++) {
		c = &way->conds[i];
		if (c->word != new->word)
			continue;
		both = c->mask & new->mask;
		if (c->is && new->is && ((c->value ^ new->value) & both) != 0)
			return false;
		if (c->mask == new->mask && c->value == new->value &&
		    c->is != new->is)
			return false;
		/* What is known already decides. */
		if (c->is && !new->is && both == new->mask &&
		    (c->value & new->mask) == new->value)
			return false;
	}
	return (new->value & ~new->mask) == 0 || !new->is;
}

static void	walk_from(struct walk *, size_t, struct acc);

static void
walk_branch(struct walk *w, size_t to, struct acc acc,
    const struct filter_cond *cond)
{
	struct filter_path	*way = &w->way;

	if (!is_possible(way, cond))
		return;
	if (way->nconds == FILTER_CONDS)
		errx(1, "too many conditions");
	way->conds[way->nconds++] = *cond;
	walk_from(w, to, acc);
	way->nconds--;
}

/* The outcome of a comparison with a constant. */
static bool
compare(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return (a & k) != 0;
	}
}

static void
walk_jump(struct walk *w, size_t pc, struct acc acc)
{
	const struct sock_filter	*ins = &w->filter->prog[pc];
	struct filter_cond		 cond;

	pc++;
	if (BPF_OP(ins->code) == BPF_JA) {
		walk_from(w, pc + ins->k, acc);
	} else if (acc.word == WORD_NONE) {
		walk_from(w, pc + (compare(ins->code, acc.value, ins->k) ?
		    ins->jt : ins->jf), acc);
	} else if (BPF_OP(ins->code) == BPF_JEQ) {
		cond.word = acc.word;
		cond.mask = acc.mask;
		cond.value = ins->k;
		cond.is = true;
		walk_branch(w, pc + ins->jt, acc, &cond);
		cond.is = false;
		walk_branch(w, pc + ins->jf, acc, &cond);
	} else
		errx(1, "a comparison that is not understood");
}

static void
walk_end(struct walk *w, uint32_t action)
{
	if (action == SECCOMP_RET_KILL_PROCESS || action == w->filter->other)
		return;
	if (w->n == FILTER_PATHS)
		errx(1, "too many ways");
	w->way.action = action;
	w->paths[w->n++] = w->way;
}

static void
walk_from(struct walk *w, size_t pc, struct acc acc)
{
	const struct sock_filter	*ins;

	for (;; pc++) {
		if (pc >= w->filter->len)
			errx(1, "the filter has no end");
		ins = &w->filter->prog[pc];
		switch (ins->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			acc.mask = UINT32_MAX;
			acc.word = ins->k < 8 ? WORD_NONE : ins->k;
			acc.value = ins->k < 8 ? w->known[ins->k / 4] : 0;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			acc.mask &= ins->k;
			acc.value &= ins->k;
			break;
		case BPF_RET | BPF_K:
			walk_end(w, ins->k);
			return;
		default:
			if (BPF_CLASS(ins->code) != BPF_JMP)
				errx(1, "instruction %#x", ins->code);
			walk_jump(w, pc, acc);
			return;
		}
	}
}

size_t
filter_paths(const struct filter *f, uint32_t arch, uint32_t number,
    struct filter_path *paths)
{
	const uint32_t	 known[2] = { number, arch };
	struct acc	 acc = { WORD_NONE, UINT32_MAX, 0 };
	struct walk	 w = { .filter = f, .known = known, .paths = paths };

	w.way.number = number;
	walk_from(&w, 0, acc);
	return w.n;
}

uint32_t
filter_run(const struct filter *f, const struct seccomp_data *d)
{
	const struct sock_filter	*ins;
	uint32_t			 a = 0;
	size_t				 pc;

	for (pc = 0; pc < f->len; pc++) {
		ins = &f->prog[pc];
		if (ins->code == (BPF_LD | BPF_W | BPF_ABS))
			a = word_of(d, ins->k);
		else if (ins->code == (BPF_ALU | BPF_AND | BPF_K))
			a &= ins->k;
		else if (ins->code == (BPF_RET | BPF_K))
			return ins->k;
		else if (BPF_OP(ins->code) == BPF_JA)
			pc += ins->k;
		else
			pc += compare(ins->code, a, ins->k) ? ins->jt :
			    ins->jf;
	}
	errx(1, "the filter has no end");
}

bool
filter_path_takes(const struct filter_path *p, const struct seccomp_data *d)
{
	const struct filter_cond	*c;
	size_t				 i;

	for (i = 0; i < p->nconds; i++) {
		c = &p->conds[i];
		if (((word_of(d, c->word) & c->mask) == c->value) != c->is)
			return false;
	}
	return true;
}

void
filter_path_example(const struct filter_path *p, struct seccomp_data *d)
{
	const struct filter_cond	*c;
	size_t				 i;
	uint32_t			 v;

	/* What must be, after what must not. */
	for (i = 0; i < 2 * p->nconds; i++) {
		c = &p->conds[i % p->nconds];
		if (c->is != (i >= p->nconds))
			continue;
		v = word_of(d, c->word) & ~c->mask;
		v |= c->is ? c->value : ~c->value & c->mask;
		memcpy((char *)d + c->word, &v, sizeof(v));
	}
}

/* The flags of clone(2) for a thread. */
#define THREAD	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		    CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
		    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* Values of arguments that have a name. */
#define NAMED(call, arg, value)	{ call, arg, value, #value }
static const struct {
	const char	*call;
	unsigned int	 arg;
	uint32_t	 value;
	const char	*name;
} named[] = {
	NAMED("accept4", 3, SOCK_CLOEXEC | SOCK_NONBLOCK),
	NAMED("clone", 0, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD),
	{ "clone", 0, THREAD, "THREAD" },
	{ "clone", 0, THREAD | CLONE_DETACHED, "THREAD|CLONE_DETACHED" },
	NAMED("fcntl", 1, F_ADD_SEALS),
	NAMED("fcntl", 1, F_DUPFD_CLOEXEC),
	NAMED("fcntl", 1, F_GETFD),
	NAMED("fcntl", 1, F_GETFL),
	NAMED("fcntl", 1, F_GETPIPE_SZ),
	NAMED("fcntl", 1, F_SETFD),
	NAMED("fcntl", 1, F_SETFL),
	NAMED("fcntl", 1, F_SETLK),
	NAMED("fcntl", 1, F_SETLKW),
	NAMED("flock", 1, LOCK_EX | LOCK_NB),
	NAMED("flock", 1, LOCK_SH | LOCK_NB),
	NAMED("flock", 1, LOCK_UN),
	NAMED("futex", 1, FUTEX_WAIT | FUTEX_PRIVATE_FLAG),
	NAMED("futex", 1, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME),
	NAMED("futex", 1, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
	    FUTEX_CLOCK_REALTIME),
	NAMED("futex", 1, FUTEX_WAKE | FUTEX_PRIVATE_FLAG),
	NAMED("getrusage", 0, RUSAGE_THREAD),
	NAMED("getsockopt", 1, SOL_SOCKET),
	NAMED("getsockopt", 2, SO_DOMAIN),
	NAMED("getsockopt", 2, SO_PEERCRED),
	NAMED("getsockopt", 2, SO_TYPE),
	NAMED("inotify_init1", 0, IN_CLOEXEC | IN_NONBLOCK),
	NAMED("ioctl", 1, FIONBIO),
	NAMED("ioctl", 1, FIONREAD),
	NAMED("ioctl", 1, FSKIND_EXT_PARAMS),
	NAMED("ioctl", 1, FSKIND_XFS_GEOMETRY),
	NAMED("ioctl", 1, FS_IOC_GETFLAGS),
	NAMED("ioctl", 1, TIOCGWINSZ),
	NAMED("kill", 1, SIGKILL),
	NAMED("memfd_create", 1, MFD_CLOEXEC | MFD_ALLOW_SEALING),
	NAMED("mmap", 2, PROT_EXEC),
	NAMED("mmap", 2, PROT_WRITE),
	NAMED("mmap", 3, MAP_SHARED | MAP_ANONYMOUS),
	NAMED("mount_setattr", 2, AT_EMPTY_PATH | AT_RECURSIVE),
	NAMED("mprotect", 2, PROT_EXEC),
	NAMED("open_tree", 2, AT_EMPTY_PATH | AT_RECURSIVE |
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
	NAMED("prctl", 0, PR_CAP_AMBIENT),
	NAMED("prctl", 0, PR_CAPBSET_DROP),
	NAMED("prctl", 0, PR_CAPBSET_READ),
	NAMED("prctl", 0, PR_GET_DUMPABLE),
	NAMED("prctl", 0, PR_GET_NO_NEW_PRIVS),
	NAMED("prctl", 0, PR_GET_SECUREBITS),
	NAMED("prctl", 0, PR_SET_DUMPABLE),
	NAMED("prctl", 0, PR_SET_NAME),
	NAMED("prctl", 0, PR_SET_NO_NEW_PRIVS),
	NAMED("prctl", 0, PR_SET_PDEATHSIG),
	NAMED("prctl", 0, PR_SET_SECUREBITS),
	NAMED("preadv2", 5, RWF_NOWAIT),
	NAMED("recvfrom", 3, MSG_DONTWAIT),
	NAMED("recvmsg", 2, MSG_CMSG_CLOEXEC),
	NAMED("rt_sigprocmask", 0, SIG_SETMASK),
	NAMED("sendmsg", 2, MSG_NOSIGNAL),
	NAMED("sendto", 3, MSG_NOSIGNAL),
	NAMED("sendto", 3, MSG_NOSIGNAL | MSG_DONTWAIT),
	NAMED("setsockopt", 1, SOL_SOCKET),
	NAMED("setsockopt", 2, SO_PASSRIGHTS),
	NAMED("setsockopt", 2, SO_SNDBUF),
	NAMED("setsockopt", 2, SO_SNDTIMEO),
	NAMED("socket", 0, AF_INET),
	NAMED("socket", 0, AF_INET6),
	NAMED("socket", 0, AF_NETLINK),
	NAMED("socket", 0, AF_UNIX),
	NAMED("socketpair", 0, AF_UNIX),
};

static void
text_add(char *text, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
text_add(char *text, const char *fmt, ...)
{
	size_t	 len = strlen(text);
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(text + len, FILTER_TEXT - len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= FILTER_TEXT - len)
		errx(1, "%s: too long", text);
}

static void
text_add_value(char *text, const char *call, unsigned int arg, uint32_t value)
{
	const char	*p;
	size_t		 i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (strcmp(named[i].call, call) != 0 || named[i].arg != arg ||
		    named[i].value != value)
			continue;
		for (p = named[i].name; *p != '\0'; p++)
			if (*p != ' ')
				text_add(text, "%c", *p);
		return;
	}
	text_add(text, value < 10 ? "%u" : "%#x", value);
}

/* Is a condition implied by another one of the way? */
static bool
is_implied(const struct filter_path *p, const struct filter_cond *c)
{
	const struct filter_cond	*o;

	for (o = p->conds; o < &p->conds[p->nconds]; o++)
		if (o != c && o->is && o->word == c->word && !c->is &&
		    (o->mask & c->mask) == c->mask)
			return true;
	return false;
}

void
filter_path_describe(const struct filter_path *p, uint32_t arch,
    char text[FILTER_TEXT])
{
	const struct filter_cond	*c;
	unsigned int			 arg;
	bool				 high;
	char				*name;

	text[0] = '\0';
	name = seccomp_syscall_resolve_num_arch(arch, (int)p->number);
	if (name == NULL && asprintf(&name, "%#x", p->number) == -1)
		err(1, "asprintf");
	if (arch != seccomp_arch_native())
		text_add(text, "arch %#x: ", arch);
	text_add(text, "%s", name);
	for (c = p->conds; c < &p->conds[p->nconds]; c++) {
		if (is_implied(p, c))
			continue;
		arg = (unsigned int)(c->word - WORD_ARG(0)) / 8;
		high = (c->word - WORD_ARG(0)) % 8 != 0;
		/* The upper half is nothing: as is to be expected. */
		if (high && c->is && c->value == 0)
			continue;
		text_add(text, " arg%u%s", arg, high ? "/high" : "");
		if (c->mask != UINT32_MAX) {
			text_add(text, "&");
			text_add_value(text, name, arg, c->mask);
		}
		text_add(text, "%s", c->is ? "=" : "!=");
		if (c->value == 0)
			text_add(text, "0");
		else
			text_add_value(text, name, arg, c->value);
	}
	if (p->action != SECCOMP_RET_ALLOW)
		text_add(text, " -> %s", (p->action & SECCOMP_RET_ACTION_FULL)
		    == SECCOMP_RET_ERRNO ? strerrorname_np((int)(p->action &
		    SECCOMP_RET_DATA)) : "another action");
	free(name);
}
