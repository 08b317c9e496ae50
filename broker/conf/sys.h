/*
 * sys.h: the system as a configuration needs it: files, accounts, and the paths
 * of roots.  Tests and fuzzers replace it.
 */

#ifndef CONFSYS_H
#define CONFSYS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFSYS_WHY_MAX	256		/* room for a reason, with its NUL */
#define CONFSYS_FILE_MAX (16 * 1024 * 1024)	/* bytes in a file */

struct glob;
struct idset;

struct confsys {
	/*
	 * Read a configuration file.  The caller frees *text.  0, or -1 and
	 * the reason in why.
	 */
	int	(*read)(void *arg, const char *path, char **text, size_t *len,
		    char why[CONFSYS_WHY_MAX]);
	/*
	 * List the files in a directory that an include reads: those whose
	 * names end with ".conf" and do not begin with a dot, in the order of
	 * strcmp(3), with a NULL at the end.  The caller frees the names and
	 * the array.  1; or 0 if path is no directory or does not exist; or -1
	 * and the reason in why.
	 */
	int	(*list)(void *arg, const char *path, char ***names,
		    char why[CONFSYS_WHY_MAX]);
	/*
	 * Look up an account by name or, in digits, by id.  0, or -1 with
	 * errno: ENOENT, or why the lookup failed.
	 */
	int	(*user)(void *arg, const char *name, uint32_t *uid,
		    uint32_t *gid);
	int	(*group)(void *arg, const char *name, uint32_t *gid);
	/*
	 * List the numbers of all users, or of all groups.  The caller frees
	 * the set.  0, or -1 with errno.  NULL: nobody can say.
	 */
	int	(*numbers)(void *arg, bool groups, struct idset *);
	/*
	 * Look at an absolute, clean path.  1 if it exists and no component is
	 * a symbolic link; 0 if one is: link is then the first such link, and
	 * real the path without links, or "" if that does not exist; or -1
	 * with errno.
	 */
	int	(*root)(void *arg, const char *path, char link[PATH_MAX],
		    char real[PATH_MAX]);
	/* Is an absolute path that of a directory?  False if it is missing. */
	bool	(*is_directory)(void *arg, const char *path);
	/*
	 * Find a directory in the directory `path' that the pattern covers,
	 * and store its path.  False if there is none, if the pattern covers
	 * anything else there, or if that cannot be known.  NULL: do not look.
	 */
	bool	(*directories)(void *arg, const char *path,
		    const struct glob *, char found[PATH_MAX]);
	/*
	 * Can the daemon write its audit, or have its sockets, at an absolute,
	 * clean path?  0, or -1 and the reason in why.  NULL: do not look.  A
	 * daemon that starts looks at its run directory by itself.
	 */
	int	(*audit)(void *arg, const char *path,
		    char why[CONFSYS_WHY_MAX]);
	int	(*rundir)(void *arg, const char *path,
		    char why[CONFSYS_WHY_MAX]);
	void	*arg;
	/*
	 * The file is one role: what has other braces is not read on, so no
	 * macro, include or role can be in it.  For texts of clients.
	 * statements: the list of what the role can have, for messages.
	 */
	bool	 one_role;
	const char	*statements;
	/*
	 * The rules narrow a role's: one that says nothing of owners leaves
	 * them as they are.
	 */
	bool	 narrows;
};

/*
 * The real system.  A file is read only if it is a regular file, owned by root
 * or the caller, that neither its group nor others may write.  The same is
 * demanded of the owner and mode of a directory.
 */
extern const struct confsys confsys_real;

/* What to say then. */
#define CONFSYS_FOREIGN	"it has other files in it, such as %s; expected a " \
			"directory of the daemon's own"

/*
 * Does an open directory have entries, and is it no run directory of a daemon?
 * A daemon removes sockets there and sets the mode.  name is then an entry.
 */
bool	 confsys_is_foreign(int dirfd, char name[CONFSYS_WHY_MAX]);

#endif /* CONFSYS_H */
