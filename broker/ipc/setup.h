/*
 * setup.h: SETUP, the message that tells an opener everything at its start,
 * and POLICY, which replaces the role later.  The supervisor, or the
 * controller of a private opener, sends them; nothing in them comes from a
 * client.
 */

#ifndef SETUP_H
#define SETUP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "base/rights.h"

struct role;

#define SETUP_GROUPS_MAX	RIGHTS_GROUPS_MAX

/* The descriptor on which an opener finds its channel. */
#define SETUP_CHANNEL_FD	3

/* Descriptors in a message of a walk, and directories that it holds open. */
#define SETUP_WALK_FDS	128
#define SETUP_WALK_DIRS	32
/* Names that it looks up before their turn, each with a descriptor. */
#define SETUP_WALK_WINDOW	32

struct setup {
	struct fdb_session_info	 info;		/* as in WELCOME */
	bool			 private;	/* keeps its user's ids */
	bool			 embedded;	/* not sent; see state.h */
	bool			 optional;	/* layers may be missing */
	uint32_t		 caps;		/* RIGHTS_CAP_* to keep */
	uint32_t		 peer_uid, peer_gid;	/* of the worker */
	uint32_t		 uid, gid;	/* to become; not if private */
	uint32_t		 gids[SETUP_GROUPS_MAX];
	size_t			 ngids;
	uint32_t		 opens;		/* a second, 0: as the role */
	uint8_t			 audit;		/* enum audit_mode */
	uint32_t		 nofile;	/* RLIMIT_NOFILE, 0: as it is */
	int			 sock;		/* the opener's end */
	int			 client;	/* the worker's end of it */
	int			 conn;		/* where the worker waits */
	int			 empty_dir;	/* to chroot to, or -1 */
	struct role		*role;
};

/*
 * Write a role to a sealed memory file of *len bytes, which the caller closes;
 * and read it back.  With peers, the file has the role's peers, too; openers
 * are not told them.  -1 or NULL with errno: EMSGSIZE, EPROTO, ENOMEM.
 */
int		 setup_role_file(const struct role *, bool peers, size_t *len);
struct role	*setup_role_from_file(int fd, uint64_t len, bool peers);

void	 setup_init(struct setup *);

/* Close and free everything that it has. */
void	 setup_clear(struct setup *);

/*
 * Send SETUP to an opener.  The descriptors stay the caller's.  0, or -1 with
 * errno: EMSGSIZE (too many groups), ENOMEM, or of fdmsg_send().
 */
int	 setup_send(int channel, const struct setup *);

/*
 * Send POLICY, a new generation of the role, to a running opener.  Does not
 * block.  0, or -1 with errno.
 */
int	 setup_send_policy(int channel, const struct role *,
	    uint64_t generation, uint8_t audit);

/*
 * Decode POLICY in the opener.  fd is the message's descriptor and stays the
 * caller's.  The role, or NULL with errno EPROTO or ENOMEM.
 */
struct role *setup_get_policy(struct wire_in *, int fd, uint64_t *generation,
	    uint8_t *audit);

/*
 * Wait for SETUP in the opener.  0, or -1 with errno: EPROTO, EPIPE, ENOMEM,
 * or of fdmsg_recv(); nothing is left open then.
 */
int	 setup_recv(int channel, struct setup *);

#endif /* SETUP_H */
