/*
 * names.h: the names process, which answers the supervisor's questions about
 * users and groups.
 */

#ifndef NAMES_H
#define NAMES_H

#include "ipc/namesetup.h"
#include "ipc/spawn.h"
#include "names/lookup.h"

/* The argument with which fdbrokerd executes itself. */
#define NAMES_ARG	"names"

/* Lookup processes, and so lookups at the same time. */
#define NAMES_LOOKUPS	8

/*
 * Start the names process with a channel to the caller.  0, or -1 with errno;
 * nothing is left behind then.
 */
int	 names_start(const struct namesetup *, struct spawned *);

/* The main() of the names process. */
void	 names_main(int argc, char *argv[]) __attribute__((noreturn));

/* Answer with these lookups what comes over the channel, until it ends. */
void	 names_run(int channel, const struct namesetup *,
	    const struct lookups *) __attribute__((noreturn));

#endif /* NAMES_H */
