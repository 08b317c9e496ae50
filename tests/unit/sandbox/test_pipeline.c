/*
 * test_pipeline.c: slabs pass through the stages in order, and a failure ends
 * all of them.
 *
 * Stages run in threads, in which cmocka cannot fail a test: they count their
 * faults.
 */

#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/pipeline.h"
#include "tests/unit/util.h"

#define NEVER	SIZE_MAX
#define RING	64	/* more slabs than a pipeline has */

struct worker {
	size_t		 number;	/* of the stage, from 0 */
	size_t		 seen;		/* slabs */
	size_t		 faults;
	size_t		 fails_at;	/* this slab */
	bool		 gated;		/* it waits for the gate */
};

static struct worker	 workers[PIPELINE_STAGES_MAX];
static struct pipeline	*pipeline;
static size_t		 filled;

/* A stage that waits here has said so before. */
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t	 moved = PTHREAD_COND_INITIALIZER;
static bool		 waits, open_gate;

static void
gate_pass(void)
{
	pthread_mutex_lock(&lock);
	waits = true;
	pthread_cond_broadcast(&moved);
	while (!open_gate)
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
}

static void
gate_await(void)
{
	pthread_mutex_lock(&lock);
	while (!waits)
		pthread_cond_wait(&moved, &lock);
	pthread_mutex_unlock(&lock);
}

static void
gate_open(void)
{
	pthread_mutex_lock(&lock);
	open_gate = true;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

/* What the earlier stages have made of slab i. */
static uint64_t
mark(size_t i, size_t stage)
{
	return i * 1000 + stage;
}

static int
run_stage(void *arg, struct slab *s)
{
	struct worker	*w = arg;
	struct member	*m = s->members;
	uint64_t	 got;

	if (w->gated)
		gate_pass();
	if (w->seen == w->fails_at)
		return -1;
	memcpy(&got, s->data, sizeof(got));
	if (got != mark(w->seen, w->number) || s->used != sizeof(got) ||
	    s->n != 1 || m->len != w->seen % 7 || m->e.size != w->seen)
		w->faults++;
	got++;
	memcpy(s->data, &got, sizeof(got));
	w->seen++;
	return 0;
}

/* 0, or -1: a stage has failed. */
static int
fill(void)
{
	uint64_t	 first = mark(filled, 0);
	struct member	*m;
	struct slab	*s;

	if ((s = pipeline_slab(pipeline)) == NULL)
		return -1;
	assert_ptr_equal(pipeline_slab(pipeline), s);
	assert_int_equal(s->used + s->strings + s->n, 0);
	assert_false(s->end);
	memcpy(s->data, &first, sizeof(first));
	s->used = sizeof(first);
	assert_non_null(m = slab_member(s));
	m->len = filled % 7;
	m->e.size = filled++;
	pipeline_pass(pipeline);
	return 0;
}

static void
make(size_t stages)
{
	size_t	 i;

	memset(workers, 0, sizeof(workers));
	filled = 0;
	waits = open_gate = false;
	assert_non_null(pipeline = pipeline_new());
	for (i = 0; i < stages; i++) {
		workers[i].number = i;
		workers[i].fails_at = NEVER;
		pipeline_add(pipeline, run_stage, &workers[i]);
	}
}

static void
start(void)
{
	assert_int_equal(pipeline_start(pipeline), 0);
}

static void
end(void)
{
	size_t	 i;

	pipeline_free(pipeline);
	for (i = 0; i < PIPELINE_STAGES_MAX; i++)
		assert_int_equal(workers[i].faults, 0);
}

static void
test_order(void **state)
{
	size_t	 stages, i, k;

	(void)state;
	assert_int_equal(pipeline_limit_threads(), 0);
	for (stages = 1; stages <= PIPELINE_STAGES_MAX; stages++) {
		make(stages);
		start();
		assert_int_equal(pipeline_wait(pipeline), 0);
		for (i = 0; i < 10000; i++)
			assert_int_equal(fill(), 0);
		assert_int_equal(pipeline_wait(pipeline), 0);
		for (k = 0; k < stages; k++)
			assert_int_equal(workers[k].seen, 10000);
		/* It goes on after that. */
		for (i = 0; i < 20; i++)
			assert_int_equal(fill(), 0);
		assert_int_equal(pipeline_wait(pipeline), 0);
		for (k = 0; k < stages; k++)
			assert_int_equal(workers[k].seen, 10020);
		end();
	}
}

/* Any stage that fails at any slab ends all of them. */
static void
test_fails(void **state)
{
	static const size_t	 at[] = { 0, 1, 7, 8, 9, 100 };
	size_t			 i, stage, k, n;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		for (stage = 0; stage < 3; stage++) {
			make(3);
			workers[stage].fails_at = at[i];
			start();
			for (n = 0; n < at[i] + RING && fill() == 0; n++)
				;
			assert_in_range(n, at[i] + 1, at[i] + RING - 1);
			assert_int_equal(pipeline_wait(pipeline), -1);
			assert_null(pipeline_slab(pipeline));
			pipeline_pass(pipeline);
			assert_int_equal(pipeline_wait(pipeline), -1);
			end();
			assert_int_equal(workers[stage].seen, at[i]);
			for (k = stage + 1; k < 3; k++)
				assert_in_range(workers[k].seen, 0, at[i]);
		}
	}
}

