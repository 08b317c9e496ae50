/*
 * sleeps.c: let getrusage(2) tell that reading waits; see sleeps.h.
 */

#include "config.h"

#include <sys/resource.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sleeps.h"

int	 __wrap_getrusage(int, struct rusage *);

static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;
static bool		 sleeping;
static long		 slept;
static size_t		 asked;

int
__wrap_getrusage(int who, struct rusage *ru)
{
	(void)who;
	memset(ru, 0, sizeof(*ru));
	pthread_mutex_lock(&lock);
	asked++;
	if (sleeping)
		slept++;
	ru->ru_nvcsw = slept;
	pthread_mutex_unlock(&lock);
	return 0;
}

void
sleeps_set(bool sleep)
{
	pthread_mutex_lock(&lock);
	sleeping = sleep;
	if (!sleep)
		slept = 0;
	pthread_mutex_unlock(&lock);
}

size_t
sleeps_asked(void)
{
	size_t	 n;

	pthread_mutex_lock(&lock);
	n = asked;
	asked = 0;
	pthread_mutex_unlock(&lock);
	return n;
}

void
sleeps_until_wanted(struct readers *r, int fd)
{
	const struct contents_small	 f = { .fd = fd };
	struct contents			 how;
	struct version			 v;
	uint8_t				 buf[16];
	int				 i;

	sleeps_set(true);
	for (i = 0; i < 100 && !readers_wanted(r); i++) {
		memset(&v, 0, sizeof(v));
		readers_read(r, &f, buf, sizeof(buf), &v, &how);
	}
	assert_true(readers_wanted(r));
}
