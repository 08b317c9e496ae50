/*
 * roots.h: the directories beneath which an opener may do something, where
 * the process may as detached mount clones.
 */

#ifndef ROOTS_H
#define ROOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fskind.h"
#include "base/rights.h"
#include "policy/roots.h"
#include "policy/tables.h"

struct role;

struct root {
	char	*path;		/* absolute, clean */
	int	 fd;		/* a mount clone, or O_PATH; -1: gone */
	bool	 clone;		/* detached; read-only unless writable */
	bool	 writable;	/* for POLICY_OPS_WRITING; else _READING */
	uint32_t rights;	/* POLICY_OP_* */
	/* The spelling of names beneath it does not matter to the rules. */
	bool	 alike;
	bool	 lists;		/* it must be read because of spelling */
	enum fskind kind;	/* of its directory, or FSKIND_UNASKED */
};

/* All zeros: empty. */
struct roots {
	struct root	*list;	/* for reading first, then for writing */
	size_t		 n;	/* POLICY_ROOTS_MAX at most */
	size_t		 nnamed;	/* files; POLICY_NAMES_MAX at most */
	bool		 whole;		/* a rule is about a directory */
};

struct confine_root;

/*
 * Open the roots of a role's rules and append them.  The root of a rule for a
 * single file is the directory that the file is in, so that the file may be
 * made or replaced; the files of a directory that have the same rights share
 * it.  With clone, each root is a detached recursive clone of the mounts there:
 * nosuid, noexec, nosymfollow; read-only unless it is for writing; nodev unless
 * devices are permitted.  0, or -1 with errno, and path (PROTO_PATH_MAX bytes)
 * the root that failed.  E2BIG: the role has more than POLICY_ROOTS_MAX or
 * POLICY_NAMES_MAX, which the configuration refuses, unless what was a file is
 * a directory now.
 *
 * What was a directory when the configuration was read and is not there, or is
 * a file now, becomes a root without a descriptor: nothing is found beneath it,
 * and the directory above is not opened in its place.
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

/*
 * May many files be opened beneath them?  False: the rules name a few files,
 * none of which was a directory.
 */
bool	 roots_are_many(const struct roots *);

struct spelling;

/*
 * Once they are open: ask for the kinds of their file systems, where it matters
 * or cannot be asked later, and note which must be read.  Before
 * roots_allowed().
 */
void	 roots_ask_kinds(struct roots *, const struct role *,
	    struct spelling *);

/*
 * Note beneath which roots the spelling of names matters to the rules of a
 * role.  False if it matters beneath none.
 */
bool	 roots_judge(struct roots *, const struct role *);

/*
 * True if the names beneath one of the roots matter now, and did not when its
 * rights were given, so that it cannot be read.
 */
bool	 roots_are_blind(const struct roots *);

/* True if there are roots and all that are there are clones. */
bool	 roots_are_clones(const struct roots *);

/* True if one of them is for writing. */
bool	 roots_write(const struct roots *);
/* True if one of them is for POLICY_OPS_RESTORING. */
bool	 roots_restore(const struct roots *);

/*
 * List what the kernel must allow beneath each root, for confine_enter(); the
 * caller frees the array, which points into the roots.  NULL with errno ENOMEM.
 */
struct confine_root *roots_allowed(const struct roots *, size_t *n);

/* Close and forget them. */
void	 roots_close(struct roots *);

#endif /* ROOTS_H */
