/*
 * output.h: the files that the controller opens: the archive, the log,
 * temporary files.
 */

#ifndef OUTPUT_H
#define OUTPUT_H

#include <sys/types.h>
#include <sys/stat.h>

#include <stdbool.h>

#include "common/job.h"

#define OUTPUT_NAME_MAX	64	/* room for a temporary name, with its NUL */
#define OUTPUT_WHY_MAX	256	/* room for a message, with its NUL */

/* An archive that is being written. */
struct output {
	int		 fd;		/* -1: none */
	int		 dirfd;		/* where it will be, or -1 */
	const char	*path;		/* as on the command line */
	char		*dir;
	const char	*base;		/* its name in dir */
	char		 temporary[OUTPUT_NAME_MAX];	/* "": it has none */
	mode_t		 mode;		/* that it will have */
	struct job_file	 own;		/* itself */
	struct job_file	 previous;	/* what has its name now */
};

void	 output_init(struct output *);

/*
 * Open what is to be written, but for a regular file, which output_create()
 * makes.  A device or FIFO that is there is written to directly, and may let
 * us wait; "-" is standard output.  0, or -1 and why, of OUTPUT_WHY_MAX
 * bytes, says why.
 */
int	 output_open(struct output *, const char *path, char *why);

/*
 * Make the regular file, if it is to be one.  It gets its name, and its mode,
 * only by output_commit().  0, or -1 as above.
 */
int	 output_create(struct output *, char *why);

/* Make it durable and give it its name.  0, or -1 as above. */
int	 output_commit(struct output *, char *why);

/* Close; what was not committed is gone. */
void	 output_close(struct output *);

/* An archive to be read; "-" is standard input.  A descriptor, or -1. */
int	 output_open_input(const char *path, char *why);

/* The log.  A descriptor, or -1. */
int	 output_open_log(const struct log_target *, char *why);

/*
 * A temporary file without a name, in dir, or, if that is NULL, in $TMPDIR or
 * /tmp.  A descriptor, or -1.
 */
int	 output_open_spool(const char *dir, char *why);

/* What descriptor fd refers to, if it is a regular file. */
void	 output_identify(int fd, struct job_file *);

/* Remove the socket that a hand-off left, if it is there and is one. */
void	 output_remove_socket(const char *path);

#endif /* OUTPUT_H */
