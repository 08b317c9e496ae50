/*
 * readers.c: threads that read small files ahead of the archive; see
 * sandbox/readers.h.
 *
 * Runs in the worker, confined, in the caller's thread and in its own.  Touches
 * the descriptors that it is given.
 *
 * The files are a ring.  The caller adds and removes them in order, and the
 * threads begin them in order.  A thread has the file that it has begun until
 * it is done, and the caller has all others.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/holes.h"
#include "sandbox/readers.h"

#define STACK_SIZE	(64 * 1024)

/*
 * One read of 16 is looked at, and fewer, down to one of SAMPLE_MAX, as long as
 * none sleeps.  Each is, while one of the last eight slept.  If MANY of these
 * slept, reading waits, until fewer than FEW did.
 */
#define SAMPLE_MIN	16
#define SAMPLE_MAX	128
#define MANY		4
#define FEW		2

#define NONE		READERS_FILES

struct readers {
	/* Of the caller's thread. */
	uint8_t			 history;	/* a bit a read: it slept */
	unsigned int		 unseen;	/* reads until the next one */
	unsigned int		 sample;	/* from one to the next */
	bool			 waits;
	uint8_t			*data;		/* of all files, or NULL */
	uint64_t		 removed;

	struct readers_file	 files[READERS_FILES];
	pthread_t		 threads[READERS_THREADS];
	size_t			 nthreads;

	pthread_mutex_t		 lock;
	pthread_cond_t		 more;		/* to read, or stopped */
	pthread_cond_t		 read;		/* a file, by a thread */
	uint64_t		 added, begun;
	bool			 done[READERS_FILES];
	size_t			 awaited;	/* by the caller, or NONE */
	bool			 stopped;
};

struct readers *
readers_new(void)
{
	struct readers	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	r->sample = SAMPLE_MIN;
	r->awaited = NONE;
	if (pthread_mutex_init(&r->lock, NULL) != 0)
		goto no_lock;
	if (pthread_cond_init(&r->more, NULL) != 0)
		goto no_more;
	if (pthread_cond_init(&r->read, NULL) == 0)
		return r;
	pthread_cond_destroy(&r->more);
no_more:
	pthread_mutex_destroy(&r->lock);
no_lock:
	free(r);
	errno = ENOMEM;
	return NULL;
}

/* How often this thread has slept; always 0 if the system does not say so. */
static long
times_slept(void)
{
#ifdef RUSAGE_THREAD
	struct rusage	 ru;

	if (getrusage(RUSAGE_THREAD, &ru) == 0)
		return ru.ru_nvcsw;
#endif
	return 0;
}

/* Read a file as the caller would.  True: it need not be read again. */
static bool
file_read(struct readers_file *f)
{
	struct holes	 h;
	int		 n;

	if (f->holes && (n = holes_read(f->small.fd, f->version.size,
	    &h)) != 0) {
		if (n == 1)
			free(h.v);
		return false;
	}
	contents_small(&f->small, f->data, READERS_SIZE, &f->version,
	    &f->contents);
	return !f->contents.more;
}

