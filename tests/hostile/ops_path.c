/*
 * ops_path.c: attacks by names and through directories; see hostile.h.
 *
 * openat2(2) is what an opener is left with, so that is what these use.
 */

#include "config.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

static int
open_absolute(const struct world *w)
{
	return result(scene_open(AT_FDCWD, scene_path(w, "outside/secret"),
	    O_RDONLY, 0));
}

/* Not to read, but to go on from. */
static int
hold_absolute(const struct world *w)
{
	return result(scene_open(AT_FDCWD, scene_path(w, "outside"), O_PATH,
	    0));
}

static int
hold_up(const struct world *w)
{
	return result(scene_open(w->root, "../outside", O_PATH, 0));
}

static int
open_proc_root(const struct world *w)
{
	char	 path[192];

	(void)snprintf(path, sizeof(path), "/proc/self/root%s",
	    scene_path(w, "outside/secret"));
	return result(scene_open(AT_FDCWD, path, O_RDONLY, 0));
}

/* By way of a process that has the ordinary root directory. */
static int
open_proc_other(const struct world *w)
{
	char	 path[192];

	(void)snprintf(path, sizeof(path), "/proc/%d/root%s", (int)w->opener,
	    scene_path(w, "outside/secret"));
	return result(scene_open(AT_FDCWD, path, O_RDONLY, 0));
}

static int
open_up(const struct world *w)
{
	return result(scene_open(w->root, "../outside/secret", O_RDONLY, 0));
}

static int
list_up(const struct world *w)
{
	return result(scene_open(w->root, "../outside",
	    O_RDONLY | O_DIRECTORY, 0));
}

static int
open_link(const struct world *w)
{
	return result(scene_open(w->root, "link", O_RDONLY, 0));
}

static int
open_beneath(const struct world *w)
{
	return result(scene_open(w->root, "denied", O_RDONLY, 0));
}

static int
open_kept(const struct world *w)
{
	return result(scene_open(w->kept, "secret", O_RDONLY, 0));
}

static int
climb(const struct world *w)
{
	if (fchdir(w->root) == -1 || chroot("sub") == -1)
		return errno;
	return result(scene_open(AT_FDCWD, "../outside/secret", O_RDONLY, 0));
}

static int
climb_userns(const struct world *w)
{
	if (unshare(CLONE_NEWUSER) == -1)
		return errno;
	return climb(w);
}

static int
stat_at(int dirfd, const char *path)
{
	struct statx	 stx;

	return result(statx(dirfd, path, AT_SYMLINK_NOFOLLOW,
	    STATX_BASIC_STATS, &stx));
}

static int
stat_absolute(const struct world *w)
{
	return stat_at(AT_FDCWD, scene_path(w, "outside/secret"));
}

static int
stat_up(const struct world *w)
{
	return stat_at(w->root, "../outside/secret");
}

static int
newfstatat_absolute(const struct world *w)
{
#ifdef SYS_newfstatat
	struct stat	 st;

	return result(syscall(SYS_newfstatat, AT_FDCWD,
	    scene_path(w, "outside/secret"), &st, 0));
#else
	(void)w;
	return EPERM;
#endif
}

static int
readlink_absolute(const struct world *w)
{
	char	 buf[64];

	return result(readlinkat(AT_FDCWD, scene_path(w, "outside/link"),
	    buf, sizeof(buf)));
}

static int
execute_path(const struct world *w)
{
	char	 name[] = "program", *argv[] = { name, NULL };
	char	*envp[] = { NULL };

	(void)execve(scene_path(w, "outside/program"), argv, envp);
	return errno;
}

static int
execute_suid_path(const struct world *w)
{
	char	 name[] = "suid", *argv[] = { name, NULL };
	char	*envp[] = { NULL };

	(void)execve(scene_path(w, "outside/suid"), argv, envp);
	return errno;
}

static int
write_beneath(const struct world *w)
{
	int	 fd = scene_open(w->root, "open", O_RDWR, 0);

	return fd == -1 ? errno : result(pwrite(fd, "XX", 2, 0));
}

