/*
 * oldpeer.h: the directory peer/ that an older version left in the run
 * directory, where everybody could create files.
 */

#ifndef OLDPEER_H
#define OLDPEER_H

#define OLDPEER_ENTRIES	100000	/* that are removed at most */
#define OLDPEER_DEPTH	32	/* of directories in each other */

/*
 * Remove it with all that is in it, under the lock of the run directory, which
 * is open as rundir and has this path.  What cannot be removed stays, which is
 * logged, and nobody but root can reach it any more.
 */
void	 oldpeer_remove(int rundir, const char *path);

#endif /* OLDPEER_H */
