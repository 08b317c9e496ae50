/*
 * landlock_linux.c: restrict paths, network and scopes through Landlock, at the
 * newest ABI that the kernel offers.
 *
 * Runs in every process but the supervisor and the controller.  There is no
 * library for Landlock.  Constants that the headers of the build machine may
 * lack are given as documented in landlock(7) and
 * Documentation/userspace-api/landlock.rst.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/fd.h"
#include "base/rights.h"
#include "confine/confine.h"
#include "confine/landlock.h"

/*
 * The kernel takes a larger struct than it knows, as long as the fields that it
 * does not know are 0; otherwise it answers E2BIG.
 */
struct ruleset_attr {
	uint64_t	 handled_access_fs;
	uint64_t	 handled_access_net;	/* ABI 4 */
	uint64_t	 scoped;		/* ABI 6 */
};

#define FS_ABI1		((1ULL << 13) - 1)	/* EXECUTE ... MAKE_SYM */
#define FS_REFER	(1ULL << 13)		/* ABI 2 */
#define FS_TRUNCATE	(1ULL << 14)		/* ABI 3 */
#define FS_IOCTL_DEV	(1ULL << 15)		/* ABI 5 */
#define NET_BIND	(1ULL << 0)	/* ABI 4 */
#define NET_ALL		((1ULL << 2) - 1)	/* TCP bind and connect */
#define SCOPE_ALL	((1ULL << 2) - 1)	/* abstract sockets, signals */

/* All that the kernel can restrict; a module may ask a server over TCP. */
static void
ruleset_all(struct ruleset_attr *attr, enum confine_who who, int abi)
{
	bool	 connects = who == CONFINE_NAMES || who == CONFINE_LOOKUP;

	memset(attr, 0, sizeof(*attr));
	attr->handled_access_fs = FS_ABI1;
	if (abi >= 2)
		attr->handled_access_fs |= FS_REFER;
	if (abi >= 3)
		attr->handled_access_fs |= FS_TRUNCATE;
	if (abi >= 4)
		attr->handled_access_net = connects ? NET_BIND : NET_ALL;
	if (abi >= 5)
		attr->handled_access_fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		attr->scoped = SCOPE_ALL;
}

/* Landlock's rights for RIGHTS_*, as far as this kernel handles them. */
static uint64_t
access_of(unsigned int may, uint64_t handled)
{
	uint64_t	 access = 0;

	if (may & RIGHTS_READ)
		access |= LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_READ_DIR;
	if (may & RIGHTS_LIST)
		access |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (may & RIGHTS_WRITE)
		access |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
	if (may & RIGHTS_CREATE)
		access |= LANDLOCK_ACCESS_FS_MAKE_REG |
		    LANDLOCK_ACCESS_FS_WRITE_FILE;
	/*
	 * A role that sets metadata restores: whoever gets a new file gives it
	 * a size, which ends in a hole.  The open file has the right for that
	 * from the domain of whom opened it.
	 */
	if ((may & RIGHTS_CREATE) && (may & RIGHTS_FIFO))
		access |= FS_TRUNCATE;
	if (may & RIGHTS_IOCTL)
		access |= FS_IOCTL_DEV;
	if (may & RIGHTS_MKDIR)
		access |= LANDLOCK_ACCESS_FS_MAKE_DIR;
	if (may & RIGHTS_SYMLINK)
		access |= LANDLOCK_ACCESS_FS_MAKE_SYM;
	/* From one directory to another is REFER. */
	if (may & RIGHTS_LINK)
		access |= LANDLOCK_ACCESS_FS_MAKE_REG | FS_REFER;
	if (may & (RIGHTS_REPLACE | RIGHTS_REMOVE))
		access |= LANDLOCK_ACCESS_FS_REMOVE_FILE;
	if (may & RIGHTS_REMOVE)
		access |= LANDLOCK_ACCESS_FS_REMOVE_DIR;
	if (may & RIGHTS_FIFO)
		access |= LANDLOCK_ACCESS_FS_MAKE_FIFO;
	if (may & RIGHTS_MKNOD)
		access |= LANDLOCK_ACCESS_FS_MAKE_CHAR |
		    LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		    LANDLOCK_ACCESS_FS_MAKE_SOCK;
	return access & handled;
}

static int
ruleset_add_root(int ruleset, const struct confine_root *r, uint64_t handled)
{
	struct landlock_path_beneath_attr	 attr;

	memset(&attr, 0, sizeof(attr));
	attr.allowed_access = access_of(r->may, handled);
	attr.parent_fd = r->fd;
	return (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
}

/*
 * Try to bind a TCP port, which no process may.  0 if that fails with EACCES,
 * or if it cannot be tried: there is no network, or the kernel's Landlock is
 * older than ABI 4.
 */
static int
landlock_verify_net(void)
{
	struct sockaddr_in	 sin;
	int			 abi, fd, ret;

	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (abi < 4 || fd == -1) {
		fd_close(&fd);
		return 0;
	}
	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ret = bind(fd, (struct sockaddr *)&sin, sizeof(sin));
	if (ret == -1 && errno == EACCES)
		ret = 0;
	else
		ret = -1;
	fd_close(&fd);
	return ret;
}

int
landlock_verify(const struct confine *c)
{
	int	 fd;

	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 && errno == EACCES)
		return 0;
	/* A role's root may be "/", or contain our root directory. */
	if (fd != -1 && c->nroots > 0 && landlock_verify_net() == 0) {
		fd_close(&fd);
		return 0;
	}
	fd_close(&fd);
	errno = EPERM;
	return -1;
}

int
landlock_enter(const struct confine *c)
{
	struct ruleset_attr	 attr;
	size_t			 i;
	int			 abi, ruleset, ret = -1;

	abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (abi == -1)
		return -1;
	ruleset_all(&attr, c->who, abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset == -1)
		return -1;
	for (i = 0; i < c->nroots; i++)
		if (ruleset_add_root(ruleset, &c->roots[i],
		    attr.handled_access_fs) == -1)
			goto out;
	ret = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
out:
	fd_close(&ruleset);
	return ret;
}
