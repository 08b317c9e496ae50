/*
 * pending.h: the files that a session makes and that have no name yet.  The
 * client has their numbers, and a descriptor for writing; the opener has
 * another one.
 */

#ifndef PENDING_H
#define PENDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"

/* ".fdbroker." and 16 digits. */
#define PENDING_NAME_MAX	32

struct pending_file {
	int		 fd;		/* -1: this slot is free */
	struct fdb_stat	 st;		/* as it was made */
	/*
	 * The request in which it was made.  Until the reply to that is sent,
	 * its descriptor is needed, whatever the request says further on.
	 */
	uint32_t	 born;
	/*
	 * Where a file must have a name: this one, in a directory that is held
	 * open.  Otherwise -1 and "".
	 */
	int		 dirfd;
	char		 name[PENDING_NAME_MAX];
};

struct pending {
	struct pending_file	*slots;
	size_t			 size, used;
};

/* 0, or -1 with errno ENOMEM. */
int	 pending_init(struct pending *, size_t size);
/* Drop all files. */
void	 pending_free(struct pending *);

/*
 * Take a file over, with its descriptors.  Its number, or 0 with errno EMFILE;
 * it is dropped then.
 */
uint32_t pending_add(struct pending *, const struct pending_file *);
/* The file of a number, made before request `now'; or NULL. */
struct pending_file *pending_find(struct pending *, uint32_t number,
	    uint32_t now);
/* It has its name: close it. */
void	 pending_done(struct pending *, struct pending_file *);
/* Close it, and remove its temporary name if it has one. */
void	 pending_drop(struct pending *, struct pending_file *);

#endif /* PENDING_H */
