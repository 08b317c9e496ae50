/*
 * standin.c: the record of the calls of stand-ins; see standin.h.
 *
 * Runs in the unit tests of files for other systems.
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/standin/standin.h"

static char	 calls[8192];
static size_t	 count, fails;
static int	 fails_with;

void
standin_reset(void)
{
	standin_fail(0, 0);
}

void
standin_fail(size_t nth, int error)
{
	calls[0] = '\0';
	count = 0;
	fails = nth;
	fails_with = error;
}

int
standin_call(const char *fmt, ...)
{
	char	 line[512];
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line) ||
	    strlcat(calls, line, sizeof(calls)) >= sizeof(calls) ||
	    strlcat(calls, "\n", sizeof(calls)) >= sizeof(calls))
		abort();
	if (++count != fails)
		return 0;
	errno = fails_with;
	return -1;
}

const char *
standin_calls(void)
{
	return calls;
}

size_t
standin_count(void)
{
	return count;
}
