/*
 * warn_role.h: warn about statements of a role, other than its rules, that
 * mean nothing.
 */

#ifndef CONFWARN_ROLE_H
#define CONFWARN_ROLE_H

struct conf;
struct role;

/* Returns the number of warnings. */
unsigned int confwarn_role(const struct conf *, const struct role *);

#endif /* CONFWARN_ROLE_H */
