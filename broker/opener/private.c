/*
 * private.c: start an opener for one user; see private.h.
 *
 * Runs in the controller of fdbackup, with the user's rights.  private_fill()
 * also runs in an opener that a program started for itself.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dgram.h"
#include "base/fd.h"
#include "base/proto.h"
#include "conf/sys.h"
#include "ipc/setup.h"
#include "ipc/spawn.h"
#include "opener/private.h"
#include "policy/glob.h"
#include "policy/named.h"
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

/* How many directories it may hold: fewer if the user allows few files. */
static uint32_t
private_tokens(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 ||
	    rl.rlim_cur >= 4 * PRIVATE_TOKENS)
		return PRIVATE_TOKENS;
	return rl.rlim_cur < 48 ? 4 : (uint32_t)(rl.rlim_cur - 32) / 4;
}

static void
private_info(struct fdb_session_info *info)
{
	memset(info, 0, sizeof(*info));
	info->window = PRIVATE_WINDOW;
	info->batch = FDB_BATCH_MAX;
	info->bytes = PROTO_MAX;
	info->tokens = private_tokens();
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

/*
 * The kernel compares the descriptors in flight with RLIMIT_NOFILE of the
 * opener.  The soft limit of a user is often 1024: two runs would reach it.
 */
static uint32_t
private_nofile(void)
{
	struct rlimit	 rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 || rl.rlim_max > UINT32_MAX)
		return 0;
	return (uint32_t)rl.rlim_max;
}

/* The accounts of this machine, which the caller frees.  NULL with errno. */
static struct named *
private_accounts(void)
{
	const struct confsys	*sys = &confsys_real;
	struct named		*named;

	if ((named = calloc(1, sizeof(*named))) == NULL)
		return NULL;
	if (sys->numbers(sys->arg, false, &named->users) == 0 &&
	    sys->numbers(sys->arg, true, &named->groups) == 0)
		return named;
	named_free(named);
	return NULL;
}

/* A role that restores beneath one directory. */
static struct role *
private_restoring_role(const char *directory, bool special, bool read,
    bool known)
{
	char			 pattern[2 * PROTO_PATH_MAX];
	struct rule_spec	 spec;
	struct role		*role;
	const char		*why;

	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = POLICY_OP_CREATE | POLICY_OP_LIST | POLICY_OPS_RESTORING;
	if (special)
		spec.ops |= POLICY_OP_SPECIAL;
	if (read)
		spec.ops |= POLICY_OP_READ;
	spec.pattern = pattern;
	spec.file = "command line";
	spec.directory = true;
	policy_create_init(&spec.create);
	spec.create.choice = known ? POLICY_CHOICE_NAMED : POLICY_CHOICE_ANY;
	if (known)
		spec.file = "--known-owners";
	if ((role = role_new("private", "command line", 0)) == NULL)
		return NULL;
	if (glob_quote(pattern, sizeof(pattern), directory) == -1 ||
	    role_add(role, &spec, &why) == -1 ||
	    (known && (role->named = private_accounts()) == NULL)) {
		role_free(role);
		return NULL;
	}
	return role;
}

int
private_fill(struct setup *su, uint32_t caps)
{
	struct dgram	 end;
	int		 fds[2];

	/* With a datagram socket, a worker could send to any other socket. */
	if (dgram_pair_seq(fds) == -1)
		return -1;
	dgram_init(&end);
	su->client = fds[0];
	su->sock = end.fd = fds[1];
	su->private = true;
	su->nofile = private_nofile();
	private_info(&su->info);
	/* An ordinary user has none to keep. */
	su->caps = geteuid() == 0 ? caps : 0;
	su->peer_uid = geteuid();
	su->peer_gid = getegid();
	return dgram_set_sndbuf(&end, PRIVATE_SNDBUF);
}

/* Start an opener with this role, which is taken over; NULL: none was made. */
static int
private_spawn(const char *path, struct role *role, uint32_t caps,
    struct private_opener *po)
{
	struct spawned	 sp;
	struct setup	 su;
	int		 ret = -1, saved = errno;

	setup_init(&su);
	su.role = role;
	su.conn = po->end;
	po->end = -1;
	errno = saved;
	if (role == NULL || private_fill(&su, caps) == -1)
		goto out;
#ifdef __linux__
	/* Without clones, an opener reopens files by their paths in /proc. */
	if (!fd_path_works(su.client)) {
		errno = ENOTSUP;
		goto out;
	}
#endif
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

int
private_start(const char *path, char *const *roots, size_t nroots,
    struct private_opener *po)
{
	return private_spawn(path, private_role(roots, nroots),
	    RIGHTS_CAP_DAC_READ_SEARCH, po);
}

int
private_start_restoring(const char *path, const char *directory, bool special,
    bool read, bool known, struct private_opener *po)
{
	struct role	*role = private_restoring_role(directory, special,
			    read, known);
	uint32_t	 caps = RIGHTS_CAP_DAC_READ_SEARCH;

	if (role != NULL)
		caps |= policy_caps(role);
	return private_spawn(path, role, caps, po);
}
