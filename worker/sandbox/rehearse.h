/*
 * rehearse.h: use the libraries once before the process is confined.
 */

#ifndef REHEARSE_H
#define REHEARSE_H

#include <stdbool.h>

/*
 * Write a small archive and read it back, with names of all sorts in it, so
 * that what libraries load when they first need it (character sets, above
 * all) is loaded while files can still be opened.  0, or -1: libarchive cannot
 * do what we need.
 */
int	 rehearse(void);

/*
 * Set the locale in which libarchive leaves names as they are.  Where it
 * writes, one in which names that are UTF-8 are known to be, so that others
 * are marked.  Where it reads, one in which nothing is converted: in others it
 * composes characters, and the name is another one then.
 */
void	 rehearse_locale(bool writing);

#endif /* REHEARSE_H */
