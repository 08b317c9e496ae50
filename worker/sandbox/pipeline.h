/*
 * pipeline.h: the threads of create, and the slabs of members that pass from
 * one to the next.
 *
 * The first stage, the caller's own thread, fills slabs: it reads files.  Each
 * other stage is a thread with a function, which gets every slab in order; but
 * slabs of a shared stage are done by any thread that would wait.  After the
 * last stage a slab is filled again.  All memory is allocated at the start.
 */

#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/member.h"

/* Bytes of contents and strings in a slab, and members. */
#define SLAB_SIZE	(1024 * 1024)
#define SLAB_MEMBERS	1024

/* Strings fill data from the end, contents from the beginning. */
struct slab {
	uint8_t		*data;		/* SLAB_SIZE bytes */
	size_t		 used;		/* at the beginning */
	size_t		 strings;	/* at the end */
	struct member	*members;
	size_t		 n;
	bool		 end;		/* nothing comes after it */
};

struct pipeline;

/* A stage: 0, or -1: the run fails, which was reported. */
typedef int	 (*pipeline_stage)(void *arg, struct slab *);

/*
 * A stage that several threads run at once, each with another slab: thread is
 * the number of the one that calls, up to PIPELINE_STAGES_MAX.  For a slab that
 * begins or ends in the middle of a member, all before it are done.
 */
typedef int	 (*pipeline_shared)(void *arg, struct slab *, size_t thread);

/* A stage that holds a slab gives it up.  0, or -1 as above. */
typedef int	 (*pipeline_settle)(void *arg);

#define PIPELINE_STAGES_MAX	4
#define PIPELINE_SLABS		8

/* NULL: ENOMEM. */
struct pipeline	*pipeline_new(void);

/*
 * Add a stage after those that are there.  Before pipeline_start() only.
 */
void		 pipeline_add(struct pipeline *, pipeline_stage, void *arg);
/*
 * The same for a stage that needs a slab until it has done the next one, or
 * until settle() has returned, which is called when there is no next one yet.
 */
void		 pipeline_add_holding(struct pipeline *, pipeline_stage,
		    pipeline_settle, void *arg);
/*
 * The same for one stage, which is not the last.  Threads of the other stages,
 * and the caller's, do its slabs when they have to wait for their own.
 */
void		 pipeline_add_shared(struct pipeline *, pipeline_shared,
		    void *arg);

/*
 * Threads that start from now on, those of libraries too, take little memory,
 * where the system lets us say so.  0, or -1 with errno.
 */
int		 pipeline_limit_threads(void);

/*
 * Start a thread for each stage.  All signals are blocked in them.  0, or -1
 * with errno of pthread_create(3).
 */
int		 pipeline_start(struct pipeline *);

/*
 * The slab to fill, empty; the same one until it is passed on.  Waits for one.
 * NULL: a stage failed.
 */
struct slab	*pipeline_slab(struct pipeline *);

/* Pass the slab on, if there is one. */
void		 pipeline_pass(struct pipeline *);

/* Wait until all slabs went through every stage.  0, or -1: a stage failed. */
int		 pipeline_wait(struct pipeline *);

/* End the threads, without waiting for slabs under way, and free it. */
void		 pipeline_free(struct pipeline *);

/*
 * Append a string to the slab.  A copy, or NULL: there is no room for it.
 */
const char	*slab_string(struct slab *, const char *);

/* The same for bytes, at least one. */
const void	*slab_bytes(struct slab *, const void *, size_t);

/*
 * Does the slab begin or end in the middle of a member?  What is done with it
 * depends on those before it, and on nothing else.
 */
bool		 slab_is_chained(const struct slab *);

/* Bytes of contents for which there is room. */
size_t		 slab_room(const struct slab *);

/* The next member, zeroed, which the caller fills; NULL: it is full. */
struct member	*slab_member(struct slab *);

#endif /* PIPELINE_H */
