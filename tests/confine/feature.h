/*
 * feature.h: what the kernel at hand can do, found out by trying it without
 * any confinement.
 *
 * Tests take some of this for granted.  They name it here, and are skipped,
 * with the reason, where it is missing.
 */

#ifndef FEATURE_H
#define FEATURE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

enum feature {
	FEATURE_NONE,
	/* Ways into the kernel. */
	FEATURE_IA32,
	FEATURE_X32,
	FEATURE_PROGRAM,	/* the scene has a program for this processor */
	FEATURE_GAIN,		/* set-user-ID programs work */
	/* What fdbroker needs, or cannot do without by default. */
	FEATURE_SECCOMP,
	FEATURE_LANDLOCK,
	FEATURE_LANDLOCK3,
	FEATURE_LANDLOCK4,
	FEATURE_LANDLOCK6,
	FEATURE_OPENAT2,
	FEATURE_CLONES,
	FEATURE_MEMFD,
	FEATURE_LINKFD,		/* linkat(2) takes a descriptor */
	/* Namespaces; each one that a user makes is in a user namespace. */
	FEATURE_USERNS,
	FEATURE_MNTNS,
	FEATURE_PIDNS,
	FEATURE_NETNS,
	FEATURE_IPCNS,
	FEATURE_UTSNS,
	FEATURE_CGROUPNS,
	FEATURE_CLONE3,
	/* Other processes. */
	FEATURE_PTRACE,
	FEATURE_PIDFD,
	FEATURE_PIDFD_GETFD,
	FEATURE_VM_READV,
	FEATURE_PROC_MEM,
	FEATURE_PROC_OTHERS,
	/* Files and file systems. */
	FEATURE_FSOPEN,
	FEATURE_HANDLES,
	FEATURE_XATTR,
	FEATURE_FLAGS,
	FEATURE_FUSE,
	/* Sockets. */
	FEATURE_INET,
	FEATURE_FASTOPEN,
	FEATURE_FASTOPEN_FREE,	/* Landlock does not stop it */
	FEATURE_ABSTRACT,
	FEATURE_NETLINK,
	FEATURE_PASSPIDFD,
	FEATURE_PASSRIGHTS,
	/* Services. */
	FEATURE_IO_URING,
	FEATURE_USERFAULTFD,
	FEATURE_BPF,
	FEATURE_PERF,
	FEATURE_KEYS,
	FEATURE_MEMFD_EXEC,
	FEATURE_CODE,		/* memory that is written and executed */
	FEATURE_SYSVIPC,
	FEATURE_INOTIFY,
	NFEATURES
};

#define FEATURE_WHY	160

/* By its key, such as "io_uring"; FEATURE_NONE if there is none. */
enum feature	 feature_from(const char *key);
const char	*feature_key(enum feature);

/*
 * True if the kernel has it for a user, who is the caller if the caller is not
 * root.  Otherwise `why' says what is needed and how it failed.  It is tried
 * in a child, once for each user.
 */
bool		 feature_has(enum feature, uid_t, char why[FEATURE_WHY]);

/*
 * For attacks that need more than one call.  0, or an errno value.
 *
 * Enter a user namespace in which one is root, and a mount namespace; mount a
 * FUSE file system in it.
 */
int		 feature_enter_userns(void);
int		 feature_mount_fuse(const char *device, const char *dir);

/* Is it tried only as root, since users may never do it? */
bool		 feature_is_roots(enum feature);

#endif /* FEATURE_H */
