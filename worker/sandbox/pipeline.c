/*
 * pipeline.c: the threads of create; see sandbox/pipeline.h.
 *
 * Runs in the worker.  Touches memory, and closes the files that a run which
 * failed did not come to.
 *
 * The slabs are a ring.  Each stage has the number of slabs that it has passed
 * on; a stage may have the slab that the stage before it has passed on, and
 * the first one may have those that the last has.
 *
 * One stage may be shared: a thread that would wait for its own next slab does
 * the next one of the shared stage instead.  So several slabs are under way in
 * this stage, but it still passes them on in order.
 *
 * Each thread is woken for its own slabs only.  A thread that seldom waits is
 * what keeps a processor busy: those that wake each other all the time stay on
 * one, even if another is idle.
 */

#include "config.h"

#include <errno.h>
#if defined(__GLIBC__) && !defined(FDB_SANITIZED)
#include <malloc.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/pipeline.h"

#define STACK_SIZE	(256 * 1024)

struct stage {
	struct pipeline	*pipeline;
	size_t		 number;	/* from 1; 0 is the caller's thread */
	pipeline_stage	 run;
	pipeline_shared	 run_shared;	/* instead, if it is shared */
	pipeline_settle	 settle;	/* or NULL: it holds no slabs */
	void		*arg;
	pthread_t	 thread;
	bool		 started;
};

/* What a thread waits for, and how far its stage is. */
struct place {
	pthread_cond_t	 moved;
	bool		 waits;
	uint64_t	 passed;	/* slabs */
	uint64_t	 held;		/* slabs: done, and still needed */
};

struct pipeline {
	struct slab	 slabs[PIPELINE_SLABS];
	struct stage	 stages[PIPELINE_STAGES_MAX];
	size_t		 nstages;	/* without the first */
	bool		 filling;	/* the first stage has a slab */

	pthread_mutex_t	 lock;
	struct place	 places[PIPELINE_STAGES_MAX + 1];
	size_t		 nplaces;	/* whose condition was made */
	size_t		 shared;	/* the number of this stage, or 0 */
	uint64_t	 begun;		/* slabs in it */
	bool		 done[PIPELINE_SLABS];	/* begun, not passed on */
	bool		 stopped;
};

struct pipeline *
pipeline_new(void)
{
	struct pipeline	*p;
	struct slab	*s;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	if (pthread_mutex_init(&p->lock, NULL) != 0) {
		free(p);
		return NULL;
	}
	for (; p->nplaces <= PIPELINE_STAGES_MAX; p->nplaces++)
		if (pthread_cond_init(&p->places[p->nplaces].moved,
		    NULL) != 0)
			goto fail;
	for (s = p->slabs; s < p->slabs + PIPELINE_SLABS; s++) {
		s->data = malloc(SLAB_SIZE);
		s->members = calloc(SLAB_MEMBERS, sizeof(*s->members));
		if (s->data == NULL || s->members == NULL)
			goto fail;
	}
	return p;

fail:
	pipeline_free(p);
	errno = ENOMEM;
	return NULL;
}

static struct stage *
stage_new(struct pipeline *p, void *arg)
{
	struct stage	*st = &p->stages[p->nstages++];

	st->pipeline = p;
	st->number = p->nstages;
	st->arg = arg;
	return st;
}

void
pipeline_add(struct pipeline *p, pipeline_stage run, void *arg)
{
	stage_new(p, arg)->run = run;
}

void
pipeline_add_holding(struct pipeline *p, pipeline_stage run,
    pipeline_settle settle, void *arg)
{
	struct stage	*st = stage_new(p, arg);

	st->run = run;
	st->settle = settle;
}

void
pipeline_add_shared(struct pipeline *p, pipeline_shared run, void *arg)
{
	stage_new(p, arg)->run_shared = run;
	p->shared = p->nstages;
}

/* Without the lock, for which the thread would have to wait at once. */
static void
place_wake(struct place *w)
{
	if (w != NULL)
		pthread_cond_signal(&w->moved);
}

/*
 * The functions below are called with the lock held.
 */

static void
place_wait(struct pipeline *p, size_t number)
{
	struct place	*w = &p->places[number];

	w->waits = true;
	pthread_cond_wait(&w->moved, &p->lock);
	w->waits = false;
}

static void
stop_all(struct pipeline *p)
{
	size_t	 i;

	p->stopped = true;
	for (i = 0; i <= p->nstages; i++)
		pthread_cond_signal(&p->places[i].moved);
}