static void *
reader_main(void *arg)
{
	struct readers		*r = arg;
	struct readers_file	*f;
	size_t			 i;
	long			 before;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		while (!r->stopped && r->begun == r->added)
			pthread_cond_wait(&r->more, &r->lock);
		if (r->stopped)
			break;
		i = r->begun++ % READERS_FILES;
		pthread_mutex_unlock(&r->lock);
		f = &r->files[i];
		before = times_slept();
		f->settled = file_read(f);
		f->slept = times_slept() != before;
		pthread_mutex_lock(&r->lock);
		r->done[i] = true;
		if (r->awaited == i)
			pthread_cond_signal(&r->read);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Sanitizers need larger stacks. */
static int
attr_init(pthread_attr_t *attr)
{
	int	 error = pthread_attr_init(attr);

#ifndef FDB_SANITIZED
	long	 min = sysconf(_SC_THREAD_STACK_MIN);

	if (error == 0 && (error = pthread_attr_setstacksize(attr,
	    min > STACK_SIZE ? (size_t)min : STACK_SIZE)) != 0)
		(void)pthread_attr_destroy(attr);
#endif
	return error;
}

int
readers_start(struct readers *r)
{
	pthread_attr_t	 attr;
	sigset_t	 all, before;
	int		 error;

	if ((error = attr_init(&attr)) != 0) {
		errno = error;
		return -1;
	}
	sigfillset(&all);
	if ((error = pthread_sigmask(SIG_BLOCK, &all, &before)) == 0) {
		while (error == 0 && r->nthreads < READERS_THREADS)
			if ((error = pthread_create(&r->threads[r->nthreads],
			    &attr, reader_main, r)) == 0)
				r->nthreads++;
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	(void)pthread_attr_destroy(&attr);
	errno = error;
	return error == 0 ? 0 : -1;
}

void
readers_free(struct readers *r)
{
	size_t	 i;

	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopped = true;
	pthread_cond_broadcast(&r->more);
	pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->nthreads; i++)
		(void)pthread_join(r->threads[i], NULL);
	pthread_cond_destroy(&r->read);
	pthread_cond_destroy(&r->more);
	pthread_mutex_destroy(&r->lock);
	free(r->data);
	free(r);
}

static void
note_sleep(struct readers *r, bool slept)
{
	unsigned int	 i, n = 0;

	r->history = (uint8_t)(r->history << 1 | slept);
	for (i = 0; i < 8; i++)
		n += r->history >> i & 1;
	if (n >= MANY)
		r->waits = true;
	else if (n < FEW)
		r->waits = false;
}

void
readers_read(struct readers *r, const struct contents_small *f, uint8_t *buf,
    size_t max, struct version *v, struct contents *how)
{
	long	 before;

	if (r->history == 0 && r->unseen > 0) {
		r->unseen--;
		contents_small(f, buf, max, v, how);
		return;
	}
	before = times_slept();
	contents_small(f, buf, max, v, how);
	note_sleep(r, times_slept() != before);
	if (r->history != 0)
		r->sample = SAMPLE_MIN;
	else if (r->sample < SAMPLE_MAX)
		r->sample *= 2;
	r->unseen = r->sample - 1;
}

bool
readers_wanted(struct readers *r)
{
	size_t	 i;

	if (!r->waits || r->nthreads == 0)
		return false;
	if (r->data != NULL)
		return true;
	if ((r->data = malloc((size_t)READERS_FILES * READERS_SIZE)) == NULL)
		return false;
	for (i = 0; i < READERS_FILES; i++)
		r->files[i].data = r->data + i * READERS_SIZE;
	return true;
}

void
readers_add(struct readers *r, const struct readers_file *f)
{
	size_t			 i = r->added % READERS_FILES;
	struct readers_file	*to = &r->files[i];

	to->small = f->small;
	to->holes = f->holes;
	to->version = f->version;
	pthread_mutex_lock(&r->lock);
	r->done[i] = false;
	r->added++;
	pthread_mutex_unlock(&r->lock);
	pthread_cond_signal(&r->more);
}

/* Wait until file i is done; the lock is held. */
static void
await(struct readers *r, size_t i)
{
	r->awaited = i;
	while (!r->done[i])
		pthread_cond_wait(&r->read, &r->lock);
	r->awaited = NONE;
}

const struct readers_file *
readers_first(struct readers *r, bool wait)
{
	size_t	 i = r->removed % READERS_FILES;
	bool	 done;

	pthread_mutex_lock(&r->lock);
	if (wait)
		await(r, i);
	done = r->done[i];
	pthread_mutex_unlock(&r->lock);
	return done ? &r->files[i] : NULL;
}

void
readers_remove(struct readers *r)
{
	note_sleep(r, r->files[r->removed % READERS_FILES].slept);
	r->removed++;
}

void
readers_drop(struct readers *r)
{
	uint64_t	 begun;

	pthread_mutex_lock(&r->lock);
	begun = r->begun;
	r->begun = r->added;
	for (; r->removed < begun; r->removed++)
		await(r, r->removed % READERS_FILES);
	r->removed = r->added;
	pthread_mutex_unlock(&r->lock);
}
