/*
 * output.c: the files that the controller opens; see controller/output.h.
 *
 * Runs in the controller, with the user's rights.  An archive gets its name
 * only when it is complete and on disk.  Until then it has no name at all, if
 * the file system supports that, so that even a process that is killed leaves
 * nothing behind.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "controller/output.h"

/* Opens a file whatever its mode is, where the system can do that. */
#ifdef O_PATH
#define OUTPUT_HOLD	O_PATH
#else
#define OUTPUT_HOLD	(O_RDONLY | O_NONBLOCK | O_NOCTTY)
#endif

/* A pipe of this size takes a whole write of the worker. */
#define OUTPUT_PIPE	(1024 * 1024)

static int
output_fail(char *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A message that does not fit is cut. */
static int
output_fail(char *why, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, OUTPUT_WHY_MAX, fmt, ap);
	va_end(ap);
	return -1;
}

void
output_init(struct output *o)
{
	memset(o, 0, sizeof(*o));
	o->fd = o->dirfd = o->held = -1;
}

void
output_identify(int fd, struct job_file *own)
{
	struct stat	 st;

	own->known = false;
	if (fstat(fd, &st) == -1)
		return;
	own->known = S_ISREG(st.st_mode);
	own->dev_major = major(st.st_dev);
	own->dev_minor = minor(st.st_dev);
	own->ino = st.st_ino;
}

/* Duplicate a standard stream; the caller closes the copy. */
static int
dup_stdio(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

/* If this fails, the pipe is only slower. */
static void
widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	(void)fcntl(fd, F_SETPIPE_SZ, OUTPUT_PIPE);
#else
	(void)fd;
#endif
}

static int
output_open_stdout(struct output *o, char *why)
{
	if (isatty(STDOUT_FILENO))
		return output_fail(why, "standard output is a terminal; "
		    "redirect it, or name a file with -f");
	if ((o->fd = dup_stdio(STDOUT_FILENO)) == -1)
		return output_fail(why, "standard output: %s",
		    strerror(errno));
	widen_pipe(o->fd);
	output_identify(o->fd, &o->own);
	return 0;
}