/* Files and regions that the last stage did not come to are not left. */
static void
test_fails_with_files(void **state)
{
	struct member	*m;
	struct slab	*s;
	size_t		 fds = util_count_fds();

	(void)state;
	make(2);
	workers[0].fails_at = 0;
	assert_non_null(s = pipeline_slab(pipeline));
	assert_non_null(m = slab_member(s));
	m->direct = true;
	m->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(m->fd >= 0);
	assert_non_null(m = slab_member(s));
	assert_non_null(m->spent = calloc(1, sizeof(*m->spent)));
	start();
	pipeline_pass(pipeline);
	assert_int_equal(pipeline_wait(pipeline), -1);
	end();
	assert_int_equal(util_count_fds(), fds);
}

/* A slab that is being filled when a stage fails is not passed on. */
static void
test_fails_meanwhile(void **state)
{
	struct slab	*s;

	(void)state;
	make(2);
	workers[1].fails_at = 0;
	start();
	assert_int_equal(fill(), 0);
	s = pipeline_slab(pipeline);
	assert_int_equal(pipeline_wait(pipeline), -1);
	if (s != NULL)
		assert_ptr_equal(pipeline_slab(pipeline), s);
	pipeline_pass(pipeline);
	assert_null(pipeline_slab(pipeline));
	end();
	assert_in_range(workers[0].seen, 1, 2);
	assert_int_equal(workers[1].seen, 0);
}

static void
test_freed(void **state)
{
	size_t	 stage;

	(void)state;
	pipeline_free(NULL);
	/* Not started. */
	make(3);
	end();
	/* All stages wait for slabs. */
	make(3);
	start();
	end();
	/* One that waits after others, for a second slab. */
	make(3);
	start();
	assert_int_equal(fill(), 0);
	assert_int_equal(pipeline_wait(pipeline), 0);
	end();
	/* The first stage has a slab. */
	make(3);
	start();
	assert_non_null(pipeline_slab(pipeline));
	end();
	/* A stage is at work, and the others wait for it. */
	for (stage = 0; stage < 3; stage++) {
		make(3);
		workers[stage].gated = true;
		start();
		assert_int_equal(fill(), 0);
		assert_int_equal(fill(), 0);
		gate_await();
		gate_open();
		end();
		assert_in_range(workers[stage].seen, 1, 2);
	}
}

