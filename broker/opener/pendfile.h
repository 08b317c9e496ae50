/*
 * pendfile.h: the files that a session makes and that have no name yet.  The
 * client has their numbers, and a descriptor for writing; the opener has
 * another one.
 */

#ifndef PENDFILE_H
#define PENDFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

/* ".fdbroker." and 16 digits. */
#define PENDFILE_NAME_MAX	32

struct pendfile {
	int		 fd;		/* -1: this slot is free */
	struct fdb_stat	 st;		/* as it was made */
	/*
	 * The request in which it was made.  Until the reply to that is sent,
	 * its descriptor is needed, whatever the request says further on.
	 */
	uint32_t	 born;
	uint32_t	 tried;		/* the last in which a thread has it */
	/*
	 * It has, or may have, bits or attributes that take `special', from a
	 * COMMIT that failed afterwards.
	 */
	bool		 special;
	/*
	 * Where a file must have a name: this one, in a directory that is held
	 * open.  Otherwise -1 and "".
	 */
	int		 dirfd;
	char		 name[PENDFILE_NAME_MAX];
};

struct pendfiles {
	struct pendfile	*slots;
	size_t			 size, used;
	size_t			 begun;	/* nobody has touched the rest yet */
};

/* A file that is to be made, in request `now'. */
void	 pendfile_begin(struct pendfile *, uint32_t now);

/* 0, or -1 with errno ENOMEM. */
int	 pendfile_init(struct pendfiles *, size_t size);
/* Drop all files. */
void	 pendfile_free(struct pendfiles *);

/*
 * Take a file over, with its descriptors.  Its number, or 0 with errno EMFILE;
 * it is dropped then.
 */
uint32_t pendfile_add(struct pendfiles *, const struct pendfile *);
/* The file of a number, made before request `now'; or NULL. */
struct pendfile *pendfile_find(struct pendfiles *, uint32_t number,
	    uint32_t now);
/* It has its name: close it. */
void	 pendfile_done(struct pendfiles *, struct pendfile *);
/* Close it, and remove its temporary name if it has one. */
void	 pendfile_drop(struct pendfiles *, struct pendfile *);

#endif /* PENDFILE_H */