/* Open a device or a FIFO, which is not made, renamed or removed. */
static int
output_open_special(struct output *o, char *why)
{
	o->fd = open(o->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (o->fd == -1)
		return output_fail(why, "%s: %s", o->path,
		    strerror(errno));
	if (isatty(o->fd))
		return output_fail(why, "%s: is a terminal; name a file "
		    "with -f", o->path);
	widen_pipe(o->fd);
	return 0;
}

static int
temporary_name(char *name)
{
	int	 n;

	n = snprintf(name, OUTPUT_NAME_MAX, ".fdbackup.%08" PRIx32 "%08"
	    PRIx32, arc4random(), arc4random());
	return n > 0 && n < OUTPUT_NAME_MAX ? 0 : -1;
}

/* Make a file in the directory, without a name or with a temporary one. */
static int
create_temporary(struct output *o)
{
#ifdef O_TMPFILE
	/* output_link() may need /proc to give it a name. */
	if (access("/proc/self/fd", X_OK) == 0) {
		o->fd = openat(o->dirfd, ".",
		    O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
		if (o->fd != -1)
			return 0;
	}
#endif
	if (temporary_name(o->temporary) == -1)
		return -1;
	o->fd = openat(o->dirfd, o->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (o->fd == -1)
		o->temporary[0] = '\0';
	return o->fd == -1 ? -1 : 0;
}

/* Split the path into directory and name. */
static int
output_split(struct output *o)
{
	const char	*slash = strrchr(o->path, '/');

	o->base = slash != NULL ? slash + 1 : o->path;
	if (slash == NULL)
		o->dir = strdup(".");
	else if (slash == o->path)
		o->dir = strdup("/");
	else
		o->dir = strndup(o->path, (size_t)(slash - o->path));
	return o->dir != NULL ? 0 : -1;
}

/* Open the directory in which output_create() makes the file. */
static int
output_open_dir(struct output *o, char *why)
{
	if (output_split(o) == -1)
		return output_fail(why, "out of memory");
	if (o->base[0] == '\0')
		return output_fail(why, "%s: is a directory; name a file in "
		    "it", o->path);
	o->dirfd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dirfd == -1)
		return output_fail(why, "%s: %s: %s", o->path, o->dir,
		    strerror(errno));
	return 0;
}

int
output_create(struct output *o, char *why)
{
	if (o->dirfd == -1)
		return 0;
	if (create_temporary(o) == -1)
		return output_fail(why, "%s: %s: %s", o->path, o->dir,
		    strerror(errno));
	output_identify(o->fd, &o->own);
	return 0;
}

/* Only its owner may read it: it holds files that others may not read. */
static mode_t
mode_of_new_files(void)
{
	mode_t	 mask = umask(077);

	(void)umask(mask);
	return 0600 & ~mask;
}

/*
 * Identify the archive that will be replaced.  It stays open.  Otherwise, if it
 * is removed, its inode number can be given to a file that is to be stored.
 */
static void
output_hold_previous(struct output *o)
{
	o->held = open(o->path, OUTPUT_HOLD | O_NOFOLLOW | O_CLOEXEC);
	if (o->held != -1)
		output_identify(o->held, &o->previous);
}

void
output_look(struct output *o, const char *path)
{
	o->path = path;
	output_hold_previous(o);
}

int
output_open(struct output *o, const char *path, char *why)
{
	struct stat	 st;

	o->path = path;
	if (strcmp(path, "-") == 0)
		return output_open_stdout(o, why);
	if (lstat(path, &st) == -1) {
		if (errno != ENOENT)
			return output_fail(why, "%s: %s", path,
			    strerror(errno));
		o->mode = mode_of_new_files();
		return output_open_dir(o, why);
	}
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		o->mode = st.st_mode & 0777;
		output_hold_previous(o);
		return output_open_dir(o, why);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
		return output_open_special(o, why);
	case S_IFLNK:
		/* Replacing and following it could both surprise the user. */
		return output_fail(why, "%s: is a symbolic link; name the "
		    "file that it points to", path);
	default:
		return output_fail(why, "%s: an archive cannot be written to "
		    "a file of this type", path);
	}
}

/* Write to disk; some files have no disk, and that is no failure. */
static int
sync_fd(int fd)
{
	if (fsync(fd) == 0 || errno == EINVAL || errno == EROFS ||
	    errno == ENOTSUP)
		return 0;
	return -1;
}

/* Before Linux 6.10 only root can link a descriptor without /proc. */
static int
link_fd(const struct output *o, const char *name)
{
	char	 path[FD_PATH_MAX];

#ifdef AT_EMPTY_PATH
	if (linkat(o->fd, "", o->dirfd, name, AT_EMPTY_PATH) == 0)
		return 0;
#endif
	fd_path(path, o->fd);
	return linkat(AT_FDCWD, path, o->dirfd, name, AT_SYMLINK_FOLLOW);
}

/* Give a temporary name to the file that has no name. */
static int
output_link(struct output *o, char *why)
{
	char	 name[OUTPUT_NAME_MAX];

	if (temporary_name(name) == -1)
		return output_fail(why, "%s: no temporary name", o->path);
	if (link_fd(o, name) == -1) {
		if (fd_path_works(o->fd))
			return output_fail(why, "%s: %s", o->path,
			    strerror(errno));
		return output_fail(why, "%s: the archive cannot get its name "
		    "without /proc, which is gone; mount it (mount -t proc "
		    "proc /proc) and start again", o->path);
	}
	(void)strlcpy(o->temporary, name, sizeof(o->temporary));
	return 0;
}

int
output_commit(struct output *o, char *why)
{
	if (o->dirfd == -1) {
		if (sync_fd(o->fd) == -1)
			return output_fail(why, "%s: %s", o->path,
			    strerror(errno));
		return 0;
	}
	if (fchmod(o->fd, o->mode) == -1 || sync_fd(o->fd) == -1)
		return output_fail(why, "%s: %s", o->path,
		    strerror(errno));
	if (o->temporary[0] == '\0' && output_link(o, why) == -1)
		return -1;
	if (renameat(o->dirfd, o->temporary, o->dirfd, o->base) == -1)
		return output_fail(why, "%s: %s", o->path,
		    strerror(errno));
	o->temporary[0] = '\0';
	if (sync_fd(o->dirfd) == -1)
		return output_fail(why, "%s: %s: %s", o->path, o->dir,
		    strerror(errno));
	return 0;
}

void
output_close(struct output *o)
{
	if (o->temporary[0] != '\0')
		(void)unlinkat(o->dirfd, o->temporary, 0);
	o->temporary[0] = '\0';
	fd_close(&o->fd);
	fd_close(&o->dirfd);
	fd_close(&o->held);
	free(o->dir);
	o->dir = NULL;
}

int
output_open_input(const char *path, char *why)
{
	struct stat	 st;
	int		 fd;

	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			return output_fail(why, "standard input is a "
			    "terminal; redirect it, or name a file with -f");
		fd = dup_stdio(STDIN_FILENO);
		path = "standard input";
	} else
		fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		(void)output_fail(why, "%s: %s", path, strerror(errno));
		fd_close(&fd);
	} else if (S_ISDIR(st.st_mode)) {
		(void)output_fail(why, "%s: %s", path, strerror(EISDIR));
		fd_close(&fd);
	}
	return fd;
}

