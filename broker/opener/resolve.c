/*
 * resolve.c: from a name to a descriptor, with openat2(2); see resolve.h.
 *
 * Runs in the opener, also to open its roots.  To open a device or a FIFO can
 * have effects, so the type of a file is checked before it is opened, by means
 * of an O_PATH descriptor.  Beneath a nodev clone that is not needed: a device
 * does not open there, and a FIFO does not block with O_NONBLOCK.  So the type
 * is checked after the open, which saves a system call.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "base/fd.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"
#include "opener/spelling.h"

#define FLAGS_OPEN	(O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FLAGS_READ	(O_RDONLY | FLAGS_OPEN)
#define FLAGS_PATH	(O_PATH | O_NOFOLLOW | O_CLOEXEC)
#define STATX_WANTED	(STATX_BASIC_STATS | STATX_BTIME)
#define STATX_NEW	(STATX_WANTED & ~(STATX_MTIME | STATX_CTIME))

#define ATTRIBUTES	(FDB_ATTR_COMPRESSED | FDB_ATTR_IMMUTABLE | \
			    FDB_ATTR_APPEND | FDB_ATTR_NODUMP | \
			    FDB_ATTR_ENCRYPTED | FDB_ATTR_MOUNT_ROOT | \
			    FDB_ATTR_VERITY | FDB_ATTR_DAX)

/* openat2(2) fails with EAGAIN if something was renamed meanwhile. */
#define EAGAIN_TRIES	64