/* A stage that does not go on holds the reader up; nothing is overtaken. */
static void
test_full(void **state)
{
	size_t	 i;

	(void)state;
	make(2);
	workers[1].gated = true;
	start();
	for (i = 0; i < 8; i++)
		assert_int_equal(fill(), 0);
	gate_await();
	assert_int_equal(workers[1].seen, 0);
	gate_open();
	for (i = 0; i < 100; i++)
		assert_int_equal(fill(), 0);
	assert_int_equal(pipeline_wait(pipeline), 0);
	end();
	assert_int_equal(workers[1].seen, 108);
}

/*
 * A shared stage.
 */

#define SHARED_SLABS	5000

static struct {
	size_t		 done;		/* slabs */
	size_t		 chained;	/* among them */
	size_t		 faults;
	bool		 seen[SHARED_SLABS];
	bool		 gated;		/* the first slab waits for the last */
	size_t		 fails_at;
} shared;

/* Slab i begins, or ends, in the middle of a member. */
static bool
is_chained(size_t i)
{
	return i % 11 == 3 || i % 11 == 4 || i % 7 == 5;
}

/* Is every slab before this one done? */
static bool
are_done(size_t i)
{
	size_t	 k;

	for (k = 1; k <= PIPELINE_SLABS && k <= i; k++)
		if (!shared.seen[i - k])
			return false;
	return true;
}

static int
run_shared(void *arg, struct slab *s, size_t thread)
{
	size_t	 i = (size_t)s->members[0].e.size;
	bool	 chained = !s->members[0].header || !s->members[0].last;

	(void)arg;
	if (i == shared.fails_at)
		return -1;
	if (shared.gated && i == 0)
		gate_pass();
	pthread_mutex_lock(&lock);
	if (thread > PIPELINE_STAGES_MAX || i >= SHARED_SLABS ||
	    shared.seen[i] || (chained && !are_done(i)))
		shared.faults++;
	pthread_mutex_unlock(&lock);
	s->data[0]++;
	pthread_mutex_lock(&lock);
	if (i < SHARED_SLABS)
		shared.seen[i] = true;
	shared.done++;
	shared.chained += chained;
	pthread_mutex_unlock(&lock);
	if (shared.gated && i == PIPELINE_SLABS - 1)
		gate_open();
	return 0;
}

/* The last stage: all slabs come in order, and the shared stage had them. */
static int
run_last(void *arg, struct slab *s)
{
	struct worker	*w = arg;

	if (s->members[0].e.size != w->seen || s->data[0] != 1)
		w->faults++;
	w->seen++;
	return 0;
}

static void
make_shared(void)
{
	memset(workers, 0, sizeof(workers));
	memset(&shared, 0, sizeof(shared));
	shared.fails_at = NEVER;
	filled = 0;
	waits = open_gate = false;
	assert_non_null(pipeline = pipeline_new());
	pipeline_add_shared(pipeline, run_shared, NULL);
	pipeline_add(pipeline, run_last, &workers[0]);
	start();
}

/* 0, or -1: a stage has failed. */
static int
fill_shared(bool chained)
{
	struct member	*m;
	struct slab	*s;

	if ((s = pipeline_slab(pipeline)) == NULL)
		return -1;
	s->data[0] = 0;
	assert_non_null(m = slab_member(s));
	m->header = !chained || filled % 2 == 0;
	m->last = !chained || filled % 2 != 0;
	m->e.size = filled++;
	pipeline_pass(pipeline);
	return 0;
}

static void
end_shared(void)
{
	end();
	assert_int_equal(shared.faults, 0);
}

static void
test_shared(void **state)
{
	size_t	 i, chained = 0;

	(void)state;
	make_shared();
	for (i = 0; i < SHARED_SLABS; i++) {
		chained += is_chained(i);
		assert_int_equal(fill_shared(is_chained(i)), 0);
	}
	assert_int_equal(pipeline_wait(pipeline), 0);
	end_shared();
	assert_int_equal(workers[0].seen, SHARED_SLABS);
	assert_int_equal(shared.done, SHARED_SLABS);
	assert_int_equal(shared.chained, chained);
}

