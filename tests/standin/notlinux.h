/*
 * notlinux.h: included before all else, hides what only Linux has, so that
 * files for other systems are compiled without it.
 *
 * The headers are still those of this system: a file that compiles here may
 * fail there.
 */

#ifndef STANDIN_NOTLINUX_H
#define STANDIN_NOTLINUX_H

#include "config.h"

#include <sys/param.h>
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>	/* major() is in <sys/types.h> there */
#include <sys/un.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef __linux__
#undef HAVE_CLOSE_RANGE
#undef HAVE_MEMFD_CREATE
#undef AT_EMPTY_PATH
#undef AT_NO_AUTOMOUNT
#undef AT_RECURSIVE
#undef F_ADD_SEALS
#undef F_SETPIPE_SZ
#undef MAP_POPULATE
#undef O_PATH
#undef O_TMPFILE
#undef SCM_CREDENTIALS
#undef SO_PASSCRED
#undef SO_PASSRIGHTS
#undef SO_PEERCRED

#pragma GCC poison dirent64 getdents64 memfd_create mount_setattr
#pragma GCC poison open_tree openat2 prctl secure_getenv statx syscall ucred

#endif /* STANDIN_NOTLINUX_H */
