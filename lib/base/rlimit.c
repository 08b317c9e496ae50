/*
 * rlimit.c: see rlimit.h.
 *
 * Runs in every process of ours, at its start.
 */

#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <signal.h>

#include "base/rlimit.h"

int
rlimit_set(int resource, uint64_t value)
{
	struct rlimit	 rl;

	rl.rlim_cur = rl.rlim_max = (rlim_t)value;
	if (setrlimit(resource, &rl) == -1 || getrlimit(resource, &rl) == -1)
		return -1;
	if (rl.rlim_cur == (rlim_t)value && rl.rlim_max == (rlim_t)value)
		return 0;
	errno = EPERM;
	return -1;
}

void
rlimit_raise(int resource)
{
	struct rlimit	 rl;

	if (getrlimit(resource, &rl) == -1 || rl.rlim_cur == rl.rlim_max)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(resource, &rl);
}

int
rlimit_close(void)
{
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -1;
	if (rlimit_set(RLIMIT_CORE, 0) == -1)
		return -1;
	return rlimit_set(RLIMIT_NPROC, 0);
}

int
rlimit_no_growth(void)
{
	return rlimit_set(RLIMIT_FSIZE, 0);
}
