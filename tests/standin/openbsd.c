/*
 * openbsd.c: stand-ins of pledge(2) and unveil(2); see standin.h.
 */

#include "config.h"

#include <unistd.h>

#include "tests/standin/standin.h"

static const char *
or_null(const char *text)
{
	return text != NULL ? text : "NULL";
}

int
pledge(const char *promises, const char *execpromises)
{
	return standin_call("pledge(%s; %s)", or_null(promises),
	    or_null(execpromises));
}

int
unveil(const char *path, const char *permissions)
{
	return standin_call("unveil(%s, %s)", or_null(path),
	    or_null(permissions));
}
