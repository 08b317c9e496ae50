/*
 * showwalk.h: walk a tree and print what comes.
 */

#ifndef SHOWWALK_H
#define SHOWWALK_H

#include "client/fdbroker.h"

/*
 * Set what the letter asks for: c (CACHEDIR), o (ONE_FS), n (NO_OPEN), x
 * (XATTR), a (READAHEAD), p (PSEUDO), q (print counts only); or "s=SECONDS",
 * "e=PATTERN", "i=NAME", "b=BYTES", "d=DESCRIPTORS".  0, or -1: no such letter.
 */
int	 showwalk_option(char *);

/*
 * Walk, and print a line for each result:
 *
 *	entry PATH MODE SIZE [fd BYTES] [unchanged] [-> LINK]
 *	failed PATH REASON ERRNO [WHERE]
 *	xattr PATH NAME LENGTH [HASH]
 *	leave PATH HIDDEN [ERRNO]
 *	skipped PATH WHY
 *	end OK|ERRNO ENTRIES
 */
void	 showwalk(struct fdb_session *, const char *path);

#endif /* SHOWWALK_H */