/* Where no descriptor can be written to, having one counts. */
static int
open_to_write(const struct world *w)
{
	return result(scene_open(w->root, "open", O_RDWR, 0));
}

/* A FIFO can be written to on a read-only mount. */
static int
write_fifo(const struct world *w)
{
	return result(scene_open(w->root, "fifo", O_WRONLY | O_NONBLOCK, 0));
}

static int
open_truncating(const struct world *w)
{
	return result(scene_open(w->root, "open", O_RDONLY | O_TRUNC, 0));
}

static int
make_beneath(const struct world *w)
{
	return result(scene_open(w->root, "drop/new", O_WRONLY | O_CREAT,
	    0600));
}

static int
make_outside(const struct world *w)
{
	return result(scene_open(AT_FDCWD, scene_path(w, "outside/drop/new"),
	    O_WRONLY | O_CREAT, 0600));
}

static int
make_unnamed(const struct world *w)
{
	return result(scene_open(w->root, "drop", O_RDWR | O_TMPFILE, 0600));
}

static int
remove_beneath(const struct world *w)
{
	return result(unlinkat(w->root, "drop/file", 0));
}

static int
rename_beneath(const struct world *w)
{
	return result(renameat(w->root, "drop/file", w->root, "drop/new"));
}

static int
mkdir_beneath(const struct world *w)
{
	return result(mkdirat(w->root, "drop/new", 0700));
}

static int
symlink_beneath(const struct world *w)
{
	return result(symlinkat("/", w->root, "drop/new"));
}

static int
mknod_beneath(const struct world *w)
{
	return result(mknodat(w->root, "drop/new", S_IFCHR | 0600,
	    makedev(1, 3)));
}

static int
mode_beneath(const struct world *w)
{
	return result(fchmodat(w->root, "own", 0777, 0));
}

static int
open_device(const struct world *w)
{
	return result(scene_open(w->root, "device", O_RDONLY, 0));
}

