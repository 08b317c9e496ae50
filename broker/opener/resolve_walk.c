/*
 * resolve_walk.c: from a name to a descriptor on systems without openat2(2):
 * open one component after the other with O_NOFOLLOW; see resolve.h.
 *
 * Runs in the opener, also to open its roots.  Uses POSIX only; the tests run
 * it on Linux, too.  It is weaker than resolve.c in four ways.  A file is
 * checked and then opened by its name, so a device that takes its place in
 * between is opened, and closed again.  Where there is no O_SEARCH, the
 * directories on the way must be readable.  A second mount of the same file
 * system does not count as another file system.  A name is looked for in its
 * directory before it is used, and not compared afterwards.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"
#include "opener/spelling.h"

#ifndef O_SEARCH
#define O_SEARCH	O_RDONLY
#endif

#define FLAGS_OPEN	(O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FLAGS_DIR	(O_DIRECTORY | FLAGS_OPEN)

/* How far a walk has come. */
struct resolve_walk {
	const struct resolve_at	*at;
	dev_t			 dev;		/* of the first directory */
	int			 fd;		/* at->dirfd, or its own */
	char			 last[NAME_MAX + 1];
};

static void
walk_end(struct resolve_walk *w)
{
	if (w->fd != w->at->dirfd)
		fd_close(&w->fd);	/* keeps errno */
}

/* Check that it did not leave the file system, if it must not. */
static int
walk_stayed(const struct resolve_walk *w, const struct stat *st)
{
	if (!w->at->one_filesystem || st->st_dev == w->dev)
		return 0;
	errno = EXDEV;
	return -1;
}

static void
stat_fill(struct fdb_stat *st, const struct stat *s)
{
	st->mode = s->st_mode;
	st->nlink = (uint32_t)s->st_nlink;
	st->uid = s->st_uid;
	st->gid = s->st_gid;
	st->dev_major = (uint32_t)major(s->st_dev);
	st->dev_minor = (uint32_t)minor(s->st_dev);
	st->rdev_major = (uint32_t)major(s->st_rdev);
	st->rdev_minor = (uint32_t)minor(s->st_rdev);
	st->ino = s->st_ino;
	st->size = (uint64_t)s->st_size;
	st->blocks = (uint64_t)s->st_blocks;
	st->atime = s->st_atim.tv_sec;
	st->atime_nsec = (uint32_t)s->st_atim.tv_nsec;
	st->mtime = s->st_mtim.tv_sec;
	st->mtime_nsec = (uint32_t)s->st_mtim.tv_nsec;
	st->ctime = s->st_ctim.tv_sec;
	st->ctime_nsec = (uint32_t)s->st_ctim.tv_nsec;
	st->btime = 0;
	st->btime_nsec = UINT32_MAX;
	st->attributes = 0;
}

/* Open the directory that the walk has reached, to read it. */
static int
walk_dot(const struct resolve_walk *w)
{
	return openat(w->fd, ".", O_RDONLY | FLAGS_DIR);
}

/* Does the directory list w->last?  0; or -1 with errno. */
static int
walk_lists(const struct resolve_walk *w, const struct fdb_stat *dir, int fd)
{
	struct spelling	*sp = w->at->spelling;
	struct stat	 st;
	int		 listed;

	if ((listed = spelling_recall(sp, dir, w->last)) == -1)
		listed = spelling_read(sp, dir, fd, w->last);
	if (listed != 0)
		return listed == 1 ? 0 : -1;
	spelling_set_missed(sp, fstatat(w->fd, w->last, &st,
	    AT_SYMLINK_NOFOLLOW) == 0);
	errno = ENOENT;
	return -1;
}

/*
 * Is w->last spelled as its directory lists it, or compares the directory names
 * byte by byte?  0; or -1 with errno.
 */
static int
walk_check(const struct resolve_walk *w)
{
	struct spelling	*sp = w->at->spelling;
	struct fdb_stat	 dir;
	struct stat	 s;
	enum fskind	 kind;
	int		 fd, ret;

	if (sp == NULL)
		return 0;
	if (fstat(w->fd, &s) == -1)
		return -1;
	stat_fill(&dir, &s);
	if (spelling_kind(sp, &dir) == FSKIND_EXACT)
		return 0;
	if ((fd = walk_dot(w)) == -1)
		return -1;
	kind = spelling_learn(sp, &dir, fd);
	if (kind == FSKIND_EXACT || (kind == FSKIND_MARKED &&
	    fskind_is_marked(fd) == 0))
		ret = 0;
	else
		ret = walk_lists(w, &dir, fd);
	fd_close(&fd);
	return ret;
}

