/*
 * sys.h: what reading a configuration asks of the system: files, accounts
 * and what is at a path.  Tests and fuzzers answer instead of it.
 */

#ifndef CONFSYS_H
#define CONFSYS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define CONFSYS_WHY_MAX	256		/* room for a reason, with its NUL */
#define CONFSYS_FILE_MAX (16 * 1024 * 1024)	/* bytes in a file */

struct confsys {
	/*
	 * The contents of a configuration file, to be freed by the caller.
	 * 0, or -1 and why says why not.
	 */
	int	(*read)(void *arg, const char *path, char **text, size_t *len,
		    char why[CONFSYS_WHY_MAX]);
	/*
	 * If path is a directory, 1 and the names of the files in it that are
	 * included, sorted by strcmp(3), with a NULL at the end, all to be
	 * freed by the caller: those that end in ".conf" and do not begin with
	 * a dot.  0 if it is something else or not there, or -1 and why.
	 */
	int	(*list)(void *arg, const char *path, char ***names,
		    char why[CONFSYS_WHY_MAX]);
	/* An account by name or, in digits, by id.  0, or -1: ENOENT... */
	int	(*user)(void *arg, const char *name, uint32_t *uid,
		    uint32_t *gid);
	int	(*group)(void *arg, const char *name, uint32_t *gid);
	/*
	 * Is path, absolute and clean, there, and no symbolic link on the way
	 * to it or at its end?  1: yes.  0: link is the first such link, and
	 * real what path resolves to, or "" if to nothing.  -1: errno.
	 */
	int	(*root)(void *arg, const char *path, char link[PATH_MAX],
		    char real[PATH_MAX]);
	void	*arg;
};

/*
 * The real thing.  A file is read if it is a regular file, owned by root or
 * the caller, that neither group nor others may write; so is a directory.
 */
extern const struct confsys confsys_real;

#endif /* CONFSYS_H */
