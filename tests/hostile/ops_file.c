/*
 * ops_file.c: attacks through descriptors that the attacker holds; see
 * hostile.h.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
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

#include "hostile.h"

int
result(long ret)
{
	return ret == -1 ? errno : 0;
}

/* Open what a descriptor refers to anew. */
static int
reopen(int fd, uint64_t flags)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return scene_open(AT_FDCWD, path, flags, 0);
}

/* Write over the beginning: all bytes are text. */
static int
deface(int fd)
{
	return fd == -1 ? errno : result(pwrite(fd, "XX", 2, 0));
}

static int
reopen_open(const struct world *w)
{
	return deface(reopen(w->open, O_RDWR));
}

static int
reopen_own(const struct world *w)
{
	return deface(reopen(w->own, O_WRONLY));
}

static int
reopen_truncating(const struct world *w)
{
	return result(reopen(w->own, O_RDONLY | O_TRUNC));
}

static int
truncate_path(const struct world *w)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", w->own);
	return result(truncate(path, 0));
}

static int
write_it(const struct world *w)
{
	return result(pwrite(w->open, "XX", 2, 0));
}

static int
truncate_it(const struct world *w)
{
	return result(ftruncate(w->own, 0));
}

static int
map_to_write(const struct world *w)
{
	void	*p;

	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, w->open, 0);
	if (p == MAP_FAILED)
		return errno;
	memcpy(p, "XX", 2);
	return 0;
}

static int
change_times(const struct world *w)
{
	return result(futimens(w->own, NULL));
}

static int
change_mode(const struct world *w)
{
	return result(fchmod(w->own, 0777));
}

static int
change_group(const struct world *w)
{
	return result(fchown(w->own, (uid_t)-1, w->uid));
}

static int
change_attribute(const struct world *w)
{
	return result(fsetxattr(w->own, "user.hostile", "x", 1, 0));
}

static int
change_flags(const struct world *w)
{
	int	 flags = FS_NODUMP_FL;

	return result(ioctl(w->own, FS_IOC_SETFLAGS, &flags));
}

static int
lock_flock(const struct world *w)
{
	return result(flock(w->own, LOCK_EX | LOCK_NB));
}

static int
lock_record(const struct world *w)
{
	struct flock	 fl = { .l_type = F_RDLCK };

	return result(fcntl(w->own, F_OFD_SETLK, &fl));
}

static int
lock_lease(const struct world *w)
{
	return result(fcntl(w->own, F_SETLEASE, F_RDLCK));
}

static int
execute(int fd)
{
	char	 name[] = "program", *argv[] = { name, NULL };
	char	*envp[] = { NULL };

	(void)syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	return errno;
}

static int
execute_program(const struct world *w)
{
	return execute(w->program);
}

static int
execute_suid(const struct world *w)
{
	return execute(w->suid);
}

static int
map_program(const struct world *w)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE,
	    w->program, 0) == MAP_FAILED ? errno : 0;
}

static int
link_it(const struct world *w)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", w->own);
	return result(linkat(AT_FDCWD, path, AT_FDCWD,
	    scene_path(w, "outside/drop/new"), AT_SYMLINK_FOLLOW));
}

static int
link_beside(const struct world *w)
{
	char	 path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", w->own);
	return result(linkat(AT_FDCWD, path, w->root, "drop/new",
	    AT_SYMLINK_FOLLOW));
}

/* The handle is one that can be guessed. */
static int
open_handle(const struct world *w)
{
	unsigned char	 handle[HANDLE_MAX] __attribute__((aligned(8)));

	memcpy(handle, w->handle, sizeof(handle));
	return result(open_by_handle_at(w->own,
	    (struct file_handle *)handle, O_RDONLY | O_CLOEXEC));
}

/* Make the mount writable that a descriptor is from. */
static int
make_writable(const struct world *w)
{
	struct mount_attr	 attr;

	memset(&attr, 0, sizeof(attr));
	attr.attr_clr = MOUNT_ATTR_RDONLY;
	(void)mount_setattr(w->root, "", AT_EMPTY_PATH, &attr, sizeof(attr));
	return deface(scene_open(w->root, "open", O_WRONLY, 0));
}

/* The same as one who has all capabilities over mounts of one's own. */
static int
make_writable_userns(const struct world *w)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return errno;
	return make_writable(w);
}

static int
reread_output(const struct world *w)
{
	return result(reopen(w->out, O_RDONLY));
}

static int
output_mode(const struct world *w)
{
	return result(fchmod(w->out, 0600));
}

static int
read_it(const struct world *w)
{
	char	 c;

	return result(pread(w->own, &c, 1, 0));
}

