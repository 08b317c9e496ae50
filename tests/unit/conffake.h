/*
 * conffake.h: configurations of the tests, of a system that is a table.
 */

#ifndef CONFFAKE_H
#define CONFFAKE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/sys.h"

#define CF_NAME		"/etc/fdbroker.conf"

/* A role with some lines in it, on line 2 and after. */
#define ROLE(lines)	"role \"r\" {\n" lines "\n}\n"
#define GOOD		"peer user \"ann\"\npermit read \"/a\"\n"

/* What was logged since the last load, one line each; cf_setup() begins. */
extern char	cf_logged[65536];
int		 cf_setup(void **state);

/* The files that there are; the last has no name. */
struct cf_file {
	const char	*name, *text;
	size_t		 len;		/* 0: of the text as a string */
};

/* The functions of the system. */
int	 cf_read(void *arg, const char *path, char **text, size_t *len,
	    char *why);
int	 cf_list(void *arg, const char *path, char ***names, char *why);
int	 cf_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid);
int	 cf_group(void *arg, const char *name, uint32_t *gid);
int	 cf_root(void *arg, const char *path, char link[PATH_MAX],
	    char real[PATH_MAX]);

/* Load CF_NAME of these files, or a text as it; cf_good() must succeed. */
struct conf	*cf_load_files(const struct cf_file *,
		    const struct conf_macro *);
struct conf	*cf_load(const char *text);
struct conf	*cf_good(const char *text);

/* The text must be refused with these lines; "N: ..." is line N of it. */
void		 cf_bad(const char *text, const char *expected);

#endif /* CONFFAKE_H */
