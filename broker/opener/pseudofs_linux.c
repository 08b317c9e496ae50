/*
 * pseudofs_linux.c: the pseudo file systems of Linux, by the number that
 * statfs(2) gives; see pseudofs.h.
 *
 * Runs in the opener.  Opens nothing.
 */

#include "config.h"

#include <sys/statfs.h>

#include <stddef.h>

#include <linux/magic.h>

#include "opener/pseudofs.h"

/* Those that linux/magic.h of older kernels lacks. */
#define CONFIGFS	0x62656570
#define FUSECTL		0x65735543
#define MQUEUE		0x19800202
#define RPC_PIPEFS	0x67596969
#define RESCTRL		0x7655821
#define NFSD		0x6e667364

static const unsigned long	 types[] = {
	PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC,
	CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, SECURITYFS_MAGIC,
	TRACEFS_MAGIC, DEBUGFS_MAGIC, BPF_FS_MAGIC, SELINUX_MAGIC,
	SMACK_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC, BINFMTFS_MAGIC,
	NSFS_MAGIC, OPENPROM_SUPER_MAGIC, CONFIGFS, FUSECTL, MQUEUE,
	RPC_PIPEFS, RESCTRL, NFSD
};

bool
pseudofs_has(int fd)
{
	struct statfs	 fs;
	size_t		 i;

	if (fstatfs(fd, &fs) == -1)
		return false;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffffUL) == types[i])
			return true;
	return false;
}
