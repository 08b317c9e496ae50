/*
 * rundir.c: the daemon's run directory; see rundir.h.
 *
 * Runs in the supervisor, as root.  The lock tells whether another daemon is
 * alive; its socket is never probed, since a stale socket and a busy one can
 * look the same.  Everything beneath the directory is reached through
 * descriptors.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "conf/sys.h"
#include "daemon/rundir.h"
#include "ipc/control.h"

/*
 * Open one of our directories; make it if it is missing.  It must be ours.
 * Its mode is set in any case, so what is not ours alone must not be taken:
 * top is the run directory itself.
 */
static int
own_dir(int at, const char *name, const char *path, mode_t mode, bool top)
{
	char		 entry[CONFSYS_WHY_MAX];
	struct stat	 st;
	int		 fd = -1;

	if (mkdirat(at, name, 0700) == -1 && errno != EEXIST) {
		log_warn("%s", path);
		return -1;
	}
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		log_warn("%s", path);
		goto fail;
	}
	if (st.st_uid != geteuid()) {
		log_warnx("%s: owned by uid %u, not by us", path, st.st_uid);
		goto fail;
	}
	if (top && confsys_is_foreign(fd, entry)) {
		log_warnx("%s: " CONFSYS_FOREIGN, path, entry);
		goto fail;
	}
	if (fchmod(fd, mode) == -1) {
		log_warn("%s: chmod", path);
		goto fail;
	}
	return fd;

fail:
	fd_close(&fd);
	return -1;
}

static int
own_subdir(const struct rundir *rd, const char *name, mode_t mode)
{
	char	 path[2 * DGRAM_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", rd->path, name);
	return own_dir(rd->fd, name, path, mode, false);
}

/* The lock says who holds it.  That is for people: only the lock counts. */
static void
sign_lock(const struct rundir *rd)
{
	char	 text[16];
	int	 n;

	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(rd->lock, 0) == -1 ||
	    pwrite(rd->lock, text, (size_t)n, 0) != n)
		log_warn("%s/lock", rd->path);
}

/* Another daemon has the lock: say which one. */
static void
lock_is_taken(const struct rundir *rd)
{
	char	 text[16], option[DGRAM_PATH_MAX + 32] = "";
	ssize_t	 n = pread(rd->lock, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strspn(text, "0123456789")] = '\0';
	if (strcmp(rd->path, RUNDIR) != 0)
		(void)snprintf(option, sizeof(option), "-s %s/%s ", rd->path,
		    CONTROL_SOCKET);
	log_warnx("%s: another daemon runs there%s%s; \"fdbrokerctl %sstop\" "
	    "ends it", rd->path, text[0] != '\0' ? ", process " : "", text,
	    option);
}

static int
take_lock(struct rundir *rd)
{
	rd->lock = openat(rd->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (rd->lock == -1) {
		log_warn("%s/lock", rd->path);
		return -1;
	}
	if (flock(rd->lock, LOCK_EX | LOCK_NB) == 0) {
		sign_lock(rd);
		return 0;
	}
	if (errno == EWOULDBLOCK)
		lock_is_taken(rd);
	else
		log_warn("%s/lock", rd->path);
	return -1;
}

/* A stream that lists an open directory from its beginning, or NULL. */
static DIR *
list_dir(int fd)
{
	DIR	*dir;
	int	 copy;

	if ((copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return NULL;
	if ((dir = fdopendir(copy)) == NULL)
		fd_close(&copy);
	return dir;
}

/* Remove from a directory every socket (with all: every entry). */
static void
clean_dir(int fd, bool all)
{
	struct dirent	*de;
	struct stat	 st;
	DIR		*dir;

	if ((dir = list_dir(fd)) == NULL)
		return;
	while ((de = readdir(dir)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if (fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		if (!S_ISSOCK(st.st_mode) && !all)
			continue;
		(void)unlinkat(fd, de->d_name,
		    S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	closedir(dir);
}

static int
set_paths(struct rundir *rd, const char *path)
{
	int	 n;

	n = snprintf(rd->session, sizeof(rd->session), "%s/session", path);
	if (n < 0 || (size_t)n + 1 + DGRAM_NAME_LEN >= sizeof(rd->session) ||
	    strlcpy(rd->path, path, sizeof(rd->path)) >= sizeof(rd->path)) {
		log_warnx("%s: too long for the name of a socket in it", path);
		return -1;
	}
	return 0;
}

int
rundir_open(struct rundir *rd, const char *path)
{
	memset(rd, 0, sizeof(*rd));
	rd->lock = rd->fd = rd->session_fd = rd->empty = -1;
	if (set_paths(rd, path) == -1 ||
	    (rd->fd = own_dir(AT_FDCWD, path, path, 0755, true)) == -1 ||
	    take_lock(rd) == -1)
		goto fail;
	rd->session_fd = own_subdir(rd, "session", 0700);
	rd->empty = own_subdir(rd, "empty", 0555);
	if (rd->session_fd == -1 || rd->empty == -1)
		goto fail;
	clean_dir(rd->fd, false);
	clean_dir(rd->session_fd, true);
	return 0;

fail:
	rundir_close(rd);
	return -1;
}

void
rundir_close(struct rundir *rd)
{
	fd_close(&rd->session_fd);
	fd_close(&rd->empty);
	fd_close(&rd->fd);
	/* The lock comes last: the rest is ours as long as we hold it. */
	fd_close(&rd->lock);
}
