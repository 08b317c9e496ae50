/*
 * manifestcheck.c: is a manifest complete?  See sandbox/manifestcheck.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/manifestcheck.h"

void
manifestcheck_init(struct manifestcheck *c)
{
	memset(c, 0, sizeof(*c));
}

/* The first two lines say that it is ours. */
static const char *
check_head(struct manifestcheck *c, const char *line)
{
	if (c->lines == 1)
		return strcmp(line, MANIFEST_MTREE) == 0 ? NULL :
		    "this is neither a manifest of fdbackup nor an archive "
		    "with one";
	if (manifest_head(&c->head, line) == 0)
		return NULL;
	if (errno == ENOTSUP)
		return "the manifest is of a later version of fdbackup";
	return "the manifest does not say when its run began: it is damaged, "
	    "of an older version of fdbackup or of another program";
}

/* The last line has the number of the others that are about members. */
static const char *
check_end(struct manifestcheck *c, const char *line)
{
	const char	*digits = line + strlen(MANIFEST_END);
	size_t		 len = strspn(digits, "0123456789");

	errno = 0;
	if (len == 0 || digits[len] != '\0' ||
	    strtoull(digits, NULL, 10) != c->members || errno != 0)
		return "the manifest is damaged: lines are missing";
	c->ended = true;
	return NULL;
}

static const char *
check_line(struct manifestcheck *c, const char *line)
{
	if (c->ended)
		return "something follows the end of the manifest";
	if (c->lines <= 2)
		return check_head(c, line);
	if (strncmp(line, MANIFEST_END, strlen(MANIFEST_END)) == 0)
		return check_end(c, line);
	if (manifest_name_len(line) > 0)
		c->members++;
	/* A comment that we do not know is no member, so it is no loss. */
	else if (line[0] != '#' && line[0] != '.')
		return "the manifest is damaged: this is no line of a manifest";
	return NULL;
}

int
manifestcheck_line(struct manifestcheck *c, const char *line)
{
	if (c->why != NULL)
		return 0;
	c->lines++;
	c->why = check_line(c, line);
	return c->why == NULL ? 0 : -1;
}

int
manifestcheck_no_text(struct manifestcheck *c)
{
	if (c->why != NULL)
		return 0;
	c->lines++;
	c->why = "the manifest is damaged: it is not text";
	return -1;
}

int
manifestcheck_finish(struct manifestcheck *c)
{
	if (c->why != NULL)
		return 0;
	if (c->lines == 0)
		c->why = "the manifest is empty";
	else if (!c->ended)
		c->why = "the manifest has no end: it is cut off";
	return c->why == NULL ? 0 : -1;
}
