/*
 * warn.h: what is no fault in a configuration, and hardly meant.
 */

#ifndef CONFWARN_H
#define CONFWARN_H

struct conf;
struct confsys;

/*
 * Warn about rules that never decide, and about denies that name a symbolic
 * link.  Returns the number of warnings.
 */
unsigned int confwarn(const struct conf *, const struct confsys *);

#endif /* CONFWARN_H */