/* As fstat(3) does it only where it has this call. */
static int
stat_it(const struct world *w)
{
	char	 st[512];

	return result(syscall(SYS_fstat, w->own, st));
}

static int
write_output(const struct world *w)
{
	return result(write(w->out, "x", 1));
}

static int
clear_append(const struct world *w)
{
	if (fcntl(w->append, F_SETFL, 0) == -1)
		return errno;
	return deface(w->append);
}

/* An opener's own way to a file. */
static int
open_granted(const struct world *w)
{
	return result(scene_open(w->root, "denied", O_RDONLY, 0));
}

static const struct op	 ops[] = {
	{ .name = "reopen a file that all may write",
	    .run = reopen_open, .check = check_open, .who = WHO_ALL },
	{ .name = "reopen its own file to write",
	    .run = reopen_own, .check = check_own, .who = WHO_ALL },
	{ .name = "reopen its own file, truncating",
	    .run = reopen_truncating, .check = check_own, .who = WHO_ALL,
	    .needs = { FEATURE_LANDLOCK3 } },
	{ .name = "truncate(2) by /proc/self/fd",
	    .run = truncate_path, .check = check_own, .who = WHO_ALL,
	    .needs = { FEATURE_LANDLOCK3 } },
	{ .name = "write through it",
	    .run = write_it, .check = check_open, .who = WHO_ALL },
	{ .name = "truncate through it",
	    .run = truncate_it, .check = check_own, .who = WHO_ALL },
	{ .name = "map it shared to write",
	    .run = map_to_write, .check = check_open, .who = WHO_ALL },
	{ .name = "change its times",
	    .run = change_times, .check = check_own, .who = WHO_ALL },
	{ .name = "change its mode",
	    .run = change_mode, .check = check_own, .who = WHO_ALL },
	{ .name = "change its group",
	    .run = change_group, .check = check_own, .who = WHO_ALL },
	{ .name = "change an extended attribute",
	    .run = change_attribute, .check = check_own, .who = WHO_ALL,
	    .needs = { FEATURE_XATTR } },
	{ .name = "change its flags (chattr)",
	    .run = change_flags, .check = check_own, .who = WHO_ALL,
	    .needs = { FEATURE_FLAGS } },
	{ .name = "make it writable: mount_setattr",
	    .run = make_writable, .check = check_open, .who = WHO_ALL },
	{ .name = "... in a user namespace",
	    .run = make_writable_userns, .check = check_open, .who = WHO_ALL,
	    .needs = { FEATURE_USERNS, FEATURE_MNTNS } },
	{ .name = "lock it: flock",
	    .run = lock_flock, .check = check_locked, .who = WHO_WORKER },
	{ .name = "lock it: F_OFD_SETLK",
	    .run = lock_record, .check = check_locked, .who = WHO_WORKER },
	{ .name = "lock it: F_SETLEASE",
	    .run = lock_lease, .check = check_locked, .who = WHO_WORKER },
	{ .name = "lock it: flock",
	    .run = lock_flock, .who = WHO_OPENER },
	{ .name = "link it elsewhere",
	    .run = link_it, .check = check_new, .who = WHO_ALL },
	{ .name = "link it beneath the root",
	    .run = link_beside, .check = check_new, .who = WHO_ALL },
	{ .name = "execute a file",
	    .run = execute_program, .who = WHO_ALL,
	    .needs = { FEATURE_PROGRAM } },
	{ .name = "execute a set-user-ID file",
	    .run = execute_suid, .who = WHO_ALL,
	    .needs = { FEATURE_PROGRAM, FEATURE_GAIN } },
	{ .name = "map a file as code",
	    .run = map_program, .who = WHO_ALL },
	{ .name = "open_by_handle_at",
	    .run = open_handle, .who = WHO_ALL,
	    .needs = { FEATURE_HANDLES } },
	{ .name = "reopen its output to read",
	    .run = reread_output, .who = WHO_WORKER },
	{ .name = "change its output's mode",
	    .run = output_mode, .who = WHO_WORKER },
	{ .name = "fstat a file that it has",
	    .run = stat_it, .who = WHO_ALL,
	    .granted = WHO_ALL & ~(unsigned int)WHO_PRIVATE },
	{ .name = "read a file that it has",
	    .run = read_it, .who = WHO_WORKER, .granted = WHO_WORKER },
	{ .name = "write its output",
	    .run = write_output, .who = WHO_WORKER, .granted = WHO_WORKER },
	{ .name = "clear O_APPEND and overwrite",
	    .run = clear_append, .check = check_inbox, .who = WHO_WORKER,
	    .granted = WHO_WORKER },
	{ .name = "open what a rule denies",
	    .run = open_granted, .who = WHO_OPENER, .granted = WHO_OPENER },
};

const struct op *
ops_file(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
