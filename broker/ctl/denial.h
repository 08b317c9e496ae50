/*
 * denial.h: what a denial that the daemon remembers was about.
 */

#ifndef CTL_DENIAL_H
#define CTL_DENIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/control.h"
#include "policy/decide.h"

enum denial_kind {
	DENIAL_RULE,		/* a rule said no */
	DENIAL_NO_RULE,		/* none said yes */
	DENIAL_SPECIAL,		/* a FIFO or device, and none said special */
	DENIAL_ROOTS,		/* a way to elsewhere, above all roots */
	DENIAL_OPTION,		/* an option of the role */
	DENIAL_OBJECT,		/* policy, for what the object is */
	DENIAL_KERNEL,
	DENIAL_LIMIT,
	DENIAL_TYPE,
	DENIAL_NAME
};

enum denial_kind denial_kind(const struct event_record *);

/* Can a rule permit what was denied in this way? */
bool	 denial_wants_rule(enum denial_kind);

/*
 * The path that was asked for, decoded.  0, or -1: it was cut because it was
 * too long, or is not absolute and clean.
 */
int	 denial_path(const struct event_record *, char dst[EVENT_PATH_MAX]);

/*
 * The pattern that a permit of the path has, quoted for fdbroker.conf(5); or,
 * files_of, one for all that is directly in the directory at path.  A byte
 * that is not printable ASCII is a "?", and *any is true then.  0, or -1: the
 * path cannot be written as a pattern.
 */
#define DENIAL_PATTERN_MAX	(8 * EVENT_PATH_MAX)
int	 denial_pattern(char dst[DENIAL_PATTERN_MAX], const char *path,
	    bool files_of, bool *any);

/* The operations that a permit must name. */
uint32_t denial_wanted(const struct event_record *);

/*
 * Does the role permit all of these operations?  A directory may be listed if
 * it may be entered.
 */
struct verdict denial_decide(const struct role *, uint32_t ops,
	    const char *path);

/*
 * What the role says now about a request that was denied.  That a directory
 * above all roots may be entered is not enough: no opener has it.
 */
struct verdict denial_decide_again(const struct role *,
	    const struct event_record *, const char *path);

/* "read, list" for a set of operations. */
void	 denial_ops(uint32_t ops, char *dst, size_t size);

#endif /* CTL_DENIAL_H */
