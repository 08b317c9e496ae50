/*
 * seccomp_linux.c: make and load the filter of system calls of each process.
 *
 * Runs in every process.  A call that is not in its tables
 * (seccomp_calls_linux.c) kills the process; in the names process and its
 * lookup processes it fails.  A call through another ABI kills: of 32-bit ones
 * the architecture differs, and no x32 number is in any table.
 *
 * libseccomp takes some 300 microseconds to be loaded and to make a filter,
 * which each session and each backup would pay several times; this takes ten.
 * Its header gives the numbers.  tests/confine/probe follows every path through
 * the filters that are made here.
 */

#include "config.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include "confine/confine.h"
#include "confine/seccomp.h"
#include "confine/seccomp_calls.h"

#if defined(__x86_64__)
#define ARCH	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH	AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH	AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH	AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCH	AUDIT_ARCH_S390X
#else
#error "add the AUDIT_ARCH_ of this machine, and run tests/regress/calls.t"
#endif

/* Calls of one process, and their rules: one for each row. */
#define CALLS_MAX	256

/*
 * A program under construction.  It is written from its end to its beginning,
 * because instructions jump forwards only: an instruction is written when all
 * those that it leads to exist.  A label is an index of code.
 */
struct program {
	struct sock_filter	*code;
	unsigned int		 n;
	bool			 bad;		/* it cannot be written */
	uint32_t		 otherwise;	/* action for other calls */
	const struct call	*rows[CALLS_MAX];
	size_t			 nrows;
};

typedef unsigned int	 label;

static label
emit(struct program *p, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (p->n == SECCOMP_PROGRAM_MAX) {
		p->bad = true;
		return 0;
	}
	p->code[p->n].code = code;
	p->code[p->n].jt = jt;
	p->code[p->n].jf = jf;
	p->code[p->n].k = k;
	return p->n++;
}

/* Is an instruction in reach of the next one that is written? */
static bool
is_near(const struct program *p, label to)
{
	return p->n - to - 1 <= UINT8_MAX;
}

static uint8_t
distance(struct program *p, label to)
{
	if (!is_near(p, to))
		p->bad = true;
	return (uint8_t)(p->n - to - 1);
}

/* Compare the accumulator with k, and go on at one of two instructions. */
static label
emit_jump(struct program *p, uint16_t op, uint32_t k, label yes, label no)
{
	return emit(p, BPF_JMP | op | BPF_K, distance(p, yes),
	    distance(p, no), k);
}

