/*
 * peerid.h: who is at the other end of a connection, from the kernel.
 */

#ifndef PEERID_H
#define PEERID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As the process was when it called connect(2). */
struct peerid {
	uint32_t	 uid, gid;	/* effective */
	int32_t		 pid;		/* 0: this system does not tell */
	uint32_t	*gids;		/* supplementary groups */
	size_t		 ngids;
};

void	 peerid_init(struct peerid *);
/* Free the groups; the object can be used again. */
void	 peerid_clear(struct peerid *);

/* Is one of its groups gid? */
bool	 peerid_in_group(const struct peerid *, uint32_t gid);

/*
 * Ask for the ids, without the supplementary groups.  0, or -1 with errno:
 * ENOTCONN, or as getsockopt(2).
 */
int	 peerid_get_ids(struct peerid *, int sock);

/*
 * The same with all groups, for a descriptor that somebody else calls a
 * connection: it must be one that was accepted from the socket bound to path,
 * or to other unless that is NULL, and that socket must be of sequenced
 * packets.  0, and the caller clears the object; or -1 with errno EBADMSG and
 * *why, a constant phrase: it is no such connection; or -1 with errno ENOMEM.
 */
int	 peerid_get(struct peerid *, int sock, const char *path,
	    const char *other, const char **why);

#endif /* PEERID_H */
