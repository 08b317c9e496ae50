/*
 * template.h: paths in rules that differ from peer to peer: "%u" is the peer's
 * name, "%h" its home directory, "%%" a percent sign.
 *
 * ownrole.h fills in the rules of a role.  Until then, they are compiled for a
 * peer that cannot exist, so that they can be compared with each other.
 */

#ifndef POLICY_TEMPLATE_H
#define POLICY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEMPLATE_USER		0x1	/* %u */
#define TEMPLATE_HOME		0x2	/* %h */
#define TEMPLATE_PERCENT	0x4	/* %% */
#define TEMPLATE_ALL		0x7
/* What only the peer can fill in. */
#define TEMPLATE_VARS		(TEMPLATE_USER | TEMPLATE_HOME)

#define TEMPLATE_TEXT_MAX	16384	/* room for a pattern, filled in */

/*
 * What a pattern contains, TEMPLATE_*; or -1 with *why, a constant sentence.
 *
 * "%h" is at the beginning of a pattern, and whole components follow.  A
 * component with "%u" has no wildcard, which could match another user's name.
 * In a permit, no wildcard comes before it: the root would be everybody's.
 */
int		 template_parse(const char *pattern, bool permit,
		    const char **why);

/* Does the last component differ from peer to peer? */
bool		 template_is_own(const char *pattern);

/*
 * How many bytes of the path that was compiled for the peer that cannot exist
 * are the same for all peers, as whole components: "/home" of "/home/%u/x".
 * 0: none, it begins with %h, or %u is its first component.
 */
size_t		 template_common(const char *path);

/*
 * Write a pattern, filled in; what is filled in matches itself alone.  name
 * and home NULL: of the peer that cannot exist.  0, or -1: it does not fit.
 */
int		 template_fill(char dst[TEMPLATE_TEXT_MAX], const char *pattern,
		    const char *name, const char *home);

/* Write a path that was compiled for that peer as it was configured. */
void		 template_show(char dst[TEMPLATE_TEXT_MAX], const char *path);

#endif /* POLICY_TEMPLATE_H */
