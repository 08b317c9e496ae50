/*
 * privdrop.h: become an unprivileged user for good, or a root that has only
 * what it needs, and prove it.
 *
 * privdrop_linux.c keeps capabilities, where any are to be kept;
 * privdrop_bsd.c is for systems that have none.
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
 * Change root, groups, ids and capabilities, in this order; empty the
 * bounding set; lock the securebits; then try to regain what was given up.
 * 0, or -1 with errno and *step what failed; the caller must exit then.  Where
 * there are no capabilities and some are to be kept, nothing is changed and
 * errno is ENOTSUP.
 */
int	 privdrop(const struct privdrop *, const char **step);

/*
 * For a process that keeps its user: nothing for an ordinary user; for root,
 * all capabilities but CAP_DAC_READ_SEARCH, where there are any.  *dropped
 * tells.
 */
int	 privdrop_self(bool *dropped, const char **step);

/*
 * For the supervisor: root, without groups, with the capabilities that it and
 * its openers need and with no others, also in the bounding set; no
 * new privileges, not dumpable; *done gets the FDB_CONFINED_* bits of that.
 * *missing gets the name of one that it needs
 * and does not have, or NULL; with optional that is no error.  0, or -1 as
 * privdrop().
 */
int	 privdrop_supervisor(bool optional, unsigned int *done,
	    const char **missing, const char **step);

#endif /* PRIVDROP_H */
