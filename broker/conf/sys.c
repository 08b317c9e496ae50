/*
 * sys.c: the system as a configuration needs it; see conf/sys.h.
 *
 * Runs in the supervisor, as root, on what its administrator wrote.  Opens
 * configuration files and nothing else; looks at the roots of roles with
 * lstat(2) and realpath(3); asks the name service about accounts.  fdbrokerd -n
 * also reads the directories of patterns.
 */

#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/sys.h"
#include "names/lookup.h"
#include "policy/glob.h"

static void	why_not(char *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
why_not(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, CONFSYS_WHY_MAX, fmt, ap);
	va_end(ap);
}

/*
 * Whoever may write the file, or add a file to the directory, decides what
 * every client may read.
 */
static int
owner_check(const struct stat *st, char *why)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		why_not(why, "it is owned by uid %ju, not by root",
		    (uintmax_t)st->st_uid);
	else if (st->st_mode & (S_IWGRP | S_IWOTH))
		why_not(why, "group or others may write it; run chmod go-w on "
		    "it");
	else
		return 0;
	return -1;
}

static int
file_check(int fd, size_t *size, char *why)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		why_not(why, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		why_not(why, "it is not a regular file");
	else if (owner_check(&st, why) == -1)
		;
	else if (st.st_size > CONFSYS_FILE_MAX)
		why_not(why, "it is larger than %d bytes", CONFSYS_FILE_MAX);
	else {
		*size = (size_t)st.st_size;
		return 0;
	}
	return -1;
}

