/*
 * ops_write.c: what a role that appends and creates could be used for beyond
 * that; see hostile.h.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile.h"

static int
append_log(const struct world *w)
{
	return result(scene_open(w->inbox, "log", O_WRONLY | O_APPEND, 0));
}

static int
overwrite_log(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY | O_TRUNC, 0);

	return fd == -1 ? errno : result(ftruncate(fd, 0));
}

static int
grow_log(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY, 0);

	return fd == -1 ? errno : result(ftruncate(fd, 1 << 20));
}

static int
write_log(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY | O_APPEND, 0);

	return fd == -1 ? errno : write(fd, "more", 4) == 4 ? 0 : errno;
}

static int
allocate_log(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY, 0);

	return fd == -1 ? errno : result(fallocate(fd, 0, 0, 1 << 20));
}

static int
read_log(const struct world *w)
{
	return result(scene_open(w->inbox, "log", O_RDONLY, 0));
}

static int
list_inbox(const struct world *w)
{
	return result(scene_open(w->inbox, ".", O_RDONLY | O_DIRECTORY, 0));
}

static int
make_in_inbox(const struct world *w)
{
	return result(scene_open(w->inbox, "new", O_WRONLY | O_CREAT, 0600));
}

static int
make_in_made(const struct world *w)
{
	return result(scene_open(w->made, "new", O_WRONLY | O_CREAT | O_EXCL,
	    0600));
}

static int
open_made(const struct world *w)
{
	return result(scene_open(w->made, "there", O_WRONLY, 0));
}

static int
truncate_made(const struct world *w)
{
	return result(scene_open(w->made, "there", O_WRONLY | O_TRUNC, 0));
}

static int
read_made(const struct world *w)
{
	return result(scene_open(w->made, "there", O_RDONLY, 0));
}

static int
make_readable(const struct world *w)
{
	return result(scene_open(w->made, "new", O_RDWR | O_CREAT, 0600));
}

static int
give_away(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY, 0);

	return fd == -1 ? errno : result(fchown(fd, w->uid + 1, (gid_t)-1));
}

/* The mode of a new file is the kernel's to take, the owner not. */
static int
make_suid(const struct world *w)
{
	struct statx	 stx;
	int		 fd;

	fd = scene_open(w->made, "new", O_WRONLY | O_CREAT, 06755);
	if (fd == -1 || statx(fd, "", AT_EMPTY_PATH, STATX_UID, &stx) == -1)
		return errno;
	if (stx.stx_uid == 0)
		return 0;
	if (fchown(fd, 0, 0) == -1)
		return errno;
	return result(fchmod(fd, 06755));
}

static int
make_suid_empty(const struct world *w)
{
	return result(scene_open(w->made, "new", O_WRONLY | O_CREAT, 06755));
}

/* Whoever writes to such a file clears the bits. */
static int
make_suid_filled(const struct world *w)
{
	int	 fd;

	fd = scene_open(w->made, "new", O_WRONLY | O_CREAT, 06755);
	return fd == -1 ? errno : result(ftruncate(fd, 4096));
}

static int
change_mode(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY, 0);

	return fd == -1 ? errno : result(fchmod(fd, 0777));
}

static int
change_times(const struct world *w)
{
	int	 fd = scene_open(w->inbox, "log", O_WRONLY, 0);

	return fd == -1 ? errno : result(futimens(fd, NULL));
}

static int
remove_log(const struct world *w)
{
	return result(unlinkat(w->inbox, "log", 0));
}

static int
rename_out(const struct world *w)
{
	return result(renameat(w->inbox, "log", w->made, "new"));
}

static int
mkdir_in_made(const struct world *w)
{
	return result(mkdirat(w->made, "new", 0700));
}

static int
symlink_in_made(const struct world *w)
{
	return result(symlinkat("/", w->made, "new"));
}

static int
mknod_in_made(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFCHR | 0600, makedev(1, 3)));
}

static int
fifo_in_made(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFIFO | 0600, 0));
}

static int
open_device(const struct world *w)
{
	return result(scene_open(w->inbox, "device", O_WRONLY, 0));
}

static int
write_up(const struct world *w)
{
	return result(scene_open(w->inbox, "../root/open", O_WRONLY, 0));
}

static int
make_up(const struct world *w)
{
	return result(scene_open(w->made, "../outside/drop/new",
	    O_WRONLY | O_CREAT, 0600));
}

static int
append_named(const struct world *w)
{
	return result(scene_open(w->noted, "log", O_WRONLY | O_APPEND, 0));
}

static int
write_beside(const struct world *w)
{
	int	 fd = scene_open(w->noted, "beside", O_WRONLY, 0);

	return fd == -1 ? errno : result(ftruncate(fd, 0));
}