static label
emit_load(struct program *p, size_t offset)
{
	return emit(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* An instruction that ends with this action: one in reach, or a new one. */
static label
action_label(struct program *p, uint32_t action)
{
	label	 l;

	/* Leave room for the instructions of one call. */
	for (l = p->n; l-- > 0 && p->n - l < UINT8_MAX / 2;)
		if (p->code[l].code == (BPF_RET | BPF_K) &&
		    p->code[l].k == action)
			return l;
	return emit(p, BPF_RET | BPF_K, 0, 0, action);
}

/* Compare the bits `mask' of half an argument, and go on. */
static label
emit_half(struct program *p, unsigned int arg, bool high, uint32_t mask,
    uint32_t value, label yes, label no)
{
	size_t	 offset = offsetof(struct seccomp_data, args) + 8 * arg;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	offset += high ? 4 : 0;
#else
	offset += high ? 0 : 4;
#endif
	(void)emit_jump(p, BPF_JEQ, value, yes, no);
	if (mask != UINT32_MAX)
		(void)emit(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	return emit_load(p, offset);
}

/* One condition: where to go if it holds, and if not. */
static label
emit_condition(struct program *p, const struct call_arg *c, label yes,
    label no)
{
	uint64_t	 mask = UINT64_MAX, value = c->a;
	label		 l;

	if (c->op == SCMP_CMP_MASKED_EQ) {
		mask = c->a;
		value = c->b;
	}
	if (c->op != SCMP_CMP_EQ && c->op != SCMP_CMP_MASKED_EQ)
		p->bad = true;
	l = emit_half(p, c->index, false, (uint32_t)mask, (uint32_t)value,
	    yes, no);
	if (mask >> 32 == 0)
		return l;
	return emit_half(p, c->index, true, (uint32_t)(mask >> 32),
	    (uint32_t)(value >> 32), l, no);
}

/* One row: where to go if its conditions do not hold. */
static label
emit_row(struct program *p, const struct call *c, label no)
{
	label		 yes;
	unsigned int	 n = 0;

	yes = action_label(p, c->error == 0 ? SECCOMP_RET_ALLOW :
	    SECCOMP_RET_ERRNO | (uint32_t)c->error);
	while (n < CALL_ARGS_MAX && c->args[n].op != 0)
		n++;
	while (n-- > 0)
		yes = emit_condition(p, &c->args[n], yes, no);
	return yes;
}

/* All rows of one call, the first that fits decides. */
static label
emit_call(struct program *p, size_t from, size_t to)
{
	uint32_t	 number = (uint32_t)p->rows[from]->number;
	label		 l = action_label(p, p->otherwise);

	while (to-- > from)
		l = emit_row(p, p->rows[to], l);
	return emit_jump(p, BPF_JEQ, number, l,
	    action_label(p, p->otherwise));
}

/* The first row of the call that row i is about. */
static size_t
first_of(const struct program *p, size_t i)
{
	while (i > 0 && p->rows[i - 1]->number == p->rows[i]->number)
		i--;
	return i;
}

/* Find the number of the call among some rows, by halves. */
static label
emit_search(struct program *p, size_t from, size_t to)
{
	size_t	 mid = first_of(p, from + (to - from) / 2);
	label	 below, above;

	/* The middle may belong to the first of two calls. */
	if (mid == from)
		for (mid++; mid < to && first_of(p, mid) == from; mid++)
			;
	if (mid == to)
		return emit_call(p, from, to);
	above = emit_search(p, mid, to);
	below = emit_search(p, from, mid);
	if (!is_near(p, above))
		above = emit(p, BPF_JMP | BPF_JA, 0, 0, p->n - above - 1);
	return emit_jump(p, BPF_JGE, (uint32_t)p->rows[mid]->number, above,
	    below);
}

/* By number; what was in the tables first stays first. */
static void
rows_sort(struct program *p)
{
	const struct call	*row;
	size_t			 i, k;

	for (i = 1; i < p->nrows; i++) {
		row = p->rows[i];
		for (k = i; k > 0 && p->rows[k - 1]->number > row->number; k--)
			p->rows[k] = p->rows[k - 1];
		p->rows[k] = row;
	}
}

static void
rows_collect(struct program *p, enum confine_who who)
{
	const struct call_group	*g;
	size_t			 i;

	for (g = seccomp_calls(who); g->calls != NULL; g++) {
		for (i = 0; i < g->n; i++) {
			/* A machine lacks calls whose number is negative. */
			if (g->calls[i].number < 0)
				continue;
			if (p->nrows < CALLS_MAX)
				p->rows[p->nrows++] = &g->calls[i];
			else
				p->bad = true;
		}
	}
	rows_sort(p);
}

/* The action for a call that is not in the tables. */
static uint32_t
default_action(enum confine_who who)
{
#ifdef FDB_SANITIZED
	/* The sanitizers look for leaks at exit, by tracing the process. */
	if (who == CONFINE_SUPERVISOR || who == CONFINE_CONTROLLER)
		return SECCOMP_RET_ALLOW;
#endif
	/* Modules try calls of which nobody has a list. */
	if (who == CONFINE_NAMES || who == CONFINE_LOOKUP)
		return SECCOMP_RET_ERRNO | ENOSYS;
	return SECCOMP_RET_KILL_PROCESS;
}

/* Turn round what was written from its end. */
static void
program_reverse(struct program *p)
{
	struct sock_filter	 one;
	unsigned int		 i;

	for (i = 0; i < p->n / 2; i++) {
		one = p->code[i];
		p->code[i] = p->code[p->n - 1 - i];
		p->code[p->n - 1 - i] = one;
	}
}

size_t
seccomp_program(enum confine_who who,
    struct sock_filter prog[SECCOMP_PROGRAM_MAX])
{
	struct program	 p = { .code = prog };
	label		 start, kill;

	p.otherwise = default_action(who);
	rows_collect(&p, who);
	(void)emit_search(&p, 0, p.nrows);
	start = emit_load(&p, offsetof(struct seccomp_data, nr));
	kill = action_label(&p, SECCOMP_RET_KILL_PROCESS);
	(void)emit_jump(&p, BPF_JEQ, ARCH, start, kill);
	(void)emit_load(&p, offsetof(struct seccomp_data, arch));
	program_reverse(&p);
	return p.bad ? 0 : p.n;
}

int
seccomp_enter(enum confine_who who)
{
	struct sock_filter	 code[SECCOMP_PROGRAM_MAX];
	struct sock_fprog	 prog = { .filter = code };
	long			 ret;

	prog.len = (unsigned short)seccomp_program(who, code);
	if (prog.len == 0) {
		errno = E2BIG;
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	/* Workers and openers have threads, which this covers. */
	ret = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &prog);
	if (ret > 0) {
		/* This thread has another filter that is no ancestor's. */
		errno = EBUSY;
		return -1;
	}
	return (int)ret;
}
