/*
 * fill.h: the members of an archive and their contents, put into the slabs that
 * the later stages of create get.
 */

#ifndef FILL_H
#define FILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "common/entry.h"
#include "common/job.h"
#include "sandbox/contents.h"
#include "sandbox/reporter.h"

struct readers_file;

/* All zeros: a run that fills no slabs. */
struct fill {
	const struct job	*job;
	struct reporter		*rep;
	struct owners		*owners;
	struct pipeline		*pipeline;	/* whose first stage this is */
	struct region		*regions;	/* of the file being read */
	uint8_t			*block;		/* CONTENTS_BLOCK bytes */
	struct readers		*readers;	/* or NULL: no threads read */
	/* The next file was read already; NULL: it was not. */
	const struct readers_file *was_read;
	/* Members are in directories that came before others. */
	bool			 late;
};

/*
 * Unless something else is said, these return 0; or -1: the archive cannot be
 * completed, which was reported.
 */

/* Before the process is confined; ahead: threads read small files ahead. */
int	 fill_init(struct fill *, const struct job *, struct reporter *,
	    bool ahead);
void	 fill_clear(struct fill *);

/* Start the threads.  0, or -1 with errno. */
int	 fill_start(struct fill *);
/* Let no threads read ahead. */
void	 fill_alone(struct fill *);

/* Is the file the one that the run itself writes or replaces? */
bool	 fill_is_own(const struct job_file *own, const struct fdb_stat *);

/* 1; 0: the member's names are too long, which was reported; -1. */
int	 fill_names_fit(struct fill *, const struct entry *);

/*
 * A member without contents, whose names fit; purge: a directory had this name.
 */
int	 fill_plain(struct fill *, struct entry *, bool purge);

/*
 * Let the manifest have a line, with a mark, and nothing else.  The entry has
 * the strings that the line's record needs.
 */
int	 fill_line(struct fill *, struct entry *, const char *line,
	    const char *mark);

/* A regular file.  1: it is stored as it is; 0: not, which was reported; -1. */
int	 fill_contents(struct fill *, struct entry *, const struct fdb_stat *,
	    int fd);

/* May threads read this regular file ahead, and how? */
bool	 fill_may_read(struct fill *, const struct fdb_stat *, int fd,
	    struct contents_small *how);

/*
 * True for a file that fill_direct() may store.  One with other names is not:
 * what is linked to it must be known to be whole.  Nor is one that may have
 * holes.
 */
bool	 fill_is_direct(const struct fill *, const struct fdb_stat *);

/*
 * Let the last stage copy a large file that nobody needs to look at.  Takes
 * over the descriptor.
 */
int	 fill_direct(struct fill *, struct entry *, const struct fdb_stat *,
	    int fd);

#endif /* FILL_H */