/* A clone of one's own, of what is above the root. */
static int
clone_tree(const struct world *w)
{
	int	 fd;

	fd = open_tree(w->root, "..", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd == -1 ? errno : result(scene_open(fd, "outside/secret",
	    O_RDONLY, 0));
}

static int
mount_over(const struct world *w)
{
	if (fchdir(w->root) == -1)
		return errno;
	return result(mount("none", "sub", "tmpfs", 0, NULL));
}

static int
mount_fs(const struct world *w)
{
	int	 fs, fd;

	if ((fs = fsopen("proc", FSOPEN_CLOEXEC)) == -1 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1 ||
	    (fd = fsmount(fs, FSMOUNT_CLOEXEC, 0)) == -1)
		return errno;
	(void)w;
	return result(scene_open(fd, "version", O_RDONLY, 0));
}

static int
mount_move(const struct world *w)
{
	int	 fd;

	fd = open_tree(w->root, "sub", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd == -1)
		return errno;
	return result(move_mount(fd, "", w->root, "drop",
	    MOVE_MOUNT_F_EMPTY_PATH));
}

/* A file system that the attacker answers for. */
static int
mount_fuse(const struct world *w)
{
	int	 error = feature_enter_userns();

	return error != 0 ? error : feature_mount_fuse(
	    scene_path(w, "outside/fuse"), scene_path(w, "outside/drop"));
}

/* What a rule names, and what else is in that directory. */
static int
open_named(const struct world *w)
{
	return result(scene_open(w->single, "file", O_RDONLY, 0));
}

static int
open_beside(const struct world *w)
{
	return result(scene_open(w->single, "beside", O_RDONLY, 0));
}

static const struct op	 ops[] = {
	{ .name = "open a file that a rule names",
	    .run = open_named, .who = WHO_OPENER, .granted = WHO_OPENER },
	{ .name = "open a file beside it",
	    .run = open_beside, .who = WHO_OPENER, .granted = WHO_OPENER },
	{ .name = "open a path",
	    .run = open_absolute, .who = WHO_EVERYBODY },
	{ .name = "open by /proc/self/root",
	    .run = open_proc_root, .who = WHO_EVERYBODY },
	{ .name = "open by /proc/PID/root",
	    .run = open_proc_other, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PROC_OTHERS } },
	{ .name = "open .. of a directory",
	    .run = open_up, .who = WHO_ALL },
	{ .name = "list .. of a directory",
	    .run = list_up, .who = WHO_ALL },
	{ .name = "hold a path (O_PATH)",
	    .run = hold_absolute, .who = WHO_EVERYBODY, .granted = WHO_USERS },
	{ .name = "hold .. of a directory (O_PATH)",
	    .run = hold_up, .who = WHO_ALL, .granted = WHO_USERS },
	{ .name = "open a link that leads out",
	    .run = open_link, .who = WHO_ALL },
	{ .name = "open beneath a leaked directory",
	    .run = open_beneath, .who = WHO_WORKER },
	{ .name = "open in a kept directory",
	    .run = open_kept, .who = WHO_OPENER },
	{ .name = "climb out by chroot",
	    .run = climb, .who = WHO_OPENER },
	{ .name = "climb by chroot in a namespace",
	    .run = climb_userns, .who = WHO_ALL,
	    .needs = { FEATURE_USERNS } },
	{ .name = "stat a path",
	    .run = stat_absolute, .who = WHO_EVERYBODY,
	    .granted = WHO_USERS },
	{ .name = "stat a path by newfstatat",
	    .run = newfstatat_absolute, .who = WHO_EVERYBODY,
	    .granted = WHO_CONNECTOR },
	{ .name = "stat .. of a directory",
	    .run = stat_up, .who = WHO_ALL,
	    .granted = WHO_USERS },
	{ .name = "read a link by its path",
	    .run = readlink_absolute, .who = WHO_EVERYBODY,
	    .granted = WHO_USERS },
	{ .name = "execute a path",
	    .run = execute_path, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PROGRAM } },
	{ .name = "execute a set-user-ID path",
	    .run = execute_suid_path, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_PROGRAM, FEATURE_GAIN } },
	{ .name = "write beneath a root",
	    .run = write_beneath, .check = check_open, .who = WHO_WORKER },
	{ .name = "open to write beneath a root",
	    .run = open_to_write, .who = WHO_OPENER },
	{ .name = "open a FIFO to write",
	    .run = write_fifo, .who = WHO_ALL },
	{ .name = "open to truncate beneath a root",
	    .run = open_truncating, .check = check_open, .who = WHO_ALL,
	    .needs = { FEATURE_LANDLOCK3 } },
	{ .name = "make a file beneath a root",
	    .run = make_beneath, .check = check_new, .who = WHO_ALL },
	{ .name = "make a file elsewhere",
	    .run = make_outside, .check = check_new, .who = WHO_EVERYBODY },
	{ .name = "make a file without a name",
	    .run = make_unnamed, .who = WHO_ALL },
	{ .name = "remove a file",
	    .run = remove_beneath, .check = check_file, .who = WHO_ALL },
	{ .name = "rename a file",
	    .run = rename_beneath, .check = check_new, .who = WHO_ALL },
	{ .name = "make a directory",
	    .run = mkdir_beneath, .check = check_new, .who = WHO_ALL },
	{ .name = "make a symbolic link",
	    .run = symlink_beneath, .check = check_new, .who = WHO_ALL },
	{ .name = "make a device node",
	    .run = mknod_beneath, .check = check_new, .who = WHO_ALL },
	{ .name = "change a mode by a name",
	    .run = mode_beneath, .check = check_own, .who = WHO_ALL },
	{ .name = "open a device",
	    .run = open_device, .who = WHO_ALL,
	    .granted = WHO_USERS },
	{ .name = "clone the tree above a root",
	    .run = clone_tree, .who = WHO_ALL },
	{ .name = "mount on a directory",
	    .run = mount_over, .who = WHO_ALL },
	{ .name = "mount another file system",
	    .run = mount_fs, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_FSOPEN } },
	{ .name = "mount FUSE in a user namespace",
	    .run = mount_fuse, .who = WHO_EVERYBODY,
	    .needs = { FEATURE_FUSE } },
	{ .name = "move a mount",
	    .run = mount_move, .who = WHO_ALL },
};

const struct op *
ops_path(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
