/*
 * roots.h: what the kernel is told about a role: roots with their rights, and
 * capabilities.
 */

#ifndef POLICY_ROOTS_H
#define POLICY_ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct role;

#define POLICY_ROOTS_MAX	200	/* roots that a role may have */

/*
 * A directory (or file) beneath which a role may do something, for the
 * kernel.  Its path is the literal leading part of a permit's pattern; for a
 * pattern without wildcard it is the pattern itself.  Its rights are the
 * operations of all permits whose literal parts are at or above it: those of
 * POLICY_OPS_READING in one list of roots, for read-only clones, and those of
 * POLICY_OPS_WRITING in another, for writable ones; SPECIAL, in both, allows
 * devices, if there is something to be allowed with it.
 *
 * A file, or what a permit of CREATE without wildcard names and is not there
 * yet, stands for the directory that it is in: who opens the root sees that.
 *
 * So what the rules permit at a path, the longest root at or above it in the
 * list of the operation gives a right to.  A root that has no other rights
 * than the next one above it is left out, unless the role has option
 * one-filesystem, where it may be on one of its own.
 */
struct policy_root {
	char		*path;
	uint32_t	 rights;
};

/*
 * The roots for some operations, POLICY_OPS_READING or POLICY_OPS_WRITING,
 * sorted, parents first.  *roots is an array of *nroots, to be freed by
 * policy_roots_free().  0, or -1: ENOMEM.
 */
int		 policy_roots(const struct role *, uint32_t ops,
		    struct policy_root **roots, size_t *nroots);
void		 policy_roots_free(struct policy_root *, size_t nroots);

/*
 * True if the kernel is told the same about both roles: the same roots with
 * the same rights, the same capabilities and the same options of mounts.  An
 * opener that was started for one of them can then go on with the other.
 * False also when memory is short.
 */
bool		 policy_roots_equal(const struct role *, const struct role *);

/*
 * The capabilities that a role's rules imply, for its opener.  None for a
 * role with `as user'.  Else:
 *
 *  - DAC_READ_SEARCH to read and list where the daemon's user could not;
 *  - DAC_OVERRIDE, in its place, if anything may be written, appended to or
 *    created.  It includes what the other is wanted for, and does not let
 *    open_by_handle_at(2) work;
 *  - CHOWN if anything may be created, for it belongs to the peer or to whom
 *    the rule says.  FOWNER is not needed: the mode is right from the start;
 *    times of access are left alone by the mount.
 */
uint32_t	 policy_caps(const struct role *);

#endif /* POLICY_ROOTS_H */
