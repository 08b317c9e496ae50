/*
 * naming.c: give an object its name, and remove names; see naming.h.
 *
 * Runs in the opener.  What is replaced is never written to: another object
 * takes its name.  A directory is never replaced.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "opener/makeat.h"
#include "opener/naming.h"
#include "opener/pendfile.h"
#include "opener/resolve.h"
#include "policy/decide.h"
#include "policy/tables.h"

/* Temporary names that others have before giving up; and tries to lock. */
#define NAMING_TRIES	16

#define PREFIX		".fdbroker."
#define DIGITS		16

/*
 * Nothing depends on that nobody guesses it: it is made only if nobody has it.
 * Sessions, and daemons one after the other, begin at different numbers.
 */
void
naming_temporary(struct state *s, char *name, size_t size)
{
	if (s->temporaries == 0)
		s->temporaries = (uint32_t)clock_ms();
	(void)snprintf(name, size, PREFIX "%08x%08x", s->info.id,
	    s->temporaries++);
}

bool
naming_is_temporary(const char *name)
{
	size_t	 len = strlen(PREFIX);

	return strncmp(name, PREFIX, len) == 0 &&
	    strspn(name + len, "0123456789abcdef") == DIGITS &&
	    name[len + DIGITS] == '\0';
}

bool
naming_may_remove(const struct root *r)
{
	return (r->rights & (POLICY_OP_REPLACE | POLICY_OP_REMOVE)) != 0;
}

/*
 * Who sweeps has the lock for a moment only.  Waiting for anybody else would
 * let all who may read the directory stop this session.  So without the lock it
 * goes on all the same: the worst is that its temporary name is removed.
 */
int
naming_hold(const struct resolve_at *at)
{
	int	 fd, i;

	if ((fd = resolve_dir(at, "")) == -1)
		return -1;
	for (i = 0; i < NAMING_TRIES; i++)
		if (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
	return fd;
}

/*
 * The kernel takes a descriptor from whom opened it: the root's is of the time
 * before this process dropped its rights.
 */
void
naming_find_way(struct state *s, const struct parent *p)
{
	int	 fd;

	if (s->way != MAKEAT_UNTRIED ||
	    (fd = resolve_place(&p->at, "")) == -1)
		return;
	s->way = makeat_find_way(fd, s->private && !s->rooted);
	fd_close(&fd);
}

int
naming_remove(int dirfd, const char *name, int flags)
{
	return unlinkat(dirfd, name, flags);
}

/* Is what is there older than what the item would put there? */
static bool
is_older(const struct fdb_stat *there, const struct changewire_meta *m)
{
	if (!(m->set & FDB_META_MTIME))
		return false;
	return there->mtime < m->mtime || (there->mtime == m->mtime &&
	    there->mtime_nsec < m->mtime_nsec);
}

int
naming_may_replace(struct job *j, const struct parent *p)
{
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 there;
	int		 error = 0;

	if (j->it->over == FDB_OVER_REFUSE)
		error = EEXIST;
	else if (resolve_entry(p->at.dirfd, p->name, &there, link,
	    sizeof(link)) == -1)
		error = errno;
	else if (S_ISDIR(there.mode))
		error = EISDIR;
	else if (j->it->over == FDB_OVER_NEWER &&
	    !is_older(&there, &j->it->meta))
		error = EEXIST;
	if (error != 0) {
		status_set(&j->st, error, FDB_REASON_KERNEL, "");
		return -1;
	}
	return target_ask(&j->t, j->s, POLICY_OP_REPLACE, &there, &j->st);
}

/* Make it under a temporary name, and rename it.  0, or -1 with errno. */
static int
put_over(struct job *j, const struct parent *p, naming_make make, void *arg)
{
	char	 name[PENDFILE_NAME_MAX];
	int	 i, ret = -1, saved;

	if (p->dir->lock == -1)
		p->dir->lock = naming_hold(&p->at);
	for (i = 0; i < NAMING_TRIES; i++) {
		naming_temporary(j->s, name, sizeof(name));
		ret = make(arg, p->at.dirfd, name);
		if (ret == 0 || errno != EEXIST)
			break;
	}
	if (ret == -1 ||
	    makeat_rename(p->at.dirfd, name, p->name, false) == 0)
		return ret;
	saved = errno;
	(void)naming_remove(p->at.dirfd, name, 0);
	errno = saved;
	return -1;
}

int
naming_put(struct job *j, const struct parent *p, naming_make make, void *arg)
{
	int	 ret;

	ret = make(arg, p->at.dirfd, p->name);
	if (ret == -1 && errno == EEXIST) {
		if (naming_may_replace(j, p) == -1)
			return -1;
		ret = put_over(j, p, make, arg);
	}
	if (ret == -1)
		target_failed(&j->t, j->s, POLICY_OP_CREATE, false, &j->st);
	return ret;
}
