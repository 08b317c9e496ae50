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

/*
 * The directories that an opener holds open for a role, for reading and for
 * writing together; and the roots whose directory it holds because a rule
 * names a file there.
 */
#define POLICY_ROOTS_MAX	200
#define POLICY_NAMES_MAX	20000

/*
 * A path beneath which the kernel lets an opener do something.
 *
 * The path is the part of a permit's pattern before its first wildcard, or the
 * whole pattern if it has none.  The rights are the operations of all permits
 * whose paths in this sense are at or above the root.  A role has two lists of
 * roots: one with the operations of POLICY_OPS_READING, for read-only clones,
 * and one with those of POLICY_OPS_WRITING, for writable ones.  Both have
 * SPECIAL, which allows devices, on roots that have another right, too.
 *
 * The path may be a file's, or for a permit of CREATE one that does not exist
 * yet: whoever opens the root then opens the directory that holds it.  But what
 * was a directory when the configuration was read must be one: the directory
 * above it is no substitute.  Files of one directory that have the same rights
 * share that directory: see policy_root_held().
 *
 * If the rules permit an operation at a path, then the longest root at or above
 * that path in the operation's list has the right.  A root with the same
 * rights as the next root above it is left out, but not in a role with option
 * one-filesystem, since it may be on another file system.
 */
struct policy_root {
	char		*path;
	uint32_t	 rights;	/* POLICY_OP_* */
	bool		 directory;	/* when the configuration was read */
};

/*
 * List the roots for POLICY_OPS_READING or POLICY_OPS_WRITING, sorted, parents
 * first.  *roots is an array of *nroots, which the caller frees with
 * policy_roots_free().  0, or -1 with errno ENOMEM.
 */
int		 policy_roots(const struct role *, uint32_t ops,
		    struct policy_root **roots, size_t *nroots);
void		 policy_roots_free(struct policy_root *, size_t nroots);

/*
 * What an opener holds open for a root: a directory, which the first bytes of
 * the root's path name.  How many bytes: all of them if the path is a
 * directory, fewer if it is a named file, which need not exist.
 */
size_t		 policy_root_held(const struct policy_root *,
		    bool is_directory);

/*
 * Count what an opener needs for the roots: the different directories that it
 * holds, counting one for each set of rights there, and the named files.
 * is_directory() says which paths are directories.  0, or -1 with errno ENOMEM.
 */
int		 policy_roots_count(const struct policy_root *, size_t nroots,
		    bool (*is_directory)(void *arg, const char *path),
		    void *arg, size_t *directories, size_t *names);

/*
 * True if the kernel is told the same about both roles: the same roots with
 * the same rights, the same capabilities and the same options of mounts.  An
 * opener that was started for one of them can then go on with the other.
 * False also when memory is short.
 */
bool		 policy_roots_equal(const struct role *, const struct role *);

/*
 * True if the rules treat everything beneath the path alike, so that they need
 * not know the names there: each rule covers all of it or nothing at all.
 */
bool		 policy_roots_alike(const struct role *, const char *path);

/*
 * The capabilities that an opener of the role keeps, RIGHTS_CAP_*.  With `as
 * user' it keeps none.  Otherwise:
 *
 *  - DAC_READ_SEARCH, to read and list where the daemon's user could not;
 *  - DAC_OVERRIDE in its place, if the role may write, append or create.  It
 *    includes the right to read and search, but open_by_handle_at(2) does not
 *    accept it;
 *  - CHOWN, if the role may make files, directories or links: they belong to
 *    the peer, or to the owner and group that the rule names; or if a rule of
 *    SETMETA says `owner any' or `owner by-name';
 *  - FOWNER, if the role may set metadata, since the owner comes first;
 *  - with SPECIAL besides, FSETID for a set-group-ID bit, SETFCAP for
 *    capabilities of files, MKNOD for devices.
 */
uint32_t	 policy_caps(const struct role *);

/* The operations that the role's rules permit anywhere. */
uint32_t	 policy_ops_of(const struct role *);

#endif /* POLICY_ROOTS_H */
