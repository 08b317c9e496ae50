/*
 * put_ahead.c: make files, and name others, in several threads; see
 * put_ahead.h.
 *
 * Runs in the opener.  The threads make files without a name in directories
 * that are held open, give files their metadata by descriptor, and name them,
 * where nothing has that name.  They decide nothing.
 */

#include "config.h"

#include <string.h>

#include "base/changewire.h"
#include "base/fd.h"
#include "opener/makeat.h"
#include "opener/naming.h"
#include "opener/parent.h"
#include "opener/put.h"
#include "opener/put_ahead.h"
#include "opener/status.h"
#include "opener/target.h"

/* Fewer items are done before another thread has begun. */
#define PUT_AHEAD_MIN	8

bool
put_ahead_begin(struct put_ahead *a, struct state *s, size_t n)
{
	a->s = s;
	a->taken = a->planned = a->nparts = 0;
	return s->parallel != NULL && n >= PUT_AHEAD_MIN;
}

/* Runs in any thread. */
static void
create_files(struct parallel_job *job)
{
	/* It is the first member. */
	struct put_ahead_part	*part = (void *)job;
	struct put_ahead_item	*x;

	for (x = part->first; x != NULL; x = x->next) {
		x->fd = resolve_unnamed(&x->at, x->it->mode, &x->st);
		if (x->fd == -1)
			break;
		x->done = true;
	}
}

/* The same. */
static void
name_files(struct parallel_job *job)
{
	struct put_ahead_part	*part = (void *)job;
	struct put_ahead	*a = part->ahead;
	struct put_ahead_item	*x;

	for (x = part->first; x != NULL; x = x->next) {
		a->scratch.it = x->it;
		a->scratch.res.refused = 0;
		if (meta_set(&a->scratch, x->fd, &x->owner,
		    &x->file->st) == -1 || makeat_link(a->s->way, x->fd,
		    x->at.dirfd, x->name) == -1)
			break;
		x->done = true;
		fd_close(&x->fd);
	}
}

static struct put_ahead_part *
begin_part(struct put_ahead *a, void (*run)(struct parallel_job *))
{
	struct put_ahead_part	*part = &a->parts[a->nparts++];

	part->job.run = run;
	part->ahead = a;
	part->first = NULL;
	part->last = &part->first;
	part->n = 0;
	return part;
}

static void
add_to_part(struct put_ahead_part *part, struct put_ahead_item *x)
{
	x->part = part;
	x->next = NULL;
	*part->last = x;
	part->last = &x->next;
	part->n++;
}

static bool
plan_commit(struct put_ahead *a, struct job *j, struct parent *p,
    struct put_ahead_item *x)
{
	struct pendfile	*f = put_judge_commit(j, p, &x->owner);

	/* Named once more in one request, it must be in its turn. */
	if (f == NULL || f->name[0] != '\0' || f->tried == a->s->requests)
		return false;
	f->tried = a->s->requests;
	x->file = f;
	x->fd = f->fd;
	add_to_part(&a->parts[0], x);
	return true;
}

static bool
plan_create(struct put_ahead *a, struct job *j, struct parent *p,
    struct put_ahead_item *x)
{
	struct put_ahead_part	*part = &a->parts[a->nparts - 1];

	if (put_judge_create(j, p) == -1 || (a->s->way != MAKEAT_BY_FD &&
	    a->s->way != MAKEAT_BY_PROC))
		return false;
	/* It takes a place, as if it were made. */
	a->s->tokens.reserved++;
	x->fd = -1;
	if (a->nparts == 1 || part->n == PUT_AHEAD_PIECE)
		part = begin_part(a, create_files);
	add_to_part(part, x);
	return true;
}

/* False: the run ends before this item. */
static bool
plan_item(struct put_ahead *a, struct job *j, struct put_ahead_item *x)
{
	bool		 creates = j->it->kind == CHANGEWIRE_CREATE;
	struct parent	 p;
	const char	*last;
	bool		 planned;

	if ((!creates && j->it->kind != CHANGEWIRE_COMMIT) ||
	    j->it->name[0] == '\0' || target_name_long(&j->t, j->s,
	    j->it->base, j->it->name, &j->st) == -1)
		return false;
	j->t.found = &j->cache->found;
	j->res.refused = 0;
	x->it = j->it;
	x->done = false;
	planned = creates ? plan_create(a, j, &p, x) :
	    plan_commit(a, j, &p, x);
	target_end(&j->t);
	if (!planned)
		return false;
	x->at = p.at;
	/* p.name is in the job. */
	last = strrchr(j->it->name, '/');
	x->name = last != NULL ? last + 1 : j->it->name;
	return true;
}

