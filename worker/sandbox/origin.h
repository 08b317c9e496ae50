/*
 * origin.h: find the manifest in a file that is a manifest or an archive.
 */

#ifndef ORIGIN_H
#define ORIGIN_H

#include <stdbool.h>

#include "common/options.h"
#include "sandbox/reporter.h"
#include "sandbox/spool.h"

enum origin {
	ORIGIN_FAILED,		/* which was reported */
	ORIGIN_NONE,		/* an archive without a manifest at its end */
	ORIGIN_FILE,		/* the file is a manifest */
	ORIGIN_MEMBER		/* it is in the spool, as the archive has it */
};

/*
 * Look at a file, and read it to its end if it is an archive, which may be a
 * pipe.  name is that of the file, for messages.  The options limit what the
 * manifest may take.
 */
enum origin	 origin_find(int fd, const char *name, const struct options *,
		    struct spool *, struct reporter *);

#endif /* ORIGIN_H */
