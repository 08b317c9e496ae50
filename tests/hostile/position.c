/*
 * position.c: see position.h.
 */

#include "config.h"

#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fdbroker_types.h"
#include "base/log.h"
#include "base/proto.h"
#include "opener/roots.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "position.h"

/* To make new objects, and to remove or replace none. */
#define RESTORES	(POLICY_OP_CREATE | POLICY_OP_MKDIR | \
			    POLICY_OP_SYMLINK | POLICY_OP_LINK | \
			    POLICY_OP_SETMETA)

/* A uid that nobody has, nor the one after it. */
#define ATTACKER	64990

static void
check_system(void)
{
	static const enum feature	 needs[] = {
		FEATURE_SECCOMP, FEATURE_LANDLOCK, FEATURE_OPENAT2,
		FEATURE_CLONES, FEATURE_MNTNS
	};
	char	 why[FEATURE_WHY];
	size_t	 i;

#ifdef FDB_SANITIZED
	errx(CANNOT, "built with sanitizers, which need more system calls");
#endif
	if (geteuid() != 0)
		errx(CANNOT, "needs root");
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (!feature_has(needs[i], 0, why))
			errx(CANNOT, "%s", why);
}

void
position_begin(struct world *w, const char *dir)
{
	check_system();
	log_init("hostile", LOG_TO_STDERR, 0);
	memset(w, 0, sizeof(*w));
	w->uid = ATTACKER;
	w->root = w->inbox = w->made = w->kept = w->open = w->own = -1;
	w->single = w->noted = -1;
	w->program = w->suid = w->out = w->append = w->sock = w->lock = -1;
	w->peer = -1;
	if (pipe2(w->moved, O_CLOEXEC | O_NONBLOCK) == -1)
		err(1, "pipe");
	if (scene_make(w, dir) == -1)
		err(CANNOT, "%s: mounts of our own", dir);
}

static int
add_rule(struct role *role, const struct world *w, uint32_t ops,
    const char *name, int line)
{
	const char	*what;

	return role_add_rule(role, POLICY_PERMIT, ops, scene_path(w, name),
	    NULL, "hostile.conf", line, &what);
}

int
position_roots(struct roots *roots, const struct world *w, bool clone,
    enum position_does does, uint32_t *caps)
{
	char		 path[PROTO_PATH_MAX];
	struct role	*role;
	int		 ret = -1;

	memset(roots, 0, sizeof(*roots));
	if ((role = role_new("hostile", "hostile.conf", 1)) == NULL)
		return -1;
	if (add_rule(role, w, POLICY_OP_READ, "root", 2) == 0 &&
	    add_rule(role, w, POLICY_OP_READ, "single/file", 3) == 0 &&
	    (does == POSITION_READS ||
	    (add_rule(role, w, POLICY_OP_APPEND, "inbox", 4) == 0 &&
	    add_rule(role, w, POLICY_OP_APPEND, "single/log", 5) == 0 &&
	    add_rule(role, w, does == POSITION_RESTORES ? RESTORES :
	    POLICY_OP_CREATE, "made", 6) == 0)))
		ret = roots_open(roots, role, clone, path);
	*caps = policy_caps(role);
	role_free(role);
	return ret;
}

struct root *
position_root(struct roots *roots, const struct world *w, const char *name,
    bool writable)
{
	size_t	 i;

	for (i = 0; i < roots->n; i++)
		if (roots->list[i].writable == writable &&
		    strcmp(roots->list[i].path, scene_path(w, name)) == 0)
			return &roots->list[i];
	errx(1, "no root %s", name);
}

int
position_session(struct world *w, int type)
{
	int	 p[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    p) == -1)
		return -1;
	w->sock = p[0];
	w->peer = p[1];
	return 0;
}

void
position_session_end(struct world *w)
{
	fd_close(&w->sock);
	fd_close(&w->peer);
}

unsigned int
position_omit(unsigned int set)
{
	/* Of the target it is that it matters, and not of the attacker. */
	unsigned int	 omit = FDB_CONFINED_NODUMP;

	if (!(set & LAYER_NNP))
		omit |= FDB_CONFINED_NNP;
	if (!(set & LAYER_SECCOMP))
		omit |= FDB_CONFINED_SYSCALLS;
	if (!(set & LAYER_LANDLOCK))
		omit |= FDB_CONFINED_PATHS;
	return omit;
}