/* How many slabs this stage may have had. */
static uint64_t
stage_limit(const struct pipeline *p, size_t number)
{
	return number == 0 ? p->places[p->nstages].passed + PIPELINE_SLABS :
	    p->places[number - 1].passed;
}

/* The stage has passed slabs on: who waits for them, or NULL. */
static struct place *
stage_passed(struct pipeline *p, size_t number)
{
	struct place	*w = &p->places[number < p->nstages ? number + 1 : 0];

	return w->waits ? w : NULL;
}

/*
 * Do the next slab of the shared stage, without the lock meanwhile.  False:
 * there is none that can be done now.  Slabs that are chained wait for all
 * before them.
 */
static bool
shared_do(struct pipeline *p, size_t thread)
{
	struct stage	*st = &p->stages[p->shared - 1];
	struct place	*w = &p->places[p->shared], *next = NULL, *own = NULL;
	size_t		 i = p->begun % PIPELINE_SLABS;
	uint64_t	 before;
	int		 ret;

	if (p->begun == stage_limit(p, p->shared) ||
	    (w->passed != p->begun && slab_is_chained(&p->slabs[i])))
		return false;
	p->begun++;
	pthread_mutex_unlock(&p->lock);
	ret = st->run_shared(st->arg, &p->slabs[i], thread);
	pthread_mutex_lock(&p->lock);
	if (ret == -1) {
		stop_all(p);
		return true;
	}
	p->done[i] = true;
	before = w->passed;
	while (p->done[w->passed % PIPELINE_SLABS]) {
		p->done[w->passed % PIPELINE_SLABS] = false;
		w->passed++;
	}
	if (w->passed != before)
		next = stage_passed(p, p->shared);
	/* The next one may have waited for this one. */
	if (thread != p->shared && w->waits)
		own = w;
	pthread_mutex_unlock(&p->lock);
	place_wake(next);
	place_wake(own);
	pthread_mutex_lock(&p->lock);
	return true;
}

/*
 * Wait until something has moved that this thread may need; or do a slab of the
 * shared stage instead.
 */
static void
stage_wait(struct pipeline *p, size_t number)
{
	if (p->shared == 0 || !shared_do(p, number))
		place_wait(p, number);
}

/* Wait for the stage's next slab.  NULL: stopped. */
static struct slab *
stage_take(struct pipeline *p, size_t number)
{
	struct place	*w = &p->places[number];
	struct slab	*s = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped && w->passed + w->held == stage_limit(p, number))
		stage_wait(p, number);
	if (!p->stopped)
		s = &p->slabs[(w->passed + w->held) % PIPELINE_SLABS];
	pthread_mutex_unlock(&p->lock);
	return s;
}

static void
stage_pass(struct pipeline *p, size_t number)
{
	struct place	*next;

	pthread_mutex_lock(&p->lock);
	p->places[number].passed++;
	next = stage_passed(p, number);
	pthread_mutex_unlock(&p->lock);
	place_wake(next);
}

static void
pipeline_stop(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	stop_all(p);
	pthread_mutex_unlock(&p->lock);
}

static void *
stage_main(void *arg)
{
	struct stage	*st = arg;
	struct slab	*s;

	while ((s = stage_take(st->pipeline, st->number)) != NULL) {
		if (st->run(st->arg, s) == -1) {
			pipeline_stop(st->pipeline);
			break;
		}
		stage_pass(st->pipeline, st->number);
	}
	return NULL;
}

/*
 * Give up the slab that is held, if there is no other yet: the first stage, or
 * pipeline_wait(), may wait for that.  0, or -1: the stage failed.
 */
static int
stage_settle(struct stage *st)
{
	struct pipeline	*p = st->pipeline;
	struct place	*w = &p->places[st->number];
	bool		 wanted;

	pthread_mutex_lock(&p->lock);
	wanted = !p->stopped && w->held > 0 &&
	    w->passed + w->held == stage_limit(p, st->number);
	pthread_mutex_unlock(&p->lock);
	if (!wanted)
		return 0;
	if (st->settle(st->arg) == -1)
		return -1;
	w->held = 0;
	stage_pass(p, st->number);
	return 0;
}

static void *
holding_main(void *arg)
{
	struct stage	*st = arg;
	struct place	*w = &st->pipeline->places[st->number];
	struct slab	*s;

	for (;;) {
		if (stage_settle(st) == -1)
			break;
		if ((s = stage_take(st->pipeline, st->number)) == NULL)
			return NULL;
		if (st->run(st->arg, s) == -1)
			break;
		if (w->held > 0)
			stage_pass(st->pipeline, st->number);
		w->held = 1;
	}
	pipeline_stop(st->pipeline);
	return NULL;
}

