/*
 * roots.h: the directories beneath which an opener may do something, where
 * the process may as detached mount clones.
 */

#ifndef ROOTS_H
#define ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/rights.h"
#include "policy/roots.h"
#include "policy/tables.h"

struct role;

struct root {
	char	*path;		/* absolute, clean */
	int	 fd;		/* a mount clone, or O_PATH */
	bool	 clone;		/* detached; read-only unless writable */
	bool	 writable;	/* for POLICY_OPS_WRITING; else _READING */
	bool	 whole;		/* the rights are for all that is beneath it */
	uint32_t rights;	/* POLICY_OP_* */
};

/* A path whose root has the rights for it, and not for all that is beneath. */
struct root_name {
	char	*path;		/* absolute, clean */
	size_t	 root;		/* in the list: the directory that holds it */
	uint64_t ino;		/* when it was opened; 0: it was missing */
};

/* All zeros: empty. */
struct roots {
	struct root		*list;	/* for reading, then for writing */
	size_t			 n;	/* POLICY_ROOTS_MAX at most */
	struct root_name	*names;
	size_t			 nnames;	/* POLICY_NAMES_MAX at most */
};

struct confine_root;

/*
 * Open the roots of a role's rules and append them.  The root of a rule for a
 * single file is the directory that the file is in; the files of a directory
 * that have the same rights share it.  With clone, each root is a detached
 * recursive clone of the mounts there: nosuid, noexec, nosymfollow; read-only
 * unless it is for writing; nodev unless devices are permitted.  0, or -1 with
 * errno, and path (PROTO_PATH_MAX bytes) the root that failed.  E2BIG: the role
 * has more than POLICY_ROOTS_MAX or POLICY_NAMES_MAX, which the configuration
 * refuses, unless what was a file is a directory now.
 */
int	 roots_open(struct roots *, const struct role *, bool clone,
	    char *path);

/*
 * The root that path lies beneath, for some operations: the longest.  Several
 * roots may have the same path, as single files of one directory have it; of
 * these it is one with all the rights.  NULL if there is none.
 */
const struct root *roots_find(const struct roots *, const char *path,
	    uint32_t ops);

/* True if there are roots and all of them are clones. */
bool	 roots_are_clones(const struct roots *);

/* True if one of them is for writing. */
bool	 roots_write(const struct roots *);

/*
 * List what the kernel must allow, for confine_enter(); the caller frees the
 * array, which points into the roots.  What may be done with a file that a rule
 * names is allowed for the file as it is now, so that nothing else in its
 * directory can be opened; or, with by_directory, for all that is beneath its
 * directory, so that a file that replaces it can be opened, too.  NULL with
 * errno ENOMEM.
 */
struct confine_root *roots_allowed(const struct roots *, bool by_directory,
	    size_t *n);

/*
 * Was what is at this path now made after the roots were opened, so that
 * roots_allowed() does not allow it?
 */
bool	 roots_are_older(const struct roots *, const char *path,
	    const struct fdb_stat *);

/* Close and forget them. */
void	 roots_close(struct roots *);

#endif /* ROOTS_H */
