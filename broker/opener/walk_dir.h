/*
 * walk_dir.h: the directories that a walk is in, and the entries of the one
 * that it reads.
 *
 * A directory is read in parts, so that memory does not depend on its size. Of
 * a part that was dealt with, only the subdirectories are kept.
 */

#ifndef WALK_DIR_H
#define WALK_DIR_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "opener/resolve.h"

/* A part of a directory has at most so many entries and bytes of names. */
#define WALK_DIR_NAMES		16384
#define WALK_DIR_BYTES		1048576
/*
 * Once the subdirectories that wait take this much memory, parts are small:
 * then a level of the tree takes little more than its name does.
 */
#define WALK_DIR_PENDING	33554432
#define WALK_DIR_NAMES_SMALL	16

/* A walk holds at most so many directories open, and reopens others. */
#define WALK_DIR_OPEN		32
#define WALK_DIR_OPEN_MIN	4

struct walk_name {
	uint64_t	 ino;
	uint32_t	 at;		/* in names */
	uint16_t	 len;
	uint8_t		 type;		/* DT_* */
};

/* The part that was read last. */
struct walk_part {
	struct walk_name	*list, *spare;	/* WALK_DIR_NAMES */
	char			*names;		/* terminated; WALK_DIR_BYTES */
	char			*dents;		/* WALK_DIR_DENTS */
	size_t			 n, next;	/* in list */
	size_t			 len;		/* of names */
};

struct walk_dir {
	int		 fd;		/* -1: closed for now */
	uint32_t	 dev_major, dev_minor;	/* what it is */
	uint64_t	 ino;
	int64_t		 btime;
	uint32_t	 btime_nsec;
	off_t		 pos;		/* of the next entry to read */
	bool		 seek;		/* fd is not at pos */
	bool		 eof;		/* nothing is left to read */
	int		 error;		/* errno of reading it, or 0 */
	char		*subs;		/* names of subdirectories, each with */
	size_t		 nsubs, sub;	/* its NUL; bytes, and the next one */
	uint64_t	 hidden;	/* entries that the policy denies */
};

/* All zeros: none. */
struct walk_dirs {
	struct walk_dir	*list;		/* from the start down */
	size_t		 n, size;
	size_t		 nopen, maxopen;
	size_t		 pending;	/* bytes of all subs */
	struct walk_part part;
};

/* Make room for the part.  0, or -1 with errno ENOMEM. */
int	 walk_dir_init(struct walk_dirs *, size_t maxopen);
void	 walk_dir_free(struct walk_dirs *);

/*
 * Enter a directory, whose descriptor is taken over.  0, or -1 with errno
 * ENOMEM, and the descriptor is closed.
 */
int	 walk_dir_push(struct walk_dirs *, int fd, const struct fdb_stat *);
/* Leave the last one. */
void	 walk_dir_pop(struct walk_dirs *);
struct walk_dir *walk_dir_top(const struct walk_dirs *);

/*
 * The descriptor of the last directory, which stays the walk's.  If it was
 * closed, it is opened again, from the start down: path is the path of the last
 * directory, from the start, without a leading slash.  -1 with errno: ESTALE
 * (another directory stands there), or of openat2(2).
 */
int	 walk_dir_fd(struct walk_dirs *, const struct resolve_at *,
	    const char *path);

/*
 * Read the next part of the last directory, whose descriptor is open, sorted by
 * inode number.  0, or -1 with errno; what was read before is in the part.
 */
int	 walk_dir_read(struct walk_dirs *);

/*
 * Forget the part but for the entries of type DT_DIR, which are kept as the
 * subdirectories of the last directory.  0, or -1 with errno ENOMEM.
 */
int	 walk_dir_keep_subs(struct walk_dirs *);
/* The next subdirectory, or NULL after the last one, and they are freed. */
const char *walk_dir_next_sub(struct walk_dirs *);
/* Forget what is left of the part and of the subdirectories. */
void	 walk_dir_drop(struct walk_dirs *);

#endif /* WALK_DIR_H */