/* The thread of the shared stage has no other slabs. */
static void *
shared_main(void *arg)
{
	struct stage	*st = arg;
	struct pipeline	*p = st->pipeline;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped)
		stage_wait(p, st->number);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Sanitizers have their own malloc(3), and need larger stacks. */
int
pipeline_limit_threads(void)
{
#if defined(__GLIBC__) && !defined(FDB_SANITIZED)
	/* An arena a thread takes memory, and looks up files in sysfs(5). */
	if (mallopt(M_ARENA_MAX, 1) != 1) {
		errno = ENOMEM;
		return -1;
	}
#endif
#if defined(HAVE_PTHREAD_SETATTR_DEFAULT_NP) && !defined(FDB_SANITIZED)
	pthread_attr_t	 attr;
	int		 error;

	if ((error = pthread_attr_init(&attr)) != 0) {
		errno = error;
		return -1;
	}
	if ((error = pthread_attr_setstacksize(&attr, STACK_SIZE)) == 0)
		error = pthread_setattr_default_np(&attr);
	(void)pthread_attr_destroy(&attr);
	if (error != 0) {
		errno = error;
		return -1;
	}
#endif
	return 0;
}

int
pipeline_start(struct pipeline *p)
{
	struct stage	*st;
	sigset_t	 all, before;
	int		 error = 0;

	sigfillset(&all);
	if ((error = pthread_sigmask(SIG_BLOCK, &all, &before)) != 0) {
		errno = error;
		return -1;
	}
	for (st = p->stages; error == 0 && st < p->stages + p->nstages; st++) {
		error = pthread_create(&st->thread, NULL, st->run == NULL ?
		    shared_main : st->settle != NULL ? holding_main :
		    stage_main, st);
		st->started = error == 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return error == 0 ? 0 : -1;
}

struct slab *
pipeline_slab(struct pipeline *p)
{
	struct slab	*s;

	if (p->filling)
		return &p->slabs[p->places[0].passed % PIPELINE_SLABS];
	if ((s = stage_take(p, 0)) == NULL)
		return NULL;
	s->used = s->strings = s->n = 0;
	s->end = false;
	p->filling = true;
	return s;
}

void
pipeline_pass(struct pipeline *p)
{
	if (!p->filling)
		return;
	p->filling = false;
	stage_pass(p, 0);
}

int
pipeline_wait(struct pipeline *p)
{
	bool	 stopped;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped &&
	    p->places[p->nstages].passed != p->places[0].passed)
		stage_wait(p, 0);
	stopped = p->stopped;
	pthread_mutex_unlock(&p->lock);
	return stopped ? -1 : 0;
}

void
pipeline_free(struct pipeline *p)
{
	struct stage	*st;
	struct slab	*s;
	size_t		 i;

	if (p == NULL)
		return;
	pipeline_stop(p);
	for (st = p->stages; st < p->stages + p->nstages; st++) {
		if (st->started)
			(void)pthread_join(st->thread, NULL);
	}
	for (s = p->slabs; s < p->slabs + PIPELINE_SLABS; s++) {
		/* A run that failed leaves what the last stage did not have. */
		for (i = 0; s->members != NULL && i < s->n; i++) {
			free(s->members[i].spent);
			if (s->members[i].direct)
				close(s->members[i].fd);
		}
		free(s->data);
		free(s->members);
	}
	for (i = 0; i < p->nplaces; i++)
		pthread_cond_destroy(&p->places[i].moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

bool
slab_is_chained(const struct slab *s)
{
	return s->n > 0 && (!s->members[0].header ||
	    !s->members[s->n - 1].last);
}

size_t
slab_room(const struct slab *s)
{
	return SLAB_SIZE - s->strings - s->used;
}

const char *
slab_string(struct slab *s, const char *str)
{
	return str[0] == '\0' ? "" : slab_bytes(s, str, strlen(str) + 1);
}

const void *
slab_bytes(struct slab *s, const void *p, size_t len)
{
	if (len > slab_room(s))
		return NULL;
	s->strings += len;
	return memcpy(s->data + SLAB_SIZE - s->strings, p, len);
}

struct member *
slab_member(struct slab *s)
{
	struct member	*m;

	if (s->n == SLAB_MEMBERS)
		return NULL;
	m = &s->members[s->n++];
	memset(m, 0, sizeof(*m));
	return m;
}
