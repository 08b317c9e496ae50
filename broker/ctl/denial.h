/*
 * denial.h: what a denial or refusal that the daemon remembers was about.
 */

#ifndef CTL_DENIAL_H
#define CTL_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/control.h"
#include "policy/decide.h"

struct rule;

enum denial_kind {
	DENIAL_RULE,		/* a rule denies it */
	DENIAL_NO_RULE,		/* no rule permits it */
	DENIAL_SPECIAL,		/* a FIFO or device, without special */
	DENIAL_ROOTS,		/* above all roots, only a way to them */
	DENIAL_OPTION,		/* an option of the role denies it */
	DENIAL_OBJECT,		/* policy, because of the object itself */
	DENIAL_LINK,		/* a symbolic link that is not followed */
	DENIAL_OUTSIDE,		/* it leads out of the root */
	DENIAL_KERNEL,		/* the kernel refused it */
	DENIAL_LIMIT,		/* a limit was reached */
	DENIAL_TYPE,		/* this type of file cannot be opened */
	DENIAL_NAME		/* the request itself is not allowed */
};

enum denial_kind denial_kind(const struct event_record *);

/* Can a rule permit what was denied like this? */
bool	 denial_wants_rule(enum denial_kind);

/*
 * Decode the path of a record.  0, or -1: the path was too long and is cut
 * off, or it is not absolute and clean.
 */
int	 denial_path(const struct event_record *, char dst[EVENT_PATH_MAX]);

/*
 * Write the pattern of a rule for the path, quoted as in fdbroker.conf(5); or,
 * with files_of, for everything directly in the directory at path.  A byte
 * that is not printable ASCII becomes "?", and *any is set.  0, or -1: no
 * pattern can be written for the path.
 */
#define DENIAL_PATTERN_MAX	(8 * EVENT_PATH_MAX)
int	 denial_pattern(char dst[DENIAL_PATTERN_MAX], const char *path,
	    bool files_of, bool *any);
/*
 * The same for a role whose paths have %h: what is beneath the user's home
 * directory begins with that, so that the rule is about no other user's.  home
 * may be NULL.
 */
int	 denial_pattern_of(char dst[DENIAL_PATTERN_MAX], const char *path,
	    const char *home, bool files_of, bool *any);

/* The operations that a rule must name to permit what a record is about. */
uint32_t denial_wanted(const struct event_record *);

/*
 * The first deny with a label that a permit of these operations for the path
 * would override at the end of the role: the deny covers the path or, with
 * beneath, something beneath it.  NULL: there is none.
 */
const struct rule *denial_labelled(const struct role *, uint32_t ops,
	    const char *path, bool beneath);
/*
 * The same for a permit of what is directly in a directory.  A deny may be
 * returned that in the end concerns nothing there.
 */
const struct rule *denial_labelled_in(const struct role *, uint32_t ops,
	    const char *dir);

/*
 * Does the role permit all of these operations?  A path that may be entered,
 * as a directory, counts as one that may be listed.
 */
struct verdict denial_decide(const struct role *, uint32_t ops,
	    const char *path);

/*
 * Does the role permit now what was denied?  A directory above all roots must
 * be permitted itself: that it may be entered gives an opener no root there.
 */
struct verdict denial_decide_again(const struct role *,
	    const struct event_record *, const char *path);

/* Write a set of operations as "read, list". */
void	 denial_ops(uint32_t ops, char *dst, size_t size);

#endif /* CTL_DENIAL_H */
