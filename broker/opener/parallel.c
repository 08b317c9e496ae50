/*
 * parallel.c: threads that do jobs; see parallel.h.
 *
 * Runs in the opener, confined: its threads have its filter, its credentials
 * and its Landlock domain.  They touch what a job names, and share one queue.
 */

#include "config.h"

#include <sys/time.h>
#include <sys/resource.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "opener/parallel.h"

#define STACK_SIZE	(64 * 1024)

struct parallel {
	pthread_mutex_t		 lock;		/* of all that follows */
	pthread_cond_t		 given, done;
	struct parallel_job	*first, **last;
	const struct parallel_job *awaited;
	bool			 ending;

	unsigned int		 nthreads;	/* of the main thread */
	pthread_t		 threads[PARALLEL_THREADS];
};

struct parallel *
parallel_new(void)
{
	struct parallel	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	p->last = &p->first;
	if ((errno = pthread_mutex_init(&p->lock, NULL)) != 0)
		goto no_lock;
	if ((errno = pthread_cond_init(&p->given, NULL)) != 0)
		goto no_given;
	if ((errno = pthread_cond_init(&p->done, NULL)) == 0)
		return p;
	(void)pthread_cond_destroy(&p->given);
no_given:
	(void)pthread_mutex_destroy(&p->lock);
no_lock:
	free(p);
	return NULL;
}

void
parallel_free(struct parallel *p)
{
	unsigned int	 i;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_mutex_unlock(&p->lock);
	pthread_cond_broadcast(&p->given);
	for (i = 0; i < p->nthreads; i++)
		(void)pthread_join(p->threads[i], NULL);
	(void)pthread_cond_destroy(&p->done);
	(void)pthread_cond_destroy(&p->given);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

uint64_t
parallel_sleeps(void)
{
#ifdef RUSAGE_THREAD
	struct rusage	 ru;

	if (getrusage(RUSAGE_THREAD, &ru) == 0)
		return (uint64_t)ru.ru_nvcsw;
#endif
	return 0;
}

/* The functions below are called with the lock held. */

/* Do the oldest job that nobody does, without the lock meanwhile. */
static void
do_next(struct parallel *p)
{
	struct parallel_job	*j = p->first;

	if ((p->first = j->next) == NULL)
		p->last = &p->first;
	pthread_mutex_unlock(&p->lock);
	j->run(j);
	pthread_mutex_lock(&p->lock);
	j->done = true;
	if (p->awaited == j)
		pthread_cond_signal(&p->done);
}

static void *
thread_main(void *arg)
{
	struct parallel	*p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->first == NULL && !p->ending)
			pthread_cond_wait(&p->given, &p->lock);
		if (p->ending)
			break;
		while (p->first != NULL)
			do_next(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Fewer threads will do.  0, or an error number. */
static int
create_threads(struct parallel *p, const pthread_attr_t *attr)
{
	sigset_t	 all, before;
	int		 error;

	sigfillset(&all);
	if ((error = pthread_sigmask(SIG_BLOCK, &all, &before)) != 0)
		return error;
	while (p->nthreads < PARALLEL_THREADS && (error = pthread_create(
	    &p->threads[p->nthreads], attr, thread_main, p)) == 0)
		p->nthreads++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p->nthreads > 0 ? 0 : error;
}

int
parallel_start(struct parallel *p)
{
	pthread_attr_t	 attr;
	int		 error = 0;

	if ((errno = pthread_attr_init(&attr)) != 0)
		return -1;
#ifndef FDB_SANITIZED
	/* Sanitizers need more, and so do some processors. */
	long	 min = sysconf(_SC_THREAD_STACK_MIN);

	error = pthread_attr_setstacksize(&attr,
	    min > STACK_SIZE ? (size_t)min : STACK_SIZE);
#endif
	if (error == 0)
		error = create_threads(p, &attr);
	(void)pthread_attr_destroy(&attr);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
parallel_give(struct parallel *p, struct parallel_job *j, bool wake)
{
	j->done = false;
	j->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->last = j;
	p->last = &j->next;
	pthread_mutex_unlock(&p->lock);
	if (wake)
		pthread_cond_signal(&p->given);
}

void
parallel_wait(struct parallel *p, struct parallel_job *j)
{
	pthread_mutex_lock(&p->lock);
	while (!j->done && p->first != NULL)
		do_next(p);
	p->awaited = j;
	while (!j->done)
		pthread_cond_wait(&p->done, &p->lock);
	p->awaited = NULL;
	pthread_mutex_unlock(&p->lock);
}

bool
parallel_take_back(struct parallel *p, struct parallel_job *j)
{
	struct parallel_job	**at;
	bool			  waits;

	pthread_mutex_lock(&p->lock);
	for (at = &p->first; *at != NULL && *at != j; at = &(*at)->next)
		;
	waits = *at == j;
	if (waits && (*at = j->next) == NULL)
		p->last = at;
	pthread_mutex_unlock(&p->lock);
	if (!waits)
		parallel_wait(p, j);
	return waits;
}
