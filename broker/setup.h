/*
 * setup.h: all that an opener is told at its start, as one message.  The
 * supervisor (or the controller of a private opener) makes it, the opener
 * takes it; nothing in it comes from a client.
 */

#ifndef SETUP_H
#define SETUP_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fdbroker.h"
#include "policy.h"
#include "proto.h"

#define SETUP_ROOTS_MAX		POLICY_ROOTS_MAX
#define SETUP_GROUPS_MAX	64

/* The descriptor on which an opener finds its channel. */
#define SETUP_CHANNEL_FD	3

/* A directory that is handed to the opener. */
struct root {
	char	*path;		/* absolute, clean */
	int	 fd;		/* a mount clone, or O_PATH */
	bool	 clone;		/* detached and read-only */
};

struct setup {
	struct fdb_session_info	 info;		/* as in WELCOME */
	bool			 private;	/* keeps the user's own ids */
	bool			 optional;	/* confinement may be partial */
	bool			 read_search;	/* keeps CAP_DAC_READ_SEARCH */
	uint32_t		 uid, gid;	/* to become, unless private */
	uint32_t		 gids[SETUP_GROUPS_MAX];
	size_t			 ngids;
	uint32_t		 nofile;	/* RLIMIT_NOFILE, 0: as it is */
	int			 sock;		/* connected to the worker */
	int			 empty_dir;	/* -1, or the root to be */
	struct root		*roots;
	size_t			 nroots;
	struct role		*role;
};

void	 setup_init(struct setup *);

/* Close and free all that it holds. */
void	 setup_clear(struct setup *);

/*
 * Send to an opener's channel.  The descriptors stay the caller's.  0, or -1
 * with errno: EMSGSIZE (too many roots), ENOMEM, or of fdmsg_send().
 */
int	 setup_send(int channel, const struct setup *);

/*
 * Receive in the opener; blocks.  0, or -1 with errno: EPROTO, EPIPE, ENOMEM,
 * or of fdmsg_recv(); nothing is left open then.
 */
int	 setup_recv(int channel, struct setup *);

#endif /* SETUP_H */
