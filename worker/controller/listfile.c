/*
 * listfile.c: read a list; see controller/listfile.h.
 *
 * Runs in the controller, with the user's rights.  Opens the file that the user
 * named.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "controller/listfile.h"

const char *
listfile_name(const char *name)
{
	return strcmp(name, "-") == 0 ? "standard input" : name;
}

/* The item is complete. */
static int
take_item(const char *name, char *item, size_t len, size_t number,
    listfile_take *take, void *arg, char *why, size_t size)
{
	if (memchr(item, '\0', len) != NULL) {
		(void)snprintf(why, size, "%s:%zu: there is a NUL byte; if "
		    "NUL bytes separate the names, use -0",
		    listfile_name(name), number);
		return -1;
	}
	item[len] = '\0';
	return len == 0 ? 0 : take(arg, item, number, why, size);
}

static int
read_items(FILE *fp, const char *name, char end, listfile_take *take,
    void *arg, char *why, size_t size)
{
	char	 item[LISTFILE_ITEM_MAX];
	size_t	 len = 0, number = 1;
	int	 c;

	while ((c = getc(fp)) != EOF) {
		if (c == (unsigned char)end) {
			if (take_item(name, item, len, number++, take, arg,
			    why, size) == -1)
				return -1;
			len = 0;
			continue;
		}
		if (len == sizeof(item) - 1) {
			(void)snprintf(why, size, "%s:%zu: longer than %zu "
			    "bytes", listfile_name(name), number,
			    sizeof(item) - 1);
			return -1;
		}
		item[len++] = (char)c;
	}
	if (ferror(fp)) {
		(void)snprintf(why, size, "%s: %s", listfile_name(name),
		    strerror(errno));
		return -1;
	}
	return take_item(name, item, len, number, take, arg, why, size);
}

int
listfile_read(const char *name, char end, listfile_take *take, void *arg,
    char *why, size_t size)
{
	FILE	*fp = stdin;
	int	 ret;

	if (strcmp(name, "-") != 0 && (fp = fopen(name, "re")) == NULL) {
		(void)snprintf(why, size, "%s: %s", name, strerror(errno));
		return -1;
	}
	ret = read_items(fp, name, end, take, arg, why, size);
	if (fp != stdin)
		(void)fclose(fp);
	return ret;
}
