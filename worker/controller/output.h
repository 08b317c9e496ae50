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

#define OUTPUT_NAME_MAX	64	/* bytes of a temporary name, with its NUL */
#define OUTPUT_WHY_MAX	256	/* bytes of a reason, with its NUL */

/* The archive that is being written. */
struct output {
	int		 fd;		/* -1: none */
	int		 dirfd;		/* its directory; -1: no new file */
	const char	*path;		/* as on the command line */
	char		*dir;
	const char	*base;		/* its name in dir */
	char		 temporary[OUTPUT_NAME_MAX];	/* "": it has none */
	mode_t		 mode;		/* of the finished archive */
	struct job_file	 own;		/* itself */
	struct job_file	 previous;	/* the file that it will replace */
	int		 held;		/* that file, so that it exists */
};

void	 output_init(struct output *);

/*
 * Only identify the archive that would be replaced.  It stays open until
 * output_close().
 */
void	 output_look(struct output *, const char *path);

/*
 * Open the archive for writing.  "-" is standard output.  An existing device or
 * FIFO is opened, which may block.  For a regular file only the directory is
 * opened; output_create() makes the file.  0, or -1 with the reason in why, of
 * OUTPUT_WHY_MAX bytes.
 */
int	 output_open(struct output *, const char *path, char *why);

/*
 * Make the file, if the archive is a regular file.  output_commit() gives it
 * its mode and its name.  0, or -1 as above.
 */
int	 output_create(struct output *, char *why);

/* Sync the file, name it, and sync the directory.  0, or -1 as above. */
int	 output_commit(struct output *, char *why);

/* Close the archive; a file that was not committed is removed. */
void	 output_close(struct output *);

/* Open an archive to read; "-" is standard input.  A descriptor, or -1. */
int	 output_open_input(const char *path, char *why);

/*
 * Open the log, which keeps its contents: it might be the archive.  A
 * descriptor, or -1.
 */
int	 output_open_log(const struct log_target *, char *why);

/* Empty the log, if it is a file to overwrite.  0, or -1 as above. */
int	 output_empty_log(const struct log_target *, int fd, char *why);

/*
 * Is the log, by whatever name, the archive that has this descriptor, or -1,
 * and this path?
 */
bool	 output_is_archive(int log, int archive, const char *path);

/* Would the two files, of which one may not be made yet, be one? */
bool	 output_is_same(const struct output *, const struct output *);

/* Is there an archive of this name, or may there be one? */
bool	 output_exists(const char *path);

/* Remove an empty file that opening the log made. */
void	 output_remove_empty(const char *path);

/*
 * Open the earlier archive, or its manifest, which is read back and forth.  A
 * descriptor, or -1.
 */
int	 output_open_since(const char *path, char *why);

/*
 * What is not stored is in the earlier archive: the output must not replace
 * it.  since: its descriptor, or -1.  0, or -1.
 */
int	 output_check_since(const struct output *, int since, const char *path,
	    char *why);

/*
 * Make a temporary file without a name, in dir or, if that is NULL, in $TMPDIR
 * or /tmp.  A descriptor, or -1.
 */
int	 output_open_spool(const char *dir, char *why);

/* Identify the file of a descriptor, if it is a regular file. */
void	 output_identify(int fd, struct job_file *);

#endif /* OUTPUT_H */
