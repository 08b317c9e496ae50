/*
 * load.h: read a configuration from its file, and check it.
 */

#ifndef LOAD_H
#define LOAD_H

struct conf;
struct confsys;

struct conf_macro {
	const char		*assignment;	/* "name=value", of -D */
	struct conf_macro	*next;
};

/*
 * Read a configuration.  The macros override those of the file; of two with the
 * same name the first in the list counts.  Every fault is logged with
 * log_warnx() as "file:line: text".  NULL if there was one: a user, group, root
 * or included file that does not exist is a fault, too.  The caller frees the
 * configuration with conf_free().
 */
struct conf	*conf_load(const char *file, const struct conf_macro *);

/*
 * Read a configuration to check it: conf_load() with what warn.h warns about.
 * A root that does not exist is logged, and does not stop the check.  *warnings
 * counts all warnings and missing roots, *missing the missing roots: if there
 * is one, the daemon does not accept the configuration.  A root that the caller
 * may not look at, since the caller is not root, is counted in *warnings only.
 */
struct conf	*conf_check(const char *file, const struct conf_macro *,
		    unsigned int *warnings, unsigned int *missing);

/* The same functions on another system than the real one. */
struct conf	*conf_load_from(const struct confsys *, const char *file,
		    const struct conf_macro *);
struct conf	*conf_check_from(const struct confsys *, const char *file,
		    const struct conf_macro *, unsigned int *warnings,
		    unsigned int *missing);

#endif /* LOAD_H */
