/*
 * conffake.h: read configurations in tests, on a system that is a table.
 */

#ifndef CONFFAKE_H
#define CONFFAKE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/load.h"
#include "conf/sys.h"

#define CONFFAKE_NAME		"/etc/fdbroker.conf"

/* A role with these lines, the first of which is line 2 of the file. */
#define ROLE(lines)	"role \"r\" {\n" lines "\n}\n"
#define GOOD		"peer user \"ann\"\npermit read \"/a\"\n"

/*
 * The lines that were logged since the last load.  conffake_setup() sets that
 * up.
 */
extern char	conffake_logged[65536];
int		 conffake_setup(void **state);

/*
 * Listing all numbers fails with this error, unless it is 0; one more user has
 * an account, unless that is 0.
 */
extern int	conffake_numbers_error;
extern uint32_t	conffake_more_users;
extern size_t	conffake_listed;	/* lists that were asked for */

/* A file; the last one in an array has no name. */
struct conffake_file {
	const char	*name, *text;
	size_t		 len;		/* 0: text is a string */
};

/*
 * A system with these files, a few users and groups, and paths some of which
 * are missing or links.
 */
struct confsys	 conffake_sys(const struct conffake_file *);

/*
 * Load CONFFAKE_NAME of these files, or a text under that name.
 * conffake_good() fails the test if there is anything to report.
 */
struct conf	*conffake_load_files(const struct conffake_file *,
		    const struct conf_macro *);
struct conf	*conffake_load(const char *text);
struct conf	*conffake_good(const char *text);

/* The text must be refused with these lines; "N: ..." is about its line N. */
void		 conffake_bad(const char *text, const char *expected);

#endif /* CONFFAKE_H */
