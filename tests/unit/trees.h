/*
 * trees.h: let the walk of the worker run over fake trees.
 *
 * trees.c has the functions of the library and of create.h that walk.c calls:
 * a session that walks a tree, or sends the results of a script, and an archive
 * that logs what is stored and reported.  Each result of a regular file has a
 * descriptor of its own, so that one that is not closed is found.
 */

#ifndef TREES_H
#define TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "common/buf.h"

#define TREES_QUEUE_MAX	512	/* walks in flight */
#define NEVER		SIZE_MAX

/* A file of a tree. */
struct tree_file {
	char		 name[32];
	uint32_t	 mode;
	int		 error;		/* of its entry */
	enum fdb_reason	 reason;
	int		 leave_error;	/* of its end, if it is a directory */
	enum fdb_reason	 leave_reason;
	uint64_t	 hidden;	/* names in it, by policy */
	bool		 changes;	/* while it is read */
	bool		 hides;		/* the same, but puts its time back */
	enum fdb_skip	 skip;		/* it is left out */
	const char	*target;	/* of a link */
	struct tree_file *child, *last, *next;	/* in the order of results */
};

/* The session. */
struct trees_session {
	struct tree_file *root;
	size_t		 window;

	const struct fdb_result *script;	/* sent in place of trees */
	size_t		 nscript;
	bool		 fd_always;	/* with each result */
	size_t		 results;	/* that were sent */
	size_t		 dies_after;	/* this many results */
	int		 walk_errno;	/* of fdb_walk() */
	const char	*why;		/* of fdb_session_error() */
};
extern struct trees_session	 fake;

/* The archive, as create.h has it. */
struct trees_archive {
	struct buf	 log;		/* what was stored and reported */
	size_t		 calls;		/* of create.h */
	size_t		 fails_after;	/* this many calls */
	size_t		 longest;	/* name */
	bool		 quiet;		/* count only */
	const uint64_t	*left;		/* directories to look at again */
	const struct buf *attributes;	/* of the next members */
	struct readers	*readers;	/* if READING_WAITS is defined */
};
extern struct trees_archive	 archive;

/* Forget the tree, the session and the archive. */
void	 trees_reset(size_t window);
/* The same, and plant /d/{f,s/{g,l@}}, /e/h, /k. */
void	 trees_plant(size_t window);

/* A new file, the last one in its parent. */
struct tree_file *trees_file(struct tree_file *parent, const char *name,
	    uint32_t mode);
/* Random files in a directory. */
void	 trees_grow(struct tree_file *dir, int depth);
/* The file with a clean path relative to a directory, or NULL. */
struct tree_file *trees_find(struct tree_file *dir, const char *path);
/* The file at a path, which is there. */
struct tree_file *trees_at(const char *path);
/* Let the file, or the rest of a directory, fail. */
void	 trees_refuse(const char *path, int error, enum fdb_reason);
void	 trees_refuse_rest(const char *path, int error, enum fdb_reason);

/* Walk a list of paths, which ends with NULL, or n; no descriptor is left. */
int	 trees_run(const char *const *names);
int	 trees_run_paths(const char *const *names, size_t n);
/* Compare what was stored and reported, and forget it. */
void	 trees_log(const char *want);
/* Walk: it succeeds, and this was stored and reported. */
void	 trees_walk(const char *const *names, const char *want);
/* The results of a broker that is hostile end the run with a reason. */
void	 trees_script(const struct fdb_result *script, size_t n,
	    const char *want);

#endif /* TREES_H */
