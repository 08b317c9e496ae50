/*
 * pipeline.c: the threads of create; see sandbox/pipeline.h.
 *
 * Runs in the worker.  Touches memory, and closes the files that a run which
 * failed did not come to.
 *
 * The slabs are a ring.  Each stage has the number of slabs that it has passed
 * on; a stage may have the slab that the stage before it has passed on, and
 * the first one may have those that the last has.
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
	void		*arg;
	pthread_t	 thread;
	bool		 started;
};

struct pipeline {
	struct slab	 slabs[PIPELINE_SLABS];
	struct stage	 stages[PIPELINE_STAGES_MAX];
	size_t		 nstages;	/* without the first */
	bool		 filling;	/* the first stage has a slab */

	pthread_mutex_t	 lock;
	pthread_cond_t	 moved;		/* passed changed, or stopped */
	uint64_t	 passed[PIPELINE_STAGES_MAX + 1];
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
	if (pthread_cond_init(&p->moved, NULL) != 0) {
		pthread_mutex_destroy(&p->lock);
		free(p);
		return NULL;
	}
	for (s = p->slabs; s < p->slabs + PIPELINE_SLABS; s++) {
		s->data = malloc(SLAB_SIZE);
		s->members = calloc(SLAB_MEMBERS, sizeof(*s->members));
		if (s->data == NULL || s->members == NULL) {
			pipeline_free(p);
			errno = ENOMEM;
			return NULL;
		}
	}
	return p;
}

void
pipeline_add(struct pipeline *p, pipeline_stage run, void *arg)
{
	struct stage	*st = &p->stages[p->nstages++];

	st->pipeline = p;
	st->number = p->nstages;
	st->run = run;
	st->arg = arg;
}

static void
pipeline_stop(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopped = true;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

/* How many slabs this stage may have had. */
static uint64_t
stage_limit(const struct pipeline *p, size_t number)
{
	return number == 0 ? p->passed[p->nstages] + PIPELINE_SLABS :
	    p->passed[number - 1];
}

/* Wait for the stage's next slab.  NULL: stopped. */
static struct slab *
stage_take(struct pipeline *p, size_t number)
{
	struct slab	*s = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped && p->passed[number] == stage_limit(p, number))
		pthread_cond_wait(&p->moved, &p->lock);
	if (!p->stopped)
		s = &p->slabs[p->passed[number] % PIPELINE_SLABS];
	pthread_mutex_unlock(&p->lock);
	return s;
}

static void
stage_pass(struct pipeline *p, size_t number)
{
	pthread_mutex_lock(&p->lock);
	p->passed[number]++;
	pthread_cond_broadcast(&p->moved);
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
		error = pthread_create(&st->thread, NULL, stage_main, st);
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
		return &p->slabs[p->passed[0] % PIPELINE_SLABS];
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
	while (!p->stopped && p->passed[p->nstages] != p->passed[0])
		pthread_cond_wait(&p->moved, &p->lock);
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
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
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
