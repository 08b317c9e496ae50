/*
 * ops_restore.c: what a role that restores could be used for beyond that; see
 * hostile.h.  It makes objects beneath one root and sets their metadata, and
 * may neither replace nor remove.
 */

#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hostile.h"

static int
name_file(const struct world *w)
{
	int	 fd;

	fd = scene_open(w->made, ".", O_TMPFILE | O_WRONLY, 0600);
	return fd == -1 ? errno : result(linkat(fd, "", w->made, "new",
	    AT_EMPTY_PATH));
}

static int
make_directory(const struct world *w)
{
	return result(mkdirat(w->made, "new", 0700));
}

static int
make_symlink(const struct world *w)
{
	return result(symlinkat("/", w->made, "new"));
}

static int
make_fifo(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFIFO | 0600, 0));
}

/* Give a file of a directory another name in a directory. */
static int
name_again(int dirfd, const char *name, int to)
{
	int	 fd;

	fd = scene_open(dirfd, name, O_PATH, 0);
	return fd == -1 ? errno : result(linkat(fd, "", to, "new",
	    AT_EMPTY_PATH));
}

static int
name_made(const struct world *w)
{
	return name_again(w->made, "there", w->made);
}

static int
name_read(const struct world *w)
{
	return name_again(w->root, "own", w->made);
}

static int
name_appended(const struct world *w)
{
	return name_again(w->inbox, "log", w->made);
}

static int
change_mode(const struct world *w)
{
	int	 fd = scene_open(w->made, "there", O_WRONLY, 0);

	return fd == -1 ? errno : result(fchmod(fd, 0777));
}

static int
change_times(const struct world *w)
{
	static const struct timespec	 times[2] = { { 1, 0 }, { 1, 0 } };
	int				 fd;

	fd = scene_open(w->made, "there", O_PATH, 0);
	return fd == -1 ? errno : result(utimensat(fd, "", times,
	    AT_EMPTY_PATH));
}

/* Give something to somebody. */
static int
give(int dirfd, const char *name, uid_t uid)
{
	int	 fd;

	fd = scene_open(dirfd, name, O_PATH | O_NOFOLLOW, 0);
	return fd == -1 ? errno : result(fchownat(fd, "", uid, (gid_t)-1,
	    AT_EMPTY_PATH));
}

static int
give_made(const struct world *w)
{
	return give(w->made, "there", w->uid + 1);
}

static int
give_appended(const struct world *w)
{
	return give(w->inbox, "log", w->uid + 1);
}

static int
give_read(const struct world *w)
{
	return give(w->root, "own", w->uid + 1);
}

static int
give_by_path(const struct world *w)
{
	return result(fchownat(AT_FDCWD, scene_path(w, "outside/closed"),
	    w->uid, (gid_t)-1, AT_EMPTY_PATH));
}

static int
times_by_path(const struct world *w)
{
	return result(utimensat(AT_FDCWD, scene_path(w, "root/own"), NULL,
	    AT_EMPTY_PATH));
}

static int
remove_made(const struct world *w)
{
	return result(unlinkat(w->made, "there", 0));
}

static int
remove_appended(const struct world *w)
{
	return result(unlinkat(w->inbox, "log", 0));
}

static int
rename_made(const struct world *w)
{
	return result(renameat2(w->made, "there", w->made, "new",
	    RENAME_NOREPLACE));
}

static int
replace_made(const struct world *w)
{
	int	 fd;

	fd = scene_open(w->made, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
	return fd == -1 ? errno : result(syscall(SYS_renameat2, w->made,
	    "new", w->made, "there", 0));
}

static int
exchange_made(const struct world *w)
{
	return result(renameat2(w->made, "there", w->inbox, "log",
	    RENAME_EXCHANGE));
}

static int
make_device(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFCHR | 0666, makedev(1, 3)));
}

static int
make_whiteout(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFCHR, 0));
}

static int
make_socket(const struct world *w)
{
	return result(mknodat(w->made, "new", S_IFSOCK | 0666, 0));
}

static int
make_in_inbox(const struct world *w)
{
	return result(mkdirat(w->inbox, "new", 0700));
}

