/*
 * warn.h: warn about rules that are valid but hardly intended.
 */

#ifndef CONFWARN_H
#define CONFWARN_H

struct conf;
struct confsys;

/*
 * Warn about rules that have no effect, and about denies of paths with a
 * symbolic link.  Returns the number of warnings.
 */
unsigned int confwarn(const struct conf *, const struct confsys *);

#endif /* CONFWARN_H */
