/*
 * listfile.h: read a file that has a name or a pattern on each line.
 */

#ifndef LISTFILE_H
#define LISTFILE_H

#include <stddef.h>

#define LISTFILE_ITEM_MAX	32768	/* bytes of an item, with its NUL */

/*
 * Called with each item that is not empty and its number, from 1.  0, or -1
 * with the reason in why, of `size' bytes.
 */
typedef int	 listfile_take(void *arg, const char *item, size_t number,
		    char *why, size_t size);

/*
 * Read a file, "-" for standard input, whose items end with this character.
 * Nothing is kept but the current item.  0, or -1 with the reason in why: the
 * file cannot be read, an item is too long, or one has a NUL byte that does not
 * end it; or take() failed.
 */
int		 listfile_read(const char *name, char end, listfile_take *,
		    void *arg, char *why, size_t size);

/* What messages call the file. */
const char	*listfile_name(const char *name);

#endif /* LISTFILE_H */