static int
openat2_mode(int dirfd, const char *name, uint64_t flags, uint64_t resolve,
    uint32_t mode)
{
	struct open_how	 how;
	int		 fd, i;

	memset(&how, 0, sizeof(how));
	how.flags = flags;
	how.mode = mode;
	how.resolve = resolve;
	for (i = 0; i < EAGAIN_TRIES; i++) {
		fd = (int)syscall(SYS_openat2, dirfd, name, &how,
		    sizeof(how));
		if (fd != -1 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

static int
openat2_retry(int dirfd, const char *name, uint64_t flags, uint64_t resolve)
{
	return openat2_mode(dirfd, name, flags, resolve, 0);
}

/*
 * One component that is not "..": without links, it cannot lead out of the
 * directory.
 */
static bool
is_component(const char *name)
{
	return strchr(name, '/') == NULL && strcmp(name, "..") != 0;
}

/*
 * Strictly beneath the directory; mode is 0 unless a file is created.  With
 * RESOLVE_BENEATH the kernel compares, under a lock of all mounts, what it
 * found with the directory.  That takes a fifteenth of the time of an open, so
 * it is asked only where a name can lead out.
 */
static int
open_strictly(const struct resolve_at *at, const char *name, uint64_t flags,
    uint32_t mode, uint64_t resolve)
{
	resolve |= RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	if (!is_component(name))
		resolve |= RESOLVE_BENEATH;
	if (at->one_filesystem)
		resolve |= RESOLVE_NO_XDEV;
	return openat2_mode(at->dirfd, name, flags, resolve, mode);
}

int
resolve_path(const char *path)
{
	return openat2_retry(AT_FDCWD, path, FLAGS_PATH,
	    RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

static void
stat_fill(struct fdb_stat *st, const struct statx *stx)
{
	st->mode = stx->stx_mode;
	st->nlink = stx->stx_nlink;
	st->uid = stx->stx_uid;
	st->gid = stx->stx_gid;
	st->dev_major = stx->stx_dev_major;
	st->dev_minor = stx->stx_dev_minor;
	st->rdev_major = stx->stx_rdev_major;
	st->rdev_minor = stx->stx_rdev_minor;
	st->ino = stx->stx_ino;
	st->size = stx->stx_size;
	st->blocks = stx->stx_blocks;
	st->atime = stx->stx_atime.tv_sec;
	st->atime_nsec = stx->stx_atime.tv_nsec;
	st->mtime = stx->stx_mtime.tv_sec;
	st->mtime_nsec = stx->stx_mtime.tv_nsec;
	st->ctime = stx->stx_ctime.tv_sec;
	st->ctime_nsec = stx->stx_ctime.tv_nsec;
	if (stx->stx_mask & STATX_BTIME) {
		st->btime = stx->stx_btime.tv_sec;
		st->btime_nsec = stx->stx_btime.tv_nsec;
	} else {
		st->btime = 0;
		st->btime_nsec = UINT32_MAX;
	}
	st->attributes = stx->stx_attributes & ATTRIBUTES;
}

static int
stat_at(int dirfd, const char *name, int flags, struct fdb_stat *st)
{
	struct statx	 stx;

	if (statx(dirfd, name, flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
	    STATX_WANTED, &stx) == -1)
		return -1;
	stat_fill(st, &stx);
	return 0;
}

/*
 * The spelling of names.  Where the whole name stays on the mount of a file
 * system that compares names byte by byte, one call resolves it, as always: the
 * kernel makes sure of that by RESOLVE_NO_XDEV.  Otherwise each component is
 * resolved by itself, and each directory on the way is asked for its kind.
 */

/* The directory itself, to read it. */
static int
open_dot(const struct resolve_at *at)
{
	return open_strictly(at, ".", FLAGS_READ | O_DIRECTORY, 0, 0);
}

enum fskind
resolve_kind(const struct resolve_at *at)
{
	struct fdb_stat	 dir;
	enum fskind	 kind;
	int		 fd;

	if (at->kind != FSKIND_UNASKED)
		return at->kind;
	if (at->dirfd == -1 ||
	    stat_at(at->dirfd, "", AT_EMPTY_PATH, &dir) == -1)
		return FSKIND_UNASKED;
	kind = spelling_kind(at->spelling, &dir);
	if (kind != FSKIND_UNASKED || (fd = open_dot(at)) == -1)
		return kind;
	kind = spelling_learn(at->spelling, &dir, fd);
	fd_close(&fd);
	return kind;
}

/*
 * Must the directory be read to know how a name is spelled?  1, 0, or -1 with
 * errno.
 */
static int
dir_is_inexact(const struct resolve_at *at)
{
	enum fskind	 kind = resolve_kind(at);
	int		 fd, marked;

	if (kind == FSKIND_EXACT)
		return 0;
	if (kind != FSKIND_MARKED)
		return 1;
	if ((marked = fskind_is_marked(at->dirfd)) != -1)
		return marked;
	if ((fd = open_dot(at)) == -1)
		return -1;
	marked = fskind_is_marked(fd);
	fd_close(&fd);
	return marked;
}

/* Does the directory list the name?  0; or -1 with errno. */
static int
dir_lists(const struct resolve_at *at, const char *name)
{
	struct fdb_stat	 dir;
	int		 fd, listed;

	if (stat_at(at->dirfd, "", AT_EMPTY_PATH, &dir) == -1)
		return -1;
	listed = spelling_recall(at->spelling, &dir, name);
	if (listed == -1) {
		if ((fd = open_dot(at)) == -1)
			return -1;
		listed = spelling_read(at->spelling, &dir, fd, name);
		fd_close(&fd);
	}
	if (listed == 1)
		return 0;
	if (listed == 0) {
		spelling_set_missed(at->spelling, true);
		errno = ENOENT;
	}
	return -1;
}

/*
 * Create a file in a directory that may give it another name than was asked
 * for: one that ends with a dot, for example.
 */
static int
create_spelled(const struct resolve_at *at, const char *name, uint64_t flags,
    uint32_t mode)
{
	int	 fd;

	if ((fd = open_strictly(at, name, flags, mode, 0)) == -1)
		return -1;
	/* What was read before does not have it. */
	spelling_begin(at->spelling);
	if (dir_lists(at, name) == 0)
		return fd;
	if (errno == ENOENT)
		errno = EINVAL;
	fd_close(&fd);
	return -1;
}

/*
 * Open one component.  If the directory must be read, then the name leads to
 * the same file before it was read and afterwards; so it was this file that was
 * listed, unless somebody exchanged it twice meanwhile.  A device is not opened
 * before its name was found.
 */
static int
open_component(const struct resolve_at *at, const char *name, uint64_t flags,
    uint32_t mode)
{
	int	 before, fd, inexact, i;

	if ((inexact = dir_is_inexact(at)) == -1)
		return -1;
	if (!inexact)
		return open_strictly(at, name, flags, mode, 0);
	if (flags & O_CREAT)
		return create_spelled(at, name, flags, mode);
	for (i = 0; i < EAGAIN_TRIES; i++) {
		if ((before = open_strictly(at, name, FLAGS_PATH, 0, 0)) == -1)
			return -1;
		fd = dir_lists(at, name) == -1 ? -1 :
		    open_strictly(at, name, flags, mode, 0);
		if (fd == -1 || resolve_is_same(before, fd)) {
			fd_close(&before);
			return fd;
		}
		fd_close(&before);
		fd_close(&fd);
		spelling_begin(at->spelling);
	}
	errno = EAGAIN;
	return -1;
}

/* A link on the way is ELOOP, as when the kernel resolves the whole name. */
static void
way_failed(const struct resolve_at *at, const char *name)
{
	struct fdb_stat	 st;
	int		 saved = errno;

	if (errno == ENOTDIR && stat_at(at->dirfd, name, 0, &st) == 0 &&
	    S_ISLNK(st.mode))
		saved = ELOOP;
	errno = saved;
}

/* Open a name, component by component. */
static int
open_spelled(const struct resolve_at *at, const char *name, uint64_t flags,
    uint32_t mode)
{
	struct resolve_at	 here = *at;
	char			 comp[NAME_MAX + 1];
	size_t			 len;
	int			 fd, held = -1;

	for (;;) {
		len = strcspn(name, "/");
		if (len > NAME_MAX) {
			errno = ENAMETOOLONG;
			fd = -1;
			break;
		}
		memcpy(comp, name, len);
		comp[len] = '\0';
		if (name[len] == '\0') {
			fd = open_component(&here, comp, flags, mode);
			break;
		}
		fd = open_component(&here, comp, FLAGS_PATH | O_DIRECTORY, 0);
		if (fd == -1) {
			way_failed(&here, comp);
			break;
		}
		fd_close(&held);
		here.dirfd = held = fd;
		here.kind = FSKIND_UNASKED;
		name += len + 1;
	}
	fd_close(&held);
	return fd;
}

static int
open_beneath(const struct resolve_at *at, const char *name, uint64_t flags,
    uint32_t mode)
{
	int	 fd;

	if (at->dirfd == -1) {
		errno = ENOENT;
		return -1;
	}
	if (name[0] == '\0')
		return open_strictly(at, ".", flags, mode, 0);
	if (at->spelling == NULL)
		return open_strictly(at, name, flags, mode, 0);
	spelling_set_missed(at->spelling, false);
	if (at->kind == FSKIND_EXACT) {
		fd = open_strictly(at, name, flags, mode, RESOLVE_NO_XDEV);
		if (fd != -1 || errno != EXDEV || at->one_filesystem)
			return fd;
	}
	return open_spelled(at, name, flags, mode);
}

/* Open the inode that an O_PATH descriptor refers to. */
static int
reopen(int pathfd, int flags)
{
	char	 path[FD_PATH_MAX];

	fd_path(path, pathfd);
	return openat2_retry(AT_FDCWD, path,
	    ((uint64_t)flags | FLAGS_OPEN) & ~(uint64_t)O_NOFOLLOW, 0);
}

int
resolve_can_reopen(void)
{
	int	 fd;

	fd = openat2_retry(AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY |
	    O_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	fd_close(&fd);
	return 0;
}

/* Check the type before the open.  0 and an O_PATH descriptor, or -1. */
static int
look_first(const struct resolve_at *at, const char *name, bool special,
    struct fdb_stat *st, bool *type, int *pathfd)
{
	*pathfd = open_beneath(at, name, FLAGS_PATH, 0);
	if (*pathfd == -1)
		return -1;
	if (stat_at(*pathfd, "", AT_EMPTY_PATH, st) == 0 &&
	    resolve_type_check(st, special, type) == 0)
		return 0;
	fd_close(pathfd);
	return -1;
}

int
resolve_open(const struct resolve_at *at, const char *name, int flags,
    bool special, struct fdb_stat *st, bool *type)
{
	int	 fd, pathfd = -1;

	*type = false;
	if ((!at->clone || !at->nodev) &&
	    look_first(at, name, special, st, type, &pathfd) == -1)
		return -1;
	if (!at->clone) {
		fd = reopen(pathfd, flags);
		fd_close(&pathfd);
		return fd;
	}
	/* There is no /proc to reopen it by: open the name once more. */
	fd_close(&pathfd);
	fd = open_beneath(at, name, (uint64_t)flags | FLAGS_OPEN, 0);
	if (fd == -1) {
		/* ENXIO: a socket, a FIFO without reader, or a device. */
		*type = errno == ENXIO && !special;
		return -1;
	}
	if (stat_at(fd, "", AT_EMPTY_PATH, st) == -1 ||
	    resolve_type_check(st, special, type) == -1)
		fd_close(&fd);
	return fd;
}

int
resolve_create(const struct resolve_at *at, const char *name, int flags,
    uint32_t mode, struct fdb_stat *st)
{
	int	 fd;

	fd = open_beneath(at, name, (uint64_t)flags | FLAGS_OPEN | O_CREAT |
	    O_EXCL, mode);
	if (fd != -1 && stat_at(fd, "", AT_EMPTY_PATH, st) == -1)
		fd_close(&fd);
	return fd;
}

/*
 * Describe a file that was just made.  When it was changed, it tells by when it
 * was born: once Linux has told the time of a change, it notes the next one
 * with a finer clock, and writes the inode for that alone.
 */
static int
stat_new(int fd, struct fdb_stat *st)
{
	struct statx	 stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_NEW, &stx) == -1)
		return -1;
	if (!(stx.stx_mask & STATX_BTIME))
		return stat_at(fd, "", AT_EMPTY_PATH, st);
	stx.stx_mtime = stx.stx_ctime = stx.stx_btime;
	stat_fill(st, &stx);
	return 0;
}

int
resolve_unnamed(const struct resolve_at *at, uint32_t mode,
    struct fdb_stat *st)
{
	int	 fd;

	fd = open_strictly(at, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode, 0);
	if (fd != -1 && stat_new(fd, st) == -1)
		fd_close(&fd);
	return fd;
}

int
resolve_hold(const struct resolve_at *at, const char *name)
{
	return open_beneath(at, name, FLAGS_PATH, 0);
}

int
resolve_dir(const struct resolve_at *at, const char *name)
{
	return open_beneath(at, name, FLAGS_READ | O_DIRECTORY, 0);
}

int
resolve_place(const struct resolve_at *at, const char *name)
{
	return open_beneath(at, name, FLAGS_PATH | O_DIRECTORY, 0);
}

bool
resolve_is_same(int fd, int other)
{
	struct fdb_stat	 a, b;

	return stat_at(fd, "", AT_EMPTY_PATH, &a) == 0 &&
	    stat_at(other, "", AT_EMPTY_PATH, &b) == 0 &&
	    resolve_type_same(&a, &b);
}

int
resolve_stat(const struct resolve_at *at, const char *name,
    struct fdb_stat *st, char *link, size_t size)
{
	int	 fd, ret = -1;

	if ((fd = open_beneath(at, name, FLAGS_PATH, 0)) == -1)
		return -1;
	if (stat_at(fd, "", AT_EMPTY_PATH, st) == 0 &&
	    resolve_type_link(fd, "", st, link, size) == 0)
		ret = 0;
	fd_close(&fd);
	return ret;
}

int
resolve_fstat(int fd, struct fdb_stat *st)
{
	return stat_at(fd, "", AT_EMPTY_PATH, st);
}

int
resolve_entry(int dirfd, const char *name, struct fdb_stat *st, char *link,
    size_t size)
{
	if (stat_at(dirfd, name, 0, st) == -1)
		return -1;
	return resolve_type_link(dirfd, name, st, link, size);
}