/* Read size bytes, or up to the end.  Returns the bytes read, or -1. */
static ssize_t
file_read(int fd, char *buf, size_t size)
{
	size_t	 len = 0;
	ssize_t	 n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int
real_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	char	*buf = NULL;
	size_t	 size;
	ssize_t	 n;
	int	 fd, ret = -1;

	(void)arg;
	/* The file may be a FIFO, at which open(2) would block. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
	    O_NOCTTY)) == -1) {
		why_not(why, "%s", strerror(errno));
		return -1;
	}
	if (file_check(fd, &size, why) == -1)
		goto out;
	if ((buf = malloc(size + 1)) == NULL ||
	    (n = file_read(fd, buf, size)) == -1) {
		why_not(why, "%s", strerror(errno));
		goto out;
	}
	*text = buf;
	*len = (size_t)n;
	buf = NULL;
	ret = 0;
out:
	free(buf);
	close(fd);
	return ret;
}

static bool
is_included(const char *name)
{
	size_t	 len = strlen(name);

	return name[0] != '.' && len > 5 &&
	    strcmp(name + len - 5, ".conf") == 0;
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_free(char **names, size_t n)
{
	while (n > 0)
		free(names[--n]);
	free(names);
}

/* The names in a directory, unsorted.  0, or -1 with errno. */
static int
names_read(DIR *dir, char ***list, size_t *count)
{
	struct dirent	*de;
	char		**names = NULL, **more;
	size_t		 n = 0;
	int		 saved;

	for (;;) {
		if ((more = reallocarray(names, n + 2,
		    sizeof(*names))) == NULL)
			goto fail;
		names = more;
		names[n] = NULL;
		errno = 0;
		if ((de = readdir(dir)) == NULL)
			break;
		if (!is_included(de->d_name))
			continue;
		if ((names[n] = strdup(de->d_name)) == NULL)
			goto fail;
		n++;
	}
	if (errno != 0)
		goto fail;
	*list = names;
	*count = n;
	return 0;

fail:
	saved = errno;
	names_free(names, n);
	errno = saved;
	return -1;
}

static int
real_list(void *arg, const char *path, char ***names, char *why)
{
	struct stat	 st;
	size_t		 n;
	DIR		*dir = NULL;
	int		 fd, ret = -1;

	(void)arg;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 && (errno == ENOTDIR || errno == ENOENT))
		return 0;	/* reading it reports the error */
	if (fd == -1 || fstat(fd, &st) == -1 ||
	    (dir = fdopendir(fd)) == NULL) {
		why_not(why, "%s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (owner_check(&st, why) == -1)
		goto out;
	if (names_read(dir, names, &n) == -1) {
		why_not(why, "%s", strerror(errno));
		goto out;
	}
	qsort(*names, n, sizeof(**names), name_compare);
	ret = 1;
out:
	closedir(dir);
	return ret;
}

static int
real_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	return lookup_user(name, uid, gid);
}

static int
real_group(void *arg, const char *name, uint32_t *gid)
{
	(void)arg;
	return lookup_group(name, gid);
}

static int
real_numbers(void *arg, bool groups, struct idset *set)
{
	(void)arg;
	return lookup_numbers(groups, set);
}

/* 0 and the first component that is a symbolic link, 1 if none is, or -1. */
static int
first_link(const char *path, char link[PATH_MAX])
{
	struct stat	 st;
	size_t		 len = 0;

	do {
		len++;
		len += strcspn(path + len, "/");
		if (len >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(link, path, len);
		link[len] = '\0';
		if (lstat(link, &st) == -1)
			return -1;
		if (S_ISLNK(st.st_mode))
			return 0;
	} while (path[len] != '\0');
	return 1;
}

static int
real_root(void *arg, const char *path, char link[PATH_MAX],
    char real[PATH_MAX])
{
	int	 ret;

	(void)arg;
	real[0] = '\0';
	if ((ret = first_link(path, link)) == 0 &&
	    realpath(path, real) == NULL)
		real[0] = '\0';
	return ret;
}

static bool
real_is_directory(void *arg, const char *path)
{
	struct stat	 st;

	(void)arg;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
real_directories(void *arg, const char *path, const struct glob *glob,
    char found[PATH_MAX])
{
	char		 full[PATH_MAX];
	const char	*slash = strcmp(path, "/") == 0 ? "" : "/";
	struct dirent	*e;
	DIR		*dir;
	bool		 ret = true;

	(void)arg;
	found[0] = '\0';
	if ((dir = opendir(path)) == NULL)
		return false;
	while (ret && (errno = 0, e = readdir(dir)) != NULL) {
		if (snprintf(full, sizeof(full), "%s%s%s", path, slash,
		    e->d_name) >= (int)sizeof(full)) {
			ret = false;
			break;
		}
		/* A path with the component "." or ".." is not clean. */
		if (!glob_covers(glob, full))
			continue;
		ret = real_is_directory(NULL, full);
		memcpy(found, full, sizeof(full));
	}
	if (errno != 0 || found[0] == '\0')
		ret = false;
	closedir(dir);
	return ret;
}

/*
 * Can there be an object of this type at a path?  If there is none, its
 * directory must be there.  What we may not see is no fault.
 */
static int
place_check(const char *path, mode_t type, const char *expected, char *why)
{
	struct stat	 st;
	char		 dir[PATH_MAX];

	if (lstat(path, &st) == 0) {
		if ((st.st_mode & S_IFMT) == type)
			return 0;
		why_not(why, "it is %s; expected %s",
		    S_ISDIR(st.st_mode) ? "a directory" :
		    S_ISLNK(st.st_mode) ? "a symbolic link" :
		    S_ISREG(st.st_mode) ? "a file" :
		    "a device, FIFO or socket", expected);
		return -1;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return 0;
	if (strlcpy(dir, path, sizeof(dir)) >= sizeof(dir))
		return 0;
	*strrchr(dir, '/') = '\0';
	if (stat(dir[0] != '\0' ? dir : "/", &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	if (errno != ENOENT && errno != ENOTDIR)
		return 0;
	why_not(why, "%s: %s", dir, strerror(errno));
	return -1;
}

static int
real_audit(void *arg, const char *path, char *why)
{
	(void)arg;
	return place_check(path, S_IFREG, "a file", why);
}

bool
confsys_is_foreign(int dirfd, char name[CONFSYS_WHY_MAX])
{
	static const char *const	 ours[] = {
		".", "..", "lock", "session", "empty"
	};
	struct dirent	*de;
	struct stat	 st;
	DIR		*dir;
	size_t		 i;
	bool		 ret = false;
	int		 fd;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (dir = fdopendir(fd)) == NULL) {
		if (fd != -1)
			close(fd);
		return false;
	}
	while (!ret && (de = readdir(dir)) != NULL) {
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
			if (strcmp(de->d_name, ours[i]) == 0)
				break;
		}
		ret = i == sizeof(ours) / sizeof(ours[0]);
		if (ret)
			(void)strlcpy(name, de->d_name, CONFSYS_WHY_MAX);
	}
	closedir(dir);
	/* A daemon makes its lock first, and may just have made the rest. */
	return ret && (fstatat(dirfd, "lock", &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode));
}

static int
real_rundir(void *arg, const char *path, char *why)
{
	char		 name[CONFSYS_WHY_MAX];
	struct stat	 st;
	int		 fd, ret = 0;

	(void)arg;
	if (place_check(path, S_IFDIR, "a directory", why) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return 0;
	if (confsys_is_foreign(fd, name)) {
		why_not(why, CONFSYS_FOREIGN, name);
		ret = -1;
	} else if (fstat(fd, &st) == 0 && st.st_uid != 0 &&
	    st.st_uid != geteuid()) {
		why_not(why, "it is owned by uid %ju; expected root's",
		    (uintmax_t)st.st_uid);
		ret = -1;
	}
	close(fd);
	return ret;
}

const struct confsys confsys_real = {
	.read = real_read,
	.list = real_list,
	.user = real_user,
	.group = real_group,
	.numbers = real_numbers,
	.root = real_root,
	.is_directory = real_is_directory,
	.directories = real_directories,
	.audit = real_audit,
	.rundir = real_rundir,
	.arg = NULL
};
