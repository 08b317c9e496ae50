/*
 * fskind_linux.c: which file systems compare names byte by byte; see fskind.h.
 *
 * Runs in the opener, and in fdbrokerd -n.  Looks at directories.
 *
 * A file system is in the table if its code cannot do otherwise, or if it can
 * be asked.  Missing are, on purpose: overlayfs, whose layers decide, and which
 * may be FUSE; NFS, SMB and 9P, whose servers decide; FUSE; vfat, exfat, ntfs
 * and the like; ZFS, which has .zfs, and Ceph, which has .snap, without listing
 * them; proc, which has directories of threads that it does not list.
 */

#include "config.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/magic.h>

#include "base/fskind.h"

#ifndef FS_CASEFOLD_FL
#define FS_CASEFOLD_FL		0x40000000	/* Linux 5.4 */
#endif
#ifndef EROFS_SUPER_MAGIC_V1
#define EROFS_SUPER_MAGIC_V1	0xe0f5e1e2
#endif
#ifndef F2FS_SUPER_MAGIC
#define F2FS_SUPER_MAGIC	0xf2f52010
#endif
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC		0x58465342
#endif

/* The word at 68 has the features that an older kernel must not ignore. */
#define EXT_INCOMPAT		68
#define EXT_INCOMPAT_CASEFOLD	0x20000

/* The word at 92 has flags. */
#define XFS_FLAGS		92
#define XFS_FLAGS_ASCII_CI	0x1000

/*
 * A kernel that can fold the names of a file system says so beneath /sys.
 * Where /sys is missing, it may.
 */
static bool
may_fold(const char *feature)
{
	return access("/sys/fs", F_OK) == -1 || access(feature, F_OK) == 0;
}

void
fskind_init(struct fskind_kernel *k)
{
	k->ext = may_fold("/sys/fs/ext4/features/casefold");
	k->f2fs = may_fold("/sys/fs/f2fs/features/casefold");
	k->tmpfs = may_fold("/sys/fs/tmpfs/features/casefold");
}

/* A flag in the answer of an ioctl(2); or `otherwise' if there is none. */
static bool
ioctl_flag(int fd, unsigned long request, size_t at, uint32_t flag,
    bool otherwise)
{
	uint64_t	 answer[FSKIND_ANSWER / sizeof(uint64_t)];
	uint32_t	 word;

	memset(answer, 0, sizeof(answer));
	if (ioctl(fd, request, answer) == -1)
		return otherwise;
	memcpy(&word, (const char *)answer + at, sizeof(word));
	return (word & flag) != 0;
}

static enum fskind
marked_if(bool may)
{
	return may ? FSKIND_MARKED : FSKIND_EXACT;
}

enum fskind
fskind_get(const struct fskind_kernel *k, int fd)
{
	struct statfs	 st;
	int		 saved = errno;
	enum fskind	 kind = FSKIND_UNKNOWN;

	if (fstatfs(fd, &st) == -1)
		goto out;
	switch ((uint32_t)st.f_type) {
	case BTRFS_SUPER_MAGIC:
	case EROFS_SUPER_MAGIC_V1:
	case RAMFS_MAGIC:
	case SQUASHFS_MAGIC:
		kind = FSKIND_EXACT;
		break;
	case EXT4_SUPER_MAGIC:	/* ext2 and ext3 have the same */
		kind = marked_if(k->ext && ioctl_flag(fd, FSKIND_EXT_PARAMS,
		    EXT_INCOMPAT, EXT_INCOMPAT_CASEFOLD, true));
		break;
	case F2FS_SUPER_MAGIC:
		kind = marked_if(k->f2fs);
		break;
	case TMPFS_MAGIC:
		kind = marked_if(k->tmpfs);
		break;
	case XFS_SUPER_MAGIC:
		if (!ioctl_flag(fd, FSKIND_XFS_GEOMETRY, XFS_FLAGS,
		    XFS_FLAGS_ASCII_CI, true))
			kind = FSKIND_EXACT;
		break;
	}
out:
	errno = saved;
	return kind;
}

int
fskind_is_marked(int fd)
{
	unsigned int	 flags[2] = { 0, 0 };	/* the kernel writes an int */

	if (ioctl(fd, FS_IOC_GETFLAGS, flags) == 0)
		return (flags[0] & FS_CASEFOLD_FL) != 0;
	/* A directory that cannot be asked may be anything. */
	return errno == EBADF ? -1 : 1;
}