/*
 * The thread of the stage does not go on until the last slab is done, which
 * only another thread can do then.
 */
static void
test_shared_by_others(void **state)
{
	size_t	 i;

	(void)state;
	make_shared();
	shared.gated = true;
	assert_int_equal(fill_shared(false), 0);
	gate_await();
	for (i = 1; i < PIPELINE_SLABS; i++)
		assert_int_equal(fill_shared(false), 0);
	assert_int_equal(pipeline_wait(pipeline), 0);
	end_shared();
	assert_int_equal(workers[0].seen, PIPELINE_SLABS);
}

/* It fails in whatever thread does the slab. */
static void
test_shared_fails(void **state)
{
	static const size_t	 at[] = { 0, 1, 7, 8, 9, 100 };
	size_t			 i, n;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		make_shared();
		shared.fails_at = at[i];
		for (n = 0; n < at[i] + RING && fill_shared(false) == 0; n++)
			;
		assert_in_range(n, at[i] + 1, at[i] + RING - 1);
		assert_int_equal(pipeline_wait(pipeline), -1);
		assert_null(pipeline_slab(pipeline));
		end_shared();
		assert_in_range(workers[0].seen, 0, at[i]);
	}
}

static int
see_signals(void *arg, struct slab *s)
{
	sigset_t	 set;
	size_t		*blocked = arg;

	(void)s;
	if (pthread_sigmask(SIG_BLOCK, NULL, &set) == 0 &&
	    sigismember(&set, SIGTERM) == 1 &&
	    sigismember(&set, SIGINT) == 1 &&
	    sigismember(&set, SIGPIPE) == 1)
		++*blocked;
	return 0;
}

static void
test_signals(void **state)
{
	sigset_t	 before, after;
	size_t		 blocked = 0;

	(void)state;
	assert_non_null(pipeline = pipeline_new());
	pipeline_add(pipeline, see_signals, &blocked);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &before), 0);
	start();
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &after), 0);
	assert_int_equal(sigismember(&after, SIGTERM),
	    sigismember(&before, SIGTERM));
	assert_non_null(pipeline_slab(pipeline));
	pipeline_pass(pipeline);
	assert_int_equal(pipeline_wait(pipeline), 0);
	pipeline_free(pipeline);
	assert_int_equal(blocked, 1);
}

static void
test_slab(void **state)
{
	static char	 text[SLAB_SIZE + 1];
	const char	*first, *last;
	struct member	*m;
	struct slab	*s;
	size_t		 i;

	(void)state;
	assert_non_null(pipeline = pipeline_new());
	assert_non_null(s = pipeline_slab(pipeline));
	/* Members: each is empty, and there are no more than that. */
	memset(s->members, 0xff, SLAB_MEMBERS * sizeof(*s->members));
	for (i = 0; i < SLAB_MEMBERS; i++) {
		assert_non_null(m = slab_member(s));
		assert_ptr_equal(m, s->members + i);
		assert_null(m->data);
		assert_int_equal(m->len, 0);
		assert_false(m->header || m->last);
	}
	assert_null(slab_member(s));
	assert_int_equal(s->n, SLAB_MEMBERS);
	/* Contents and strings meet. */
	assert_int_equal(slab_room(s), SLAB_SIZE);
	s->used = 1000;
	assert_non_null(first = slab_string(s, "one"));
	assert_int_equal(slab_room(s), SLAB_SIZE - 1000 - 4);
	memset(text, 'x', SLAB_SIZE);
	text[SLAB_SIZE - 1000 - 4] = '\0';
	assert_null(slab_string(s, text));
	assert_int_equal(slab_room(s), SLAB_SIZE - 1000 - 4);
	text[SLAB_SIZE - 1000 - 4 - 1] = '\0';
	assert_non_null(last = slab_string(s, text));
	assert_ptr_equal(last, s->data + 1000);
	assert_int_equal(slab_room(s), 0);
	assert_string_equal(last, text);
	assert_string_equal(first, "one");
	assert_null(slab_string(s, "x"));
	/* An empty one takes no room. */
	assert_string_equal(slab_string(s, ""), "");
	assert_int_equal(s->used + s->strings, SLAB_SIZE);
	pipeline_free(pipeline);
	/* One that is longer than any slab. */
	assert_non_null(pipeline = pipeline_new());
	assert_non_null(s = pipeline_slab(pipeline));
	memset(text, 'x', SLAB_SIZE);
	assert_null(slab_string(s, text));
	text[SLAB_SIZE - 1] = '\0';
	assert_non_null(slab_string(s, text));
	assert_int_equal(slab_room(s), 0);
	pipeline_free(pipeline);
}

