/*
 * feature_int.h: how each feature is tried; see feature.h.
 *
 * A function runs in a child that ends with it, as the user in question, and
 * returns 0 if the kernel has the feature, or an errno value.
 */

#ifndef FEATURE_INT_H
#define FEATURE_INT_H

#include <sys/types.h>

/* 0, or what a call says is wrong. */
int	 feature_result(long ret);
/* Become a user, who can be traced and mapped as before.  0, or errno. */
int	 feature_become(uid_t);
/* A file system in memory, mounted at "/tmp" for this process.  0, or errno. */
int	 feature_mount_tmp(void);

/* feature_call.c: single calls. */
int	 try_ia32(void);
int	 try_x32(void);
int	 try_program(void);
int	 try_gain(void);
int	 try_seccomp(void);
int	 try_landlock(void);
int	 try_landlock3(void);
int	 try_landlock4(void);
int	 try_landlock6(void);
int	 try_memfd(void);
int	 try_memfd_exec(void);
int	 try_code(void);
int	 try_io_uring(void);
int	 try_userfaultfd(void);
int	 try_bpf(void);
int	 try_perf(void);
int	 try_keys(void);
int	 try_sysvipc(void);
int	 try_inotify(void);

/* feature_proc.c: namespaces and other processes. */
int	 try_userns(void);
int	 try_mntns(void);
int	 try_pidns(void);
int	 try_netns(void);
int	 try_ipcns(void);
int	 try_utsns(void);
int	 try_cgroupns(void);
int	 try_clone3(void);
int	 try_ptrace(void);
int	 try_pidfd(void);
int	 try_pidfd_getfd(void);
int	 try_vm_readv(void);
int	 try_proc_mem(void);
int	 try_proc_others(void);

/* feature_file.c: files and file systems. */
int	 try_openat2(void);
int	 try_linkfd(void);
int	 try_clones(void);
int	 try_fsopen(void);
int	 try_handles(void);
int	 try_xattr(void);
int	 try_flags(void);
/* This one becomes the user by itself, once it has a device. */
int	 try_fuse(uid_t);

/* feature_net.c: sockets. */
int	 try_inet(void);
int	 try_fastopen(void);
int	 try_fastopen_free(void);
int	 try_abstract(void);
int	 try_netlink(void);
int	 try_passpidfd(void);
int	 try_passrights(void);

#endif /* FEATURE_INT_H */