enum fskind
resolve_kind(const struct resolve_at *at)
{
	struct resolve_walk	 w = { .at = at, .fd = at->dirfd };
	struct fdb_stat		 dir;
	struct stat		 s;
	enum fskind		 kind;
	int			 fd;

	if (at->kind != FSKIND_UNASKED)
		return at->kind;
	if (at->dirfd == -1 || fstat(at->dirfd, &s) == -1 ||
	    (fd = walk_dot(&w)) == -1)
		return FSKIND_UNASKED;
	stat_fill(&dir, &s);
	kind = spelling_learn(at->spelling, &dir, fd);
	fd_close(&fd);
	return kind;
}

/* Systems differ in the errno for a link; make it ELOOP. */
static int
walk_open(const struct resolve_walk *w, int flags, mode_t mode)
{
	struct stat	 st;
	int		 fd, saved;

	if ((fd = openat(w->fd, w->last, flags | FLAGS_OPEN, mode)) != -1)
		return fd;
	saved = errno;
	if (saved != EEXIST && fstatat(w->fd, w->last, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		saved = ELOOP;
	errno = saved;
	return -1;
}

/* Enter the directory that w->last names. */
static int
walk_enter(struct resolve_walk *w, int flags)
{
	struct stat	 st;
	int		 fd;

	if ((fd = walk_open(w, flags | FLAGS_DIR, 0)) == -1)
		return -1;
	if (fstat(fd, &st) == -1 || walk_stayed(w, &st) == -1) {
		fd_close(&fd);
		return -1;
	}
	walk_end(w);
	w->fd = fd;
	return 0;
}

/* Take the next component of *name into w->last. */
static int
walk_next(struct resolve_walk *w, const char **name)
{
	size_t	 len = strcspn(*name, "/");

	if (len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(w->last, *name, len);
	w->last[len] = '\0';
	*name += len;
	/* The caller has checked the name; this is a second lock. */
	if (len == 0 || strcmp(w->last, "..") == 0) {
		errno = EXDEV;
		return -1;
	}
	return 0;
}

/* Describe the directory itself; ENOENT if it is gone. */
static int
dir_stat(const struct resolve_at *at, struct stat *st)
{
	if (at->dirfd != -1)
		return fstat(at->dirfd, st);
	errno = ENOENT;
	return -1;
}

/* Open the directory itself. */
static int
dir_open(const struct resolve_at *at, int flags)
{
	struct stat	 st;

	return dir_stat(at, &st) == -1 ? -1 :
	    openat(at->dirfd, ".", flags | FLAGS_DIR);
}

/*
 * Walk to the directory of the last component, and put that component into
 * w->last.  0, and the caller calls walk_end(); or -1 with errno.
 */
static int
walk_begin(struct resolve_walk *w, const struct resolve_at *at,
    const char *name, bool create)
{
	struct stat	 st;

	w->at = at;
	w->fd = at->dirfd;
	if (dir_stat(at, &st) == -1)
		return -1;
	w->dev = st.st_dev;
	if (strlen(name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (at->spelling != NULL)
		spelling_set_missed(at->spelling, false);
	for (;;) {
		if (walk_next(w, &name) == -1)
			break;
		/* What is to be created is looked for afterwards. */
		if ((!create || *name != '\0') && walk_check(w) == -1)
			break;
		if (*name == '\0')
			return 0;
		name++;
		if (walk_enter(w, O_SEARCH) == -1)
			break;
	}
	walk_end(w);
	return -1;
}

/* Describe what w->last names; a link is not followed. */
static int
walk_stat(const struct resolve_walk *w, struct fdb_stat *st)
{
	struct stat	 s;

	if (fstatat(w->fd, w->last, &s, AT_SYMLINK_NOFOLLOW) == -1 ||
	    walk_stayed(w, &s) == -1)
		return -1;
	stat_fill(st, &s);
	return 0;
}

/* Describe what was opened; close it if it is on another file system. */
static int
opened(const struct resolve_walk *w, int fd, struct fdb_stat *st)
{
	struct stat	 s;

	if (fd == -1)
		return -1;
	if (fstat(fd, &s) == -1 || walk_stayed(w, &s) == -1)
		fd_close(&fd);
	else
		stat_fill(st, &s);
	return fd;
}

int
resolve_open(const struct resolve_at *at, const char *name, int flags,
    bool special, struct fdb_stat *st, bool *type)
{
	struct resolve_walk	 w;
	int		 fd = -1;

	*type = false;
	if (walk_begin(&w, at, name, false) == -1)
		return -1;
	if (walk_stat(&w, st) == 0 &&
	    resolve_type_check(st, special, type) == 0)
		fd = opened(&w, walk_open(&w, flags, 0), st);
	if (fd != -1 && resolve_type_check(st, special, type) == -1)
		fd_close(&fd);
	walk_end(&w);
	return fd;
}

int
resolve_create(const struct resolve_at *at, const char *name, int flags,
    uint32_t mode, struct fdb_stat *st)
{
	struct resolve_walk	 w;
	int		 fd;

	if (walk_begin(&w, at, name, true) == -1)
		return -1;
	fd = opened(&w, walk_open(&w, flags | O_CREAT | O_EXCL, mode), st);
	if (fd != -1 && at->spelling != NULL) {
		spelling_begin(at->spelling);
		if (walk_check(&w) == -1) {
			if (errno == ENOENT)
				errno = EINVAL;
			fd_close(&fd);
		}
	}
	walk_end(&w);
	return fd;
}

int
resolve_place(const struct resolve_at *at, const char *name)
{
	struct resolve_walk	 w;
	int		 ret;

	if (name[0] == '\0')
		return dir_open(at, O_SEARCH);
	if (walk_begin(&w, at, name, false) == -1)
		return -1;
	if ((ret = walk_enter(&w, O_SEARCH)) == 0)
		return w.fd;
	walk_end(&w);
	return ret;
}

bool
resolve_is_same(int fd, int other)
{
	struct fdb_stat	 a, b;
	struct stat	 sa, sb;

	if (fstat(fd, &sa) == -1 || fstat(other, &sb) == -1)
		return false;
	stat_fill(&a, &sa);
	stat_fill(&b, &sb);
	return resolve_type_same(&a, &b);
}

int
resolve_unnamed(const struct resolve_at *at, uint32_t mode,
    struct fdb_stat *st)
{
	(void)at;
	(void)mode;
	(void)st;
	errno = EOPNOTSUPP;
	return -1;
}

int
resolve_hold(const struct resolve_at *at, const char *name)
{
	(void)at;
	(void)name;
	errno = EOPNOTSUPP;
	return -1;
}

int
resolve_dir(const struct resolve_at *at, const char *name)
{
	struct resolve_walk	 w;
	int		 ret;

	if (name[0] == '\0')
		return dir_open(at, O_RDONLY);
	if (walk_begin(&w, at, name, false) == -1)
		return -1;
	if ((ret = walk_enter(&w, O_RDONLY)) == 0)
		return w.fd;
	/* As openat2(2) has it: the last component is no directory. */
	if (errno == ELOOP)
		errno = ENOTDIR;
	walk_end(&w);
	return ret;
}

int
resolve_stat(const struct resolve_at *at, const char *name,
    struct fdb_stat *st, char *link, size_t size)
{
	struct resolve_walk	 w;
	struct stat	 s;
	int		 ret = -1;

	if (name[0] == '\0') {
		link[0] = '\0';
		if (dir_stat(at, &s) == -1)
			return -1;
		stat_fill(st, &s);
		return 0;
	}
	if (walk_begin(&w, at, name, false) == -1)
		return -1;
	if (walk_stat(&w, st) == 0 &&
	    resolve_type_link(w.fd, w.last, st, link, size) == 0)
		ret = 0;
	walk_end(&w);
	return ret;
}

int
resolve_fstat(int fd, struct fdb_stat *st)
{
	struct stat	 s;

	if (fstat(fd, &s) == -1)
		return -1;
	stat_fill(st, &s);
	return 0;
}

int
resolve_entry(int dirfd, const char *name, struct fdb_stat *st, char *link,
    size_t size)
{
	struct stat	 s;

	if (fstatat(dirfd, name, &s, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	stat_fill(st, &s);
	return resolve_type_link(dirfd, name, st, link, size);
}

/* What is opened is opened by its name. */
int
resolve_can_reopen(void)
{
	return 0;
}

/* Opens a file, too: the path is the administrator's, not a client's. */
int
resolve_path(const char *path)
{
	struct resolve_at	 at = { .dirfd = -1 };
	struct resolve_walk	 w;
	int			 fd, root;

	root = open("/", O_SEARCH | O_DIRECTORY | O_CLOEXEC);
	if (root == -1 || path[0] != '/' || path[1] == '\0')
		return root;
	at.dirfd = root;
	fd = -1;
	if (walk_begin(&w, &at, path + 1, false) == 0) {
		fd = walk_open(&w, O_RDONLY, 0);
		walk_end(&w);
	}
	fd_close(&root);
	return fd;
}