static void
give_parts(struct put_ahead *a)
{
	size_t	 i, first = a->parts[0].n > 0 ? 0 : 1;

	/* With two processors, one of them has a worker, too. */
	for (i = first; i < a->nparts; i++)
		parallel_give(a->s->parallel, &a->parts[i].job,
		    i == first && a->nparts - first > 1);
}

void
put_ahead_plan(struct put_ahead *a, struct parent_cache *cache,
    const struct changewire_item *items, size_t i, size_t n)
{
	struct job	*j = &a->scratch;

	if (i < a->planned)
		return;
	put_ahead_end(a, cache);
	a->version = a->s->version;
	j->s = a->s;
	j->cache = cache;
	parent_make_room(cache);
	cache->kept = true;
	(void)begin_part(a, name_files);
	for (a->taken = a->planned = i; a->planned < n; a->planned++) {
		j->it = &items[a->planned];
		if (!plan_item(a, j, &a->items[a->planned]))
			break;
	}
	cache->kept = a->planned > i;
	give_parts(a);
}

static bool
take_created(struct put_ahead_item *x, struct job *j)
{
	struct pendfile	 f;

	j->s->tokens.reserved--;
	if (!x->done)
		return false;
	pendfile_begin(&f, j->s->requests);
	f.fd = x->fd;
	f.st = x->st;
	put_created(j, &f);
	return true;
}

static bool
take_committed(struct put_ahead_item *x, struct job *j)
{
	if (!x->done) {
		/* It may have some of its metadata. */
		(void)resolve_fstat(x->file->fd, &x->file->st);
		return false;
	}
	x->file->fd = -1;
	put_committed(j, x->file);
	return true;
}

/* Nothing is under way any more. */
static void
settle(struct put_ahead *a, struct parent_cache *cache)
{
	size_t	 i;

	for (i = 0; i < a->nparts; i++)
		if (a->parts[i].n > 0)
			parallel_wait(a->s->parallel, &a->parts[i].job);
	cache->kept = false;
}

/* The same, and what was not begun never will be. */
static void
give_up(struct put_ahead *a, struct parent_cache *cache)
{
	size_t	 i;

	for (i = 0; i < a->nparts; i++)
		if (a->parts[i].n > 0 && parallel_take_back(a->s->parallel,
		    &a->parts[i].job))
			a->parts[i].n = 0;
	cache->kept = false;
}

/*
 * A file was not made, and those after it may hold what it needs; or the policy
 * that permitted them is no longer in force.
 */
static void
unmake(struct put_ahead *a)
{
	struct put_ahead_item	*x;

	for (x = a->items + a->taken; x < a->items + a->planned; x++)
		if (x->it->kind == CHANGEWIRE_CREATE) {
			fd_close(&x->fd);
			x->done = false;
		}
}

/* What the old policy permitted and was not begun, the new one judges. */
static void
renounce(struct put_ahead *a, struct parent_cache *cache)
{
	give_up(a, cache);
	unmake(a);
	a->version = a->s->version;
}

bool
put_ahead_take(struct put_ahead *a, struct job *j, size_t i)
{
	struct put_ahead_item	*x = &a->items[i];

	if (i >= a->planned)
		return false;
	/* While a reply waited to be read, the policy may have changed. */
	if (a->version != a->s->version)
		renounce(a, j->cache);
	if (x->part->n > 0)
		parallel_wait(a->s->parallel, &x->part->job);
	a->taken = i + 1;
	if (x->it->kind == CHANGEWIRE_CREATE ? take_created(x, j) :
	    take_committed(x, j))
		return true;
	/* The directories of others may be dropped now. */
	settle(a, j->cache);
	if (x->it->kind == CHANGEWIRE_CREATE)
		unmake(a);
	return false;
}

void
put_ahead_end(struct put_ahead *a, struct parent_cache *cache)
{
	struct put_ahead_item	*x;

	give_up(a, cache);
	for (; a->taken < a->planned; a->taken++) {
		x = &a->items[a->taken];
		if (x->it->kind == CHANGEWIRE_CREATE) {
			a->s->tokens.reserved--;
			fd_close(&x->fd);
		} else if (x->done) {
			x->file->fd = -1;
			pendfile_done(&a->s->pending, x->file);
			a->s->tokens.reserved--;
		}
	}
	a->nparts = 0;
}
