/*
 * contents.h: what becomes of a file while its contents are read.
 */

#ifndef CONTENTS_H
#define CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/entry.h"
#include "sandbox/reporter.h"

#define CONTENTS_BLOCK	65536	/* bytes of a buffer */

/* What tells that a file has changed. */
struct version {
	uint64_t	 size;
	int64_t		 mtime, ctime;
	uint32_t	 mtime_nsec, ctime_nsec;
};

struct version	 contents_version(const struct fdb_stat *);
/* The version that is there now.  0, or -1 with errno. */
int		 contents_version_now(int fd, struct version *);
bool		 contents_version_equal(const struct version *,
		    const struct version *);

/* Let an entry have the size and the times of a version. */
void		 contents_apply(const struct version *, struct entry *);

/* The outcome of reading a file. */
struct contents {
	uint64_t	 size;		/* that is stored */
	uint64_t	 got;		/* bytes read */
	int		 error;		/* errno of read(2), or 0 */
	int		 stat_error;	/* of fstat(2) afterwards, or 0 */
	bool		 more;		/* than were promised */
	bool		 changed;	/* while it was read */
};

/* All was read that was promised: compare the file with what it was. */
void		 contents_check(struct contents *, int fd,
		    const struct version *before);

/*
 * A large file was stored: true if it changed meanwhile and should be stored
 * again, as the version *v.  For that, one reading must find it unchanged: a
 * file that is written all the time must not fill the archive.  Each reading is
 * one of *retries; buf has CONTENTS_BLOCK bytes for it.
 */
bool		 contents_settled(const struct contents *, int fd,
		    unsigned int *retries, uint8_t *buf, struct version *v);

/*
 * Report a file that is not stored as it is.  grows: it is our own log, which
 * changes as we write to it.  1: it is stored as it is; 0; -1: the run fails.
 */
int		 contents_report(struct reporter *, const char *name,
		    const struct contents *, bool grows);

/* A small file, and how to read it. */
struct contents_small {
	int		 fd;
	unsigned int	 retries;	/* if it changes */
	bool		 on_disk;	/* its size does not lie */
};

/*
 * Read a small file, again if it changes meanwhile.  buf has max bytes, more
 * than the file has; how->more: that turns out to be too little.  *v is the
 * version before, then the one that was read.
 */
void		 contents_small(const struct contents_small *, uint8_t *buf,
		    size_t max, struct version *v, struct contents *how);

/*
 * Fill the next len bytes of a large file, which has *ended if it has an error
 * or has become shorter: zeros then.
 */
void		 contents_large(int fd, uint8_t *buf, size_t len,
		    struct contents *how, bool *ended);

#endif /* CONTENTS_H */
