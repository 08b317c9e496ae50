/*
 * feature_file.c: files and file systems; see feature_int.h.
 *
 * What depends on the file system is tried on a tmpfs, which the scene of
 * tests/hostile/ is, too.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/openat2.h>

#include "feature.h"
#include "feature_int.h"

int
try_openat2(void)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = O_PATH | O_CLOEXEC;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
	    RESOLVE_NO_MAGICLINKS;
	return feature_result(syscall(SYS_openat2, AT_FDCWD, ".", &how,
	    sizeof(how)));
}

/* A directory gets no second name, but not because nothing is found. */
int
try_linkfd(void)
{
	int	 fd, error = 0;

	if ((fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return errno;
	if (linkat(fd, "", fd, "fdbroker.none", AT_EMPTY_PATH) == -1 &&
	    errno == ENOENT)
		error = ENOENT;
	close(fd);
	return error;
}

int
try_clones(void)
{
	struct mount_attr	 attr;
	int			 fd;

	fd = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	    AT_RECURSIVE);
	if (fd == -1)
		return errno;
	memset(&attr, 0, sizeof(attr));
	attr.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW;
	return feature_result(mount_setattr(fd, "", AT_EMPTY_PATH |
	    AT_RECURSIVE, &attr, sizeof(attr)));
}

int
try_fsopen(void)
{
	int	 fs, fd;

	if ((fs = fsopen("proc", FSOPEN_CLOEXEC)) == -1 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1)
		return errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return feature_result(fd);
}

/* A file on a tmpfs of our own, or -1. */
static int
make_file(void)
{
	if ((errno = feature_mount_tmp()) != 0)
		return -1;
	return open("/tmp/file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int
try_handles(void)
{
	union {
		struct file_handle	 handle;
		char			 space[sizeof(struct file_handle) +
					    MAX_HANDLE_SZ];
	} u;
	int	 fd = make_file(), id;

	if (fd == -1)
		return errno;
	memset(&u, 0, sizeof(u));
	u.handle.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(fd, "", &u.handle, &id, AT_EMPTY_PATH) == -1)
		return errno;
	return feature_result(open_by_handle_at(fd, &u.handle,
	    O_RDONLY | O_CLOEXEC));
}

int
try_xattr(void)
{
	int	 fd = make_file();

	return fd == -1 ? errno :
	    feature_result(fsetxattr(fd, "user.feature", "x", 1, 0));
}

int
try_flags(void)
{
	int	 fd = make_file(), flags = FS_NODUMP_FL;

	return fd == -1 ? errno :
	    feature_result(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

/* Nobody but us knows of this one; everybody may open it. */
static const char *
make_fuse_device(void)
{
	struct stat	 st;

	if (geteuid() != 0)
		return "/dev/fuse";
	if (stat("/dev/fuse", &st) == -1 ||
	    (errno = feature_mount_tmp()) != 0 ||
	    mknod("/tmp/fuse", S_IFCHR, st.st_rdev) == -1 ||
	    chmod("/tmp/fuse", 0666) == -1)
		return NULL;
	return "/tmp/fuse";
}

static int
write_text(const char *path, const char *text)
{
	int	 fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd == -1 ? errno : write(fd, text, strlen(text)) == -1 ?
	    errno : 0;
}

/* One id, of who was outside. */
static int
write_map(const char *path, unsigned int id)
{
	char	 map[32];

	(void)snprintf(map, sizeof(map), "0 %u 1", id);
	return write_text(path, map);
}

int
feature_enter_userns(void)
{
	uid_t	 uid = geteuid();
	gid_t	 gid = getegid();
	int	 error;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return errno;
	if ((error = write_text("/proc/self/setgroups", "deny")) != 0 ||
	    (error = write_map("/proc/self/gid_map", gid)) != 0)
		return error;
	return write_map("/proc/self/uid_map", uid);
}

int
feature_mount_fuse(const char *device, const char *dir)
{
	char	 options[64];
	int	 fd = open(device, O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return errno;
	(void)snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	return feature_result(mount("none", dir, "fuse",
	    MS_NOSUID | MS_NODEV, options));
}

int
try_fuse(uid_t uid)
{
	const char	*device = make_fuse_device();
	int		 error;

	if (device == NULL)
		return errno;
	if ((error = feature_become(uid)) != 0 ||
	    (error = feature_enter_userns()) != 0)
		return error;
	return feature_mount_fuse(device, "/tmp");
}
