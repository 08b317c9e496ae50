/*
 * sweep.c: remove what sessions that were killed have left in a directory; see
 * sweep.h.
 *
 * Runs in the opener.  Whoever has a temporary name in a directory holds a
 * shared lock on the directory, which ends with its process: see naming_hold().
 * So names that were there before this session got the lock for itself alone
 * belong to nobody any more.  Names are never used twice, so what comes after
 * the directory was read is not removed, whoever has it.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/pathname.h"
#include "opener/dents.h"
#include "opener/meta.h"
#include "opener/resolve.h"
#include "opener/status.h"
#include "opener/sweep.h"
#include "policy/decide.h"
#include "policy/tables.h"

#define SWEEP_NAMES	128	/* at once */
#define SWEEP_BUF	32768

struct sweep {
	char	 names[SWEEP_NAMES][PENDFILE_NAME_MAX];
	size_t	 n;
};

/* Read temporary names, as many as fit. */
static void
sweep_list(struct sweep *sw, int fd)
{
	static uint64_t			 buf[SWEEP_BUF / sizeof(uint64_t)];
	const struct DENTS_ENTRY	*de;
	ssize_t				 len, at;

	sw->n = 0;
	if (lseek(fd, 0, SEEK_SET) == -1)
		return;
	while (sw->n < SWEEP_NAMES &&
	    (len = dents_read(fd, buf, sizeof(buf))) > 0) {
		for (at = 0; at < len && sw->n < SWEEP_NAMES;
		    at += de->d_reclen) {
			de = (const void *)((const char *)buf + at);
			if (!dents_is_entry(de) ||
			    !naming_is_temporary(de->d_name))
				continue;
			(void)strlcpy(sw->names[sw->n++], de->d_name,
			    PENDFILE_NAME_MAX);
		}
	}
}

bool
sweep_is_empty(int fd)
{
	static uint64_t			 buf[SWEEP_BUF / sizeof(uint64_t)];
	const struct DENTS_ENTRY	*de;
	ssize_t				 len, at;

	while ((len = dents_read(fd, buf, sizeof(buf))) > 0)
		for (at = 0; at < len; at += de->d_reclen) {
			de = (const void *)((const char *)buf + at);
			if (dents_is_entry(de))
				return false;
		}
	return len == 0;
}

/* May the role remove this object, and could it have made it? */
static bool
sweep_may(const struct job *j, const char *path, const struct fdb_stat *st)
{
	const struct state	*s = j->s;
	struct policy_facts	 facts;
	struct verdict		 v;

	target_facts(st, &facts);
	if (S_ISDIR(st->mode) || (!policy_check(s->role, POLICY_OP_REMOVE, path,
	    &facts, s->peer_uid).permit && !policy_check(s->role,
	    POLICY_OP_REPLACE, path, &facts, s->peer_uid).permit))
		return false;
	if (st->uid == s->own_uid)
		return true;
	v = policy_decide(s->role, POLICY_OP_CREATE, path);
	return v.permit && meta_may_touch(s, POLICY_OP_CREATE, path, v.rule,
	    st);
}

/* Remove one name.  True if it is gone. */
static bool
sweep_name(const struct job *j, int fd, const char *name)
{
	static char	 path[PROTO_LONG_MAX];
	char		 link[PROTO_PATH_MAX];
	struct fdb_stat	 st;
	struct status	 done;

	if (pathname_join(path, sizeof(path), j->t.path, name) == -1 ||
	    resolve_entry(fd, name, &st, link, sizeof(link)) == -1 ||
	    !sweep_may(j, path, &st) || naming_remove(fd, name, 0) == -1)
		return false;
	status_ok(&done);
	status_report(&done, j->s, POLICY_OP_REMOVE, path, &st);
	return true;
}

void
sweep_directory(struct job *j, int place)
{
	static struct sweep	 sw;
	const struct root	*root;
	struct resolve_at	 at = j->t.at;
	size_t			 i, gone;
	int			 fd;

	root = roots_find(&j->s->roots, j->t.path, POLICY_OP_MKDIR);
	at.dirfd = place;
	if (root == NULL || !naming_may_remove(root) ||
	    (fd = resolve_dir(&at, "")) == -1)
		return;
	do {
		gone = 0;
		sweep_list(&sw, fd);
		if (sw.n == 0 || flock(fd, LOCK_EX | LOCK_NB) == -1)
			break;
		for (i = 0; i < sw.n; i++)
			gone += sweep_name(j, fd, sw.names[i]);
		(void)flock(fd, LOCK_UN);
	} while (sw.n == SWEEP_NAMES && gone > 0);
	fd_close(&fd);
}
