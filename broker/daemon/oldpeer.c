/*
 * oldpeer.c: remove what strangers made in peer/; see oldpeer.h.
 *
 * Runs in the supervisor, as root, at its start.  It follows no link, looks at
 * no file, and enters no mount: a FUSE server could let it wait for ever.  So
 * it removes each entry as a file and, if it is none, as a directory; the
 * kernel refuses both for whatever something is mounted on, without asking it.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>
#endif

#include "base/fd.h"
#include "base/log.h"
#include "daemon/oldpeer.h"

#define FLAGS	(O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* Open a directory in a directory, unless something is mounted there. */
static int
open_dir(int at, const char *name)
{
#ifdef __linux__
	const struct open_how	 how = {
		.flags = FLAGS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_XDEV
	};

	return (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
#else
	return openat(at, name, FLAGS);
#endif
}

static int	remove_all(int fd, int depth, size_t *left);

/* Remove one entry.  0, or -1 with errno. */
static int
remove_entry(int at, const char *name, int depth, size_t *left)
{
	int	 fd, ret;

	if (*left == 0) {
		errno = E2BIG;
		return -1;
	}
	--*left;
	if (unlinkat(at, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(at, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	if (depth == OLDPEER_DEPTH) {
		errno = E2BIG;
		return -1;
	}
	if ((fd = open_dir(at, name)) == -1)
		return -1;
	ret = remove_all(fd, depth + 1, left);
	fd_close(&fd);
	return ret == 0 ? unlinkat(at, name, AT_REMOVEDIR) : -1;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Remove what is in a directory, which stays open.  Goes on after an error.  0,
 * or -1 with the errno of the first one.  The directory becomes ours: its owner
 * may remove what others have in it, if its sticky bit is set.
 */
static int
remove_all(int fd, int depth, size_t *left)
{
	struct dirent	*de;
	DIR		*dir;
	int		 copy, error = 0;

	if (fchown(fd, geteuid(), (gid_t)-1) == -1 ||
	    (copy = openat(fd, ".", FLAGS)) == -1)
		return -1;
	if ((dir = fdopendir(copy)) == NULL) {
		fd_close(&copy);
		return -1;
	}
	while (*left > 0 && (de = readdir(dir)) != NULL)
		if (!is_dots(de->d_name) &&
		    remove_entry(fd, de->d_name, depth, left) == -1 &&
		    error == 0)
			error = errno;
	(void)closedir(dir);
	if (error == 0 && *left == 0)
		error = E2BIG;
	errno = error;
	return error == 0 ? 0 : -1;
}

static const char *
reason(int error)
{
	switch (error) {
	case E2BIG:
		return "there is too much in it";
	case EBUSY:
	case EXDEV:
		return "something is mounted in it";
	}
	return strerror(error);
}

void
oldpeer_remove(int rundir, const char *path)
{
	size_t	 left = OLDPEER_ENTRIES;
	int	 fd, ret = -1;

	if ((fd = open_dir(rundir, "peer")) == -1) {
		if (errno == ENOENT)
			return;
	} else if (fchmod(fd, 0700) == 0) {
		/* From here on nobody else finds a way into it. */
		ret = remove_all(fd, 0, &left);
	}
	if (ret == 0)
		ret = unlinkat(rundir, "peer", AT_REMOVEDIR);
	if (ret == -1)
		log_warnx("%s/peer, of an older version, is not removed: %s: "
		    "remove it by hand", path, reason(errno));
	fd_close(&fd);
}
