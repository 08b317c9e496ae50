/*
 * private.c: start an opener for one user; see private.h.
 *
 * Runs in the controller of fdbackup, with the user's rights.
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/proto.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "opener/private.h"
#include "policy/glob.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"

/* Limits of its session; fdbroker-protocol(7) explains them. */
#define PRIVATE_WINDOW	8
#define PRIVATE_TOKENS	256
#define PRIVATE_SNDBUF	(256 * 1024)

_Static_assert(PRIVATE_ROOTS_MAX == POLICY_ROOTS_MAX &&
    PRIVATE_NAMES_MAX == POLICY_NAMES_MAX, "limits of the policy");

/* A role that permits to read beneath the roots. */
static struct role *
private_role(char *const *roots, size_t nroots)
{
	char		 pattern[2 * PROTO_PATH_MAX];
	struct role	*role;
	const char	*why;
	size_t		 i;

	if ((role = role_new("private", "command line", 0)) == NULL)
		return NULL;
	for (i = 0; i < nroots; i++) {
		if (glob_quote(pattern, sizeof(pattern), roots[i]) == -1 ||
		    role_add_rule(role, POLICY_PERMIT, POLICY_OP_READ,
		    pattern, NULL, "command line", 0, &why) == -1) {
			role_free(role);
			return NULL;
		}
	}
	return role;
}

static void
private_info(struct fdb_session_info *info)
{
	memset(info, 0, sizeof(*info));
	info->window = PRIVATE_WINDOW;
	info->batch = FDB_BATCH_MAX;
	info->bytes = PROTO_MAX;
	info->tokens = PRIVATE_TOKENS;
	(void)strlcpy(info->role, "private", sizeof(info->role));
}

int
private_prepare(struct private_opener *po)
{
	int	 fds[2];

	po->pid = -1;
	po->channel = po->sock = po->end = -1;
	if (dgram_pair_seq(fds) == -1)
		return -1;
	po->sock = fds[0];
	po->end = fds[1];
	return 0;
}

int
private_start(const char *path, char *const *roots, size_t nroots,
    struct private_opener *po)
{
	struct spawned	 sp;
	struct setup	 su;
	struct dgram	 end;
	int		 fds[2], ret = -1, saved;

	setup_init(&su);
	dgram_init(&end);
	su.conn = po->end;
	po->end = -1;
	/* With a datagram socket, a worker could send to any other socket. */
	if (dgram_pair_seq(fds) == -1)
		goto out;
	su.client = fds[0];
	su.sock = end.fd = fds[1];
	su.private = true;
#ifdef __linux__
	/* Without clones, an opener reopens files by their paths in /proc. */
	if (!fd_path_works(fds[0])) {
		errno = ENOTSUP;
		goto out;
	}
#endif
	private_info(&su.info);
	/* If root starts it. */
	su.caps = RIGHTS_CAP_DAC_READ_SEARCH;
	if (dgram_set_sndbuf(&end, PRIVATE_SNDBUF) == 0 &&
	    (su.role = private_role(roots, nroots)) != NULL)
		ret = spawn_opener(path, &su, &sp);
out:
	saved = errno;
	/* The opener has the only copy: the socket ends with it. */
	setup_clear(&su);
	if (ret == -1) {
		fd_close(&po->sock);
		errno = saved;
		return -1;
	}
	po->pid = sp.pid;
	po->channel = sp.channel;
	return 0;
}