struct holder {
	const struct slab	*held;
	uint64_t		 value;		/* in it */
	size_t			 seen, settled, faults;
	bool			 fails;		/* to settle */
};

/* Nobody has filled the slab that is held. */
static void
holder_check(struct holder *h)
{
	if (h->held != NULL &&
	    memcmp(h->held->data, &h->value, sizeof(h->value)) != 0)
		h->faults++;
}

static int
holder_run(void *arg, struct slab *s)
{
	struct holder	*h = arg;

	holder_check(h);
	memcpy(&h->value, s->data, sizeof(h->value));
	if (h->value != mark(h->seen++, 1) || s == h->held)
		h->faults++;
	h->held = s;
	return 0;
}

static int
holder_settle(void *arg)
{
	struct holder	*h = arg;

	holder_check(h);
	if (h->held == NULL)
		h->faults++;
	h->held = NULL;
	h->settled++;
	return h->fails ? -1 : 0;
}

/* A stage keeps a slab until it has done the next, or there is none. */
static void
test_holding(void **state)
{
	struct holder	 h = { 0 };
	size_t		 i;

	(void)state;
	make(1);
	pipeline_add_holding(pipeline, holder_run, holder_settle, &h);
	assert_int_equal(pipeline_start(pipeline), 0);
	for (i = 0; i < RING; i++)
		assert_int_equal(fill(), 0);
	assert_int_equal(pipeline_wait(pipeline), 0);
	/* Whoever has waited finds nothing held. */
	assert_null(h.held);
	assert_int_equal(fill(), 0);
	assert_int_equal(pipeline_wait(pipeline), 0);
	assert_null(h.held);
	assert_int_equal(h.seen, RING + 1);
	assert_true(h.settled >= 2);
	pipeline_free(pipeline);
	assert_int_equal(h.faults, 0);
	assert_int_equal(workers[0].faults, 0);
}

static void
test_holding_fails(void **state)
{
	struct holder	 h = { .fails = true };

	(void)state;
	make(1);
	pipeline_add_holding(pipeline, holder_run, holder_settle, &h);
	assert_int_equal(pipeline_start(pipeline), 0);
	(void)fill();
	assert_int_equal(pipeline_wait(pipeline), -1);
	assert_int_equal(fill(), -1);
	pipeline_free(pipeline);
	assert_int_equal(h.settled, 1);
	assert_int_equal(h.faults, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_order),
		UTIL_TEST(test_fails),
		UTIL_TEST(test_fails_with_files),
		UTIL_TEST(test_fails_meanwhile),
		UTIL_TEST(test_freed),
		UTIL_TEST(test_full),
		UTIL_TEST(test_shared),
		UTIL_TEST(test_shared_by_others),
		UTIL_TEST(test_shared_fails),
		UTIL_TEST(test_holding),
		UTIL_TEST(test_holding_fails),
		UTIL_TEST(test_signals),
		UTIL_TEST(test_slab)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