int
output_open_log(const struct log_target *log, char *why)
{
	int	 fd = -1;

	switch (log->where) {
	case LOG_NOWHERE:
		break;
	case LOG_STDOUT:
		fd = dup_stdio(STDOUT_FILENO);
		break;
	case LOG_STDERR:
		fd = dup_stdio(STDERR_FILENO);
		break;
	case LOG_PATH:
		fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND |
		    O_NOCTTY | O_CLOEXEC, 0666);
		break;
	}
	if (fd == -1)
		(void)output_fail(why, "cannot open the log %s: %s",
		    log->path != NULL ? log->path : "stream",
		    strerror(errno));
	return fd;
}

int
output_empty_log(const struct log_target *log, int fd, char *why)
{
	struct stat	 st;

	if (log->where != LOG_PATH || !log->overwrite)
		return 0;
	if (fstat(fd, &st) == 0 &&
	    (!S_ISREG(st.st_mode) || ftruncate(fd, 0) == 0))
		return 0;
	return output_fail(why, "cannot empty the log %s: %s", log->path,
	    strerror(errno));
}

/* Would what is written to one of them damage the other? */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
		return a->st_rdev == b->st_rdev;
	/* Both may be /dev/null.  Both may be one socket: a log is sent. */
	return (S_ISREG(a->st_mode) || S_ISFIFO(a->st_mode)) &&
	    a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool
output_is_same(const struct output *a, const struct output *b)
{
	struct stat	 st, other;

	if (a->previous.known && b->previous.known &&
	    a->previous.ino == b->previous.ino &&
	    a->previous.dev_major == b->previous.dev_major &&
	    a->previous.dev_minor == b->previous.dev_minor)
		return true;
	return a->dirfd != -1 && b->dirfd != -1 &&
	    strcmp(a->base, b->base) == 0 && fstat(a->dirfd, &st) == 0 &&
	    fstat(b->dirfd, &other) == 0 && st.st_dev == other.st_dev &&
	    st.st_ino == other.st_ino;
}

bool
output_is_archive(int log, int archive, const char *path)
{
	struct stat	 st, other;

	if (fstat(log, &st) == -1)
		return false;
	if (archive != -1 && fstat(archive, &other) == 0 &&
	    is_same(&st, &other))
		return true;
	/* It may have a name only, because it is replaced or unreadable. */
	return strcmp(path, "-") != 0 && stat(path, &other) == 0 &&
	    is_same(&st, &other);
}

bool
output_exists(const char *path)
{
	struct stat	 st;

	return strcmp(path, "-") == 0 || lstat(path, &st) == 0 ||
	    errno != ENOENT;
}

void
output_remove_empty(const char *path)
{
	struct stat	 st;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		(void)unlink(path);
}

int
output_open_spool(const char *dir, char *why)
{
	char	*name = NULL;
	int	 fd = -1;

	if (dir == NULL && ((dir = getenv("TMPDIR")) == NULL ||
	    dir[0] != '/'))
		dir = "/tmp";
#ifdef O_TMPFILE
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
	if (fd == -1 && asprintf(&name, "%s/.fdbackup.XXXXXXXXXX",
	    dir) != -1 && (fd = mkostemp(name, O_CLOEXEC)) != -1)
		(void)unlink(name);
	if (fd == -1)
		(void)output_fail(why, "cannot make a temporary file in %s: "
		    "%s", dir, strerror(errno));
	free(name);
	return fd;
}

int
output_open_since(const char *path, char *why)
{
	struct job_file	 own;
	int		 fd;

	if (strcmp(path, "-") == 0) {
		(void)snprintf(why, OUTPUT_WHY_MAX, "--since -: must be the "
		    "name of a file");
		return -1;
	}
	if ((fd = output_open_input(path, why)) == -1)
		return -1;
	output_identify(fd, &own);
	if (own.known)
		return fd;
	(void)snprintf(why, OUTPUT_WHY_MAX, "--since %s: is no regular file",
	    path);
	close(fd);
	return -1;
}

int
output_check_since(const struct output *out, int since, const char *path,
    char *why)
{
	const struct job_file	*p = &out->previous;
	struct job_file		 own;

	if (since == -1)
		return 0;
	output_identify(since, &own);
	if (!p->known || p->ino != own.ino || p->dev_major != own.dev_major ||
	    p->dev_minor != own.dev_minor)
		return 0;
	(void)snprintf(why, OUTPUT_WHY_MAX, "--since %s: is the archive that "
	    "would be replaced, and still needed; name another one with -f",
	    path);
	return -1;
}
