/*
 * parallel.h: a few threads that do jobs for a main thread, so that several
 * system calls are under way at a time.
 *
 * A job decides nothing: the main thread asks the policy about each name
 * before, and about each object after.
 */

#ifndef PARALLEL_H
#define PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Besides the main thread, which does jobs while it waits for one.  Each makes
 * a session begin 20 microseconds later, whether it is needed or not.
 */
#define PARALLEL_THREADS	3

struct parallel;

/*
 * A job, which stays until parallel_wait() has returned.  run is called in any
 * thread, and touches nothing but what belongs to the job.
 */
struct parallel_job {
	void			(*run)(struct parallel_job *);
	bool			 done;
	struct parallel_job	*next;
};

/* Without threads; NULL with errno. */
struct parallel *parallel_new(void);
/* End the threads, for tests.  No job may be under way.  Accepts NULL. */
void	 parallel_free(struct parallel *);

/*
 * Make the threads, before a filter that permits no new ones.  Some may begin
 * later: a job waits for them, or the main thread does it.  0, or -1 with
 * errno.
 */
int	 parallel_start(struct parallel *);

/*
 * Give a job, and wake one more thread for it, or leave it to those that are
 * awake and to the main thread.
 */
void	 parallel_give(struct parallel *, struct parallel_job *, bool wake);

/* Wait until a job is done, and do others meanwhile. */
void	 parallel_wait(struct parallel *, struct parallel_job *);

/*
 * The job is not wanted any more.  True: no thread has begun it, and none will.
 * False: it is done, and was waited for.
 */
bool	 parallel_take_back(struct parallel *, struct parallel_job *);

/*
 * How often this thread has given up its processor to wait for something; 0 if
 * the system does not tell.
 */
uint64_t parallel_sleeps(void);

#endif /* PARALLEL_H */
