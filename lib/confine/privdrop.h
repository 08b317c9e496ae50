/*
 * privdrop.h: become an unprivileged user for good, or root with only the
 * capabilities that it needs, and prove it.
 *
 * privdrop_linux.c can keep capabilities; privdrop_bsd.c is for systems that
 * have none.
 */

#ifndef PRIVDROP_H
#define PRIVDROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct privdrop {
	uint32_t	 uid, gid;
	const uint32_t	*gids;		/* supplementary; none: NULL, 0 */
	size_t		 ngids;
	int		 chroot_fd;	/* a directory, or -1 */
	uint32_t	 caps;		/* RIGHTS_CAP_* to keep */
};

/*
 * Do in advance what privdrop() does for every user: empty the bounding set,
 * where there is one.  privdrop() looks whether that was done, and does it if
 * this failed.
 */
void	 privdrop_begin(void);

/*
 * Change the root directory; lock the securebits; change groups, ids and
 * capabilities; empty the bounding set; then try to regain what was given up.
 * 0, or -1 with errno, and *step says what failed; the caller must exit then.
 * If capabilities are to be kept on a system without any, nothing is changed
 * and errno is ENOTSUP.
 */
int	 privdrop(const struct privdrop *, const char **step);

/*
 * For a process that keeps its user.  If that is root, on a system that has
 * capabilities, it drops all of them but these, RIGHTS_CAP_*, as far as it has
 * them, and *dropped is true.  Otherwise nothing changes.  0, or -1 as
 * privdrop().
 */
int	 privdrop_self(uint32_t caps, bool *dropped, const char **step);

/*
 * The next capability that the supervisor and its openers need and that this
 * process does not have, and *without what does not work then; or NULL.  *i is
 * 0 at first.  rights are the RIGHTS_CAP_* of all roles: some capabilities are
 * missed only if a role needs them.
 */
const char *privdrop_lacking(size_t *i, uint32_t rights,
	    const char **without);

/*
 * For the supervisor: stay root, without groups, with the capabilities that it
 * and its openers need, as far as it has them, and no others, also in the
 * bounding set; no_new_privs, not dumpable.  *done gets the FDB_CONFINED_* bits
 * of that.  0, or -1 as privdrop().
 */
int	 privdrop_supervisor(unsigned int *done, const char **step);

#endif /* PRIVDROP_H */
