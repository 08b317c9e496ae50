/*
 * follow.c: follow the links in a path as far as the user can; see
 * controller/follow.h.
 *
 * Runs in the controller, with the user's rights.  Looks at directories and
 * links; opens nothing.  What is to be stored and what is to be excluded are
 * both followed by this function, so that they meet.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/follow.h"

char *
follow_path(const char *path)
{
	char	*begin, *real, *joined;
	size_t	 len = strlen(path);

	if ((begin = strdup(path)) == NULL)
		return NULL;
	/* Nothing is left to follow at the beginning of the first name. */
	while ((real = realpath(begin, NULL)) == NULL && len > 0) {
		while (len > 0 && begin[--len] != '/')
			;
		begin[len] = '\0';
	}
	free(begin);
	if (real == NULL)
		return strdup(path);
	if (asprintf(&joined, "%s%s", strcmp(real, "/") == 0 &&
	    path[len] != '\0' ? "" : real, path + len) == -1)
		joined = NULL;
	free(real);
	return joined;
}