static int
truncate_beside(const struct world *w)
{
	return result(scene_open(w->noted, "beside", O_WRONLY | O_TRUNC, 0));
}

static int
grow_beside(const struct world *w)
{
	int	 fd = scene_open(w->noted, "beside", O_WRONLY, 0);

	return fd == -1 ? errno : result(ftruncate(fd, 1 << 20));
}

static int
make_beside(const struct world *w)
{
	return result(scene_open(w->noted, "new", O_WRONLY | O_CREAT, 0600));
}

static int
remove_beside(const struct world *w)
{
	return result(unlinkat(w->noted, "beside", 0));
}

static const struct op	 ops[] = {
	{ .name = "append to what a rule names",
	    .run = append_named, .who = WHO_WRITER, .granted = WHO_WRITER },
	{ .name = "write to a file beside it",
	    .run = write_beside, .check = check_beside, .who = WHO_WRITER,
	    .granted = WHO_WRITER },
	{ .name = "truncate a file beside it",
	    .run = truncate_beside, .check = check_beside, .who = WHO_WRITER,
	    .granted = WHO_WRITER },
	{ .name = "let a file beside it grow",
	    .run = grow_beside, .check = check_beside, .who = WHO_WRITER },
	{ .name = "make a file beside it",
	    .run = make_beside, .check = check_new, .who = WHO_WRITER },
	{ .name = "remove a file beside it",
	    .run = remove_beside, .check = check_beside, .who = WHO_WRITER },
	{ .name = "append root: write over a file",
	    .run = overwrite_log, .check = check_inbox, .who = WHO_WRITER,
	    .granted = WHO_WRITER },
	{ .name = "append root: append to a file",
	    .run = append_log, .who = WHO_WRITER, .granted = WHO_WRITER },
	{ .name = "append root: give a file away",
	    .run = give_away, .check = check_inbox, .who = WHO_WRITER,
	    .granted = WHO_WRITER },
	{ .name = "append root: let a file grow",
	    .run = grow_log, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: write to a file",
	    .run = write_log, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: allocate blocks",
	    .run = allocate_log, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: read a file",
	    .run = read_log, .who = WHO_WRITER },
	{ .name = "append root: list it",
	    .run = list_inbox, .who = WHO_WRITER },
	{ .name = "append root: make a file",
	    .run = make_in_inbox, .check = check_new, .who = WHO_WRITER },
	{ .name = "append root: change a mode",
	    .run = change_mode, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: change times",
	    .run = change_times, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: remove a file",
	    .run = remove_log, .check = check_inbox, .who = WHO_WRITER },
	{ .name = "append root: rename out of it",
	    .run = rename_out, .check = check_new, .who = WHO_WRITER },
	{ .name = "append root: open a device",
	    .run = open_device, .who = WHO_WRITER },
	{ .name = "append root: write by ..",
	    .run = write_up, .who = WHO_WRITER },
	{ .name = "create root: make a file",
	    .run = make_in_made, .check = check_new, .who = WHO_WRITER,
	    .granted = WHO_WRITER },
	{ .name = "create root: open a file to write",
	    .run = open_made, .who = WHO_WRITER, .granted = WHO_WRITER },
	{ .name = "create root: truncate a file",
	    .run = truncate_made, .check = check_made, .who = WHO_WRITER,
	    .needs = { FEATURE_LANDLOCK3 } },
	{ .name = "create root: read a file",
	    .run = read_made, .who = WHO_WRITER },
	{ .name = "create root: make one to read",
	    .run = make_readable, .who = WHO_WRITER },
	{ .name = "create root: set-user-ID root",
	    .run = make_suid, .check = check_suid, .who = WHO_WRITER },
	{ .name = "create root: set-user-ID, empty",
	    .run = make_suid_empty, .check = check_new,
	    .who = WHO_WRITER, .granted = WHO_WRITER },
	{ .name = "create root: set-user-ID, filled",
	    .run = make_suid_filled, .check = check_suid_filled,
	    .who = WHO_WRITER,
	    .needs = { FEATURE_LANDLOCK3 } },
	{ .name = "create root: make a directory",
	    .run = mkdir_in_made, .check = check_new, .who = WHO_WRITER },
	{ .name = "create root: make a link",
	    .run = symlink_in_made, .check = check_new, .who = WHO_WRITER },
	{ .name = "create root: make a device",
	    .run = mknod_in_made, .check = check_new, .who = WHO_WRITER },
	{ .name = "create root: make a FIFO",
	    .run = fifo_in_made, .check = check_new, .who = WHO_WRITER },
	{ .name = "create root: make by ..",
	    .run = make_up, .check = check_new, .who = WHO_WRITER },
};

const struct op *
ops_write(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