static int
make_by_up(const struct world *w)
{
	return result(mkdirat(w->made, "../outside/drop/new", 0700));
}

static int
make_by_path(const struct world *w)
{
	return result(mkdirat(AT_FDCWD, scene_path(w, "outside/drop/new"),
	    0700));
}

/* A program of root's that everybody may run as root. */
static int
make_suid(const struct world *w)
{
	int	 fd;

	fd = scene_open(w->made, "new", O_WRONLY | O_CREAT, 0755);
	if (fd == -1 || fchownat(fd, "", 0, 0, AT_EMPTY_PATH) == -1)
		return errno;
	return result(fchmod(fd, 04755));
}

/* The bit from the beginning: it is lost with the owner. */
static int
make_suid_first(const struct world *w)
{
	int	 fd;

	if (mknodat(w->made, "new", S_IFREG | 04755, 0) == -1 ||
	    (fd = scene_open(w->made, "new", O_WRONLY, 0)) == -1)
		return errno;
	return result(fchownat(fd, "", 0, 0, AT_EMPTY_PATH));
}

/* cap_dac_override=ep, of <linux/capability.h>. */
static int
make_capable(const struct world *w)
{
	static const uint32_t	 caps[] = { 0x02000001, 2, 0, 0, 0 };
	int			 fd;

	fd = scene_open(w->made, "new", O_WRONLY | O_CREAT, 0755);
	return fd == -1 ? errno : result(fsetxattr(fd, "security.capability",
	    caps, sizeof(caps), 0));
}

static bool
check_capable(const struct world *w, bool claimed)
{
	char	 caps[64];

	(void)claimed;
	return lgetxattr(scene_path(w, "made/new"), "security.capability",
	    caps, sizeof(caps)) > 0;
}

#define GRANTED(text, function, looks) \
	{ .name = text, .run = function, .check = looks, \
	    .who = WHO_RESTORER, .granted = WHO_RESTORER }
#define FORBIDDEN(text, function, looks) \
	{ .name = text, .run = function, .check = looks, .who = WHO_RESTORER }

static const struct op	 ops[] = {
	GRANTED("make a file, then name it", name_file, check_new),
	GRANTED("make a directory", make_directory, check_new),
	GRANTED("make a link", make_symlink, check_new),
	GRANTED("make a FIFO", make_fifo, check_new),
	GRANTED("give a file another name", name_made, check_new),
	GRANTED("change a mode", change_mode, check_made),
	GRANTED("change times", change_times, check_made),
	GRANTED("give a file away", give_made, check_made),
	GRANTED("append root: give a file away", give_appended, check_inbox),
	FORBIDDEN("remove a file", remove_made, check_made),
	FORBIDDEN("rename a file", rename_made, check_new),
	FORBIDDEN("replace a file", replace_made, check_made),
	FORBIDDEN("exchange two files", exchange_made, check_made),
	FORBIDDEN("append root: remove a file", remove_appended, check_inbox),
	FORBIDDEN("append root: make a directory", make_in_inbox, check_new),
	FORBIDDEN("append root: name its file here", name_appended, check_new),
	FORBIDDEN("read root: name its file here", name_read, check_new),
	FORBIDDEN("read root: give a file away", give_read, check_own),
	FORBIDDEN("make a device", make_device, check_new),
	FORBIDDEN("make a whiteout", make_whiteout, check_new),
	FORBIDDEN("make a socket", make_socket, check_new),
	FORBIDDEN("make a directory by ..", make_by_up, check_new),
	FORBIDDEN("make a directory by its path", make_by_path, check_new),
	FORBIDDEN("give a directory away by its path", give_by_path, NULL),
	FORBIDDEN("change times by a path", times_by_path, check_own),
	FORBIDDEN("set-user-ID root", make_suid, check_suid),
	FORBIDDEN("set-user-ID, then root", make_suid_first, check_suid),
	FORBIDDEN("capabilities of a file", make_capable, check_capable),
};

const struct op *
ops_restore(size_t *n)
{
	*n = sizeof(ops) / sizeof(ops[0]);
	return ops;
}
