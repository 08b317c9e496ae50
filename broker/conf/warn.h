/*
 * warn.h: warn about what is valid but hardly intended.
 */

#ifndef CONFWARN_H
#define CONFWARN_H

struct conf;
struct confsys;

/*
 * Warn about rules that have no effect, about patterns that match nothing, and
 * about statements of roles that mean nothing, and if there is no role; file is
 * the name of the configuration.  Returns the number of warnings.
 */
unsigned int confwarn(const struct conf *, const struct confsys *,
	    const char *file);

#endif /* CONFWARN_H */
